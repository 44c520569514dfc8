// The HTTP API on the wire, against a real server with the demo's content: signing in, files of a recording with
// ranges and validators, what a hostile client sends, and the administrator's verbs while the server runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cookies, setCookies } from '../bench/cookies.mjs';
import { makeData, run, serve, somhub } from './lib.mjs';

const PATIENCE_MS = 180_000; // the job runs at idle priority, and other tests beside it
let data, remove, server, password, lesson, master;
const people = {};

before(async () => {
  ({ data, remove } = makeData());
  server = await serve(data, { args: ['--demo'] });
  password = /teacher@example\.org\s+(\S+)/.exec(readFileSync(join(data, 'demo-signin.txt'), 'utf8'))[1];
  const told = new RegExp(`Demo sign-ins:[^]*teacher@example\\.org\\s+${password}`); /* said after it is ready */
  for (let i = 0; !told.test(server.said()); i++) {
    assert.ok(i < 200, `a newcomer is told how to sign in: ${server.said()}`);
    await new Promise((r) => setTimeout(r, 50));
  }
});

after(async () => {
  await server?.stop();
  remove?.();
});

async function ask(method, path, { who, body, headers = {} } = {}) {
  const h = { ...headers };
  if (body !== undefined) h['Content-Type'] ??= 'application/json';
  if (who) Object.assign(h, { Cookie: who.cookie, 'X-CSRF-Token': who.csrf });
  return fetch(server.url + path, { method, headers: h, body: body === undefined ? undefined : JSON.stringify(body) });
}

async function signIn(email) {
  const r = await ask('POST', '/api/session', { body: { email, password } });
  assert.equal(r.status, 200);
  const { csrf, user } = await r.json();
  return { cookie: cookies(r), csrf, user };
}

// Bytes as they are: no client library tidies the path or the headers.
function raw(text, { end = true } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((done, fail) => {
    const s = connect(port, hostname, () => (end ? s.end(text) : s.write(text)));
    let out = '';
    s.setTimeout(10_000, () => s.destroy());
    s.on('data', (b) => (out += b));
    s.on('close', () => done(out));
    s.on('error', (e) => (e.code === 'ECONNRESET' || e.code === 'EPIPE' ? done(out) : fail(e)));
  });
}

test('people sign in', async () => {
  for (const who of ['teacher', 'learner', 'staff']) people[who] = await signIn(`${who}@example.org`);
  assert.equal(people.teacher.user.role, 'teacher');
  const me = await (await ask('GET', '/api/me', { who: people.learner })).json();
  assert.equal(me.user.email, 'learner@example.org');
  const anonymous = await (await ask('GET', '/api/session')).json();
  assert.equal(anonymous.user, null);
});

test('the demo lesson is in the catalogue, found by another form of its word', async () => {
  const q = encodeURIComponent('ПЕДАГОГІЧНИЙ');
  const found = await (await ask('GET', `/api/catalogue?q=${q}`)).json();
  assert.equal(found.total, 1);
  lesson = found.lessons[0].id;
  const doc = await (await ask('GET', `/api/lessons/${lesson}`)).json();
  assert.equal(doc.recording.state, 'ready');
  assert.equal(doc.recording.duration_ms, 16000);
  assert.equal(doc.recording.screen.offset_ms, 5000);
  master = doc.recording.master;
});

