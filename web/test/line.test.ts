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
  /** In order: each welcome, `anew` or `again`, each event, and that it has caught up. */
  heard: string[];
  states: LineState[];
  tickets: boolean[];
  socket(): Socket;
}

function rig(ticket: (fresh: boolean) => Promise<string> = async () => 'T'): Rig {
  const r = { sockets: [], events: [], welcomes: [], heard: [], states: [], tickets: [] } as unknown as Rig;
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
      welcome: (w, anew) => {
        r.welcomes.push(w);
        r.heard.push(anew ? 'anew' : 'again');
      },
      caughtUp: () => r.heard.push('caught up'),
      event: (e) => {
        r.events.push(e);
        r.heard.push(`${e.seq}`);
      },
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

/** Doubted, unanswered, and made anew: the first attempt is under way. */
async function renewed(r: Rig): Promise<Socket> {
  r.line.doubt();
  clock.tick(300);
  await settle();
  assert.equal(r.sockets.length, 2);
  return r.socket();
}

const told = (r: Rig): string[] => r.states.map((s) => s.at);
const welcomed = (s: Socket, seq: number): void =>
  s.say({ type: 'welcome', id: s.last().id, state: 'in', you, room, seq, resumed: true, now: Date.now() });

test('a line made anew that does not come is said to be lost, once, and the attempt goes on', async () => {
  const r = rig();
  await joined(r, 10);
  const s = await renewed(r);
  clock.tick(1_499);
  assert.deepEqual(told(r), ['connecting', 'live']);
  clock.tick(1);
  assert.deepEqual(told(r), ['connecting', 'live', 'lost']);
  const lost = r.states.at(-1);
  assert.ok(lost?.at === 'lost' && lost.why === '' && lost.retryAt <= Date.now());
  clock.tick(5_000);
  await settle();
  assert.equal(r.sockets.length, 2);
  s.open();
  welcomed(s, 10);
  clock.tick(60_000);
  assert.deepEqual(told(r).slice(2, 4), ['lost', 'live']);
});

test('a line made anew quickly is not spoken of, nor later', async () => {
  const r = rig();
  await joined(r, 10);
  const s = await renewed(r);
  clock.tick(1_000);
  s.open();
  welcomed(s, 10);
  s.say({ type: 'pong', now: Date.now(), seq: 10 });
  clock.tick(10_000);
  assert.deepEqual(told(r), ['connecting', 'live', 'live']);
});

test('however often the line is made anew meanwhile, the time runs from the first', async () => {
  const r = rig();
  await joined(r, 10);
  await renewed(r);
  for (let i = 0; i < 3; i++) {
    clock.tick(500);
    r.line.renew();
    await settle();
  }
  assert.deepEqual(told(r), ['connecting', 'live', 'lost']);
});

test('who leaves while the line is made anew is not told that it is lost', async () => {
  const r = rig();
  await joined(r, 10);
  await renewed(r);
  r.line.close();
  clock.tick(10_000);
  assert.deepEqual(told(r), ['connecting', 'live', 'closed']);
});

test('an attempt that fails says so itself, and nothing says it again', async () => {
  const r = rig();
  await joined(r, 10);
  (await renewed(r)).cut();
  assert.equal(r.states.at(-1)?.at, 'lost');
  clock.tick(1_000);
  await settle();
  const s = r.socket();
  s.open();
  welcomed(s, 10);
  clock.tick(1_000);
  assert.deepEqual(told(r), ['connecting', 'live', 'lost', 'live']);
});

test('a doubt does not wait for an answer that has longer', async () => {
  const r = rig();
  await joined(r);
  r.line.nudge();
  let dead = 0;
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

/** Cut off after event 12, and resumed. */
async function resumed(r: Rig): Promise<Socket> {
  const s = await joined(r, 10);
  s.say(hand(12));
  s.cut();
  clock.tick(1000);
  await settle();
  r.socket().open();
  welcomed(r.socket(), 13);
  return r.socket();
}

test('who resumes has caught up with the answer to a ping behind what was missed', async () => {
  const r = rig();
  const s = await resumed(r);
  assert.equal(s.last().type, 'ping');
  s.say(hand(13));
  r.line.nudge();
  s.say({ type: 'pong', now: Date.now(), seq: 13 });
  s.say(hand(14));
  s.say({ type: 'pong', now: Date.now(), seq: 14 });
  assert.deepEqual(r.heard, ['anew', 'caught up', '12', 'anew', '13', 'caught up', '14']);
});

test('cut off while it catches up, it begins anew', async () => {
  const r = rig();
  const s = await resumed(r);
  s.cut();
  clock.tick(1000);
  await settle();
  r.socket().open();
  welcomed(r.socket(), 13);
  r.socket().say(hand(13));
  r.socket().say({ type: 'pong', now: Date.now(), seq: 13 });
  assert.deepEqual(r.heard, ['anew', 'caught up', '12', 'anew', 'anew', '13', 'caught up']);
});

test('a welcome on a standing line is not one of a new line', async () => {
  const r = rig();
  const s = await joined(r, 10);
  s.say({ type: 'welcome', state: 'in', you, room, seq: 12, resumed: false, snapshot: {}, now: Date.now() });
  assert.deepEqual(r.heard, ['anew', 'caught up', 'again', 'caught up']);
});

test('a pong is measured only where it can be nobody else\'s', async () => {
  const r = rig();
  const s = await joined(r);
  const pong = (): void => s.say({ type: 'pong', now: Date.now() + 1000 - 400, seq: 10 }); /* 400 ms under way */
  r.line.nudge();
  clock.tick(780);
  r.line.nudge();
  clock.tick(20);
  pong(); /* the answer to the first, 800 ms after it */
  assert.equal(r.line.serverNow() - Date.now(), 500, 'as the welcome said');
  clock.tick(780);
  pong();
  assert.equal(r.line.serverNow() - Date.now(), 1000);
});

test('a ping the server let fall is forgotten', async () => {
  const r = rig();
  const s = await joined(r);
  r.line.nudge();
  r.line.nudge();
  s.say({ type: 'pong', now: Date.now() + 700, seq: 10 });
  clock.tick(15_000);
  clock.tick(200);
  s.say({ type: 'pong', now: Date.now() + 900, seq: 10 });
  assert.equal(r.line.serverNow() - Date.now(), 1000);
});

test('what wants no answer says whether it went', async () => {
  const r = rig();
  const s = await joined(r);
  assert.equal(r.line.tell('listen'), true);
  s.readyState = 2; /* closing, and nobody has heard of it yet */
  assert.equal(r.line.tell('listen'), false);
  s.cut();
  assert.equal(r.line.tell('listen'), false);
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

test('a room that lets nobody in now says why, and is asked again when it said', async () => {
  const r = rig();
  r.line.start();
  await settle();
  r.socket().open();
  r.socket().say({ type: 'error', id: r.socket().last().id, error: 'full', retry_ms: 2000 });
  const lost = r.states.at(-1);
  assert.ok(lost?.at === 'lost' && lost.why === 'full');
  clock.tick(1_900);
  await settle();
  assert.equal(r.sockets.length, 1);
  clock.tick(200);
  await settle();
  assert.equal(r.sockets.length, 2);
  r.socket().cut();
  const cut = r.states.at(-1);
  assert.ok(cut?.at === 'lost' && cut.why === '');
});

test('a ticket refused for a while says why too', async () => {
  const r = rig(async () => {
    throw new RequestError('rate', 3000);
  });
  r.line.start();
  await settle();
  const lost = r.states.at(-1);
  assert.ok(lost?.at === 'lost' && lost.why === 'rate' && lost.retryAt >= Date.now() + 3000);
});

for (const reason of ['replaced', 'removed', 'ended', 'cancelled', 'denied', 'invalid']) {
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

test('a server that cannot keep the room is not called a lost line', async () => {
  const r = rig();
  const s = await joined(r);
  s.say({ type: 'bye', reason: 'busy', retry_ms: 3000 });
  const lost = r.states.at(-1);
  assert.ok(lost?.at === 'lost' && lost.why === 'busy' && lost.retryAt >= Date.now() + 3000);
  clock.tick(3_000);
  await settle();
  r.socket().cut();
  const cut = r.states.at(-1);
  assert.ok(cut?.at === 'lost' && cut.why === '');
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
