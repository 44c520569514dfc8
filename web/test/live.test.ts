/* live — a page in a room over cuts of its line: what others are told of its microphone is what it sends, and its
 * connections are only touched when the line is a new one. The other end is played here; time is the test's. */
import { page } from './page';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Live } from '../src/state/live';
import { Clock } from './clock';

type Message = Record<string, unknown>;
const nothing = (): void => undefined;

class Socket {
  static all: Socket[] = [];
  readyState = 0;
  sent: Message[] = [];
  onopen: (ev: unknown) => void = nothing;
  onclose: (ev: unknown) => void = nothing;
  onmessage: (ev: { data: unknown }) => void = nothing;
  constructor() {
    Socket.all.push(this);
  }
  send(text: string): void {
    const m = JSON.parse(text) as Message;
    this.sent.push(m);
    if (m.type === 'view' || m.type === 'restart') this.say({ type: 'answer', id: m.id, sdp: '' });
  }
  close(): void {
    this.readyState = 3;
  }
  say(m: Message): void {
    this.onmessage?.({ data: JSON.stringify(m) });
  }
  of(type: string): Message[] {
    return this.sent.filter((m) => m.type === type);
  }
}

class Connection {
  connectionState = 'connected';
  localDescription = { sdp: '' };
  remoteDescription: unknown = null;
  addTransceiver = (): unknown => ({ mid: '0', sender: { replaceTrack: async (): Promise<void> => undefined } });
  getTransceivers = (): unknown[] => [];
  getReceivers = (): unknown[] => [];
  getStats = async (): Promise<unknown> => new Map();
  setConfiguration = nothing;
  createOffer = async (): Promise<unknown> => ({});
  setLocalDescription = async (): Promise<void> => undefined;
  setRemoteDescription = async (d: unknown): Promise<void> => void (this.remoteDescription = d);
  close = nothing;
}

const track = { enabled: true, readyState: 'live', stop: nothing };
const devices = { getUserMedia: async () => ({ getAudioTracks: () => [track] }) };
Object.assign(globalThis, {
  WebSocket: Socket, RTCPeerConnection: Connection, RTCRtpReceiver: {}, RTCRtpSender: {}, addEventListener: nothing, removeEventListener: nothing,
});
Object.assign(page, { addEventListener: nothing, removeEventListener: nothing });
Object.assign(navigator, { mediaDevices: devices });

const settle = async (): Promise<void> => {
  for (let i = 0; i < 60; i++) await Promise.resolve();
};
const you = { id: 'u1', name: 'Оля', role: 'attendee' };
const me = { ...you, stage: true, sources: [] as string[] };

let clock: Clock;
let live: Live;
beforeEach(() => {
  clock = new Clock();
  clock.install();
  Socket.all = [];
  live = new Live({ ticket: async () => 'T', url: 'ws://x/ws', videoSlots: 1 });
});
afterEach(() => {
  live.stop();
  clock.uninstall();
});

/** The next socket, and the welcome on it. */
async function line(welcome: Message): Promise<Socket> {
  await settle();
  const s = Socket.all.at(-1);
  assert.ok(s);
  s.readyState = 1;
  s.onopen({});
  s.say({ type: 'welcome', id: 1, state: 'in', you, room: { id: 'r', title: 'Урок', can: {} }, now: Date.now(), ...welcome });
  await settle();
  return s;
}
const whole = (life: string): Message => ({ seq: 10, resumed: false, snapshot: { life, members: [me], stage: ['u1'] } });

test('a microphone turned on into a cut is off for the others, too', async () => {
  live.start();
  const first = await line(whole('scheduled'));
  void live.toggle('mic');
  await settle();
  assert.deepEqual(first.of('source').map((m) => m.on), [true]);
  first.onclose({}); /* it arrived, its answer did not */
  await settle();
  assert.equal(live.local.value.mic, false);
  clock.tick(1_000);
  const s = await line({ seq: 11, resumed: true, media: { publish: false, view: false } });
  s.say({ type: 'source', seq: 11, at: 1, by: 'u1', who: 'u1', source: 'mic', on: true });
  s.say({ type: 'pong', seq: 11, now: Date.now() });
  await settle();
  assert.deepEqual(s.of('source').map((m) => m.on), [false]);
});

test('a microphone that shows itself on is off when it is pressed, however long its way into the room takes', async () => {
  live.start();
  const s = await line(whole('open'));
  void live.toggle('mic');
  void live.toggle('mic'); /* pressed twice, as nothing happened yet: once */
  await settle();
  assert.equal(live.local.value.mic, true);
  const on = s.of('source')[0];
  assert.ok(on);
  s.say({ type: 'ok', id: on.id });
  await settle();
  const published = s.of('publish')[0];
  assert.ok(published, 'its way into the room');
  assert.equal(live.local.value.mic, true);
  void live.toggle('mic');
  void live.toggle('mic');
  await settle();
  assert.equal(track.enabled, false, 'deaf at once');
  s.say({ type: 'answer', id: published.id, sdp: '' });
  await settle();
  assert.equal(live.local.value.mic, false);
  assert.deepEqual(s.of('source').map((m) => m.on), [true, false]);
});

test('a welcome on a standing line looks for no new path, one of a new line does', async () => {
  live.start();
  const first = await line(whole('open'));
  assert.equal(first.of('view').length, 1);
  first.say({ type: 'welcome', state: 'in', you, room: { id: 'r', title: 'Урок', can: {} }, now: Date.now(), media: { publish: false, view: true }, ...whole('open') });
  await settle();
  assert.equal(first.of('restart').length, 0);
  first.onclose({});
  clock.tick(1_000);
  const s = await line({ seq: 11, resumed: true, media: { publish: false, view: true } });
  assert.equal(s.of('restart').length, 1);
  assert.equal(first.of('view').length, 1);
});
