/* away — knows when this person was in the room last, on this device: the line may be lost, and phones end pages that
 * sleep. Back again, it says what was missed. */

import { signal } from '@preact/signals';
import { type Missed, missedOf, type Seen } from '../protocol/missed';
import { recall, remember } from './prefs';

const KEY = 'seen';
const SEEN_EVERY_MS = 10_000;

function lastSeen(): Seen | null {
  try {
    const s = JSON.parse(recall(KEY) ?? 'null') as Seen | null;
    return s && typeof s.room === 'string' && Number.isFinite(s.at) ? s : null;
  } catch {
    return null;
  }
}

export class Away {
  readonly missed = signal<Missed | null>(null);
  private room = '';
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly now: () => number) {}

  /** In the room, for the first time or again. */
  here(room: string, recordedFrom: number): void {
    this.missed.value = missedOf(lastSeen(), room, this.now(), recordedFrom) ?? this.missed.peek();
    this.room = room;
    this.see();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.see(), SEEN_EVERY_MS);
  }

  gone(): void {
    clearInterval(this.timer);
  }

  forget(): void {
    this.missed.value = null;
  }

  private see(): void {
    remember(KEY, JSON.stringify({ room: this.room, at: this.now() }));
  }
}
