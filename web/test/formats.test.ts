/* formats — the staff's words are whole in both languages; ids out of names; what a format rules out; what it means. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { KeptFormat } from '../src/api/formats';
import type { Message } from '../src/i18n/format';
import { formatsEn } from '../src/i18n/formats.en';
import { formatsUk } from '../src/i18n/formats.uk';
import { codecsOf, docOf, groupsOf, meaning, ROLES, ruledOut, slugOf } from '../src/plan/formats';

const FOLDER = '../config/formats';
const shipped = readdirSync(FOLDER).map((f) => JSON.parse(readFileSync(`${FOLDER}/${f}`, 'utf8')) as KeptFormat);
const texts = (m: Message): string[] => (typeof m === 'string' ? [m] : Object.values(m));
const places = (m: Message): string => [...new Set(texts(m).join(' ').match(/\{\w+\}/g) ?? [])].sort().join(' ');

test('both tables are whole, with the same places to fill', () => {
  assert.deepEqual(Object.keys(formatsEn), Object.keys(formatsUk));
  for (const [key, m] of Object.entries(formatsUk) as [keyof typeof formatsUk, Message][]) {
    assert.equal(places(formatsEn[key]), places(m), key);
    if (typeof m !== 'string') assert.deepEqual([Object.keys(m).length, Object.keys(formatsEn[key]).length], [4, 2], key);
    for (const text of texts(m)) assert.doesNotMatch(text, /^\s*$|[а-яіїєґ]['’`][а-яіїєґ]|"|[ыэъё]/i, key);
  }
});

test('an id comes out of a name, however it is written', () => {
  assert.equal(slugOf('Reading club'), 'reading-club');
  assert.equal(slugOf('Pedagogical café!'), 'pedagogical-cafe');
  assert.equal(slugOf('Читацький клуб'), 'format');
  assert.equal(slugOf('Reading club', 2), 'reading-club-2');
  assert.match(slugOf('a very long name '.repeat(5), 12), /^[a-z0-9-]{1,32}$/);
});

test('nothing shipped is ruled out, and every permission of it has a place in the grid', () => {
  const all = groupsOf(shipped).flatMap((g) => g.can);
  assert.equal(new Set(all).size, all.length);
  for (const f of shipped)
    for (const role of ROLES)
      for (const can of f.roles[role] ?? []) {
        assert.equal(ruledOut(f, role, can), '', `${f.id} ${role} ${can}`);
        assert.ok(all.includes(can), can);
      }
  assert.equal(ruledOut({ record: 'never', tables: false, questions: 'chat' }, 'host', 'record'), 'record_never');
  assert.equal(ruledOut({ record: 'auto', tables: false, questions: 'chat' }, 'cohost', 'tables'), 'tables_off');
  assert.equal(ruledOut({ record: 'auto', tables: true, questions: 'chat' }, 'attendee', 'ask'), 'questions_chat');
  assert.equal(ruledOut({ record: 'auto', tables: true, questions: 'chat' }, 'attendee', 'run'), 'power');
  assert.ok(groupsOf([{ roles: { host: ['fly'] } }]).at(-1)?.can.includes('fly'));
});

test('what is saved is all that was given: nothing is left out, which the server would take as its first value', () => {
  const read = readFileSync('../server/catalogue/formatdoc.c', 'utf8').matchAll(/\{"(\w+)", read_\w+, (?:true|false)\}/g);
  const keys = [...read].map((m) => m[1] ?? '').sort();
  assert.ok(keys.includes('names') && keys.includes('roles') && keys.length > 10);
  for (const f of shipped) {
    const given: KeptFormat = { ...f, names: 'hidden', questions: 'approved', n: 3, shipped: true, changed: true, events: 1 };
    const doc = docOf(given);
    assert.deepEqual(Object.keys(doc).sort(), keys);
    for (const key of keys) assert.deepEqual(doc[key as keyof typeof doc], given[key as keyof KeptFormat], key);
    assert.equal(docOf(f).names, 'shown'); /* the server says nothing of it then */
    assert.ok(['approved', 'nameless'].every((m) => meaning(doc).includes(m)));
  }
});

test('what a format means is said for each, in words there are', () => {
  for (const f of shipped) for (const m of meaning(docOf(f))) assert.ok(`mean.${m}` in formatsUk, m);
  const consultation = shipped.find((f) => f.id === 'consultation');
  assert.ok(consultation);
  assert.deepEqual(meaning(docOf(consultation)), ['speaks', 'writes', 'lobby', 'never', 'counts']);
  assert.deepEqual(codecsOf('vp8'), ['vp8', 'h264']);
  assert.deepEqual(codecsOf('av1'), ['av1', 'h264', 'vp8']);
});
