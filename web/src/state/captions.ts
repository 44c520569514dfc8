/* captions — what this person wants of captions (on, how large, in what colours), kept on his device for rooms and
 * lessons; and of one room, what is being typed just now. */

import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { t } from '../i18n';
import type { CaptionLine } from '../protocol/captions';
import type { Room } from '../protocol/room';
import type { Captioning, RoomEvent } from '../protocol/types';
import { toast } from './notices';
import { recall, remember } from './prefs';

export const SIZES = ['s', 'm', 'l', 'xl'] as const;
export const COLOURS = ['dark', 'light', 'yellow'] as const;
type Size = (typeof SIZES)[number];
type Colours = (typeof COLOURS)[number];

const oneOf = <T extends string>(all: readonly T[], kept: string | null, otherwise: T): T => all.find((x) => x === kept) ?? otherwise;

export const captionsOn = signal(recall('cc') === '1');
export const captionSize = signal<Size>(oneOf(SIZES, recall('cc.size'), 'm'));
export const captionColours = signal<Colours>(oneOf(COLOURS, recall('cc.colours'), 'dark'));

export function setCaptionsOn(on: boolean): void {
  captionsOn.value = on;
  remember('cc', on ? '1' : null);
}

export function setCaptionSize(s: Size): void {
  captionSize.value = s;
  remember('cc.size', s);
}

export function setCaptionColours(c: Colours): void {
  captionColours.value = c;
  remember('cc.colours', c);
}

/* A line stays so long, if no others come; timers may wake a little early. */
const STAY_MS = 9_000;
const AGAIN_MS = 50;

/** The lines of the last moments, taken away one after the other. */
export class Standing {
  readonly lines = signal<readonly CaptionLine[]>([]);
  private all: readonly CaptionLine[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly now: () => number) {}

  put(all: readonly CaptionLine[]): void {
    this.all = all;
    this.look();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private look(): void {
    clearTimeout(this.timer);
    const now = this.now();
    this.lines.value = this.all.filter((l) => l.at > now - STAY_MS);
    const first = this.lines.peek()[0];
    if (first) this.timer = setTimeout(() => this.look(), Math.max(AGAIN_MS, first.at + STAY_MS - now));
  }
}

/* Who was typing and says nothing any more. */
const TYPING_MS = 10_000;

interface Owner {
  room: ReadonlySignal<Room>;
  me: ReadonlySignal<{ id: string }>;
  can: ReadonlySignal<Record<string, boolean>>;
}

export class Captions {
  readonly lines = computed<readonly CaptionLine[]>(() => this.of.room.value.captions);
  readonly typing = signal<ReadonlyMap<string, string>>(new Map());
  /** There is something to turn on. */
  readonly isThere = computed(() => this.lines.value.length > 0 || this.typing.value.size > 0);
  readonly isNamed = computed(() => this.of.room.value.members.get(this.of.me.value.id)?.captioner ?? false);
  readonly mayWrite = computed(() => Boolean(this.of.can.value.caption) || this.isNamed.value);
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly of: Owner,
    private readonly send: (fields: Record<string, string>) => void,
  ) {}

  /** He wrote it and still writes them, or moderates. */
  mayChange(l: CaptionLine): boolean {
    return Boolean(this.of.can.value.moderate) || (this.mayWrite.value && l.by === this.of.me.value.id);
  }

  /** What one is typing oneself; nothing is lost if it does not arrive. */
  tell(lang: string, text: string): void {
    this.send(text.trim() ? { lang, text } : { lang });
  }

  typed(m: Captioning): void {
    this.put(m.who, m.text ?? '');
  }

  happened(e: RoomEvent): void {
    if (e.type === 'caption') this.put(e.by ?? '', '');
    if (e.type === 'captioner' && e.who === this.of.me.peek().id) toast(t(e.on ? 'cc.named' : 'cc.unnamed'));
  }

  private put(who: string, text: string): void {
    clearTimeout(this.timers.get(who));
    const next = new Map(this.typing.peek());
    next.delete(who);
    if (text) {
      next.set(who, text);
      this.timers.set(who, setTimeout(() => this.put(who, ''), TYPING_MS));
    }
    this.typing.value = next;
  }
}
