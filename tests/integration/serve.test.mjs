// `somhub serve` as who runs it meets it: Ctrl-C, once and twice; HTTPS with a certificate of its own making and with one
// that is configured; and what stands in its way, each told in one sentence. No browser.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { dial } from '../bench/ws.mjs';
import { makeData, PATIENCE_MS, people, root, run, serve, somhub, start } from './lib.mjs';

const DRAIN_MS = Number(/APP_DRAIN_MS = (\d+)/.exec(readFileSync(join(root, 'server/app/parts.h'), 'utf8'))[1]);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(what, f) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(20)) {
    const v = await f();
    if (v) return v;
  }
  throw new Error(`waited in vain: ${what}`);
}

/* ---- Ctrl-C ---- */

/** The recorders that write below this data directory, and are not dead. */
const recorders = (data) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`\0record\0${data}/`) && readlinkSync(`/proc/${pid}/exe`);
    } catch {
      return false;
    }
  }).map(Number);

/** A server in a process group of its own, as a shell starts it, with a class in it that is recorded. */
async function aClass() {
  const server = await start({ prefix: ['setsid'] });
  const room = run(['room', '--data', server.data, '--name', 'Клас', '--record']);
  const heard = [];
  const host = await dial(Number(new URL(server.url).port), (m) => heard.push(m));
  await host.ask({ type: 'join', ticket: run(['token', '--data', server.data, '--room', room, '--role', 'host', '--name', 'Оксана']), since: 0 });
  await host.ask({ type: 'open' });
  const [recorder] = await until('it is recorded', () => { const r = recorders(server.data); return r.length && r; });
  return { server, room, host, heard, recorder, interrupt: () => process.kill(-server.pid, 'SIGINT') };
}

test('Ctrl-C ends it as SIGTERM does: people are told, the recording is closed, and it is well', async () => {
  const { server, room, host, heard, interrupt } = await aClass();
  const audio = join(server.data, 'rec', room, 'audio.m3u8');
  await until('there is something to keep', () => { try { return readFileSync(audio, 'utf8').includes('#EXTINF'); } catch { return false; } });
  const began = Date.now();
  interrupt();
  assert.deepEqual(await host.gone, { code: 1001, reason: 'shutdown' });
  const bye = heard.find((m) => m.type === 'bye');
  assert.equal(bye.reason, 'shutdown');
  assert.ok(bye.retry_ms > 0, 'she comes back by herself');
  assert.deepEqual(await server.gone, { code: 0, signal: null }, server.log());
  assert.ok(Date.now() - began < DRAIN_MS, 'a recorder that works is not waited for to the last');
  assert.deepEqual(recorders(server.data), [], 'its recorder ended before it');
  assert.doesNotMatch(server.log(), /level=error/);
  await server.stop();
});

test('a recorder that hangs holds it up no longer than it promises, and not at all when asked twice', async () => {
  await Promise.all([1, 2].map(async (times) => {
    const { server, host, recorder, interrupt } = await aClass();
    process.kill(recorder, 'SIGSTOP');
    try {
      interrupt();
      await host.gone;
      const began = Date.now();
      if (times > 1) {
        assert.ok(readdirSync('/proc').includes(String(server.pid)), 'it waits for its recorder');
        interrupt();
      }
      assert.deepEqual(await server.gone, { code: 0, signal: null }, server.log());
      const took = Date.now() - began;
      if (times > 1) assert.ok(took < DRAIN_MS / 2, `at once: ${took} ms`);
      else assert.ok(took > DRAIN_MS / 2 && took < DRAIN_MS + 8000, `after ${DRAIN_MS} ms: ${took} ms\n${server.log()}`);
    } finally {
      try {
        process.kill(recorder, 'SIGCONT'); // unless it was ended for its silence
      } catch (e) {
        assert.equal(e.code, 'ESRCH');
      }
      await until('the recorder ends by itself', () => !recorders(server.data).length);
      await server.stop();
    }
  }));
});

