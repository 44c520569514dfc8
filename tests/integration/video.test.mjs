// A lesson of the catalogue watched together, by clicking: the host finds and shows it, a phone and one who comes late are
// at the same second, pausing and winding hold for all, who has no right to the lesson has it there and only there.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inStep, stands, until, where } from './films.mjs';
import { enter, launch, makeData, PHONE, person, run, serve, signIn, steps, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, path, lesson, remove;

async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, name);
}

const play = () => host.page.getByRole('button', { name: 'Грати для всіх' });
const pause = () => host.page.getByRole('button', { name: 'Пауза для всіх' });
/** The film is short: on a slow machine it may have come to its end by now, or while it is asked for. */
async function playFrom(s) {
  await host.page.waitForSelector('.film-picture video');
  if (await pause().count()) await pause().click({ timeout: 2000 }).catch(() => undefined);
  await play().waitFor();
  await host.page.getByRole('slider', { name: 'Перемотати для всіх' }).fill(String(s));
  await until('the host stands where it was wound to', async () => Math.abs((await where(host))[0] - s) < 0.5);
  await play().click();
  await pause().waitFor();
}

/** As the signed-in teacher, by the page's own session. */
const api = (method, url, body) => host.page.evaluate(async ([m, u, b]) => {
  const { csrf } = await (await fetch('/api/session')).json();
  const r = await fetch(u, { method: m, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: b && JSON.stringify(b) });
  return r.status === 204 ? null : r.json();
}, [method, url, body]);

before(async () => {
  const house = makeData();
  remove = house.remove;
  run(['demo', '--data', house.data]);
  server = await serve(house.data);
  const password = /^teacher\S+\s+(\S+)/m.exec(readFileSync(join(house.data, 'demo-signin.txt'), 'utf8'))[1];
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, { email: 'teacher@example.org', password });
  const { lessons } = await api('GET', '/api/catalogue');
  lesson = lessons[0];
  await api('PATCH', `/api/lessons/${lesson.id}`, { visibility: 'private' });
  const { event } = await api('POST', '/api/events', { title: 'Дивимося разом', format: 'webinar', access: 'link' });
  path = `/e/${event.id}`;
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  remove?.();
});

step('the host finds a lesson in the catalogue and shows it; a phone and one who comes late are in step', async () => {
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await enter(bob.page, path, { name: 'Богдан' });
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Відео' }).click();
  await host.page.getByLabel('Знайти урок у каталозі').fill(lesson.title.split(' ')[0]);
  const button = host.page.getByRole('button', { name: `Показати всім: ${lesson.title}` });
  await button.waitFor();
  await looked(host, 'films');
  await button.click();
  await inStep('host and phone', host, bob);
  await enter(ann.page, path, { name: 'Ганна' });
  await inStep('and who came late', host, bob, ann);
});

step('a stranger gets nothing of it, and those in the room nothing by its own address', async () => {
  const file = `/media/${path.slice(3)}/video/${lesson.id}/index.m3u8`;
  assert.equal((await fetch(server.url + file)).status, 404);
  const got = await ann.page.evaluate((urls) => Promise.all(urls.map(async (u) => (await fetch(u)).status)),
    [file, `/media/${lesson.id}/index.m3u8`, `/api/lessons/${lesson.id}`]);
  assert.deepEqual(got, [200, 404, 404]);
});

step('pause, winding and going on are for all', async () => {
  await playFrom(1);
  await pause().click({ timeout: 2000 }).catch(() => undefined); /* or it has come to its end */
  await Promise.all([host, ann, bob].map((p) => stands(p, true)));
  await inStep('they stand', host, ann, bob);
  await looked(host, 'film-host');
  await looked(ann, 'film-dark');
  await looked(bob, 'film-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
  await bob.page.getByText('Ведучий зупинив відео').waitFor();
  await host.page.getByRole('slider', { name: 'Перемотати для всіх' }).fill('4');
  await until('at the same second', async () => {
    const s = await where(host, ann, bob);
    return s.every((x) => Math.abs(x - 4) < 0.1) ? true : s;
  });
  /* From its very end, too, also for who comes to it there. */
  const slider = host.page.getByRole('slider', { name: 'Перемотати для всіх' });
  const end = Number(await slider.getAttribute('max'));
  const allAt = (s) => until(`all stand at ${s}`, async () => {
    const there = await where(host, ann, bob);
    return there.every((x) => Math.abs(x - s) < 0.15) ? true : there;
  });
  await slider.fill(String(end));
  await allAt(end);
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.film-picture video');
  await ann.page.waitForFunction(() => document.querySelector('.film-picture video').readyState > 0);
  await allAt(end);
  /* Where a browser waits for what does not come, a seek has no end. */
  await bob.page.evaluate(() => Object.defineProperty(document.querySelector('.film-picture video'), 'seeking', { get: () => true, configurable: true }));
  await slider.fill('4');
  await allAt(4);
  await bob.page.evaluate(() => delete document.querySelector('.film-picture video').seeking);
  await host.page.getByRole('button', { name: 'Грати для всіх' }).click();
  await Promise.all([host, ann, bob].map((p) => stands(p, false)));
  await inStep('they go on', host, ann, bob);
  assert.equal(await bob.page.getByRole('button', { name: 'Пауза для всіх' }).count(), 0);
});

step('who was cut off comes back to the right second, and the end of showing is for all', async () => {
  await playFrom(1);
  await ann.context.setOffline(true);
  await ann.page.getByText('Зʼєднання зникло').first().waitFor();
  await ann.context.setOffline(false);
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').click();
  await inStep('after a reload', host, ann, bob);
  await host.page.getByRole('button', { name: 'Закінчити показ' }).click();
  await Promise.all([host, ann, bob].map((p) => p.page.waitForSelector('.film', { state: 'detached' })));
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
