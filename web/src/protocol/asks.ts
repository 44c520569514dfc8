/* asks — questions from the room as the client knows them. Pure. */

import type { RoomEvent } from './types';

export type AskState = 'open' | 'live' | 'answered' | 'dismissed';

export interface Ask {
  n: number;
  at: number;
  /** '' when it was asked without a name. */
  name: string;
  text: string;
  state: AskState;
  answer: string;
  votes: number;
  /** Seen by who moderates and by who asked alone: it waits, or (dismissed) was turned down. */
  waits: boolean;
}

type Asks = readonly Ask[];

export const askOf = (a: Partial<Ask> & { n: number }): Ask => ({
  n: a.n,
  at: a.at ?? 0,
  name: a.name ?? '',
  text: a.text ?? '',
  state: a.state ?? 'open',
  answer: a.answer ?? '',
  votes: a.votes ?? 0,
  waits: a.waits ?? false,
});

const change = (asks: Asks, n: number | undefined, to: (a: Ask) => Partial<Ask>): Asks =>
  asks.map((a) => (a.n === n ? { ...a, ...to(a) } : a));

const passed = (asks: Asks, e: RoomEvent): Asks =>
  asks.some((a) => a.n === e.n)
    ? change(asks, e.n, () => ({ waits: false, state: 'open' }))
    : [...asks, askOf({ n: e.n ?? e.seq, at: e.at, name: e.name, text: e.text })];

export const ASK_CHANGES: Record<string, (asks: Asks, e: RoomEvent) => Asks> = {
  asked: (asks, e) => [...asks, askOf({ n: e.seq, at: e.at, name: e.name, text: e.text })],
  ask_waits: (asks, e) => [...asks, askOf({ n: e.seq, at: e.at, name: e.name, text: e.text, waits: true })],
  ask_passed: passed,
  ask_turned: (asks, e) => change(asks, e.n, () => ({ state: 'dismissed' })),
  ask_state: (asks, e) =>
    change(asks, e.n, (a) => ({ state: (e.state as AskState) ?? a.state, answer: e.text ?? a.answer })),
  ask_merged: (asks, e) => asks.filter((a) => a.n !== e.n),
};

export const voted = (asks: Asks, sum: readonly { n: number; votes: number }[]): Asks =>
  sum.reduce<Asks>((all, s) => change(all, s.n, () => ({ votes: s.votes })), asks);

/** Those of a state, the most wanted first or the newest first; what waits for the host, then what is being answered stands
 * on top of the open ones. */
export function asksIn(asks: Asks, state: 'open' | 'answered' | 'dismissed', byVotes: boolean): Ask[] {
  const wanted = asks.filter((a) => a.state === state || (state === 'open' && a.state === 'live'));
  const live = (a: Ask): number => (a.waits ? 2 : a.state === 'live' ? 1 : 0);
  return wanted.sort((a, b) => live(b) - live(a) || (byVotes ? b.votes - a.votes : 0) || b.n - a.n);
}
