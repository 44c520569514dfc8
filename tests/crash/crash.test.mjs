// kill -9 at the steps of a live, recorded lesson. What must hold: the class goes on, what was acknowledged is there,
// the recording loses at most a second, and every recording ends up playable.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { childOf, decodes, lesson, listed, makeMedia, pause, speak, until, world } from './lib.mjs';

let media;
before(async () => { media = await makeMedia(); });
after(() => media.remove());

/** A recorded room with its host in it, open, one camera and voice on air, and some seconds on disk. */
async function live(w, seconds) {
  const room = w.room('--record');
  const ticket = w.ticket(room, 'host', 'Host');
  const events = [];
  const host = await w.dial((m) => events.push(m));
  const welcome = await host.ask({ type: 'join', ticket, since: 0 });
  assert.equal(welcome.type, 'welcome');
  if (welcome.snapshot.life !== 'open') await host.ask({ type: 'open' });
  const speakers = await speak(w, room, media, 'Anna');
  await until('the recorder runs', 10, () => childOf(w.server.pid, 'somhub-pipe'));
  await until(`${seconds} s are on disk`, seconds + 15, () => listed(w, room, 'program.m3u8') >= seconds);
  return { room, ticket, host, events, speakers };
}

function checkFiles(w, room) {
  const dir = join(w.data, 'rec', room);
  const sound = decodes(join(dir, 'audio.m3u8')), picture = decodes(join(dir, 'program.m3u8'));
  assert.ok(Math.abs(sound - picture) < 1, `sound ${sound} s and picture ${picture} s are as long`);
  return picture;
}

test('the recorder is killed: the class goes on, it records again within 3 s, the gap is marked', async () => {
  const w = await world();
  try {
    const { room, host, events, speakers } = await live(w, 4);
    const pid = childOf(w.server.pid, 'somhub-pipe');
    process.kill(pid, 'SIGKILL');
    const killed = Date.now();
    await until('another recorder', 3, () => {
      const p = childOf(w.server.pid, 'somhub-pipe');
      return p && p !== pid;
    });
    const before = listed(w, room, 'program.m3u8');
    const restarted_ms = Date.now() - killed;
    assert.ok(restarted_ms < 3000, `recording again after ${restarted_ms} ms`);
    assert.ok((await host.ask({ type: 'chat', text: 'are we on?' })).seq > 0, 'the room goes on');
    await until('the recording grows', 10, () => listed(w, room, 'program.m3u8') > before + 3);
    await until('the gap is marked', 3, () => events.some((e) => e.type === 'recording' && e.state === 'gap'));
    await host.ask({ type: 'end' });
    const l = await lesson(w, room);
    assert.ok(l.recording.takes.length >= 2 && l.recording.takes[1].gap === true, 'the second take says that there is a gap');
    assert.ok(checkFiles(w, room) > 7);
    await speakers.stop();
  } finally {
    await w.close();
  }
});

test('the recorder hangs: another takes its place, what came meanwhile is the gap', async () => {
  const w = await world();
  try {
    const { room, host, events, speakers } = await live(w, 4);
    const pid = childOf(w.server.pid, 'somhub-pipe');
    process.kill(pid, 'SIGSTOP');
    await until('another recorder', 20, () => ![pid, null].includes(childOf(w.server.pid, 'somhub-pipe')));
    const before = listed(w, room, 'program.m3u8');
    await until('the recording grows', 10, () => listed(w, room, 'program.m3u8') > before + 3);
    assert.equal(events.filter((e) => e.state === 'gap').length, 1, 'the gap is marked');
    await host.ask({ type: 'end' });
    const l = await lesson(w, room);
    assert.equal(l.recording.takes[1].gap, true);
    assert.ok(checkFiles(w, room) > 7);
    await speakers.stop();
  } finally {
    await w.close();
  }
});

