// In a pocket: the client installs, keeps nothing but the words for "no internet" and is back by itself; on a locked
// screen sound and microphone go on; who was away catches up with the recording; and the room by keyboard.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { addPeople, enter, launch, makeData, people, person, PHONE, serve, signIn, steps, tap, watch } from './lib.mjs';
import { complaints, tooWide } from './looks.mjs';

const step = steps(test);
const { data, remove } = makeData();
let server, browser, teacher, viewer, path;

after(async () => {
  await browser?.close();
  await server?.stop();
  remove();
});

async function sound(page, what) {
  assert.deepEqual(await complaints(page), [], what);
  assert.equal(await tooWide(page), false, what);
}

/** Hides the page as a locked screen does, or shows it again. */
const lock = (page, hidden) =>
  page.evaluate((on) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (on ? 'hidden' : 'visible') });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => on });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

/** Counts how often the page asked to keep the screen on. */
const countLocks = (p) =>
  p.page.addInitScript(() => {
    window.locks = 0;
    const real = navigator.wakeLock?.request;
    if (real) navigator.wakeLock.request = (...a) => (window.locks++, real.apply(navigator.wakeLock, a));
  });

/** Packets that came, by kind. */
const came = (page) =>
  page.evaluate(async () => {
    const n = { audio: 0, video: 0 };
    for (const pc of window.pcs) {
      if (pc.connectionState !== 'connected') continue;
      (await pc.getStats()).forEach((s) => s.type === 'inbound-rtp' && (n[s.kind] += s.packetsReceived));
    }
    return n;
  });

async function until(what, ms, fine) {
  for (const from = Date.now(); Date.now() - from < ms; ) {
    if (await fine()) return;
    await new Promise((r) => setTimeout(r, 250));
  }
  assert.fail(what);
}

step('the client can be installed, and keeps the words for no internet alone', async () => {
  addPeople(data);
  server = await serve(data);
  browser = await launch();
  const guest = await person(browser, server.url, { viewport: PHONE, serviceWorkers: 'allow' });
  const { page } = guest;
  await page.goto('/');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.goto('/calendar');
  const cdp = await guest.context.newCDPSession(page);
  const { url, errors, data: text } = await cdp.send('Page.getAppManifest');
  assert.match(url, /\/app\.webmanifest$/);
  assert.deepEqual(errors, []);
  const { icons } = JSON.parse(text);
  for (const { src, type } of icons) {
    const r = await page.request.get(src);
    assert.equal(r.status(), 200);
    assert.equal(r.headers()['content-type'].split(';')[0], type);
  }
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter((e) => e.errorId !== 'in-incognito'), []);
  const kept = await page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) all.push(new URL(r.url).pathname);
    return all.sort();
  });
  assert.deepEqual(kept, ['/favicon.svg', '/offline.css', '/offline.html', '/offline.js']);
  /* Without a server it says so, and goes on by itself when there is one again. */
  const listen = new URL(server.url).host;
  await server.stop();
  await page.goto('/calendar');
  await page.getByRole('heading', { name: 'Немає інтернету' }).waitFor();
  await sound(page, 'no internet');
  server = await serve(data, { listen });
  await page.getByRole('heading', { name: 'Немає інтернету' }).waitFor({ state: 'detached' });
  await page.waitForSelector('main#main');
  await guest.context.close();
});

step('a webinar that is recorded, and somebody with a phone', async () => {
  teacher = await person(browser, server.url);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Вебінар у кишені');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await enter(teacher.page, path, { mic: true, camera: true });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  viewer = await person(browser, server.url, { viewport: PHONE });
  await tap(viewer);
  await countLocks(viewer);
  await enter(viewer.page, path, { name: 'Марічка' });
  await watch(viewer.page, '.person video', { frames: 15 });
});

