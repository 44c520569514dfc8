/* publish — what this person sends: four fixed send-only places (microphone, camera, screen, screen sound) offered
 * once; turning one on or off replaces its track and never renegotiates. */

import type { Source } from '../protocol/types';
import { withStartBitrate } from './sdp';
import { Peer, type PeerState, type Signal } from './peer';

/* A camera in three sizes (simulcast): each viewer is sent the one that fits what he draws. The server tells which
 * of them nobody watches. */
const CAMERA_LAYERS = [
  { rid: 'q', down: 4, bps: 150_000 },
  { rid: 'h', down: 2, bps: 500_000 },
  { rid: 'f', down: 1, bps: 1_500_000 },
];
const SCREEN_BPS = 2_500_000;
const START_KBPS = 2_200;
const MIC_BPS = 40_000;
const SCREEN_AUDIO_BPS = 96_000;

const PLACES: readonly Source[] = ['mic', 'camera', 'screen', 'screen_audio'];

/** H.264 first (the recording takes it as it is), VP8 second, their retransmissions; nothing else. */
function preferredVideo(): RTCRtpCodec[] {
  const all = RTCRtpSender.getCapabilities?.('video')?.codecs ?? [];
  const h264 = all.filter(
    (c) =>
      c.mimeType.toLowerCase() === 'video/h264' &&
      /packetization-mode=1/.test(c.sdpFmtpLine ?? '') &&
      /profile-level-id=42e0/i.test(c.sdpFmtpLine ?? ''),
  );
  const vp8 = all.filter((c) => c.mimeType.toLowerCase() === 'video/vp8');
  const rtx = all.filter((c) => c.mimeType.toLowerCase() === 'video/rtx');
  return [...h264, ...vp8, ...rtx];
}

export class Publisher extends Peer {
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly senders = new Map<Source, RTCRtpTransceiver>();
  private turns: Promise<void> = Promise.resolve();

  constructor(signal: Signal, onState: (s: PeerState) => void) {
    super('publish', signal, onState);
  }

  track(source: Source): MediaStreamTrack | null {
    return this.tracks.get(source) ?? null;
  }

  hasTracks(): boolean {
    return this.tracks.size > 0;
  }

  /** Puts a track in its place (null takes it out and stops it) and opens the connection when it is the first. */
  async set(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const old = this.tracks.get(source);
    if (track) this.tracks.set(source, track);
    else this.tracks.delete(source);
    if (old && old !== track) old.stop();
    if (this.isOpen()) await this.senders.get(source)?.sender.replaceTrack(track);
    else if (track) await this.open();
  }

  /** Sends nothing from this place, but keeps its device. */
  async pause(source: Source): Promise<void> {
    this.tracks.delete(source);
    await this.senders.get(source)?.sender.replaceTrack(null);
  }

  /** Sends all layers of this source but these. One change at a time: parameters must be set as they were got. */
  layersOff(source: Source, off: readonly string[]): void {
    const sender = this.senders.get(source)?.sender;
    if (!sender) return;
    this.turns = this.turns
      .then(async () => {
        const p = sender.getParameters();
        if (p.encodings.length < 2) return;
        for (const e of p.encodings) e.active = !off.includes(e.rid ?? '');
        await sender.setParameters(p);
      })
      .catch(() => undefined); /* the connection went meanwhile; the server tells again what it misses */
  }

  stopAll(): void {
    for (const t of this.tracks.values()) t.stop();
    this.tracks.clear();
  }

  protected build(pc: RTCPeerConnection): void {
    this.senders.clear();
    const video = preferredVideo();
    const add = (source: Source, kind: 'audio' | 'video', ...sendEncodings: RTCRtpEncodingParameters[]): void => {
      const t = pc.addTransceiver(kind, { direction: 'sendonly', sendEncodings });
      if (kind === 'video' && video.length > 0) {
        try {
          t.setCodecPreferences(video);
        } catch {
          /* An older browser offers its own order; the server chooses. */
        }
      }
      const track = this.tracks.get(source);
      if (track) void t.sender.replaceTrack(track);
      this.senders.set(source, t);
    };
    add('mic', 'audio', { maxBitrate: MIC_BPS });
    const layers = CAMERA_LAYERS.map((l) => (
      { rid: l.rid, scaleResolutionDownBy: l.down, maxBitrate: l.bps, maxFramerate: 30 }));
    add('camera', 'video', ...layers);
    add('screen', 'video', { maxBitrate: SCREEN_BPS, maxFramerate: 15 });
    add('screen_audio', 'audio', { maxBitrate: SCREEN_AUDIO_BPS });
  }

  protected override answered(sdp: string): string {
    return withStartBitrate(sdp, START_KBPS);
  }

  protected fields(): Record<string, unknown> {
    const sources: Record<string, Source> = {};
    for (const source of PLACES) {
      const mid = this.senders.get(source)?.mid;
      if (mid) sources[mid] = source;
    }
    return { sources };
  }
}
