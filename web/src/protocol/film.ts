/* film — the videos of a room, where the one that is shown stands at any moment of the server's clock, and how a picture
 * that is elsewhere is brought there. Pure. */

import type { RoomEvent } from './types';

export interface Clip {
  n: number;
  /** Whose files: "lesson-<id>", or "clip-<id>" of one that was uploaded. */
  file: string;
  text: string;
  /** Milliseconds. */
  length: number;
}

export interface Film {
  clips: readonly Clip[];
  /** The number of the one that is shown, 0: none. */
  shown: number;
  on: boolean;
  /** Where it was at `at`, in milliseconds. */
  position: number;
  /** Hundredths of the usual speed. */
  rate: number;
  at: number;
}

export const NO_FILM: Film = { clips: [], shown: 0, on: false, position: 0, rate: 100, at: 0 };

const clipOf = (c: Partial<Clip> & { n: number }): Clip => ({ n: c.n, file: c.file ?? '', text: c.text ?? '', length: c.length ?? 0 });

export const filmOf = (f: Partial<Film> | undefined): Film => (f ? { ...NO_FILM, ...f, clips: (f.clips ?? []).map(clipOf) } : NO_FILM);

export const shownClip = (f: Film): Clip | null => f.clips.find((c) => c.n === f.shown) ?? null;

/** The lesson a video is, or ''. */
export const lessonOf = (c: Clip): string => (/^lesson-([a-z0-9]{10})$/.exec(c.file)?.[1] ?? '');

/** The upload a video is, or ''. */
export const uploadOf = (c: Clip): string => (/^clip-([a-z0-9]{10})$/.exec(c.file)?.[1] ?? '');

export const clipOfUpload = (f: Film, upload: string): Clip | undefined => f.clips.find((c) => uploadOf(c) === upload);

/** Where its files are for those in the room. */
export const filmBase = (event: string, c: Clip): string =>
  `/media/${encodeURIComponent(event)}/${uploadOf(c) ? `clips/${uploadOf(c)}` : `video/${lessonOf(c)}`}`;

/** How many a room has (server/rooms/film.h). */
export const CLIPS_MAX = 20;

export const clipOfLesson = (f: Film, lesson: string): Clip | undefined => f.clips.find((c) => lessonOf(c) === lesson);

/** The room would refuse it. */
export const isFull = (f: Film, id: string): boolean => f.clips.length >= CLIPS_MAX && !clipOfLesson(f, id) && !clipOfUpload(f, id);

const stopped = (f: Film): Film => ({ ...NO_FILM, clips: f.clips });

export const FILM_CHANGES: Record<string, (f: Film, e: RoomEvent) => Film> = {
  clip: (f, e) => ({ ...f, clips: [...f.clips.filter((c) => c.n !== e.seq), clipOf({ n: e.seq, file: e.file ?? '', text: e.text ?? '', length: e.length ?? 0 })] }),
  clip_dropped: (f, e) => ({ ...(f.shown === e.n ? stopped(f) : f), clips: f.clips.filter((c) => c.n !== e.n) }),
  video: (f, e) =>
    f.clips.some((c) => c.n === e.n)
      ? { ...f, shown: e.n ?? 0, on: e.on ?? false, position: e.position ?? 0, rate: e.rate ?? 100, at: e.at }
      : e.n ? f : stopped(f),
};

/** Where it is then, in seconds; it stands at its end. */
export function whereAt(f: Film, nowMs: number): { s: number; plays: boolean; rate: number } {
  const length = shownClip(f)?.length ?? 0;
  const gone = f.on ? (Math.max(0, nowMs - f.at) * f.rate) / 100 : 0;
  const ms = Math.min(length, f.position + gone);
  return { s: ms / 1000, plays: f.on && ms < length, rate: f.rate / 100 };
}

/* Smaller differences nobody notices; what is larger than the largest is not waited for. */
const EVEN_S = 0.04;
const NOTICED_S = 0.1;
const LARGE_S = 0.3;
const STANDS_S = 0.05;
/* Played so much faster or slower, voices keep their pitch and nobody hears it. */
const BEND = 0.05;
/* A drift of this is bent at fully. */
const BEND_FULL_S = 0.2;
const SEEK_PAUSE_MS = 2_500;
const AHEAD_MAX_S = 2;

export interface Step {
  /** Go there; null: stay. */
  seekTo: number | null;
  rate: number;
}

/** Brings one picture to where it should be: by playing a little faster or slower, or by a leap when that would take
 * long. How much later than asked a leap comes out is learned, for the next one to aim ahead. */
export class Stepper {
  private bending = false;
  private ahead = 0;
  private leaptAt = -Infinity;
  private judges = false;

  /** Something was pressed: what it asks for is done at once. */
  anew(): void {
    this.leaptAt = -Infinity;
    this.bending = false;
    this.judges = false;
  }

  step(have: number, want: { s: number; plays: boolean; rate: number }, nowMs: number): Step {
    const behind = want.s - have;
    const off = Math.abs(behind);
    if (!want.plays) {
      this.bending = this.judges = false;
      return { seekTo: off > STANDS_S ? want.s : null, rate: want.rate };
    }
    if (this.judges) {
      this.judges = false;
      this.ahead = Math.min(AHEAD_MAX_S, Math.max(0, this.ahead + behind));
    }
    if (off > LARGE_S && nowMs - this.leaptAt >= SEEK_PAUSE_MS) {
      this.leaptAt = nowMs;
      this.bending = false;
      this.judges = true;
      return { seekTo: want.s + this.ahead * want.rate, rate: want.rate };
    }
    this.bending = off > (this.bending ? EVEN_S : NOTICED_S);
    const bend = this.bending ? Math.max(-1, Math.min(1, behind / BEND_FULL_S)) * BEND : 0;
    return { seekTo: null, rate: want.rate * (1 + bend) };
  }
}
