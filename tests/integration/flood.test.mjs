// What somebody can have of a server by asking for much of it, or sending without end: its figures, the places of the
// connection check, memory. Each address has its own share, the class beside it notices nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeData, root, run, serve } from './lib.mjs';

const CHECKS_MAX = 256; // server/app/probe.h, PROBES_ADDR_MAX
let data, remove, server;

before(async () => {
  ({ data, remove } = makeData());
  server = await serve(data);
});
after(async () => {
  await server?.stop();
  remove?.();
});

/** One request from an address of this machine's. */
const ask = (path, { from = '127.0.0.1', body, headers = {}, url = server.url } = {}) =>
  new Promise((done, fail) => {
    const { hostname, port } = new URL(url);
    const req = request({ hostname, port, path, method: body ? 'POST' : 'GET', localAddress: from, agent: false, headers }, (res) => {
      let text = '';
      res.on('data', (d) => (text += d)).on('end', () => done({ status: res.statusCode, text }));
    });
    req.on('error', fail).end(body);
  });

test('the server\'s figures are told on its own machine, not through a proxy to anybody', async () => {
  const forwarded = { headers: { 'X-Forwarded-For': '127.0.0.1, 192.0.2.7' } };
  const own = await ask('/metrics'), stranger = await ask('/metrics', forwarded);
  assert.equal(own.status, 200);
  assert.match(own.text, /^somhub_people 0$/m);
  assert.equal(stranger.status, 403);
  assert.equal(JSON.parse(stranger.text).error, 'denied');
  assert.doesNotMatch(stranger.text, /somhub_/);
  assert.equal((await ask('/healthz', forwarded)).status, 200);

  const other = makeData();
  const open = await serve(other.data, { args: ['--set', 'http.metrics=all'] });
  assert.equal((await ask('/metrics', { ...forwarded, url: open.url })).status, 200);
  await open.stop();
  other.remove();
});

const offer = JSON.stringify({
  sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n' +
    'c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n' +
    `a=fingerprint:sha-256 ${'AB:'.repeat(31)}AB\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\n` +
    'a=rtpmap:111 opus/48000/2\r\n',
});
const check = (from) => ask('/api/probe', { from, body: offer, headers: { 'Content-Type': 'application/json' } });

test('connection checks: one address fills its own places only', async () => {
  let held = 0, last = await check('127.0.0.2');
  assert.equal(last.status, 200, last.text);
  for (const end = Date.now() + 14_000; Date.now() < end && last.status !== 503;) {
    last = await check('127.0.0.2');
    held += last.status === 200;
    if (last.status === 429) await new Promise((done) => setTimeout(done, JSON.parse(last.text).retry_ms));
  }
  assert.equal(last.status, 503, last.text);
  assert.equal(JSON.parse(last.text).error, 'busy');
  assert.equal(held + 1, CHECKS_MAX);
  assert.equal((await check('127.0.0.3')).status, 200);
});

/* ---- what somebody sends without end ---- */

const ticket = (room, role, name) => run(['token', '--data', data, '--room', room, '--role', role, '--name', name]);
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
const metric = async (name) => Number(new RegExp(`^somhub_${name} (\\S+)$`, 'm').exec((await ask('/metrics')).text)[1]);
const GROWTH_KB = 1024 * Number(process.env.FLOOD_GROWTH_MB ?? 8); // the histories of two pictures fill meanwhile (3 MB); what is sent are 40,000 datagrams, some 30 MB

test('strangers\' datagrams, forged media, wrong extensions, endless feedback: counted, nothing kept, nobody harmed', async () => {
  const room = run(['room', '--data', data, '--name', 'Клас']);
  const viewers = Array.from({ length: 6 }, (_, i) => ticket(room, 'attendee', `учень ${i}`)).join('\n');
  const child = spawn(join(root, 'build/bench/bench_flood'),
    [new URL(server.url).port, String(server.pid), room, ticket(room, 'host', 'вчителька'), ticket(room, 'speaker', 'лихий')], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (d) => (text += d));
  child.stdin.end(`${viewers}\n`);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  const told = JSON.parse(text);
  console.log(`# ${JSON.stringify(told)}`);
  const least = { stranger: ['unknown_datagrams_total', 0.5], forged: ['bad_auth_total', 0.5], extensions: ['rx_refused_total', 0.1], feedback: ['nack_rx_total', 5] };
  for (const f of told.floods) {
    const [counter, share] = least[f.flood];
    assert.ok(f.sent > 1000, `${f.flood}: ${f.sent} sent`);
    assert.ok(f[counter] >= f.sent * share, `${f.flood}: ${f[counter]} ${counter} of ${f.sent}`);
    assert.ok(f.class_expected > 500 && f.class_lost <= f.class_expected / 100, `${f.flood}: the class lost ${f.class_lost} of ${f.class_expected}`);
  }
  assert.ok(told.rss_kb_after - told.rss_kb_before <= GROWTH_KB, `${told.rss_kb_before} -> ${told.rss_kb_after} kB`);
});

test('TCP: a thousand that say nothing, frames of length 0 and 65535: bounded, counted, closed', async () => {
  const port = Number(server.media.split(',')[0]);
  const before = rss(), away = await metric('media_tcp_turned_away_total');
  const all = Array.from({ length: 1000 }, (_, i) => {
    const s = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (i % 10)}` });
    s.on('error', () => {}).on('close', () => (s.gone = true));
    s.on('connect', () => {
      if (i % 4 === 1) s.write(Buffer.from([0xff, 0xff, 1, 2, 3])); // a frame longer than there are
      if (i % 4 === 2) s.write(Buffer.alloc(5000)); // 2,500 frames of nothing
      if (i % 4 === 3) s.write(Buffer.from([0, 100, 1])); // one that never ends
    });
    return s;
  });
  for (const end = Date.now() + 20_000; !all.every((s) => s.gone || s.destroyed) && Date.now() < end;) await new Promise((done) => setTimeout(done, 100));
  assert.ok(all.every((s) => s.gone), `${all.filter((s) => !s.gone).length} are still there`);
  assert.ok((await metric('media_tcp_turned_away_total')) - away >= 1000);
  assert.equal(await metric('media_tcp_connections'), 0);
  assert.ok(rss() - before <= GROWTH_KB, `${before} -> ${rss()} kB`);
});
