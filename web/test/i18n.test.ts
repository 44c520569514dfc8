/* i18n — every key in both languages with the same places to fill, every plural whole, nothing unused. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { en } from '../src/i18n/en';
import { format } from '../src/i18n/format';
import { uk } from '../src/i18n/uk';
import type { Message } from '../src/i18n/format';

const texts = (m: Message): string[] => (typeof m === 'string' ? [m] : Object.values(m));
const places = (m: Message): string => [...new Set(texts(m).join(' ').match(/\{\w+\}/g) ?? [])].sort().join(' ');

function sources(dir: string): string {
  return readdirSync(dir, { withFileTypes: true })
    .map((f) => {
      const path = join(dir, f.name);
      if (f.isDirectory()) return sources(path);
      return /\.tsx?$/.test(f.name) && !/i18n.(uk|en)\.ts$/.test(path) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

test('both tables have the same keys and the same places to fill', () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(uk).sort());
  for (const [key, m] of Object.entries(uk)) assert.equal(places(en[key as keyof typeof en]), places(m), key);
});

test('plurals have every form their language needs', () => {
  for (const [lang, table, forms] of [['uk', uk, ['one', 'few', 'many', 'other']], ['en', en, ['one', 'other']]] as const) {
    for (const [key, m] of Object.entries(table) as [string, Message][]) {
      if (typeof m !== 'string') assert.deepEqual(Object.keys(m).sort(), [...forms].sort(), `${lang} ${key}`);
    }
  }
});

test('no message is empty, and Ukrainian ones are written with its own apostrophe and quotes', () => {
  for (const table of [uk, en]) {
    for (const [key, m] of Object.entries(table)) for (const text of texts(m)) assert.ok(text.trim(), key);
  }
  for (const [key, m] of Object.entries(uk)) {
    for (const text of texts(m)) assert.doesNotMatch(text, /[а-яіїєґ]['’`][а-яіїєґ]|"|[ыэъё]/i, key);
  }
});

test('every key is used, and every key used exists', () => {
  const code = sources('src');
  const literal = new Set([...code.matchAll(/'([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_]+)*)'/g)].map((m) => m[1] ?? ''));
  const families = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{[^`]*`/g)].map((m) => m[1] ?? '');
  const used = (key: string): boolean => literal.has(key) || families.some((f) => key.startsWith(f));
  assert.deepEqual(Object.keys(uk).filter((k) => !used(k)), []);
  const asked = [...code.matchAll(/\bt\('([^']+)'/g)].map((m) => m[1] ?? '');
  assert.ok(asked.length > 100);
  assert.deepEqual(asked.filter((k) => !Object.hasOwn(uk, k)), []);
});

test('counts choose the form of the language', () => {
  const say = (n: number): string => format(uk['live.people'], 'uk', { count: n });
  assert.equal(say(1), '1 учасник');
  assert.equal(say(3), '3 учасники');
  assert.equal(say(11), '11 учасників');
  assert.equal(say(21), '21 учасник');
  assert.equal(say(112), '112 учасників');
  assert.equal(format(en['live.people'], 'en', { count: 1 }), '1 person');
  assert.equal(format(en['live.people'], 'en', { count: 2 }), '2 people');
});

test('a place without a value is left as it is', () => {
  assert.equal(format('Привіт, {name}', 'uk', {}), 'Привіт, {name}');
});
