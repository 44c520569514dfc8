// WHIP in, WHEP out: a page that knows nothing of this product publishes by RFC 9725 with a ticket from the command
// line, a person in the room sees and hears it, and another plain page watches by WHEP; wrong asks get clear answers.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { launch, makeData, person, run, start, steps } from './lib.mjs';

const step = steps(test);
let server, browser, room, publisher, viewer, location, studio;
const ticket = (role, name, id = room) => run(['token', '--data', server.data, '--room', id, '--role', role, '--name', name]);

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page of the server's origin, without the client in it. */
async function plain() {
  const p = await person(browser, server.url);
  await p.page.goto('/favicon.svg');
  return p;
}

const post = (path, { token, type = 'application/sdp', body = 'v=0\r\n' } = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': type, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body,
  });

step('a room and tickets from the command line, while the server runs', async () => {
  server = await start({ args: ['--set', 'debug.capture=yes'] });
  browser = await launch();
  room = run(['room', '--data', server.data, '--name', 'Ефір із програми', '--format', 'webinar']).split(/\s+/).pop();
  assert.match(room, /^[a-z0-9]{10}$/);
});

step('wrong asks are answered by what is wrong', async () => {
  const speaker = ticket('speaker', 'Кодер');
  const other = run(['room', '--data', server.data, '--name', 'Інша']).split(/\s+/).pop();
  const challenge = (r) => [r.status, r.headers.get('www-authenticate')];
  const invalid = [401, 'Bearer error="invalid_token"'];
  const foreign = makeData();
  const theirs = run(['room', '--data', foreign.data, '--name', 'Чужа']).split(/\s+/).pop();
  const tokens = {
    garbled: `${speaker}x`,
    'no ticket at all': 'garbage',
    'too long': 'x'.repeat(3000),
    over: run(['token', '--data', server.data, '--room', room, '--role', 'speaker', '--name', 'Кодер', '--ttl', '1']),
    'of another room': ticket('speaker', 'Чужий', other),
    'of another server': run(['token', '--data', foreign.data, '--room', theirs, '--role', 'speaker', '--name', 'Чужий']),
  };
  foreign.remove();
  while (JSON.parse(Buffer.from(tokens.over.split('.')[1], 'base64url')).exp * 1000 > Date.now()) await new Promise((r) => setTimeout(r, 100));
  for (const door of ['whip', 'whep']) {
    assert.deepEqual(challenge(await post(`/${door}/${room}`)), [401, 'Bearer']);
    for (const [what, token] of Object.entries(tokens)) assert.deepEqual(challenge(await post(`/${door}/${room}`, { token })), invalid, `${door}: ${what}`);
  }
  assert.equal((await post(`/whip/${room}`, { token: ticket('attendee', 'Глядач') })).status, 403);
  assert.equal((await post(`/whip/${room}`, { token: speaker, body: '' })).status, 400);
  assert.equal((await post(`/whip/${room}`, { token: speaker, type: 'application/json', body: '{}' })).status, 415);
  const junk = await post(`/whip/${room}`, { token: speaker, body: 'this is no SDP' });
  assert.ok(junk.status >= 400 && junk.status < 500, `junk: ${junk.status}`);
});

