// An uploaded video, by clicking: brought on the event's page over a line that breaks and by a page that is reloaded, with
// captions from a file; shown in the room, where another is brought, to two people in step; in the lesson at the same
// seconds, until it is deleted. What is no video says why and leaves nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, PATIENCE_MS, people, person, PHONE, signIn, start, steps, tooSmall, WIDE } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
const IN_STEP_S = 0.3;
let server, browser, host, bob, path, id, made, films;

const film = (name, ...words) => {
  const file = join(films, name);
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25', '-f', 'lavfi', '-i', 'sine=f=440:r=48000', ...words, file]);
  return file;
};

async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, name);
}

async function until(what, check) {
  let last;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    last = await check();
    if (last === true) return;
  }
  assert.fail(`${what}: ${JSON.stringify(last)}`);
}

/** Where each stands, read at one moment of this machine's clock. */
const where = async (...who) => {
  const got = await Promise.all(who.map((p) => p.page.evaluate(() => {
    const v = document.querySelector('.film-picture video');
    return { s: v?.currentTime ?? -1, at: Date.now(), paused: v?.paused ?? true };
  })));
  const at = Math.max(...got.map((g) => g.at));
  return got.map((g) => g.s + (g.paused ? 0 : (at - g.at) / 1000));
};
const inStep = (what, ...who) => until(what, async () => {
  const s = await where(...who);
  return Math.min(...s) > 0 && Math.max(...s) - Math.min(...s) < IN_STEP_S ? true : s;
});

/** As the signed-in teacher, by the page's own session. */
const api = (method, url, body) => host.page.evaluate(async ([m, u, b]) => {
  const { csrf } = await (await fetch('/api/session')).json();
  const r = await fetch(u, { method: m, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: b && JSON.stringify(b) });
  return { status: r.status, doc: await r.json().catch(() => null) };
}, [method, url, body]);

const choose = (p, file) => p.page.getByLabel('Відеофайл').setInputFiles(file);
const row = (title) => host.page.locator('.clip-row', { hasText: title });
const onDisk = () => (existsSync(join(server.data, 'clips', id)) ? readdirSync(join(server.data, 'clips', id)) : []);
const srt = (text, name = 'дослід.srt') => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

