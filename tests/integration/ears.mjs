// A speech program for the tests: it writes down that it hears something, and when. The first one of a room dies at once,
// as such programs do; all of them say something first that is no line. Words: a directory for its notes.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [dir] = process.argv.slice(2);
const HZ = 16_000;
const WINDOW = HZ / 50;
const LOUD = 500;
const QUIET_WINDOWS = 15;

console.log('this is no line');
console.log('{"text":7}');
console.log('{"at_ms":0,"text":"' + 'а'.repeat(1001) + '"}');
if (!existsSync(join(dir, 'died'))) {
  writeFileSync(join(dir, 'died'), process.env.SOMHUB_ROOM ?? '');
  process.exit(3);
}
writeFileSync(join(dir, 'env'), Object.keys(process.env).sort().join(' '));

let rest = Buffer.alloc(0);
let windows = 0, quiet = QUIET_WINDOWS, heard = 0;

function loudness(b) {
  let sum = 0;
  for (let i = 0; i < WINDOW; i++) sum += b.readInt16LE(2 * i) ** 2;
  return Math.sqrt(sum / WINDOW);
}

function window(b) {
  const at_ms = (windows++ * WINDOW * 1000) / HZ;
  quiet = loudness(b) > LOUD ? 0 : quiet + 1;
  if (quiet === 0 && !window.in) {
    window.in = true;
    console.log(JSON.stringify({ at_ms, text: `чути звук ${++heard}…`, final: false }));
    console.log(JSON.stringify({ at_ms, text: `Чути звук номер ${heard}.`, final: true, lang: heard % 2 ? 'uk' : 'en' }));
    appendFileSync(join(dir, 'heard'), `${at_ms}\n`);
  } else if (quiet >= QUIET_WINDOWS) {
    window.in = false;
  }
}

process.stdin.on('data', (b) => {
  rest = Buffer.concat([rest, b]);
  while (rest.length >= 2 * WINDOW) {
    window(rest);
    rest = rest.subarray(2 * WINDOW);
  }
});
process.stdin.on('end', () => {
  writeFileSync(join(dir, 'ended'), '');
  console.log(JSON.stringify({ text: 'Останні слова.', lang: 'uk' }));
});
