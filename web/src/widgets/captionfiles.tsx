/* captionfiles — captions from a file, of a lesson or of an uploaded video: for its editors, a language at a time. */

import { useId, useRef, useState } from 'preact/hooks';
import { faultOf, type CaptionDoc, type CaptionShelf } from '../api/captions';
import { errorText, langName, t, tIf } from '../i18n';
import { CAPTION_LANGS } from '../protocol/captions';
import { toast } from '../state/notices';
import { Icon } from './icons';
import '../styles/captions.css';

/** What is wrong with a file, where, in words. */
function faultText(e: unknown): string {
  const f = faultOf(e);
  const what = f && tIf(`cc.fault.${f.fault}`);
  if (!f || !what) return errorText(e);
  return f.line > 0 ? t('cc.faultAt', { line: f.line, what }) : what;
}

export function CaptionFiles({ shelf, hint, captions, onChange }: {
  shelf: CaptionShelf; hint: string; captions: readonly CaptionDoc[]; onChange: (c: CaptionDoc[]) => void;
}) {
  const id = useId();
  const [lang, setLang] = useState(document.documentElement.lang.slice(0, 2));
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const pick = useRef<HTMLInputElement>(null);
  const files = captions.filter((c) => c.file);
  const typed = captions.filter((c) => !c.file);
  const act = async (what: () => Promise<CaptionDoc[]>, done: string): Promise<void> => {
    setBusy(true);
    setWrong('');
    try {
      onChange(await what());
      toast(done, 'good');
    } catch (e) {
      setWrong(faultText(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="cc-tools" aria-labelledby={id}>
      <h3 id={id}>{t('cc.files')}</h3>
      <p class="soft small">{hint}</p>
      <ul class="cc-files">
        {files.map((c) => (
          <li key={c.lang}>
            <span><b>{langName(c.lang)}</b> <span class="soft">{c.file}</span></span>
            <button type="button" class="btn quiet" disabled={busy} aria-label={t('cc.fileDrop', { lang: langName(c.lang) })}
              onClick={() => void act(() => shelf.drop(c.lang), t('cc.fileDropped'))}>
              <Icon name="trash" />
              {t('cc.fileDropShort')}
            </button>
          </li>
        ))}
        {typed.map((c) => <li key={c.lang}><span><b>{langName(c.lang)}</b> <span class="soft">{t('cc.typed')}</span></span></li>)}
      </ul>
      <div class="cc-bring">
        <label class="field">
          <span class="label">{t('cc.lang')}</span>
          <select class="input" value={lang} onChange={(e) => setLang(e.currentTarget.value)}>
            {CAPTION_LANGS.map((l) => <option key={l} value={l}>{langName(l)}</option>)}
          </select>
        </label>
        <input ref={pick} class="hidden-text" type="file" accept=".vtt,.srt,text/vtt" tabIndex={-1} aria-label={t('cc.fileChoose')}
          onChange={(e) => {
            const file = e.currentTarget.files?.[0];
            e.currentTarget.value = '';
            if (file) void act(() => shelf.bring(lang, file), t('cc.fileThere'));
          }} />
        <button type="button" class="btn" disabled={busy} onClick={() => pick.current?.click()}>
          <Icon name="plus" />
          {t(files.some((c) => c.lang === lang) ? 'cc.fileReplace' : 'cc.fileAdd')}
        </button>
      </div>
      {wrong && <p class="note bad" role="alert">{wrong}</p>}
    </section>
  );
}
