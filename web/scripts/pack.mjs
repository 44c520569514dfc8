// Packs what was built by Brotli, x.js.br beside x.js: a seventh less to load than by gzip. The server sends it where a
// browser takes it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const WORTH_BYTES = 512;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const folders = [dist, join(dist, 'assets')];
for (const folder of folders) {
  for (const e of readdirSync(folder, { withFileTypes: true })) {
    if (!e.isFile() || !/\.(html|js|css|svg|webmanifest)$/.test(e.name)) continue;
    const text = readFileSync(join(folder, e.name));
    if (text.length <= WORTH_BYTES) continue;
    const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length, [constants.BROTLI_PARAM_LGWIN]: 22 } });
    if (packed.length < text.length) writeFileSync(join(folder, `${e.name}.br`), packed);
  }
}
