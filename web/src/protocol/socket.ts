/* socket — one person's line to a room: joins by ticket, numbers requests, keeps the heartbeat, and comes back by
 * itself after a cut with `since`, so that the room's events arrive once each and in order. No DOM: the WebSocket
 * constructor and the clock are handed in. */

import { backoffMs } from './backoff';
import type { Answer, Ephemeral, Ok, RoomEvent, Welcome } from './types';
import { RequestError } from './types';

export const SUBPROTOCOL = 'somhub.v1';
const PING_S = 15;
/* Three seconds without an answer to an urgent ping (the network changed), ten to an ordinary one. */
const PONG_WAIT_MS = 10_000;
const PONG_URGENT_MS = 3_000;
/* A doubted line answers within twice its usual time, or is given up. */
const DOUBT_MIN_MS = 300;
const DOUBT_MAX_MS = 2_000;
const DOUBT_SLACK_MS = 150;
const REQUEST_WAIT_MS = 15_000;
const OPEN_WAIT_MS = 8_000;

export type LineState =
  | { at: 'connecting' }
  | { at: 'waiting'; title: string }
  | { at: 'live' }
  | { at: 'lost'; attempt: number; retryAt: number }
  | { at: 'closed'; reason: string };

export interface SocketLike {
  readyState: number;
  send(text: string): void;
  close(code?: number): void;
  onopen: ((ev: unknown) => void) | null;
  onclose: ((ev: unknown) => void) | null;
  onerror: ((ev: unknown) => void) | null;
  onmessage: ((ev: { data: unknown }) => void) | null;
}

export interface LineHooks {
  welcome(w: Welcome): void;
  event(e: RoomEvent): void;
  ephemeral(m: Ephemeral): void;
  state(s: LineState): void;
}

export interface LineOptions {
  url: string;
  /** Gives a ticket; `fresh` when the last one was refused as expired. */
  ticket(fresh: boolean): Promise<string>;
  client: string;
  hooks: LineHooks;
  open(url: string, protocol: string): SocketLike;
  now?(): number;
  random?(): number;
}

interface Pending {
  resolve(m: Ok | Answer): void;
  reject(e: RequestError): void;
  timer: ReturnType<typeof setTimeout>;
}

/* Reasons after which coming back by itself would be wrong. */
const FINAL_REASONS = new Set(['replaced', 'removed', 'ended', 'denied', 'left', 'auth']);
const FINAL_ERRORS = new Set(['auth', 'denied', 'not_found', 'unsupported', 'invalid', 'expired']);
const EPHEMERAL = new Set(['slots', 'speaking', 'presence', 'can', 'media_down', 'layers', 'quality', 'lines']);

export class Line {
  private ws: SocketLike | null = null;
  /* The highest number heard of in any message (for `since`), and the highest event folded in. */
  private seq = 0;
  private eventSeq = 0;
  private nextId = 1;
  private joinId = 0;
  private attempt = 0;
  private askFresh = false;
  private freshRefused = false;
  private ended = false;
  private joined = false;
  private offsetMs = 0;
  private hintMs = 0;
  private pingAt = 0;
  private rttMs = 0;
  private generation = 0;
  private readonly pending = new Map<number, Pending>();
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private pongTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private openTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly clock: () => number;
  private readonly random: () => number;

  constructor(private readonly o: LineOptions) {
    this.clock = o.now ?? Date.now;
    this.random = o.random ?? Math.random;
  }

  start(): void {
    void this.connect();
  }

  /** Milliseconds of the server's clock now. */
  serverNow(): number {
    return this.clock() + this.offsetMs;
  }

  lastSeq(): number {
    return this.seq;
  }

  isLive(): boolean {
    return this.joined;
  }

