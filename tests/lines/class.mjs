// A class on such lines: the real server, a teacher and a viewer in browsers of their own, each behind a line of his
// own, and what the viewer's browser knows of the picture and the sound, sampled all the time.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addPeople, browserPath, enter, launch, makeData, people, person, resident, root, serve, signIn, watch } from '../integration/lib.mjs';
import { makeLines, SERVER_IP } from './rig.mjs';
import { holds } from './table.mjs';

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
  const log = (top.lines ??= { connections: [], samples: [], frames: [], sounds: [], said: [] });
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      log.connections.push(this);
    }
  };
  if (window !== top) return; /* a frame in which the page makes its connections */
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
  const heard = () => {
    let last = 0;
    for (const pc of log.connections) {
      if (pc.signalingState === 'closed') continue;
      for (const r of pc.getReceivers()) {
        if (r.track.kind !== 'audio') continue;
        for (const { timestamp: at } of r.getSynchronizationSources()) last = Math.max(last, at < performance.timeOrigin / 2 ? at + performance.timeOrigin : at);
      }
    }
    if (last > (log.sounds.at(-1) ?? 0)) log.sounds.push(last);
  };
  setInterval(heard, 20);
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

/** The longest time between two of these moments, and when it began. */
function longest(moments, from, to) {
  let gap = 0, at = 0, before = from;
  for (const m of [...moments, to]) {
    if (m - before > gap) [gap, at] = [m - before, before - from];
    before = m;
  }
  return [Math.round(gap), Math.round(at)];
}

/** What the viewer had between two moments (ms since the epoch). */
function figuresOf({ samples, frames, sounds }, from, to) {
  const [a, b] = samples;
  if (!a || !b) throw new Error('no samples in that time');
  const grown = (kind, key) => (b[kind][key] ?? 0) - (a[kind][key] ?? 0);
  const seconds = (b.at - a.at) / 1000;
  const [gap, gapAt] = longest(frames.map(([at]) => at), from, to);
  const [silence, silenceAt] = longest(sounds, from, to);
  const pct = (x) => Math.round(x * 1000) / 10;
  return {
    seconds,
    fps: Math.round(frames.length / ((to - from) / 1000)),
    height: frames.at(-1)?.[1] ?? 0,
    freezePercent: pct(grown('video', 'totalFreezesDuration') / seconds),
    freezes: grown('video', 'freezeCount'),
    longestGapMs: gap,
    longestGapAtMs: gapAt,
    silenceMs: silence,
    silenceAtMs: silenceAt,
    /* What was made up in place of sound; not the rest between words, which is silence either way. */
    concealPercent: pct((grown('audio', 'concealedSamples') - grown('audio', 'silentConcealedSamples')) / Math.max(1, grown('audio', 'totalSamplesReceived'))),
    videoKbps: Math.round((grown('video', 'bytesReceived') * 8) / seconds / 1000),
    audioKbps: Math.round((grown('audio', 'bytesReceived') * 8) / seconds / 1000),
    videoLost: grown('video', 'packetsLost'),
    keyframes: grown('video', 'keyFramesDecoded'),
    nacks: grown('video', 'nackCount'),
    plis: grown('video', 'pliCount'),
  };
}

/* In the teacher's page. A size's own bound is what it costs, and a tenth for headers and repeats. */
async function largestThatFits(kbps) {
  const SOUND_BPS = 100_000, USABLE = 0.9;
  for (const pc of window.lines.connections) {
    for (const sender of pc.connectionState === 'connected' ? pc.getSenders() : []) {
      const { encodings } = sender.getParameters();
      if (encodings.length < 2) continue;
      let full = 0;
      (await sender.getStats()).forEach((s) => {
        const e = encodings.find(({ rid }) => rid === s.rid);
        if (s.type === 'outbound-rtp' && e && s.framesPerSecond > 0) full = Math.max(full, s.frameHeight * e.scaleResolutionDownBy);
      });
      const fit = encodings.filter((e) => e.maxBitrate * 1.1 + SOUND_BPS <= USABLE * kbps * 1000).map((e) => Math.floor(full / e.scaleResolutionDownBy));
      if (full > 0) return Math.max(...fit);
    }
  }
  throw new Error('the teacher sends no picture');
}

