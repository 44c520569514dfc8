/* pdfpage — draws a page of a PDF by pdf.js, which is fetched when first needed. One document is kept open. */

import { getDocument, PDFWorker, type PDFDocumentProxy, type RenderTask } from 'pdfjs-dist/legacy/build/pdf.mjs';
import PdfWorker from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?worker';

/* Our own: one that pdf.js makes for a document ends with it, under the next one's feet. */
const worker = PDFWorker.create({ port: new PdfWorker() });

const PIECE_BYTES = 256 * 1024;
/* Beyond this nobody sees more, and old machines run out of memory. */
const SIDE_MAX_PX = 2560;

let open: { url: string; doc: Promise<PDFDocumentProxy> } | null = null;

function documentOf(url: string): Promise<PDFDocumentProxy> {
  if (open?.url === url) return open.doc;
  void open?.doc.then((d) => d.loadingTask.destroy(), () => undefined);
  const doc = getDocument({ url, worker, rangeChunkSize: PIECE_BYTES, disableAutoFetch: true, disableStream: true, enableXfa: false }).promise;
  open = { url, doc };
  doc.catch(() => (open?.doc === doc ? (open = null) : null));
  return doc;
}

/** A canvas with the page, as wide as so many CSS pixels; null when it is no longer wanted. */
export async function drawPage(url: string, number: number, width: number, stop: AbortSignal): Promise<HTMLCanvasElement | null> {
  const page = await (await documentOf(url)).getPage(number);
  const base = page.getViewport({ scale: 1 });
  const scale = Math.min((width * devicePixelRatio) / base.width, SIDE_MAX_PX / Math.max(base.width, base.height));
  const viewport = page.getViewport({ scale });
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(viewport.width);
  canvas.height = Math.round(viewport.height);
  if (stop.aborted) return null;
  const task: RenderTask = page.render({ canvas, viewport });
  stop.addEventListener('abort', () => task.cancel());
  await task.promise;
  return canvas;
}
