/* talk — what a person said to polls and questions is known again, whatever a cut took. */
import { page } from './page';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import type { Live } from '../src/state/live';
import { Talk } from '../src/state/talk';

const talk = (): Talk => {
  assert.ok(page);
  return new Talk({ me: signal({ id: 'u1' }), can: signal({}) } as unknown as Live);
};
const event = { at: 1, by: 'u1', name: 'Оля', text: 'Чому?' };

test('a question of one\'s own whose answer a cut took is known by its event', () => {
  const t = talk();
  t.happened({ ...event, type: 'asked', seq: 5 });
  t.happened({ ...event, type: 'ask_waits', seq: 6 });
  t.happened({ ...event, type: 'asked', seq: 7, by: 'u2' });
  assert.deepEqual([...t.asked.value], [5, 6]);
});

test('who comes back is told what he answered, asked and voted for, with a snapshot or without', () => {
  const own = { answers: [{ n: 3, picks: [1] }], asked: [4], voted: [8] };
  for (const w of [own, { snapshot: { life: 'open' as const, members: [], ...own } }]) {
    const t = talk();
    t.remember(w);
    assert.deepEqual(t.answers.value.get(3)?.picks, [1]);
    assert.deepEqual([[...t.asked.value], [...t.votedFor.value]], [[4], [8]]);
  }
});