test('its files come whole, in parts, and not again when they are known', async () => {
  const text = await (await ask('GET', master)).text();
  assert.match(text, /^#EXTM3U/);
  const program = await (await ask('GET', `/media/${lesson}/program.m3u8`)).text();
  const segment = program.split('\n').find((l) => l.endsWith('.m4s'));
  const path = `/media/${lesson}/${segment}`;
  const bytes = readFileSync(join(data, 'rec', lesson, segment));
  const whole = await ask('GET', path);
  assert.equal(whole.headers.get('content-type'), 'video/mp4');
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);
  const etag = whole.headers.get('etag');
  for (const [range, from, to] of [['bytes=0-99', 0, 100], ['bytes=100-', 100, bytes.length], ['bytes=-7', bytes.length - 7, bytes.length]]) {
    const part = await ask('GET', path, { headers: { Range: range } });
    assert.equal(part.status, 206, range);
    assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${bytes.length}`);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(from, to));
  }
  assert.equal((await ask('GET', path, { headers: { Range: `bytes=${bytes.length}-` } })).status, 416);
  assert.equal((await ask('GET', path, { headers: { 'If-None-Match': etag } })).status, 304);
  assert.equal((await ask('GET', path, { headers: { 'If-Match': '"x"' } })).status, 412);
  assert.equal((await ask('GET', path, { headers: { Range: 'bytes=0-1', 'If-Range': '"x"' } })).status, 200);
  const head = await ask('HEAD', path);
  assert.equal(Number(head.headers.get('content-length')), bytes.length);
  assert.equal((await head.arrayBuffer()).byteLength, 0);
});

test('the MP4 and the poster are made in the background', async () => {
  const deadline = Date.now() + PATIENCE_MS;
  let doc;
  for (;;) {
    doc = await (await ask('GET', `/api/lessons/${lesson}`, { who: people.teacher })).json();
    if (doc.jobs.every((j) => j.state === 'done')) break;
    assert.ok(Date.now() < deadline && doc.jobs.every((j) => j.state !== 'failed'), JSON.stringify(doc.jobs));
    await new Promise((r) => setTimeout(r, 200));
  }
  const [mp4] = doc.downloads;
  assert.equal(mp4.kind, 'mp4');
  const r = await ask('GET', `${mp4.url}?download=1`);
  assert.match(r.headers.get('content-disposition'), /^attachment; .*filename\*=UTF-8''%D0/);
  const file = Buffer.from(await r.arrayBuffer());
  assert.equal(file.length, mp4.bytes);
  const probe = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration:stream=codec_name', '-of', 'json', '-'], { input: file, encoding: 'utf8' });
  assert.equal(probe.stderr, '');
  const { format, streams } = JSON.parse(probe.stdout);
  assert.ok(Math.abs(Number(format.duration) - 16) < 1);
  assert.deepEqual(streams.map((s) => s.codec_name).sort(), ['aac', 'h264']);
  const poster = await ask('GET', doc.recording.poster);
  assert.deepEqual([...Buffer.from(await poster.arrayBuffer()).subarray(0, 3)], [0xff, 0xd8, 0xff]);
});

test('a lesson made private is gone for strangers, with its files, at once', async () => {
  const who = people.teacher;
  assert.equal((await ask('PATCH', `/api/lessons/${lesson}`, { who, body: { visibility: 'private' } })).status, 200);
  for (const path of [`/api/lessons/${lesson}`, master, `/media/${lesson}/lesson.mp4`, `/media/${lesson}/timeline.jsonl`]) {
    assert.equal((await ask('GET', path)).status, 404, path);
    assert.equal((await ask('GET', path, { who: people.learner })).status, 200, path); // she took part
    assert.equal((await ask('GET', path, { who })).status, 200, path);
  }
  assert.equal((await (await ask('GET', '/api/catalogue')).json()).total, 0);
  assert.equal((await ask('PATCH', `/api/lessons/${lesson}`, { who, body: { visibility: 'public' } })).status, 200);
});

test('an event from its making to its end', async () => {
  const who = people.teacher;
  const made = await ask('POST', '/api/events', { who, body: { title: 'Подія', access: 'link', format: 'webinar', record: 'never' } });
  assert.equal(made.status, 201);
  const { event } = await made.json();
  const guest = await ask('POST', `/api/events/${event.id}/join`, { body: { name: 'Гість' } });
  assert.match(setCookies(guest)[0], new RegExp(`^somhub_guest_${event.id}=.*HttpOnly; SameSite=Lax`));
  const set = setCookies(guest);
  assert.deepEqual(set.map((c) => /Path=([^;]*)/.exec(c)[1]), ['/api/events/', '/api/lessons/', '/media/'].map((p) => p + event.id));
  const first = await guest.json();
  assert.equal(first.role, 'attendee');
  const again = await ask('POST', `/api/events/${event.id}/join`, { body: { name: 'Гість' }, headers: { Cookie: set[0].split(';')[0] } });
  assert.equal((await again.json()).member, first.member);
  assert.equal((await ask('POST', `/api/events/${event.id}/end`, { who, body: {} })).status, 409);
  assert.equal((await ask('DELETE', `/api/events/${event.id}`, { who: people.learner })).status, 403);
  assert.equal((await ask('DELETE', `/api/events/${event.id}`, { who })).status, 204);
  assert.equal((await ask('GET', `/api/events/${event.id}`, { who })).status, 404);
});

test('forged and malformed requests are refused', async () => {
  const who = people.teacher;
  const noToken = { cookie: who.cookie, csrf: '' };
  assert.equal((await ask('POST', '/api/events', { who: noToken, body: { title: 'x' } })).status, 403);
  assert.equal((await ask('POST', '/api/events', { who, body: { title: 'x' }, headers: { Origin: 'https://evil.example' } })).status, 403);
  assert.equal((await ask('POST', '/api/events', { who, body: { title: 'x'.repeat(70_000) } })).status, 413);
  assert.equal((await ask('POST', '/api/events', { who, body: { title: 'x' }, headers: { 'Content-Type': 'text/plain' } })).status, 415);
  assert.equal((await ask('PUT', '/api/events', { who, body: {} })).status, 405);
  for (let i = 0; i < 5; i++) {
    const r = await ask('POST', '/api/session', { body: { email: 'admin@example.org', password: 'guess-number-x' } });
    assert.equal(r.status, 401);
  }
  const braked = await ask('POST', '/api/session', { body: { email: 'admin@example.org', password } });
  assert.equal(braked.status, 429);
  assert.ok(Number(braked.headers.get('retry-after')) > 0);
});

test('no path leads out of a recording', async () => {
  const secret = readFileSync(join(data, 'secret.key')).toString('latin1');
  const paths = ['..%2f..%2fsecret.key', '../../secret.key', '%2e%2e/%2e%2e/secret.key', '....//secret.key', 'program.m3u8%00.jpg', '..%5csecret.key', '.', ''];
  for (const p of paths) {
    const out = await raw(`GET /media/${lesson}/${p} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(out, /^(HTTP\/1\.1 (400|404|403) |$)/, p); // or hung up on
    assert.ok(!out.includes(secret));
  }
});

