/* boardstill — a whiteboard in a lesson: all of what was ever on it in view, what was there at the moment drawn. */

import { t } from '../i18n';
import type { Mark } from '../protocol/ink';
import { boundsOf, onBoard } from './boardview';
import { Marks } from './inklayer';

const NONE: never[] = [];

export function BoardStill({ all, marks }: { all: readonly Mark[]; marks: readonly Mark[] }) {
  const b = boundsOf(all) ?? { x: 0, y: 0, w: 1000, h: 562 };
  return (
    <div class="board-room">
      <div class="board">
        <svg class="ink-layer" viewBox={`${b.x} ${b.y} ${b.w} ${b.h}`} role="img" aria-label={t('board.marks', { count: marks.length })}>
          <Marks marks={marks} drawing={NONE} place={onBoard} />
        </svg>
      </div>
    </div>
  );
}
