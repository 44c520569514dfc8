/* channels — what a room's events make of its languages, interpreters and who is on the air. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelOf, Intent, interpreterOf } from '../src/protocol/channels';
import { emptyRoom, evolve, fromSnapshot, memberOf, type Room } from '../src/protocol/room';

const people = new Map(['ann', 'bob'].map((id) => [id, memberOf({ id, name: id })]));
const at = { seq: 1, at: 1 };
const air = (r: Room, lang: string): string | undefined => channelOf(r.channels, lang)?.air;

function booths(): Room {
  let r: Room = { ...emptyRoom, members: people };
  r = evolve(r, { type: 'channels', ...at, langs: ['en', 'uk'] });
  r = evolve(r, { type: 'interprets', ...at, who: 'ann', name: 'Ganna', langs: ['en', 'uk'] });
  return evolve(r, { type: 'interprets', ...at, who: 'bob', name: 'Bohdan', langs: ['en'] });
}

test('one voice is on the air of a channel, and of one channel', () => {
  let r = evolve(booths(), { type: 'air', ...at, lang: 'en', who: 'ann' });
  assert.equal(air(r, 'en'), 'ann');
  r = evolve(r, { type: 'air', ...at, lang: 'en', who: 'bob' });
  assert.equal(air(r, 'en'), 'bob');
  r = evolve(r, { type: 'air', ...at, lang: 'uk', who: 'ann' });
  r = evolve(r, { type: 'air', ...at, lang: 'en', who: 'ann' });
  assert.deepEqual([air(r, 'en'), air(r, 'uk')], ['ann', '']);
  r = evolve(r, { type: 'air', ...at, lang: 'en' });
  assert.equal(air(r, 'en'), '');
});

test('who leaves is off the air and interprets no more, until he comes back', () => {
  let r = evolve(booths(), { type: 'air', ...at, lang: 'en', who: 'bob' });
  r = evolve(r, { type: 'left', ...at, who: 'bob', reason: 'left' });
  assert.equal(air(r, 'en'), '');
  assert.equal(interpreterOf(r.channels, 'bob'), undefined);
  assert.equal(r.members.has('bob'), false);
  r = evolve(r, { type: 'interprets', ...at, who: 'bob', name: 'Bohdan', langs: ['en'] });
  assert.equal(interpreterOf(r.channels, 'bob')?.mic, false);
});

test('a language that is gone takes its interpreters along', () => {
  let r = evolve(booths(), { type: 'air', ...at, lang: 'uk', who: 'ann' });
  r = evolve(r, { type: 'channels', ...at, langs: ['uk'] });
  assert.equal(air(r, 'uk'), 'ann');
  assert.equal(interpreterOf(r.channels, 'bob'), undefined);
  assert.deepEqual(interpreterOf(r.channels, 'ann')?.langs, ['uk']);
  r = evolve(r, { type: 'interprets', ...at, who: 'ann', name: 'Ganna', langs: [] });
  assert.equal(air(r, 'uk'), '');
});

test('who is ready is known by his microphone', () => {
  let r = evolve(booths(), { type: 'source', ...at, who: 'bob', source: 'mic', on: true });
  assert.equal(interpreterOf(r.channels, 'bob')?.mic, true);
  assert.deepEqual(r.members.get('bob')?.sources, ['mic']);
  r = evolve(r, { type: 'source', ...at, who: 'bob', source: 'camera', on: false });
  assert.equal(interpreterOf(r.channels, 'bob')?.mic, true);
  r = evolve(r, { type: 'muted', ...at, who: 'bob', source: 'mic' });
  assert.equal(interpreterOf(r.channels, 'bob')?.mic, false);
});

test('a snapshot without channels is a room without them', () => {
  assert.deepEqual(fromSnapshot({ life: 'open' } as never).channels, { langs: [], people: [] });
});

test('two quick choices are both meant; what the room says counts again after the last answer', () => {
  const it = new Intent();
  const add = (l: string) => (was: readonly string[]): string[] => [...was, l];
  const one = it.change(['uk'], add('en'));
  const two = it.change(['uk'], add('pl')); /* the room has not said anything yet */
  assert.deepEqual(two, ['uk', 'en', 'pl']);
  it.answered(one);
  assert.deepEqual(it.of(['uk', 'en']), two);
  it.answered(two);
  assert.deepEqual(it.of(['uk', 'en']), ['uk', 'en']); /* the second one was refused */
});
