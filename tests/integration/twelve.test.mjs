// Twelve on stage at once: each tile shows the camera of him whose name it has, and what the page offers
// for that many places is far below what a message may have.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, launch, people, person, run, signIn, start, steps } from './lib.mjs';

const CAMERAS = 12;
const MESSAGE_MAX = 65536; /* bytes of one message to the server */
const step = steps(test);
let server, browser, host, viewer, studio, path;

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('a room with its host, who shows no camera', async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Коло');
  await host.page.getByRole('radio', { name: 'Методична вітальня' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
});

/** The cameras: small, slow, each of one brightness, in VP8. */
async function publish([paths, tickets]) {
  const vp8 = RTCRtpSender.getCapabilities('video').codecs.filter((c) => /VP8|rtx/i.test(c.mimeType));
  window.kept = [];
  for (const [i, ticket] of tickets.entries()) {
    const canvas = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas'); /* the page is an SVG */
    [canvas.width, canvas.height] = [160, 96];
    const pen = canvas.getContext('2d');
    let turn = 0;
    setInterval(() => {
      const level = 40 + 16 * i;
      pen.fillStyle = `rgb(${level},${level},${level})`;
      pen.fillRect(0, 0, 160, 96);
      pen.fillStyle = '#888'; /* what moves, so that no two frames are alike */
      pen.fillRect(4 * (turn++ % 8), 0, 4, 4);
    }, 150);
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    window.kept.push({ pc, canvas });
    const t = pc.addTransceiver(canvas.captureStream().getVideoTracks()[0], { direction: 'sendonly', sendEncodings: [{ maxBitrate: 60_000 }] });
    t.setCodecPreferences(vp8);
    await pc.setLocalDescription(await pc.createOffer());
    const r = await fetch(paths, { method: 'POST', headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${ticket}` }, body: pc.localDescription.sdp });
    const sdp = await r.text();
    if (r.status !== 201) throw new Error(`${r.status} ${sdp}`);
    await pc.setRemoteDescription({ type: 'answer', sdp });
  }
}

step('twelve cameras come onto the stage', async () => {
  const id = path.split('/').pop();
  const tickets = Array.from({ length: CAMERAS }, (_, i) =>
    run(['token', '--data', server.data, '--room', id, '--role', 'speaker', '--name', `Оберіг ${i}`]));
  studio = await person(browser, server.url);
  await studio.page.goto('/favicon.svg');
  await studio.page.evaluate(publish, [`/whip/${id}`, tickets]);
  await studio.page.waitForFunction(() => window.kept.every(({ pc }) => pc.connectionState === 'connected'));
});

/** Waits until all tiles have shown some frames more; gives [number in the name, brightness] of each. */
const shown = (cameras) =>
  new Promise((done, fail) => {
    const moved = new Map(), begun = Date.now();
    const look = setInterval(() => {
      const tiles = [...document.querySelectorAll('.person')].filter((p) => p.querySelector('video'));
      for (const p of tiles) {
        const v = p.querySelector('video');
        const { seen = 0, at = v.currentTime } = moved.get(v) ?? {};
        moved.set(v, { at: v.currentTime, seen: seen + (v.currentTime !== at && v.videoWidth > 0) });
      }
      const flowing = tiles.filter((p) => moved.get(p.querySelector('video')).seen >= 5);
      if (flowing.length < cameras) {
        if (Date.now() - begun < 60_000) return;
        clearInterval(look);
        fail(new Error(`${flowing.length} of ${tiles.length} pictures move`));
        return;
      }
      clearInterval(look);
      const pen = Object.assign(document.createElement('canvas'), { width: 8, height: 8 }).getContext('2d');
      done(flowing.map((p) => {
        pen.drawImage(p.querySelector('video'), 0, 0, 8, 8);
        return [Number(/Оберіг (\d+)/.exec(p.textContent)[1]), pen.getImageData(4, 4, 1, 1).data[1]];
      }));
    }, 100);
  });

/** Each name over its own camera: the brighter, the higher its number. Browsers stretch brightness differently. */
function assertOwn(tiles) {
  const order = tiles.sort((a, b) => a[1] - b[1]);
  assert.deepEqual(order.map(([n]) => n), order.map((_, i) => i), JSON.stringify(order));
  for (const [i, [, level]] of order.entries()) assert.ok(i === 0 || level - order[i - 1][1] >= 8, JSON.stringify(order));
}

step('Chromium shows all twelve, each under its name', async () => {
  viewer = await person(browser, server.url);
  const offers = [];
  viewer.page.on('websocket', (ws) => ws.on('framesent', ({ payload }) => /"type":"view"/.test(payload) && offers.push(payload)));
  await enter(viewer.page, path, { name: 'Марічка' });
  assertOwn(await viewer.page.evaluate(shown, CAMERAS));
  console.log(`# bytes of an offer of ${CAMERAS} pictures: ${offers.map((o) => o.length)}`);
  assert.equal(offers.length, 1);
  assert.equal(offers[0].match(/m=video/g).length, CAMERAS);
  assert.ok(offers[0].length < MESSAGE_MAX / 2, `${offers[0].length} bytes`);
  assert.deepEqual(viewer.problems, []);
});
