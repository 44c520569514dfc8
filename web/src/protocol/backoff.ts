/* backoff — how long to wait before the next try: doubling, capped, with jitter so that a class that lost its line
 * together does not come back in the same millisecond. Pure. */

export const BACKOFF_FIRST_MS = 300;
export const BACKOFF_MAX_MS = 10_000;

export function backoffMs(attempt: number, random: () => number): number {
  const cap = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(cap / 2 + (cap / 2) * random());
}
