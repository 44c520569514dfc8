/* lessonfilm — the video that was watched together, beside the lesson at the same seconds; who may not see it by itself is
 * told what it was and when. */

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as api from '../api';
import { shownClip } from '../api/clips';
import { t } from '../i18n';
import { clock } from '../i18n/dates';
import { filmBase, lessonOf, uploadOf, whereAt, type Clip } from '../protocol/film';
import type { FilmMoment } from '../protocol/timeline';
import { FilmPicture } from '../widgets/film';

/** Where the lesson's own player was when it last said so. */
export interface Playing {
  s: number;
  plays: boolean;
  speed: number;
  at: number;
}

const STILL: Playing = { s: 0, plays: false, speed: 1, at: 0 };

export interface FilmReplayProps {
  /** Of the lesson. */
  id: string;
  films: readonly FilmMoment[];
  /** Whole seconds. */
  at: number;
  now: RefObject<Playing>;
  onSeek: (s: number) => void;
}

const momentAt = (films: readonly FilmMoment[], ms: number): FilmMoment | null => films.filter((f) => f.t <= ms).at(-1) ?? null;

function want(films: readonly FilmMoment[], p: Playing): { s: number; plays: boolean; rate: number } {
  const s = p.s + (p.plays ? ((performance.now() - p.at) / 1000) * p.speed : 0);
  const m = momentAt(films, s * 1000);
  if (!m?.clip) return { s: 0, plays: false, rate: 1 };
  const there = whereAt({ clips: [m.clip], shown: m.clip.n, on: m.on, position: m.position, rate: m.rate, at: m.t }, s * 1000);
  return { s: there.s, plays: there.plays && p.plays, rate: there.rate * p.speed };
}

/** From when to when each was shown. */
function showings(films: readonly FilmMoment[]): { clip: Clip; from: number; to: number }[] {
  const out: { clip: Clip; from: number; to: number }[] = [];
  films.forEach((f, i) => {
    if (!f.clip) return;
    const last = out.at(-1);
    const to = films[i + 1]?.t ?? Infinity;
    if (last?.clip.n === f.clip.n && last.to === f.t) last.to = to;
    else out.push({ clip: f.clip, from: f.t, to });
  });
  return out;
}

/** Where the picture of one is; why there is none. */
type Found = { url: string; captions: string } | 'closed' | 'gone';

async function find(id: string, clip: Clip): Promise<Found> {
  if (!uploadOf(clip)) return api.lessonById(lessonOf(clip)).then((l) => ({ url: l.recording.master, captions: '' }), () => 'closed');
  const base = filmBase(id, clip);
  return shownClip(base).then(() => ({ url: `${base}/index.m3u8`, captions: base }), (e: { code?: string }) => (e.code === 'not_found' ? 'gone' : 'closed'));
}

export function FilmReplay({ id, films, at, now, onSeek }: FilmReplayProps) {
  const moment = momentAt(films, at * 1000 + 999);
  const clip = moment?.clip ?? null;
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    if (!clip) return undefined;
    let over = false;
    setFound(null);
    void find(id, clip).then((x) => over || setFound(x));
    return () => void (over = true);
  }, [id, clip?.file]);
  return (
    <section class="lesson-film card" aria-label={t('film.lesson')}>
      <h2>{t('film.lesson')}</h2>
      {clip && found !== null && typeof found !== 'string' && (
        <FilmPicture url={found.url} captions={found.captions} label={clip.text} mark={`${moment?.t ?? 0}`} want={() => want(films, now.current ?? STILL)} />
      )}
      {clip && typeof found === 'string' && <p class="soft" role="status">{t(found === 'gone' ? 'film.gone' : 'film.closed')}</p>}
      <ul class="film-list">
        {showings(films).map((x) => (
          <li key={x.from}>
            <p class="film-name">{x.clip.text}</p>
            <button type="button" class="text-btn" onClick={() => onSeek(x.from / 1000)} aria-label={t('lesson.seekTo', { at: clock(x.from) })}>
              {x.to === Infinity ? clock(x.from) : `${clock(x.from)}–${clock(x.to)}`}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
