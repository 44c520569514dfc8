/* unheard — a cut is told from a class in which nobody speaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counts, countsOf, Unheard } from '../src/media/unheard';

const counts = (came: number, asked: number, pair = 'p'): Counts => ({ pair, came, asked });

test('silence with answered checks is no cut, however long', () => {
  const u = new Unheard();
  for (let s = 0; s < 60; s++) assert.equal(u.look(s * 1000, counts(1000 + Math.floor(s / 3), 10 + Math.floor(s / 3))), false);
});

test('nothing comes and a check stays without an answer: within three seconds', () => {
  const u = new Unheard();
  assert.equal(u.look(0, counts(1000, 10)), false);
  assert.equal(u.look(1000, counts(1000, 10)), false);
  assert.equal(u.look(2000, counts(1000, 11)), false);
  assert.equal(u.look(2500, counts(1000, 13)), false);
  assert.equal(u.look(2750, counts(1000, 16)), true);
  assert.equal(u.look(9000, counts(1000, 20)), true);
  assert.equal(u.look(9250, counts(1001, 20)), false);
  assert.equal(u.look(9500, counts(1001, 20)), false);
});

test('one check that is lost is no cut', () => {
  const u = new Unheard();
  u.look(0, counts(1000, 10));
  for (let ms = 500; ms <= 3400; ms += 500) assert.equal(u.look(ms, counts(1000, ms < 2400 ? 11 : 12)), false);
  assert.equal(u.look(3500, counts(1001, 12)), false);
});

test('nobody asked, nobody unheard; another pair begins anew, as does none', () => {
  const u = new Unheard();
  for (let ms = 0; ms < 30_000; ms += 500) assert.equal(u.look(ms, counts(5, 0)), false);
  const v = new Unheard();
  for (let ms = 0; ms <= 4000; ms += 500) v.look(ms, counts(5, ms));
  assert.equal(v.look(4500, counts(5, 9000)), true);
  assert.equal(v.look(4750, counts(5, 9000, 'q')), false);
  assert.equal(v.look(5000, null), false);
});

test('the counts are those of the pair in use', () => {
  const stats = [
    { type: 'transport', id: 't', selectedCandidatePairId: 'b' },
    { type: 'candidate-pair', id: 'a', bytesReceived: 7, responsesReceived: 7, requestsSent: 7 },
    { type: 'candidate-pair', id: 'b', bytesReceived: 100, responsesReceived: 3, requestsSent: 4 },
  ];
  assert.deepEqual(countsOf(stats), { pair: 'b', came: 103, asked: 4 });
  assert.equal(countsOf(stats.slice(1)), null);
  assert.deepEqual(countsOf([stats[0]!, { type: 'candidate-pair', id: 'b', bytesReceived: 1 }]), { pair: 'b', came: 1, asked: 0 });
});
