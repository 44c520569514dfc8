// kill -9 at the steps of a live, recorded lesson. What must hold: the class goes on, what was acknowledged is there,
// the recording loses at most a second, and every recording ends up playable.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../integration/lib.mjs';
import { childOf, decodes, lateness, lesson, listed, lost, makeMedia, pause, speak, takes, until, world } from './lib.mjs';

const LOST_MS = 1000, AGAIN_MS = 3000; // what a crash may cost; how soon it records again
const PLAYS_MS = 2000; // from "End" to a lesson that plays, whatever its length
let media;
before(async () => { media = await makeMedia(); });
after(() => media.remove());

/** A recorded room with its host in it, open, one camera and voice on air, and some seconds on disk after those there were before. */
async function live(w, seconds, { room = w.room('--record'), before: had = 0 } = {}) {
  const ticket = w.ticket(room, 'host', 'Host');
  const events = [];
  const host = await w.dial((m) => events.push(m));
  const welcome = await host.ask({ type: 'join', ticket, since: 0 });
  assert.equal(welcome.type, 'welcome');
  if (welcome.snapshot.life !== 'open') await host.ask({ type: 'open' });
  const speakers = await speak(w, room, media, 'Anna');
  await until('the recorder runs', 10, () => childOf(w.server.pid, 'somhub-pipe'));
  await until(`${seconds} s are on disk`, seconds + 15, () => listed(w, room, 'program.m3u8') >= had + seconds);
  return { room, ticket, host, events, speakers };
}

/** What the machine took in the time of which something may be lost: until now, where something is killed. */
async function starved(w) {
  const late = await lateness(w);
  await pause(2 * LOST_MS);
  return late.end();
}
/** Of what had been sent a second before the kill, everything is there, picture and sound. */
function keptTo(killed, w, room, speakers, taken) {
  const l = lost(w, room, media, speakers, { take: 1, killed });
  console.log(`# lost of the end: ${JSON.stringify({ ...l, taken })}`);
  for (const what of ['pictures_ms', 'sound_ms', 'listed_ms']) assert.ok(l[what] <= LOST_MS + taken.ms, `${what}: ${l[what]}`);
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
    const taken = await starved(w), late = await lateness(w);
    const killed = Date.now();
    process.kill(pid, 'SIGKILL');
    const answer = host.ask({ type: 'chat', text: 'are we on?' });
    const [, next] = await until('another take', 20, () => (takes(w, room).length > 1 ? takes(w, room) : null));
    const again_ms = next.wall_ms - killed, meanwhile = await late.end();
    const before = listed(w, room, 'program.m3u8');
    console.log(`# recording again after ${again_ms} ms; of them the machine took ${JSON.stringify(meanwhile)}`);
    assert.ok(again_ms <= AGAIN_MS + meanwhile.ms, `recording again after ${again_ms} ms`);
    assert.equal(next.gap, true);
    keptTo(killed, w, room, speakers, taken);
    assert.ok((await answer).seq > 0, 'the room goes on');
    await until('the recording grows', 10, () => listed(w, room, 'program.m3u8') > before + 3);
    await until('the gap is marked', 3, () => events.some((e) => e.type === 'recording' && e.state === 'gap'));
    const gap = events.find((e) => e.type === 'recording' && e.state === 'gap');
    assert.ok(gap.at >= killed - 50, `the gap is ${killed - gap.at} ms older than its cause`);
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

for (const how of ['the server is killed', 'the server and its recorder are killed'])
test(`${how}: the recording is whole to the last second, people come back, the room is as it was`, async () => {
  const w = await world();
  try {
    const { room, ticket, host, speakers, events } = await live(w, 6);
    const said = [];
    for (let i = 0; i < 5; i++) said.push((await host.ask({ type: 'chat', text: `line ${i}` })).seq);
    await host.ask({ type: 'hand', on: true });
    const since = Math.max(...events.map((e) => e.seq ?? 0), said.at(-1));
    const recorder = childOf(w.server.pid, 'somhub-pipe');
    const taken = await starved(w);
    const killed = Date.now();
    const gone = w.server.kill('SIGKILL');
    if (how.includes('recorder')) process.kill(recorder, 'SIGKILL');
    await gone;
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
    await until('the torn take is repaired', 20, () => takes(w, room).length > 1);
    const kept_s = takes(w, room)[1].base_ms / 1000;
    keptTo(killed, w, room, speakers, taken);
    const again = await speak(w, room, media, 'Anna');
    await until('the recording goes on', 15, () => listed(w, room, 'program.m3u8') > kept_s + 4);
    await until('the class hears of the gap', 3, () => back.some((e) => e.type === 'recording' && e.state === 'gap'));
    await host2.ask({ type: 'end' });
    const l = await lesson(w, room);
    assert.ok(l.recording.takes.length >= 2);
    assert.equal(l.recording.takes.filter((t) => t.gap).length, 1, 'the lesson page says that something is missing');
    assert.equal(takes(w, room)[1].gap, true, 'and so does the log of takes');
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

/** The lesson can be played: its playlist has come to an end, and its first and last segment can be had. */
async function plays(w, room) {
  const answer = await w.get(`/api/lessons/${room}`);
  const { recording } = answer.ok ? await answer.json() : {};
  if (recording?.state !== 'ready') return null;
  const text = await (await w.get(recording.program)).text();
  const files = text.split('\n').filter((line) => line && !line.startsWith('#'));
  if (!text.includes('#EXT-X-ENDLIST')) return null;
  for (const f of [files[0], files.at(-1)]) assert.equal((await w.get(recording.program.replace(/[^/]*$/, f))).status, 200, f);
  return { files: files.length, ms: recording.duration_ms };
}

for (const { before, long } of [{ before: 0, long: 'of some seconds' }, { before: 900, long: 'of a quarter of an hour' }]) {
  test(`nothing is killed: a lesson ${long} plays within 2 s of its end`, async () => {
    const w = await world();
    try {
      await w.signIn();
      const room = w.room('--record'), dir = join(w.data, 'rec', room);
      if (before) {
        mkdirSync(join(w.data, 'rec'), { recursive: true });
        execFileSync(join(root, 'build/bench/bench_pipe_lesson'), [dir, before], { stdio: ['ignore', 'ignore', 'inherit'] });
      }
      const { host, speakers } = await live(w, 4, { room, before });
      const late = await lateness(w);
      const ended = performance.now();
      await host.ask({ type: 'end' });
      const l = await until('the lesson plays', 20, () => plays(w, room));
      const ms = Math.round(performance.now() - ended);
      const taken = await late.end();
      console.log(`# ${ms} ms from the end to a lesson of ${l.files} files, ${Math.round(l.ms / 1000)} s; of them the machine took ${JSON.stringify(taken)}`);
      assert.ok(ms <= PLAYS_MS + taken.ms, `${ms} ms`);
      assert.ok(l.ms >= (before + 4) * 1000, `${l.ms} ms are there`);
      await speakers.stop();
    } finally {
      await w.close();
    }
  });
}
