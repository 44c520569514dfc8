/* order — what keeps order in the room, told in words: what one may not do for now, a message that was reported. */

import { computed, signal } from '@preact/signals';
import { t } from '../i18n';
import { isOff, nameless, turned, type Ability } from '../protocol/order';
import type { Room } from '../protocol/room';
import type { Role, RoomEvent } from '../protocol/types';
import type { Live } from './live';
import { say, toast } from './notices';

const words = (list: readonly Ability[]): string => list.map((a) => t(`order.${a}`).toLocaleLowerCase()).join(', ');

export class Order {
  /** The dialog of what others may do now. */
  readonly isShown = signal(false);
  readonly now = computed(() => this.live.room.value.order);
  /** What is off for this person. */
  readonly off = computed<readonly string[]>(() => this.now.value.limits[this.live.me.value.role] ?? []);

  constructor(private readonly live: Live) {}

  isOff(a: Ability): boolean {
    return isOff(this.off.value, a);
  }

  happened(e: RoomEvent, before: Room): void {
    if (e.type === 'limited' && e.role) this.onLimited(e.role, before.order.limits[e.role] ?? [], e.off ?? []);
    if (e.type === 'names_hidden') this.onNames(e.on ?? false);
    if (e.type === 'reported' && e.by !== this.live.me.peek().id) toast(t('order.reportCame'));
  }

  private onNames(hidden: boolean): void {
    const text = t(hidden ? 'order.namesOff' : 'order.namesOn');
    say(text);
    toast(text);
    if (hidden && !this.live.can.peek().moderate) this.live.room.value = nameless(this.live.room.peek(), this.live.me.peek().id);
  }

  private onLimited(role: Role, before: readonly string[], after: readonly string[]): void {
    const { off, on } = turned(before, after);
    const mine = role === this.live.me.peek().role;
    const text = [
      off.length > 0 && t(mine ? 'order.offForYou' : `order.offFor.${role as 'attendee' | 'speaker'}`, { what: words(off) }),
      on.length > 0 && t(mine ? 'order.onForYou' : `order.onFor.${role as 'attendee' | 'speaker'}`, { what: words(on) }),
    ].filter(Boolean).join(' ');
    if (!text) return;
    say(text, mine);
    if (mine) toast(text);
  }

  async report(n: number): Promise<void> {
    if (await this.live.command('report', { n })) toast(t('order.reportSent'), 'good');
  }
}
