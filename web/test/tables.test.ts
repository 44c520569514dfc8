/* tables — what a room's events make of its tables, and how a list of people is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRoom, evolve, memberOf, type Room } from '../src/protocol/room';
import { placeOf, readList } from '../src/protocol/tables';

const people = new Map(['ann', 'bob'].map((id) => [id, memberOf({ id, name: id === 'ann' ? 'Ганна Ліс' : 'Богдан' })]));
const room: Room = { ...emptyRoom, members: people };
const place = (r: Room, id: string): number => placeOf(r.tables, r.members.get(id));

test('people are at their tables while these are open, and not while they stepped out', () => {
  let r = evolve(room, { type: 'tables', seq: 1, at: 1, count: 2, free: true });
  r = evolve(r, { type: 'table', seq: 2, at: 1, n: 2, name: 'Ліс', text: 'Що шумить?' });
  r = evolve(r, { type: 'seated', seq: 3, at: 1, who: 'ann', n: 2 });
  assert.equal(place(r, 'ann'), 0);
  r = evolve(r, { type: 'tables_open', seq: 4, at: 1000, on: true, seconds: 60 });
  assert.equal(place(r, 'ann'), 2);
  assert.equal(place(r, 'bob'), 0);
  assert.deepEqual(r.tables.cards[1], { n: 2, name: 'Ліс', text: 'Що шумить?', help: '' });
  r = evolve(r, { type: 'table_help', seq: 5, at: 1, n: 2, on: true, who: 'ann' });
  assert.equal(r.tables.cards[1]?.help, 'ann');
  r = evolve(r, { type: 'table_voice', seq: 6, at: 1, who: 'bob', on: true });
  assert.deepEqual(r.tables.voices, ['bob']);
  r = evolve(r, { type: 'seated', seq: 7, at: 1, who: 'ann', n: 2, out: true });
  assert.equal(place(r, 'ann'), 0);
  r = evolve(r, { type: 'tables_open', seq: 8, at: 1, on: false });
  assert.deepEqual([r.tables.voices, r.tables.cards[1]?.help, r.members.get('ann')?.table, r.members.get('ann')?.out], [[], '', 2, false]);
  r = evolve(r, { type: 'tables', seq: 9, at: 1, count: 0 });
  assert.equal(r.members.get('ann')?.table, 0);
});

test('who was not told of is introduced by his seat, and is out of the list when he goes', () => {
  let r = evolve(room, { type: 'seated', seq: 1, at: 1, who: 'eve', name: '№ 482-913', n: 2 });
  assert.deepEqual([r.members.get('eve')?.name, r.members.get('eve')?.table], ['№ 482-913', 2]);
  r = evolve(r, { type: 'seated', seq: 2, at: 1, who: 'gone', n: 1 });
  assert.equal(r.members.has('gone'), false);
  assert.equal(evolve(r, { type: 'left', seq: 3, at: 1, who: 'eve' }).members.has('eve'), false);
});

test('a list has tables by number or by name, and says who is missing', () => {
  const by = readList('ганна  ліс, 2\nБогдан;1\n\nХтось, 2\nбез столу', people.values(), 50);
  assert.deepEqual(by, { count: 2, names: [], seats: [['bob'], ['ann']], missing: ['Хтось'] });
  const named = readList('"Ганна Ліс"\tЛіс\nБогдан\tПоле', people.values(), 50);
  assert.deepEqual(named, { count: 2, names: ['Ліс', 'Поле'], seats: [['ann'], ['bob']], missing: [] });
  assert.equal(readList('Богдан, 900', people.values(), 50).count, 50);
  assert.equal(readList('', people.values(), 50).count, 0);
});
