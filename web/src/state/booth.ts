/* booth — which channel of interpreters this person hears, and how loud the room stays behind it; and, for who
 * interprets, what the page needs to know. The choice is kept on the device. */

import { computed, signal } from '@preact/signals';
import { channelOf, interpreterOf, type Listening } from '../protocol/channels';
import type { Live } from './live';
import { recall, remember } from './prefs';

const FLOOR_PERCENT = 20;

function firstFloor(): number {
  const kept = Number(recall('floor') ?? FLOOR_PERCENT);
  return kept >= 0 && kept <= 100 ? kept : FLOOR_PERCENT;
}

export class Booth {
  /** The language to hear, "" = the room. */
  readonly choice = signal(recall('hear') ?? '');
  /** How loud the room is behind an interpreter, in per cent. */
  readonly floor = signal(firstFloor());
  readonly listening = signal<Listening | null>(null);
  readonly isShown = signal(false);
  readonly channels = computed(() => this.live.room.value.channels);
  /** The chosen language, while the room has it. */
  readonly lang = computed(() => channelOf(this.channels.value, this.choice.value)?.lang ?? '');
  /** What this person interprets into. */
  readonly own = computed(() => interpreterOf(this.channels.value, this.live.me.value.id)?.langs ?? []);
  readonly interprets = computed(() => this.own.value.length > 0);
  /** The place among the sounds on which the interpreter is; -1: nobody interprets. */
  private readonly place = computed(() => {
    const air = channelOf(this.channels.value, this.choice.value)?.air;
    return air ? this.live.audioSlots.value.findIndex((s) => s.who === air && s.source === 'mic') : -1;
  });
  readonly isInterpreted = computed(() => this.place.value >= 0);

  constructor(
    private readonly live: Live,
    private readonly tell: (type: string, fields: Record<string, unknown>) => unknown,
  ) {}

  /** After a welcome: the server keeps the choice for as long as the seat, also one that was changed while cut off. */
  again(): void {
    this.listen();
  }

  private listen(): void {
    const lang = this.choice.peek();
    this.tell('listen', lang ? { lang } : {});
  }

  hear(lang: string): void {
    this.choice.value = lang;
    remember('hear', lang || null);
    this.listen();
  }

  setFloor(percent: number): void {
    this.floor.value = percent;
    remember('floor', String(percent));
  }

  /** Of the i-th sound, 0 to 1. */
  volume(i: number): number {
    return this.place.value < 0 || i === this.place.value ? 1 : this.floor.value / 100;
  }
}
