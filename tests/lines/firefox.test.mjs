// Firefox ESR in the class: it watches what Chromium sends and teaches what Chromium watches, by its own buttons; the
// latter in a room that prefers VP9, of which it makes one size only.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFirefox } from '../integration/fox.mjs';
import { enter, listen, people, watch, WIDE } from '../integration/lib.mjs';
import { makeClass, makeMedia, spy } from './class.mjs';
import { holds, report, row } from './table.mjs';

let media, lesson;
const opened = [];

before(async () => {
  media = makeMedia();
  /* Debian's Firefox has no H.264 of its own. */
  lesson = await makeClass({ media, viewers: ['viewer', 'fox', 'vixen'], format: { codecs: ['vp8', 'h264'] }, other: ['master-class', { codecs: ['vp9', 'h264', 'vp8'], record: 'manual' }] });
}, { timeout: 120_000 });
after(async () => {
  for (const f of opened) await f.close();
  await lesson?.close();
  media?.remove();
  report();
});

/** Firefox behind the line of that name. */
async function firefox(name) {
  const f = await openFirefox(name, lesson.rig.within(name));
  opened.push(f);
  await f.do('before', `(${spy})()`);
  await f.do('before', `(${keepOffers})()`);
  return f;
}

/** Runs in the page before anything else: what it offers is kept. */
function keepOffers() {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const type = typeof text === 'string' && /"type":"(view|publish)"/.exec(text)?.[1];
    if (type) ((top.offers ??= {})[type] ??= []).push(text);
    return send.call(this, text);
  };
}

/** What arrives after `seconds`: frames shown, their size, packets of sound and how loud it is. */
const arrives = async (seconds) => {
  const sum = () => {
    const s = window.lines.samples.at(-1);
    return { packets: s?.audio.packetsReceived ?? 0, energy: s?.audio.totalAudioEnergy ?? 0, decoded: s?.video.framesDecoded ?? 0 };
  };
  const a = sum(), shown = window.lines.frames.length;
  await new Promise((r) => setTimeout(r, seconds * 1000));
  const b = sum();
  return {
    frames: window.lines.frames.length - shown, height: window.lines.frames.at(-1)?.[1] ?? 0,
    decoded: b.decoded - a.decoded, packets: b.packets - a.packets, energy: b.energy - a.energy,
  };
};

test('Firefox watches a class in VP8, in picture and sound', { timeout: 180_000 }, async (t) => {
  const fox = await firefox('fox');
  await fox.do('goto', `${lesson.server.url}${lesson.path}/join`);
  await fox.do('fill', 'input[name=name]', 'Соломія');
  await fox.do('click', '.join button[type=submit]');
  await fox.do('wait', '.room');
  await fox.do('wait', '.person video');
  await fox.ask(() => new Promise((done) => setInterval(() => window.lines.frames.length > 5 && done(), 100)));
  await holds(t, async () => {
    const { frames, height, packets, energy } = await fox.ask(arrives, 5);
    return row('Firefox ESR, 5 s', { fps: frames / 5, height, packets, energy: energy > 0 ? 1 : 0 },
      [['fps', '>=', 10], ['height', '>=', 180], ['packets', '>=', 150, ' of sound'], ['energy', '>=', 1]]);
  }, () => lesson.server);
  const [offer] = await fox.ask(() => window.offers.view);
  assert.equal(offer.match(/m=video/g).length, 12);
  assert.ok(offer.length < 32768, `twelve pictures are offered in ${offer.length} bytes: half of what a message may have`);
  assert.deepEqual(await fox.do('problems'), []);
});

