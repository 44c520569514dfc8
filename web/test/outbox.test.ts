/* outbox — a typed line is never lost; sent again, it bears the number by which the room knows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../src/state/outbox';
import { RequestError } from '../src/protocol/types';

/** A room at the end of a line that fails as `codes` say, first to last. */
function room(codes: string[] = []) {
  const came: { key: number; text: string }[] = [];
  const out = new Outbox(async ({ key, text }) => {
    const code = codes.shift();
    if (code) throw new RequestError(code);
    came.push({ key, text });
  });
  return { out, came, codes };
}

test('a confirmed line disappears', async () => {
  const { out, came } = room();
  await out.add('привіт');
  assert.deepEqual(came.map((l) => l.text), ['привіт']);
  assert.equal(out.lines.value.length, 0);
});

test('lines cut off wait, and go again after the return under their own numbers, in order', async () => {
  const { out, came } = room(['offline', 'offline']);
  await out.add('перше');
  await out.add('друге');
  const keys = out.lines.value.map((l) => l.key);
  assert.equal(new Set(keys).size, 2);
  assert.ok(keys.every((k) => Number.isSafeInteger(k) && k > 0));
  assert.deepEqual(out.lines.value.map((l) => l.failed), ['', '']);
  await out.flush();
  assert.deepEqual(came, [{ key: keys[0], text: 'перше' }, { key: keys[1], text: 'друге' }]);
  assert.equal(out.lines.value.length, 0);
});

test('what the log shows is not sent again', async () => {
  const { out, came } = room(['offline']);
  await out.add('дійшло');
  out.drop(out.lines.value[0]?.key ?? 0);
  await out.flush();
  assert.equal(came.length, 0);
});

test('without an answer on a line that stands it is sent again', async () => {
  const { out, came } = room(['timeout', 'timeout']);
  await out.add('чути?');
  assert.deepEqual(came.map((l) => l.text), ['чути?']);
  assert.equal(out.lines.value.length, 0);
});

test('a refused line says why and can be sent again or forgotten, but never goes by itself', async () => {
  const { out, came } = room(['rate', 'denied']);
  await out.add('текст');
  const key = out.lines.value[0]?.key ?? 0;
  assert.equal(out.lines.value[0]?.failed, 'rate');
  await out.flush();
  assert.equal(came.length, 0);
  await out.retry(key);
  assert.equal(out.lines.value[0]?.failed, 'denied');
  await out.retry(key);
  assert.deepEqual(came, [{ key, text: 'текст' }]);
  assert.equal(out.lines.value.length, 0);
});
