/* talk — what this person said to the room's polls and questions, which the room keeps for him alone, and the reactions
 * that pass over everybody's screen. */

import { signal } from '@preact/signals';
import { errorText, t } from '../i18n';
import type { PollAnswer } from '../protocol/polls';
import type { Ok, RoomEvent, Welcome } from '../protocol/types';
import type { Live } from './live';
import { say, toast } from './notices';

const REACTION_MS = 4_000;
const REACTIONS_MAX = 12;

export class Talk {
  /** Questions of this person's own, and those voted for. */
  readonly asked = signal<ReadonlySet<number>>(new Set());
  readonly votedFor = signal<ReadonlySet<number>>(new Set());
  readonly newAsks = signal(0);
  /** What this person answered, by the poll's number. */
  readonly answers = signal<ReadonlyMap<number, PollAnswer>>(new Map());
  /** Reactions on the screen for a moment. */
  readonly reactions = signal<readonly { key: string; which: number; count: number }[]>([]);

  constructor(private readonly live: Live) {}

  /** A cut may have taken the answer to what was said before it. */
  remember(w: Pick<Welcome, 'snapshot' | 'answers' | 'asked' | 'voted'>): void {
    const own = w.snapshot ?? w;
    this.asked.value = new Set(own.asked ?? []);
    this.votedFor.value = new Set(own.voted ?? []);
    this.answers.value = new Map((own.answers ?? []).map((a) => [a.n, a]));
  }

  happened(e: RoomEvent): void {
    const can = this.live.can.peek();
    const isNew = e.type === 'ask_waits' ? can.moderate : e.type === 'asked' ? can.answer : e.type === 'ask_passed' && can.answer && !can.moderate;
    if (isNew) this.newAsks.value++;
    if ((e.type === 'asked' || e.type === 'ask_waits') && e.by === this.live.me.peek().id) this.own(e.seq);
    if (e.n !== undefined && this.asked.peek().has(e.n)) this.onOwn(e);
    if (e.type === 'reactions') this.onReactions(e);
    if (e.type === 'poll_opened') say(t('say.poll', { text: e.text ?? '' }));
  }

  /** What became of a question of one's own that others do not see. */
  private onOwn(e: RoomEvent): void {
    if (e.type !== 'ask_turned' && e.type !== 'ask_passed') return;
    if (e.by === this.live.me.peek().id || (e.type === 'ask_turned' && e.by === e.who)) return; /* taken back */
    const text = t(e.type === 'ask_turned' ? 'ask.turned' : 'ask.passed');
    say(text);
    toast(text);
  }

  private onReactions(e: RoomEvent): void {
    const come = (e.counts ?? []).flatMap((count, which) => (count > 0 ? [{ key: `${e.seq} ${which}`, which, count }] : []));
    this.reactions.value = [...this.reactions.peek(), ...come].slice(-REACTIONS_MAX);
    setTimeout(() => (this.reactions.value = this.reactions.peek().filter((r) => !come.includes(r))), REACTION_MS);
  }

  /** Counted by the room, answered by nobody. */
  react(n: number): void {
    this.live.tell('react', { n });
  }

  async answerPoll(a: PollAnswer): Promise<void> {
    if (await this.live.command('poll_answer', { ...a })) this.answers.value = new Map(this.answers.peek()).set(a.n, a);
  }

  async ask(text: string, anonymous: boolean): Promise<boolean> {
    const seq = await this.numbered('ask', { text, anonymous });
    if (seq) this.own(seq);
    return seq !== null;
  }

  private own(n: number): void {
    this.asked.value = new Set(this.asked.peek()).add(n);
  }

  async voteFor(n: number, on: boolean): Promise<void> {
    if (!(await this.live.command('ask_vote', { n, on }))) return;
    const next = new Set(this.votedFor.peek());
    if (on) next.add(n);
    else next.delete(n);
    this.votedFor.value = next;
  }

  /** The number of the poll made or changed, or null when the room refused it. */
  async makePoll(fields: Record<string, unknown> & { n?: number }): Promise<number | null> {
    const seq = await this.numbered('poll', fields);
    return seq === null ? null : fields.n ?? (seq || null);
  }

  /** The number the room gave (0: none), or null when it refused, which is shown. */
  private async numbered(type: string, fields: Record<string, unknown>): Promise<number | null> {
    try {
      return ((await this.live.request(type, fields)) as Ok).seq ?? 0;
    } catch (e) {
      toast(errorText(e), 'bad');
      return null;
    }
  }
}
