/* pace — catching up is seen to be none, and what is no fault of device or line is not taken for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../src/protocol/pace';

/** Plays `s` seconds of life, `speed(t)` of them a second; gives when it was seen to fall behind. */
function play(pace: Pace, from: { ms: number; at: number }, s: number, speed: (t: number) => number, meant = 1.5): number[] {
  const seen: number[] = [];
  for (let t = 1; t <= s; t++) {
    from.ms += 1000;
    from.at += speed(t);
    if (pace.falls(from.ms, from.at, meant)) seen.push(t);
  }
  return seen;
}

test('one and a half times life gains', () => {
  assert.deepEqual(play(new Pace(1.5), { ms: 1000, at: 0 }, 600, () => 1.5), []);
});

test('a device that shows every second frame late, or none at all, does not', () => {
  assert.deepEqual(play(new Pace(1.5), { ms: 1000, at: 0 }, 40, () => 1.02), [16, 31]);
  assert.deepEqual(play(new Pace(1.5), { ms: 1000, at: 0 }, 20, () => 0), [16]);
});

test('a stall of a few seconds is made up for', () => {
  assert.deepEqual(play(new Pace(1.5), { ms: 1000, at: 0 }, 60, (t) => (t % 15 < 3 ? 0.2 : 1.5)), []);
});

test('a pause, a jump and a sleep start the count again', () => {
  const pace = new Pace(1.5);
  const p = { ms: 1000, at: 0 };
  assert.deepEqual(play(pace, p, 14, () => 0.9), []);
  assert.deepEqual(play(pace, p, 60, () => 0, 0), []);
  assert.deepEqual(play(pace, p, 14, () => 0.9), []);
  p.at += 30;
  assert.deepEqual(play(pace, p, 14, () => 0.9), []);
  p.at -= 20;
  assert.deepEqual(play(pace, p, 14, () => 0.9), []);
  p.ms += 60_000;
  assert.deepEqual(play(pace, p, 14, () => 0.9), []);
  assert.deepEqual(play(pace, p, 4, () => 0.9), [2]);
});

test('who chose to go slower is not told that it is too slow', () => {
  const pace = new Pace(1.5);
  const p = { ms: 1000, at: 0 };
  assert.deepEqual(play(pace, p, 60, () => 1, 1), []);
  assert.deepEqual(play(pace, p, 60, () => 2, 2), []);
  assert.deepEqual(play(pace, p, 20, () => 0.9), [16]);
});
