// Who reads slowly or not at all, and who begins and never goes on: a member of a busy room whose socket is full, downloads
// of a byte a second, requests that are never finished. Each is let go at the limit named in the code; meanwhile the class
// and everybody else is served, and memory holds what the limits allow, no more.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cut, dial, frame } from '../bench/ws.mjs';
import { cookies } from '../bench/cookies.mjs';
import { makeData, PATIENCE_MS, run, serve } from './lib.mjs';

const QUEUE_MB = 2, FLUSH_S = 5; // WS_QUEUE_BYTES, WS_FLUSH_S (server/signaling/ws.h)
/* What the two sockets of a connection hold beside it, as far as this kernel lets them grow. */
const KERNEL_MB = ['tcp_rmem', 'tcp_wmem'].reduce((sum, name) => sum + Number(readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().split(/\s+/)[2]), 0) / 2 ** 20;
const NOTE_BYTES = 48_000, WRITERS = 12, SLOW = 6;
const DOWNLOADS = 200, CHUNK_MB = 64 / 1024; // HTTP_CHUNK_BYTES
const HALF_OPEN = 400, AGAIN_MB = 6; // how much one crowd may take more than another, as buffers of theirs are halfway
const IDLE_S = 60, ASKING_S = 10; // HTTP_IDLE_S; who has not said all he wants: libwebsockets' timeout_secs_ah_idle
const PASSWORD = 'a password for tests';
let data, remove, server, port, room, host, me, lit = false;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(what, f, ms = PATIENCE_MS) {
  for (const end = Date.now() + ms; Date.now() < end; await pause(50)) {
    const v = await f();
    if (v) return v;
  }
  throw new Error(`waited in vain: ${what}`);
}
const cli = (verb, ...args) => run([verb, '--data', data, ...args]);
const ticket = (role, name) => cli('token', '--room', room, '--role', role, '--name', name);
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
const metric = async (name) => Number(new RegExp(`^somhub_${name} (\\S+)$`, 'm').exec(await (await fetch(`${server.url}/metrics`)).text())[1]);
/** Connections from this address that the server still holds: of an end in the kernel alone it knows nothing any more. */
function heldFrom(address) {
  const hex = (a) => a.split('.').reverse().map((n) => Number(n).toString(16).padStart(2, '0')).join('').toUpperCase();
  const here = `:${port.toString(16).padStart(4, '0').toUpperCase()} ${hex(address)}:`;
  return readFileSync('/proc/net/tcp', 'latin1').split('\n').filter((l) => l.includes(here) && / 0[18] /.test(l)).length;
}
const mb = (notes) => notes * NOTE_BYTES / 2 ** 20;
/** What the host does is committed and answered; and a stranger gets the page of the house. Gives how long both took. */
async function othersAreServed() {
  const start = performance.now();
  lit = !lit;
  assert.equal((await host.ask({ type: 'spotlight', who: lit ? me : '' })).type, 'ok');
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  return performance.now() - start;
}

before(async () => {
  ({ data, remove } = makeData());
  run(['user', 'add', '--data', data, '--role', 'admin', '--name', 'root', '--email', 'root@test.local', '--password-stdin'], { input: `${PASSWORD}\n` });
  server = await serve(data);
  port = Number(new URL(server.url).port);
  room = cli('room', '--name', 'Клас', '--record');
  host = await dial(port);
  me = (await host.ask({ type: 'join', ticket: ticket('host', 'Ведуча'), since: 0 })).you.id;
});
after(async () => {
  await server?.stop();
  remove?.();
});

/** A member who joins, and then reads nothing until he is told to. `last` is the last message he had, `said` what stood
 *  in the close frame after it. */
