// What the crash tests share: a server that can be killed and started again on the same data, speakers that send a
// real H.264 camera and an Opus voice out of files by WHIP, and a look at what is on disk.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cookies } from '../bench/cookies.mjs';
import { dial } from '../bench/ws.mjs';
import { decode, makeData, probe, root, run, serve } from '../integration/lib.mjs';

const exec = promisify(execFile);

export async function until(what, seconds, f) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
    const v = await f();
    if (v) return v;
  }
  throw new Error(`waited ${seconds} s in vain: ${what}`);
}
export const pause = (ms) => new Promise((r) => setTimeout(r, ms));

const ffmpeg = (args, input) => {
  const r = spawnSync('ffmpeg', ['-v', 'error', ...args], { input, timeout: 60_000, maxBuffer: 64 << 20 });
  if (r.status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${r.stderr}`);
  return r.stdout;
};
/** What each picture looks like, in order: as H.264 is never transcoded, a recorded one is known by it. */
const pictures = (args, input) =>
  ffmpeg([...args, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'], input).toString()
    .split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split(',').at(-1).trim());

/** Twenty seconds of a moving picture and of a sound, made once for the whole file. */
export async function makeMedia() {
  const folder = mkdtempSync(join(tmpdir(), 'somhub-media-'));
  const h264 = join(folder, 'camera.h264'), ogg = join(folder, 'voice.ogg');
  await exec('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25', '-t', '20', '-c:v', 'libx264',
    '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-level', '3.1', '-pix_fmt', 'yuv420p',
    '-b:v', '600k', '-g', '50', '-slices', '1', '-x264-params', 'sliced-threads=0:repeat-headers=1', '-f', 'h264', h264]);
  await exec('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'aevalsrc=0.4*sin(2*PI*(220+80*sin(3*t))*t):s=48000', '-t',
    '20', '-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20', '-f', 'ogg', ogg]);
  return { h264, ogg, pictures: pictures(['-i', h264]), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A data directory with an administrator, and a server on it that may die and come back. */
export async function world() {
  const { data, remove } = makeData();
  const password = 'a password for tests';
  run(['user', 'add', '--data', data, '--role', 'admin', '--name', 'Admin', '--email', 'admin@test.local', '--password-stdin'],
    { input: `${password}\n` });
  const w = {
    data,
    speakers: [],
    server: await serve(data),
    port: () => Number(new URL(w.server.url).port),
    room: (...flags) => run(['room', '--data', data, '--name', 'Crash', ...flags]),
    ticket: (room, role, name) => run(['token', '--data', data, '--room', room, '--role', role, '--name', name]),
    dial: (on) => dial(w.port(), on),
    async restart() {
      w.server = await serve(data);
    },
    /** GET and POST as the administrator. */
    async get(path) {
      await w.signIn();
      return w.get(path);
    },
    async post(path) {
      await w.signIn();
      return w.post(path);
    },
    async signIn() {
      const signIn = await fetch(`${w.server.url}/api/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email: 'admin@test.local', password }) });
      const cookie = cookies(signIn);
      const { csrf } = await signIn.json();
      w.get = (p) => fetch(w.server.url + p, { headers: { cookie } });
      w.post = (p) => fetch(w.server.url + p, { method: 'POST', headers: { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json' }, body: '{}' });
    },
    async close() {
      for (const s of w.speakers) await s.stop();
      await w.server.stop();
      remove();
    },
  };
  return w;
}

/** Speakers on air by WHIP; sent() is what the first of them has sent so far, and when. */
export async function speak(w, room, media, ...names) {
  const tickets = names.map((n) => w.ticket(room, 'speaker', n));
  const log = join(w.data, `sent-${w.speakers.length}`);
  const child = spawn(join(root, 'build/bench/bench_publish'), [w.port(), room, media.h264, media.ogg, ...tickets].map(String),
    { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, SENT: log } });
  const gone = new Promise((yes) => child.once('close', yes));
  const speakers = {
    sent: () => readFileSync(log, 'utf8').trim().split('\n').map((l) => l.split(' ').map(Number)).map(([pictures, sounds, at]) => ({ pictures, sounds, at })),
    async stop() {
      child.stdin.end();
      child.kill('SIGKILL');
      await gone;
    },
  };
  w.speakers.push(speakers);
  await new Promise((yes, no) => {
    child.stderr.on('data', (d) => (String(d).includes('on air') ? yes() : no(new Error(String(d)))));
    void gone.then(() => no(new Error('the speakers ended')));
  });
  return speakers;
}

