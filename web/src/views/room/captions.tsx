/* captions — under the stage what is said, in words: the last lines and what is being typed; and the panel in which they
 * are written. A file of its own. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { langName, t } from '../../i18n';
import { CAPTION_CHARS, CAPTION_LANGS, CAPTIONS_CHANGEABLE, cutAt, type CaptionLine } from '../../protocol/captions';
import { Standing } from '../../state/captions';
import { recall, remember } from '../../state/prefs';
import { CaptionMenu, CaptionText } from '../../widgets/captions';
import { CueButtons, CueForm } from '../../widgets/cueline';
import { Icon } from '../../widgets/icons';
import '../../styles/captions.css';
import { useLive } from './context';

const LINES = 2;
/* What is typed goes out so often, and becomes a line after such a pause. */
const TELL_MS = 400;
const PAUSE_MS = 4_000;

export function CaptionsBox() {
  const live = useLive();
  const { lines, typing } = live.captions;
  const standing = useMemo(() => new Standing(live.serverNow), [live]);
  useLayoutEffect(() => standing.put(lines.value), [standing, lines.value]);
  useEffect(() => () => standing.stop(), [standing]);
  const shown = [...standing.lines.value.map((l) => ({ key: String(l.seq), text: l.text })), ...[...typing.value].map(([who, text]) => ({ key: who, text }))].slice(-LINES);
  return (
    <div class="cc-room">
      <CaptionText>
        {shown.map((l) => <p key={l.key}><span>{l.text}</span></p>)}
      </CaptionText>
      <CaptionMenu class="bar-btn cc-set" />
    </div>
  );
}

/** Types: each finished line becomes a caption, the unfinished one is shown while it grows. */
function useTyping(lang: string) {
  const live = useLive();
  const [text, setText] = useState('');
  const s = useRef({ text: '', from: 0, tell: undefined as ReturnType<typeof setTimeout> | undefined, pause: undefined as ReturnType<typeof setTimeout> | undefined }).current;
  const tell = (): void => {
    s.tell = undefined;
    live.captions.tell(lang, s.text.replace(/\s+/g, ' ').slice(0, CAPTION_CHARS));
  };
  const send = (line: string): void => {
    const clean = line.replace(/\s+/g, ' ').trim();
    if (clean) void live.dictation.add(lang, clean, s.from);
    s.from = Date.now();
  };
  const write = (all: string): void => {
    if (!s.text) s.from = Date.now();
    s.text = all;
    for (let at = cutAt(s.text); at > 0; at = cutAt(s.text)) {
      send(s.text.slice(0, at));
      s.text = s.text.slice(at);
    }
    setText(s.text);
    s.tell ??= setTimeout(tell, TELL_MS);
    clearTimeout(s.pause);
    if (s.text.trim()) s.pause = setTimeout(finish, PAUSE_MS);
  };
  const finish = (): void => {
    clearTimeout(s.pause);
    clearTimeout(s.tell);
    s.tell = undefined;
    send(s.text);
    s.text = '';
    setText('');
  };
  useEffect(() => () => {
    if (s.text.trim()) finish();
  }, [lang]);
  return { text, write, finish };
}

/** A line of the panel. What one is at work on keeps its place though others come. */
function Line({ line, may }: { line: CaptionLine; may: boolean }) {
  const live = useLive();
  const [edits, setEdits] = useState<'not' | 'now' | 'was'>('not');
  if (edits === 'now' && may) {
    return (
      <CueForm text={line.text} lang={line.lang} max={CAPTION_CHARS} onDone={() => setEdits('was')}
        onSave={(text) => live.command('caption_edit', { n: line.seq, text })} />
    );
  }
  return (
    <div class="cue">
      <p lang={line.lang}>{line.text}</p>
      {may && <CueButtons text={line.text} back={edits === 'was'} onEdit={() => setEdits('now')} onDrop={() => void live.command('caption_drop', { n: line.seq })} />}
    </div>
  );
}

export function CaptionsPanel() {
  const live = useLive();
  const [lang, setLang] = useState(recall('cc.lang') ?? document.documentElement.lang.slice(0, 2));
  const { text, write, finish } = useTyping(lang);
  const log = useRef<HTMLDivElement>(null);
  const lines = live.captions.lines.value;
  const owed = live.line.value.at === 'lost' ? live.dictation.owed.value : [];
  useEffect(() => {
    /* Not away from a line that is being corrected. */
    if (log.current && !log.current.querySelector('form')) log.current.scrollTop = log.current.scrollHeight;
  }, [lines.length, owed.length]);
  const may = live.captions.mayWrite.value && live.place.value === 0;
  return (
    <div class="cc-panel">
      <div class="cc-log" ref={log} data-cues tabIndex={0} role="log" aria-live="off" aria-label={t('cc.written')}>
        {lines.length === 0 && <p class="soft small">{t('cc.none')}</p>}
        {lines.map((l, i) => <Line key={l.seq} line={l} may={i >= lines.length - CAPTIONS_CHANGEABLE && live.captions.mayChange(l)} />)}
        {owed.map((l, i) => <p key={`owed ${i}`} lang={l.lang} class="soft">{l.text}</p>)}
      </div>
      {may && (
        <form class="cc-form" onSubmit={(e) => (e.preventDefault(), finish())}>
          <p class="soft small" id="cc-hint">{t('cc.hint')}</p>
          <label class="cc-lang">
            <span class="soft small">{t('cc.lang')}</span>
            <select class="input" value={lang} onChange={(e) => (setLang(e.currentTarget.value), remember('cc.lang', e.currentTarget.value))}>
              {CAPTION_LANGS.map((l) => <option key={l} value={l}>{langName(l)}</option>)}
            </select>
          </label>
          <div class="cc-line">
            <textarea class="input" rows={3} value={text} lang={lang} aria-label={t('cc.text')} aria-describedby="cc-hint" enterkeyhint="send"
              onInput={(e) => write(e.currentTarget.value)} onKeyDown={(e) => {
                if (e.code !== 'Enter' || e.shiftKey || e.isComposing) return;
                e.preventDefault();
                finish();
              }} />
            <button class="btn primary icon-only" type="submit" disabled={text.trim() === ''} aria-label={t('cc.send')} title={t('cc.send')}>
              <Icon name="send" />
            </button>
          </div>
        </form>
      )}
    </div>
  );
}
