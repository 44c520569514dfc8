// Order in the room, by clicking: what attendees may do now, a report, a ban and its end, and the log of it all; a
// consultation keeps none. Who is limited is told so in words, and so is everybody else.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, PHONE, people, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints, looks, nameOf, settled, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, path;

/** Nothing axe or a phone complains of; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}

const tab = (p, name) => p.page.locator('.panel-head').getByRole('button', { name: new RegExp(`^${name}`) }).click();

async function make(page, title, format) {
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill(title);
  await page.getByRole('radio', { name: format }).check();
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  return new URL(page.url()).pathname;
}

async function tools(page, item) {
  await page.getByRole('button', { name: 'Ведучому', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  path = await make(host.page, 'Порядок', 'Вебінар');
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await enter(ann.page, path, { name: 'Ганна' });
  await bob.page.goto(`${path}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function write(page, text) {
  await page.locator('.composer textarea').fill(text);
  await page.locator('.composer textarea').press('Enter');
}

step('what attendees may do is switched by the keyboard, and said to them in words', async () => {
  const { page } = host;
  await write(ann.page, 'Доброго дня!');
  await page.locator('.line', { hasText: 'Доброго дня' }).waitFor();
  await tools(page, 'Що можна учасникам');
  const dialog = page.getByRole('dialog', { name: 'Що можна учасникам' });
  await dialog.getByLabel('Писати в чат').focus();
  await page.keyboard.press('Space');
  await ann.page.locator('.panel-empty', { hasText: 'Ведучий вимкнув чат' }).waitFor();
  await ann.page.getByText('Ведучий вимкнув для вас: писати в чат.').first().waitFor();
  await bob.page.getByText('The host has switched off for you').first().waitFor();
  await dialog.getByLabel('Піднімати руку').click();
  await ann.page.locator('.c-hand[aria-disabled=true]').waitFor();
  await looked(host, 'order-dialog');
  await looked(ann, 'order-limited-dark');
  await looked(bob, 'order-limited-phone');
  /* A reload changes nothing about it. */
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').click();
  await ann.page.locator('.panel-empty', { hasText: 'Ведучий вимкнув чат' }).waitFor();
  await dialog.getByLabel('Писати в чат').click();
  await dialog.getByLabel('Піднімати руку').click();
  await ann.page.locator('.composer textarea').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

step('a message is reported, and the host deletes it', async () => {
  await write(ann.page, 'Купуйте слонів!');
  await bob.page.locator('.c-chat').tap();
  const line = bob.page.locator('.line', { hasText: 'слонів' });
  await line.getByRole('button', { name: /Ганна/ }).tap();
  await bob.page.getByRole('menuitem', { name: 'Report to the hosts' }).tap();
  await bob.page.getByText('The hosts will see your report.').first().waitFor();
  assert.deepEqual(await tooSmall(bob.page), []);
  await tab(host, 'Люди');
  const report = host.page.locator('.report', { hasText: 'слонів' });
  await report.getByText('скаржиться Bob').waitFor();
  await looked(host, 'order-report');
  await report.getByRole('button', { name: 'Видалити повідомлення' }).click();
  await report.waitFor({ state: 'detached' });
  await line.waitFor({ state: 'detached' });
});

step('a private message is changed and taken back by its author', async () => {
  await ann.page.locator('.composer-to select').selectOption('*');
  await write(ann.page, 'Питання до ведучих');
  await tab(host, 'Чат');
  const there = host.page.locator('.line.private');
  await there.getByText('Питання до ведучих').waitFor();
  const menu = async (item) => {
    await ann.page.locator('.line.private').getByRole('button', { name: /Ганна/ }).click();
    await ann.page.getByRole('menuitem', { name: item }).click();
  };
  await menu('Змінити');
  await ann.page.waitForFunction(() => document.querySelector('.composer textarea').value === 'Питання до ведучих'); // else it stands beside what is typed
  await write(ann.page, 'Прохання до ведучих');
  await there.getByText('Прохання до ведучих').waitFor();
  await menu('Видалити повідомлення');
  await there.waitFor({ state: 'detached' });
});

step('who is banned does not come back, and is let in again', async () => {
  await tab(host, 'Люди');
  await host.page.locator('.someone', { hasText: 'Ганна' }).getByRole('button').click();
  await host.page.getByRole('menuitem', { name: 'Вивести й не впускати' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Вивести й не впускати' }).click();
  await ann.page.waitForSelector('.room', { state: 'detached' });
  await ann.page.goto(`${path}/join`);
  await ann.page.getByText('Сюди вас поки не запросили.').waitFor();
  assert.equal(await ann.page.locator('.room').count(), 0);
  await tools(host.page, 'Що можна учасникам');
  const dialog = host.page.getByRole('dialog', { name: 'Що можна учасникам' });
  await dialog.getByRole('button', { name: 'Впустити знову: Ганна' }).click();
  await dialog.getByText('Кого не впускаємо').waitFor({ state: 'detached' });
  await host.page.keyboard.press('Escape');
  await enter(ann.page, path, { name: 'Ганна' });
  await host.page.locator('.someone', { hasText: 'Ганна' }).waitFor();
});

step('the log says who did what to whom, in either language, on any screen', async () => {
  const id = path.split('/').pop();
  const storageState = await host.context.storageState();
  for (const look of looks) {
    const p = await person(browser, server.url, { ...look, storageState });
    await p.page.goto(`${path}/moderation`);
    const uk = look.locale.startsWith('uk');
    await p.page.getByText(uk ? 'Видалено повідомлення' : 'Message deleted').waitFor();
    await p.page.getByText(uk ? 'Видалено назавжди' : 'Removed for good').waitFor();
    await p.page.getByText('Купуйте слонів!').first().waitFor();
    await p.page.getByText(uk ? 'Учасникам вимкнено: писати в чат' : 'Off for attendees: write in the chat', { exact: true }).first().waitFor();
    await settled(p.page);
    await looked(p, `modlog ${nameOf(look)}`);
    await p.context.close();
  }
  const csv = await (await host.page.request.get(`${server.url}/api/events/${id}/moderation.csv`)).text();
  assert.match(csv, /;unchat;"[^"]+";"Ганна";"Купуйте слонів!";/);
  assert.equal((await ann.page.request.get(`${server.url}/api/events/${id}/moderation`)).status(), 401);
});

step('a consultation keeps none of it', async () => {
  const other = await person(browser, server.url);
  await signIn(other.page, people.teacher);
  const quiet = await make(other.page, 'Тихо', 'Консультація');
  await enter(other.page, quiet, { mic: false, camera: false });
  await other.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await tools(other.page, 'Що можна учасникам');
  const dialog = other.page.getByRole('dialog', { name: 'Що можна учасникам' });
  assert.equal(await dialog.getByRole('link').count(), 0);
  await dialog.getByLabel('Писати в чат').click();
  const doc = await (await other.page.request.get(`${server.url}/api/events/${quiet.split('/').pop()}/moderation`)).json();
  assert.deepEqual([doc.kept, doc.rows], [false, []]);
  await other.context.close();
});
