/* speed — what measured bytes and times come to, and what they are good for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cameraFits, rate, roomFor } from '../src/media/speed';

test('the round trip of asking is not the line', () => {
  assert.equal(rate(64_000, 612, 100), 1000);
  assert.equal(rate(64_000, 5, 100), 20_000); /* an answer faster than the ping: as fast as can be told */
});

test('what the line is good for', () => {
  for (const [downKbps, room] of [[20_000, 'all'], [1_200, 'all'], [1_199, 'small'], [250, 'small'], [249, 'save'], [0, 'save']] as const) {
    assert.equal(roomFor({ downKbps, upKbps: 0 }), room);
  }
});

test('the way up counts only where it was tried', () => {
  assert.equal(cameraFits({ downKbps: 100, upKbps: 0 }), true);
  assert.equal(cameraFits({ downKbps: 5000, upKbps: 299 }), false);
  assert.equal(cameraFits({ downKbps: 100, upKbps: 300 }), true);
});
