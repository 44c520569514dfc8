/* inkpath — the shape of a mark as one path, for the screen, a picture and a PDF alike: strokes with the swell of a pen
 * (perfect-freehand), lines, boxes. Pure. */

import { getStroke } from 'perfect-freehand';
import { COLOURS, XY_MAX, type Dot, type Stroke } from '../protocol/ink';

/* A page is so many units wide, its height follows from its shape; widths of lines are these units. */
export const WIDE = 1000;

/** Points of a page so high. */
export const onPage = (high: number) => ([x, y]: Dot): Dot => [(x / XY_MAX) * WIDE, (y / XY_MAX) * high];

export interface Figure {
  d: string;
  colour: string;
  /** Of the line; 0: the path is filled. */
  width: number;
  opacity: number;
}

/* Of letters, in widths of the line. */
const LETTER = 6;
export const letterSize = (s: Stroke): number => s.width * LETTER;
export const colourOf = (s: Stroke): string => COLOURS[s.colour] ?? COLOURS[0];

function outline(points: readonly Dot[], width: number, isMarker: boolean): string {
  const edge = getStroke(points.map(([x, y]) => [x, y]), {
    size: width, thinning: isMarker ? 0 : 0.5, smoothing: 0.6, streamline: 0.4, simulatePressure: !isMarker,
  });
  const first = edge[0];
  if (!first) return '';
  const parts = [`M${first[0]?.toFixed(1)} ${first[1]?.toFixed(1)}Q`];
  edge.forEach(([x = 0, y = 0], i) => {
    const [nx = 0, ny = 0] = edge[(i + 1) % edge.length] ?? [];
    parts.push(`${x.toFixed(1)} ${y.toFixed(1)} ${((x + nx) / 2).toFixed(1)} ${((y + ny) / 2).toFixed(1)} `);
  });
  return `${parts.join('')}Z`;
}

const point = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

function arrowHead([x1, y1]: Dot, [x2, y2]: Dot, width: number): string {
  const angle = Math.atan2(y2 - y1, x2 - x1) + Math.PI;
  const wing = (turn: number): string => point(x2 + Math.cos(angle + turn) * width * 4, y2 + Math.sin(angle + turn) * width * 4);
  return `M${wing(0.5)}L${point(x2, y2)}L${wing(-0.5)}`;
}

function ellipse([x1, y1]: Dot, [x2, y2]: Dot): string {
  const radii = point(Math.max(0.1, Math.abs(x2 - x1) / 2), Math.max(0.1, Math.abs(y2 - y1) / 2));
  const middle = (y1 + y2) / 2;
  return `M${point(x1, middle)}A${radii} 0 1 0 ${point(x2, middle)}A${radii} 0 1 0 ${point(x1, middle)}Z`;
}

/** `place` brings the points of a mark into units. Null for words, which are no path, and for nothing. */
export function figureOf(s: Stroke, place: (dot: Dot) => Dot): Figure | null {
  const at = s.points.map(place);
  const [a, b = a] = at;
  if (!a || !b || s.tool === 'words') return null;
  const colour = colourOf(s);
  const line = (d: string): Figure => ({ d, colour, width: s.width, opacity: 1 });
  switch (s.tool) {
    case 'pen':
      return { d: outline(at, s.width * 1.6, false), colour, width: 0, opacity: 1 };
    case 'marker':
      return { d: outline(at, s.width * 4, true), colour, width: 0, opacity: 0.4 };
    case 'line':
      return line(`M${point(...a)}L${point(...b)}`);
    case 'arrow':
      return line(`M${point(...a)}L${point(...b)}${arrowHead(a, b, s.width)}`);
    case 'box':
      return line(`M${point(...a)}L${point(b[0], a[1])}L${point(...b)}L${point(a[0], b[1])}Z`);
    case 'ellipse':
      return line(ellipse(a, b));
  }
}
