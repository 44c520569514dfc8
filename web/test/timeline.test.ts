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

test('chat and shared screens land in playing time; torn lines are left out', () => {
  const text = [
    { type: 'chat', seq: 1, at: 900_000, name: 'А', text: 'до початку' },
    { type: 'source', seq: 2, at: 1_002_000, who: 'h', source: 'screen', on: true },
    { type: 'chat', seq: 3, at: 1_003_000, name: 'Б', text: 'видно!' },
    { type: 'source', seq: 4, at: 1_006_000, who: 'h', source: 'screen', on: false },
    { type: 'source', seq: 5, at: 1_052_000, who: 'h', source: 'screen', on: true },
    { type: 'unstaged', seq: 6, at: 1_055_000, who: 'h' },
    { type: 'source', seq: 7, at: 1_057_000, who: 'b', source: 'screen', on: true },
  ].map((x) => JSON.stringify(x)).join('\n') + '\n{"type":"chat","seq":8,"at":10';
  const t = readTimeline(text, takes);
  assert.deepEqual(t.chat.map((c) => [c.t, c.text]), [[0, 'до початку'], [3000, 'видно!']]);
  assert.deepEqual(t.screen, [
    { from: 2000, to: 6000 },
    { from: 12_000, to: 15_000 },
    { from: 17_000, to: Infinity },
  ]);
  assert.equal(inSpan(t.screen, 2000), true);
  assert.equal(inSpan(t.screen, 6000), false);
});

test('an empty log is an empty timeline', () => {
  assert.deepEqual(readTimeline('', takes), { chat: [], screen: [] });
});
