/* captions — what a line is cut at, what a WebVTT file says, and lines in the room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cueAt, cutAt, folded, readVtt } from '../src/protocol/captions';
import { emptyRoom, evolve, fromSnapshot } from '../src/protocol/room';

test('a line is cut after a sentence, at a word when it is long, never inside one', () => {
  assert.equal(cutAt('Добрий день'), -1);
  assert.equal(cutAt('Так. '), -1);
  assert.equal(cutAt('Сьогодні ми говоримо про дріб. '), 'Сьогодні ми говоримо про дріб. '.length);
  const long = 'слово '.repeat(20);
  assert.equal(long[cutAt(long) - 1], ' ');
  assert.equal(cutAt('я'.repeat(150)), -1);
  assert.equal(cutAt('я'.repeat(250)), 200);
});

test('cues of a file in order, with what was escaped', () => {
  const cues = readVtt('WEBVTT\n\n00:00:01.000 --> 00:00:04.000\na --&gt; b &amp; &lt;i&gt;\n\nNOTE x\n\n1\n01:00:00.500 --> 01:00:02.000 align:start\r\n<v Оля>Добрий</v>\nдень\n\n12:5 --> x\nні\n');
  assert.deepEqual(cues, [
    { n: 0, from: 1, to: 4, text: 'a --> b & <i>' },
    { n: 1, from: 3600.5, to: 3602, text: 'Добрий день' },
  ]);
  assert.equal(cueAt(cues, 0.9), null);
  assert.equal(cueAt(cues, 1)?.from, 1);
  assert.equal(cueAt(cues, 4), null);
  assert.deepEqual(readVtt(''), []);
});

test('what is looked for is found however it was typed', () => assert.ok(folded('Мʼята і ПІСНЯ').includes(folded("м'ята"))));

test('lines in the room, and who writes them', () => {
  let r = fromSnapshot({ life: 'open', members: [{ id: 'u1', name: 'Оля' }], captions: [{ seq: 3, at: 5, by: 'u1', lang: 'uk', text: 'перше' }] });
  r = evolve(r, { type: 'caption', seq: 4, at: 9, by: 'u1', lang: 'uk', text: 'друге', ago: 2 });
  assert.deepEqual(r.captions.map((c) => [c.seq, c.text, c.ago]), [[3, 'перше', undefined], [4, 'друге', 2]]);
  const corrected = evolve(r, { type: 'caption_edit', seq: 5, at: 9, by: 'u2', n: 3, text: 'Перше.' });
  assert.deepEqual(corrected.captions.map((c) => [c.seq, c.by, c.text]), [[3, 'u1', 'Перше.'], [4, 'u1', 'друге']]);
  assert.deepEqual(evolve(corrected, { type: 'caption_dropped', seq: 6, at: 9, by: 'u1', n: 3 }).captions.map((c) => c.seq), [4]);
  assert.deepEqual(evolve(r, { type: 'caption_edit', seq: 5, at: 9, n: 99, text: 'ні' }).captions, r.captions);
  r = evolve(r, { type: 'captioner', seq: 5, at: 9, who: 'u1', on: true });
  assert.equal(r.members.get('u1')?.captioner, true);
  for (let i = 0; i < 600; i++) r = evolve(r, { type: 'caption', seq: 6 + i, at: 9, by: 'u1', lang: 'uk', text: 'ще' });
  assert.equal(r.captions.length, 500);
  assert.deepEqual(emptyRoom.captions, []);
});