before(async () => {
  films = mkdtempSync(join(tmpdir(), 'somhub-films-'));
  made = {
    mp4: film('Дослід з водою.mp4', '-t', '24', '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '50', '-b:v', '1500k', '-c:a', 'aac'),
    webm: film('Екскурсія.webm', '-t', '6', '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '600k', '-c:a', 'libopus'),
    sound: film('Лише звук.mp4', '-t', '2', '-vn', '-c:a', 'aac'),
  };
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  const { doc } = await api('POST', '/api/events', { title: 'Дивимося своє', format: 'webinar', access: 'link', record: 'auto' });
  id = doc.event.id;
  path = `/e/${id}`;
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB', colorScheme: 'dark' });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(films, { recursive: true, force: true });
});

step('what is no video says why, in words, and leaves nothing', async () => {
  await host.page.goto(path);
  await host.page.getByRole('heading', { name: 'Відео для показу' }).waitFor();
  await looked(host, 'clips-none');
  await choose(host, { name: 'нотатки.mp4', mimeType: 'video/mp4', buffer: Buffer.from('just words, no video') });
  await row('нотатки').getByText('не вдалося прочитати як відео').waitFor();
  await choose(host, made.sound);
  await row('Лише звук').getByText('є звук, але немає зображення').waitFor();
  const torn = readFileSync(made.mp4).subarray(0, 400_000);
  await choose(host, { name: 'Обірване.mp4', mimeType: 'video/mp4', buffer: torn });
  await row('Обірване').getByText('не вдалося прочитати як відео').waitFor();
  await looked(host, 'clips-failed');
  assert.deepEqual(onDisk(), []);
  for (const title of ['нотатки', 'Лише звук', 'Обірване']) {
    await row(title).getByRole('button', { name: 'Вилучити відео' }).click();
    await row(title).waitFor({ state: 'detached' });
  }
});

step('it comes in pieces, over a line that breaks and a page that is reloaded', async () => {
  const { page } = host;
  const offsets = [];
  let hold = false;
  const piece = (url) => url.pathname.includes('/clips/') && url.searchParams.has('offset');
  await page.route(piece, async (r) => {
    offsets.push(Number(new URL(r.request().url()).searchParams.get('offset')));
    if (offsets.length === 2) return r.abort();
    if (offsets.length === 4) hold = true;
    return hold ? undefined : r.continue();
  });
  await choose(host, made.mp4);
  await until('a piece is under way that will never arrive', () => hold || offsets);
  assert.equal(offsets[2], offsets[1], 'what was lost is sent again from where it was');
  await row('Дослід з водою').getByText(/Надсилаємо: \d+ %/).waitFor();
  await looked(host, 'clips-sending');
  await page.reload();
  await row('Дослід з водою').getByText(/Надсилання перервано на [1-9]\d* %/).waitFor();
  await looked(host, 'clips-stopped');
  await page.unroute(piece);
  const later = [];
  page.on('request', (r) => r.method() === 'PUT' && later.push(Number(new URL(r.url()).searchParams.get('offset'))));
  await choose(host, made.mp4);
  await row('Дослід з водою').getByText('0:24').waitFor();
  assert.ok(later[0] > 0 && later[0] === offsets[3], `goes on at ${later[0]} after ${offsets}`);
  const [dir, ...others] = onDisk();
  assert.match(dir, /^[a-z2-7]{10}\.hls$/);
  assert.deepEqual(others, [], 'what was brought is not kept beside what was made of it');
});

step('captions come from a file, strictly', async () => {
  await row('Дослід з водою').locator('summary').click();
  const pick = host.page.getByLabel('Файл субтитрів');
  await pick.setInputFiles(srt('1\n00:00:00,000 -> 00:00:11,000\nНі\n'));
  await host.page.getByRole('alert').getByText('Рядок 2: тут має бути час').waitFor();
  await pick.setInputFiles(srt('1\n00:00:00,000 --> 00:00:12,000\nВода <i>холодна</i>\n\n2\n00:00:12,000 --> 00:00:30,000\nВода закипає\n'));
  await host.page.locator('.cc-files').getByText('дослід.srt').waitFor();
  await looked(host, 'clips-captions');
  await host.page.setViewportSize(PHONE);
  await host.page.emulateMedia({ colorScheme: 'dark' });
  await looked(host, 'clips-captions-phone');
  await host.page.emulateMedia({ colorScheme: 'light' });
  await host.page.setViewportSize(WIDE);
});

const openFilms = async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Відео' }).click();
  await host.page.getByRole('dialog').waitFor();
};

step('it is shown in the room, to all in step, with captions for who wants them', async () => {
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await bob.page.goto(`${path}/join`);
  await bob.page.getByLabel('Your name').fill('Bohdan');
  await bob.page.locator('.join button[type=submit]').tap();
  await bob.page.waitForSelector('.room');
  await openFilms();
  const show = host.page.getByRole('button', { name: 'Показати всім: Дослід з водою' });
  await show.waitFor();
  await looked(host, 'clips-room');
  await show.click();
  await inStep('host and phone', host, bob);
  assert.equal(await bob.page.locator('.film .cc').count(), 0, 'off until they are turned on');
  await bob.page.getByRole('button', { name: 'Captions', exact: true }).tap();
  await bob.page.getByRole('menuitemradio', { name: 'українська' }).tap();
  await bob.page.locator('.film-cc').getByText('Вода холодна').waitFor();
  assert.equal(await host.page.locator('.film-cc').count(), 0, 'each for himself');
  await looked(bob, 'clip-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
  await host.page.getByRole('slider', { name: 'Перемотати для всіх' }).fill('14');
  await bob.page.locator('.film-cc').getByText('Вода закипає').waitFor();
  await inStep('after winding', host, bob);
  await host.page.getByRole('button', { name: 'Пауза для всіх' }).click();
  await until('they stand at one second', async () => {
    const s = await where(host, bob);
    return Math.abs(s[0] - s[1]) < 0.1 && s[0] >= 14 ? true : s;
  });
  await looked(host, 'clip-host');
});

step('who is not in it gets nothing', async () => {
  const [dir] = onDisk();
  const base = `/media/${id}/clips/${dir.slice(0, 10)}`;
  const urls = ['index.m3u8', 'program-00000.m4s', 'clip.json', 'captions-uk.vtt', '../x.src'].map((f) => `${base}/${f}`);
  const ask = (us) => Promise.all(us.map(async (u) => (await fetch(u)).status));
  assert.deepEqual(await ask(urls.slice(0, 4).map((u) => server.url + u)), [404, 404, 404, 404]);
  assert.deepEqual(await bob.page.evaluate(ask, urls.slice(0, 4)), [200, 200, 200, 200]);
  assert.equal(await bob.page.evaluate(async (u) => (await fetch(u)).status, `/api/events/${id}/clips`), 401);
});

step('another is brought in the room itself, made into what browsers play, and shown', async () => {
  await openFilms();
  await choose(host, made.webm);
  const show = host.page.getByRole('button', { name: 'Показати всім: Екскурсія' });
  await show.waitFor();
  await show.click();
  await Promise.all([host, bob].map((p) => p.page.waitForSelector('.film[aria-label$="Екскурсія"]')));
  await inStep('the second one', host, bob);
  await until('it is at its end', async () => ((await where(host))[0] > 5 ? true : where(host)));
  await host.page.getByRole('button', { name: 'Закінчити показ' }).click();
  await Promise.all([host, bob].map((p) => p.page.waitForSelector('.film', { state: 'detached' })));
});

step('a video that is deleted while it is shown is gone for all', async () => {
  await openFilms();
  await host.page.getByRole('button', { name: 'Показати всім: Екскурсія' }).click();
  await Promise.all([host, bob].map((p) => p.page.waitForSelector('.film')));
  await openFilms();
  await host.page.getByRole('button', { name: 'Вилучити відео: Екскурсія' }).click();
  await host.page.getByRole('dialog').filter({ hasText: 'зникне з події' }).getByRole('button', { name: 'Вилучити', exact: true }).click();
  await Promise.all([host, bob].map((p) => p.page.waitForSelector('.film', { state: 'detached' })));
  assert.equal(onDisk().length, 1);
  await host.page.keyboard.press('Escape');
});

step('the lesson plays it at the same seconds, and says what is gone', async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await until('the lesson is there', async () => {
    const { doc } = await api('GET', `/api/events/${id}`);
    return doc.event.lesson?.state === 'ready' ? true : doc.event.lesson;
  });
  await host.page.goto(path);
  const list = host.page.locator('.lesson-film');
  await list.getByText('Екскурсія').first().waitFor();
  const { at, wanted } = await host.page.evaluate(async (lesson) => {
    const { recording } = await (await fetch(`/api/lessons/${lesson}`)).json();
    const log = (await (await fetch(recording.timeline)).text()).trim().split('\n').map((l) => JSON.parse(l));
    const e = log.find((l) => l.type === 'video' && l.position >= 14000 && l.on);
    const take = recording.takes.filter((x) => x.wall_ms <= e.at).at(-1);
    return { at: (take.base_ms + e.at - take.wall_ms) / 1000, wanted: e.position / 1000 };
  }, id);
  await host.page.locator('.picture-main').evaluate((v, s) => {
    v.pause();
    v.currentTime = s;
  }, at + 0.5);
  await until('the same second beside the lesson', async () => {
    const [s] = await where(host);
    return Math.abs(s - wanted - 0.5) < IN_STEP_S ? true : { s, wanted };
  });
  await list.getByRole('button', { name: 'Субтитри' }).click();
  await host.page.getByRole('menuitemradio', { name: 'українська' }).click();
  await list.locator('.film-cc').getByText('Вода закипає').waitFor();
  await looked(host, 'clip-lesson');
  const [dir] = onDisk();
  assert.equal((await api('DELETE', `/api/events/${id}/clips/${dir.slice(0, 10)}`)).status, 204);
  assert.deepEqual(onDisk(), []);
  await host.page.reload();
  await list.waitFor();
  await host.page.locator('.picture-main').evaluate((v, s) => (v.currentTime = s), at + 0.5);
  await list.getByText('Це відео вилучили').waitFor();
  await looked(host, 'clip-lesson-gone');
});

test('nothing was thrown on any page', () => {
  for (const p of [host, bob]) assert.deepEqual(p.problems, []);
});
