// WHIP in, WHEP out: a page that knows nothing of this product publishes by RFC 9725 with a ticket from the command
// line, a person in the room sees and hears it, and another plain page watches by WHEP; wrong asks get clear answers.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cookies } from '../bench/cookies.mjs';
import { launch, makeData, person, run, start, steps } from './lib.mjs';
import { rounds } from './machine.mjs';

const step = steps(test);
const RELAY = ['turn:relay.test:3478?transport=udp', 'turns:relay.test'];
const SECRET = 'known to two servers';
let server, browser, room, publisher, viewer, location, studio, watching, watcher;
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
  const relay = ['--set', `media.turn=${RELAY.join(',')}`, '--set', `media.turn_secret=${SECRET}`];
  server = await start({ args: ['--set', 'debug.capture=yes', ...relay] });
  browser = await launch();
  room = run(['room', '--data', server.data, '--name', 'Ефір із програми', '--format', 'webinar']).split(/\s+/).pop();
  assert.match(room, /^[a-z0-9]{10}$/);
});

/** The relay as RFC 9725 4.6 tells it, with the password coturn would make of the same secret for this member. */
function assertRelay(link, token) {
  const links = link.split(', ').map((l) => /^<([^>]+)>; rel="ice-server"; username="(\d+):([^"]+)"; credential="([^"]+)"; credential-type="password"$/.exec(l));
  assert.deepEqual(links.map((l) => l?.[1]), RELAY, link);
  for (const [, , until, who, credential] of links) {
    assert.ok(Number(until) * 1000 > Date.now() + 3_600_000, `until ${until}`);
    assert.equal(who, JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub);
    assert.equal(credential, createHmac('sha1', SECRET).update(`${until}:${who}`).digest('base64'));
  }
}

step('OPTIONS: what is taken from whom; the relay is told with a ticket only', async () => {
  const ask = (path, headers = {}) => fetch(server.url + path, { method: 'OPTIONS', headers });
  const token = ticket('speaker', 'Кодер');
  for (const door of ['whip', 'whep']) {
    const preflight = await ask(`/${door}/${room}`, { Origin: 'https://studio.test', 'Access-Control-Request-Method': 'POST' });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.match(preflight.headers.get('access-control-allow-headers'), /authorization/);
    assert.match(preflight.headers.get('access-control-expose-headers'), /link/);
    assert.equal(preflight.headers.get('accept-post'), 'application/sdp');
    assert.equal(preflight.headers.get('link'), null);
    assertRelay((await ask(`/${door}/${room}`, { Authorization: `Bearer ${token}` })).headers.get('link'), token);
    assert.equal((await ask(`/${door}/${room}`, { Authorization: `Bearer ${token}x` })).headers.get('link'), null);
    const session = await ask(`/${door}/${room}/any`, { Authorization: `Bearer ${token}` });
    assert.match(session.headers.get('allow'), /PATCH.*DELETE/);
    assert.equal(session.headers.get('link'), null);
  }
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
      return { status: r.status, location: r.headers.get('location'), type: r.headers.get('content-type'), link: r.headers.get('link'), sdp };
    },
    [`/whip/${room}`, studio],
  );
  assert.equal(answer.status, 201, answer.sdp);
  assert.match(answer.type, /^application\/sdp/);
  assert.ok(answer.location);
  assertRelay(answer.link, studio);
  location = new URL(answer.location, server.url).pathname;
  await publisher.page.waitForFunction(() => window.pc.connectionState === 'connected');
});

