/* slide — one page of a deck: a small picture at once, then the large one, then what pdf.js draws of it; and what is
 * written there, for who cannot see it. For the room and for its lesson. */

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import '../styles/slides.css';

interface Page {
  w: number;
  h: number;
  text: string;
}

const SETTLE_MS = 300;
const WIDE = { w: 960, h: 540, text: '' };
const kept = new Map<string, Promise<Page[]>>();

function pagesOf(base: string): Promise<Page[]> {
  const known = kept.get(base);
  if (known) return known;
  const loading = fetch(`${base}.json`, { credentials: 'same-origin' })
    .then((r) => (r.ok ? (r.json() as Promise<{ pages: Page[] }>) : Promise.reject(new Error('slides'))))
    .then((doc) => doc.pages);
  kept.set(base, loading);
  loading.catch(() => kept.delete(base));
  return loading;
}

export const slideBase = (event: string, file: string): string =>
  `/media/${encodeURIComponent(event)}/slides/${encodeURIComponent(file)}`;
const number = (page: number): string => String(page).padStart(3, '0');
export const smallPicture = (base: string, page: number): string => `${base}-t${number(page)}.jpg`;
export const largePicture = (base: string, page: number): string => `${base}-p${number(page)}.jpg`;

/** The largest box of the page's shape in the room there is. */
function useBox(shape: { w: number; h: number }) {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const el = ref.current;
    if (!el) return undefined;
    const measure = (): void => {
      const scale = Math.min(el.clientWidth / shape.w, el.clientHeight / shape.h);
      setSize({ width: Math.floor(shape.w * scale), height: Math.floor(shape.h * scale) });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => watch.disconnect();
  }, [shape.w, shape.h]);
  return { ref, size };
}

/** Replaces the picture by a sharp drawing once the page has stayed a moment. A failure leaves the picture. */
function useDrawing(url: string | null, page: number, width: number) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = holder.current;
    at?.replaceChildren();
    if (!url || !at || width < 1) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      import('./pdfpage')
        .then(({ drawPage }) => drawPage(url, page, width, stop.signal))
        .then((canvas) => canvas && !stop.signal.aborted && at.replaceChildren(canvas))
        .catch(() => undefined);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [url, page, width]);
  return holder;
}

export function Slide(p: { base: string; page: number; pages: number; sharp: boolean; children?: (shape: { w: number; h: number }) => ComponentChildren }) {
  const [pages, setPages] = useState<Page[]>([]);
  useEffect(() => {
    let wanted = true;
    setPages([]);
    pagesOf(p.base).then((list) => wanted && setPages(list), () => undefined);
    return () => void (wanted = false);
  }, [p.base]);
  const here = pages[p.page - 1] ?? pages[0] ?? WIDE;
  const { ref, size } = useBox(here);
  const drawing = useDrawing(p.sharp ? `${p.base}.pdf` : null, p.page, size.width);
  const text = pages[p.page - 1]?.text ?? '';
  return (
    <div class="slide-room" ref={ref}>
      <div class="slide-page" data-page={p.page} style={`width:${size.width}px;height:${size.height}px`}>
        <img class="slide-small" src={smallPicture(p.base, p.page)} alt="" />
        <img key={p.page} class="slide-large" src={largePicture(p.base, p.page)} alt={t('slides.page', { page: p.page, pages: p.pages })} />
        <div class="slide-sharp" ref={drawing} aria-hidden="true" />
        {p.children?.(here)}
      </div>
      {text && <p class="hidden-text slide-text">{text}</p>}
    </div>
  );
}
