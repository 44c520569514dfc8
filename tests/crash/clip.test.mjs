// kill -9 while a video is uploaded and while it is being made ready to play. What must hold: what had arrived counts, the
// making begins again by itself, the room is told once, and nothing but what was made is left.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cookies } from '../bench/cookies.mjs';
import { dial } from '../bench/ws.mjs';
import { addPeople, makeData, people, serve, steps } from '../integration/lib.mjs';

const step = steps(test);
const PIECE = 512 * 1024;
const WAIT_MS = 180_000;
let house, server, who, id, clip, bytes;

async function ask(method, path, body) {
  const raw = Buffer.isBuffer(body);
  const r = await fetch(server.url + path, { method, body: raw ? body : body && JSON.stringify(body),
    headers: { 'Content-Type': raw ? 'application/octet-stream' : 'application/json', ...(who ? { Cookie: who.cookie, 'X-CSRF-Token': who.csrf } : {}) } });
  return { status: r.status, answer: r, doc: await r.json().catch(() => null) };
}
const now = async () => (await ask('GET', `/api/events/${id}/clips/${clip}`)).doc.clip;
const files = () => readdirSync(join(house.data, 'clips', id)).sort();
async function until(what, check) {
  let last;
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    last = await check();
    if (last === true) return;
  }
  assert.fail(`${what}: ${JSON.stringify(last)}`);
}
async function again() {
  assert.equal((await server.kill()).signal, 'SIGKILL');
  server = await serve(house.data);
}
async function send(to) {
  for (let at = (await now()).received; at < to; at += PIECE) {
    const put = await ask('PUT', `/api/events/${id}/clips/${clip}?offset=${at}`, bytes.subarray(at, at + PIECE));
    assert.equal(put.status, 200, JSON.stringify(put.doc));
  }
}

before(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'somhub-film-'));
  const file = join(dir, 'long.mp4');
  // To be encoded anew, and long enough to be killed on the way.
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=25', '-t', '60', '-c:v', 'mpeg4', '-q:v', '12', file]);
  bytes = readFileSync(file);
  rmSync(dir, { recursive: true });
  house = makeData();
  addPeople(house.data);
  server = await serve(house.data);
  const { email, password } = people.teacher;
  const { answer, doc } = await ask('POST', '/api/session', { email, password });
  who = { cookie: cookies(answer), csrf: doc.csrf };
  ({ doc: { event: { id } } } = await ask('POST', '/api/events', { title: 'Довге відео', access: 'link' }));
});

after(async () => {
  await server?.stop();
  house?.remove();
});

step('killed between pieces: what had arrived counts', async () => {
  ({ doc: { clip: { id: clip } } } = await ask('POST', `/api/events/${id}/clips`, { title: 'Довге', bytes: bytes.length }));
  await send(2 * PIECE);
  await again();
  assert.deepEqual([(await now()).state, (await now()).received], ['uploading', 2 * PIECE]);
  await send(bytes.length);
});

step('killed while it is made: it begins again, and is there once', async () => {
  await until('it is under way', async () => {
    const c = await now();
    assert.notEqual(c.state, 'ready', 'too quick to be killed on the way');
    return (c.state === 'working' && c.percent > 5) || c;
  });
  await again();
  assert.deepEqual(files().map((f) => f.replace(clip, '')), ['.src', '.work']);
  await until('it is ready', async () => {
    const c = await now();
    return c.state === 'ready' || (c.state === 'working' || c.state === 'waiting' ? c : assert.fail(JSON.stringify(c)));
  });
  assert.ok(Math.abs((await now()).length_ms - 60_000) < 500);
  await until('what was brought is gone', () => files().length === 1 || files());
  assert.deepEqual(files(), [`${clip}.hls`]);
});

step('killed when it is ready: the room knows of it, once', async () => {
  await again();
  const { doc } = await ask('POST', `/api/events/${id}/join`, {});
  const told = [];
  const line = await dial(Number(new URL(server.url).port), (m) => told.push(m));
  const welcome = await line.ask({ type: 'join', ticket: doc.ticket, since: 0 });
  await until('the room has it', () => [...(welcome.snapshot.video?.clips ?? []), ...told.filter((m) => m.type === 'clip')]
    .filter((c) => c.file === `clip-${clip}`).length === 1 || told);
  line.close();
  assert.deepEqual(files(), [`${clip}.hls`]);
});
