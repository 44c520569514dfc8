/* missed — what of a recording somebody who was away has not seen, and where in it that is. */

const AWAY_MIN_MS = 60_000;
const AWAY_MAX_MS = 3 * 3_600_000;

export interface Missed {
  /** From here on it was not seen, by the server's clock. */
  fromMs: number;
  ms: number;
}

export interface Seen {
  room: string;
  at: number;
}

/** recordedFrom: when the recording that goes on began, 0 without one. */
export function missedOf(seen: Seen | null, room: string, now: number, recordedFrom: number): Missed | null {
  if (!seen || seen.room !== room || recordedFrom === 0) return null;
  const ms = now - seen.at;
  if (ms < AWAY_MIN_MS || ms > AWAY_MAX_MS) return null;
  const fromMs = Math.max(seen.at, recordedFrom);
  return { fromMs, ms: now - fromMs };
}

/** Where a moment of the clock is in a recording, in seconds; takes are in order. */
export function placeOf(takes: readonly { base_ms: number; wall_ms: number; end_ms?: number | null }[], wallMs: number): number {
  const take = [...takes].reverse().find((k) => k.wall_ms <= wallMs);
  if (!take) return 0;
  const ms = take.base_ms + wallMs - take.wall_ms;
  return Math.max(0, take.end_ms ? Math.min(ms, take.end_ms) : ms) / 1000;
}
