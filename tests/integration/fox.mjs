// Firefox ESR for a story: starts firefox.mjs, within a command that runs commands if there is one, and asks it.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './lib.mjs';

const END_MS = 10_000;

/** `name` is that of the picture kept when something is not there. Give it back with `close`. */
export async function openFirefox(name, prefix = []) {
  const [program, ...words] = [...prefix, process.execPath, join(root, 'tests/integration/firefox.mjs')];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await said.next();
    if (value === undefined) throw new Error('Firefox ended');
    return JSON.parse(value);
  };
  const f = {
    version: (await next()).ready,
    do: async (what, ...args) => {
      child.stdin.write(`${JSON.stringify({ id: 1, do: what, args })}\n`);
      const { value, error } = await next();
      if (error) {
        mkdirSync(join(root, 'build/results/pages'), { recursive: true });
        child.stdin.write(`${JSON.stringify({ id: 2, do: 'picture', args: [join(root, `build/results/pages/${name}.png`)] })}\n`);
        await next();
        throw new Error(`Firefox, ${what} ${args.join(' ').slice(0, 80)}: ${error}`);
      }
      return value;
    },
    /** Calls a function in the page. */
    ask: (fn, ...args) => f.do('evaluate', `(${fn})(${args.map((a) => JSON.stringify(a)).join(',')})`),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      const timer = setTimeout(() => child.kill(), END_MS);
      await ended;
      clearTimeout(timer);
    },
  };
  return f;
}
