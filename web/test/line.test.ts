/* line — joining, numbering, coming back: against a socket whose other end is played here. Time is the test's. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Clock } from './clock';
import { Line, type LineState, type SocketLike } from '../src/protocol/socket';
import { backoffMs, BACKOFF_MAX_MS } from '../src/protocol/backoff';
import { RequestError, type RoomEvent, type Welcome } from '../src/protocol/types';

class Socket implements SocketLike {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: ((ev: unknown) => void) | null = null;
  onclose: ((ev: unknown) => void) | null = null;
  onerror: ((ev: unknown) => void) | null = null;
  onmessage: ((ev: { data: unknown }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.({});
  }
  say(m: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(m) });
  }
  cut(): void {
    this.readyState = 3;
    this.onclose?.({});
  }
  last(): Record<string, unknown> {
    return this.sent.at(-1) ?? {};
  }
}

interface Rig {
  line: Line;
  sockets: Socket[];
  events: RoomEvent[];
  welcomes: Welcome[];
  states: LineState[];
  tickets: boolean[];
  socket(): Socket;
}

function rig(ticket: (fresh: boolean) => Promise<string> = async () => 'T'): Rig {
  const r = { sockets: [], events: [], welcomes: [], states: [], tickets: [] } as unknown as Rig;
  r.line = new Line({
    url: 'ws://x/ws',
    client: 'test/1',
    ticket: (fresh) => {
      r.tickets.push(fresh);
      return ticket(fresh);
    },
    open: () => {
      const s = new Socket();
      r.sockets.push(s);
      return s;
    },
    now: () => Date.now(),
    random: () => 0.5,
    hooks: {
      welcome: (w) => r.welcomes.push(w),
      event: (e) => r.events.push(e),
      ephemeral: () => undefined,
      state: (s) => r.states.push(s),
    },
  });
  r.socket = () => {
    const s = r.sockets.at(-1);
    assert.ok(s, 'no socket was opened');
    return s;
  };
  return r;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};
const you = { id: 'u1', name: 'Олена', role: 'host' };
const room = { id: 'r', title: 'Урок', can: {} };

async function joined(r: Rig, seq = 10): Promise<Socket> {
  r.line.start();
  await settle();
  const s = r.socket();
  s.open();
  s.say({ type: 'welcome', id: s.last().id, state: 'in', you, room, seq, resumed: false, snapshot: {}, now: Date.now() + 500 });
  return s;
}

const hand = (seq: number): Record<string, unknown> => ({ type: 'hand', seq, at: seq, who: 'u2', on: true });

let clock: Clock;
beforeEach(() => {
  clock = new Clock();
  clock.install();
});
afterEach(() => clock.uninstall());

test('joins with a ticket and since 0, and knows the clock of the server', async () => {
  const r = rig();
  const s = await joined(r);
  assert.deepEqual(s.sent[0], { type: 'join', id: 1, ticket: 'T', since: 0, client: 'test/1' });
  assert.equal(r.states.at(-1)?.at, 'live');
  assert.equal(r.line.serverNow(), Date.now() + 500);
});

test('gives each answer to its own request', async () => {
  const r = rig();
  const s = await joined(r);
  const first = r.line.request('hand', { on: true });
  const second = r.line.request('chat', { text: 'a' });
  const [a, b] = s.sent.slice(-2).map((m) => m.id);
  s.say({ type: 'error', id: b, error: 'rate', retry_ms: 700 });
  s.say({ type: 'ok', id: a, seq: 11 });
  assert.equal((await first).type, 'ok');
  await assert.rejects(second, (e: RequestError) => e.code === 'rate' && e.retryMs === 700);
});

test('a request that is never answered times out', async () => {
  const r = rig();
  await joined(r);
  const p = r.line.request('hand', { on: true });
  clock.tick(15_001);
  await assert.rejects(p, (e: RequestError) => e.code === 'timeout');
});

test('comes back after a cut with the highest number it heard of, and fails what waited', async () => {
  const r = rig();
  const s = await joined(r, 10);
  s.say(hand(12));
  s.say({ type: 'pong', now: Date.now(), seq: 15 });
  const waiting = r.line.request('hand', { on: true });
  s.cut();
  await assert.rejects(waiting, (e: RequestError) => e.code === 'offline');
  const lost = r.states.at(-1);
  assert.equal(lost?.at, 'lost');
  clock.tick(1000);
  await settle();
  const again = r.socket();
  assert.notEqual(again, s);
  again.open();
  assert.equal(again.last().since, 15);
  again.say({ type: 'welcome', id: again.last().id, you, room, seq: 17, resumed: true, now: Date.now() });
  again.say(hand(16));
  again.say(hand(17));
  assert.deepEqual(r.events.map((e) => e.seq), [12, 16, 17]);
});

test('an event heard twice is folded once', async () => {
  const r = rig();
  const s = await joined(r, 10);
  s.say(hand(11));
  s.say(hand(11));
  s.say(hand(9));
  assert.deepEqual(r.events.map((e) => e.seq), [11]);
});

test('a dead line is noticed by the unanswered ping, quickly when nudged', async () => {
  const r = rig();
  const s = await joined(r);
  r.line.nudge();
  assert.equal(s.last().type, 'ping');
  clock.tick(3_001);
  assert.equal(r.states.at(-1)?.at, 'lost');
});

test('on another network the line is made anew at once, and what was missed is asked for', async () => {
  const r = rig();
  const s = await joined(r, 10);
  const asked = assert.rejects(r.line.request('hand', { on: true }), (e: RequestError) => e.code === 'offline');
  r.line.renew();
  await asked;
  await settle();
  assert.equal(r.sockets.length, 2);
  assert.equal(s.readyState, 3);
  r.socket().open();
  assert.equal(r.socket().last().since, 10);
  r.socket().say({ type: 'welcome', id: r.socket().last().id, state: 'in', you, room, seq: 10, resumed: true, now: Date.now() });
  assert.equal(r.states.at(-1)?.at, 'live');
  assert.ok(!r.states.some((x) => x.at === 'lost')); /* nobody is told of what took no time */
});

