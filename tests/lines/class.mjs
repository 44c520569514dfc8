// A class on such lines: the real server, a teacher and a viewer in browsers of their own, each behind a line of his
// own, and what the viewer's browser knows of the picture and the sound, sampled all the time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addPeople, browserPath, enter, launch, makeData, people, person, root, serve, signIn, watch } from '../integration/lib.mjs';
import { makeLines, SERVER_IP } from './rig.mjs';

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A moving 720p picture and a voice that never pauses: vowels of a deep voice, four syllables a second. */
export function makeMedia() {
  const folder = mkdtempSync(join(tmpdir(), 'somhub-media-'));
  const video = join(folder, 'camera.mjpeg'), audio = join(folder, 'voice.wav');
  const voice = '(0.55+0.45*sin(2*PI*4*t))*0.12*(sin(2*PI*130*t)+sin(2*PI*260*t)+0.7*sin(2*PI*390*t)+0.6*sin(2*PI*650*t)+0.4*sin(2*PI*1170*t))';
  for (const args of [
    ['-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=30', '-t', '8', '-q:v', '5', '-pix_fmt', 'yuvj420p', video],
    ['-f', 'lavfi', '-i', `aevalsrc=${voice}:s=48000`, '-t', '8', audio],
  ]) {
    const r = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { encoding: 'utf8', timeout: 60_000 });
    if (r.status !== 0) throw new Error(`ffmpeg: ${r.error ?? r.stderr}`);
  }
  return { video, audio, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs in the page before anything else: every connection and every frame shown is written down. */
export function spy() {
  const log = (window.lines = { connections: [], samples: [], frames: [], said: [] });
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      log.connections.push(this);
    }
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => /"type":"(quality|slots|media_\w+|answer)"/.test(data) && log.said.push([Date.now(), data]));
      this.addEventListener('close', ({ code }) => log.said.push([Date.now(), `closed ${code}`]));
    }
  };
  const look = async () => {
    const s = { at: Date.now(), video: {}, audio: {}, pair: {}, out: [] };
    for (const pc of log.connections) {
      /* A closed connection's last word counts too: what was frozen stays frozen. */
      const report = pc.signalingState === 'closed' ? pc.lastReport : (pc.lastReport = await pc.getStats().catch(() => pc.lastReport));
      report?.forEach((r) => {
        if (r.type === 'inbound-rtp' && r.packetsReceived > 0) {
          const sum = s[r.kind];
          for (const [k, v] of Object.entries(r)) if (typeof v === 'number') sum[k] = (sum[k] ?? 0) + v;
          sum.state = pc.connectionState;
        } else if (r.type === 'outbound-rtp' && r.kind === 'video') {
          s.out.push({ rid: r.rid, bytes: r.bytesSent, height: r.frameHeight, fps: r.framesPerSecond, active: r.active, limit: r.qualityLimitationReason, encoder: r.encoderImplementation, target: r.targetBitrate });
        } else if (r.type === 'candidate-pair' && r.nominated && pc.signalingState !== 'closed') {
          s.pair = { rtt: r.currentRoundTripTime, in: r.availableIncomingBitrate, out: r.availableOutgoingBitrate };
        }
      });
    }
    log.samples.push(s);
  };
  setInterval(() => void look(), 250);
  addEventListener('submit', () => (log.submitted = Date.now()), true);
  let watched = null;
  const shown = (v) => (_, meta) => {
    log.frames.push([Date.now(), meta.height]);
    if (v.isConnected) v.requestVideoFrameCallback(shown(v));
    else if (watched === v) watched = null;
  };
  setInterval(() => {
    const v = document.querySelector('.person video, .stage video');
    if (!v || v === watched) return;
    watched = v;
    v.requestVideoFrameCallback(shown(v));
  }, 20);
}

