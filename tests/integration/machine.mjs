// What a machine was like while something was measured on it: what its host took away, whether anything was left to run
// on. A figure of time that was missed meanwhile says nothing of the product.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const processorTimes = () => readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1, 9).map(Number);
/* User and system time of one process, in the same ticks (proc(5): fields 14 and 15; the name may hold anything). */
const timeOf = (pid) => {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').slice(11, 13).map(Number);
    return user + system;
  } catch {
    return 0; /* it ended, or was killed by the story */
  }
};
export const pct = (part, all) => Math.round((1000 * part) / (all || 1)) / 10;
export const grown = (from) => processorTimes().map((t, i) => t - from[i]);

/* Past these a run says nothing of a line or of the server: the host took the processor away, even a timer of this
 * program came late, or the browsers and their encoders had nothing left to run on (the server having used little). */
const STOLEN_PERCENT = 3;
const LATE_MS = 200;
const IDLE_PERCENT = 5;
const SERVER_PERCENT = 10;
const TICK_MS = 20;

/** Watches the machine until it is asked what it was like. */
export function watchMachine(server) {
  const from = processorTimes(), used = timeOf(server?.pid);
  let last = performance.now(), late = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    late = Math.max(late, now - last - TICK_MS);
    last = now;
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    const t = grown(from), all = t.reduce((a, b) => a + b, 0);
    return { stolenPercent: pct(t[7], all), idlePercent: pct(t[3], all), lateMs: Math.round(late), serverPercent: pct(Math.max(0, timeOf(server?.pid) - used), all) };
  };
}

/** In words what was wrong with the machine; null when nothing was. */
export function trouble({ stolenPercent, idlePercent, lateMs, serverPercent }) {
  if (stolenPercent > STOLEN_PERCENT) return `the host took ${stolenPercent} % of the time`;
  if (lateMs > LATE_MS) return `a timer came ${lateMs} ms late`;
  if (idlePercent < IDLE_PERCENT && serverPercent < SERVER_PERCENT) return `the browsers left ${idlePercent} % of the processor, the server used ${serverPercent} %`;
  return null;
}

const ROUNDS_ASIDE_MAX = 10;
const CALM_TRIES = 15;

/* A round is begun in a second in which the machine is well, if such a one comes. */
async function calm(server) {
  for (let i = 0; i < CALM_TRIES; i++) {
    const end = watchMachine(server);
    await new Promise((done) => setTimeout(done, 1000));
    if (!trouble(end())) return;
  }
}

/** Rounds of a measure of time, at most `most` of them until `need` were good, which is asserted. One that was missed
 * while the machine itself was in trouble is set aside, which the test says; past ROUNDS_ASIDE_MAX of those every one
 * counts. */
export async function rounds(t, { need, most, server, good, what }, round) {
  const done = [];
  for (let aside = 0; done.filter(good).length < need && done.length < most; ) {
    await calm(server);
    const end = watchMachine(server);
    const r = await round();
    const why = trouble(end());
    if (good(r) || !why || aside === ROUNDS_ASIDE_MAX) {
      done.push(r);
      continue;
    }
    aside++;
    t.diagnostic(`set aside (${why}): ${JSON.stringify(r)}`);
  }
  console.log(`# ${what}: ${JSON.stringify(done)}`);
  assert.equal(done.filter(good).length, need, JSON.stringify(done));
}
