/* transcript — the captions of a lesson as a list: where one is, search, and from each line to its place. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { langName, t } from '../i18n';
import { clock } from '../i18n/dates';
import { cueAt, folded, type Cue } from '../protocol/captions';
import '../styles/captions.css';

export interface CaptionTrack {
  lang: string;
  cues: Cue[];
}

export function Transcript({ tracks, at, onSeek }: { tracks: CaptionTrack[]; at: number; onSeek: (s: number) => void }) {
  const [lang, setLang] = useState(tracks[0]?.lang ?? '');
  const [wanted, setWanted] = useState('');
  const cues = tracks.find((x) => x.lang === lang)?.cues ?? [];
  const look = folded(wanted.trim());
  const found = useMemo(() => (look ? cues.filter((c) => folded(c.text).includes(look)) : cues), [cues, look]);
  const now = cueAt(cues, at + 0.5);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const ol = list.current;
    const one = ol?.querySelector<HTMLElement>('[aria-current]');
    if (ol && one && !look) ol.scrollTop = one.offsetTop - ol.clientHeight / 3;
  }, [now, look]);
  return (
    <aside class="replay card transcript" aria-label={t('cc.transcript')}>
      <h2>{t('cc.transcript')}</h2>
      {tracks.length > 1 && (
        <select class="input" aria-label={t('cc.lang')} value={lang} onChange={(e) => setLang(e.currentTarget.value)}>
          {tracks.map((x) => <option key={x.lang} value={x.lang}>{langName(x.lang)}</option>)}
        </select>
      )}
      <input class="input" type="search" value={wanted} aria-label={t('cc.search')} placeholder={t('cc.search')} onInput={(e) => setWanted(e.currentTarget.value)} />
      <p class="hidden-text" role="status">{look ? t('cc.found', { count: found.length }) : ''}</p>
      {look && found.length === 0 && <p class="soft small">{t('cc.found', { count: 0 })}</p>}
      <ol class="transcript-list" ref={list} lang={lang}>
        {found.map((c) => (
          <li key={c.from}>
            <button type="button" aria-current={c === now ? 'true' : undefined} onClick={() => onSeek(c.from)}>
              <span class="soft small">{clock(c.from * 1000)}</span> {c.text}
            </button>
          </li>
        ))}
      </ol>
    </aside>
  );
}
