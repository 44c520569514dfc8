// The table of what lines of each kind gave: printed when a file of tests ends and in the closing lines of .ci/run
// (`node table.mjs`), kept in build/lines.json; with KEEP=name also in tests/bench/results/.
import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { grown, pct, processorTimes, trouble, watchMachine } from '../integration/machine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = join(root, 'build/lines.json');
/* A line's row in each of its runs; `checks` and `figures` are one run's. */
const rows = new Map();
let last; /* the line whose run ended last */

/** A run's row: what was measured, and its bounds as [key, '<=' or '>=', value, unit]. Gives the sentences of what was missed. */
export function row(line, figures, bounds) {
  const checks = bounds.map(([key, op, bound, unit = '']) => {
    const value = figures[key];
    const ok = value !== undefined && (op === '<=' ? value <= bound : value >= bound);
    return { key, value, op, bound, unit, ok };
  });
  rows.set(line, [...(rows.get(line) ?? []), { checks, figures }]);
  last = line;
  return checks.filter((c) => !c.ok).map((c) => `${line}: ${c.key} is ${c.value}${c.unit}, wanted ${c.op} ${c.bound}${c.unit}`);
}

const begun = processorTimes();

/** In per cent: what the host took of this machine's time meanwhile, and what nobody wanted. */
function machine() {
  const t = grown(begun), all = t.reduce((a, b) => a + b, 0);
  return { cores: cpus().length, stolenPercent: pct(t[7], all), idlePercent: pct(t[3], all) };
}

const ASIDE_MAX = 1;

/** A row that was missed is run twice more and then has to hold both times; every run's figures stay in the table. A
 * run that was missed while the machine itself was in trouble is set aside and repeated; past ASIDE_MAX of them the
 * row is not judged here, which the table and the test's line say. `server` gives the one whose processor time counts. */
export async function holds(t, story, server) {
  const first = [];
  for (let aside = 0, due = 1; due > 0; ) {
    const end = watchMachine(server());
    const missed = await story();
    const was = end(), why = missed.length > 0 ? trouble(was) : null;
    Object.assign(rows.get(last).at(-1), { machine: was }, why ? { aside: why } : {});
    if (missed.length === 0) {
      due--;
    } else if (why) {
      t.diagnostic(`set aside (${why}): ${missed.join('; ')}`);
      if (++aside > ASIDE_MAX) return t.skip(`not judged on this machine: ${why}`);
    } else {
      assert.deepEqual(first, [], `again: ${missed.join('; ')}`);
      first.push(...missed);
      due = 2;
    }
  }
}

const kept = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows.filter((r) => r.runs) : []);

function write(path, text) {
  writeFileSync(path, text);
  if (process.env.SUDO_UID) chownSync(path, Number(process.env.SUDO_UID), Number(process.env.SUDO_GID));
}

export function report() {
  const mine = [...rows].map(([line, runs]) => ({ line, runs, machine: machine() }));
  const all = [...kept().filter((r) => !rows.has(r.line)), ...mine];
  const text = `${JSON.stringify({ at: new Date().toISOString(), rows: all }, null, 1)}\n`;
  mkdirSync(join(root, 'build'), { recursive: true });
  write(file, text);
  if (process.env.KEEP) write(join(root, 'tests/bench/results', `${process.env.KEEP}.json`), text);
  print(all);
}

function print(all) {
  const out = [['line', 'what', 'measured', 'wanted', '']];
  for (const { line, runs } of all) {
    for (const [i, c] of runs[0].checks.entries()) {
      const counted = runs.filter((r) => !r.aside), good = counted.filter((r) => r.checks[i].ok).length;
      const values = runs.map((r) => (r.aside ? `(${r.checks[i].value})` : r.checks[i].value)).join(', ');
      const said = counted.length === 0 ? 'not judged' : good === counted.length ? '' : counted.length === 1 ? 'MISSED' : `held in ${good} of ${counted.length}`;
      out.push([i === 0 ? line : '', c.key, `${values}${c.unit}`, `${c.op} ${c.bound}${c.unit}`, said]);
    }
    for (const r of runs.filter((x) => x.aside)) out.push(['', `(set aside: ${r.aside})`, '', '', '']);
  }
  const width = out[0].map((_, k) => Math.max(...out.map((o) => (o[k].startsWith('(set') ? 0 : o[k].length))));
  for (const o of out) console.log(o.map((v, k) => v.padEnd(width[k])).join('  ').trimEnd());
  const machines = all.map((r) => r.machine), range = (key) => `${Math.min(...machines.map((m) => m[key]))}-${Math.max(...machines.map((m) => m[key]))} %`;
  if (all.length > 0) console.log(`${machines[0].cores} cores for all browsers and the server; idle ${range('idlePercent')}, taken by the host ${range('stolenPercent')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) print(kept());
