/* drawn — how high each slot of the view is drawn on this page, told to the server, so that it sends a size that
 * fits: soon after the last change, what is much larger at once, and only what differs. An empty slot is told as one that
 * may need the best there is, so that whoever comes into it is seen at once.
 *
 * A slot changes hands between tiles: the new one may have measured itself before the old one is told that it is gone
 * (effects of what left the page end after the next paint). So each who draws speaks for himself. */

import type { Slot } from '../protocol/types';

const SETTLE_MS = 250;
/* What grows so much is waited for: a larger size may have to be made first. */
const GROWN = 1.5;
const GROWN_MS = 30;
const BEST_PX = 16_384;

export interface DrawnSlot {
  mid: string;
  h: number;
}

export class Drawn {
  private readonly heights = new Map<string, Map<object, number>>();
  private readonly told = new Map<string, number>();
  private slots: readonly Slot[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private growth: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (slots: DrawnSlot[]) => boolean) {}

  /** Says for one who draws this slot how high, 0: no longer. */
  by(mid: string): (height: number) => void {
    const one = {};
    return (height) => this.set(mid, height, one);
  }

  private set(mid: string, height: number, one: object): void {
    const those = this.heights.get(mid) ?? new Map<object, number>();
    if (height > 0) this.heights.set(mid, those.set(one, Math.min(height, BEST_PX)));
    else if (those.delete(one) && those.size === 0) this.heights.delete(mid);
    if (this.grew(mid, height)) this.soon();
    this.later();
  }

  private height(mid: string): number {
    return Math.max(0, ...(this.heights.get(mid)?.values() ?? []));
  }

  private grew(mid: string, height: number): boolean {
    const told = this.told.get(mid) ?? BEST_PX;
    return told > 0 && height >= told * GROWN;
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
    clearTimeout(this.growth);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(() => true), SETTLE_MS);
  }

  /** Not put off by what changes meanwhile. */
  private soon(): void {
    this.growth ??= setTimeout(() => {
      this.growth = undefined;
      this.flush((mid, h) => this.grew(mid, h)); /* the rest may be on its way to another size */
    }, GROWN_MS);
  }

  private flush(which: (mid: string, h: number) => boolean): void {
    const changed: DrawnSlot[] = [];
    for (const s of this.slots) {
      if (s.paused) continue; /* the line is too thin for it: what was said holds, though nothing is drawn now */
      const h = s.who ? this.height(s.mid) : BEST_PX;
      if ((this.told.get(s.mid) ?? BEST_PX) !== h && which(s.mid, h)) changed.push({ mid: s.mid, h });
    }
    if (changed.length === 0 || !this.tell(changed)) return;
    for (const { mid, h } of changed) this.told.set(mid, h);
  }
}
