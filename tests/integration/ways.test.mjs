// The ways picture and sound can take: UDP, TCP on the same port, a relay (Debian's coturn), or none; the page before the
// room says which, and the class is seen by each of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enter, launch, PATIENCE_MS, people, person, run, signIn, start, steps, watch } from './lib.mjs';
import { rounds } from './machine.mjs';

const SECRET = 'a secret of two servers';
const step = steps(test);
let relay, server, browser, teacher, path;

const freePort = () =>
  new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });

const dial = (port) =>
  new Promise((done) => {
    const s = connect(port, '127.0.0.1', () => (s.destroy(), done(true)));
    s.on('error', () => done(false));
  });
async function answers(port, gone) {
  let alive = true;
  void gone.then(() => (alive = false));
  for (const end = Date.now() + PATIENCE_MS; alive && Date.now() < end; await new Promise((r) => setTimeout(r, 50))) if (await dial(port)) return true;
  return false;
}

/** coturn on loopback, ready when its port answers. A port that was taken meanwhile is tried anew. */
async function startRelay() {
  const folder = mkdtempSync(join(tmpdir(), 'somhub-relay-'));
  for (let tries = 0; tries < 5; tries++) {
    const port = await freePort();
    const child = spawn('turnserver', ['-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`,
      '--use-auth-secret', `--static-auth-secret=${SECRET}`, '--realm=test', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers',
      '--log-file=stdout', '--simple-log', `--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    const gone = new Promise((done) => child.once('exit', done).once('error', (e) => done((log += e))));
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (b) => (log = (log + b).slice(-10_000)));
    if (await answers(port, gone)) {
      return { port, log: () => log, stop: async () => (child.kill('SIGTERM'), await gone, rmSync(folder, { recursive: true, force: true })) };
    }
    child.kill('SIGKILL');
    if (tries === 4) throw new Error(`no relay\n${log}`);
  }
  return null;
}

step('a class, a server that knows a relay', async () => {
  relay = await startRelay();
  server = await start({ args: ['--set', `media.turn=turn:127.0.0.1:${relay.port}`, '--set', `media.turn_secret=${SECRET}`] });
  browser = await launch();
  teacher = await person(browser, server.url);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Шляхи');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await enter(teacher.page, path, { mic: true, camera: true });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await teacher.page.waitForSelector('.person video');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await relay?.stop();
});

/** A student whose browser is kept to a way: candidates the answer may keep, and the transport policy. Notes when the
 * answer that began the view was asked for and when it stood. */
async function student(keep, policy = 'all') {
  const p = await person(browser, server.url);
  await p.context.addInitScript(([words, transport]) => {
    const Native = window.RTCPeerConnection;
    top.made ??= []; /* the page makes its connections in a frame */
    window.RTCPeerConnection = class extends Native {
      constructor(config) {
        super({ ...config, iceTransportPolicy: transport });
        top.made.push(this);
        this.since = performance.now();
        this.addEventListener('connectionstatechange', () => {
          if (this.connectionState === 'connected') this.tookMs ??= performance.now() - this.since;
        });
      }
      setConfiguration(config) {
        super.setConfiguration({ ...config, iceTransportPolicy: transport });
      }
      setRemoteDescription(d) {
        const line = new RegExp(`^a=candidate:\\S+ 1 (?!${words})\\S+ .*\\r\\n`, 'gm');
        return super.setRemoteDescription({ type: d.type, sdp: d.sdp.replace(line, '') });
      }
    };
  }, [keep, policy]);
  return p;
}

async function sees(p, way) {
  await p.page.goto(`${path}/join`);
  await p.page.waitForSelector(`[data-way=${way}]`);
  const words = await p.page.locator('[data-way]').innerText();
  if (way === 'none') return { words };
  await enter(p.page, path, { name: 'Марічка' });
  const seen = await watch(p.page, '.person video', { frames: 15 });
  assert.ok(seen.width > 0);
  return { words, tookMs: await p.page.evaluate(() => window.made.at(-1).tookMs) };
}

step('UDP: said, and seen', async () => {
  const p = await student('udp|tcp');
  const { words } = await sees(p, 'udp');
  assert.match(words, /UDP/);
  await p.context.close();
});

step('only TCP: said, with what to ask for, and seen within two seconds', async (t) => {
  const good = (ms) => ms < 2000;
  await rounds(t, { need: 1, most: 1, server, good, what: 'ms from the answer to a connection by TCP' }, async () => {
    const p = await student('tcp');
    const { words, tookMs } = await sees(p, 'tcp');
    assert.match(words, /TCP/);
    assert.match(await (await fetch(`${server.url}/metrics`)).text(), /media_tcp_connections [1-9]/);
    await p.context.close();
    return tookMs;
  });
});

step('only the relay: said, and seen', async () => {
  const p = await student('udp|tcp', 'relay');
  const { words } = await sees(p, 'turn');
  assert.match(words, /проміжний сервер/);
  await p.context.close();
});

step('none: the page names what the administrator must open', async () => {
  const p = await student('nothing');
  const { words } = await sees(p, 'none');
  assert.match(words, /127\.0\.0\.1, порт \d+/);
  assert.ok(words.includes(server.media.split(',')[0]));
  await p.context.close();
});

step('`somhub check` tries the relay', async () => {
  const check = (secret) => {
    Object.assign(process.env, { SOMHUB_MEDIA_TURN: `turn:127.0.0.1:${relay.port}`, SOMHUB_MEDIA_TURN_SECRET: secret });
    return run(['check', '--data', server.data], { ok: false });
  };
  assert.match(check(SECRET), /ok\s+The relay turn:127\.0\.0\.1:\d+ gives addresses \(127\.0\.0\.1\)/);
  assert.match(check('another'), /wrong\s+The relay turn:127\.0\.0\.1:\d+ refuses our passwords/);
  await relay.stop();
  assert.match(check(SECRET), /wrong\s+The relay turn:127\.0\.0\.1:\d+ does not answer/);
});
