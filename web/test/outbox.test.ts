/* outbox — a typed line is never lost and never sent twice when it had arrived. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../src/state/outbox';
import { RequestError } from '../src/protocol/types';

test('a confirmed line disappears', async () => {
  const sent: string[] = [];
  const o = new Outbox(async (text) => sent.push(text));
  await o.add('привіт', 1000);
  assert.deepEqual(sent, ['привіт']);
  assert.equal(o.lines.value.length, 0);
});

test('a line cut off waits, and goes again after the return if the log does not have it', async () => {
  let online = false;
  const sent: string[] = [];
  const o = new Outbox(async (text) => {
    if (!online) throw new RequestError('offline');
    sent.push(text);
  });
  await o.add('перше', 1000);
  await o.add('друге', 2000);
  assert.equal(o.lines.value.length, 2);
  assert.equal(o.lines.value[0]?.failed, '');
  online = true;
  await o.flush([{ seq: 5, at: 1001, by: 'me', name: 'Я', text: 'перше' }], 'me');
  assert.deepEqual(sent, ['друге']);
  assert.equal(o.lines.value.length, 0);
});

test('a refused line says why and can be sent again or forgotten', async () => {
  let code = 'rate';
  const o = new Outbox(async () => {
    if (code) throw new RequestError(code);
  });
  await o.add('текст', 1000);
  const key = o.lines.value[0]?.key ?? 0;
  assert.equal(o.lines.value[0]?.failed, 'rate');
  code = '';
  await o.retry(key);
  assert.equal(o.lines.value.length, 0);
});
