/* retold — what the server has to know of a page is said anew when a cut may have taken it, and only then. */
import { page } from './page';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { signal } from '@preact/signals';
import { emptyRoom } from '../src/protocol/room';
import { RequestError } from '../src/protocol/types';
import { Booth } from '../src/state/booth';
import { Cinema } from '../src/state/cinema';
import type { Live } from '../src/state/live';
import { Wants, type Wish } from '../src/state/look';
import { Thrift } from '../src/state/thrift';
import { Clock } from './clock';

let clock: Clock;
let cut = false;
let said: unknown[] = [];
const tell = (...m: unknown[]): boolean => {
  if (!cut) said.push(m);
  return !cut;
};
const heard = (): unknown[] => said.splice(0);

beforeEach(() => {
  clock = new Clock();
  clock.install();
  cut = false;
  said = [];
  page.visibilityState = 'visible';
});
afterEach(() => clock.uninstall());

test('what is left out is told once, and again if it could not be', () => {
  const t = new Thrift(tell);
  t.setAudioOnly(true);
  t.setAudioOnly(true);
  assert.deepEqual(heard(), [['audio_only', true]]);
  cut = true;
  t.setAudioOnly(false);
  t.setSaving(true);
  cut = false;
  t.look();
  assert.deepEqual(heard(), [['save', true], ['audio_only', false]]);
  t.setSaving(false);
  heard();
  t.anew();
  assert.deepEqual(heard(), [['save', false], ['audio_only', false]], 'the server may know something else');
});

test('a page that was hidden, and cut off, gets its pictures back when it is looked at', () => {
  const t = new Thrift(tell);
  page.visibilityState = 'hidden';
  t.look();
  clock.tick(19_999);
  assert.deepEqual(heard(), []);
  clock.tick(1);
  assert.deepEqual(heard(), [['audio_only', true]]);
  t.anew();
  assert.deepEqual(heard(), [['save', false], ['audio_only', true]], 'it is still hidden');
  page.visibilityState = 'visible';
  t.look();
  assert.deepEqual(heard(), [['audio_only', false]]);
});

test('a page just hidden keeps its pictures over a change of network, for as long as else', () => {
  const t = new Thrift(tell);
  page.visibilityState = 'hidden';
  t.look();
  clock.tick(5_000);
  t.anew();
  assert.deepEqual(heard(), [['save', false], ['audio_only', false]]);
  clock.tick(15_000);
  assert.deepEqual(heard(), [['audio_only', true]]);
});

const live = (): Live => ({ tell, room: signal(emptyRoom), me: signal({ id: 'u1' }), audioSlots: signal([]) }) as unknown as Live;

test('who went back to the room while cut off hears the room', () => {
  const b = new Booth(live(), tell);
  b.hear('en');
  cut = true;
  b.hear('');
  cut = false;
  b.again();
  assert.deepEqual(heard(), [['listen', { lang: 'en' }], ['listen', {}]]);
});

test('that the film waits is told when there is a line, and the end of it on the next one', () => {
  const c = new Cinema(live());
  cut = true;
  c.waits(true, 1_000);
  c.waits(true, 2_000);
  cut = false;
  c.waits(true, 2_100);
  c.waits(true, 2_200);
  assert.deepEqual(heard(), [['stall', { on: true }]]);
  cut = true;
  c.waits(false, 3_000);
  c.stalls.value = 4;
  cut = false;
  c.anew();
  assert.equal(c.stalls.value, 0);
  c.waits(false, 3_100);
  c.waits(false, 3_200);
  assert.deepEqual(heard(), [['stall', { on: false }]]);
});

test('a film that waits still is told of on the new line at once', () => {
  const c = new Cinema(live());
  c.waits(true, 1_000);
  c.waits(true, 2_000);
  heard();
  c.anew();
  c.waits(true, 2_100);
  assert.deepEqual(heard(), [['stall', { on: true }]]);
});

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

test('a picture that was pinned is asked for until it was heard, and of a new view anew', async () => {
  const w = new Wants(async (picks) => {
    if (!tell(picks)) throw new RequestError('offline');
  });
  const one: Wish[] = [{ who: 'u2', source: 'camera' }];
  w.anew();
  w.set([]);
  assert.deepEqual(heard(), [], 'what all see nobody has to ask for');
  cut = true;
  w.set(one);
  await settle();
  cut = false;
  w.anew();
  w.set([...one]);
  await settle();
  assert.deepEqual(heard(), [[one]]);
  w.anew();
  await settle();
  assert.deepEqual(heard(), [[one]]);
  cut = true;
  w.set([]);
  await settle();
  cut = false;
  w.set([]);
  await settle();
  assert.deepEqual(heard(), [[[]]]);
});
