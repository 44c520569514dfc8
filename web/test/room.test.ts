/* room — the client's fold of the log gives what the server's snapshot says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRoom, evolve, fromSnapshot, listed, peopleInOrder, type Room } from '../src/protocol/room';
import type { RoomEvent } from '../src/protocol/types';

let seq = 0;
const ev = (type: string, rest: Partial<RoomEvent> = {}): RoomEvent => ({ type, seq: ++seq, at: seq * 1000, ...rest });
const play = (events: RoomEvent[], from: Room = emptyRoom): Room => events.reduce(evolve, from);

const people = (): RoomEvent[] => [
  ev('joined', { who: 'h', name: 'Вчителька', role: 'host', stage: true }),
  ev('joined', { who: 'a', name: 'Андрій', role: 'attendee' }),
  ev('joined', { who: 'b', name: 'Богдана', role: 'attendee' }),
];

test('people come, go on stage, turn things on, and go', () => {
  let r = play([...people(), ev('opened')]);
  assert.equal(r.life, 'open');
  assert.equal(r.count, 3);
  assert.deepEqual(r.stage, ['h']);
  r = play([ev('staged', { who: 'a', name: 'Андрій' }), ev('source', { who: 'a', source: 'mic', on: true })], r);
  assert.deepEqual(r.stage, ['h', 'a']);
  assert.deepEqual(r.members.get('a')?.sources, ['mic']);
  r = play([ev('muted', { who: 'a', source: 'mic' })], r);
  assert.deepEqual(r.members.get('a')?.sources, []);
  assert.deepEqual(r.members.get('a')?.muted, ['mic']);
  r = play([ev('source', { who: 'a', source: 'mic', on: true })], r);
  assert.deepEqual(r.members.get('a')?.muted, []);
  r = play([ev('left', { who: 'a', reason: 'lost' })], r);
  assert.deepEqual(r.stage, ['h']);
  assert.equal(r.count, 2);
});

test('hands stand in the order they went up; being given the floor lowers them', () => {
  let r = play([...people(), ev('hand', { who: 'b', on: true }), ev('hand', { who: 'a', on: true })]);
  assert.deepEqual(r.hands, ['b', 'a']);
  assert.deepEqual(peopleInOrder(r.members, r.hands, 'uk').map((m) => m.id), ['b', 'a', 'h']);
  r = play([ev('staged', { who: 'b', name: 'Богдана' })], r);
  assert.deepEqual(r.hands, ['a']);
  assert.equal(r.members.get('b')?.hand, 0);
});

test('whoever was given the floor stands before the other listeners', () => {
  const r = play([...people(), ev('opened'), ev('staged', { who: 'b', name: 'Богдана' })]);
  assert.deepEqual(peopleInOrder(r.members, r.hands, 'uk').map((m) => m.id), ['h', 'b', 'a']);
});

test('in a big room the list shows those to the fore, and oneself', () => {
  const full = play([...people(), ev('opened'), ev('staged', { who: 'b', name: 'Богдана' })]);
  const shown = (r: Room, you: string, moderates = false) => [...listed(r, you, moderates).keys()].join('');
  assert.equal(shown(full, 'a'), 'hab');
  const big = { ...full, partial: true };
  assert.equal(shown(big, 'x'), 'hb');
  assert.equal(shown(big, 'a'), 'hab');
  assert.equal(shown(big, 'h', true), 'hab');
  assert.equal(shown(play([ev('unstaged', { who: 'b' })], big), 'x'), 'h');
});

test('the lobby list follows waiting, admitted, denied', () => {
  let r = play([ev('waiting', { who: 'x', name: 'Ікс' }), ev('waiting', { who: 'y', name: 'Ігрек' })]);
  assert.equal(r.waiting.length, 2);
  r = play([ev('admitted', { who: 'x' }), ev('denied', { who: 'y' })], r);
  assert.deepEqual(r.waiting, []);
});

test('a retracted message is gone', () => {
  const first = ev('chat', { by: 'a', name: 'Андрій', text: 'перше' });
  const second = ev('chat', { by: 'a', name: 'Андрій', text: 'друге' });
  const r = play([...people(), first, second, ev('unchat', { n: first.seq })]);
  assert.deepEqual(r.chat.map((c) => c.text), ['друге']);
});

test('recording remembers when it began, across a gap of the recorder', () => {
  const on = ev('recording', { on: true });
  const r = play([on, ev('recording', { on: true, state: 'gap' })]);
  assert.equal(r.recordingAt, on.at);
  const fails = play([ev('recording', { on: true, state: 'failed' })], r);
  assert.equal(fails.recordingFails, true);
  assert.equal(fails.recordingAt, on.at);
  assert.equal(play([ev('recording', { on: true, state: 'gap' })], fails).recordingFails, false);
  assert.equal(play([ev('recording', { on: false })], fails).recordingFails, false);
  assert.equal(play([ev('recording', { on: false })], r).recording, false);
});

test('in a big room somebody unknown who comes to the fore is introduced by the event', () => {
  const r = play([ev('staged', { who: 'z', name: 'Зоя' })]);
  assert.equal(r.members.get('z')?.name, 'Зоя');
  assert.deepEqual(r.stage, ['z']);
});

test('a snapshot and the events that led to it give the same room', () => {
  const byEvents = play([
    ev('joined', { who: 'h', name: 'Вчителька', role: 'host', stage: true }),
    ev('opened'),
    ev('source', { who: 'h', source: 'camera', on: true }),
  ]);
  const bySnapshot = fromSnapshot({
    life: 'open',
    opened_at: byEvents.openedAt,
    members: [{ id: 'h', name: 'Вчителька', role: 'host', stage: true, sources: ['camera'] }],
    stage: ['h'],
    count: 1,
  });
  assert.deepEqual(bySnapshot, byEvents);
});

test('any event in any state is survived, and the old value is left alone', () => {
  const types = ['opened', 'ended', 'joined', 'waiting', 'left', 'removed', 'lobby', 'admitted', 'denied', 'locked', 'invited',
    'declined', 'staged', 'unstaged', 'source', 'muted', 'hand', 'chat', 'unchat', 'role', 'spotlight', 'recording', 'nonsense',
    'toString', '__proto__'];
  const pick = <T,>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
  let r = emptyRoom;
  for (let i = 0; i < 5000; i++) {
    const before = JSON.stringify({ ...r, members: [...r.members] });
    const next = evolve(r, ev(pick(types), {
      who: pick(['a', 'b', 'c', undefined]),
      by: pick(['a', 'b', undefined]),
      name: pick(['Ім’я', undefined]),
      role: pick(['host', 'attendee', undefined] as const),
      source: pick(['mic', 'screen', undefined] as const),
      on: pick([true, false, undefined]),
      n: i,
      text: 'x',
    }));
    assert.equal(JSON.stringify({ ...r, members: [...r.members] }), before);
    for (const id of next.hands) assert.ok(typeof id === 'string');
    assert.equal(new Set(next.stage).size, next.stage.length);
    r = next;
  }
});

test('off the stage a microphone that may go on goes on, and who was muted stays so', () => {
  let r = fromSnapshot({ life: 'open', members: [{ id: 'u1', name: 'Оля', stage: true, sources: ['mic', 'camera'], muted: ['screen'] }], stage: ['u1'] });
  r = evolve(r, { type: 'unstaged', seq: 2, at: 2, who: 'u1' });
  assert.deepEqual(r.members.get('u1')?.sources, ['mic']);
  assert.deepEqual(r.members.get('u1')?.muted, ['screen']);
  assert.deepEqual([r.members.get('u1')?.stage, r.stage], [false, []]);
});
