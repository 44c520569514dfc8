/* order — what is off for now, reports, who is kept out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOff, reportedOnes, switched, turned } from '../src/protocol/order';
import { emptyRoom, evolve, fromSnapshot, type Room } from '../src/protocol/room';
import type { RoomEvent } from '../src/protocol/types';

let seq = 0;
const ev = (type: string, rest: Partial<RoomEvent> = {}): RoomEvent => ({ type, seq: ++seq, at: seq * 1000, ...rest });
const play = (events: RoomEvent[], from: Room = emptyRoom): Room => events.reduce(evolve, from);

test('what a role may not do for now comes and goes', () => {
  let r = play([ev('limited', { role: 'attendee', off: ['chat', 'publish_mic', 'talk'] })]);
  assert.deepEqual(r.order.limits.attendee, ['chat', 'publish_mic', 'talk']);
  const off = r.order.limits.attendee ?? [];
  assert.ok(isOff(off, 'chat') && isOff(off, 'mic') && !isOff(off, 'camera'));
  assert.ok(!isOff(['publish_mic'], 'mic'), 'only with every permission of it');
  assert.deepEqual(switched(off, 'chat', true), ['publish_mic', 'talk']);
  assert.deepEqual(switched([], 'private', false), ['direct', 'direct_all']);
  assert.deepEqual(turned(off, ['hand', 'chat']), { off: ['hand'], on: ['mic'] });
  r = play([ev('limited', { role: 'attendee', off: [] })], r);
  assert.deepEqual(r.order.limits.attendee, []);
});

test('reports of one message are one, until they are done', () => {
  let r = play([
    ev('reported', { n: 5, by: 'a', text: 'x', who: 'z', name: 'З' }),
    ev('reported', { n: 6, by: 'a', text: 'y' }),
    ev('reported', { n: 5, by: 'b', text: 'x', who: 'z', name: 'З' }),
  ]);
  assert.deepEqual(reportedOnes(r.order.reports).map((x) => [x.n, x.count, x.name]), [[5, 2, 'З'], [6, 1, '']]);
  r = play([ev('report_done', { n: 5 })], r);
  assert.deepEqual(r.order.reports.map((x) => x.n), [6]);
});

test('who is banned is known by his name, until he is let in again; who is only removed is not', () => {
  let r = play([
    ev('joined', { who: 'a', name: 'Ганна', role: 'attendee' }),
    ev('joined', { who: 'b', name: 'Богдан', role: 'attendee' }),
    ev('removed', { who: 'a', ban: true }),
    ev('removed', { who: 'b', ban: false }),
  ]);
  assert.deepEqual(r.order.banned, [{ id: 'a', name: 'Ганна' }]);
  assert.equal(r.members.size, 0);
  r = play([ev('unbanned', { who: 'a', name: 'Ганна' })], r);
  assert.deepEqual(r.order.banned, []);
});

test('private messages are changed and taken back', () => {
  let r = play([ev('direct', { by: 'a', text: 'тихо', who: 'b' })]);
  const n = r.chat[0]?.seq;
  r = play([ev('direct_edit', { n, text: 'інакше' })], r);
  assert.equal(r.chat[0]?.text, 'інакше');
  assert.equal(r.chat[0]?.edited, true);
  assert.equal(play([ev('undirect', { n })], r).chat.length, 0);
});

test('a snapshot has all of it', () => {
  const r = fromSnapshot({
    life: 'open', members: [], limits: { speaker: ['slides'] }, banned: [{ id: 'a', name: 'Ганна' }],
    reports: [{ n: 5, at: 1, by: 'b', who: 'a', name: 'Ганна', text: 'x' }],
  });
  assert.deepEqual(r.order.limits, { speaker: ['slides'] });
  assert.equal(r.order.reports.length, 1);
  assert.equal(r.order.banned.length, 1);
});
