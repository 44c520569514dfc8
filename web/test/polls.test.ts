/* polls — the fold of what is said of polls, and what the page makes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barNames, isRight, pollOf, tallied } from '../src/protocol/polls';
import { emptyRoom, evolve, fromSnapshot, type Room } from '../src/protocol/room';
import type { RoomEvent } from '../src/protocol/types';

let seq = 0;
const ev = (type: string, rest: Partial<RoomEvent> = {}): RoomEvent => ({ type, seq: ++seq, at: seq * 1000, ...rest });
const play = (events: RoomEvent[], from: Room = emptyRoom): Room => events.reduce(evolve, from);
const opened = (rest: Partial<RoomEvent> = {}): RoomEvent =>
  ev('poll_opened', { n: 1, kind: 'single', text: '2 × 2?', anonymous: false, options: ['3', '4'], ...rest });

test('a draft is the host’s, edited and dropped', () => {
  let r = play([ev('poll', { n: 1, kind: 'words', text: 'a', anonymous: true }), ev('poll', { n: 1, kind: 'words', text: 'b' })]);
  assert.deepEqual(r.polls.map((p) => [p.text, p.state, p.anonymous]), [['b', 'draft', false]]);
  r = play([ev('poll_dropped', { n: 1 })], r);
  assert.equal(r.polls.length, 0);
});

test('open, counted, closed, shown, taken back', () => {
  let r = play([opened()]);
  assert.equal(r.polls[0]?.state, 'open');
  r = { ...r, polls: tallied(r.polls, [{ n: 1, answers: 3, counts: [1, 2] }, { n: 99, answers: 1 }]) };
  assert.deepEqual(r.polls.map((p) => p.counts), [[1, 2]]);
  r = play([ev('poll_closed', { n: 1 })], r);
  assert.equal(r.polls[0]?.shown, false);
  r = play([ev('poll_shown', { n: 1, on: true, counts: [1, 3], answers: 4, right: [1] })], r);
  assert.deepEqual(r.polls[0]?.right, [1]);
  assert.equal(r.polls[0]?.answers, 4);
  r = play([ev('poll_shown', { n: 1, on: false })], r);
  assert.equal(r.polls[0]?.shown, false);
});

test('a host’s own draft keeps what is right when it is opened', () => {
  const r = play([ev('poll', { n: 1, kind: 'single', text: '?', options: ['3', '4'], right: [1] }), opened()]);
  assert.deepEqual(r.polls[0]?.right, [1]);
});

test('a snapshot says the same', () => {
  const r = fromSnapshot({ life: 'open', members: [], polls: [{ n: 1, kind: 'single', state: 'open', text: '2 × 2?', options: ['3', '4'] }] });
  assert.deepEqual(r.polls, play([opened()]).polls);
});

test('bars have names; right is right', () => {
  assert.deepEqual(barNames(pollOf({ n: 1, kind: 'scale', steps: 3, options: ['ні', 'так'] })), ['1 — ні', '2', '3 — так']);
  assert.deepEqual(barNames(pollOf({ n: 1, kind: 'words', groups: ['а', 'б'] })), ['а', 'б']);
  const quiz = pollOf({ n: 1, kind: 'multiple', right: [2, 0] });
  assert.equal(isRight(quiz, { n: 1, picks: [0, 2] }), true);
  assert.equal(isRight(quiz, { n: 1, picks: [0] }), false);
  assert.equal(isRight(pollOf({ n: 1, kind: 'single', right: [1, 2] }), { n: 1, picks: [2] }), true);
});
