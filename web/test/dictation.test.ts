/* dictation — a finished caption is never lost, comes in order and once; and it stands no longer than it should. */
import './page';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaptionLine } from '../src/protocol/captions';
import { RequestError } from '../src/protocol/types';
import { Standing } from '../src/state/captions';
import { Dictation } from '../src/state/dictation';
import { Clock } from './clock';

/** A room at the end of a line that fails as `codes` say; `+` before one: what was sent had arrived. */
function room(codes: string[] = []) {
  const written: CaptionLine[] = [];
  const refused: unknown[] = [];
  const d = new Dictation({
    deliver: async ({ lang, text, ago }) => {
      const code = codes.shift() ?? '+';
      if (code.startsWith('+')) written.push({ seq: written.length + 1, at: 0, by: 'u1', lang, text, ago });
      if (code !== '+') throw new RequestError(code.replace('+', ''), 1);
    },
    seq: () => written.length,
    written: () => written,
    refused: (e) => refused.push((e as RequestError).code),
  });
  const add = (text: string): Promise<void> => d.add('uk', text, Date.now());
  return { d, add, refused, texts: () => written.map((l) => l.text), written };
}

test('lines cut off wait, and go after the return in order', async () => {
  const r = room(['offline']);
  await r.add('перше');
  await r.add('друге');
  await r.add('третє');
  assert.equal(r.d.owed.value.length, 3);
  assert.deepEqual(r.texts(), []);
  await r.d.caughtUp();
  assert.deepEqual(r.texts(), ['перше', 'друге', 'третє']);
  assert.equal(r.d.owed.value.length, 0);
});

test('what arrived though its answer was cut off does not go again, but the same words said twice do', async () => {
  const r = room(['+', '+offline']);
  await r.add('Так.');
  await r.add('Так.');
  await r.add('Так.');
  assert.equal(r.texts().length, 2);
  await r.d.caughtUp();
  assert.deepEqual(r.texts(), ['Так.', 'Так.', 'Так.']);
});

test('what is typed between the return and what was missed waits too', async () => {
  const r = room(['offline']);
  await r.add('перше');
  await r.add('друге');
  assert.deepEqual(r.texts(), []);
  await Promise.all([r.d.caughtUp(), r.add('третє')]);
  assert.deepEqual(r.texts(), ['перше', 'друге', 'третє']);
});

test('without an answer on a line that stands it goes again, unless the room has it', async () => {
  const r = room(['timeout', '+', '+timeout']);
  await r.add('чути?');
  await r.add('так');
  assert.deepEqual(r.texts(), ['чути?', 'так']);
});

test('too fast, it waits; refused, it says so and goes no more', async () => {
  const r = room(['rate', '+', 'denied']);
  await r.add('перше');
  await r.add('друге');
  await r.add('третє');
  assert.deepEqual(r.texts(), ['перше', 'третє']);
  assert.deepEqual(r.refused, ['denied']);
});

test('a line stands for its time, however early the clock wakes', () => {
  const clock = new Clock();
  clock.install();
  try {
    let behind = 0;
    const s = new Standing(() => Date.now() - behind);
    const line = (seq: number, at: number): CaptionLine => ({ seq, at, by: 'u1', lang: 'uk', text: 'так' });
    const start = Date.now();
    s.put([line(1, start - 20_000), line(2, start), line(3, start + 5_000)]);
    assert.deepEqual(s.lines.value.map((l) => l.seq), [2, 3]);
    behind = 1;
    clock.tick(9_000);
    assert.deepEqual(s.lines.value.map((l) => l.seq), [2, 3]);
    clock.tick(100);
    assert.deepEqual(s.lines.value.map((l) => l.seq), [3]);
    clock.tick(5_000);
    assert.deepEqual(s.lines.value, []);
    s.put([line(4, Date.now())]);
    s.stop();
    clock.tick(20_000);
    assert.equal(s.lines.value.length, 1);
  } finally {
    clock.uninstall();
  }
});

test('a line that goes again has the number it went with, and no two have the same', async () => {
  const sent: number[] = [];
  const d = new Dictation({
    deliver: async ({ once }) => {
      sent.push(once);
      if (sent.length === 1) throw new RequestError('offline', 1);
    },
    seq: () => 1,
    written: () => [],
    refused: () => undefined,
  });
  await d.add('uk', 'перше', Date.now());
  await d.caughtUp();
  await d.add('uk', 'перше', Date.now());
  assert.equal(sent.length, 3);
  assert.equal(sent[0], sent[1]);
  assert.notEqual(sent[1], sent[2]);
});
