/* slides — what a room's events make of its decks, and where they are in a lesson. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRoom, evolve } from '../src/protocol/room';
import { shownDeck } from '../src/protocol/slides';
import { readTimeline } from '../src/protocol/timeline';

const deck = { type: 'deck', seq: 5, at: 1000, file: 'abc', text: 'Урок', pages: 12 };

test('a deck comes, is shown, turned, left and taken away', () => {
  let r = evolve(emptyRoom, deck);
  assert.equal(shownDeck(r.slides), null);
  r = evolve(r, { type: 'slide', seq: 6, at: 1, n: 5, page: 7 });
  assert.deepEqual(shownDeck(r.slides), { n: 5, file: 'abc', text: 'Урок', pages: 12, page: 7 });
  r = evolve(r, { type: 'slide', seq: 7, at: 1, n: 0, page: 0 });
  assert.equal(shownDeck(r.slides), null);
  assert.equal(r.slides.decks[0]?.page, 7);
  r = evolve(evolve(r, { type: 'slide', seq: 8, at: 1, n: 5, page: 7 }), { type: 'deck_dropped', seq: 9, at: 1, n: 5 });
  assert.deepEqual(r.slides, { decks: [], shown: 0 });
});

test('a lesson has each page at its time, and those shown before it began from its beginning', () => {
  const lines = [deck, { type: 'slide', seq: 6, at: 2000, n: 5, page: 1 }, { type: 'slide', seq: 7, at: 3000, n: 5, page: 2 },
    { type: 'slide', seq: 8, at: 15_000, n: 5, page: 3 }, { type: 'slide', seq: 9, at: 20_000, n: 0, page: 0 }];
  const t = readTimeline(lines.map((l) => JSON.stringify(l)).join('\n'), [{ base_ms: 0, end_ms: 60_000, wall_ms: 10_000 }]);
  assert.deepEqual(t.slides.map((s) => [s.t, s.deck?.file ?? null, s.page]), [[0, 'abc', 2], [5000, 'abc', 3], [10_000, null, 0]]);
});