async function deaf(name) {
  const socket = connect(port, '127.0.0.1');
  let rest = Buffer.alloc(0), open = false, seen = null;
  const d = { socket, gone: false, heard: 0, last: null, said: null, resume: () => socket.resume() };
  const joined = new Promise((done, fail) => {
    seen = done;
    socket.on('error', fail).on('close', () => (d.gone = true));
  });
  socket.on('data', (b) => {
    rest = Buffer.concat([rest, b]);
    const end = open ? -1 : rest.indexOf('\r\n\r\n');
    if (end >= 0) {
      open = true;
      rest = rest.subarray(end + 4);
      socket.write(frame(1, JSON.stringify({ type: 'join', id: 1, ticket: ticket('attendee', name), since: 0 })));
    }
    for (let f; open && (f = cut(rest));) {
      rest = f.rest;
      if (f.op === 8) {
        d.said = `${f.body.readUInt16BE(0)} ${f.body.subarray(2)}`;
        socket.end(frame(8, f.body));
      }
      if (f.op !== 1) continue;
      assert.equal(d.said, null, 'nothing after the close frame');
      d.last = JSON.parse(f.text);
      const { type } = d.last;
      d.heard += type === 'note';
      if (type === 'welcome') (socket.pause(), seen());
    }
  });
  socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Protocol: somhub.v1\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
  await joined;
  return d;
}

function toldWhy(d) {
  assert.deepEqual([d.last.type, d.last.reason, d.said], ['bye', 'slow', '1013 slow']);
  assert.ok(d.last.retry_ms > 0, 'he may come back by himself');
}

test('members who stop reading in a busy room are let go at the end of their queue; the room does not wait', async () => {
  let heard = 0;
  const watcher = await dial(port, (m) => (heard += m.type === 'note'));
  await watcher.ask({ type: 'join', ticket: ticket('attendee', 'Слухачка'), since: 0 });
  const writers = await Promise.all(Array.from({ length: WRITERS }, async (_, i) => {
    const w = await dial(port);
    await w.ask({ type: 'join', ticket: ticket('cohost', `Пише ${i}`), since: 0 });
    return w;
  }));
  const was = { memory: memory(), descriptors: descriptors() };
  const update = Buffer.alloc(NOTE_BYTES / 4 * 3, 7).toString('base64');
  let told = 0, worst = 0, most = 0; // of memory over what the room keeps itself
  /** Notes are written until so many more are let go; gives how many MB that took. */
  async function writeUntilGone(n) {
    const closed = await metric('closed_slow_total'), from = told;
    for (let round = 0; (await metric('closed_slow_total')) < closed + n; round++) {
      const done = await writers[round % WRITERS].ask({ type: 'note', update }).catch((e) => (/^rate/.test(e.message) ? null : Promise.reject(e)));
      if (!done) {
        await pause(100);
        continue;
      }
      told++;
      most = Math.max(most, memory() - was.memory - mb(told));
      assert.ok(mb(told - from) <= QUEUE_MB + KERNEL_MB, `${mb(told - from)} MB are told, and who reads nothing is still there`);
      /* The house keeps the notes whole, so that they never fill up. */
      await until('the notes are one', () => writers[(round + 1) % WRITERS].ask({ type: 'note_whole', n: done.seq, update: 'AAAA' }).then(() => true, () => false));
      if (told % 10 === 0) worst = Math.max(worst, await othersAreServed());
    }
    assert.ok(mb(told - from) > QUEUE_MB, `let go after ${mb(told - from)} MB`);
    return mb(told - from);
  }
  const late = await deaf('Не читає спершу');
  const first = await writeUntilGone(1);
  late.resume();
  await until('who begins to read again has what waited, and then the end', () => late.gone);
  assert.ok(mb(late.heard) > QUEUE_MB && late.heard < told, `${late.heard} of ${told} notes`);
  toldWhy(late);
  const slow = [];
  for (let i = 0; i < SLOW; i++) slow.push(await deaf(`Не читає ${i}`));
  const more = await writeUntilGone(SLOW);
  /* The last lines of a room are kept for who comes back, whoever reads slowly: those are not theirs. */
  assert.ok(most <= (SLOW + 1) * QUEUE_MB + 8, `${most} MB beside what was told, while they are deaf`);
  /* What waited for him is given up after a while, so that he holds no memory: his last message is not. */
  const later = slow.pop(), letGo = Date.now();
  await until('that while is over', () => Date.now() - letGo > (FLUSH_S + 1) * 1000);
  later.resume();
  await until('who begins to read later has the end', () => later.gone);
  toldWhy(later);
  await until('who does not even read that is cut', () => descriptors() <= was.descriptors);
  await until('who reads has heard all of it', () => heard >= told);
  const grown = memory() - was.memory;
  console.log(`# let go after ${first.toFixed(1)} and ${more.toFixed(1)} MB; memory grew by ${grown.toFixed(1)} MB, by ${most.toFixed(1)} MB more than was told at most; the others waited ${worst.toFixed(0)} ms at most`);
  assert.ok(grown <= mb(told) + QUEUE_MB + 8, `${grown} MB`);
  for (const s of slow) s.socket.destroy();
  for (const w of [...writers, watcher]) w.close();
});