test('the server is killed: the recording is whole to the last second, people come back, the room is as it was', async () => {
  const w = await world();
  try {
    const { room, ticket, host, speakers, events } = await live(w, 6);
    const said = [];
    for (let i = 0; i < 5; i++) said.push((await host.ask({ type: 'chat', text: `line ${i}` })).seq);
    await host.ask({ type: 'hand', on: true });
    const started = Date.parse(/PROGRAM-DATE-TIME:(\S+)/.exec(readFileSync(join(w.data, 'rec', room, 'program.m3u8'), 'utf8'))[1]);
    const since = Math.max(...events.map((e) => e.seq ?? 0), said.at(-1));
    await w.server.kill('SIGKILL');
    const killed = Date.now();
    await speakers.stop();
    await w.restart();
    const back = [];
    const host2 = await w.dial((m) => back.push(m));
    const resumed = await host2.ask({ type: 'join', ticket, since });
    assert.equal(resumed.resumed, true, 'resumes from where it was');
    const fresh = await w.dial(() => {});
    const other = await fresh.ask({ type: 'join', ticket: w.ticket(room, 'attendee', 'Olia'), since: 0 });
    assert.equal(other.snapshot.life, 'open');
    assert.equal(other.snapshot.recording, true);
    assert.deepEqual(other.snapshot.chat.map((c) => c.seq), said, 'every acknowledged line is there');
    assert.equal(other.snapshot.hands.length, 1, 'the hand is still up');
    await until('the torn take is repaired', 5, () => listed(w, room, 'program.m3u8') * 1000 > killed - started - 1500);
    const kept_s = listed(w, room, 'program.m3u8');
    assert.ok(kept_s >= (killed - started) / 1000 - 1.5, `${kept_s} s of ${(killed - started) / 1000} s are kept`);
    const again = await speak(w, room, media, 'Anna');
    await until('the recording goes on', 15, () => listed(w, room, 'program.m3u8') > kept_s + 4);
    await until('the class hears of the gap', 3, () => back.some((e) => e.type === 'recording' && e.state === 'gap'));
    await host2.ask({ type: 'end' });
    const l = await lesson(w, room);
    assert.ok(l.recording.takes.length >= 2);
    assert.equal(l.recording.takes.filter((t) => t.gap).length, 1, 'the lesson page says that something is missing');
    const [, next] = readFileSync(join(w.data, 'rec', room, 'takes.jsonl'), 'utf8').trim().split('\n').map((x) => JSON.parse(x))
      .filter((x) => 'base_ms' in x);
    assert.equal(next.gap, true, 'and so does the log of takes');
    const timeline = readFileSync(join(w.data, 'rec', room, 'timeline.jsonl'), 'utf8').trim().split('\n').map((x) => JSON.parse(x));
    assert.equal(timeline.filter((e) => e.type === 'recording' && e.state === 'gap').length, 1, 'and the timeline');
    assert.ok(checkFiles(w, room) > kept_s + 3);
    await again.stop();
  } finally {
    await w.close();
  }
});

test('the server is killed as event pages end their rooms: what was promised is done after the start', async () => {
  const w = await world();
  try {
    const rooms = Array.from({ length: 6 }, () => w.room());
    for (const room of rooms) {
      const host = await w.dial(() => {});
      await host.ask({ type: 'join', ticket: w.ticket(room, 'host', 'Host'), since: 0 });
    }
    const states = async () => Promise.all(rooms.map(async (r) => (await (await w.get(`/api/events/${r}`)).json()).event.state));
    assert.deepEqual(await states(), rooms.map(() => 'open'));
    const promised = [];
    const asked = rooms.map(async (r) => {
      const answer = await w.post(`/api/events/${r}/end`).catch(() => null);
      if (answer?.status === 202) promised.push(r);
    });
    await Promise.race(asked);
    await w.server.kill('SIGKILL');
    await Promise.all(asked);
    assert.ok(promised.length > 0);
    await w.restart();
    for (const r of promised)
      await until(`${r} is ended`, 10, async () => (await (await w.get(`/api/events/${r}`)).json()).event.state === 'ended');
  } finally {
    await w.close();
  }
});

test('the server is killed as the lesson ends: the lesson is published all the same', async () => {
  const w = await world();
  try {
    const { room, host, speakers } = await live(w, 4);
    await host.ask({ type: 'end' }); /* answered: the end is on disk */
    await w.server.kill('SIGKILL');
    await speakers.stop();
    await w.restart();
    const l = await lesson(w, room, 30);
    assert.ok(l.recording.duration_ms > 4000);
    checkFiles(w, room);
  } finally {
    await w.close();
  }
});

test('the server is killed while the MP4 is made: it is made again, and decodes', async () => {
  const w = await world();
  try {
    const { room, host, speakers } = await live(w, 4);
    await host.ask({ type: 'end' });
    await speakers.stop();
    await lesson(w, room);
    await w.server.kill('SIGKILL');
    await w.restart();
    const l = await until('the MP4 is there', 60, async () => {
      const x = await (await w.get(`/api/lessons/${room}`)).json();
      return x.downloads?.some((d) => d.kind === 'mp4') ? x : null;
    });
    assert.ok(Math.abs(decodes(join(w.data, 'rec', room, 'lesson.mp4')) - l.recording.duration_ms / 1000) < 1);
    const part = await w.get(`/media/${room}/lesson.mp4`);
    assert.equal(part.status, 200);
  } finally {
    await w.close();
  }
});

test('SIGTERM in the middle of a class: the take is closed, the class comes back after the start', async () => {
  const w = await world();
  try {
    const { room, ticket, host, speakers } = await live(w, 4);
    void host;
    const end = await w.server.stop();
    assert.deepEqual(end, { code: 0, signal: null }, 'drains and exits with 0');
    await speakers.stop();
    await w.restart();
    const host2 = await w.dial(() => {});
    const back = await host2.ask({ type: 'join', ticket, since: 0 });
    assert.equal(back.snapshot.life, 'open');
    await pause(500);
    await host2.ask({ type: 'end' });
    const l = await lesson(w, room);
    assert.ok(l.recording.takes.every((t) => !t.gap), 'a clean stop is no gap');
    checkFiles(w, room);
  } finally {
    await w.close();
  }
});
