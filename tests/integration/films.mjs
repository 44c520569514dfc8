// A video that a room watches together: where it stands on each page, and waiting until all are in step.
import assert from 'node:assert/strict';
import { PATIENCE_MS } from './lib.mjs';

/** Where each stands, read at one moment of this machine's clock. */
export const where = async (...people) => {
  const got = await Promise.all(people.map((p) => p.page.evaluate(() => {
    const v = document.querySelector('.film-picture video');
    return { s: v?.currentTime ?? -1, at: Date.now(), paused: v?.paused ?? true };
  })));
  const at = Math.max(...got.map((g) => g.at));
  return got.map((g) => g.s + (g.paused ? 0 : (at - g.at) / 1000));
};

export async function until(what, check) {
  let last;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 150))) {
    last = await check();
    if (last === true) return;
  }
  assert.fail(`${what}: ${JSON.stringify(last)}`);
}

/** Until all are at the same second, as near as one sees it. */
export const inStep = (what, ...people) => until(what, async () => {
  const s = await where(...people);
  return Math.min(...s) > 0 && Math.max(...s) - Math.min(...s) < 0.5 ? true : s;
});
export const stands = (p, paused) => p.page.waitForFunction((is) => document.querySelector('.film-picture video')?.paused === is, paused);
