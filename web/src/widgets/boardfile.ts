/* boardfile — what is on a whiteboard as a picture or as a PDF of one page, made in the browser when asked for. */

import { decodeStroke, type Mark } from '../protocol/ink';
import { boundsOf, onBoard, type Bounds } from './boardview';
import { colourOf, figureOf, letterSize } from './inkpath';

/* A picture has at most so many pixels either way; a page of a PDF so many points (ISO 32000-1, C.2: 14400). */
const PIXELS_MAX = 8000;
const SHARP = 2;
const POINTS_MAX = 14_000;
const EMPTY: Bounds = { x: 0, y: 0, w: 1000, h: 562 };

export async function boardPng(marks: readonly Mark[]): Promise<Blob> {
  const b = boundsOf(marks) ?? EMPTY;
  const k = Math.min(SHARP, PIXELS_MAX / b.w, PIXELS_MAX / b.h);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(b.w * k);
  canvas.height = Math.ceil(b.h * k);
  const g = canvas.getContext('2d');
  if (!g) throw new Error('canvas');
  g.fillStyle = '#fff';
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.setTransform(k, 0, 0, k, -b.x * k, -b.y * k);
  g.lineCap = g.lineJoin = 'round';
  g.textBaseline = 'middle';
  for (const m of marks) {
    const s = decodeStroke(m.ink);
    if (!s) continue;
    const f = figureOf(s, onBoard);
    g.fillStyle = g.strokeStyle = colourOf(s);
    g.globalAlpha = f?.opacity ?? 1;
    if (!f) {
      g.font = `${letterSize(s)}px system-ui, sans-serif`;
      g.fillText(m.text ?? '', ...onBoard(s.points[0] ?? [0, 0]));
    } else if (f.width) {
      g.lineWidth = f.width;
      g.stroke(new Path2D(f.d));
    } else g.fill(new Path2D(f.d));
  }
  return new Promise((done, fail) => canvas.toBlob((x) => (x ? done(x) : fail(new Error('canvas'))), 'image/png'));
}

export async function boardPdf(marks: readonly Mark[]): Promise<Blob> {
  const { PDFDocument } = await import('@cantoo/pdf-lib');
  const { putMarks } = await import('./inkpdf');
  const b = boundsOf(marks) ?? EMPTY;
  const k = Math.min(1, POINTS_MAX / b.w, POINTS_MAX / b.h);
  const doc = await PDFDocument.create();
  const page = doc.addPage([b.w * k, b.h * k]);
  await putMarks(doc, page, marks, [k, 0, 0, k, -b.x * k, (b.y + b.h) * k], onBoard);
  return new Blob([(await doc.save()) as BlobPart], { type: 'application/pdf' });
}
