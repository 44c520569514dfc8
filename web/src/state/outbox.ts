/* outbox — chat lines this person sent that the room has not confirmed. A line cut off by a lost connection is sent
 * again after the return, unless the room's log shows that it had arrived. */

import { signal } from '@preact/signals';
import type { ChatLine } from '../protocol/types';
import { RequestError } from '../protocol/types';

export interface Outgoing {
  key: number;
  text: string;
  at: number;
  failed: string;
}

export class Outbox {
  readonly lines = signal<readonly Outgoing[]>([]);
  private next = 1;

  constructor(private readonly deliver: (text: string) => Promise<unknown>) {}

  async add(text: string, at: number): Promise<void> {
    const line: Outgoing = { key: this.next++, text, at, failed: '' };
    this.lines.value = [...this.lines.value, line];
    await this.send(line);
  }

  retry(key: number): Promise<void> {
    const line = this.lines.value.find((l) => l.key === key);
    return line ? this.send(line) : Promise.resolve();
  }

  drop(key: number): void {
    this.lines.value = this.lines.value.filter((l) => l.key !== key);
  }

  /** The room's log showed a line of ours. */
  seen(text: string): void {
    const line = this.lines.value.find((l) => l.text === text);
    if (line) this.drop(line.key);
  }

  /** After a return: lines that the log has are done, the others go again. */
  async flush(chat: readonly ChatLine[], me: string): Promise<void> {
    for (const line of this.lines.value) {
      const arrived = chat.some((c) => c.by === me && c.text === line.text && c.at >= line.at - 1000);
      if (arrived) this.drop(line.key);
    }
    for (const line of this.lines.value) await this.send(line);
  }

  private async send(line: Outgoing): Promise<void> {
    this.mark(line.key, '');
    try {
      await this.deliver(line.text);
    } catch (e) {
      const code = e instanceof RequestError ? e.code : 'unknown';
      /* Cut off: it waits for the return and is sent then. */
      if (code !== 'offline' && code !== 'timeout') this.mark(line.key, code);
      return;
    }
    this.drop(line.key);
  }

  private mark(key: number, failed: string): void {
    this.lines.value = this.lines.value.map((l) => (l.key === key ? { ...l, failed } : l));
  }
}
