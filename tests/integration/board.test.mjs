// A whiteboard, by clicking: made by the host, seen by all, drawn on by many hands at once when he lets them, each looking
// where he likes; it survives a kill of the server and a reload, is saved as PNG and PDF, and stands in the lesson's log.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { lesson } from './classroom.mjs';
import { addPeople, enter, launch, makeData, PHONE, people, person, serve, signIn, steps, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
const MARKS = '.board g[data-mark]';
let data, remove, server, browser, host, ann, bob, path;

async function looked(p, name) {
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, name);
}

/** A line across the board, in parts of it. */
async function line(p, from, to) {
  const r = await p.page.locator('.board').boundingBox();
  const at = ([x, y]) => [r.x + r.width * x, r.y + r.height * y];
  await p.page.mouse.move(...at(from));
  await p.page.mouse.down();
  await p.page.mouse.move(...at(to), { steps: 8 });
  await p.page.mouse.up();
}

/** Looked at for a while: that long the lesson shows it, too. */
const linger = () => host.page.waitForTimeout(2500);
const has = (p, n) => p.page.waitForFunction(([of, count]) => document.querySelectorAll(of).length === count, [MARKS, n]);
const window_ = (p) => p.page.locator('.board svg').getAttribute('viewBox');
const drawnBy = (p) => p.page.evaluate((of) => [...document.querySelectorAll(`${of} path`)].map((x) => x.getAttribute('d')).sort(), MARKS);

async function saved(p, button) {
  const [file] = await Promise.all([p.page.waitForEvent('download'), p.page.getByRole('button', { name: button }).click()]);
  return file.path();
}

before(async () => {
  ({ data, remove } = makeData());
  addPeople(data);
  server = await serve(data);
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Дошка');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  await enter(ann.page, path, { name: 'Ганна' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await enter(bob.page, path, { name: 'Богдан' });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  remove?.();
});

step('the host makes a board, and all see it', async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Слайди' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Нова дошка' }).click();
  await Promise.all([host, ann, bob].map((p) => p.page.waitForSelector('.board svg')));
  await host.page.getByRole('button', { name: 'Малювати' }).click();
  await line(host, [0.2, 0.2], [0.5, 0.5]);
  await Promise.all([host, ann, bob].map((p) => has(p, 1)));
  await linger();
  assert.equal(await ann.page.getByRole('button', { name: 'Малювати' }).count(), 0);
  await looked(host, 'board-host');
  await looked(bob, 'board-phone');
});

step('many hands draw at once when they are let', async () => {
  await host.page.getByRole('button', { name: 'Малюють усі' }).click();
  await ann.page.getByRole('button', { name: 'Малювати' }).click();
  await bob.page.getByRole('button', { name: 'Малювати' }).click();
  await Promise.all([
    line(host, [0.1, 0.6], [0.4, 0.7]).then(() => line(host, [0.1, 0.7], [0.4, 0.8])),
    line(ann, [0.6, 0.1], [0.9, 0.3]).then(() => line(ann, [0.6, 0.3], [0.9, 0.5])),
    line(bob, [0.3, 0.1], [0.6, 0.2]),
  ]);
  await Promise.all([host, ann, bob].map((p) => has(p, 6)));
  assert.deepEqual(await drawnBy(bob), await drawnBy(host));
  await looked(ann, 'board-ann');
  assert.deepEqual(await tooSmall(bob.page), []);
  await ann.page.getByRole('button', { name: 'Скасувати останнє' }).click();
  await Promise.all([host, ann, bob].map((p) => has(p, 5)));
  await linger();
});

step('each looks where he likes, and draws there', async () => {
  const before = await window_(host);
  const r = await ann.page.locator('.board').boundingBox();
  await ann.page.mouse.move(r.x + r.width / 2, r.y + r.height / 2);
  await ann.page.mouse.wheel(4000, 0);
  await ann.page.waitForFunction(() => Number(document.querySelector('.board svg').getAttribute('viewBox').split(' ')[0]) > 1000);
  await line(ann, [0.4, 0.4], [0.6, 0.6]);
  await Promise.all([host, bob].map((p) => has(p, 6)));
  assert.equal(await window_(host), before, 'nobody else is moved');
  await host.page.getByRole('button', { name: 'Показати все' }).click();
  await host.page.waitForFunction((old) => Number(document.querySelector('.board svg').getAttribute('viewBox').split(' ')[2]) > Number(old), before.split(' ')[2]);
});

step('it is saved as a picture and as a PDF', async () => {
  const png = readFileSync(await saved(bob, 'Зберегти PNG'));
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  assert.ok(png.readUInt32BE(16) > png.readUInt32BE(20), 'as wide as what is drawn');
  const ppm = execFileSync('pdftoppm', ['-r', '18', await saved(host, 'Зберегти PDF')], { maxBuffer: 1 << 27 });
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.toString('latin1', 0, 40))[0].length;
  let red = 0;
  for (let i = head; i + 2 < ppm.length; i += 3) red += ppm[i] > 180 && ppm[i + 1] < 120 && ppm[i + 2] < 120 ? 1 : 0;
  assert.ok(red > 100, `${red} red points`);
});

step('a killed server and a reload keep it', async () => {
  const all = await drawnBy(host);
  await server.kill();
  server = await serve(data, { listen: new URL(server.url).host });
  await bob.page.reload();
  await bob.page.waitForSelector('.room, .join');
  if (await bob.page.locator('.join').count()) await bob.page.locator('.join button[type=submit]').click();
  await has(bob, 6);
  assert.deepEqual(await drawnBy(bob), all);
  await bob.page.getByRole('button', { name: 'Малювати' }).click();
  await line(bob, [0.2, 0.8], [0.5, 0.9]);
  await Promise.all([host, ann].map((p) => has(p, 7)));
});

step('the lesson draws it again, stroke by stroke', async () => {
  const whole = await drawnBy(host);
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  const { log, at } = await lesson(host, data, path.split('/').pop());
  const strokes = log.filter((l) => l.type === 'ink');
  const drawn = () => host.page.locator('.lesson-slide .board g[data-mark]');
  await at(strokes[0].at + 1200);
  await host.page.waitForFunction(() => document.querySelectorAll('.lesson-slide .board g[data-mark]').length === 1);
  const undone = log.find((l) => l.type === 'ink_dropped');
  await at(undone.at + 1200);
  await host.page.waitForFunction(() => document.querySelectorAll('.lesson-slide .board g[data-mark]').length === 5);
  await at(log.at(-1).at);
  await drawn().nth(6).waitFor({ state: 'attached' });
  assert.equal(await drawn().count(), 7);
  assert.deepEqual(await host.page.evaluate(() => [...document.querySelectorAll('.lesson-slide .board g[data-mark] path')].map((x) => x.getAttribute('d')).sort()), whole);
  await looked(host, 'board-lesson');
});

test('nothing was thrown on any page', () => {
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
