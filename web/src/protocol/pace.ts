/* pace — whether playing faster than life comes nearer to now: a weak device or line may not manage. Pure. */

const WINDOW_MS = 15_000;
/* Of what it would gain at that rate; less is no catching up. */
const GAIN_MIN = 0.2;
/* Looked at more rarely than this, the device slept. */
const GAP_MS = 5_000;

export class Pace {
  private fromMs = 0;
  private fromS = 0;
  private lastMs = 0;
  private lastS = 0;

  constructor(private readonly rate: number) {}

  /** It is at `s` now and is meant to play at `speed`, 0: paused; true when for a while it has gained next to nothing
   * though it was meant to. Who slowed it down himself does not mean to. */
  falls(nowMs: number, s: number, speed: number): boolean {
    const plays = speed >= this.rate;
    const since = nowMs - this.lastMs;
    const moved = s - this.lastS;
    const jumped = moved < 0 || moved > (this.rate * since) / 1000 + 1;
    if (!plays || this.lastMs === 0 || since > GAP_MS || jumped) {
      this.fromMs = nowMs;
      this.fromS = s;
    }
    this.lastMs = plays ? nowMs : 0;
    this.lastS = s;
    const ms = nowMs - this.fromMs;
    if (ms < WINDOW_MS) return false;
    const gained = (s - this.fromS) * 1000 - ms;
    this.fromMs = nowMs;
    this.fromS = s;
    return gained < GAIN_MIN * (this.rate - 1) * ms;
  }
}
