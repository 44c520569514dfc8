/* board — a whiteboard: one endless page, looked at through a window that moves and grows. Everybody's window is his
 * own; what is drawn is everybody's. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { BOARD_XY, type Dot, type Mark } from '../../protocol/ink';
import { BOARD_WIDE, boundsOf, onBoard, type View } from '../../widgets/boardview';
import { Marks } from '../../widgets/inklayer';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';
import { useHand, type Pen } from './hand';
import { Pointers } from './pointers';

/* How wide the window may be, in units (a page is 1000). */
const WIDEST = 40_000;
const NARROWEST = 50;
/* How near two points of a line may be, in pixels. */
const GAP_PX = 1.5;
const HOME: View = { x: 0, y: 0, w: BOARD_WIDE };

interface Fingers {
  at: Map<number, readonly [number, number]>;
}

/** The window after it grew by `factor` around a place of it, in parts. */
const grown = (v: View, factor: number, [px, py]: readonly [number, number], shape: number): View => {
  const w = Math.min(WIDEST, Math.max(NARROWEST, v.w * factor));
  return { x: v.x + (v.w - w) * px, y: v.y + (v.w - w) * shape * py, w };
};

export function Board({ deck, pen }: { deck: number; pen: Pen | null }) {
  const live = useLive();
  const marks = live.ink.value.filter((m: Mark) => m.deck === deck);
  const box = useRef<HTMLDivElement>(null);
  const fingers = useRef<Fingers>({ at: new Map() });
  const [view, setView] = useState<View>(HOME);
  const [size, setSize] = useState({ width: 1600, height: 900 });
  const shape = size.height / size.width;

  useEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const watch = new ResizeObserver(() => setSize({ width: Math.max(1, el.clientWidth), height: Math.max(1, el.clientHeight) }));
    watch.observe(el);
    const wheel = (e: WheelEvent): void => {
      e.preventDefault();
      const r = el.getBoundingClientRect();
      const part = [(e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height] as const;
      setView((v) => (e.ctrlKey || e.metaKey
        ? grown(v, Math.exp(e.deltaY / 300), part, r.height / r.width)
        : { ...v, x: v.x + (e.deltaX * v.w) / r.width, y: v.y + (e.deltaY * v.w) / r.width }));
    };
    el.addEventListener('wheel', wheel, { passive: false });
    return () => {
      watch.disconnect();
      el.removeEventListener('wheel', wheel);
    };
  }, []);

  const at = (e: PointerEvent): Dot => {
    const r = box.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    const to = (v: number): number => Math.round(Math.max(-BOARD_XY, Math.min(BOARD_XY, (v / BOARD_WIDE) * 4096)));
    return [to(view.x + ((e.clientX - r.left) / r.width) * view.w), to(view.y + ((e.clientY - r.top) / r.width) * view.w)];
  };
  const gap = Math.max(1, (GAP_PX * view.w * 4096) / BOARD_WIDE / size.width);
  const hand = useHand(live, pen, { deck, page: 1, marks, gap, at, isBoard: true });

  /* Without a pen one finger moves the window, with one two do. */
  const moves = (): boolean => !pen || fingers.current.at.size > 1;
  const down = (e: PointerEvent): void => {
    fingers.current.at.set(e.pointerId, [e.clientX, e.clientY]);
    if (!moves()) return hand.on.onPointerDown(e);
    hand.cancel();
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
  };
  const move = (e: PointerEvent): void => {
    const before = fingers.current.at.get(e.pointerId);
    if (!before || !moves()) return hand.on.onPointerMove(e);
    const el = box.current?.getBoundingClientRect();
    const other = [...fingers.current.at].find(([id]) => id !== e.pointerId)?.[1];
    const now = [e.clientX, e.clientY] as const;
    fingers.current.at.set(e.pointerId, now);
    if (!el) return;
    const share = other ? 0.5 : 1;
    setView((v) => {
      const moved = { ...v, x: v.x - ((now[0] - before[0]) * share * v.w) / el.width, y: v.y - ((now[1] - before[1]) * share * v.w) / el.width };
      if (!other) return moved;
      const span = (p: readonly [number, number]): number => Math.max(20, Math.hypot(p[0] - other[0], p[1] - other[1]));
      const middle = [((now[0] + other[0]) / 2 - el.left) / el.width, ((now[1] + other[1]) / 2 - el.top) / el.height] as const;
      return grown(moved, span(before) / span(now), middle, el.height / el.width);
    });
  };
  const up = (e: PointerEvent): void => {
    const moved = moves();
    fingers.current.at.delete(e.pointerId);
    if (!moved) hand.on.onPointerUp(e);
  };
  const zoom = (factor: number): void => setView((v) => grown(v, factor, [0.5, 0.5], shape));
  const fit = (): void => {
    const b = boundsOf(marks);
    if (!b) return setView(HOME);
    const w = Math.min(WIDEST, Math.max(NARROWEST, b.w, b.h / shape));
    setView({ x: b.x + b.w / 2 - w / 2, y: b.y + b.h / 2 - (w * shape) / 2, w });
  };
  const place = ([x, y]: Dot): readonly [number, number] => {
    const [ux, uy] = onBoard([x, y]);
    return [((ux - view.x) / view.w) * 100, ((uy - view.y) / (view.w * shape)) * 100];
  };
  return (
    <div class="board-room">
      <div ref={box} class={pen ? 'board ink-hand' : 'board board-still'} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up}
        onPointerLeave={hand.on.onPointerLeave}>
        <svg class="ink-layer" viewBox={`${view.x} ${view.y} ${view.w} ${view.w * shape}`} role="img" aria-label={t('board.marks', { count: marks.length })}>
          <Marks marks={marks} drawing={hand.drawing} place={onBoard} />
        </svg>
        <Pointers deck={deck} page={1} place={place} />
      </div>
      <div class="board-zoom" role="group" aria-label={t('board.view')}>
        <button type="button" class="btn quiet icon-only" aria-label={t('board.in')} onClick={() => zoom(0.8)}><Icon name="plus" /></button>
        <button type="button" class="btn quiet icon-only" aria-label={t('board.out')} onClick={() => zoom(1.25)}><Icon name="minus" /></button>
        <button type="button" class="btn quiet icon-only" aria-label={t('board.fit')} onClick={fit}><Icon name="full" /></button>
      </div>
    </div>
  );
}