/** What the viewer had between two moments (ms since the epoch). */
function figuresOf({ samples, frames }, from, to) {
  const inside = samples.filter((s) => s.at >= from && s.at <= to);
  const a = inside[0], b = inside.at(-1);
  if (!a || !b || a === b) throw new Error('no samples in that time');
  const grown = (kind, key) => (b[kind][key] ?? 0) - (a[kind][key] ?? 0);
  const seconds = (b.at - a.at) / 1000;
  const shown = frames.filter(([at]) => at >= from && at <= to);
  let gap = 0, gapAt = 0;
  for (const [i, [at]] of [...shown, [to]].entries()) {
    const before = i === 0 ? from : shown[i - 1][0];
    if (at - before > gap) [gap, gapAt] = [at - before, before - from];
  }
  const pct = (x) => Math.round(x * 1000) / 10;
  return {
    seconds,
    fps: Math.round(shown.length / ((to - from) / 1000)),
    height: shown.at(-1)?.[1] ?? 0,
    freezePercent: pct(grown('video', 'totalFreezesDuration') / seconds),
    freezes: grown('video', 'freezeCount'),
    longestGapMs: gap,
    longestGapAtMs: gapAt,
    concealPercent: pct(grown('audio', 'concealedSamples') / Math.max(1, grown('audio', 'totalSamplesReceived'))),
    videoKbps: Math.round((grown('video', 'bytesReceived') * 8) / seconds / 1000),
    audioKbps: Math.round((grown('audio', 'bytesReceived') * 8) / seconds / 1000),
    videoLost: grown('video', 'packetsLost'),
    keyframes: grown('video', 'keyFramesDecoded'),
    nacks: grown('video', 'nackCount'),
    plis: grown('video', 'pliCount'),
  };
}

/** Server, lines and teacher on air; `viewers` are names of lines. `format` changes the webinar's format file. */
export async function makeClass({ media, viewers = ['viewer'], format = {}, names = [] }) {
  const rig = await makeLines(['teacher', ...viewers, ...names]);
  const { data, remove } = makeData();
  const formats = mkdtempSync(join(tmpdir(), 'somhub-formats-'));
  cpSync(join(root, 'config/formats'), formats, { recursive: true });
  const webinar = join(formats, 'webinar.json');
  /* The recorder would want a share of the processor that browsers need here. */
  writeFileSync(webinar, JSON.stringify({ ...JSON.parse(readFileSync(webinar, 'utf8')), record: 'manual', ...format }));
  const opened = [];
  let server;
  const close = async () => {
    for (const b of opened) await b.close().catch(() => undefined);
    await server?.stop();
    await rig.close();
    remove();
    rmSync(formats, { recursive: true, force: true });
  };
  try {
    addPeople(data);
    server = await serve(data, {
      listen: `${SERVER_IP}:0`, announce: SERVER_IP, prefix: rig.within('server'),
      args: ['--self-signed', '--set', `media.listen=${SERVER_IP}`, '--set', `formats.dir=${formats}`],
    });
    const browserAt = async (name, more = {}) => {
      const browser = await launch({ program: rig.program(name, browserPath()), ...more });
      opened.push(browser);
      const p = await person(browser, server.url, { ignoreHTTPSErrors: true });
      await p.context.addInitScript(spy);
      return p;
    };
    const teacher = await browserAt('teacher', media);
    await signIn(teacher.page, people.teacher);
    await teacher.page.goto('/events/new');
    await teacher.page.getByLabel('Назва').fill('Тонка лінія');
    await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
    await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
    await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
    const path = new URL(teacher.page.url()).pathname;
    await enter(teacher.page, path, { mic: true, camera: true });
    await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
    const log = (page) => page.evaluate(() => ({ ...window.lines, connections: [] }));
    return {
      rig, server, teacher, path, log, browserAt, close,
      /** Somebody who watches; `picture` is false when none is expected. */
      viewer: async (name, label = 'Марічка') => {
        const p = await browserAt(name);
        await enter(p.page, path, { name: label });
        await watch(p.page, '.person video');
        return {
          ...p,
          /** Figures of what `during` took, or of `ms`. */
          measure: async (during) => {
            const from = Date.now();
            if (typeof during === 'number') await pause(during);
            else await during();
            await pause(300);
            return figuresOf(await log(p.page), from, Date.now());
          },
          log: () => log(p.page),
          /** His browser is closed and his line is well again. */
          leave: async () => {
            await p.context.browser().close();
            await rig.calm(name);
          },
          /** Waits until frames say so; gives ms since `since`. */
          when: async (since, what, test, seconds = 30) => {
            for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(50)) {
              const l = await log(p.page);
              const hit = l.frames.find((f, i) => f[0] >= since && test(f, i, l.frames));
              if (hit) return hit[0] - since;
            }
            throw new Error(`${what}: not within ${seconds} s`);
          },
        };
      },
    };
  } catch (e) {
    await close();
    throw e;
  }
}

/* Before a line turns bad the picture has settled at what the good one carries. */
const SETTLE_MS = 6_000;

/** A test with a viewer on the line of that name, who leaves at the end; the story gives sentences of what was missed. */
export const onLine = (lesson, name, what, story) =>
  test(what, { timeout: 150_000 }, async () => {
    const v = await lesson().viewer(name);
    try {
      await pause(SETTLE_MS);
      assert.deepEqual(await story(v, lesson().rig, name), []);
    } finally {
      await v.leave();
    }
  });