test('nonsense on the wire harms nobody', async () => {
  await raw('GET / HTTP/9.9\r\n\r\n');
  await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc');
  await raw(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await raw(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'somhub_session=x; '.repeat(2000)}\r\n\r\n`);
  await raw('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{}');
  await raw('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{}');
  await raw('POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n');
  assert.equal((await ask('GET', '/healthz')).status, 200);
});

test('the verbs work while the server runs', async () => {
  const room = run(['room', '--data', data, '--name', 'Кімната']);
  assert.match(room, /^[a-z0-9]{10}$/);
  const ticket = run(['token', '--data', data, '--room', room, '--role', 'attendee', '--name', 'Н']);
  assert.equal(JSON.parse(Buffer.from(ticket.split('.')[1], 'base64url')).room, room);
  assert.equal((await ask('GET', `/api/events/${room}`)).status, 200);
  run(['user', 'add', '--data', data, '--role', 'teacher', '--name', 'Новий', '--email', 'new@example.org', '--password-stdin'], { input: 'зовсім новий\n' });
  assert.equal((await ask('POST', '/api/session', { body: { email: 'new@example.org', password: 'зовсім новий' } })).status, 200);
  assert.match(run(['user', 'list', '--data', data]), /new@example\.org/);
  assert.match(run(['check', '--data', data]), /All is well/);
  const wrong = [
    [['token', '--data', data, '--room', 'nosuchroom', '--role', 'attendee', '--name', 'Н'], 1, /no room/],
    [['token', '--data', data, '--room', room, '--role', 'king', '--name', 'Н'], 1, /--role/],
    [['token', '--data', data, '--room', room], 2, /--role is missing/],
    [['user', 'add', '--data', data, '--role', 'teacher', '--name', 'Н', '--email', 'new@example.org'], 1, /There is an account/],
    [['demo', '--data', data], 1, /in use already/],
    [['dance'], 2, /dance/],
    [['user', 'list', '--data', '/proc/nowhere'], 1, /There is no data directory/],
    [['room', '--data', '/proc/nowhere', '--name', 'Н'], 1, /Cannot make/],
  ];
  for (const [args, status, words] of wrong) {
    const r = spawnSync(somhub, args, { encoding: 'utf8' });
    assert.equal(r.status, status, args.join(' '));
    assert.match(r.stderr, words);
  }
});

test('check says what is wrong', () => {
  const other = makeData();
  try {
    run(['user', 'list', '--data', other.data]);
    writeFileSync(join(other.data, 'somhub.db'), 'this is no database, whatever its name says');
    const pem = join(other.data, 'none.pem');
    const config = join(other.data, 'c.ini');
    writeFileSync(config, `http.tls_cert = ${pem}\nhttp.tls_key = ${pem}\nmedia.announce = not-an-address\npipe.path = /nonexistent\n`);
    const { hostname, port } = new URL(server.url);
    const r = spawnSync(somhub, ['check', '--data', other.data, '--config', config, '--listen', `${hostname}:${port}`], { encoding: 'utf8' });
    assert.equal(r.status, 1);
    for (const words of [/database .* cannot be/, /web port .* cannot be used/, /certificate .* cannot be read/, /not-an-address/, /recorder .* does not work/])
      assert.match(r.stdout, words);
  } finally {
    other.remove();
  }
});

test('the key and the sign-ins are readable by their owner only', () => {
  for (const name of readdirSync(data))
    if (statSync(join(data, name)).isFile() && name !== 'lock') assert.equal(statSync(join(data, name)).mode & 0o077, 0, name);
});
