/* view — what this person sees and hears: a fixed set of receive slots offered once (design §1.3). The server says
 * by `slots` who is in which; people come and go without renegotiation. */

import type { Video } from '../protocol/types';
import { describeLayers, prefer } from './codecs';
import { type Cushion, cushion, noCushion } from './cushion';
import { Peer, type PeerState, type Signal } from './peer';

export const AUDIO_SLOTS = 3;
export const VIDEO_SLOTS_WIDE = 12;
export const VIDEO_SLOTS_PHONE = 3;

export interface LinkQuality {
  rttMs: number;
  lossPercent: number;
  /** How long pictures stood still since the measure before. */
  frozenMs: number;
  kbps: number;
}

export class Viewer extends Peer {
  private streams = new Map<string, MediaStream>();
  private last = { at: 0, bytes: 0, packets: 0, lost: 0, frozen: 0 };
  private held: Cushion = noCushion;
  /** What the room's pictures are in. */
  video: Video = 'h264';

  constructor(
    signal: Signal,
    onState: (s: PeerState) => void,
    private readonly onStreams: (audio: MediaStream[], byMid: ReadonlyMap<string, MediaStream>) => void,
    /** As many as the room's format has, and this device can show. */
    public videoSlots: number,
  ) {
    super('view', signal, onState);
  }

  protected build(pc: RTCPeerConnection): void {
    for (let i = 0; i < AUDIO_SLOTS; i++) pc.addTransceiver('audio', { direction: 'recvonly' });
    const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
    for (let i = 0; i < this.videoSlots; i++) {
      const t = pc.addTransceiver('video', { direction: 'recvonly' });
      prefer(t, this.video, codecs);
      if (this.video === 'av1') describeLayers(t);
    }
    this.last = { at: 0, bytes: 0, packets: 0, lost: 0, frozen: 0 };
    this.held = noCushion;
  }

  /** All alike: a voice must not come before its face. */
  private hold(pc: RTCPeerConnection, q: LinkQuality): void {
    const was = this.held.ms;
    this.held = cushion(this.held, q.lossPercent, q.rttMs);
    if (this.held.ms === was) return;
    for (const r of pc.getReceivers()) if ('jitterBufferTarget' in r) r.jitterBufferTarget = this.held.ms;
  }

  protected fields(): Record<string, unknown> {
    return {};
  }

  protected override negotiated(): void {
    const pc = this.pc;
    if (!pc) return;
    this.streams = new Map();
    const audio: MediaStream[] = [];
    for (const t of pc.getTransceivers()) {
      if (!t.mid) continue;
      const stream = new MediaStream([t.receiver.track]);
      this.streams.set(t.mid, stream);
      if (t.receiver.track.kind === 'audio') audio.push(stream);
    }
    this.onStreams(audio, this.streams);
  }

  /** How long nothing has come from anybody; Infinity when nothing ever did. Costs next to nothing. */
  silentMs(): number {
    const now = performance.now();
    let age = Infinity;
    for (const r of this.pc?.getReceivers() ?? []) {
      /* The time is the clock's by the standard; some count from the page's beginning. */
      for (const s of r.getSynchronizationSources?.() ?? []) {
        age = Math.min(age, (s.timestamp > performance.timeOrigin / 2 ? performance.timeOrigin : 0) + now - s.timestamp);
      }
    }
    return age;
  }

  /** What the line carries now; null until there is something to say. */
  async quality(): Promise<LinkQuality | null> {
    const pc = this.pc;
    if (!pc || pc.connectionState !== 'connected') return null;
    let bytes = 0;
    let packets = 0;
    let lost = 0;
    let frozen = 0;
    let rttMs = 0;
    (await pc.getStats()).forEach((r: Record<string, unknown>) => {
      if (r.type === 'inbound-rtp') {
        bytes += Number(r.bytesReceived ?? 0);
        packets += Number(r.packetsReceived ?? 0);
        lost += Number(r.packetsLost ?? 0);
        frozen += Number(r.totalFreezesDuration ?? 0);
      } else if (r.type === 'candidate-pair' && r.nominated === true && r.state === 'succeeded') {
        rttMs = Number(r.currentRoundTripTime ?? 0) * 1000;
      }
    });
    const at = performance.now();
    const was = this.last;
    this.last = { at, bytes, packets, lost, frozen };
    if (was.at === 0) return null;
    const gone = Math.max(0, lost - was.lost);
    const came = Math.max(0, packets - was.packets);
    const q = {
      rttMs: Math.round(rttMs),
      lossPercent: gone + came > 0 ? Math.round((1000 * gone) / (gone + came)) / 10 : 0,
      frozenMs: Math.round(1000 * Math.max(0, frozen - was.frozen)),
      kbps: Math.round(((bytes - was.bytes) * 8) / Math.max(1, at - was.at)),
    };
    this.hold(pc, q);
    return q;
  }
}
