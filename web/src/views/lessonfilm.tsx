/* lessonfilm — the video that was watched together, beside the lesson at the same seconds; who may not see it by itself is
 * told what it was and when. */

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as api from '../api';
import type { LessonDoc } from '../api/types';
import { t } from '../i18n';
import { clock } from '../i18n/dates';
import { lessonOf, whereAt, type Clip } from '../protocol/film';
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

export function FilmReplay({ films, at, now, onSeek }: FilmReplayProps) {
  const moment = momentAt(films, at * 1000 + 999);
  const clip = moment?.clip ?? null;
  const [lesson, setLesson] = useState<LessonDoc | 'closed' | null>(null);
  const id = clip ? lessonOf(clip) : '';
  useEffect(() => {
    if (!id) return undefined;
    let over = false;
    setLesson(null);
    api.lessonById(id).then((l) => over || setLesson(l), () => over || setLesson('closed'));
    return () => void (over = true);
  }, [id]);
  return (
    <section class="lesson-film card" aria-label={t('film.lesson')}>
      <h2>{t('film.lesson')}</h2>
      {clip && lesson && lesson !== 'closed' && (
        <FilmPicture url={lesson.recording.master} label={clip.text} mark={`${moment?.t ?? 0}`} want={() => want(films, now.current ?? STILL)} />
      )}
      {clip && lesson === 'closed' && <p class="soft">{t('film.closed')}</p>}
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
