// A full class: fifty people, hundreds of lines of chat at once. The teacher's page keeps up, the chat follows its end
// unless somebody reads further up, people are found by name, and who has the floor is on top of the list.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { dial } from '../bench/ws.mjs';
import { enter, launch, people, person, PHONE, run, signIn, start, steps } from './lib.mjs';

const PEOPLE = 50;
const LINES_EACH = 5;
const step = steps(test);
const bots = [];
let server, browser, teacher, path;

after(async () => {
  for (const b of bots) b.close();
  await browser?.close();
  await server?.stop();
});

const lines = (page) => page.locator('.chat-log .line:not(.unsent)');
/** Waits until so many lines are shown; gives how far the log's end is from what is in sight. */
async function endOf(page, count) {
  await page.waitForFunction((n) => document.querySelectorAll('.chat-log .line:not(.unsent)').length >= n, count);
  return page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
      const log = document.querySelector('.chat-log');
      done(log.scrollHeight - log.scrollTop - log.clientHeight);
    }))),
  );
}

step('a webinar with fifty people', async () => {
  server = await start();
  browser = await launch();
  teacher = await person(browser, server.url);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Повна зала');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await enter(teacher.page, path, { mic: false, camera: false });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  const room = path.split('/').pop();
  for (let i = 0; i < PEOPLE; i++) {
    const name = i === 30 ? 'Їжакевич Ґанна' : `Учасниця ${String(i).padStart(2, '0')}`;
    const ticket = run(['token', '--data', server.data, '--room', room, '--role', 'attendee', '--name', name]);
    const bot = await dial(new URL(server.url).port);
    await bot.ask({ type: 'join', ticket, since: 0, client: 'test' });
    bots.push(bot);
  }
});

step('everybody writes at once: the chat follows its end', async () => {
  await Promise.all(bots.flatMap((b, i) => Array.from({ length: LINES_EACH }, (_, k) => b.ask({ type: 'chat', text: `Рядок ${k} від ${i}` }))));
  assert.ok((await endOf(teacher.page, PEOPLE * LINES_EACH)) < 80);
});

step('who reads further up is not moved, and gets to the end by a button or by writing', async () => {
  const { page } = teacher;
  await page.locator('.chat-log').hover();
  await page.mouse.wheel(0, -2000);
  await page.getByRole('button', { name: 'До нових повідомлень' }).waitFor();
  const top = await page.locator('.chat-log').evaluate((log) => log.scrollTop);
  await bots[0].ask({ type: 'chat', text: 'Ще одне' });
  assert.ok((await endOf(page, PEOPLE * LINES_EACH + 1)) > 80);
  assert.equal(await page.locator('.chat-log').evaluate((log) => log.scrollTop), top);
  await page.getByLabel('Повідомлення', { exact: true }).fill('Дякую всім');
  await page.keyboard.press('Enter');
  await lines(page).filter({ hasText: 'Дякую всім' }).waitFor();
  assert.ok((await endOf(page, PEOPLE * LINES_EACH + 2)) < 80);
});

step('a person is found by a part of the name; who has the floor is above the listeners', async () => {
  const { page } = teacher;
  await page.locator('.c-people').click();
  await page.getByText(`${PEOPLE + 1} людина в кімнаті`).waitFor();
  await page.getByLabel('Знайти людину').fill('ґанн');
  await page.locator('.someone').nth(1).waitFor({ state: 'detached' });
  assert.match(await page.locator('.someone').textContent(), /Їжакевич Ґанна/);
  await page.getByLabel('Знайти людину').fill('');
  await bots[40].ask({ type: 'hand', on: true });
  await page.locator('.someone.raised', { hasText: 'Учасниця 40' }).getByRole('button', { name: 'Надати слово' }).click();
  await page.locator('.someone.raised').waitFor({ state: 'detached' });
  assert.match(await page.locator('.someone').nth(1).textContent(), /Учасниця 40.*виступає/);
});

step('a name of eighty letters comes in and fits a phone', async () => {
  const { page } = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await enter(page, path, { name: 'Ґ'.repeat(80) });
  await page.waitForSelector('.room');
  await page.locator('.c-people').click();
  await page.getByLabel('Знайти людину').fill('ґґґ');
  await page.locator('.someone', { hasText: 'Ґ'.repeat(80) }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  assert.equal(await page.locator('.people').evaluate((el) => el.scrollWidth > el.clientWidth), false);
});

step('no page complained', () => assert.deepEqual(teacher.problems, []));
