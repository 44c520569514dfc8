// Takes anew the offers that tests/unit/test_sdp.c keeps of real browsers: what the installed Chromium and Firefox ESR
// write for the lines the web client makes (web/src/media/{publish,view}.ts), with its own choice of codecs.
//   node tests/integration/offers.mjs      prints the versions, writes tests/unit/vectors/{chromium,firefox}-class-*.sdp
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openFirefox } from './fox.mjs';
import { launch, root } from './lib.mjs';

const AUDIO_SLOTS = 3, VIDEO_SLOTS = 12;
const { transformSync } = createRequire(join(root, 'web/package.json'))('esbuild');
const codecs = transformSync(readFileSync(join(root, 'web/src/media/codecs.ts'), 'utf8'), { loader: 'ts', format: 'esm' }).code;

/* In the page: the lines of Publisher.build and Viewer.build. */
const offer = async (kind, audioSlots, videoSlots) => {
  const { cameraEncodings, prefer } = await import('/codecs.js');
  const pc = new RTCPeerConnection();
  if (kind === 'publish') {
    const all = RTCRtpSender.getCapabilities('video').codecs;
    const add = (what, ...sendEncodings) => {
      const t = pc.addTransceiver(what, { direction: 'sendonly', sendEncodings });
      if (what === 'video') prefer(t, 'h264', all);
    };
    add('audio', { maxBitrate: 40_000 });
    add('video', ...cameraEncodings('h264'));
    add('video', { maxBitrate: 2_500_000, maxFramerate: 15 });
    add('audio', { maxBitrate: 96_000 });
    add('video', ...cameraEncodings('h264'));
  } else {
    const all = RTCRtpReceiver.getCapabilities('video').codecs;
    for (let i = 0; i < audioSlots; i++) pc.addTransceiver('audio', { direction: 'recvonly' });
    for (let i = 0; i < videoSlots; i++) prefer(pc.addTransceiver('video', { direction: 'recvonly' }), 'h264', all);
  }
  const { sdp } = await pc.createOffer();
  pc.close();
  return sdp;
};

const keep = (browser, kind, sdp) => writeFileSync(join(root, `tests/unit/vectors/${browser}-class-${kind}.sdp`), sdp);
const server = createServer((q, a) => {
  const script = q.url === '/codecs.js';
  a.writeHead(200, { 'Content-Type': script ? 'text/javascript' : 'text/html' }).end(script ? codecs : '<!doctype html>');
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}/`;
const chromium = await launch();
const page = await chromium.newPage();
await page.goto(url);
for (const kind of ['publish', 'view']) {
  keep('chromium', kind, await page.evaluate(`(${offer})('${kind}', ${AUDIO_SLOTS}, ${VIDEO_SLOTS})`));
}
console.log(`Chromium ${chromium.version()}`);
await chromium.close();
const fox = await openFirefox('offers');
await fox.do('goto', url);
for (const kind of ['publish', 'view']) keep('firefox', kind, await fox.ask(offer, kind, AUDIO_SLOTS, VIDEO_SLOTS));
console.log(fox.version);
await fox.close();
server.close();
