/* cinema — the video that all in a room watch: what is shown, at which second, whether this page waits for more of it,
 * and, for hosts, for how many it has to wait. */

import { computed, signal } from '@preact/signals';
import { shownClip, whereAt, type Film } from '../protocol/film';
import type { Live } from './live';

/* A moment of waiting is nobody's business, and who wavers is not told of every time. */
const STALL_AFTER_MS = 700;
const STALL_EVERY_MS = 3_000;

export class Cinema {
  readonly film = computed<Film>(() => this.live.room.value.film);
  readonly clip = computed(() => shownClip(this.film.value));
  /** For who moderates. */
  readonly stalls = signal(0);
  /** null: nobody knows what the server knows. */
  private told: boolean | null = false;
  private since = 0;
  private toldAt = -Infinity;

  constructor(private readonly live: Live) {}

  want(): { s: number; plays: boolean; rate: number } {
    return whereAt(this.film.peek(), this.live.serverNow());
  }

  /** Several times a second: whether this page has to wait for more of it now. */
  waits(waiting: boolean, now = performance.now()): void {
    if (!waiting) this.since = 0;
    else this.since ||= now;
    const stalled = this.since > 0 && now - this.since >= STALL_AFTER_MS;
    if (stalled === this.told || (stalled && now - this.toldAt < STALL_EVERY_MS)) return;
    if (!this.live.tell('stall', { on: stalled })) return;
    this.told = stalled;
    this.toldAt = now;
  }

  /** The line is a new one: what was said on the old one, and what it would have brought, nobody knows. */
  anew(): void {
    this.told = null;
    this.toldAt = -Infinity;
    this.stalls.value = 0;
  }

  private set(fields: { on: boolean; position: number; rate?: number }): Promise<boolean> {
    const f = this.film.peek();
    const length = this.clip.peek()?.length ?? 0;
    const position = Math.max(0, Math.min(length, Math.round(fields.position * 1000)));
    return this.live.command('video', { n: f.shown, rate: f.rate, ...fields, position });
  }

  play(): void {
    const { s } = this.want();
    const length = (this.clip.peek()?.length ?? 0) / 1000;
    void this.set({ on: true, position: s >= length - 0.1 ? 0 : s });
  }

  pause(): void {
    void this.set({ on: false, position: this.want().s });
  }

  seek(s: number): void {
    void this.set({ on: this.want().plays, position: s });
  }

  speed(rate: number): void {
    const { s, plays } = this.want();
    void this.set({ on: plays, position: s, rate });
  }

  stop(): void {
    void this.live.command('video', { n: 0, on: false, position: 0 });
  }

  show(n: number): Promise<boolean> {
    return this.live.command('video', { n, on: true, position: 0 });
  }
}
