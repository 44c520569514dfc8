import assert from 'node:assert/strict';
import { test } from 'node:test';
import { againMs, fold, hasWords, merged } from '../src/protocol/find';
import type { ChatLine } from '../src/protocol/types';

test('words are found in any order, case and with any apostrophe', () => {
  assert.ok(hasWords('серпні М’ЯТА', "мята, м'ята у Серпні"));
  assert.ok(hasWords('ґанок', 'ҐАНОК'));
  assert.ok(hasWords('їжак', 'І\u0308жак'));
  assert.ok(!hasWords('серпні липні', 'у серпні'));
  assert.ok(!hasWords('   ', 'що завгодно'));
  assert.equal(fold('ʼ’`´'), "''''");
});

const line = (seq: number, text = 'скарб', more: Partial<ChatLine> = {}): ChatLine => ({ seq, at: 0, by: 'a', name: 'А', text, ...more });
const seqs = (lines: readonly ChatLine[]): number[] => lines.map((l) => l.seq);

test('an old private message on the page hides nothing that was found between it and the others', () => {
  const all = [line(5, 'таємне', { who: 'b' }), line(300), line(301, 'пісок')];
  assert.deepEqual(seqs(merged('скарб', all, [line(300), line(120), line(7)], new Set([5, 300, 301]))), [7, 120, 300]);
});

test('what is deleted or changed on the page is so among what was found', () => {
  const found = [line(10), line(9), line(2)];
  assert.deepEqual(seqs(merged('скарб', [line(9, 'інше')], found, new Set([9, 10]))), [2]);
  assert.deepEqual(seqs(merged('скарб', [line(9), line(10)], found, new Set([9, 10]))), [2, 9, 10]);
});

test('a search that the server has no time for is asked again, one it refuses is not', () => {
  assert.equal(againMs({ code: 'busy', retryMs: 5000 }), 5000);
  assert.equal(againMs({ code: 'rate', retryMs: 100 }), 2000);
  assert.equal(againMs({ code: 'offline' }), 2000);
  assert.equal(againMs({ code: 'denied' }), 0);
  assert.equal(againMs(null), 0);
});
