/* timeline — the room's log beside a recording, as things at moments of its playing time. Pure. */

import { askOf, type Ask } from './asks';
import { NOTE_CHANGES, type Notes } from './notes';
import { FILM_CHANGES, NO_FILM, shownClip, type Clip } from './film';
import { pollOf, sums, type Poll } from './polls';
import { INK_CHANGES, type Mark } from './ink';
import { NO_SLIDES, SLIDE_CHANGES, shownDeck, type Deck } from './slides';
import type { RoomEvent } from './types';

export interface TakeTimes {
  base_ms: number;
  end_ms?: number | null;
  wall_ms: number;
}

export interface ChatMoment {
  t: number;
  seq: number;
  name: string;
  text: string;
}

/** From when to when. */
export type Span = readonly [number, number];

/** A poll as it was seen: put at `t`, and its result once it was shown. */
export interface PollMoment {
  t: number;
  shownAt: number;
  poll: Poll;
}

/** A question until it became part of another, and its answer in words if there came one. */
export interface AskMoment {
  t: number;
  gone: number;
  answeredAt: number;
  ask: Ask;
}

/** The page that was shown from `t` on, or none. */
export interface SlideMoment {
  t: number;
  deck: Deck | null;
  page: number;
}

/** A mark, there from `t` until it was taken back. */
export interface InkMoment {
  t: number;
  gone: number;
  mark: Mark;
}

/** A video of which this was so from `t` on: at that second, standing or playing; none: no longer shown. */
export interface FilmMoment {
  t: number;
  clip: Clip | null;
  on: boolean;
  position: number;
  rate: number;
}

export interface Timeline {
  chat: ChatMoment[];
  asks: AskMoment[];
  polls: PollMoment[];
  slides: SlideMoment[];
  ink: InkMoment[];
  films: FilmMoment[];
  /** As they were in the end. */
  notes: Notes;
}

const LINES_MAX = 200_000;

/** Playing time of a wall-clock moment (API.md "Media time"): null before the recording began. */
export function mediaTime(at: number, takes: readonly TakeTimes[]): number | null {
  let best: TakeTimes | null = null;
  for (const take of takes) if (take.wall_ms <= at && (!best || take.wall_ms > best.wall_ms)) best = take;
  if (!best) return null;
  const t = best.base_ms + (at - best.wall_ms);
  return best.end_ms === null || best.end_ms === undefined ? t : Math.min(t, best.end_ms);
}

type Line = Partial<RoomEvent>;

function parse(text: string): Line[] {
  const out: Line[] = [];
  for (const line of text.split('\n', LINES_MAX)) {
    if (!line) continue;
    try {
      const value = JSON.parse(line) as Line | null;
      if (value && typeof value === 'object') out.push(value);
    } catch {
      /* A line torn by a crash is left out. */
    }
  }
  return out;
}

export function readTimeline(text: string, takes: readonly TakeTimes[]): Timeline {
  const chat: ChatMoment[] = [];
  const polls: PollMoment[] = [];
  const asks: AskMoment[] = [];
  const slides: SlideMoment[] = [];
  const ink: InkMoment[] = [];
  const films: FilmMoment[] = [];
  let film = NO_FILM;
  let marks: readonly Mark[] = [];
  let notes: Notes = [];
  let decks = NO_SLIDES;
  for (const l of parse(text)) {
    /* What was said before the recording began stands at its beginning. */
    const t = Math.max(0, mediaTime(l.at ?? 0, takes) ?? 0);
    if (l.type && Object.hasOwn(INK_CHANGES, l.type)) {
      const next = INK_CHANGES[l.type]?.(marks, { ...l, type: l.type, seq: l.seq ?? 0, at: l.at ?? 0 }) ?? marks;
      const left = new Set(next.map((m) => m.n));
      for (const i of ink) if (i.gone === Infinity && !left.has(i.mark.n)) i.gone = t;
      const last = next.at(-1);
      if (l.type === 'ink' && last) ink.push({ t, gone: Infinity, mark: last });
      marks = next;
    }
    if (l.type && Object.hasOwn(FILM_CHANGES, l.type)) {
      const at = mediaTime(l.at ?? 0, takes);
      film = FILM_CHANGES[l.type]?.(film, { ...l, type: l.type, seq: l.seq ?? 0, at: l.at ?? 0 }) ?? film;
      const first = takes[0];
      /* What began before the recording is, at its beginning, as far on as it was then. */
      const gone = film.on && at === null && first ? (Math.max(0, first.wall_ms - film.at) * film.rate) / 100 : 0;
      if (films.at(-1)?.t === t) films.pop();
      if (shownClip(film) || films.length > 0) films.push({ t, clip: shownClip(film), on: film.on, position: film.position + gone, rate: film.rate });
    }
    if (l.type === 'chat') {
      chat.push({ t, seq: l.seq ?? 0, name: l.name ?? '', text: l.text ?? '' });
    } else if (l.type === 'asked' || l.type === 'ask_passed') {
      asks.push({ t, gone: Infinity, answeredAt: Infinity, ask: askOf({ n: (l.type === 'asked' ? l.seq : l.n) ?? 0, at: l.at, name: l.name, text: l.text }) });
    } else if (l.type === 'ask_merged') {
      const of = asks.find((a) => a.ask.n === l.n);
      if (of) of.gone = t;
    } else if (l.type === 'ask_state' && l.text) {
      const of = asks.find((a) => a.ask.n === l.n);
      if (of) Object.assign(of, { answeredAt: t, ask: { ...of.ask, answer: l.text } });
    } else if (l.type === 'poll_opened' && l.n !== undefined) {
      polls.push({ t, shownAt: Infinity, poll: pollOf({ ...(l as Partial<Poll>), n: l.n, state: 'open' }) });
    } else if (l.type === 'poll_shown' && l.on) {
      const of = polls.find((p) => p.poll.n === l.n);
      if (of) Object.assign(of, { shownAt: t, poll: { ...of.poll, ...sums(l), right: l.right ?? [], state: 'closed', shown: true } });
    } else if (l.type && Object.hasOwn(SLIDE_CHANGES, l.type)) {
      decks = SLIDE_CHANGES[l.type]?.(decks, { ...l, type: l.type, seq: l.seq ?? 0, at: l.at ?? 0 }) ?? decks;
      const deck = shownDeck(decks);
      const last = slides.at(-1);
      if (last?.t === t) slides.pop(); /* of several at once, the last: all that came before the recording began */
      if (deck || slides.length > 0) slides.push({ t, deck, page: deck?.page ?? 0 });
    } else if (l.type && Object.hasOwn(NOTE_CHANGES, l.type)) {
      notes = NOTE_CHANGES[l.type]?.(notes, { ...l, type: l.type, seq: l.seq ?? 0, at: 0 }) ?? notes;
    }
  }
  return { chat, asks, polls, slides, ink, films, notes };
}

export const inSpan = (spans: readonly Span[], t: number): boolean => spans.some(([from, to]) => t >= from && t < to);
