/* asks — the fold of questions, their order, the timer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksIn, voted } from '../src/protocol/asks';
import { emptyRoom, evolve, fromSnapshot, type Room } from '../src/protocol/room';
import type { RoomEvent } from '../src/protocol/types';

let seq = 0;
const ev = (type: string, rest: Partial<RoomEvent> = {}): RoomEvent => ({ type, seq: ++seq, at: seq * 1000, ...rest });
const play = (events: RoomEvent[], from: Room = emptyRoom): Room => events.reduce(evolve, from);

test('asked, voted for, taken up, answered, set aside, merged', () => {
  seq = 0;
  let r = play([ev('asked', { text: 'Чому?', name: 'Ганна' }), ev('asked', { text: 'Як?' }), ev('asked', { text: 'Де?' })]);
  assert.deepEqual(r.asks.map((a) => [a.n, a.name]), [[1, 'Ганна'], [2, ''], [3, '']]);
  r = { ...r, asks: voted(r.asks, [{ n: 1, votes: 2 }, { n: 99, votes: 5 }]) };
  assert.deepEqual(asksIn(r.asks, 'open', true).map((a) => a.n), [1, 3, 2]);
  assert.deepEqual(asksIn(r.asks, 'open', false).map((a) => a.n), [3, 2, 1]);
  r = play([ev('ask_state', { n: 2, state: 'live' })], r);
  assert.deepEqual(asksIn(r.asks, 'open', true).map((a) => a.n), [2, 1, 3], 'what is being answered is on top');
  r = play([ev('ask_state', { n: 2, state: 'answered', text: 'Так' }), ev('ask_state', { n: 2, state: 'open' })], r);
  assert.equal(r.asks[1]?.answer, 'Так', 'an answer stays when the state changes');
  r = play([ev('ask_state', { n: 3, state: 'dismissed' }), ev('ask_merged', { n: 2, into: 1 })], r);
  assert.deepEqual(asksIn(r.asks, 'open', true).map((a) => a.n), [1]);
  assert.deepEqual(asksIn(r.asks, 'dismissed', true).map((a) => a.n), [3]);
});

test('a timer begins, begins anew, ends; a snapshot has it', () => {
  let r = play([ev('timer', { on: true, seconds: 60, name: 'Ганна', text: 'Виступ' })]);
  assert.deepEqual(r.timer, { at: r.timer?.at, seconds: 60, name: 'Ганна', text: 'Виступ' });
  assert.deepEqual(fromSnapshot({ life: 'open', members: [], timer: r.timer ?? undefined }).timer, r.timer);
  r = play([ev('timer', { on: false })], r);
  assert.equal(r.timer, null);
});

test('a question that waits is let through in its place, or turned down', () => {
  let r: Room = evolve(emptyRoom, { type: 'ask_waits', seq: 5, at: 1, by: 'u2', text: 'Чому?' });
  assert.equal(r.asks[0]?.waits, true);
  r = evolve(r, { type: 'ask_turned', seq: 6, at: 2, by: 'u1', who: 'u2', n: 5 });
  assert.equal(r.asks[0]?.state, 'dismissed');
  r = evolve(r, { type: 'ask_passed', seq: 7, at: 3, by: 'u1', n: 5, text: 'Чому?' });
  assert.deepEqual([r.asks.length, r.asks[0]?.state, r.asks[0]?.waits], [1, 'open', false]);
  const other = evolve(emptyRoom, { type: 'ask_passed', seq: 7, at: 3, by: 'u1', n: 5, text: 'Чому?' });
  assert.equal(other.asks[0]?.n, 5);
  assert.equal(evolve(r, { type: 'ask_rules', seq: 8, at: 4, by: 'u1', on: true }).asksWait, true);
});
