/* silence — when nothing comes: asked once, tried again only when the line was dead too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Silence } from '../src/media/silence';

function rig() {
  const r = { ms: 0, now: 1000, asked: 0, tries: 0, dead: () => undefined as void };
  const s = new Silence(
    {
      silentMs: () => r.ms,
      ask: (dead) => {
        r.asked++;
        r.dead = dead;
      },
      again: () => void r.tries++,
    },
    () => r.now,
  );
  const run = (ms: number): void => {
    for (const end = r.now + ms; r.now < end; r.now += 250, r.ms += 250) s.tick();
  };
  return Object.assign(r, { s, run });
}

test('a teacher whose picture stands costs one question and nothing else', () => {
  const r = rig();
  r.ms = 250;
  r.run(5000);
  assert.deepEqual([r.asked, r.tries], [1, 0]);
  r.ms = 0;
  r.s.tick();
  r.run(1000);
  assert.equal(r.asked, 2); /* the next silence is another one */
});

test('a dead line: paths are tried again until something comes', () => {
  const r = rig();
  r.run(1000);
  r.dead();
  r.run(3000);
  assert.equal(r.tries, 2);
  r.ms = 0;
  r.s.tick();
  r.run(250);
  assert.equal(r.tries, 2);
});

test('nobody who ever spoke, no silence; a long one is left to others', () => {
  const r = rig();
  r.ms = Infinity;
  r.s.tick();
  assert.equal(r.asked, 0);
  r.ms = 0;
  r.run(1000);
  r.dead();
  r.run(60_000);
  assert.ok(r.tries < 10);
});
