// Fails when the first load of the attendee's room is over its budget: everything the browser fetches as JavaScript
// from opening an invitation to being in the room (start page, event page, device check, room), compressed as the
// server sends it. The player, hls.js and the forms of hosts must not be in it.
import { readFileSync, existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 120_000;
/* Names of the build's entries; a page that shares its file with another has no source path of its own there. */
const ENTRIES = ['index', 'event', 'plan', 'signup', 'join', 'room'];

const dist = new URL('../dist/', import.meta.url);
if (!existsSync(new URL('manifest.json', dist))) {
  console.error('size: web/dist is not built; run `npm run build` first');
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8'));

function closure(entries) {
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const k of manifest[key]?.imports ?? []) visit(k);
  };
  for (const name of entries) {
    const key = Object.keys(manifest).find((k) => manifest[k].name === name && (manifest[k].isEntry || manifest[k].isDynamicEntry));
    if (!key) throw new Error(`size: ${name} is not in the build`);
    visit(key);
  }
  return [...seen].map((k) => manifest[k].file).filter((f) => f.endsWith('.js'));
}

let total = 0;
for (const file of closure(ENTRIES)) {
  const bytes = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
  total += bytes;
  console.log(`${String(bytes).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  first load of the attendee's room (budget ${BUDGET_BYTES})`);
if (total > BUDGET_BYTES) {
  console.error('size: over the budget');
  process.exit(1);
}