step('on a locked screen the sound goes on, the picture does not, and nobody is muted', async () => {
  const { page } = viewer;
  assert.equal(await page.evaluate(() => navigator.mediaSession.metadata.title), 'Вебінар у кишені');
  assert.equal(await page.evaluate(() => navigator.mediaSession.playbackState), 'playing');
  const asked = await page.evaluate(() => window.locks);
  assert.ok(asked >= 1, 'the screen was not asked to stay on');
  await lock(page, true);
  await lock(teacher.page, true);
  let last = await came(page);
  await until('the picture still comes', 60_000, async () => {
    await page.waitForTimeout(2000);
    const now = await came(page), calm = now.video === last.video && now.audio > last.audio;
    last = now;
    return calm;
  });
  await page.waitForTimeout(1000);
  assert.ok((await came(page)).audio > last.audio, 'no sound on a locked screen');
  assert.equal(await teacher.page.locator('.c-mic').getAttribute('aria-pressed'), 'true');
  await page.evaluate(() => document.querySelector('.room audio').pause()); /* a phone's own doing */
  await until('the sound stays stopped', 5000, () => page.evaluate(() => !document.querySelector('.room audio').paused));
  await lock(page, false);
  await lock(teacher.page, false);
  await watch(page, '.person video', { frames: 15 });
  await until('the screen is not asked to stay on again', 5000, async () => (await page.evaluate(() => window.locks)) > asked);
});

step('who was away catches up at one and a half, and is live again by himself', async () => {
  const { page } = viewer;
  await page.evaluate(() => {
    const was = JSON.parse(localStorage.getItem('somhub.seen'));
    addEventListener('pagehide', () => localStorage.setItem('somhub.seen', JSON.stringify({ ...was, at: was.at - 70_000 })));
  });
  await enter(page, path, { name: 'Марічка' });
  await page.getByText('Вас не було').waitFor();
  await sound(page, 'away');
  /* Where it begins to play is seen by the page itself, however busy the machine is; and how fast and how far it went,
   * for on one that cannot catch up the page gives it up and the player is gone. */
  await page.evaluate(() => {
    window.way = {};
    for (const name of ['playing', 'ratechange', 'timeupdate'])
      document.addEventListener(name, ({ target: v }) => {
        if (!v.matches('.picture-main')) return;
        if (name === 'playing') window.way.began ??= v.currentTime;
        window.way.at = v.currentTime;
        window.way.quick ||= v.playbackRate === 1.5;
      }, true);
  });
  await page.getByRole('button', { name: 'Наздогнати на 1,5×' }).click();
  await page.waitForFunction(() => window.way.began !== undefined && window.way.quick);
  await page.waitForFunction(() => window.way.at > window.way.began + 1 || !document.querySelector('.rewind'));
  const { began } = await page.evaluate(() => window.way);
  assert.ok(began < 8, `it began at ${began}`);
  /* All of it takes twice as long as the room is open, which is longer the slower the machine: the last of it will do.
   * On one too slow for even that the room is live again by itself, too. */
  await page.evaluate(() => {
    const v = document.querySelector('.picture-main');
    if (v) v.currentTime = Math.max(v.currentTime, v.seekable.end(0) - 20);
  });
  await page.locator('.rewind').waitFor({ state: 'detached', timeout: 120_000 });
  await watch(page, '.person video', { frames: 15 });
});

step('the keys: shown, used, switched off, remembered', async () => {
  const { page } = teacher;
  const help = page.getByRole('dialog', { name: 'Клавіші' });
  await page.locator('.room-title').focus();
  await page.keyboard.press('Shift+Slash');
  await help.waitFor();
  await sound(page, 'keys');
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.keyboard.press('KeyM');
  await page.locator('.c-mic[aria-pressed=false]').waitFor();
  await page.keyboard.press('KeyO');
  await page.locator('.panel [aria-pressed=true]', { hasText: 'Опитування' }).waitFor();
  await page.keyboard.press('Shift+Slash');
  await help.getByRole('checkbox', { name: /Клавіші працюють/ }).uncheck();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.locator('.room-title').focus();
  await page.keyboard.press('KeyM');
  await page.keyboard.press('Shift+Slash');
  assert.equal(await help.count(), 0);
  assert.equal(await page.locator('.c-mic').getAttribute('aria-pressed'), 'false');
  assert.equal(await page.evaluate(() => localStorage.getItem('somhub.keys.off')), '1');
  assert.deepEqual([...teacher.problems, ...viewer.problems], []);
});
