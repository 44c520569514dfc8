// What every browser test needs: a real server on ports the kernel chooses with a data directory of its own, people
// in it, and Debian's Chromium with a camera and a microphone out of the browser itself. Everything started here is
// ended here.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { rm } from 'node:fs/promises';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const somhub = process.env.SOMHUB ?? join(root, 'build/somhub');
/* How long a story waits for what must come, on a machine whose time others steal. It says nothing of how soon: what
 * has to come soon has a figure of its own where it is asked for. */
export const PATIENCE_MS = 60_000;
const STOP_MS = 15_000;

export function run(args, { input, ok = true } = {}) {
  const r = spawnSync(somhub, args, { input, encoding: 'utf8', timeout: 60_000 });
  if (ok && r.status !== 0) throw new Error(`somhub ${args.join(' ')}: ${r.status}\n${r.stdout}${r.stderr}`);
  return r.stdout.trim();
}

export const people = {
  teacher: { name: 'Оксана Коваль', email: 'teacher@test.local', password: 'довгий пароль 1', role: 'teacher' },
  learner: { name: 'Іван Учень', email: 'learner@test.local', password: 'довгий пароль 2', role: 'learner' },
};

export function addPeople(data) {
  for (const p of Object.values(people)) {
    run(['user', 'add', '--data', data, '--role', p.role, '--name', p.name, '--email', p.email, '--password-stdin'], {
      input: `${p.password}\n`,
    });
  }
}

export function makeData() {
  const data = mkdtempSync(join(tmpdir(), 'somhub-test-'));
  return { data, remove: () => rmSync(data, { recursive: true, force: true }) };
}

/** Starts `somhub serve`; gives its address once it says that it is ready. `prefix` is a command that runs commands. */
export async function serve(data, { listen = '127.0.0.1:0', mediaPort = 0, announce = '127.0.0.1', prefix = [], args = [] } = {}) {
  const [program, ...words] = [...prefix, somhub, 'serve', '--data', data, '--listen', listen, '--media-port', String(mediaPort),
    '--set', `web.dir=${join(root, 'web/dist')}`, '--set', `media.announce=${announce}`, ...args];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '', said = '';
  child.stderr.on('data', (b) => (log = (log + b).slice(-20_000)));
  const gone = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  const ready = await new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`not ready\n${log}`)), PATIENCE_MS);
    child.stdout.on('data', (b) => {
      said = (said + b).slice(-20_000);
      const m = /ready http=(\S+) media=(\S+)/.exec(said);
      if (!m) return;
      clearTimeout(timer);
      done({ url: m[1], media: m[2] });
    });
    void gone.then(({ code }) => {
      clearTimeout(timer);
      fail(new Error(`ended with ${code}\n${log}`));
    });
  });
  const url = ready.url.startsWith('http') ? ready.url : `http://${ready.url}`;
  return {
    url,
    media: ready.media,
    pid: child.pid,
    gone,
    log: () => log,
    said: () => said,
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal);
      return gone;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return gone;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const end = await gone;
      clearTimeout(timer);
      return end;
    },
  };
}

/** A server with people in it, for a whole test file. */
export async function start(options) {
  const { data, remove } = makeData();
  try {
    addPeople(data);
    const server = await serve(data, options);
    return {
      data,
      ...server,
      stop: async () => {
        const end = await server.stop();
        remove();
        return end;
      },
    };
  } catch (e) {
    remove();
    throw e;
  }
}

const FLAGS = [
  '--no-sandbox',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-gpu',
  '--mute-audio',
];

export const browserPath = () =>
  [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));

function chromiumOptions({ video, audio, flags = [], program }) {
  const executablePath = program ?? browserPath();
  if (!executablePath) throw new Error('no Chromium on this machine');
  return {
    executablePath,
    headless: true,
    env: { ...process.env, LC_ALL: 'C.UTF-8' }, // without it a file saved under a Ukrainian name is called "download"
    args: [
      ...FLAGS,
      '--use-fake-device-for-media-stream=fps=20',
      ...(video ? [`--use-file-for-fake-video-capture=${video}`] : []),
      ...(audio ? [`--use-file-for-fake-audio-capture=${audio}`] : []),
      ...flags,
    ],
  };
}

/** Chromium with a moving picture as its camera and beeps as its microphone (or the files given). */
export const launch = (how = {}) => chromium.launch(chromiumOptions(how));

export const WIDE = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };

const pages = [];
/* Pages are intercepted by some tests, which a service worker between would hide. */
const contextOptions = (url, { viewport = WIDE, locale = 'uk-UA', ...rest }) => ({ baseURL: url, viewport, locale, serviceWorkers: 'block', ...rest });
/** Pictures of every open page, for whoever looks into a failed test: in build/results/pages. */
async function keepPictures(name) {
  const dir = join(root, 'build/results/pages');
  mkdirSync(dir, { recursive: true });
  for (const [i, page] of pages.entries()) {
    if (page.isClosed()) continue;
    const file = `${name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 40)}-${i + 1}.png`;
    await page.screenshot({ path: join(dir, file), timeout: 5000 }).catch(() => undefined);
  }
}

