// Bundles each test/*.test.ts for Node and runs them all with Node's own runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}node_modules/.cache/somhub-tests`;
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const tests = readdirSync(`${root}test`).filter((f) => f.endsWith('.test.ts'));
await build({
  entryPoints: tests.map((f) => `${root}test/${f}`),
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node18',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
const reporter = process.stdout.isTTY ? 'spec' : 'tap';
/* What a page has and Node 18, which Debian 12 has, does not. */
const asPage = `${out}/as-page.cjs`;
writeFileSync(asPage, "globalThis.crypto ??= require('node:crypto').webcrypto;\n");
const run = spawnSync(
  process.execPath,
  ['--require', asPage, '--test', `--test-reporter=${reporter}`, ...process.argv.slice(2), ...tests.map((f) => `${out}/${f.replace(/\.ts$/, '.mjs')}`)],
  { stdio: 'inherit', cwd: root },
);
process.exit(run.status ?? 1);
