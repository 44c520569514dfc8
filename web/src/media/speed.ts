/* speed — about what this line carries each way: a small file down and one up, over the page's own connection. It says
 * what a class needs to know, not what the line does at its best. */

import * as api from '../api';

export interface Speed {
  downKbps: number;
  /** 0: not tried. */
  upKbps: number;
}

/** What the line is good for: everything, small pictures, or voice and stills. */
export type Room = 'all' | 'small' | 'save';

const UP_BYTES = 64 * 1024;
/* All pictures of a stage as drawn on a laptop; one face. */
const ALL_KBPS = 1_200;
const FACE_KBPS = 250;
/* One's own camera in its smallest size, and the voice. */
const CAMERA_KBPS = 300;
/* Nothing faster can be told apart with so little. */
const MOST_KBPS = 20_000;
const TRIES = 2;

/** Bytes that took so long, of which a round trip was waiting. */
export function rate(bytes: number, ms: number, rttMs: number): number {
  return Math.min(MOST_KBPS, Math.round((bytes * 8) / Math.max(1, ms - rttMs)));
}

export const roomFor = (s: Speed): Room => (s.downKbps >= ALL_KBPS ? 'all' : s.downKbps >= FACE_KBPS ? 'small' : 'save');
export const cameraFits = (s: Speed): boolean => s.upKbps === 0 || s.upKbps >= CAMERA_KBPS;

async function best(tries: number, one: () => Promise<number>): Promise<number> {
  let most = 0;
  for (let i = 0; i < tries; i++) {
    most = Math.max(most, await one());
    if (most < FACE_KBPS) break; /* trying again would only take time */
  }
  return most;
}

async function timed(rttMs: number, move: () => Promise<number>): Promise<number> {
  const from = performance.now();
  const bytes = await move();
  return rate(bytes, performance.now() - from, rttMs);
}

/** Null when it could not be tried: the server is busy or away, which the page says otherwise. */
export async function checkSpeed(rttMs: number, up: boolean): Promise<Speed | null> {
  try {
    const downKbps = await best(TRIES, () => timed(rttMs, async () => (await api.speedDown()).byteLength));
    const noise = new Blob([crypto.getRandomValues(new Uint8Array(UP_BYTES))]);
    const upKbps = up ? await best(TRIES, () => timed(rttMs, async () => (await api.speedUp(noise), UP_BYTES))) : 0;
    return { downKbps, upKbps };
  } catch {
    return null;
  }
}
