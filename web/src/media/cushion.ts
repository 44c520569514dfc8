/* cushion — how long sound and picture are held before they are shown. A lost packet is asked for again, and on a long
 * line one in ten of those asked for is lost once more: what comes at the second asking must still be in time, or the
 * picture stops each time. Browsers hold for one asking at most, so on a line that loses we say how long. Pure. */

/* Below this a second asking is too rare to be seen. */
const LOSSY_PERCENT = 1.5;
const HEALTHY_PERCENT = 0.5;
/* A good word has to hold for so many measurements: a held picture that is let go jumps. */
const HEALTHY_TIMES = 5;
/* Two round trips, and what both ends need to notice and answer. */
const ROUNDS = 2;
const NOTICE_MS = 110;
/* Talking to each other gets hard beyond; on a short line one asking more costs nothing that is noticed. */
const MOST_MS = 450;

export interface Cushion {
  /** Milliseconds; null leaves it to the browser. */
  ms: number | null;
  healthy: number;
}

export const noCushion: Cushion = { ms: null, healthy: 0 };

export function cushion(was: Cushion, lossPercent: number, rttMs: number): Cushion {
  if (lossPercent >= LOSSY_PERCENT) {
    const ms = Math.min(MOST_MS, Math.round((ROUNDS * rttMs + NOTICE_MS) / 10) * 10);
    /* Small changes are not worth a change of pace. */
    return { ms: was.ms !== null && Math.abs(ms - was.ms) < 60 ? was.ms : ms, healthy: 0 };
  }
  if (was.ms === null || lossPercent > HEALTHY_PERCENT) return { ...was, healthy: 0 };
  const healthy = was.healthy + 1;
  return healthy < HEALTHY_TIMES ? { ms: was.ms, healthy } : noCushion;
}
