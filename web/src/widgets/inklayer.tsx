/* inklayer — marks drawn over a page. */

import { decodeStroke, type Dot, type Mark, type Stroke } from '../protocol/ink';
import { colourOf, figureOf, letterSize, onPage, WIDE } from './inkpath';
import { memo } from './memo';

function Shape({ stroke, text, place }: { stroke: Stroke; text: string; place: (dot: Dot) => Dot }) {
  const f = figureOf(stroke, place);
  if (f) {
    return f.width
      ? <path d={f.d} fill="none" stroke={f.colour} stroke-width={f.width} stroke-linecap="round" stroke-linejoin="round" />
      : <path d={f.d} fill={f.colour} opacity={f.opacity} />;
  }
  const [x, y] = place(stroke.points[0] ?? [0, 0]);
  return text ? <text x={x} y={y} fill={colourOf(stroke)} font-size={letterSize(stroke)} dominant-baseline="middle">{text}</text> : null;
}

const Drawn = memo(({ mark, place }: { mark: Mark; place: (dot: Dot) => Dot }) => {
  const stroke = decodeStroke(mark.ink);
  return stroke ? <g data-mark={mark.n} data-tool={stroke.tool}><Shape stroke={stroke} text={mark.text ?? ''} place={place} /></g> : null;
});

/** What is in an SVG of the units that `place` brings points to. */
export function Marks({ marks, drawing, place }: { marks: readonly Mark[]; drawing: readonly Stroke[]; place: (dot: Dot) => Dot }) {
  return (
    <>
      {marks.map((m) => <Drawn key={m.n} mark={m} place={place} />)}
      {drawing.map((s, i) => <Shape key={i} stroke={s} text="" place={place} />)}
    </>
  );
}

const NONE: readonly Stroke[] = [];
const places = new Map<number, (dot: Dot) => Dot>();

/* One function a height, so that what is drawn is not drawn anew. */
function placeOf(high: number): (dot: Dot) => Dot {
  const known = places.get(high) ?? onPage(high);
  places.set(high, known);
  return known;
}

export function InkLayer({ marks, drawing = NONE, shape }: { marks: readonly Mark[]; drawing?: readonly Stroke[]; shape: { w: number; h: number } }) {
  const high = (WIDE * shape.h) / shape.w;
  return (
    <svg class="ink-layer" viewBox={`0 0 ${WIDE} ${high}`} aria-hidden="true">
      <Marks marks={marks} drawing={drawing} place={placeOf(high)} />
    </svg>
  );
}
