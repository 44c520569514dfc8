// `make bench` as who runs it meets it: what it prints, and that a bench there is not is said at once. The smallest run
// there is; its figures say nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { makeData, PATIENCE_MS, root, somhub } from './lib.mjs';

/* Not as a part of the make that runs these tests. */
const { MAKEFLAGS: _f, MFLAGS: _m, MAKELEVEL: _l, BENCH: _b, KEEP: _k, ...env } = process.env;
const go = (program, args, more = {}) =>
  spawnSync(program, args, { cwd: root, env: { ...env, ...more }, encoding: 'utf8', timeout: 2 * PATIENCE_MS });
const benches = readFileSync(join(root, 'Makefile'), 'utf8').match(/^BENCHES := (.*)$/m)[1].split(' ');

test('a bench there is not: one sentence with those there are, and nothing is built for it', () => {
  for (const name of ['nosuch', 'sfu nosuch']) {
    const r = go('make', ['bench', `BENCH=${name}`]);
    assert.equal(r.status, 2);
    assert.equal(r.stdout, '');
    assert.match(r.stderr, new RegExp(`^.*there is no bench "${name}": BENCH is one of ${benches.join(' ')}\\.? .*\n$`));
  }
  const asked = go('node', ['tests/bench/run.mjs', 'nosuch']);
  assert.equal(asked.status, 1);
  const known = /^bench nosuch: no such bench; there are (.*)\n$/.exec(asked.stderr)[1].split(', ');
  assert.deepEqual(known.sort(), [...benches].sort(), 'the two lists are one');
});

test('what was measured is printed as JSON and as a table, and the JSON is kept', () => {
  const { data: folder, remove } = makeData();
  try {
    const build = dirname(somhub);
    mkdirSync(join(folder, 'bench'));
    for (const name of ['somhub', 'somhub-pipe']) symlinkSync(join(build, name), join(folder, name));
    symlinkSync(join(root, 'build/bench/bench_signal'), join(folder, 'bench/bench_signal'));
    const r = go('node', ['tests/bench/run.mjs', 'signal', folder], { SOCKETS: '60' });
    assert.equal(r.status, 0, r.stderr);
    const file = readFileSync(join(folder, 'bench/signal.json'), 'utf8');
    const { bench, machine, sockets, targets } = JSON.parse(file);
    assert.deepEqual([bench, sockets, Array.isArray(targets)], ['signal', 60, true]);
    assert.ok(machine.cores > 0);
    assert.ok(r.stdout.startsWith(file), 'the JSON');
    const table = r.stdout.slice(file.length).split('\n');
    assert.match(table[1], /│ \(index\) │.* sockets /, 'the table');
    assert.match(r.stdout, /written: \S+bench\/signal\.json\n$/);
  } finally {
    remove();
  }
});
