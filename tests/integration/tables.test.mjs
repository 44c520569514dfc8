// Tables as a class uses them: laid by hand, from a list, by chance or by choice; who sits together sees, hears and
// writes to one another only; the host visits, is called, speaks to all; who drops comes back to the same table. In
// Ukrainian and English, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, listen, PHONE, people, person, signIn, start, steps, watch, toasted } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, eve, dora, path;
const ids = {};
const faults = [];

/** What axe complains of is told in the end; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  faults.push(...(await complaints(p.page)).map((c) => `${name}: ${c}`));
  if (await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) faults.push(`${name}: wider than the screen`);
}

const button = (p, name) => p.page.getByRole('button', { name, exact: true });
const tile = (who) => `.person[data-who="${ids[who]}"] video`;
const gone = (p, selector) => p.page.waitForFunction((s) => !document.querySelector(s), selector);
const seat = (who, table) => host.page.getByLabel(`Місце: ${who}`).selectOption({ label: table });

async function tablesPanel() {
  await host.page.getByRole('button', { name: 'Ведучому', exact: true }).click();
  await host.page.getByRole('menuitem', { name: 'Столи', exact: true }).click();
  await host.page.waitForSelector('.tables');
}

async function write(p, hint, text) {
  await p.page.getByLabel(hint, { exact: true }).fill(text);
  await p.page.keyboard.press('Enter');
}

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Кафе');
  await host.page.getByRole('radio', { name: 'Педагогічне кафе' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  ann = await person(browser, server.url, { locale: 'en-GB' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  eve = await person(browser, server.url);
  await enter(host.page, path, { mic: true, camera: true });
  await button(host, 'Почати').click();
  await ann.page.goto(`${path}/join`);
  await ann.page.getByLabel('Your name').fill('Ann');
  for (const name of ['Microphone', 'Camera']) {
    const b = ann.page.getByRole('button', { name, exact: true });
    if ((await b.getAttribute('aria-pressed')) !== 'true') await b.click();
  }
  await ann.page.waitForSelector('.preview video');
  await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.room');
  await enter(bob.page, path, { name: 'Богдан', mic: true, camera: true });
  await enter(eve.page, path, { name: 'Єва', mic: false, camera: true });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('in the plenary all see all', async () => {
  for (const [key, name] of [['host', people.teacher.name], ['ann', 'Ann'], ['bob', 'Богдан'], ['eve', 'Єва']]) {
    const one = host.page.locator('.person', { hasText: name }).first();
    await one.waitFor();
    ids[key] = await one.getAttribute('data-who');
  }
  await watch(ann.page, tile('eve'));
  await watch(eve.page, tile('ann'));
});

step('the host lays tables, seats people by hand, and puts a topic on one', async () => {
  await tablesPanel();
  await host.page.locator('.tables-ways input').nth(1).check();
  await host.page.getByLabel('Столів', { exact: true }).last().fill('2');
  await looked(host, 'tables-lay');
  await button(host, 'Поставити 2 столи').click();
  await seat('Ann', 'Стіл 1');
  await seat('Богдан', 'Стіл 1');
  await seat('Єва', 'Стіл 2');
  await gone(host, '#tables-loose');
  await button(host, 'Назва й тема: Стіл 1').click();
  await host.page.getByLabel('Назва', { exact: true }).fill('Ліс');
  await host.page.getByLabel('Про що говорити').fill('Про що шумить ліс?');
  await button(host, 'Зберегти').click();
  await looked(host, 'tables-ready');
  assert.equal(await ann.page.locator('.table-card').count(), 0);
});

step('at a table one sees and hears those who sit there, and nobody else', async () => {
  await button(host, 'Відкрити столи').click();
  await ann.page.getByRole('heading', { name: 'Ліс' }).waitFor();
  await ann.page.getByText('Про що шумить ліс?').waitFor();
  await ann.page.getByText('Tables are not recorded.').waitFor();
  await bob.page.getByRole('heading', { name: 'Ліс' }).waitFor();
  await watch(ann.page, tile('bob'));
  await watch(bob.page, tile('ann'));
  assert.ok((await listen(ann.page)) > 0.05, 'Ann hears Bohdan');
  await gone(ann, tile('eve'));
  await gone(ann, tile('host'));
  await gone(eve, tile('ann'));
  await gone(host, tile('ann'));
  assert.ok((await listen(eve.page, 2500)) < 0.01, 'a table away hears nothing');
});

step('what is written at a table stays there', async () => {
  await write(ann, 'Message', 'only here');
  await bob.page.getByRole('button', { name: /^Чат/ }).click();
  await bob.page.getByText('only here').waitFor();
  await host.page.locator('.panel-head').getByRole('button', { name: /^Чат/ }).click();
  await write(host, 'Повідомлення', 'усім столам');
  await eve.page.getByText('усім столам').waitFor();
  await ann.page.getByText('усім столам').waitFor();
  for (const p of [host, eve]) assert.equal(await p.page.getByText('only here').count(), 0);
  await bob.page.locator('.panel-head').getByRole('button', { name: 'Закрити' }).click();
});

step('a table calls, the host comes, helps and goes', async () => {
  await button(bob, 'Покликати ведучого').click();
  await toasted(host.page, 'Богдан просить підійти');
  await host.page.locator('.panel-head').getByRole('button', { name: 'Столи', exact: true }).click();
  await host.page.locator('.one-table.calls').waitFor();
  await button(host, 'Підійти: Ліс').click();
  await watch(ann.page, tile('host'));
  await watch(host.page, tile('ann'));
  await button(host, 'Допомогли').first().click();
  await host.page.locator('.one-table.calls').waitFor({ state: 'detached' });
  await bob.page.getByRole('button', { name: 'Покликати ведучого', pressed: false }).waitFor();
  await button(host, 'До загальної зали: Ліс').click();
  await gone(ann, tile('host'));
});

step('the host speaks to all tables', async () => {
  await button(host, 'Звернутися до всіх столів').click();
  await watch(eve.page, tile('host'));
  await watch(bob.page, tile('host'));
  await eve.page.getByText(`${people.teacher.name} звертається до всіх столів`).waitFor();
  assert.ok((await listen(eve.page)) > 0.05, 'the host is heard at a table');
  await button(host, 'Вас чують усі столи: закінчити').click();
  await gone(eve, tile('host'));
});

step('who steps out and who drops come back to the same table', async () => {
  await button(ann, 'To the main room').click();
  await ann.page.getByText('You are in the main room. Your table: Ліс.').waitFor();
  await watch(ann.page, tile('host'));
  await button(ann, 'To my table').click();
  await watch(ann.page, tile('bob'));
  await bob.page.goto('about:blank');
  await enter(bob.page, path, { mic: true, camera: true });
  await bob.page.getByRole('heading', { name: 'Ліс' }).waitFor();
  await watch(bob.page, tile('ann'));
  await watch(ann.page, tile('bob'));
});

step('all are back together', async () => {
  await button(host, 'Зібрати всіх').click();
  await watch(eve.page, tile('ann'));
  await gone(ann, '.table-card');
});

async function clear() {
  await button(host, 'Прибрати столи').click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Прибрати столи' }).click();
  await host.page.locator('.tables-ways').waitFor();
}
const at = (p, name) => p.page.locator('.table-card').getByRole('heading', { name, exact: true }).waitFor();

step('a list seats who is there, and who comes later; the rest is dealt', async () => {
  await clear();
  await host.page.locator('.tables-ways input').nth(3).check();
  await host.page.getByLabel('Список', { exact: true }).fill('Ann, Дуб\nБогдан; Липа\nДарина\tЛипа');
  await host.page.getByText('Столів: 2, із них розсадимо людей: 2.').waitFor();
  await host.page.getByText('Ще не тут: Дарина.').waitFor();
  await looked(host, 'tables-list');
  await button(host, 'Поставити 2 столи').click();
  await host.page.locator('.one-table', { hasText: 'Дуб' }).getByText('Ann').waitFor();
  await host.page.locator('.one-table', { hasText: 'Липа' }).getByText('Богдан').waitFor();
  dora = await person(browser, server.url);
  await enter(dora.page, path, { name: 'Дарина', mic: false, camera: false });
  await host.page.getByLabel('Місце: Дарина').waitFor();
  await button(host, 'За списком').click();
  await host.page.locator('.one-table', { hasText: 'Липа' }).getByText('Дарина').waitFor();
  await button(host, 'Розсадити').click();
  await gone(host, '#tables-loose');
  await host.page.locator('.one-table', { hasText: 'Дуб' }).getByText('Єва').waitFor(); /* the smaller one */
  await host.page.getByLabel('На скільки хвилин').selectOption('5');
  await button(host, 'Відкрити столи').click();
  await Promise.all([at(ann, 'Дуб'), at(eve, 'Дуб'), at(bob, 'Липа'), at(dora, 'Липа')]);
  await ann.page.locator('.tables-left', { hasText: /^[45]:\d\d$/ }).waitFor();
  await watch(eve.page, tile('ann'));
  await button(host, 'Зібрати всіх').click();
  await gone(ann, '.table-card');
});

step('where all choose for themselves, they sit down, and change', async () => {
  await clear();
  await host.page.locator('.tables-ways input').nth(2).check();
  await host.page.getByLabel('Столів', { exact: true }).last().fill('2');
  await button(host, 'Поставити 2 столи').click();
  await button(host, 'Відкрити столи').click();
  await ann.page.getByText('The tables are open. Choose where to sit:').waitFor();
  await looked(ann, 'tables-choose');
  await looked(bob, 'tables-choose-phone');
  await ann.page.locator('.table-choice button').nth(1).click();
  await at(ann, 'Table 2');
  await bob.page.locator('.table-choice button', { hasText: '1 людина' }).tap();
  await at(bob, 'Стіл 2');
  await watch(bob.page, tile('ann'));
  await button(ann, 'To the main room').click();
  await ann.page.locator('.table-choice button').first().click();
  await at(ann, 'Table 1');
  await gone(bob, tile('ann'));
  await button(host, 'Зібрати всіх').click();
  await gone(ann, '.table-card');
  for (const p of [host, ann, bob, eve, dora]) assert.deepEqual(p.problems, []);
});

step('nobody complained of how it looks', () => assert.deepEqual(faults, []));
