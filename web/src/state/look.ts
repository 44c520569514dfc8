/* look — how this person sees the room: the layout (the host's for all, else his own, else the format's), whose picture
 * he pinned, what he waits for at the door, and a host's request for silence. */

import { computed, effect, signal } from '@preact/signals';
import { t } from '../i18n';
import type { Layout, Source } from '../protocol/types';
import type { Live } from './live';
import { say } from './notices';

const WANT_MAX = 12;

export interface Wish {
  who: string;
  source: Source;
}

/** Whose pictures are asked for, told once; and again when nobody knows whether it arrived, or the view is another. */
export class Wants {
  private picks: readonly Wish[] = [];
  /* null: unknown. */
  private told: string | null = '[]';
  private ever = false;

  constructor(private readonly ask: (picks: readonly Wish[]) => Promise<unknown>) {}

  set(picks: readonly Wish[]): void {
    this.picks = picks;
    const text = JSON.stringify(picks);
    if (text === this.told) return;
    this.told = text;
    this.ever = true;
    this.ask(picks).catch(() => {
      if (this.told === text) this.told = null;
    });
  }

  anew(): void {
    if (!this.ever) return;
    this.told = null;
    this.set(this.picks);
  }
}
export const LAYOUTS: readonly Layout[] = ['speaker', 'grid', 'slides', 'screen', 'side'];

export class Look {
  /** null: nothing chosen. */
  readonly own = signal<Layout | null>(null);
  /** What is on the screen, chosen or not. */
  readonly shown = signal<Layout>('grid');
  readonly pinned = signal('');
  readonly queue = signal<{ place: number; count: number; text?: string } | null>(null);
  /** Who asked for silence; '' = nobody does. */
  readonly askedBy = signal('');
  /* Whom one pinned one sees, also where there are more cameras than slots (a phone has three). */
  private readonly wants = new Wants((picks) => this.live.request('want', { picks }));

  constructor(private readonly live: Live) {
    effect(() => this.wants.set(this.wanted()));
  }

  /** The view is a new one, or what was said last may be lost. */
  anew(): void {
    this.wants.anew();
  }

  /** Nobody pinned: what all see. */
  private wanted(): Wish[] {
    const members = this.live.members.value;
    const who = this.pinned.value;
    if (!members.get(who)?.sources.includes('camera') || who === this.live.me.value.id) return [];
    const all = [...members.values()].filter((m) => m.id !== this.live.me.value.id);
    const of = (source: Source, list = all): Wish[] =>
      list.filter((m) => m.sources.includes(source)).map((m) => ({ who: m.id, source }));
    const stage = this.live.stage.value.flatMap((id) => members.get(id) ?? []).filter((m) => m.id !== who && m.id !== this.live.me.value.id);
    return [...of('screen'), ...of('content'), { who, source: 'camera' as const }, ...of('camera', stage)].slice(0, WANT_MAX);
  }

  /** The host's choice for all, or null. */
  readonly forAll = computed<Layout | null>(() => {
    const l = this.live.room.value.layout;
    return l === 'free' ? null : l;
  });
  /** What was chosen, by the host or by oneself; null: what suits what is shown. */
  readonly chosen = computed<Layout | null>(() => this.forAll.value ?? this.own.value);
  readonly begun = computed<Layout>(() => this.live.info.value.layout ?? 'grid');

  async choose(layout: Layout, forAll: boolean): Promise<void> {
    this.own.value = layout;
    if (forAll !== (this.forAll.peek() !== null) || (forAll && this.forAll.peek() !== layout)) {
      await this.live.command('layout', { layout: forAll ? layout : 'free' });
    }
  }

  /** One's own, again takes it back. */
  pin(who: string): void {
    this.pinned.value = this.pinned.peek() === who ? '' : who;
  }

  onMuteAsked(by: string | undefined): void {
    if (!this.live.local.peek().mic) return;
    this.askedBy.value = this.live.members.peek().get(by ?? '')?.name ?? t('role.host');
    say(t('mute.asked', { name: this.askedBy.peek() }), true);
  }

  async answerMute(off: boolean): Promise<void> {
    this.askedBy.value = '';
    if (off && this.live.local.peek().mic) await this.live.toggle('mic');
  }
}
