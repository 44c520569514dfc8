/* polls — questions to the room as the client knows them: made, open, closed, shown. Pure. */

import type { RoomEvent } from './types';

export type PollKind = 'single' | 'multiple' | 'words' | 'scale' | 'rank';

export interface Poll {
  n: number;
  kind: PollKind;
  state: 'draft' | 'open' | 'closed';
  text: string;
  options: string[];
  steps: number;
  points: number;
  anonymous: boolean;
  shown: boolean;
  /** Places of the options that are right; for others than hosts only once it is shown. */
  right: number[];
  answers: number;
  counts: number[];
  groups: string[];
}

export interface PollAnswer {
  n: number;
  picks?: number[];
  text?: string;
}

export interface Scores {
  names: string[];
  counts: number[];
}

export function pollOf(p: Partial<Poll> & { n: number }): Poll {
  return {
    n: p.n,
    kind: p.kind ?? 'single',
    state: p.state ?? 'draft',
    text: p.text ?? '',
    options: p.options ?? [],
    steps: p.steps ?? 0,
    points: p.points ?? 0,
    anonymous: p.anonymous ?? false,
    shown: p.shown ?? false,
    right: p.right ?? [],
    answers: p.answers ?? 0,
    counts: p.counts ?? [],
    groups: p.groups ?? [],
  };
}

type Polls = readonly Poll[];

function put(polls: Polls, n: number | undefined, change: Partial<Poll>, make = false): Polls {
  if (n === undefined) return polls;
  if (polls.some((p) => p.n === n)) return polls.map((p) => (p.n === n ? { ...p, ...change } : p));
  return make ? [...polls, pollOf({ ...change, n })] : polls;
}

/* What an event says of a poll; what it does not say is left as it was. */
function said(e: RoomEvent): Partial<Poll> {
  const out: Partial<Poll> = { text: e.text ?? '', kind: (e.kind as PollKind) ?? 'single', anonymous: e.anonymous ?? false };
  out.options = e.options ?? [];
  out.steps = e.steps ?? 0;
  out.points = e.points ?? 0;
  return out;
}

export const sums = (e: { answers?: number; counts?: number[]; groups?: string[] }): Partial<Poll> => ({
  answers: e.answers ?? 0,
  counts: e.counts ?? [],
  groups: e.groups ?? [],
});

export const POLL_CHANGES: Record<string, (polls: Polls, e: RoomEvent) => Polls> = {
  poll: (polls, e) => put(polls, e.n, { ...said(e), right: e.right ?? [] }, true),
  poll_dropped: (polls, e) => polls.filter((p) => p.n !== e.n),
  poll_opened: (polls, e) => put(polls, e.n, { ...said(e), state: 'open' }, true),
  poll_tally: (polls, e) => put(polls, e.n, sums(e)),
  poll_closed: (polls, e) => put(polls, e.n, { state: 'closed' }),
  poll_shown: (polls, e) =>
    put(polls, e.n, e.on ? { shown: true, ...sums(e), ...(e.right ? { right: e.right } : {}) } : { shown: false }),
};

/** The sums of the moment. */
export function tallied(polls: Polls, sum: readonly (Partial<Poll> & { n: number })[]): Polls {
  return sum.reduce<Polls>((all, s) => put(all, s.n, sums(s)), polls);
}

/** What each bar of a result is called. */
export function barNames(p: Pick<Poll, 'kind' | 'options' | 'groups' | 'steps'>): string[] {
  if (p.kind === 'words') return p.groups;
  if (p.kind !== 'scale') return p.options;
  return Array.from({ length: p.steps }, (_, i) => {
    const end = i === 0 ? p.options[0] : i === p.steps - 1 ? p.options[1] : undefined;
    return end ? `${i + 1} — ${end}` : String(i + 1);
  });
}

export function isRight(p: Poll, a: PollAnswer): boolean {
  const picks = [...(a.picks ?? [])].sort();
  if (p.kind === 'single') return picks.some((i) => p.right.includes(i));
  return picks.join() === [...p.right].sort().join();
}
