/* silence — nothing comes any more from anybody who was seen and heard a moment ago: is the network gone, or do they
 * just not send? Browsers take five seconds and more to say; the line of the room knows at once when it is asked. */

const SILENT_MS = 500;
/* Longer silences have their own ways: the browser has noticed by then. */
const LONG_MS = 10_000;
/* Between tries for another path, while the browser gets to know its new network. */
const AGAIN_MS = 1_200;

export interface SilenceHooks {
  /** How long nothing has come; Infinity when nothing ever did. */
  silentMs(): number;
  /** Asks the room's line; `dead` is for when it does not answer. */
  ask(dead: () => void): void;
  /** The network is another one: look for a path again. */
  again(): void;
}

export class Silence {
  private asked = false;
  private lostAt = -Infinity;

  constructor(
    private readonly hooks: SilenceHooks,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Every quarter of a second. */
  tick(): void {
    const ms = this.hooks.silentMs();
    if (ms < SILENT_MS || ms > LONG_MS) {
      this.asked = false;
      this.lostAt = -Infinity;
    } else if (!this.asked) {
      this.asked = true;
      this.hooks.ask(() => (this.lostAt = this.now()));
    } else if (this.lostAt > 0 && this.now() - this.lostAt >= AGAIN_MS) {
      this.lostAt = this.now();
      this.hooks.again();
    }
  }
}
