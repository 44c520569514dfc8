/* boardview — the plane of a whiteboard: units as on a page (1000 are its width), and how much of it is drawn on. Pure. */

import { decodeStroke, XY_MAX, type Dot, type Mark } from '../protocol/ink';
import { letterSize, WIDE } from './inkpath';

export const BOARD_WIDE = WIDE;

/** A window: its upper left corner and how wide it is; it is as high as its shape makes it. */
export interface View {
  x: number;
  y: number;
  w: number;
}

export interface Bounds extends View {
  h: number;
}

export const onBoard = ([x, y]: Dot): Dot => [(x * BOARD_WIDE) / (XY_MAX + 1), (y * BOARD_WIDE) / (XY_MAX + 1)];

/* Around what is drawn. */
const MARGIN = 40;

/** What is drawn on, with a margin; null: nothing. */
export function boundsOf(marks: readonly Mark[]): Bounds | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const m of marks) {
    const s = decodeStroke(m.ink);
    for (const [x, y] of s?.points.map(onBoard) ?? []) {
      const wide = s?.tool === 'words' ? (m.text ?? '').length * letterSize(s) * 0.7 : 0;
      left = Math.min(left, x);
      right = Math.max(right, x + wide);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  if (left > right) return null;
  return { x: left - MARGIN, y: top - MARGIN, w: right - left + 2 * MARGIN, h: bottom - top + 2 * MARGIN };
}
