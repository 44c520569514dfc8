/* outbox — chat lines this person sent that the room has not confirmed. Each bears a number of its own, by which the
 * room knows it again: after a cut, which may have taken the message or only the answer, all are simply sent again. */

import { signal } from '@preact/signals';
import { RequestError } from '../protocol/types';

/* 48 random bits: no two lines of one person in one room are alike. */
export const newNumber = (): number => {
  const [hi, lo] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (hi % 0x10000) * 2 ** 32 + lo + 1;
};

/** What a line answers and whom it is for. */
export interface Manner {
  re?: number;
  who?: string;
  hosts?: boolean;
}

export interface Outgoing {
  /** Its number (`once`). */
  key: number;
  text: string;
  manner: Manner;
  failed: string;
}

export class Outbox {
  readonly lines = signal<readonly Outgoing[]>([]);

  constructor(private readonly deliver: (line: Outgoing) => Promise<unknown>) {}

  async add(text: string, manner: Manner = {}): Promise<void> {
    const line: Outgoing = { key: newNumber(), text, manner, failed: '' };
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

  /** The line is there again: what it owes goes again, but for what the room refused. */
  async flush(): Promise<void> {
    for (const line of this.lines.value) if (!line.failed) await this.send(line);
  }

  private async send(line: Outgoing): Promise<void> {
    this.mark(line.key, '');
    try {
      await this.deliver(line);
    } catch (e) {
      const code = e instanceof RequestError ? e.code : 'unknown';
      /* No answer, though the line stands. */
      if (code === 'timeout' && this.lines.peek().some((l) => l.key === line.key)) return this.send(line);
      /* Cut off: it waits for the return and is sent then. */
      if (code !== 'offline') this.mark(line.key, code);
      return;
    }
    this.drop(line.key);
  }

  private mark(key: number, failed: string): void {
    this.lines.value = this.lines.value.map((l) => (l.key === key ? { ...l, failed } : l));
  }
}
