/* unheard — does anything still come from the server over this connection? A silent class sends nothing either, but the
 * server answers the browser's connection checks: a check without an answer, and nothing else meanwhile, is a cut.
 * Browsers take five seconds and more to say so; people look at a picture that stands after two. */

/* So long nothing at all, so many checks without an answer, the first of them so long ago. Chromium checks every 2.5 s
 * while all is well, fifteen times a second once nothing has come for as long. */
const NOTHING_MS = 2_000;
const UNANSWERED = 3;
const ANSWER_MS = 600;

export interface Counts {
  /** The pair in use: another one begins anew. */
  pair: string;
  /** Bytes and answers that came. */
  came: number;
  /** Checks that were sent; 0 where the browser does not count them, and then nothing is ever unheard. */
  asked: number;
}

interface Stat {
  type: string;
  id: string;
  [key: string]: unknown;
}

/** What a connection's statistics say of the pair in use; null while there is none. */
export function countsOf(stats: Iterable<Stat>): Counts | null {
  const all = new Map([...stats].map((s) => [s.id, s]));
  const transport = [...all.values()].find((s) => s.type === 'transport');
  const pair = all.get(String(transport?.selectedCandidatePairId ?? ''));
  if (!pair) return null;
  return { pair: pair.id, came: Number(pair.bytesReceived ?? 0) + Number(pair.responsesReceived ?? 0), asked: Number(pair.requestsSent ?? 0) };
}

export class Unheard {
  private last: Counts | null = null;
  private cameAt = 0;
  private askedAt = Infinity;

  /** With each new look at the counts; true while nothing is heard. */
  look(now: number, c: Counts | null): boolean {
    if (!c || c.pair !== this.last?.pair || c.came !== this.last.came) {
      this.last = c;
      this.cameAt = now;
      this.askedAt = Infinity;
      return false;
    }
    if (c.asked > this.last.asked) this.askedAt = Math.min(this.askedAt, now);
    return now - this.cameAt >= NOTHING_MS && c.asked >= this.last.asked + UNANSWERED && now - this.askedAt >= ANSWER_MS;
  }
}
