/* way — which way picture and sound take from here to the server: straight (UDP), by TCP, through the relay, or none.
 * A real connection that carries nothing says it, before anybody enters a room. */

import * as api from '../api';

export type Way = 'udp' | 'tcp' | 'turn' | 'none';

export interface WayCheck {
  way: Way;
  /** What a firewall must let through, for the sentence to whoever looks after it. */
  host: string;
  port: number;
}

const CONNECT_MS = 8_000;
/* A better pair may still be on its way when the first one stands. */
const SETTLE_MS = 1_500;
const LOOK_MS = 100;

/** The server's first UDP candidate in an answer. */
export function candidateOf(sdp: string): { host: string; port: number } {
  const m = /^a=candidate:\S+ \d+ udp \d+ (\S+) (\d+) typ host/m.exec(sdp);
  return { host: m?.[1] ?? '', port: Number(m?.[2] ?? 0) };
}

interface Stat {
  type: string;
  id: string;
  [key: string]: unknown;
}

/** The way of the pair in use; null while there is none. */
export function wayOf(stats: Iterable<Stat>): Way | null {
  const all = new Map([...stats].map((s) => [s.id, s]));
  const transport = [...all.values()].find((s) => s.type === 'transport' && s.selectedCandidatePairId);
  const pair = all.get(String(transport?.selectedCandidatePairId ?? '')) ?? [...all.values()].find((s) => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
  const local = all.get(String(pair?.localCandidateId ?? ''));
  if (!pair || !local) return null;
  if (local.candidateType === 'relay') return 'turn';
  return local.protocol === 'tcp' ? 'tcp' : 'udp';
}

async function look(pc: RTCPeerConnection): Promise<Way | null> {
  const stats: Stat[] = [];
  (await pc.getStats()).forEach((s: Stat) => stats.push(s));
  return wayOf(stats);
}

async function settled(pc: RTCPeerConnection): Promise<Way> {
  const from = performance.now();
  let upAt = 0;
  for (;;) {
    const now = performance.now();
    const up = pc.connectionState === 'connected';
    if (up && upAt === 0) upAt = now;
    const way = up ? await look(pc) : null;
    if (way === 'udp' || (way && now - upAt >= SETTLE_MS)) return way;
    if (now - from >= CONNECT_MS + SETTLE_MS || (!up && now - from >= CONNECT_MS)) return way ?? 'none';
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
}

/** Null when it could not be tried at all: the server is busy or away, which the page says otherwise. */
export async function checkWay(make: (config: RTCConfiguration) => RTCPeerConnection): Promise<WayCheck | null> {
  let pc: RTCPeerConnection | null = null;
  try {
    const { ice } = await api.probeRelay();
    pc = make({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceServers: ice });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    await pc.setLocalDescription(await pc.createOffer());
    const sdp = await api.probe(pc.localDescription?.sdp ?? '');
    await pc.setRemoteDescription({ type: 'answer', sdp });
    return { way: await settled(pc), ...candidateOf(sdp) };
  } catch {
    return null;
  } finally {
    pc?.close();
  }
}
