/* socket — one person's line to a room: joins by ticket, numbers requests, keeps the heartbeat, and comes back by
 * itself after a cut with `since`, so that the room's events arrive once each and in order. No DOM: the WebSocket
 * constructor and the clock are handed in. */

import { backoffMs } from './backoff';
import { ServerClock } from './serverclock';
import type { Answer, Ephemeral, Found, Ok, RoomEvent, Welcome } from './types';
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
/* A line made anew that is not there after this is said to be lost; quicker ones nobody needs to hear of. */
const LATE_MS = 1_500;

export type LineState =
  | { at: 'connecting' }
  | { at: 'waiting'; title: string }
  | { at: 'live' }
  /** `why`: the room's own word for not letting in now (full, busy …); '' when the line itself is gone. */
  | { at: 'lost'; attempt: number; retryAt: number; why: string }
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
  /** `anew`: the first of this socket; others come when what one is told changes. */
  welcome(w: Welcome, anew: boolean): void;
  /** The room is as it is now: what was missed has been told. After each welcome. */
  caughtUp(): void;
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
  resolve(m: Ok | Answer | Found): void;
  reject(e: RequestError): void;
  timer: ReturnType<typeof setTimeout>;
}

/* Reasons after which coming back by itself would be wrong. */
const FINAL_REASONS = new Set(['replaced', 'removed', 'ended', 'cancelled', 'denied', 'left', 'auth', 'invalid']);
const FINAL_ERRORS = new Set(['auth', 'denied', 'not_found', 'unsupported', 'invalid', 'expired']);
/* By their type, so that none is forgotten here. */
const EPHEMERAL: Record<Ephemeral['type'], true> = {
  slots: true, speaking: true, presence: true, can: true, media_down: true, layers: true, quality: true, lines: true,
  tally: true, votes: true, queue: true, thrift: true, pointing: true, listening: true, stalls: true, captioning: true,
};

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
  private readonly theirs = new ServerClock();
  private hintMs = 0;
  private refusal = '';
  /* When the pings went that no pong came for yet; which pong is whose nothing says but their order. */
  private pingsAt: number[] = [];
  /* Pongs until the one behind which nothing missed is left, 0: none is waited for. */
  private catchingUp = 0;
  private pongDueAt = 0;
  private rttMs = 0;
  private generation = 0;
  private readonly pending = new Map<number, Pending>();
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private pongTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private openTimer: ReturnType<typeof setTimeout> | undefined;
  private lateTimer: ReturnType<typeof setTimeout> | undefined;
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
    return this.clock() + this.theirs.offset;
  }

  /** Somebody needs the server's clock now, not after the next heartbeat. */
  askTime(): void {
    if (this.joined && this.pongTimer === undefined) this.ping(PONG_WAIT_MS);
  }

  lastSeq(): number {
    return this.seq;
  }

  isLive(): boolean {
    return this.joined;
  }

  /** Sends a request that wants an answer; rejects with RequestError (`offline` when the line was cut meanwhile). */
  request(type: string, fields: Record<string, unknown> = {}): Promise<Ok | Answer | Found> {
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

  /** Sends a message that wants no answer; false: there is no line to send it on. */
  tell(type: string, fields: Record<string, unknown> = {}): boolean {
    return this.joined && this.send({ type, ...fields });
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
    this.lateTimer ??= setTimeout(() => {
      this.lateTimer = undefined;
      this.o.hooks.state({ at: 'lost', attempt: 1, retryAt: this.clock(), why: '' });
    }, LATE_MS);
    void this.connect();
  }

  /** Back, or said to be lost already. */
  private settled(): void {
    clearTimeout(this.lateTimer);
    this.lateTimer = undefined;
  }

  close(reason = 'left'): void {
    if (this.ended) return;
    if (this.joined && reason === 'left') this.send({ type: 'leave' });
    this.finish(reason);
  }

  private finish(reason: string): void {
    this.ended = true;
    this.drop();
    this.settled();
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.o.hooks.state({ at: 'closed', reason });
  }

  private send(m: Record<string, unknown>): boolean {
    if (this.ws?.readyState !== 1) return false;
    this.ws.send(JSON.stringify(m));
    return true;
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
      if (code !== 'offline' && FINAL_ERRORS.has(code)) return this.finish(code);
      if (code !== 'offline') this.refused(e as RequestError);
      return this.retry();
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
    if (type === 'ok' || type === 'answer' || type === 'found') return this.settle(m as unknown as Ok | Answer | Found);
    if (type === 'error') return this.onError(m);
    if (type === 'pong') return this.onPong(m);
    if (type === 'bye') return this.onBye(String(m.reason ?? ''), Number(m.retry_ms ?? 0));
    if (typeof type === 'string' && Object.hasOwn(EPHEMERAL, type)) return this.o.hooks.ephemeral(m as unknown as Ephemeral);
    if (typeof m.seq === 'number' && typeof type === 'string') this.onEvent(m as unknown as RoomEvent);
  }

  private onWelcome(w: Welcome): void {
    clearTimeout(this.openTimer);
    this.settled();
    if (typeof w.now === 'number') this.theirs.heard(w.now, this.clock(), null);
    if (w.state === 'waiting') {
      this.attempt = 0;
      this.startPings(w.ping_s);
      this.o.hooks.state({ at: 'waiting', title: w.room?.title ?? '' });
      return;
    }
    const anew = !this.joined;
    this.joined = true;
    this.freshRefused = false;
    this.attempt = 0;
    if (!w.resumed) this.seq = this.eventSeq = w.seq;
    this.startPings(w.ping_s);
    this.o.hooks.welcome(w, anew);
    this.o.hooks.state({ at: 'live' });
    if (!w.resumed) return this.o.hooks.caughtUp();
    /* What was missed is on its way, and the pong comes behind it. */
    this.ping(PONG_WAIT_MS);
    this.catchingUp = this.pingsAt.length;
  }

  private onEvent(e: RoomEvent): void {
    /* Gaps are normal (not every event is for everybody); a number heard before is not news. */
    if (e.seq <= this.eventSeq) return;
    this.eventSeq = e.seq;
    this.o.hooks.event(e);
  }

  private settle(m: Ok | Answer | Found): void {
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
      this.refused(new RequestError(code, retryMs));
      this.lost(this.ws);
    }
  }

  /** Not now; the next try comes by itself. */
  private refused(e: RequestError): void {
    this.hintMs = e.retryMs;
    this.refusal = e.code;
  }

  private onBye(reason: string, retryMs: number): void {
    if (FINAL_REASONS.has(reason)) return this.finish(reason);
    this.hintMs = retryMs;
    if (reason === 'busy') this.refusal = reason; /* the line is well: it is the server that cannot */
    this.lost(this.ws);
  }

  private onPong(m: Record<string, unknown>): void {
    clearTimeout(this.pongTimer);
    this.pongTimer = undefined;
    /* A ping the server let fall would put all later pongs with the wrong one. */
    if (this.pingsAt.length === 1) {
      this.rttMs = this.clock() - (this.pingsAt[0] ?? 0);
      if (typeof m.now === 'number') this.theirs.heard(m.now, this.clock(), this.rttMs);
    }
    this.pingsAt.shift();
    if (this.catchingUp > 0 && --this.catchingUp === 0) this.o.hooks.caughtUp();
  }

  private startPings(pingS = PING_S): void {
    clearInterval(this.pingTimer);
    this.pingTimer = setInterval(() => this.ping(PONG_WAIT_MS), pingS * 1000);
  }

  private ping(waitMs: number, late = (ws: SocketLike | null): void => this.lost(ws)): void {
    const ws = this.ws;
    clearTimeout(this.pongTimer);
    this.pongTimer = setTimeout(() => late(ws), waitMs);
    const now = this.clock();
    this.pingsAt = [...this.pingsAt.filter((at) => now - at < PONG_WAIT_MS), now];
    this.pongDueAt = now + waitMs;
    this.send({ type: 'ping' });
  }

  /** Something else says that the network may be gone: asks, and when no answer comes in the time one usually takes,
   * makes the line anew at once and calls `dead`. */
  doubt(dead = (): void => undefined): void {
    if (!this.joined) return this.nudge();
    const wait = Math.min(DOUBT_MAX_MS, Math.max(DOUBT_MIN_MS, 2 * this.rttMs + DOUBT_SLACK_MS));
    if (this.pongTimer !== undefined && this.pongDueAt <= this.clock() + wait) return;
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
    this.pingsAt = [];
    this.catchingUp = 0;
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
    const why = this.refusal;
    this.hintMs = 0;
    this.refusal = '';
    this.attempt++;
    this.settled();
    this.o.hooks.state({ at: 'lost', attempt: this.attempt, retryAt: this.clock() + wait, why });
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      void this.connect();
    }, wait);
  }
}
