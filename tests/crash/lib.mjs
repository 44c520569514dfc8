// What the crash tests share: a server that can be killed and started again on the same data, speakers that send a
// real H.264 camera and an Opus voice out of files by WHIP, and a look at what is on disk.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** Twenty seconds of a moving picture and of a sound, made once for the whole file. */
export async function makeMedia() {
  const folder = mkdtempSync(join(tmpdir(), 'somhub-media-'));
  const h264 = join(folder, 'camera.h264'), ogg = join(folder, 'voice.ogg');
  await exec('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25', '-t', '20', '-c:v', 'libx264',
    '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-level', '3.1', '-pix_fmt', 'yuv420p',
    '-b:v', '600k', '-g', '50', '-slices', '1', '-x264-params', 'sliced-threads=0:repeat-headers=1', '-f', 'h264', h264]);
  await exec('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'aevalsrc=0.4*sin(2*PI*(220+80*sin(3*t))*t):s=48000', '-t',
    '20', '-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20', '-f', 'ogg', ogg]);
  return { h264, ogg, remove: () => rmSync(folder, { recursive: true, force: true }) };
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
      const cookie = signIn.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ');
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

/** Speakers on air by WHIP. */
export async function speak(w, room, media, ...names) {
  const tickets = names.map((n) => w.ticket(room, 'speaker', n));
  const child = spawn(join(root, 'build/bench/bench_publish'), [w.port(), room, media.h264, media.ogg, ...tickets].map(String),
    { stdio: ['pipe', 'ignore', 'pipe'] });
  const gone = new Promise((yes) => child.once('close', yes));
  const speakers = {
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

/** Seconds listed in a playlist. */
export function listed(w, room, name) {
  const path = join(w.data, 'rec', room, name);
  if (!existsSync(path)) return 0;
  return [...readFileSync(path, 'utf8').matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, m) => sum + Number(m[1]), 0);
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