step('WHEP: a plain page watches it', async () => {
  viewer = await plain();
  watcher = ticket('host', 'Режисер');
  const answer = await viewer.page.evaluate(
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
      return { status: r.status, location: r.headers.get('location'), sdp };
    },
    [`/whep/${room}`, watcher],
  );
  assert.equal(answer.status, 201, answer.sdp);
  watching = new URL(answer.location, server.url).pathname;
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

step('what is seen is less than a second old', async (t) => {
  /* The camera gives way to a picture that shows its own time, bit by bit, and each bit's contrary beside it. */
  await publisher.page.evaluate(async () => {
    const canvas = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
    canvas.width = 640;
    canvas.height = 360;
    const g = canvas.getContext('2d');
    const draw = () => {
      const now = Date.now();
      for (let i = 0; i < 40; i++) {
        const on = ((now >> (i % 20)) & 1) === (i < 20 ? 1 : 0);
        g.fillStyle = on ? '#fff' : '#000';
        g.fillRect((i % 8) * 80, Math.floor(i / 8) * 72, 80, 72);
      }
    };
    draw();
    setInterval(draw, 40);
    const [track] = canvas.captureStream(25).getVideoTracks();
    await window.pc.getSenders().find((s) => s.track?.kind === 'video').replaceTrack(track);
  });
  const median = () =>
    viewer.page.evaluate(
      () =>
        new Promise((done) => {
          const video = document.querySelector('video');
          const c = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
          c.width = 640;
          c.height = 360;
          const g = c.getContext('2d', { willReadFrequently: true });
          const ages = [];
          const look = () => {
            g.drawImage(video, 0, 0, 640, 360);
            const bit = (i) => (g.getImageData((i % 8) * 80 + 40, Math.floor(i / 8) * 72 + 36, 1, 1).data[1] > 127 ? 1 : 0);
            let at = 0, whole = true;
            for (let i = 0; i < 20; i++) {
              at |= bit(i) << i;
              whole &&= bit(i) !== bit(i + 20);
            }
            if (whole) ages.push((Date.now() - at) & 0xfffff);
            if (ages.length < 50) video.requestVideoFrameCallback(look);
            else done(ages.sort((x, y) => x - y)[25]);
          };
          video.requestVideoFrameCallback(look);
        }),
    );
  await rounds(t, { need: 1, most: 1, server, good: (ms) => ms < 1000, what: 'ms from what is drawn to what is seen, the median' }, median);
});

/** An ICE restart by PATCH: new credentials of the page's connection go there, the server's come back. */
const restart = (page, at, token) =>
  page.evaluate(async ([url, token]) => {
    const { pc } = window;
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
    const of = (sdp, name) => new RegExp(`^a=${name}:(.*)\\r?$`, 'm').exec(sdp)[1].trim();
    const names = ['ice-ufrag', 'ice-pwd'];
    const r = await fetch(url, {
      method: 'PATCH', headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*', Authorization: `Bearer ${token}` },
      body: names.map((n) => `a=${n}:${of(pc.localDescription.sdp, n)}\r\n`).join(''),
    });
    const text = await r.text();
    if (r.status !== 200) return { status: r.status, text };
    const was = pc.remoteDescription.sdp;
    const sdp = names.reduce((s, n) => s.replaceAll(of(was, n), of(text, n)), was);
    await pc.setRemoteDescription({ type: 'answer', sdp });
    return { status: 200, etag: r.headers.get('etag'), changed: sdp !== was };
  }, [at, token]);

/** The viewer's picture moves on. */
async function moves(why) {
  const frames = () => viewer.page.evaluate(async () => {
    let n = 0;
    (await window.pc.getStats()).forEach((s) => (n += s.type === 'inbound-rtp' && s.kind === 'video' ? s.framesDecoded : 0));
    return n;
  });
  const before = await frames();
  for (let i = 0; (await frames()) < before + 25; i++) {
    assert.ok(i < 600, `the picture stands ${why}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

step('PATCH: clear answers, and an ICE restart after which the picture goes on', async () => {
  const patch = async (body, headers = {}) => {
    const r = await fetch(server.url + location, {
      method: 'PATCH', body, headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*', Authorization: `Bearer ${studio}`, ...headers },
    });
    const text = await r.text();
    if (r.status >= 400) assert.match(JSON.parse(text).text, /\w \w/, `${r.status} says why`);
    return r.status;
  };
  const candidate = 'a=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n';
  assert.equal(await patch(candidate, { 'Content-Type': 'application/json' }), 415);
  assert.equal(await patch(candidate, { 'If-Match': '"of another"' }), 412);
  assert.equal(await patch('', {}), 400);
  assert.equal(await patch('junk', {}), 400);
  assert.equal(await patch(candidate, {}), 204);
  const bare = await fetch(server.url + location, { method: 'PATCH', body: candidate, headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', Authorization: `Bearer ${studio}` } });
  assert.equal(bare.status, 428);
  const restarted = await restart(publisher.page, location, studio);
  assert.deepEqual({ ...restarted, etag: typeof restarted.etag }, { status: 200, etag: 'string', changed: true });
  await moves('after the restart');
  await publisher.page.waitForFunction(() => window.pc.connectionState === 'connected');
});

step('the administrator looks into a connection: a capture of what was decrypted, and a line in the log', async () => {
  const email = 'admin@test.local', password = 'a password for tests';
  run(['user', 'add', '--data', server.data, '--role', 'admin', '--name', 'Адмін', '--email', email, '--password-stdin'], { input: `${password}\n` });
  const json = { 'Content-Type': 'application/json' };
  const signIn = await fetch(`${server.url}/api/session`, { method: 'POST', headers: json, body: JSON.stringify({ email, password }) });
  const { csrf } = await signIn.json();
  const headers = { ...json, 'X-CSRF-Token': csrf, Cookie: cookies(signIn) };
  const member = JSON.parse(Buffer.from(studio.split('.')[1], 'base64url')).sub;
  const seconds = 4, from = performance.now();
  const asked = await fetch(`${server.url}/api/events/${room}/capture`, { method: 'POST', headers, body: JSON.stringify({ member, kind: 'publish', seconds }) });
  assert.equal(asked.status, 202, await asked.clone().text());
  const path = join(server.data, (await asked.json()).file);
  /* All that is sent while it is taken has to be in it: what was sent is counted at the sender, well before its end. */
  const sent = () => publisher.page.evaluate(async () => {
    let n = 0;
    (await window.pc.getStats()).forEach((s) => (n += s.type === 'outbound-rtp' ? s.packetsSent : 0));
    return n;
  });
  const before = await sent();
  let least = 0;
  while (performance.now() - from < seconds * 1000 - 500) {
    await new Promise((r) => setTimeout(r, 100));
    const n = (await sent()) - before;
    if (performance.now() - from < seconds * 1000 - 300) least = n;
  }
  assert.ok(least > 0, 'nothing was sent in that time');
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
    const type = bytes[at + 57] & 127; // behind the block's head, IPv4 and UDP; from 64 to 95 it is RTCP (RFC 5761)
    if (bytes[at + 56] >> 6 === 2 && (type < 64 || type > 95)) rtp++;
  }
  assert.ok(rtp > 20 && rtp >= least, `${rtp} packets of media of ${least} sent`);
  assert.match(server.log(), new RegExp(`audit: a connection is looked into by=u\\d+ room=${room} member=${member} kind=publish`));
});

step('WHEP: an ICE restart, and DELETE by its owner ends it', async () => {
  const restarted = await restart(viewer.page, watching, watcher);
  assert.deepEqual({ ...restarted, etag: typeof restarted.etag }, { status: 200, etag: 'string', changed: true });
  await moves('after the viewer restarted');
  await viewer.page.waitForFunction(() => window.pc.connectionState === 'connected');
  const del = (token) => fetch(server.url + watching, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await del(studio)).status, 403, 'not his');
  assert.equal((await del(watcher)).status, 200);
  assert.equal((await del(watcher)).status, 404);
});

step('DELETE by its owner ends it; a second one finds nothing', async () => {
  const del = (token) => fetch(server.url + location, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await del(ticket('host', 'Інший'))).status, 403, 'not his');
  const first = await del(studio);
  assert.ok(first.status === 200 || first.status === 204, `DELETE ${first.status}`);
  const again = await del(studio);
  assert.equal(again.status, 404);
  assert.match((await again.json()).text, /no such session/);
  const late = await fetch(server.url + location, {
    method: 'PATCH', body: 'a=end-of-candidates\r\n', headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*', Authorization: `Bearer ${studio}` },
  });
  assert.equal(late.status, 404);
  assert.match((await late.json()).text, /no such session/);
});