test('Firefox writes, raises a hand and is given the floor', { timeout: 180_000 }, async () => {
  const [fox] = opened;
  const { page } = lesson.teacher;
  await fox.do('fill', '.composer textarea', 'Вітання з Firefox');
  await fox.do('click', '.composer button[type=submit]');
  await page.locator('.chat-log .line', { hasText: 'Вітання з Firefox' }).waitFor();
  await fox.do('click', '.c-hand');
  await page.getByRole('button', { name: 'Люди', exact: true }).last().click();
  await page.locator('.someone.raised', { hasText: 'Соломія' }).getByRole('button', { name: 'Надати слово' }).click();
  await fox.do('click', '.c-camera:not([aria-disabled])');
  await fox.do('click', '.c-mic:not([aria-disabled])');
  const who = await page.locator('.person', { hasText: 'Соломія' }).getAttribute('data-who');
  await watch(page, `.person[data-who="${who}"] video`);
});

/** Waits until the teacher sends at least two sizes: of each the codec and how high it is. */
const sizesSent = () =>
  new Promise((done, fail) => {
    const begun = Date.now();
    const look = setInterval(async () => {
      const found = [];
      for (const pc of window.lines.connections) {
        if (pc.signalingState === 'closed') continue;
        const stats = await pc.getStats();
        stats.forEach((s) => s.type === 'outbound-rtp' && s.kind === 'video' && s.framesEncoded >= 5 && found.push({ codec: stats.get(s.codecId)?.mimeType, height: s.frameHeight }));
      }
      if (found.length < 2 && Date.now() - begun < 60_000) return;
      clearInterval(look);
      if (found.length >= 2) done(found.sort((a, b) => a.height - b.height));
      else fail(new Error(`sent: ${JSON.stringify(found)}, offered: ${window.offers.publish.map((o) => o.match(/m=video [^\\]*|a=simulcast[^\\]*/g))}`));
    }, 300);
  });

/** Waits until the picture is as high as that. */
const reaches = (page, min, max) =>
  page.waitForFunction(([lo, hi]) => {
    const h = document.querySelector('.person video')?.videoHeight ?? 0;
    return h >= lo && h <= hi;
  }, [min, max], { timeout: 30_000 });

test('Firefox teaches in a room that prefers VP9: three sizes in what every room speaks, seen and heard in Chromium', { timeout: 180_000 }, async () => {
  await opened[0]?.close();
  const vixen = await firefox('vixen');
  await vixen.do('goto', `${lesson.server.url}/signin`);
  await vixen.do('fill', 'input[type=email]', people.teacher.email);
  await vixen.do('fill', 'input[type=password]', people.teacher.password);
  await vixen.do('click', 'form.signin button[type=submit]');
  await vixen.ask(() => new Promise((done) => setInterval(() => location.pathname !== '/signin' && done(), 100)));
  await vixen.do('goto', `${lesson.server.url}/events/new`);
  await vixen.do('fill', 'input[name=title]', 'Урок із Firefox');
  await vixen.do('click', 'input[type=radio][value=master-class]');
  await vixen.do('click', 'form button[type=submit]');
  await vixen.ask(() => new Promise((done) => setInterval(() => /^\/e\/[a-z0-9]{10}$/.test(location.pathname) && done(), 100)));
  const path = new URL(await vixen.do('url')).pathname;
  await vixen.do('goto', `${lesson.server.url}${path}/join`);
  await vixen.do('wait', '.preview video');
  await vixen.do('click', '.join button[type=submit]');
  await vixen.do('wait', '.room');
  await vixen.do('click', '::-p-xpath(//button[normalize-space(.)="Почати"])');
  const p = await lesson.browserAt('viewer');
  await enter(p.page, path, { name: 'Назар' });
  await watch(p.page, '.person video', { frames: 30 });
  const sent = await vixen.ask(sizesSent), [least, most] = [sent[0].height, sent.at(-1).height];
  assert.ok(sent.every(({ codec }) => !/VP9/.test(codec)) && least < most, JSON.stringify(sent));
  await reaches(p.page, least + 1, 2 * most);
  await p.page.setViewportSize({ width: 330, height: 640 });
  await reaches(p.page, 1, most - 1);
  await p.page.setViewportSize(WIDE);
  await reaches(p.page, least + 1, 2 * most);
  assert.ok((await listen(p.page)) > 0.01, 'no sound');
  assert.deepEqual(await vixen.do('problems'), []);
});