/* ---- HTTPS ---- */

/** One request over TLS, the server known by `ca`. */
const ask = (url, path, { ca, method = 'GET', body, headers = {} }) =>
  new Promise((done, fail) => {
    const r = request(url + path, { ca, method, agent: false, headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers } }, (a) => {
      let text = '';
      a.setEncoding('utf8').on('data', (d) => (text += d)).on('end', () => done({ status: a.statusCode, headers: a.headers, text }));
    });
    r.on('error', fail);
    r.end(body && JSON.stringify(body));
  });

/** What is said to who speaks plain HTTP there. */
const plainly = (port) =>
  new Promise((done) => {
    let out = '';
    const s = connect(port, '127.0.0.1', () => s.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    s.setTimeout(PATIENCE_MS, () => s.destroy());
    s.on('data', (d) => (out += d.toString('latin1'))).on('error', () => {}).on('close', () => done(out));
  });

const handshake = (port, how) =>
  new Promise((done, fail) => {
    const s = connectSecurely({ port, host: '127.0.0.1', ...how }, () => {
      done({ alpn: s.alpnProtocol, protocol: s.getProtocol(), print: s.getPeerCertificate().fingerprint256, names: s.getPeerCertificate().subjectaltname });
      s.destroy();
    });
    s.on('error', fail);
  });

/** All a class needs goes over TLS: pages, signing in, a guest who joins, the room's socket. */
async function aClassOverTls(server, ca) {
  assert.match(server.url, /^https:/);
  const port = Number(new URL(server.url).port);
  assert.equal((await ask(server.url, '/healthz', { ca })).status, 200);
  assert.match((await ask(server.url, '/', { ca })).text, /<!doctype html>/);
  await assert.rejects(ask(server.url, '/healthz', {}), /certificate/, 'a stranger to it does not trust it');
  const { email, password } = people.teacher;
  const session = await ask(server.url, '/api/session', { ca, method: 'POST', body: { email, password } });
  assert.match(session.headers['set-cookie'][0], /^somhub_session=.*; HttpOnly; SameSite=Lax; Secure$/);
  const headers = { Cookie: session.headers['set-cookie'][0].split(';')[0], 'X-CSRF-Token': JSON.parse(session.text).csrf };
  const { event } = JSON.parse((await ask(server.url, '/api/events', { ca, method: 'POST', headers, body: { title: 'Урок', access: 'link', format: 'lesson' } })).text);
  const join = await ask(server.url, `/api/events/${event.id}/join`, { ca, method: 'POST', body: { name: 'Гість' } });
  for (const cookie of join.headers['set-cookie']) assert.match(cookie, /^somhub_guest_.*; Secure$/);
  const { ticket, ws } = JSON.parse(join.text);
  assert.equal(ws, '/ws');
  const guest = await dial(port, () => {}, { ca });
  assert.equal((await guest.ask({ type: 'join', ticket, since: 0 })).type, 'welcome');
  guest.close();
  const unread = [['/?q=50%', 400, 'invalid'], [`/${'a'.repeat(9_000)}`, 414, 'too_large'], ['/', 431, 'too_large', { 'X-Long': 'b'.repeat(20_000) }], ['/', 501, 'unsupported', {}, 'TRACE']];
  for (const [path, status, error, headers, method] of unread) {
    const got = await ask(server.url, path, { ca, headers, method });
    assert.deepEqual([got.status, JSON.parse(got.text).error], [status, error], path.slice(0, 20));
  }
  const bare = await dial(port, () => {}, { ca });
  bare.raw(Buffer.from([0x81, 2, 0x7b, 0x7d]));
  assert.deepEqual(await bare.gone, { code: 1002, reason: 'no mask' }, 'a frame without its mask');
  const { alpn, protocol, names } = await handshake(port, { ca, ALPNProtocols: ['h2', 'http/1.1'] });
  assert.deepEqual([alpn, protocol], ['http/1.1', 'TLSv1.3']);
  assert.match(names, /IP Address:127\.0\.0\.1/);
  await assert.rejects(handshake(port, { ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'nothing older than TLS 1.2');
  assert.equal(await plainly(port), '', 'plain HTTP gets no answer there');
  assert.equal((await ask(server.url, '/healthz', { ca })).status, 200, 'and harms nobody');
}

test('HTTPS: a certificate of its own making, the same after a restart, and one that is configured', async () => {
  const server = await start({ args: ['--self-signed'] });
  const [crt, key] = ['crt', 'key'].map((end) => join(server.data, `self-signed.${end}`));
  const ca = readFileSync(crt), keep = makeData(), other = makeData();
  try {
    assert.equal(statSync(key).mode & 0o777, 0o600);
    await aClassOverTls(server, ca);
    const [cert, secret] = ['site.pem', 'site.key'].map((name) => join(keep.data, name));
    copyFileSync(crt, cert);
    copyFileSync(key, secret);
    const set = (c, k) => ['--set', `http.tls_cert=${c}`, '--set', `http.tls_key=${k}`];
    const configured = await start({ args: set(cert, secret) });
    try {
      await aClassOverTls(configured, ca);
      assert.ok(!readdirSync(configured.data).some((n) => n.startsWith('self-signed')));
    } finally {
      await configured.stop();
    }
    const { print } = await handshake(Number(new URL(server.url).port), { ca });
    await server.kill('SIGTERM');
    const again = await serve(server.data, { args: ['--self-signed'] });
    assert.equal((await handshake(Number(new URL(again.url).port), { ca })).print, print, 'browsers warn once');
    await again.stop();

    // What is wrong with a configured one is said, and nothing is asked.
    const { privateKey: foreign } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pkcs8 = { type: 'pkcs8', format: 'pem' };
    const write = (name, text) => (writeFileSync(join(keep.data, name), text), join(keep.data, name));
    refusals([
      [[...set(cert, write('foreign.key', foreign.export(pkcs8)))], /certificate and the private key do not belong together/],
      [[...set(cert, write('locked.key', foreign.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' })))], /locked\.key is locked by a passphrase/],
      [[...set(secret, secret)], /site\.key holds no PEM certificate/],
      [[...set(cert, cert)], /site\.pem holds no PEM private key/],
      [[...set(cert, join(keep.data, 'gone.key'))], /private key \S+gone\.key cannot be read: No such file/],
      [['--set', `http.tls_key=${secret}`], /go together/],
    ].map(([args, words]) => [['serve', '--data', other.data, ...NOWHERE, ...args], words]));
  } finally {
    await server.stop();
    keep.remove();
    other.remove();
  }
});

/* ---- what stands in its way ---- */

const NOWHERE = ['--listen', '127.0.0.1:0', '--media-port', '0', '--set', `web.dir=${join(root, 'web/dist')}`];

/** Rows of arguments and what is said of them: one line, and not zero. `prefix` is a command that runs commands. */
function refusals(rows, prefix = []) {
  for (const [args, sentence] of rows) {
    const [program, ...words] = [...prefix, somhub, ...args];
    const r = spawnSync(program, words, { encoding: 'utf8', timeout: PATIENCE_MS, stdio: ['ignore', 'pipe', 'pipe'] });
    assert.ok(r.status > 0, `${args.join(' ')}: ${r.status} ${r.signal}`);
    assert.match(r.stderr, sentence);
    assert.equal(r.stderr.trim().split('\n').length, 1, r.stderr);
  }
}

/* Root without its powers: a user like others, who yet may read what root owns (this very program, perhaps). */
const powerless = process.getuid() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];

test('without rights: another user\'s directory, a port below 1024, a file nobody may read', (t) => {
  const able = spawnSync(powerless[0] ?? 'true', [...powerless.slice(1), 'true'], { encoding: 'utf8' });
  if (powerless.length && able.status !== 0) return t.skip(`no rights can be given up here: ${(able.stderr || String(able.error)).trim()}`);
  const { data, remove } = makeData();
  const below = (name, mode) => (mkdirSync(join(data, name)), chmodSync(join(data, name), mode), join(data, name));
  const foreign = below('foreign', 0o500), mine = below('mine', 0o700), half = below('half', 0o700);
  mkdirSync(join(half, 'rec'), { mode: 0o500 });
  const secret = join(data, 'secret.ini');
  writeFileSync(secret, 'media.port = 0\n', { mode: 0 });
  try {
    if (process.getuid() === 0) chownSync(foreign, 65534, 65534);
  } catch (e) {
    remove();
    return t.skip(`no directory can be given away here: ${e.message}`);
  }
  try {
    refusals([
      [['serve', '--data', foreign, ...NOWHERE], /Cannot write into the data directory \S+foreign: Permission denied; choose another with --data/],
      [['serve', '--data', join(foreign, 'new'), ...NOWHERE], /Cannot make the directory \S+new: Permission denied; choose another with --data/],
      [['serve', '--data', half, ...NOWHERE], /Cannot write recordings into \S+rec: Permission denied/],
      [['serve', '--config', secret], /cannot read the configuration \S+secret\.ini: Permission denied/],
      [['room', '--data', foreign, '--name', 'x'], /Cannot write into the data directory \S+foreign: Permission denied/],
    ], powerless);
    if (Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) > 80)
      refusals([
        [['serve', '--data', mine, ...NOWHERE, '--listen', '127.0.0.1:80'], /no permission for port 80: .*; choose another http\.listen/],
        [['serve', '--data', mine, ...NOWHERE, '--media-port', '80'], /No permission for port \S+:80: .*; choose another media port/],
      ], powerless);
    else t.diagnostic('on this machine everybody may use ports below 1024');
  } finally {
    if (process.getuid() === 0) chownSync(foreign, 0, 0);
    chmodSync(foreign, 0o700);
    chmodSync(join(half, 'rec'), 0o700);
    remove();
  }
});

test('a data directory that is in use, of a newer version, or damaged; settings of a wrong kind', async () => {
  const server = await start(), all = makeData();
  const made = (name) => (run(['user', 'list', '--data', (mkdirSync(join(all.data, name)), join(all.data, name))]), join(all.data, name));
  const file = (name, text) => (mkdirSync(dirname(join(all.data, name)), { recursive: true }), writeFileSync(join(all.data, name), text), join(all.data, name));
  try {
    const newer = made('newer'), junk = dirname(file('junk/somhub.db', 'this is no database, whatever its name says, and long enough to be looked at'));
    const cut = made('cut');
    file('cut/secret.key', 'short');
    const db = openSync(join(newer, 'somhub.db'), 'r+');
    writeSync(db, Buffer.from([0, 0, 0, 99]), 0, 4, 60); // SQLite's file format 1.3: the user version
    closeSync(db);
    const newerSaid = /database \S+newer\/somhub\.db was made by a newer version of somhub \(schema 99, this one knows \d+\): start that one/;
    const junkSaid = /database \S+junk\/somhub\.db cannot be read as one: bring back a copy/;
    refusals([
      [['serve', '--data', server.data, ...NOWHERE], /Another server is using the data directory \S+: stop it, or choose another with --data/],
      [['serve', '--data', newer, ...NOWHERE], newerSaid],
      [['user', 'list', '--data', newer], newerSaid],
      [['room', '--data', newer, '--name', 'x'], newerSaid],
      [['token', '--data', newer, '--room', 'x', '--role', 'host', '--name', 'x'], newerSaid],
      [['serve', '--data', junk, ...NOWHERE], junkSaid],
      [['user', 'list', '--data', junk], junkSaid],
      [['serve', '--data', cut, ...NOWHERE], /secret\.key is damaged: it must hold 32 bytes/],
      [['serve', '--config', file('number.ini', '# ports\nmedia.port = eighty\n')], /number\.ini line 2: media\.port: "eighty" is not a whole number from 0 to 65535/],
      [['serve', '--config', file('word.ini', 'http.self_signed = perhaps\n')], /word\.ini line 1: http\.self_signed: "perhaps" is neither yes nor no/],
      [['serve', '--config', file('none.ini', 'just words\n')], /none\.ini line 1: expected `key = value`/],
      [['serve', '--config', file('long.ini', `web.dir = ${'x'.repeat(300)}\n`)], /long\.ini line 1: /],
      [['room', '--name', 'x', '--config', file('key.ini', 'data.dri = /tmp\n')], /key\.ini line 1: there is no setting "data\.dri"; `somhub config` lists them all/],
    ]);
    assert.match(spawnSync(somhub, ['check', '--data', newer, '--listen', '127.0.0.1:0'], { encoding: 'utf8', timeout: PATIENCE_MS }).stdout, newerSaid);
    assert.equal(readFileSync(join(newer, 'somhub.db'))[63], 99, 'it was left as it is');
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200, 'the one that runs does not notice');
  } finally {
    await server.stop();
    all.remove();
  }
});

/* ---- how it comes to a machine ---- */

test('installed: it finds its web client, its formats and its recorder beside itself', async () => {
  const { data, remove } = makeData();
  const outer = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^M(AKE|FLAGS)/.test(name)));
  const make = spawnSync('make', ['-C', root, '--no-print-directory', 'DEPS=no', 'install', `DESTDIR=${data}/machine`], { encoding: 'utf8', timeout: 3 * PATIENCE_MS, env: outer });
  let server;
  try {
    assert.equal(make.status, 0, make.stderr);
    const program = join(data, 'machine/usr/local/bin/somhub'), share = join(data, 'machine/usr/local/share/somhub');
    const words = ['--data', join(data, 'data'), '--listen', '127.0.0.1:0', '--media-port', '0'];
    const check = spawnSync(program, ['check', ...words], { encoding: 'utf8', timeout: PATIENCE_MS, cwd: '/' }).stdout;
    assert.match(check, /[1-9]\d* formats are in \S+\/machine\/usr\/local\/\S*share\/somhub\/formats\./);
    for (const what of ['web client is there', 'recorder works']) assert.ok(check.includes(what), check);
    server = spawn(program, ['serve', ...words], { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    server.stdout.on('data', (b) => (out += b));
    const url = await until('it is ready', () => { assert.equal(server.exitCode, null); return /ready http=(\S+)/.exec(out)?.[1]; });
    const page = await (await fetch(new URL('/', url.startsWith('http') ? url : `http://${url}`))).text();
    assert.equal(page, readFileSync(join(share, 'web/index.html'), 'utf8'));
  } finally {
    if (server?.exitCode === null) {
      server.kill('SIGTERM');
      await new Promise((done) => server.once('exit', done));
    }
    remove();
  }
});

test('install-deps without the right to install: one sentence that says what to do, and not zero', (t) => {
  const { data, remove } = makeData();
  chmodSync(data, 0o755);
  writeFileSync(join(data, 'dpkg-query'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  symlinkSync('/usr/bin/id', join(data, 'id'));
  try {
    /* As nobody, where that can be; without sudo in any case. Nobody may not look into this folder, so it is read to him. */
    const nobody = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
    const r = spawnSync('/bin/sh', ['-s', 'run'], { ...nobody, cwd: '/', env: { PATH: data }, input: readFileSync(join(root, 'scripts/install-deps.sh')), encoding: 'utf8', timeout: PATIENCE_MS });
    if (r.error?.code === 'EPERM') return t.skip(`nobody cannot be played here: ${r.error.message}`);
    assert.equal(r.status, 1, r.stderr);
    assert.match(r.stderr, /^install-deps: no right to install packages\. As root run: apt-get install gcc make .*\n$/);
  } finally {
    remove();
  }
});
