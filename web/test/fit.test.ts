/* fit — tiles of a stage: as large as can be, never past its edges. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitTiles } from '../src/views/room/fit';

test('two people stand beside each other on a wide stage and one above the other on a phone', () => {
  assert.equal(fitTiles(1300, 600, 2, 12).columns, 2);
  assert.equal(fitTiles(374, 690, 2, 8).columns, 1);
});

test('tiles are 16:9, never wider or higher than the stage, and no other number of columns makes them larger', () => {
  for (const [w, h] of [[1002, 597], [374, 690], [800, 200], [320, 320]] as const) {
    for (let n = 1; n <= 9; n++) {
      const gap = 8;
      const best = fitTiles(w, h, n, gap);
      const rows = Math.ceil(n / best.columns);
      assert.ok(best.columns * best.width + (best.columns - 1) * gap <= w);
      assert.ok(rows * best.height + (rows - 1) * gap <= h);
      assert.ok(Math.abs(best.width / best.height - 16 / 9) < 0.05, `${best.width}×${best.height}`);
      for (let c = 1; c <= n; c++) {
        const r = Math.ceil(n / c);
        const other = Math.min((w - gap * (c - 1)) / c, ((h - gap * (r - 1)) / r) * (16 / 9));
        assert.ok(best.width >= Math.floor(other), `${n} people on ${w}×${h}: ${c} columns`);
      }
    }
  }
});

test('no room at all is no reason to fail', () => {
  assert.deepEqual(fitTiles(0, 0, 3, 12), { columns: 1, width: 0, height: 0 });
});
