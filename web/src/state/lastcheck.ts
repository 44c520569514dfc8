/* lastcheck — what the check before entering found the last time on this device, so that the next one begins with an
 * answer and a line that was just tried is not loaded again. */

import type { Speed } from '../media/speed';
import { recall, remember } from './prefs';

const KEY = 'check';
const FRESH_MS = 10 * 60_000;
const OLD_MS = 30 * 86_400_000;

export interface LastCheck extends Speed {
  at: number;
}

export function lastCheck(now = Date.now()): LastCheck | null {
  try {
    const c = JSON.parse(recall(KEY) ?? 'null') as LastCheck | null;
    const whole = c && [c.at, c.downKbps, c.upKbps].every((n) => Number.isFinite(n) && n >= 0);
    return whole && c.at <= now && now - c.at < OLD_MS ? c : null;
  } catch {
    return null;
  }
}

/** So lately that it still holds; what was not tried then does not. */
export const holds = (c: LastCheck | null, up: boolean, now = Date.now()): boolean =>
  c !== null && now - c.at < FRESH_MS && (!up || c.upKbps > 0);

export function keepCheck(s: Speed, now = Date.now()): void {
  remember(KEY, JSON.stringify({ at: now, downKbps: s.downKbps, upKbps: s.upKbps || (lastCheck(now)?.upKbps ?? 0) }));
}