  /** Sends a request that wants an answer; rejects with RequestError (`offline` when the line was cut meanwhile). */
  request(type: string, fields: Record<string, unknown> = {}): Promise<Ok | Answer> {
    if (!this.joined || !this.ws) return Promise.reject(new RequestError('offline'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new RequestError('timeout'));
      }, REQUEST_WAIT_MS);
      this.pending.set(id, { resolve, reject, timer });
      this.send({ type, id, ...fields });
    });
  }

  /** Sends a message that wants no answer. */
  tell(type: string, fields: Record<string, unknown> = {}): void {
    if (this.joined) this.send({ type, ...fields });
  }

  /** The network may have changed: find out quickly whether the line still works, or try again at once. */
  nudge(): void {
    if (this.ended) return;
    if (this.retryTimer !== undefined) {
      clearTimeout(this.retryTimer);
      this.retryTimer = undefined;
      void this.connect();
    } else if (this.joined) {
      this.ping(PONG_URGENT_MS);
    }
  }

  /** The network is another one: what went over the old one is dead, whatever the socket believes. */
  renew(): void {
    if (this.ended) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.attempt = 0;
    this.drop();
    void this.connect();
  }

  close(reason = 'left'): void {
    if (this.ended) return;
    if (this.joined && reason === 'left') this.send({ type: 'leave' });
    this.finish(reason);
  }

  private finish(reason: string): void {
    this.ended = true;
    this.drop();
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.o.hooks.state({ at: 'closed', reason });
  }

  private send(m: Record<string, unknown>): void {
    if (this.ws && this.ws.readyState === 1) this.ws.send(JSON.stringify(m));
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation;
    if (this.attempt === 0 && this.seq === 0) this.o.hooks.state({ at: 'connecting' });
    let ticket: string;
    try {
      ticket = await this.o.ticket(this.askFresh);
      this.askFresh = false;
    } catch (e) {
      if (this.ended || generation !== this.generation) return;
      const code = e instanceof RequestError ? e.code : 'offline';
      if (code !== 'offline' && FINAL_ERRORS.has(code)) this.finish(code);
      else this.retry();
      return;
    }
    if (this.ended || generation !== this.generation) return;
    const ws = this.o.open(this.o.url, SUBPROTOCOL);
    this.ws = ws;
    this.openTimer = setTimeout(() => this.lost(ws), OPEN_WAIT_MS);
    ws.onopen = () => {
      this.joinId = this.nextId++;
      this.send({ type: 'join', id: this.joinId, ticket, since: this.seq, client: this.o.client });
    };
    ws.onmessage = (ev) => {
      if (this.ws === ws && typeof ev.data === 'string') this.receive(ev.data);
    };
    ws.onclose = () => this.lost(ws);
    ws.onerror = () => this.lost(ws);
  }

  private receive(text: string): void {
    let m: Record<string, unknown>;
    try {
      m = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return;
    }
    const type = m.type;
    if (typeof m.seq === 'number' && type !== 'welcome') this.seq = Math.max(this.seq, m.seq);
    if (type === 'welcome') return this.onWelcome(m as unknown as Welcome);
    if (type === 'ok' || type === 'answer') return this.settle(m as unknown as Ok | Answer);
    if (type === 'error') return this.onError(m);
    if (type === 'pong') return this.onPong(m);
    if (type === 'bye') return this.onBye(String(m.reason ?? ''), Number(m.retry_ms ?? 0));
    if (typeof type === 'string' && EPHEMERAL.has(type)) return this.o.hooks.ephemeral(m as unknown as Ephemeral);
    if (typeof m.seq === 'number' && typeof type === 'string') this.onEvent(m as unknown as RoomEvent);
  }

  private onWelcome(w: Welcome): void {
    clearTimeout(this.openTimer);
    if (typeof w.now === 'number') this.offsetMs = w.now - this.clock();
    if (w.state === 'waiting') {
      this.attempt = 0;
      this.startPings(w.ping_s);
      this.o.hooks.state({ at: 'waiting', title: w.room?.title ?? '' });
      return;
    }
    this.joined = true;
    this.freshRefused = false;
    this.attempt = 0;
    if (!w.resumed) this.seq = this.eventSeq = w.seq;
    this.startPings(w.ping_s);
    this.o.hooks.welcome(w);
    this.o.hooks.state({ at: 'live' });
  }

  private onEvent(e: RoomEvent): void {
    /* Gaps are normal (not every event is for everybody); a number heard before is not news. */
    if (e.seq <= this.eventSeq) return;
    this.eventSeq = e.seq;
    this.o.hooks.event(e);
  }

  private settle(m: Ok | Answer): void {
    const p = this.pending.get(m.id);
    if (!p) return;
    this.pending.delete(m.id);
    clearTimeout(p.timer);
    p.resolve(m);
  }

  private onError(m: Record<string, unknown>): void {
    const code = String(m.error ?? 'internal');
    if (m.id === this.joinId && !this.joined) return this.onJoinRefused(code, Number(m.retry_ms ?? 0));
    const p = this.pending.get(Number(m.id));
    if (!p) return;
    this.pending.delete(Number(m.id));
    clearTimeout(p.timer);
    p.reject(new RequestError(code, Number(m.retry_ms ?? 0)));
  }

  private onJoinRefused(code: string, retryMs: number): void {
    if ((code === 'expired' || code === 'auth') && !this.freshRefused) {
      this.askFresh = this.freshRefused = true;
      this.lost(this.ws);
    } else if (FINAL_ERRORS.has(code)) {
      this.finish(code);
    } else {
      this.hintMs = retryMs;
      this.lost(this.ws);
    }
  }

  private onBye(reason: string, retryMs: number): void {
    if (FINAL_REASONS.has(reason)) return this.finish(reason);
    this.hintMs = retryMs;
    this.lost(this.ws);
  }

  private onPong(m: Record<string, unknown>): void {
    clearTimeout(this.pongTimer);
    this.pongTimer = undefined;
    this.rttMs = this.clock() - this.pingAt;
    if (typeof m.now === 'number') this.offsetMs = m.now - this.clock();
  }

  private startPings(pingS = PING_S): void {
    clearInterval(this.pingTimer);
    this.pingTimer = setInterval(() => this.ping(PONG_WAIT_MS), pingS * 1000);
  }

  private ping(waitMs: number, late = (ws: SocketLike | null): void => this.lost(ws)): void {
    const ws = this.ws;
    clearTimeout(this.pongTimer);
    this.pongTimer = setTimeout(() => late(ws), waitMs);
    this.pingAt = this.clock();
    this.send({ type: 'ping' });
  }

  /** Something else says that the network may be gone: asks, and when no answer comes in the time one usually takes,
   * makes the line anew at once and calls `dead`. */
  doubt(dead: () => void): void {
    if (!this.joined || this.ended || this.pongTimer !== undefined) return;
    const wait = Math.min(DOUBT_MAX_MS, Math.max(DOUBT_MIN_MS, 2 * this.rttMs + DOUBT_SLACK_MS));
    this.ping(wait, (ws) => {
      if (ws !== this.ws || this.ended) return;
      this.renew();
      dead();
    });
  }

  private lost(ws: SocketLike | null): void {
    if (this.ended || ws !== this.ws) return;
    this.drop();
    this.retry();
  }

  /** Forgets the socket and fails what waited on it. */
  private drop(): void {
    const ws = this.ws;
    this.ws = null;
    this.joined = false;
    clearTimeout(this.openTimer);
    clearTimeout(this.pongTimer);
    this.pongTimer = undefined;
    clearInterval(this.pingTimer);
    if (ws) {
      ws.onopen = ws.onclose = ws.onerror = ws.onmessage = null;
      try {
        ws.close(1000);
      } catch {
        /* A socket that never opened may refuse to be closed; it is forgotten either way. */
      }
    }
    for (const p of this.pending.values()) {
      clearTimeout(p.timer);
      p.reject(new RequestError('offline'));
    }
    this.pending.clear();
  }

  private retry(): void {
    const wait = Math.max(this.hintMs, backoffMs(this.attempt, this.random));
    this.hintMs = 0;
    this.attempt++;
    this.o.hooks.state({ at: 'lost', attempt: this.attempt, retryAt: this.clock() + wait });
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      void this.connect();
    }, wait);
  }
}