step('WHIP: 201, a Location, and media flows', async () => {
  publisher = await plain();
  studio = ticket('host', 'Студія');
  const answer = await publisher.page.evaluate(
    async ([url, token]) => {
      const media = await navigator.mediaDevices.getUserMedia({
        video: { width: 640, height: 360 },
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const pc = (window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
      for (const track of media.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [media] });
      await pc.setLocalDescription(await pc.createOffer());
      const r = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${token}` },
        body: pc.localDescription.sdp,
      });
      const sdp = await r.text();
      if (r.status === 201) await pc.setRemoteDescription({ type: 'answer', sdp });
      return { status: r.status, location: r.headers.get('location'), type: r.headers.get('content-type'), sdp };
    },
    [`/whip/${room}`, studio],
  );
  assert.equal(answer.status, 201, answer.sdp);
  assert.match(answer.type, /^application\/sdp/);
  assert.ok(answer.location);
  location = new URL(answer.location, server.url).pathname;
  await publisher.page.waitForFunction(() => window.pc.connectionState === 'connected');
});

step('WHEP: a plain page watches it', async () => {
  viewer = await plain();
  const status = await viewer.page.evaluate(
    async ([url, token]) => {
      const pc = (window.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' }));
      for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction: 'recvonly' });
      for (const t of pc.getTransceivers()) {
        const el = document.createElementNS('http://www.w3.org/1999/xhtml', t.receiver.track.kind);
        el.srcObject = new MediaStream([t.receiver.track]);
        el.autoplay = true;
        el.muted = t.receiver.track.kind === 'video';
        document.documentElement.append(el);
      }
      await pc.setLocalDescription(await pc.createOffer());
      const r = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${token}` },
        body: pc.localDescription.sdp,
      });
      const sdp = await r.text();
      if (r.status === 201) await pc.setRemoteDescription({ type: 'answer', sdp });
      return r.status === 201 ? 201 : `${r.status} ${sdp}`;
    },
    [`/whep/${room}`, ticket('host', 'Режисер')],
  );
  assert.equal(status, 201);
  await viewer.page.waitForFunction(() => window.pc.connectionState === 'connected');
  await viewer.page.waitForFunction(
    async () => {
      let frames = 0;
      let level = 0;
      (await window.pc.getStats()).forEach((s) => {
        if (s.type === 'inbound-rtp' && s.kind === 'video') frames += s.framesDecoded ?? 0;
        if (s.type === 'inbound-rtp' && s.kind === 'audio') level = Math.max(level, s.totalAudioEnergy ?? 0);
      });
      return frames >= 15 && level > 0;
    },
    null,
    { polling: 250 },
  );
});

step('the administrator looks into a connection: a capture of what was decrypted, and a line in the log', async () => {
  const email = 'admin@test.local', password = 'a password for tests';
  run(['user', 'add', '--data', server.data, '--role', 'admin', '--name', 'Адмін', '--email', email, '--password-stdin'], { input: `${password}\n` });
  const json = { 'Content-Type': 'application/json' };
  const signIn = await fetch(`${server.url}/api/session`, { method: 'POST', headers: json, body: JSON.stringify({ email, password }) });
  const { csrf } = await signIn.json();
  const headers = { ...json, 'X-CSRF-Token': csrf, Cookie: signIn.headers.getSetCookie()[0].split(';')[0] };
  const member = JSON.parse(Buffer.from(studio.split('.')[1], 'base64url')).sub;
  const asked = await fetch(`${server.url}/api/events/${room}/capture`, { method: 'POST', headers, body: JSON.stringify({ member, kind: 'publish', seconds: 1 }) });
  assert.equal(asked.status, 202, await asked.clone().text());
  const path = join(server.data, (await asked.json()).file);
  for (let i = 0; !/audit: what was seen/.test(server.log()); i++) {
    assert.ok(i < 100, server.log());
    await new Promise((r) => setTimeout(r, 100));
  }
  const bytes = readFileSync(path);
  assert.equal(bytes.readUInt32BE(0), 0x0a0d0d0a);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  let rtp = 0;
  for (let at = 48; at < bytes.length; at += bytes.readUInt32BE(at + 4)) {
    assert.equal(bytes.readUInt32BE(at), 6);
    if (bytes[at + 56] >> 6 === 2 && (bytes[at + 57] & 127) >= 96) rtp++; // behind the block's head, IPv4 and UDP
  }
  assert.ok(rtp > 20, `${rtp} packets of media`);
  assert.match(server.log(), new RegExp(`audit: a connection is looked into by=u\\d+ room=${room} member=${member} kind=publish`));
});

step('DELETE by its owner ends it; a second one finds nothing', async () => {
  const del = (token) => fetch(server.url + location, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await del(ticket('host', 'Інший'))).status, 403, 'not his');
  const first = await del(studio);
  assert.ok(first.status === 200 || first.status === 204, `DELETE ${first.status}`);
  assert.equal((await del(studio)).status, 404);
});