test('a doubted line is given up after twice its usual time, and made anew without waiting', async () => {
  const r = rig();
  const s = await joined(r);
  let dead = 0;
  r.line.doubt(() => dead++);
  assert.equal(s.last().type, 'ping');
  s.say({ type: 'pong', now: Date.now(), seq: 10 });
  clock.tick(2_001);
  assert.equal(dead, 0);
  r.line.doubt(() => dead++);
  clock.tick(301);
  await settle();
  assert.equal(dead, 1);
  assert.equal(r.sockets.length, 2);
});

test('an answered ping keeps the line', async () => {
  const r = rig();
  const s = await joined(r);
  clock.tick(15_000);
  assert.equal(s.last().type, 'ping');
  s.say({ type: 'pong', now: Date.now(), seq: 10 });
  clock.tick(12_000);
  assert.equal(r.states.at(-1)?.at, 'live');
});

test('an expired ticket is replaced by a fresh one', async () => {
  const r = rig();
  r.line.start();
  await settle();
  r.socket().open();
  r.socket().say({ type: 'error', id: r.socket().last().id, error: 'expired' });
  clock.tick(1000);
  await settle();
  assert.deepEqual(r.tickets, [false, true]);
});

test('a fresh ticket refused too ends it', async () => {
  const r = rig();
  r.line.start();
  for (let i = 0; i < 2; i++) {
    await settle();
    r.socket().open();
    r.socket().say({ type: 'error', id: r.socket().last().id, error: 'auth' });
    clock.tick(1000);
  }
  await settle();
  assert.deepEqual(r.states.at(-1), { at: 'closed', reason: 'auth' });
  assert.equal(r.sockets.length, 2);
});

for (const reason of ['replaced', 'removed', 'ended', 'denied']) {
  test(`after bye ${reason} it stays away`, async () => {
    const r = rig();
    const s = await joined(r);
    s.say({ type: 'bye', reason });
    s.cut();
    clock.tick(60_000);
    await settle();
    assert.deepEqual(r.states.at(-1), { at: 'closed', reason });
    assert.equal(r.sockets.length, 1);
  });
}

test('after bye shutdown it waits as long as it was told', async () => {
  const r = rig();
  const s = await joined(r);
  s.say({ type: 'bye', reason: 'shutdown', retry_ms: 4000 });
  clock.tick(3_900);
  await settle();
  assert.equal(r.sockets.length, 1);
  clock.tick(200);
  await settle();
  assert.equal(r.sockets.length, 2);
});

test('waits in the lobby until admitted', async () => {
  const r = rig();
  r.line.start();
  await settle();
  const s = r.socket();
  s.open();
  s.say({ type: 'welcome', id: 1, state: 'waiting', you, room: { title: 'Урок' }, now: Date.now() });
  assert.deepEqual(r.states.at(-1), { at: 'waiting', title: 'Урок' });
  await assert.rejects(r.line.request('hand', { on: true }));
  s.say({ type: 'welcome', state: 'in', you, room, seq: 5, resumed: false, snapshot: {}, now: Date.now() });
  assert.equal(r.states.at(-1)?.at, 'live');
  assert.equal(r.line.lastSeq(), 5);
});

test('a server that cannot be reached is tried again and again', async () => {
  const r = rig(async () => {
    throw new RequestError('offline');
  });
  r.line.start();
  for (let i = 0; i < 6; i++) {
    await settle();
    clock.tick(10_001);
  }
  await settle();
  assert.ok(r.tickets.length >= 6);
  assert.equal(r.states.at(-1)?.at, 'lost');
});

test('backoff doubles, is capped, and is spread over the upper half', () => {
  assert.equal(backoffMs(0, () => 0), 150);
  assert.equal(backoffMs(0, () => 1), 300);
  assert.equal(backoffMs(1, () => 1), 600);
  assert.equal(backoffMs(50, () => 1), BACKOFF_MAX_MS);
  for (let i = 0; i < 100; i++) {
    const ms = backoffMs(i % 12, Math.random);
    assert.ok(ms >= 150 && ms <= BACKOFF_MAX_MS);
  }
});
