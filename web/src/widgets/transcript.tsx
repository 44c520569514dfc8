/* transcript — the captions of a lesson as a list: where one is, search, and from each line to its place. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { langName, t } from '../i18n';
import { clock } from '../i18n/dates';
import type { CueDoc } from '../api/captions';
import { cueAt, folded, oneLine, type Cue } from '../protocol/captions';
import { Icon } from './icons';
import { CueButtons, CueForm } from './cueline';
import '../styles/captions.css';

export interface CaptionTrack {
  lang: string;
  cues: Cue[];
}

/* As the server has it. */
const CUE_CHARS = 500;

/** What the lesson's editors do with a cue; false or null: refused, and what was typed stays. */
export interface CueEditor {
  /** The list is read anew. */
  look: () => void;
  read: (lang: string, cue: Cue) => Promise<CueDoc | null>;
  /** What somebody else has made of it since it was read: nothing is overwritten. */
  save: (lang: string, seen: CueDoc, text: string) => Promise<boolean | CueDoc>;
  drop: (lang: string, cue: Cue) => void;
}

function Row({ cue, lang, isNow, editor, onSeek }: { cue: Cue; lang: string; isNow: boolean; editor: CueEditor | null; onSeek: (s: number) => void }) {
  const [was, setWas] = useState(false);
  const [seen, setSeen] = useState<CueDoc | null>(null);
  const [other, setOther] = useState<string | null>(null);
  const open = (): void => void editor?.read(lang, cue).then((now) => {
    setOther(now && !now.text ? '' : null);
    setSeen(now);
  });
  const done = (): void => {
    if (seen && (other !== null || oneLine(seen.text) !== oneLine(cue.text))) editor?.look();
    setSeen(null);
    setWas(true);
  };
  const save = async (text: string): Promise<boolean> => {
    const answer = editor && seen ? await editor.save(lang, seen, text) : false;
    if (typeof answer === 'boolean') return answer;
    setSeen(answer);
    setOther(answer.text);
    return false;
  };
  if (seen && editor) return <CueForm text={oneLine(seen.text) || cue.text} lang={lang} max={CUE_CHARS} other={other} onDone={done} onSave={save} />;
  return (
    <div class="cue">
      <button type="button" aria-current={isNow ? 'true' : undefined} onClick={() => onSeek(cue.from)}>
        <span class="soft small">{clock(cue.from * 1000)}</span> {cue.text}
      </button>
      {editor && cue.n > 0 && <CueButtons text={cue.text} back={was} onEdit={open} onDrop={() => editor.drop(lang, cue)} />}
    </div>
  );
}

export function Transcript({ tracks, at, onSeek, editor }: { tracks: CaptionTrack[]; at: number; onSeek: (s: number) => void; editor: CueEditor | null }) {
  const [corrects, setCorrects] = useState(false);
  const [lang, setLang] = useState(tracks[0]?.lang ?? '');
  const [wanted, setWanted] = useState('');
  const track = tracks.find((x) => x.lang === lang) ?? tracks[0];
  const cues = track?.cues ?? [];
  const look = folded(wanted.trim());
  const found = useMemo(() => (look ? cues.filter((c) => folded(c.text).includes(look)) : cues), [cues, look]);
  const now = cueAt(cues, at + 0.5);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const ol = list.current;
    const one = ol?.querySelector<HTMLElement>('[aria-current]');
    if (ol && one && !look && !ol.querySelector('form')) ol.scrollTop = (one.parentElement ?? one).offsetTop - ol.clientHeight / 3;
  }, [now, look]);
  return (
    <aside class="replay card transcript" aria-label={t('cc.transcript')}>
      <h2>{t('cc.transcript')}</h2>
      {tracks.length > 1 && (
        <select class="input" aria-label={t('cc.lang')} value={track?.lang ?? ''} onChange={(e) => setLang(e.currentTarget.value)}>
          {tracks.map((x) => <option key={x.lang} value={x.lang}>{langName(x.lang)}</option>)}
        </select>
      )}
      <input class="input" type="search" value={wanted} aria-label={t('cc.search')} placeholder={t('cc.search')} onInput={(e) => setWanted(e.currentTarget.value)} />
      <p class="hidden-text" role="status">{look ? t('cc.found', { count: found.length }) : ''}</p>
      {look && found.length === 0 && <p class="soft small">{t('cc.found', { count: 0 })}</p>}
      {editor && (
        <div class="row">
          <button type="button" class="btn quiet small-btn" aria-pressed={corrects} onClick={() => setCorrects(!corrects)}>
            <Icon name="pen" />
            {t('cc.correctAll')}
          </button>
        </div>
      )}
      <ol class="transcript-list" ref={list} data-cues tabIndex={-1} lang={track?.lang}>
        {found.map((c) => (
          <li key={`${track?.lang} ${c.n || c.from}`}>
            <Row cue={c} lang={track?.lang ?? ''} isNow={c === now} editor={corrects ? editor : null} onSeek={onSeek} />
          </li>
        ))}
      </ol>
    </aside>
  );
}
