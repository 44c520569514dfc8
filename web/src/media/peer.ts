/* peer — one RTCPeerConnection that always offers (design: "the client always offers"), shared by sending and
 * viewing: first offer, ICE restart when the path breaks, a new connection when the server has lost the old one. */

import { backoffMs } from '../protocol/backoff';
import type { ConnectionKind } from '../protocol/types';
import { RequestError } from '../protocol/types';

export type PeerState = 'none' | 'connecting' | 'connected' | 'broken' | 'blocked' | 'full';

export interface Signal {
  /** Sends an offer and gives the server's answer. */
  offer(type: 'publish' | 'view' | 'restart', fields: Record<string, unknown>): Promise<string>;
  /** The relay to try beside the server's own addresses. */
  ice(): RTCIceServer[];
  make(config: RTCConfiguration): RTCPeerConnection;
}

/* Browsers take seconds to say that a path is quiet; then another one is asked for without more ado. */
const DISCONNECTED_MS = 200;
/* ICE and DTLS of a new connection take under a second; after this long something on the way swallows UDP. */
const CONNECT_MS = 10_000;
/* A restart is a matter of a few round trips, unless the browser had not seen the new network yet: then once more. */
const RESTART_MS = 2_500;
const REBUILD_MS = 1_500;
/* So many tries without one success: it is not a passing trouble, the network does not let media through. */
const BLOCKED_TRIES = 2;
/* Refusals that pass by themselves. `offline` is not one: the room begins anew when the line is back. */
const PASSING = new Set(['busy', 'internal', 'timeout', 'rate', 'full']);

const CONFIG: RTCConfiguration = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' };

export abstract class Peer {
  protected pc: RTCPeerConnection | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy: Promise<void> = Promise.resolve();
  private closed = false;
  private everConnected = false;
  private misses = 0;
  private refusals = 0;
  private turnedAway = false;

  protected constructor(
    readonly kind: ConnectionKind,
    private readonly signal: Signal,
    private readonly onState: (s: PeerState) => void,
  ) {}

  protected abstract build(pc: RTCPeerConnection): void;
  protected abstract fields(): Record<string, unknown>;
  /** A last word on what the server answered. */
  protected answered(sdp: string): string {
    return sdp;
  }
  protected negotiated(): void {}

  get connection(): RTCPeerConnection | null {
    return this.pc;
  }

  isOpen(): boolean {
    return this.pc !== null;
  }

  /** Makes the connection if there is none. One negotiation at a time. */
  open(): Promise<void> {
    return this.run(() => (this.pc ? Promise.resolve() : this.create()));
  }

  /** Throws the old connection away and makes a new one: the server no longer knows the old. */
  rebuild(): Promise<void> {
    return this.run(() => this.create());
  }

  /** Finds a new path for the same connection; when the server does not know it any more, makes a new one. */
  restart(): Promise<void> {
    return this.run(async () => {
      const pc = this.pc;
      if (!pc) return;
      if (pc.connectionState === 'closed' || !pc.remoteDescription) return this.create();
      try {
        pc.setConfiguration({ ...CONFIG, iceServers: this.signal.ice() });
        await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
        const sdp = await this.signal.offer('restart', { kind: this.kind, sdp: pc.localDescription?.sdp ?? '' });
        await pc.setRemoteDescription({ type: 'answer', sdp: this.answered(sdp) });
        this.expectConnected(pc, Math.min(CONNECT_MS, RESTART_MS * 2 ** this.misses));
      } catch (e) {
        if (e instanceof RequestError && e.code === 'offline') throw e;
        await this.create();
      }
    });
  }

  close(): void {
    this.closed = true;
    this.forget();
    this.onState('none');
  }

  private run(step: () => Promise<void>): Promise<void> {
    const next = this.busy.then(step, step);
    this.busy = next.catch(() => undefined);
    return next;
  }

  private forget(): void {
    clearTimeout(this.timer);
    const pc = this.pc;
    this.pc = null;
    if (pc) {
      pc.onconnectionstatechange = null;
      pc.close();
    }
  }

  private async create(): Promise<void> {
    if (this.closed) return;
    this.forget();
    const pc = this.signal.make({ ...CONFIG, iceServers: this.signal.ice() });
    this.pc = pc;
    if (!this.turnedAway) this.onState('connecting'); /* what was said of a full server holds until it is not */
    this.build(pc);
    pc.onconnectionstatechange = () => this.changed(pc);
    try {
      /* The server is ICE-lite and answers the source of our checks: it never needs our candidates. */
      await pc.setLocalDescription(await pc.createOffer());
      const sdp = await this.signal.offer(this.kind, { sdp: pc.localDescription?.sdp ?? '', ...this.fields() });
      if (this.pc !== pc) return;
      await pc.setRemoteDescription({ type: 'answer', sdp: this.answered(sdp) });
      this.negotiated();
      this.expectConnected(pc, CONNECT_MS);
    } catch (e) {
      if (this.pc === pc) {
        this.forget();
        this.turnedAway = e instanceof RequestError && e.code === 'full';
        this.onState(this.turnedAway ? 'full' : 'broken');
        this.tryLater(e);
      }
      throw e;
    }
  }

  /** The server had no time or room for us: ask again by ourselves, less and less often. */
  private tryLater(e: unknown): void {
    if (this.closed || !(e instanceof RequestError) || !PASSING.has(e.code)) return;
    const wait = Math.max(e.retryMs, backoffMs(this.refusals++ + 2, Math.random));
    this.timer = setTimeout(() => this.rebuild().catch(() => undefined), wait);
  }

  private changed(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    clearTimeout(this.timer);
    if (pc.connectionState === 'connected') {
      this.everConnected = true;
      this.turnedAway = false;
      this.misses = this.refusals = 0;
      this.onState('connected');
    } else if (pc.connectionState === 'disconnected') {
      this.onState('broken');
      this.expectConnected(pc, DISCONNECTED_MS);
    } else if (pc.connectionState === 'failed') {
      this.onState('broken');
      this.expectConnected(pc, REBUILD_MS, true);
    }
  }

  private expectConnected(pc: RTCPeerConnection, ms: number, anew = false): void {
    clearTimeout(this.timer);
    if (this.pc !== pc || pc.connectionState === 'connected') return;
    this.timer = setTimeout(() => {
      if (this.pc !== pc || pc.connectionState === 'connected') return;
      this.misses++;
      this.onState(!this.everConnected && this.misses >= BLOCKED_TRIES ? 'blocked' : 'broken');
      /* Offline: the room starts us again when the line is back. */
      (anew ? this.rebuild() : this.restart()).catch(() => undefined);
    }, ms);
  }
}