/** Server, lines and teacher on air; `viewers` are names of lines. `format` changes the webinar's format file, `other`
 * that of [id]. */
export async function makeClass({ media, viewers = ['viewer'], format = {}, other = [], names = [] }) {
  const rig = await makeLines(['teacher', ...viewers, ...names]);
  const { data, remove } = makeData();
  const formats = mkdtempSync(join(tmpdir(), 'somhub-formats-'));
  cpSync(join(root, 'config/formats'), formats, { recursive: true });
  const change = (id, more) => {
    const file = join(formats, `${id}.json`);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...more }));
  };
  /* The recorder would want a share of the processor that browsers need here. */
  change('webinar', { record: 'manual', ...format });
  if (other.length > 0) change(...other);
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
    const begin = (port, mediaPort) => serve(data, {
      listen: `${SERVER_IP}:${port}`, mediaPort, announce: SERVER_IP, prefix: rig.within('server'),
      args: ['--self-signed', '--set', `media.listen=${SERVER_IP}`, '--set', `formats.dir=${formats}`],
    });
    server = await begin(0, 0);
    /* `who`: for his browser's context; `settled`: the browser's own settings let the page use camera and microphone. */
    const browserAt = async (name, { who = {}, settled = false, ...more } = {}) => {
      const program = rig.program(name, browserPath()), options = { ignoreHTTPSErrors: true, ...who };
      const p = settled ? await resident(server.url, { program, ...options }) : await person(await launch({ program, ...more }), server.url, options);
      const end = () => (settled ? p.context : p.context.browser()).close();
      opened.push({ close: end });
      await p.context.addInitScript(spy);
      return { ...p, end };
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
    /* What is read of the page is kept small: reading holds it up. */
    const between = (page, from, to) =>
      page.evaluate(([a, b]) => {
        const l = window.lines, inside = l.samples.filter((s) => s.at >= a && s.at <= b), within = (at) => at >= a && at <= b;
        return { samples: inside.length > 1 ? [inside[0], inside.at(-1)] : [], frames: l.frames.filter(([at]) => within(at)), sounds: l.sounds.filter(within) };
      }, [from, to === Infinity ? Number.MAX_SAFE_INTEGER : to]);
    return {
      rig, teacher, path, log, browserAt, close,
      get server() {
        return server;
      },
      /** How high the largest of the teacher's sizes is that a line of so many kbit/s carries beside the sound, as his
       * browser makes them now: a busy machine's makes all of them smaller. */
      fits: (kbps) => teacher.page.evaluate(largestThatFits, kbps),
      /** The server dies and is started again on the same ports; when it was ready. */
      restart: async () => {
        const [web, media] = [new URL(server.url).port, server.media.split(',')[0]];
        await server.kill();
        server = await begin(web, media);
        return Date.now();
      },
      /** Somebody who watches. */
      viewer: async (name, more = {}, label = 'Марічка') => {
        const p = await browserAt(name, more);
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
            const to = Date.now(); /* reading it all takes time, too */
            return figuresOf(await between(p.page, from, to), from, to);
          },
          log: () => log(p.page),
          /** His browser is closed and his line is well again. */
          leave: async () => {
            await p.end();
            await rig.calm(name);
          },
          /** Waits until frames say so; gives ms since `since`. */
          when: async (since, what, test, seconds = 30) => {
            for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(50)) {
              const { frames } = await between(p.page, since, Infinity);
              const hit = frames.find(test);
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

/** A test with a viewer on the line of that name, who leaves at the end; the story gives sentences of what was missed,
 * and may be told again. */
export const onLine = (lesson, name, what, story, more = {}) =>
  test(what, { timeout: 400_000 }, (t) =>
    holds(t, async () => {
      const v = await lesson().viewer(name, more);
      try {
        await pause(SETTLE_MS);
        return await story(v, lesson().rig, name);
      } finally {
        await v.leave();
      }
    }, () => lesson().server),
  );
