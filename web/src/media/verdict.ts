/* verdict — how good the line to the server is, measured before entering: round trips of small requests and
 * whether WebSockets get through. */

export type Verdict = 'good' | 'fair' | 'poor' | 'blocked' | 'offline';

export interface LineCheck {
  verdict: Verdict;
  rttMs: number;
}

const TRIES = 5;
const SOCKET_WAIT_MS = 6_000;
const GOOD_MS = 150;
const FAIR_MS = 400;

async function roundTrip(): Promise<number> {
  const from = performance.now();
  const r = await fetch('/healthz', { cache: 'no-store' });
  await r.arrayBuffer();
  return performance.now() - from;
}

/** True when a WebSocket opens: some school firewalls let pages through and these not. */
export function socketOpens(url: string, protocol: string): Promise<boolean> {
  return new Promise((done) => {
    const ws = new WebSocket(url, protocol);
    const end = (ok: boolean): void => {
      clearTimeout(timer);
      ws.onopen = ws.onerror = ws.onclose = null;
      ws.close();
      done(ok);
    };
    const timer = setTimeout(() => end(false), SOCKET_WAIT_MS);
    ws.onopen = () => end(true);
    ws.onerror = ws.onclose = () => end(false);
  });
}

export function judge(rttMs: readonly number[], socket: boolean): LineCheck {
  if (rttMs.length === 0) return { verdict: 'offline', rttMs: 0 };
  const sorted = [...rttMs].sort((a, b) => a - b);
  const median = Math.round(sorted[sorted.length >> 1] ?? 0);
  if (!socket) return { verdict: 'blocked', rttMs: median };
  const worst = sorted[sorted.length - 1] ?? median;
  if (median <= GOOD_MS && worst <= 2 * FAIR_MS) return { verdict: 'good', rttMs: median };
  return { verdict: median <= FAIR_MS ? 'fair' : 'poor', rttMs: median };
}

export async function checkLine(wsUrl: string, protocol: string): Promise<LineCheck> {
  const socket = socketOpens(wsUrl, protocol);
  const times: number[] = [];
  /* The first trip pays for the connection. */
  for (let i = 0; i <= TRIES; i++) {
    try {
      const ms = await roundTrip();
      if (i > 0) times.push(ms);
    } catch {
      break;
    }
  }
  return judge(times, await socket);
}
