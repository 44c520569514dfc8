/* inkpdf — a deck and what was drawn on it as one PDF, made in the browser: the pages stay what they are, the marks are
 * paths over them. Loaded when somebody asks for it. */

import { concatTransformationMatrix, LineCapStyle, PDFDocument, popGraphicsState, pushGraphicsState, rgb, type PDFPage } from '@cantoo/pdf-lib';
import { decodeStroke, type Dot, type Mark, type Stroke } from '../protocol/ink';
import { colourOf, figureOf, letterSize, onPage, WIDE } from './inkpath';

type Matrix = readonly [number, number, number, number, number, number];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** From units of a page as it is seen, upwards from its upper edge, to its own space (ISO 32000-1, 8.3.2; Rotate turns
 * clockwise), and how high it is seen. */
export function spaceOf(box: Box, rotation: number): { matrix: Matrix; high: number } {
  const turn = ((rotation % 360) + 360) % 360;
  const isSide = turn === 90 || turn === 270;
  const k = (isSide ? box.height : box.width) / WIDE;
  const high = (isSide ? box.width : box.height) / k;
  const { x, y, width, height } = box;
  switch (turn) {
    case 90:
      return { matrix: [0, k, -k, 0, x, y], high };
    case 180:
      return { matrix: [-k, 0, 0, -k, x + width, y], high };
    case 270:
      return { matrix: [0, -k, k, 0, x + width, y + height], high };
    default:
      return { matrix: [k, 0, 0, k, x, y + height], high };
  }
}

const colour = (hex: string) => {
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16) / 255;
  return rgb(part(1), part(3), part(5));
};

/* Words are a picture: the browser has letters for every script, a PDF would need a font for each. */
const SHARP = 4;
async function putWords(doc: PDFDocument, page: PDFPage, s: Stroke, text: string, [x, y]: Dot): Promise<void> {
  const size = letterSize(s);
  const canvas = document.createElement('canvas');
  const font = `${size * SHARP}px system-ui, sans-serif`;
  const measure = canvas.getContext('2d');
  if (!measure) return;
  measure.font = font;
  canvas.width = Math.min(8192, Math.ceil(measure.measureText(text).width) + SHARP);
  canvas.height = Math.ceil(size * SHARP * 1.4);
  const g = canvas.getContext('2d');
  if (!g) return;
  g.font = font;
  g.fillStyle = colourOf(s);
  g.textBaseline = 'middle';
  g.fillText(text, 0, canvas.height / 2);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (!blob) return;
  const picture = await doc.embedPng(await blob.arrayBuffer());
  const [width, height] = [canvas.width / SHARP, canvas.height / SHARP];
  page.drawImage(picture, { x, y: -y - height / 2, width, height });
}

/** The marks in the order they were drawn. */
export async function putMarks(doc: PDFDocument, page: PDFPage, marks: readonly Mark[], matrix: Matrix, place: (dot: Dot) => Dot): Promise<void> {
  page.pushOperators(pushGraphicsState(), concatTransformationMatrix(...matrix));
  for (const m of marks) {
    const s = decodeStroke(m.ink);
    if (!s) continue;
    const f = figureOf(s, place);
    if (!f) await putWords(doc, page, s, m.text ?? '', place(s.points[0] ?? [0, 0]));
    else if (f.width) page.drawSvgPath(f.d, { x: 0, y: 0, borderColor: colour(f.colour), borderWidth: f.width, borderLineCap: LineCapStyle.Round });
    else page.drawSvgPath(f.d, { x: 0, y: 0, color: colour(f.colour), opacity: f.opacity });
  }
  page.pushOperators(popGraphicsState());
}

export async function annotate(doc: PDFDocument, marks: readonly Mark[]): Promise<void> {
  for (const [i, page] of doc.getPages().entries()) {
    const here = marks.filter((m) => m.page === i + 1);
    if (here.length === 0) continue;
    const { matrix, high } = spaceOf(page.getCropBox(), page.getRotation().angle);
    await putMarks(doc, page, here, matrix, onPage(high));
  }
}

async function bytesOf(url: string): Promise<ArrayBuffer> {
  const r = await fetch(url, { credentials: 'same-origin' });
  if (!r.ok) throw new Error(`${url}: ${r.status}`);
  return r.arrayBuffer();
}

/* Of a file that only allows looking: its pages as pictures. */
async function fromPictures(pages: number, picture: (page: number) => string): Promise<PDFDocument> {
  const doc = await PDFDocument.create();
  for (let n = 1; n <= pages; n++) {
    const seen = await doc.embedJpg(await bytesOf(picture(n)));
    const size = { width: 960, height: (960 * seen.height) / seen.width };
    doc.addPage([size.width, size.height]).drawImage(seen, { x: 0, y: 0, ...size });
  }
  return doc;
}

/** `picture`: the address of a page's. */
export async function annotatedDeck(url: string, pages: number, picture: (page: number) => string, marks: readonly Mark[]): Promise<Blob> {
  const file = await bytesOf(url);
  const read = PDFDocument.load(file, { updateMetadata: false }).catch(() => null);
  const doc = (await read) ?? (await fromPictures(pages, picture));
  await annotate(doc, marks);
  return new Blob([(await doc.save()) as BlobPart], { type: 'application/pdf' });
}
