/* timeline — wall clock to playing time, and what stands where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSpan, mediaTime, readTimeline } from '../src/protocol/timeline';

const takes = [
  { take: 1, base_ms: 0, end_ms: 10_000, wall_ms: 1_000_000 },
  { take: 2, base_ms: 10_000, end_ms: 20_000, wall_ms: 1_050_000 },
];

test('media time: inside takes, in the pause between them, before the first', () => {
  assert.equal(mediaTime(1_000_000, takes), 0);
  assert.equal(mediaTime(1_004_000, takes), 4000);
  assert.equal(mediaTime(1_030_000, takes), 10_000);
  assert.equal(mediaTime(1_051_000, takes), 11_000);
  assert.equal(mediaTime(2_000_000, takes), 20_000);
  assert.equal(mediaTime(999_999, takes), null);
  assert.equal(mediaTime(5, []), null);
});

test('an open take has no end', () => {
  assert.equal(mediaTime(1_100_000, [{ base_ms: 0, wall_ms: 1_000_000 }]), 100_000);
});

test('chat lands in playing time; torn lines are left out', () => {
  const text = [
    { type: 'chat', seq: 1, at: 900_000, name: 'А', text: 'до початку' },
    { type: 'chat', seq: 3, at: 1_003_000, name: 'Б', text: 'видно!' },
  ].map((x) => JSON.stringify(x)).join('\n') + '\n{"type":"chat","seq":8,"at":10';
  const t = readTimeline(text, takes);
  assert.deepEqual(t.chat.map((c) => [c.t, c.text]), [[0, 'до початку'], [3000, 'видно!']]);
});

test('a moment is in a span from its first millisecond to before its last', () => {
  assert.equal(inSpan([[500, 900], [2000, 6000]], 2000), true);
  assert.equal(inSpan([[2000, 6000]], 6000), false);
  assert.equal(inSpan([], 0), false);
});

test('an empty log is an empty timeline', () => {
  assert.deepEqual(readTimeline('', takes), { chat: [], asks: [], polls: [], slides: [], ink: [], films: [], notes: [] });
});

test('a poll stands where it was put, its result where it was shown', () => {
  const at = (ms: number, rest: object): string => JSON.stringify({ seq: ms, at: 1000 + ms, by: 'h', ...rest });
  const log = [
    at(5000, { type: 'poll_opened', n: 7, kind: 'single', text: '2 × 2?', anonymous: false, options: ['3', '4'] }),
    at(9000, { type: 'poll_closed', n: 7 }),
    at(9500, { type: 'poll_shown', n: 7, on: true, counts: [1, 4], answers: 5, right: [1] }),
    at(9600, { type: 'poll_shown', n: 8, on: true, counts: [1] }),
  ].join('\n');
  const { polls } = readTimeline(log, [{ base_ms: 0, wall_ms: 1000 }]);
  assert.equal(polls.length, 1);
  assert.equal(polls[0]?.t, 5000);
  assert.equal(polls[0]?.shownAt, 9500);
  assert.deepEqual(polls[0]?.poll.counts, [1, 4]);
  assert.deepEqual(polls[0]?.poll.right, [1]);
});

test('a question is there until it is part of another', () => {
  const text = [
    { seq: 3, at: 1000, type: 'asked', name: 'А', text: 'Чому?' },
    { seq: 4, at: 2000, type: 'asked', name: 'Б', text: 'А чому?' },
    { seq: 5, at: 4000, type: 'ask_merged', n: 4, into: 3 },
    { seq: 6, at: 5000, type: 'ask_state', n: 3, state: 'answered', text: 'Бо так.' },
  ].map((l) => JSON.stringify(l)).join('\n');
  const { asks } = readTimeline(text, [{ base_ms: 0, wall_ms: 1000 }]);
  assert.deepEqual(asks.map((a) => [a.t, a.gone, a.answeredAt]), [[0, Infinity, 4000], [1000, 3000, Infinity]]);
});

test('a video stands where it stood, also when it began before the recording', () => {
  const text = [
    { seq: 1, at: 500, type: 'clip', file: 'lesson-abcdefghij', text: 'Фільм', length: 60_000 },
    { seq: 2, at: 1000, type: 'video', n: 1, on: true, position: 2000, rate: 150 },
    { seq: 3, at: 9000, type: 'video', n: 1, on: false, position: 7000, rate: 100 },
    { seq: 4, at: 12_000, type: 'video', n: 0, on: false, position: 0, rate: 0 },
  ].map((l) => JSON.stringify(l)).join('\n');
  const { films } = readTimeline(text, [{ base_ms: 0, wall_ms: 5000 }]);
  assert.deepEqual(films.map((f) => [f.t, f.clip?.n ?? 0, f.on, f.position]), [[0, 1, true, 8000], [4000, 1, false, 7000], [7000, 0, false, 0]]);
});
