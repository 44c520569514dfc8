/* cuts — nothing comes any more. Asks the room's line whether it is gone too, has other paths looked for, and says that
 * picture and sound were cut off while the line still stands; of its own cut the line speaks itself. */

import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { t } from '../i18n';
import type { Peer, PeerState } from '../media/peer';
import { Silence } from '../media/silence';
import { countsOf, Unheard } from '../media/unheard';
import type { Viewer } from '../media/view';
import type { Line } from '../protocol/socket';
import { say } from './notices';

const TICK_MS = 250;
/* Statistics are looked at every other time, and of the view only while nothing is seen or heard: they cost. */
const LOOK_EVERY = 2;
const QUIET_MS = 500;

export interface CutsParts {
  viewer: Viewer;
  publisher: Peer;
  wire: Line;
  states: readonly ReadonlySignal<PeerState>[];
  /** Look for paths again. */
  again(): void;
}

export class Cuts {
  private readonly viewUnheard = signal(false);
  private readonly publishUnheard = signal(false);
  private readonly view = new Unheard();
  private readonly publish = new Unheard();
  private readonly silence: Silence;
  private timer: ReturnType<typeof setInterval> | undefined;
  private ticks = 0;
  private looking = false;
  private told = false;
  private stopTelling = (): void => undefined;
  /** Picture and sound do not come, or do not go. */
  readonly media = computed(() => this.viewUnheard.value || this.publishUnheard.value || this.parts.states.some((s) => s.value === 'broken'));

  constructor(private readonly parts: CutsParts) {
    this.silence = new Silence({
      silentMs: () => parts.viewer.silentMs(),
      ask: (dead) => parts.wire.doubt(dead),
      again: () => parts.again(),
    });
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.stopTelling = this.media.subscribe((on) => this.tell(on));
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopTelling();
  }

  private tick(): void {
    this.silence.tick();
    if (++this.ticks % LOOK_EVERY === 0 && !this.looking) void this.look();
  }

  private async look(): Promise<void> {
    this.looking = true;
    const { viewer, publisher } = this.parts;
    try {
      await this.lookAt(viewer.silentMs() < QUIET_MS ? null : viewer, this.view, this.viewUnheard);
      await this.lookAt(publisher, this.publish, this.publishUnheard);
    } finally {
      this.looking = false;
    }
  }

  private async lookAt(peer: Peer | null, unheard: Unheard, is: Signal<boolean>): Promise<void> {
    const pc = peer?.connection;
    const report = pc?.connectionState === 'connected' ? await pc.getStats().catch(() => null) : null;
    const stats: { type: string; id: string }[] = [];
    report?.forEach((s: { type: string; id: string }) => stats.push(s));
    const now = unheard.look(performance.now(), countsOf(stats));
    if (now === is.peek()) return;
    is.value = now;
    if (now) this.parts.wire.doubt();
  }

  /** A cut is heard of once, and its end only by who heard of it. */
  private tell(on: boolean): void {
    if (on === this.told || (on && !this.parts.wire.isLive())) return;
    this.told = on;
    say(t(on ? 'line.media' : 'line.mediaBack'), true);
  }
}
