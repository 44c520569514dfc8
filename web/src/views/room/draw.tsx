/* draw — pen, marker, shapes, words, eraser and laser for who may; and what lies over a page of slides. */

import { useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { COLOURS, TOOLS, XY_MAX, type Dot } from '../../protocol/ink';
import { InkLayer } from '../../widgets/inklayer';
import { useLive } from './context';
import { useHand, type Pen } from './hand';
import { Pointers } from './pointers';

/* Of XY_MAX: about a pixel and a half of a page on a screen. */
const GAP = 6;
export const FIRST_PEN: Pen = { tool: 'pen', colour: 0, width: 4, words: '' };
const WIDTHS = [2, 4, 8, 16] as const;
const HANDS = [...TOOLS, 'eraser', 'laser'] as const;

export function Tools({ pen, onPick, deck, page }: { pen: Pen; onPick: (p: Pen) => void; deck: number; page: number }) {
  const live = useLive();
  const mine = live.ink.value.filter((m) => m.deck === deck && m.page === page && m.by === live.me.value.id);
  const last = mine.at(-1);
  const isDrawn = pen.tool !== 'eraser' && pen.tool !== 'laser';
  return (
    <div class="ink-tools" role="toolbar" aria-label={t('ink.tools')}>
      <select class="input" aria-label={t('ink.tool')} value={pen.tool}
        onChange={(e) => onPick({ ...pen, tool: e.currentTarget.value as Pen['tool'] })}>
        {HANDS.map((x) => <option key={x} value={x}>{t(`ink.tool.${x}`)}</option>)}
      </select>
      <select class="input" disabled={!isDrawn} aria-label={t('ink.colour')} value={String(pen.colour)}
        onChange={(e) => onPick({ ...pen, colour: Number(e.currentTarget.value) })}>
        {COLOURS.map((_, i) => <option key={i} value={String(i)}>{t(`ink.colour.${String(i) as '0'}`)}</option>)}
      </select>
      <select class="input" disabled={!isDrawn} aria-label={t('ink.width')} value={String(pen.width)}
        onChange={(e) => onPick({ ...pen, width: Number(e.currentTarget.value) })}>
        {WIDTHS.map((w, i) => <option key={w} value={String(w)}>{t(`ink.width.${String(i) as '0'}`)}</option>)}
      </select>
      {pen.tool === 'words' && (
        <input class="input" aria-label={t('ink.words')} placeholder={t('ink.words')} maxLength={200} value={pen.words}
          onInput={(e) => onPick({ ...pen, words: e.currentTarget.value })} />
      )}
      <button type="button" class="btn quiet" disabled={!last} onClick={() => last && void live.command('ink_drop', { n: last.n })}>{t('ink.undo')}</button>
      <button type="button" class="btn quiet" onClick={() => void live.command('ink_clear', { n: deck, page })}>{t('ink.clear')}</button>
    </div>
  );
}

/** What lies over the page: all marks of it, the hand of who draws, and where somebody points. */
export function Drawing({ deck, page, pen, shape }: { deck: number; page: number; pen: Pen | null; shape: { w: number; h: number } }) {
  const live = useLive();
  const marks = live.ink.value.filter((m) => m.deck === deck && m.page === page);
  const box = useRef<HTMLDivElement>(null);
  const at = (e: PointerEvent): Dot => {
    const r = box.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    const part = (v: number): number => Math.round(Math.min(1, Math.max(0, v)) * XY_MAX);
    return [part((e.clientX - r.left) / r.width), part((e.clientY - r.top) / r.height)];
  };
  const hand = useHand(live, pen, { deck, page, marks, gap: GAP, at });
  return (
    <div ref={box} class={pen ? 'ink-hand' : 'ink-still'} {...hand.on}>
      <InkLayer marks={marks} drawing={hand.drawing} shape={shape} />
      <Pointers deck={deck} page={page} place={([x, y]) => [(x / XY_MAX) * 100, (y / XY_MAX) * 100]} />
    </div>
  );
}
