import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cushion, noCushion } from '../src/media/cushion';

const after = (...line: [number, number][]) => line.reduce((c, [loss, rtt]) => cushion(c, loss, rtt), noCushion);
const times = (n: number, loss: number, rtt: number) => Array.from({ length: n }, (): [number, number] => [loss, rtt]);

test('a line that loses nothing is left to the browser', () => {
  assert.equal(after(...times(20, 0, 300)).ms, null);
  assert.equal(after([1, 100]).ms, null);
});

test('on a line that loses, the second asking is waited for', () => {
  assert.equal(after([5, 100]).ms, 310);
  assert.equal(after([2, 10]).ms, 130);
  assert.equal(after([20, 900]).ms, 450);
});

test('it does not follow every wavering of the round trip', () => {
  assert.equal(after([5, 100], [5, 115], [4, 90]).ms, 310);
  assert.equal(after([5, 100], [5, 160]).ms, 430);
});

test('it is let go after the line was well for a while, not at the first good word', () => {
  assert.equal(after([5, 100], ...times(4, 0.2, 100)).ms, 310);
  assert.equal(after([5, 100], ...times(5, 0.2, 100)).ms, null);
  assert.equal(after([5, 100], ...times(4, 0.2, 100), [1, 100], ...times(4, 0, 100)).ms, 310);
});
