/* missed — what was missed, and where in a recording of several takes that is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missedOf, placeOf } from '../src/protocol/missed';

const MIN = 60_000;

test('who was away for a minute and more is told, of this room, while it is recorded', () => {
  const seen = { room: 'a', at: 10 * MIN };
  assert.deepEqual(missedOf(seen, 'a', 13 * MIN, MIN), { fromMs: 10 * MIN, ms: 3 * MIN });
  assert.deepEqual(missedOf(seen, 'a', 13 * MIN, 12 * MIN), { fromMs: 12 * MIN, ms: MIN });
  assert.equal(missedOf(seen, 'a', 11 * MIN - 1, MIN), null);
  assert.equal(missedOf(seen, 'a', 13 * MIN, 0), null);
  assert.equal(missedOf(seen, 'b', 13 * MIN, MIN), null);
  assert.equal(missedOf(seen, 'a', 200 * MIN, MIN), null);
  assert.equal(missedOf(null, 'a', 13 * MIN, MIN), null);
});

test('a moment of the clock in a recording with a gap', () => {
  const takes = [{ base_ms: 0, wall_ms: 1_000_000, end_ms: 60_000 }, { base_ms: 60_000, wall_ms: 1_100_000, end_ms: null }];
  assert.equal(placeOf(takes, 999_000), 0);
  assert.equal(placeOf(takes, 1_030_000), 30);
  assert.equal(placeOf(takes, 1_090_000), 60); /* in the gap: where it goes on */
  assert.equal(placeOf(takes, 1_130_000), 90);
  assert.equal(placeOf([], 5), 0);
});
