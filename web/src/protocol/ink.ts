/* ink — marks on the pages of decks, and their short text: base64url of tool, colour, width and the points in
 * differences (server/rooms/ink.h). Pure. */

import type { RoomEvent } from './types';

export const TOOLS = ['pen', 'marker', 'line', 'arrow', 'box', 'ellipse', 'words'] as const;
export type Tool = (typeof TOOLS)[number];
/** By their number on the wire. */
export const COLOURS = ['#d32f2f', '#1565c0', '#1b7f3b', '#111111', '#f9a825', '#7b1fa2', '#ef6c00', '#ffffff'] as const;
export const XY_MAX = 4095;
export const POINTS_MAX = 400;
/** How far a board goes either way; XY_MAX + 1 are as wide as a page. */
export const BOARD_XY = 524_287;
const ON_BOARD = 128;

export type Dot = readonly [number, number];

export interface Stroke {
  tool: Tool;
  colour: number;
  /** Thousandths of the page's width. */
  width: number;
  /** 0 … XY_MAX of the page's width and height; on a board either way of 0. */
  points: readonly Dot[];
  board?: true;
}

export interface Mark {
  n: number;
  deck: number;
  page: number;
  by: string;
  ink: string;
  text?: string;
}

const zigzag = (v: number): number => (v < 0 ? -2 * v - 1 : 2 * v);
const unzigzag = (v: number): number => (v & 1 ? -(v + 1) / 2 : v / 2);

export function encodeStroke(s: Stroke): string {
  const bytes = [TOOLS.indexOf(s.tool) | (s.board ? ON_BOARD : 0), s.colour, s.width];
  const put = (v: number): void => {
    for (; v > 127; v >>= 7) bytes.push((v & 127) | 128);
    bytes.push(v);
  };
  s.points.forEach(([x, y], i) => {
    const before = s.points[i - 1] ?? (s.board ? [0, 0] : null);
    put(before ? zigzag(x - before[0]) : x);
    put(before ? zigzag(y - before[1]) : y);
  });
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Null for what is no mark of this version. */
export function decodeStroke(text: string): Stroke | null {
  let raw: string;
  try {
    raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  } catch {
    return null;
  }
  const bytes = [...raw].map((c) => c.charCodeAt(0));
  const isBoard = ((bytes[0] ?? 0) & ON_BOARD) !== 0;
  const tool = TOOLS[(bytes[0] ?? TOOLS.length) & ~ON_BOARD];
  if (!tool || bytes.length < 5) return null;
  const points: [number, number][] = [];
  let at = 3;
  const next = (): number => {
    for (let v = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      v |= (byte & 127) << shift;
      if (byte < 128 || shift > 14) return v;
    }
  };
  while (at < bytes.length && points.length < POINTS_MAX) {
    const before = points.at(-1) ?? (isBoard ? [0, 0] : null);
    const x = next();
    const y = next();
    points.push(before ? [before[0] + unzigzag(x), before[1] + unzigzag(y)] : [x, y]);
  }
  return { tool, colour: (bytes[1] ?? 0) % COLOURS.length, width: bytes[2] ?? 4, points, ...(isBoard ? { board: true as const } : {}) };
}

export const INK_CHANGES: Record<string, (marks: readonly Mark[], e: RoomEvent) => readonly Mark[]> = {
  ink: (marks, e) => [...marks, { n: e.seq, deck: e.n ?? 0, page: e.page ?? 0, by: e.by ?? '', ink: e.ink ?? '', ...(e.text ? { text: e.text } : {}) }],
  ink_dropped: (marks, e) => marks.filter((m) => m.n !== e.n),
  ink_cleared: (marks, e) => marks.filter((m) => m.deck !== e.n || m.page !== e.page || (e.who !== undefined && m.by !== e.who)),
  deck_dropped: (marks, e) => marks.filter((m) => m.deck !== e.n),
};

/** Fewer points for the same line: those nearer than `gap` to the last kept are left out, the last one stays. */
export function thinned(points: readonly Dot[], gap: number): Dot[] {
  const kept: Dot[] = [];
  points.forEach(([x, y], i) => {
    const before = kept.at(-1);
    if (!before || i === points.length - 1 || Math.hypot(x - before[0], y - before[1]) >= gap) kept.push([x, y]);
  });
  return kept;
}
