/* drawn — how high each slot of the view is drawn on this page, told to the server, so that it sends a size that
 * fits: soon after the last change, and only what differs. An empty slot is told as one that may need the best there
 * is, so that whoever comes into it is seen at once. */

import type { Slot } from '../protocol/types';

const SETTLE_MS = 250;
const BEST_PX = 16_384;

export interface DrawnSlot {
  mid: string;
  h: number;
}

export class Drawn {
  private readonly heights = new Map<string, number>();
  private readonly told = new Map<string, number>();
  private slots: readonly Slot[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (slots: DrawnSlot[]) => boolean) {}

  /** 0: no longer drawn. */
  set(mid: string, height: number): void {
    if (height > 0) this.heights.set(mid, Math.min(height, BEST_PX));
    else this.heights.delete(mid);
    this.later();
  }

  carries(slots: readonly Slot[]): void {
    this.slots = slots;
    this.later();
  }

  /** A new connection knows nothing yet. */
  forget(): void {
    this.told.clear();
    this.later();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SETTLE_MS);
  }

  private flush(): void {
    const changed: DrawnSlot[] = [];
    for (const s of this.slots) {
      if (s.paused) continue; /* the line is too thin for it: what was said holds, though nothing is drawn now */
      const h = s.who ? (this.heights.get(s.mid) ?? 0) : BEST_PX;
      if ((this.told.get(s.mid) ?? BEST_PX) !== h) changed.push({ mid: s.mid, h });
    }
    if (changed.length === 0 || !this.tell(changed)) return;
    for (const { mid, h } of changed) this.told.set(mid, h);
  }
}