export function childOf(pid, name) {
  for (const p of readdirSync('/proc').filter((d) => /^\d+$/.test(d))) {
    try {
      const [, comm, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${p}/stat`, 'utf8'));
      const [state, parent] = rest.split(' ');
      if (Number(parent) === pid && comm.startsWith(name) && state !== 'Z') return Number(p);
    } catch { /* it went meanwhile */ }
  }
  return null;
}

/** How long each thread of a program has stood ready without getting a core, and for the disk, in ms. */
function stood(pid) {
  const all = new Map();
  const number = (f) => { try { return f() || 0; } catch { return 0; } }; // a thread that ended, a kernel that does not count
  let threads = [];
  try { threads = readdirSync(`/proc/${pid}/task`); } catch { /* it went meanwhile */ }
  for (const t of threads) {
    const file = (name) => readFileSync(`/proc/${pid}/task/${t}/${name}`, 'utf8');
    all.set(`${pid}/${t}`, {
      core: number(() => Number(file('schedstat').split(' ')[1]) / 1e6),
      disk: number(() => Number(file('stat').split(') ').at(-1).split(' ')[39]) * 10), // delayacct_blkio_ticks, 1/100 s; often not counted
    });
  }
  return all;
}

/**
 * What the machine itself takes from a server and its recorder from now on: end() gives how long their threads stood ready
 * without a core, and how long they, or one who writes a small file beside them, waited for the disk. So much later they may be.
 */
export async function lateness(w) {
  const server = w.server.pid, path = join(w.data, 'lateness'), file = await open(path, 'w');
  const look = () => [server, childOf(server, 'somhub-pipe')].flatMap((pid) => (pid ? [...stood(pid)] : []));
  const first = new Map(look()), last = new Map(first);
  let write_ms = 0, over = false;
  async function sample() {
    const began = performance.now();
    await file.write(Buffer.alloc(512), 0, 512, 0);
    await file.datasync();
    write_ms = Math.max(write_ms, performance.now() - began);
    for (const [thread, v] of look()) last.set(thread, v);
  }
  const sampling = (async () => {
    while (!over) {
      await sample();
      await pause(200);
    }
  })();
  return {
    async end() {
      for (const [thread, v] of look()) last.set(thread, v); /* before it is known what is killed now */
      over = true;
      await sampling;
      await file.close();
      rmSync(path);
      const sum = (what) => [...last].reduce((n, [thread, v]) => n + v[what] - (first.get(thread)?.[what] ?? 0), 0);
      const core_ms = Math.round(sum('core')), disk_ms = Math.round(Math.max(sum('disk'), write_ms));
      return { core_ms, disk_ms, ms: core_ms + disk_ms };
    },
  };
}

/** Seconds listed in a playlist. */
export function listed(w, room, name) {
  const path = join(w.data, 'rec', room, name);
  if (!existsSync(path)) return 0;
  return [...readFileSync(path, 'utf8').matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, m) => sum + Number(m[1]), 0);
}

/** The takes of a recording: when each began, in its own time and in that of the clock. */
export const takes = (w, room) => readFileSync(join(w.data, 'rec', room, 'takes.jsonl'), 'utf8').trim().split('\n')
  .map((l) => JSON.parse(l)).filter((t) => 'base_ms' in t);

/** The runs of a take in one rendition, each whole: its init segment and all that its playlist names. */
function runs(w, room, letter, list, take) {
  const dir = join(w.data, 'rec', room), all = new Map();
  for (const [, run, n] of readFileSync(join(dir, list), 'utf8').matchAll(new RegExp(`^${letter}${take}-(\\d+)-(\\d+)\\.m4s$`, 'gm')))
    all.set(run, [...(all.get(run) ?? [join(dir, `${letter}${take}-${run}-init.mp4`)]), join(dir, `${letter}${take}-${run}-${n}.m4s`)]);
  return [...all.values()].map((files) => Buffer.concat(files.map((f) => readFileSync(f))));
}
/**
 * What is left of a torn take, against what its speaker had sent: gives how long before `killed` the first picture was
 * sent that is missing, how long before it the last sound is heard, and how much before it the playlist ends.
 */
export function lost(w, room, media, speakers, { take, killed }) {
  const { wall_ms, base_ms } = takes(w, room).find((t) => t.take === take);
  const sent = speakers.sent();
  const kept = runs(w, room, 'p', 'program.m3u8', take).flatMap((b) => pictures(['-i', 'pipe:'], b));
  const last = media.pictures.indexOf(kept.findLast((p) => media.pictures.includes(p)));
  /* The file goes round: of all times it was sent, the last. */
  const all = sent.findLast((s) => s.at <= killed).pictures, n = media.pictures.length;
  const count = last + 1 + n * Math.floor((all - last - 1) / n);
  const missing = sent.find((s) => s.pictures > count);
  const RATE = 8, sound = runs(w, room, 'a', 'audio.m3u8', take)
    .map((b) => ffmpeg(['-i', 'pipe:', '-ac', '1', '-ar', String(1000 * RATE), '-f', 's16le', '-'], b));
  let samples = 0, heard = 0;
  for (const b of sound) {
    const v = new Int16Array(b.buffer, b.byteOffset, b.length >> 1);
    const at = v.findLastIndex((x) => Math.abs(x) > 1000);
    if (at >= 0) heard = samples + at;
    samples += v.length;
  }
  const spoken = sent.findLast((s) => s.at <= killed).at; /* a speaker who was late himself said nothing later */
  return {
    pictures_ms: missing ? Math.max(0, killed - missing.at) : 0,
    sound_ms: Math.max(0, Math.min(killed, spoken) - wall_ms - heard / RATE),
    listed_ms: Math.max(0, killed - wall_ms - samples / RATE),
    take_ms: samples / RATE,
    base_ms,
  };
}

/** The lesson, once it is ready and both its playlists are complete. */
export const lesson = (w, room, seconds = 20) => until('the lesson is ready', seconds, async () => {
  const answer = await w.get(`/api/lessons/${room}`);
  const l = answer.ok ? await answer.json() : null;
  return l?.recording?.state === 'ready' ? l : null;
});

/** Every picture and sound of a playlist decodes; gives its duration in seconds. */
export function decodes(path) {
  const complaint = decode(path);
  if (complaint) throw new Error(`${path} does not decode: ${complaint.slice(0, 300)}`);
  return Number(probe(path).format.duration);
}