/** A person at a browser of his own (cookies and storage apart from the others'). */
export async function person(browser, url, options = {}) {
  return seated(await browser.newContext(contextOptions(url, { permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'], ...options })));
}

/** A person whose browser itself may use camera and microphone there, as people allow it: a right that the tool gives
 * holds in every frame, whatever the page forbids it. */
export async function resident(url, { program, ...options } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'somhub-profile-'));
  const granted = { [`${new URL(url).origin},*`]: { setting: 1, last_modified: '13300000000000000' } };
  mkdirSync(join(profile, 'Default'));
  writeFileSync(
    join(profile, 'Default/Preferences'),
    JSON.stringify({ profile: { content_settings: { exceptions: { media_stream_camera: granted, media_stream_mic: granted } } } }),
  );
  const context = await chromium.launchPersistentContext(profile, { ...chromiumOptions({ program }), ...contextOptions(url, options) });
  /* Its processes still write while it closes. */
  context.once('close', () => void rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }).catch(() => undefined));
  return seated(context);
}

/* What is said for a moment is noted with where it stood, for whoever looks later. */
const noteToasts = () => {
  window.toasts = [];
  const look = () => {
    for (const t of document.querySelectorAll('.toast')) {
      if (window.toasts.some((k) => k.el === t && k.text === t.textContent)) continue;
      const box = t.getBoundingClientRect(), line = document.querySelector('.composer')?.getBoundingClientRect();
      window.toasts.push({ el: t, text: t.textContent, bottom: box.bottom, composer: line?.top ?? Infinity });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
};

/** Waits until the page has said this for a moment, now or before; gives where that ended and the chat's line began. */
export async function toasted(page, text) {
  const said = (t) => window.toasts.findLast((k) => k.text.includes(t));
  const handle = await page.waitForFunction(said, text);
  const { bottom, composer } = await handle.evaluate(({ bottom: b, composer: c }) => ({ bottom: b, composer: c }));
  return { bottom, composer };
}

async function seated(context) {
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(noteToasts);
  const page = await context.newPage();
  pages.push(page);
  const problems = [];
  page.on('pageerror', (e) => problems.push(`page: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(m.text())) problems.push(m.text());
  });
  return { context, page, problems };
}

export async function signIn(page, who) {
  await page.goto('/signin');
  await page.getByLabel('Електронна пошта').fill(who.email);
  await page.getByLabel('Пароль').fill(who.password);
  await page.locator('form.signin button[type=submit]').click();
  await page.waitForURL((u) => u.pathname !== '/signin');
}

/** Keeps the page's connections at hand for their statistics, as `pcs`. */
export const tap = (p) =>
  p.page.addInitScript(() => {
    const Real = window.RTCPeerConnection;
    top.pcs ??= []; /* the page makes its connections in a frame */
    window.RTCPeerConnection = class extends Real {
      constructor(...a) {
        super(...a);
        top.pcs.push(this);
      }
    };
  });

/** Milliseconds until the person's picture is drawn with `min` to `max` lines; it has to come within `ms`. */
export async function drawn(page, min, max, ms = PATIENCE_MS) {
  const took = await page.evaluate(
    async ([lo, hi, wait]) => {
      const from = performance.now();
      while (performance.now() - from < wait) {
        const h = document.querySelector('.person video')?.videoHeight ?? 0;
        if (h >= lo && h <= hi) return Math.round(performance.now() - from);
        await new Promise((r) => setTimeout(r, 10));
      }
      return -1;
    },
    [min, max, ms],
  );
  assert.notEqual(took, -1, `no picture of ${min} to ${max} lines came in ${ms} ms`);
  return took;
}

/** Watches the video until `frames` more of them were shown (the element may be replaced meanwhile); gives its
 * picture size and mean colour. */
export async function watch(page, selector, { frames = 10, timeout = PATIENCE_MS } = {}) {
  return page.evaluate(
    ([sel, need, ms]) =>
      new Promise((done, fail) => {
        let seen = 0;
        let watched = null;
        const colour = (v) => {
          const c = document.createElement('canvas');
          c.width = c.height = 16;
          const g = c.getContext('2d');
          g.drawImage(v, 0, 0, 16, 16);
          const px = g.getImageData(0, 0, 16, 16).data;
          const sum = [0, 0, 0];
          for (let i = 0; i < px.length; i += 4) for (let k = 0; k < 3; k++) sum[k] += px[i + k] / 256;
          return sum.map(Math.round);
        };
        const end = (result, error) => {
          clearInterval(look);
          clearTimeout(late);
          if (error) fail(error);
          else done(result);
        };
        const next = (v) => () => {
          if (v !== watched) return;
          if (++seen < need) v.requestVideoFrameCallback(next(v));
          else end({ width: v.videoWidth, height: v.videoHeight, rgb: colour(v) });
        };
        const look = setInterval(() => {
          const v = document.querySelector(sel);
          if (!v || v === watched) return;
          watched = v;
          v.requestVideoFrameCallback(next(v));
        }, 100);
        const late = setTimeout(() => {
          const state = watched ? `readyState ${watched.readyState}, paused ${watched.paused}` : 'no such element';
          end(null, new Error(`${sel}: ${seen} frames of ${need}, ${state}`));
        }, ms);
      }),
    [selector, frames, timeout],
  );
}

/** The loudest peak heard in the page's audio elements within `ms`; back with the first sound. */
export async function listen(page, ms = PATIENCE_MS) {
  return page.evaluate(async (wait) => {
    const ctx = new AudioContext();
    const ears = new Map();
    const hearNew = () => {
      for (const { srcObject: s } of document.querySelectorAll('audio')) {
        if (!s || ears.has(s) || s.getAudioTracks().length === 0) continue;
        const an = ctx.createAnalyser();
        ctx.createMediaStreamSource(s).connect(an);
        ears.set(s, an);
      }
    };
    await ctx.resume();
    const buf = new Float32Array(2048);
    let peak = 0;
    const end = performance.now() + wait;
    while (performance.now() < end && peak < 0.05) {
      hearNew(); /* they come, and are replaced, with the connection */
      for (const an of ears.values()) {
        an.getFloatTimeDomainData(buf);
        for (const v of buf) peak = Math.max(peak, Math.abs(v));
      }
      await new Promise((r) => setTimeout(r, 50));
    }
    await ctx.close();
    return peak;
  }, ms);
}

/** What on the page a thumb would miss: buttons and links smaller than 44 by 44. */
export function tooSmall(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, a[href]')]
      .filter((b) => b.checkVisibility({ visibilityProperty: true }) && !b.classList.contains('person-pin') && !b.closest('.skip'))
      .map((b) => [b.textContent.trim().slice(0, 30) || b.getAttribute('aria-label'), b.getBoundingClientRect()])
      .filter(([, r]) => r.width > 0 && (r.width < 44 || r.height < 44))
      .map(([name, r]) => `${name} ${Math.round(r.width)}×${Math.round(r.height)}`),
  );
}

/** Enters a room from the event's address by its own buttons; gives back when the room is there. */
export async function enter(page, path, { name, mic, camera } = {}) {
  await page.goto(`${path}/join`);
  if (name) await page.getByLabel('Ваше імʼя').fill(name);
  for (const [label, want] of [['Мікрофон', mic], ['Камера', camera]]) {
    if (want === undefined) continue;
    const button = page.getByRole('button', { name: label, exact: true });
    if (((await button.getAttribute('aria-pressed')) === 'true') !== want) await button.click();
  }
  if (camera) await page.waitForSelector('.preview video');
  await page.locator('.join button[type=submit]').click();
  await page.waitForSelector('.room, .state');
}

/** A TCP hop between a browser and the server that can be cut: what a pulled cable does to WebSocket and HTTP. */
export async function hop(target) {
  const { hostname, port } = new URL(target);
  const pairs = new Set();
  let open = true;
  const listener = createServer((near) => {
    if (!open) return void near.destroy();
    const far = connect(Number(port), hostname);
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const s of [near, far]) s.on('error', end).on('close', end);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  const cut = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    /** Cuts what goes through now and lets nothing new through until `restore`. */
    cut: () => {
      open = false;
      cut();
    },
    restore: () => void (open = true),
    /** What goes through now still gets there, but nothing comes back any more. */
    deafen: () => {
      for (const { near, far } of pairs) far.unpipe(near).resume();
    },
    close: () => {
      cut();
      return new Promise((done) => listener.close(done));
    },
  };
}

/* ffmpeg reads .m4s out of a playlist only when told to. */
const listsAnything = (file) => (file.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : []);

/** What ffprobe says of a file or a playlist; a complaint on stderr is an error. */
export function probe(file) {
  const r = spawnSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', ...listsAnything(file), file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (r.status !== 0 || r.stderr.trim()) throw new Error(`ffprobe ${file}: ${r.stderr}`);
  return JSON.parse(r.stdout);
}

/** Decodes everything; gives what the decoder complained of. Frame times stay as they are: a camera has no fixed rate. */
export function decode(file) {
  const r = spawnSync('ffmpeg', ['-v', 'error', '-xerror', ...listsAnything(file), '-i', file, '-fps_mode', 'passthrough', '-enc_time_base', '-1', '-f', 'null', '-'], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  return r.status === 0 ? r.stderr.trim() : `status ${r.status}: ${r.stderr}`;
}

/** Steps of one story: when one fails, those after it would only fail late, so they fail at once. */
export function steps(test) {
  let broken = '';
  return (name, fn) =>
    test(name, async (t) => {
      if (broken) throw new Error(`not tried: "${broken}" failed`);
      try {
        await fn(t);
      } catch (e) {
        broken = name;
        await keepPictures(name);
        throw e;
      }
    });
}
