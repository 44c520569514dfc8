// The disk of the recordings fills up in the middle of a class, and is given room again. What must hold: the class goes
// on, everybody is told that nothing is being written (who comes later, too), what was written plays, it records again.
// And uploads leave of their disk what the rest needs, however much was promised before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { childOf, decodes, lesson, listed, makeMedia, speak, until, world } from './lib.mjs';

const DISK_MB = 8;
/* Of a disk of uploads so much is left free (upload_rules of slides). */
const KEEP_MB = 256, SPARE_MB = 40;
const asRoot = (...args) => {
  const [cmd, ...rest] = process.getuid() === 0 ? args : ['sudo', '-n', ...args];
  const run = spawnSync(cmd, rest, { encoding: 'utf8' });
  return run.status === 0 ? '' : run.stderr || String(run.error ?? run.status);
};
const mount = (dir, mb) => asRoot('mount', '-t', 'tmpfs', '-o', `size=${mb}m,mode=0700,uid=${process.getuid()},gid=${process.getgid()}`, 'somhub-test', dir);

const disks = [['rec', DISK_MB], ['decks', KEEP_MB + SPARE_MB]], mounted = [];
let media, w, trouble = '';
before(async () => {
  media = await makeMedia();
  w = await world();
  for (const [name, mb] of disks) {
    const dir = join(w.data, name);
    mkdirSync(dir, { recursive: true });
    trouble ||= mount(dir, mb);
    if (!trouble) mounted.push(dir);
  }
});
after(async () => {
  media?.remove();
  await w?.server.stop();
  const left = mounted.map((dir) => asRoot('umount', '-l', dir)).join('');
  try {
    await w?.close();
  } finally {
    assert.equal(left, '', 'the small disk is taken away');
  }
});

/** All that is left of the disk. */
function fill(path) {
  const fd = openSync(path, 'w'), block = Buffer.alloc(4096);
  try {
    while (writeSync(fd, block) === block.length);
  } catch (e) {
    assert.equal(e.code, 'ENOSPC');
  } finally {
    closeSync(fd);
  }
}

test('a full disk: the class goes on and knows that nothing is written, and then that it is again', async (t) => {
  if (trouble) return t.skip(`a small disk needs mount, as root or by "sudo -n": ${trouble.split('\n')[0]}`);
  const room = w.room('--record'), ballast = join(w.data, 'rec', 'ballast'), events = [];
  const told = (state) => events.filter((e) => e.type === 'recording' && e.state === state).length;
  const host = await w.dial((m) => events.push(m));
  const welcome = await host.ask({ type: 'join', ticket: w.ticket(room, 'host', 'Host'), since: 0 });
  if (welcome.snapshot.life !== 'open') await host.ask({ type: 'open' });
  const speakers = await speak(w, room, media, 'Anna');
  await until('4 s are on disk', 30, () => listed(w, room, 'program.m3u8') >= 4);
  fill(ballast);
  await until('the class is told', 60, () => told('failed') > 0);
  assert.ok((await host.ask({ type: 'chat', text: 'are we on?' })).seq > 0, 'the room goes on');
  const late = await w.dial(() => {});
  const came = await late.ask({ type: 'join', ticket: w.ticket(room, 'attendee', 'Late'), since: 0 });
  assert.equal(came.snapshot.recording, true);
  assert.equal(came.snapshot.recording_fails, true, 'who comes later is told');
  const kept = listed(w, room, 'program.m3u8'), gaps = told('gap');
  assert.ok(kept >= 4, `${kept} s are kept`);
  rmSync(ballast);
  await until('the class is told that it goes on', 60, () => told('gap') > gaps);
  await until('the recording grows', 30, () => listed(w, room, 'program.m3u8') > kept + 3);
  assert.ok(childOf(w.server.pid, 'somhub-pipe'));
  assert.equal(told('failed'), 1, 'said once, not with every try');
  await host.ask({ type: 'end' });
  const l = await lesson(w, room);
  assert.ok(l.recording.takes.length >= 2 && l.recording.takes.at(-1).gap === true, 'the gap is in the lesson');
  const dir = join(w.data, 'rec', room);
  assert.ok(decodes(join(dir, 'program.m3u8')) > kept + 3);
  assert.ok(decodes(join(dir, 'audio.m3u8')) > kept);
  await speakers.stop();
});

test('a nearly full disk: an upload that was promised room waits for it, and goes on where it was', async (t) => {
  if (trouble) return t.skip(`a small disk needs mount, as root or by "sudo -n": ${trouble.split('\n')[0]}`);
  const room = w.room(), ballast = join(w.data, 'decks', 'ballast'), bytes = 100_000, half = bytes / 2;
  const ask = async (method, path, body, type) => {
    const r = await fetch(`${w.server.url}/api/events/${room}/decks${path}`, { method, body,
      headers: { Authorization: `Bearer ${w.ticket(room, 'host', 'Host')}`, ...(type && { 'Content-Type': type }) } });
    return { status: r.status, ...(await r.json()) };
  };
  const piece = (id, offset) => ask('PUT', `/${id}?offset=${offset}`, Buffer.alloc(half), 'application/octet-stream');
  const { status, deck } = await ask('POST', '', JSON.stringify({ title: 'Дроби', bytes }), 'application/json');
  assert.equal(status, 201);
  assert.equal((await piece(deck.id, 0)).status, 200);
  writeFileSync(ballast, Buffer.alloc(SPARE_MB << 20));
  const refused = await piece(deck.id, half);
  assert.deepEqual([refused.status, refused.error], [429, 'full']);
  assert.match(refused.text, /disk/);
  assert.equal((await ask('GET', `/${deck.id}`)).deck.received, half, 'what came is kept');
  assert.equal((await ask('POST', '', JSON.stringify({ title: 'Ще', bytes }), 'application/json')).status, 429);
  rmSync(ballast);
  const came = await piece(deck.id, half);
  assert.deepEqual([came.status, came.deck.received], [200, bytes]);
});
