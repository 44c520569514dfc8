/* publish — what this person sends: five fixed send-only places (microphone, camera, screen, its sound, a second
 * camera) offered
 * once; turning one on or off replaces its track and never renegotiates. */

import type { Source, Video } from '../protocol/types';
import { cameraEncodings, describeLayers, leaveOut, makesLayers, prefer, sentAs } from './codecs';
import { withStartBitrate } from './sdp';
import { Peer, type PeerState, type Signal } from './peer';

const SCREEN_BPS = 2_500_000;
const START_KBPS = 2_200;
const MIC_BPS = 40_000;
/* While somebody in the room saves data: speech is still clear. */
const MIC_THRIFTY_BPS = 16_000;
const SCREEN_AUDIO_BPS = 96_000;

const PLACES: readonly Source[] = ['mic', 'camera', 'screen', 'screen_audio', 'content'];

export class Publisher extends Peer {
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly senders = new Map<Source, RTCRtpTransceiver>();
  private turns: Promise<void> = Promise.resolve();
  private thrift = false;
  /** What the room's pictures are in. */
  video: Video = 'h264';

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
        if (leaveOut(p.encodings, off)) await sender.setParameters(p);
      })
      .catch(() => undefined); /* the connection went meanwhile; the server tells again what it misses */
  }

  /** Speaks in fewer bits, or not any more. */
  thrifty(on: boolean): void {
    if (this.thrift === on) return;
    this.thrift = on;
    const sender = this.senders.get('mic')?.sender;
    if (!sender) return;
    this.turns = this.turns
      .then(async () => {
        const p = sender.getParameters();
        for (const e of p.encodings) e.maxBitrate = this.micBps();
        await sender.setParameters(p);
      })
      .catch(() => undefined); /* the connection went meanwhile; the next one begins with it */
  }

  private micBps(): number {
    return this.thrift ? MIC_THRIFTY_BPS : MIC_BPS;
  }

  stopAll(): void {
    for (const t of this.tracks.values()) t.stop();
    this.tracks.clear();
  }

  protected build(pc: RTCPeerConnection): void {
    this.senders.clear();
    const codecs = RTCRtpSender.getCapabilities?.('video')?.codecs ?? [];
    const sent = sentAs(this.video, codecs, () => makesLayers(pc));
    const add = (source: Source, kind: 'audio' | 'video', ...sendEncodings: RTCRtpEncodingParameters[]): void => {
      const t = pc.addTransceiver(kind, { direction: 'sendonly', sendEncodings });
      if (kind === 'video') prefer(t, sent, codecs);
      if (kind === 'video' && sent === 'av1') describeLayers(t);
      const track = this.tracks.get(source);
      if (track) void t.sender.replaceTrack(track);
      this.senders.set(source, t);
    };
    add('mic', 'audio', { maxBitrate: this.micBps() });
    add('camera', 'video', ...cameraEncodings(sent));
    add('screen', 'video', { maxBitrate: SCREEN_BPS, maxFramerate: 15 });
    add('screen_audio', 'audio', { maxBitrate: SCREEN_AUDIO_BPS });
    add('content', 'video', ...cameraEncodings(sent));
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