test('downloads of a byte a second and requests that never end: closed at their limits, everybody else is served', async () => {
  const signIn = await fetch(`${server.url}/api/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: 'root@test.local', password: PASSWORD }) });
  const cookie = cookies(signIn);
  const list = join(data, 'rec', room, 'program.m3u8');
  const segment = await until('something is recorded', () => {
    try { return /^p1.*m4s$/m.exec(readFileSync(list, 'utf8'))?.[0]; } catch { return null; }
  });
  truncateSync(join(data, 'rec', room, segment), 64 << 20);
  const was = { memory: memory(), descriptors: descriptors() };
  const request = `GET /media/${room}/${segment} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
  const crowd = (n, from, bytes) => Array.from({ length: n }, () => {
    const s = connect({ port, host: '127.0.0.1', localAddress: from });
    s.heard = '';
    s.on('error', () => {}).on('close', () => (s.over = true)).on('connect', () => s.write(bytes));
    s.on('readable', () => (s.heard ||= String(s.read(12) ?? '')));
    return s;
  });
  const slow = crowd(DOWNLOADS, '127.0.0.2', request), half = crowd(HALF_OPEN, '127.0.0.3', 'GET / HTTP/1.1\r\nHost: a\r\nX-Half: ');
  const began = Date.now();
  await until('all are being answered', () => slow.every((s) => s.heard === 'HTTP/1.1 200'));
  await until('all who ask are there', () => heldFrom('127.0.0.3') === HALF_OPEN);
  assert.equal(heldFrom('127.0.0.2'), DOWNLOADS);
  /* What is read of a socket shows that it is over; of a file of 64 MB it is nothing. */
  const timer = setInterval(() => slow.forEach((s) => s.read(1)), 1000);
  let held = memory() - was.memory;
  assert.ok(held <= DOWNLOADS * 2 * CHUNK_MB + 16, `${held} MB`);
  assert.ok(descriptors() >= was.descriptors + DOWNLOADS, 'they are there');
  let worst = 0;
  /* When the first and the last of each kind was closed. */
  const seconds = () => (Date.now() - began) / 1000;
  const kinds = [{ what: 'downloads', from: '127.0.0.2', n: DOWNLOADS, limit: IDLE_S }, { what: 'half-open', from: '127.0.0.3', n: HALF_OPEN, limit: ASKING_S }];
  await until('all of them are closed', async () => {
    worst = Math.max(worst, await othersAreServed());
    held = Math.max(held, memory() - was.memory);
    await pause(200);
    for (const k of kinds) {
      const held = heldFrom(k.from);
      if (held < k.n) k.first ??= seconds();
      if (!held) k.last ??= seconds();
    }
    return descriptors() <= was.descriptors + 4 && kinds.every((k) => k.last);
  }, 2 * IDLE_S * 1000 + PATIENCE_MS);
  clearInterval(timer);
  assert.ok(held <= DOWNLOADS * 2 * CHUNK_MB + 16, `${held} MB at most`);
  for (const k of kinds) {
    assert.ok(k.first >= k.limit / 2, `${k.what}: the first after ${k.first} s`);
    assert.ok(k.last <= 2 * k.limit + PATIENCE_MS / 1000, `${k.what}: the last after ${k.last} s`);
  }
  /* What they held is free for the next: as many again take no more. */
  const next = crowd(DOWNLOADS, '127.0.0.4', request);
  await until('they are answered too', () => next.every((x) => x.heard === 'HTTP/1.1 200'));
  const again = memory() - was.memory;
  console.log(`# ${held.toFixed(1)} MB held; ${kinds.map((k) => `${k.what} closed after ${k.first.toFixed(0)} to ${k.last.toFixed(0)} s`).join(', ')}; ${again.toFixed(1)} MB with as many again; the others waited ${worst.toFixed(0)} ms at most`);
  assert.ok(again <= held + AGAIN_MB, `${held} MB, then ${again}`);
  for (const x of next) x.destroy();
  for (const x of [...slow, ...half]) x.destroy();
});
