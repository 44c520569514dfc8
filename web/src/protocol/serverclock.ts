/* serverclock — what the server's clock says, by the quickest of its last answers: that one was under way the shortest,
 * so half of its way there and back is the least wrong guess of its age. Pure. */

const KEPT = 8;
/* Clocks tick in steps, and a page is not always awake at once. */
const SLACK_MS = 50;

interface Guess {
  offset: number;
  rtt: number;
}

export class ServerClock {
  private guesses: Guess[] = [];

  /** An answer that said `server` came at `now`, `rtt` after the question; null: nobody knows how old it is. */
  heard(server: number, now: number, rtt: number | null): void {
    const guess = { offset: server + (rtt ?? 0) / 2 - now, rtt: rtt ?? Infinity };
    const best = this.best();
    /* No way there and back explains the difference: this device's clock was set. */
    if (best && Math.abs(best.offset - guess.offset) > (best.rtt + guess.rtt) / 2 + SLACK_MS) this.guesses = [];
    this.guesses = [...this.guesses, guess].slice(-KEPT);
  }

  private best(): Guess | undefined {
    let best = this.guesses[0];
    for (const g of this.guesses) if (best && g.rtt <= best.rtt) best = g;
    return best;
  }

  get offset(): number {
    return this.best()?.offset ?? 0;
  }
}
