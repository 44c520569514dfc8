/* ink — a mark there and back again, and the same texts as the server reads (tests/unit/test_slides.c). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARD_XY, decodeStroke, encodeStroke, thinned, TOOLS, XY_MAX, type Stroke } from '../src/protocol/ink';
import { emptyRoom, evolve } from '../src/protocol/room';
import { isBoard } from '../src/protocol/slides';
import { readTimeline } from '../src/protocol/timeline';
import { boundsOf } from '../src/widgets/boardview';

test('every tool and the ends of the page come back as they went', () => {
  for (const tool of TOOLS) {
    const s: Stroke = { tool, colour: 7, width: 64, points: [[0, XY_MAX], [XY_MAX, 0], [1, 2], [1, 2]] };
    assert.deepEqual(decodeStroke(encodeStroke(s)), s);
  }
  assert.equal(encodeStroke({ tool: 'pen', colour: 0, width: 1, points: [[1, 1]] }), 'AAABAQE');
  assert.equal(encodeStroke({ tool: 'pen', colour: 1, width: 5, points: [[XY_MAX, 0], [0, XY_MAX]] }), 'AAEF_x8A_T_-Pw');
  assert.equal(decodeStroke('?'), null);
  assert.equal(decodeStroke('_w'), null);
});

test('on a board points go either way, as far as it goes', () => {
  const s: Stroke = { tool: 'pen', colour: 0, width: 1, points: [[-BOARD_XY, BOARD_XY], [BOARD_XY, -BOARD_XY], [0, -3]], board: true };
  assert.deepEqual(decodeStroke(encodeStroke(s)), s);
  assert.equal(encodeStroke({ ...s, points: [[1, 1]] }), 'gAABAgI');
  assert.equal(encodeStroke({ ...s, points: [[BOARD_XY, BOARD_XY]] }), 'gAAB_v8__v8_');
});

test('boards come among the decks, open to all or not', () => {
  let r = evolve(emptyRoom, { type: 'board', seq: 5, at: 1, text: 'x' });
  r = evolve(r, { type: 'board_open', seq: 6, at: 1, n: 5, on: true });
  assert.deepEqual(r.slides.decks.map((d) => [d.n, isBoard(d), d.open, d.pages]), [[5, true, true, 1]]);
});

test('what is drawn on a board is found with a margin, nothing is nothing', () => {
  const ink = encodeStroke({ tool: 'pen', colour: 0, width: 4, points: [[-4096, 0], [8192, 4096]], board: true });
  assert.deepEqual(boundsOf([{ n: 1, deck: 1, page: 1, by: 'a', ink }]), { x: -1040, y: -40, w: 3080, h: 1080 });
  assert.equal(boundsOf([]), null);
});

test('a hand-drawn line of 300 points is small on the wire', () => {
  const raw = Array.from({ length: 300 }, (_, i): [number, number] => [500 + i * 3, Math.round(2000 + 300 * Math.sin(i / 20))]);
  const points = thinned(raw, 6);
  const text = encodeStroke({ tool: 'pen', colour: 0, width: 4, points });
  assert.ok(text.length < 3 * points.length + 8, `${text.length} for ${points.length}`); // two bytes a point
});

test('marks come, are taken back, cleared by author and by all', () => {
  const ink = (seq: number, by: string, page = 1) => ({ type: 'ink', seq, at: seq * 1000, n: 5, page, by, ink: 'AAABAQE' });
  let r = evolve(emptyRoom, { type: 'deck', seq: 5, at: 1, file: 'a', text: 'x', pages: 3 });
  for (const e of [ink(6, 'a'), ink(7, 'b'), ink(8, 'a', 2)]) r = evolve(r, e);
  r = evolve(r, { type: 'ink_cleared', seq: 9, at: 1, n: 5, page: 1, who: 'a' });
  assert.deepEqual(r.ink.map((m) => m.n), [7, 8]);
  r = evolve(r, { type: 'ink_dropped', seq: 10, at: 1, n: 7 });
  assert.deepEqual(r.ink.map((m) => m.n), [8]);
  r = evolve(r, { type: 'deck_dropped', seq: 11, at: 1, n: 5 });
  assert.deepEqual([r.ink, r.slides.decks], [[], []]);
});

test('in a lesson a mark is there from its time until it was taken back', () => {
  const lines = [{ type: 'ink', seq: 6, at: 2000, n: 5, page: 1, by: 'a', ink: 'AAABAQE' }, { type: 'ink_dropped', seq: 7, at: 4000, n: 6 }];
  const t = readTimeline(lines.map((l) => JSON.stringify(l)).join('\n'), [{ base_ms: 0, end_ms: 60_000, wall_ms: 1000 }]);
  assert.deepEqual(t.ink.map((i) => [i.t, i.gone, i.mark.n]), [[1000, 3000, 6]]);
});
