/* hand — what a pointer does over a page: strokes while it is down, words, the eraser, the laser. What is drawn goes to
 * the room when the pen is lifted, and is shown meanwhile until the room has it. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { encodeStroke, POINTS_MAX, thinned, type Dot, type Mark, type Stroke, type Tool } from '../../protocol/ink';
import type { Live } from '../../state/live';

export type Pen = { tool: Tool | 'eraser' | 'laser'; colour: number; width: number; words: string };

/** Where one draws: the place of an event on it, and how near two points of a line may be. */
export interface Sheet {
  deck: number;
  page: number;
  marks: readonly Mark[];
  gap: number;
  at: (e: PointerEvent) => Dot;
  isBoard?: boolean;
}

const boardOf = (sheet: Sheet): Pick<Stroke, 'board'> => (sheet.isBoard ? { board: true } : {});

/* How near the eraser must come, in pixels. */
const REACH = 8;
const LASER_MS = 100;
const isFree = (tool: Pen['tool']): boolean => tool === 'pen' || tool === 'marker';

/** The laser's place goes out at most so often, the last one always. */
function useLaser(live: Live, sheet: Sheet) {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const next = useRef<Dot | null>(null);
  const isOn = useRef(false);
  const { deck, page } = sheet;
  const tell = (): void => {
    const dot = next.current;
    isOn.current = dot !== null;
    next.current = null;
    live.tell('point', { n: deck, page, ...(dot && { ink: encodeStroke({ tool: 'pen', colour: 0, width: 4, points: [dot], ...boardOf(sheet) }) }) });
  };
  const due = (): void => {
    timer.current = null;
    if (!next.current) return;
    tell();
    timer.current = setTimeout(due, LASER_MS);
  };
  const off = (): void => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
    next.current = null;
    if (isOn.current) tell();
  };
  useEffect(() => off, [deck, page]);
  return {
    off,
    to: (dot: Dot) => {
      next.current = dot;
      if (timer.current === null) due();
    },
  };
}

export function useHand(live: Live, pen: Pen | null, sheet: Sheet) {
  const { deck, page, marks, gap, at } = sheet;
  const points = useRef<Dot[]>([]);
  const erased = useRef<Set<number> | null>(null);
  const [now, setNow] = useState<Stroke | null>(null);
  const [sent, setSent] = useState<readonly Stroke[]>([]);
  const laser = useLaser(live, sheet);

  const strokeOf = (p: Pen): Stroke => ({ tool: p.tool as Tool, colour: p.colour, width: p.width, points: points.current, ...boardOf(sheet) });
  const tell = async (s: Stroke, text?: string): Promise<void> => {
    setSent((all) => [...all, s]);
    await live.command('ink', { n: deck, page, ink: encodeStroke(s), ...(text ? { text } : {}) });
    setSent((all) => all.filter((x) => x !== s));
  };
  const erase = (e: PointerEvent): void => {
    for (const [dx, dy] of [[0, 0], [REACH, 0], [-REACH, 0], [0, REACH], [0, -REACH]] as const) {
      const hit = document.elementsFromPoint(e.clientX + dx, e.clientY + dy).map((x) => x.closest('[data-mark]')).find(Boolean);
      const n = Number(hit?.getAttribute('data-mark') ?? 0);
      const mark = marks.find((m) => m.n === n);
      if (!mark || erased.current?.has(n) || (mark.by !== live.me.peek().id && !live.can.peek().moderate)) continue;
      erased.current?.add(n);
      void live.command('ink_drop', { n });
      return;
    }
  };
  const lift = (p: Pen): void => {
    const s = strokeOf(p);
    points.current = [];
    setNow(null);
    if (s.points.length > 0) void tell({ ...s, points: s.points.slice(0, POINTS_MAX) });
  };

  const down = (e: PointerEvent): void => {
    if (!pen || e.button !== 0) return;
    e.preventDefault();
    if (pen.tool === 'words') {
      const text = pen.words.trim();
      if (text) void tell({ tool: 'words', colour: pen.colour, width: pen.width, points: [at(e)], ...boardOf(sheet) }, text);
      return;
    }
    (e.currentTarget as Element).setPointerCapture(e.pointerId);
    if (pen.tool === 'laser') return laser.to(at(e));
    if (pen.tool === 'eraser') {
      erased.current = new Set();
      return erase(e);
    }
    const dot = at(e);
    points.current = isFree(pen.tool) ? [dot] : [dot, dot];
    setNow(strokeOf(pen));
  };
  const move = (e: PointerEvent): void => {
    if (!pen) return;
    if (pen.tool === 'laser') return laser.to(at(e));
    if (pen.tool === 'eraser') {
      if (erased.current) erase(e);
      return;
    }
    const [first] = points.current;
    if (!first) return;
    if (isFree(pen.tool)) {
      for (const c of e.getCoalescedEvents?.() ?? [e]) points.current.push(at(c));
      points.current = thinned(points.current, gap);
    } else points.current = [first, at(e)];
    const last = points.current.at(-1);
    if (last && points.current.length >= POINTS_MAX) {
      lift(pen); // a stroke longer than one may be goes on as the next
      points.current = [last];
    }
    setNow(strokeOf(pen));
  };
  const up = (e: PointerEvent): void => {
    erased.current = null;
    if (pen?.tool === 'laser' && e.pointerType !== 'mouse') laser.off();
    else if (pen && points.current.length > 0) lift(pen);
  };
  /** What was begun is not meant: a second finger came. */
  const cancel = (): void => {
    points.current = [];
    erased.current = null;
    setNow(null);
  };
  return {
    cancel,
    drawing: now ? [...sent, now] : sent,
    on: { onPointerDown: down, onPointerMove: move, onPointerUp: up, onPointerCancel: up, onPointerLeave: laser.off },
  };
}
