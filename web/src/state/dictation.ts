/* dictation — captions this person finished that the room has not confirmed: one goes after the other, and what a cut
 * took goes again, once. A line is known again by its words among those the room has of this person: who comes back is
 * told all he missed before anything is sent, and of the lines only the first can have been on its way. Where that is not
 * enough (it was corrected or withdrawn meanwhile) the room knows it by its number. */

import { signal } from '@preact/signals';
import type { CaptionLine } from '../protocol/captions';
import { RequestError } from '../protocol/types';
import { newNumber } from './outbox';

const AGO_MAX_MS = 60_000;
const PAUSE_MS = 300;

interface Owed {
  readonly once: number;
  readonly lang: string;
  readonly text: string;
  /** When its first letter was there. */
  readonly from: number;
  /** The number of the room's log when it went first, null: it has not. */
  after: number | null;
}

export interface DictationParts {
  deliver(fields: { lang: string; text: string; ago: number; once: number }): Promise<unknown>;
  seq(): number;
  /** Lines of this person the room has. */
  written(): readonly CaptionLine[];
  refused(e: unknown): void;
}

export class Dictation {
  readonly owed = signal<readonly Owed[]>([]);
  private cut = false;
  private going = false;

  constructor(private readonly parts: DictationParts) {}

  add(lang: string, text: string, from: number): Promise<void> {
    this.owed.value = [...this.owed.peek(), { once: newNumber(), lang, text, from, after: null }];
    return this.go();
  }

  /** The line is there again, and all that was missed has been told. */
  caughtUp(): Promise<void> {
    this.cut = false;
    return this.go();
  }

  private async go(): Promise<void> {
    if (this.going || this.cut) return;
    this.going = true;
    for (let line = this.owed.peek()[0]; line; line = this.owed.peek()[0]) {
      if (!this.isWritten(line) && !(await this.send(line))) break;
      this.owed.value = this.owed.peek().slice(1);
    }
    this.going = false;
  }

  private isWritten({ after, lang, text }: Owed): boolean {
    return after !== null && this.parts.written().some((l) => l.seq > after && l.lang === lang && l.text === text);
  }

  /** False: cut off. */
  private async send(line: Owed): Promise<boolean> {
    line.after ??= this.parts.seq();
    try {
      await this.parts.deliver({ lang: line.lang, text: line.text, ago: Math.min(AGO_MAX_MS, Date.now() - line.from), once: line.once });
    } catch (e) {
      const code = e instanceof RequestError ? e.code : 'unknown';
      if (code === 'offline') {
        this.cut = true;
        return false;
      }
      if (code === 'timeout') return this.isWritten(line) || this.send(line);
      if (code === 'rate') return this.later(line, (e as RequestError).retryMs || PAUSE_MS);
      this.parts.refused(e);
    }
    return true;
  }

  private async later(line: Owed, ms: number): Promise<boolean> {
    await new Promise((done) => setTimeout(done, ms));
    return this.send(line);
  }
}
