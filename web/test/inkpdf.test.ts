/* inkpdf — marks lie on a page of a PDF where they lay on the screen, however the page is turned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { degrees, PDFDocument } from '@cantoo/pdf-lib';
import { encodeStroke, TOOLS, XY_MAX, type Mark, type Stroke } from '../src/protocol/ink';
import { figureOf, onPage, WIDE } from '../src/widgets/inkpath';
import { annotate, spaceOf } from '../src/widgets/inkpdf';

const BOX = { x: 10, y: 20, width: 600, height: 300 };

/** Where the corners of what is seen lie on the page: upper left, upper right, lower left. */
function corners(rotation: number): number[][] {
  const { matrix: [a, b, c, d, e, f], high } = spaceOf(BOX, rotation);
  const at = (u: number, v: number): number[] => [a * u - c * v + e, b * u - d * v + f].map(Math.round);
  return [at(0, 0), at(WIDE, 0), at(0, high)];
}

test('the corners of a turned page', () => {
  const [ll, lr, ul, ur] = [[10, 20], [610, 20], [10, 320], [610, 320]];
  assert.deepEqual(corners(0), [ul, ur, ll]);
  assert.deepEqual(corners(90), [ll, ul, lr]);
  assert.deepEqual(corners(180), [lr, ll, ur]);
  assert.deepEqual(corners(270), [ur, lr, ul]);
  assert.deepEqual(corners(-90), corners(270));
});

test('every tool but words is one path of numbers', () => {
  for (const tool of TOOLS) {
    const s: Stroke = { tool, colour: 1, width: 4, points: [[0, 0], [XY_MAX, XY_MAX]] };
    const f = figureOf(s, onPage(500));
    if (tool === 'words') assert.equal(f, null);
    else assert.match(f?.d ?? '', /^M[-\d. MLQAZ]+$/);
  }
});

test('a file keeps its pages, and only those drawn on change', async () => {
  const doc = await PDFDocument.create();
  for (const turn of [0, 90, 0]) doc.addPage([600, 300]).setRotation(degrees(turn));
  const mark = (n: number, page: number, tool: Stroke['tool']): Mark =>
    ({ n, deck: 1, page, by: 'a', ink: encodeStroke({ tool, colour: 2, width: 4, points: [[10, 10], [4000, 2000]] }) });
  await annotate(doc, [mark(1, 1, 'pen'), mark(2, 2, 'arrow'), mark(3, 2, 'marker'), mark(4, 9, 'pen')]);
  const back = await PDFDocument.load(await doc.save());
  const drawn = back.getPages().map((p) => p.node.Contents() !== undefined);
  assert.deepEqual(drawn, [true, true, false]);
});
