// Questions that hosts see first, and names that only hosts see, by clicking: what is let through, what is turned down,
// two questions made one, their order, what is taken back; and of all that the lesson has what all saw, under the numbers
// they saw.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { button, lesson, tab, tools, write } from './classroom.mjs';
import { enter, launch, people, PHONE, person, signIn, start, steps, toasted, tooSmall } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, id;

async function looked(p, name) {
  await settled(p.page);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}

const asked = (p, text) => p.page.locator('.ask', { hasText: text });
const texts = (p) => p.page.locator('.ask .linked').allTextContents();
async function ask(p, label, send, text) {
  await p.page.getByLabel(label).fill(text);
  await p.page.getByRole('button', { name: send, exact: true }).click();
}
const annAsks = (text) => ask(ann, 'Ваше питання', 'Запитати', text);
const bobAsks = (text) => ask(bob, 'Your question', 'Ask', text);

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Запитання й відповіді');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  id = new URL(host.page.url()).pathname.split('/').pop();
  await enter(host.page, `/e/${id}`, { mic: false, camera: false });
  await button(host, 'Почати').click();
  ann = { ...(await person(browser, server.url, { colorScheme: 'dark' })), name: 'Ганна' };
  bob = { ...(await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' })), name: 'Bob' };
  await enter(ann.page, `/e/${id}`, { name: 'Ганна' });
  await bob.page.goto(`/e/${id}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
  await bob.page.locator('.c-chat').tap();
  await tab(host, 'Питання');
  await tab(ann, 'Питання');
  await tab(bob, 'Questions');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('the hosts see questions first: one is shown to all, one is turned down, and who asked is told', async () => {
  await host.page.getByLabel('Питання спершу бачать ведучі').click();
  await ann.page.getByText('Ваше питання спершу побачать ведучі.').waitFor();
  await bob.page.getByText('The hosts will see your question first.').waitFor();
  await annAsks('Чому небо синє?');
  await asked(ann, 'небо').getByText('чекає на ведучого').waitFor();
  await bobAsks('Off topic?');
  await asked(host, 'небо').getByText('чекає на вас').waitFor();
  await asked(host, 'Off topic').getByText('чекає на вас').waitFor();
  assert.deepEqual(await texts(bob), ['Off topic?']);
  await looked(host, 'asks-wait');
  await asked(host, 'небо').getByRole('button', { name: 'Показати всім' }).click();
  await asked(bob, 'небо').waitFor();
  await toasted(ann.page, 'Ваше питання тепер бачать усі.');
  await asked(host, 'Off topic').getByRole('button', { name: 'Відхилити', exact: true }).click();
  await toasted(bob.page, 'The host turned your question down');
  await bob.page.getByRole('button', { name: 'Dismissed' }).tap();
  await asked(bob, 'Off topic').getByText('turned down, seen by nobody').waitFor();
  await looked(bob, 'asks-turned-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
  await bob.page.getByRole('button', { name: 'Open', exact: true }).tap();
  assert.deepEqual(await texts(ann), ['Чому небо синє?']);
  await host.page.getByLabel('Питання спершу бачать ведучі').click();
  await ann.page.getByText('Ваше питання спершу побачать ведучі.').waitFor({ state: 'detached' });
});

step('two that mean the same become one with the votes of both; the order is by votes or by time', async () => {
  await bobAsks('Why is it blue?');
  await asked(host, 'blue').getByRole('button', { name: 'Дії з питанням' }).click();
  await host.page.getByRole('menuitem', { name: 'Обʼєднати з: Чому небо синє?' }).click();
  await asked(bob, 'blue').waitFor({ state: 'detached' });
  for (const p of [host, ann, bob]) await asked(p, 'небо').locator('.ask-vote', { hasText: '1' }).waitFor();
  await annAsks('А вночі?');
  await asked(bob, 'вночі').waitFor();
  assert.deepEqual(await texts(bob), ['Чому небо синє?', 'А вночі?']);
  await bob.page.getByRole('button', { name: 'Most votes first' }).tap();
  await bob.page.getByRole('button', { name: 'Newest first' }).waitFor();
  assert.deepEqual(await texts(bob), ['А вночі?', 'Чому небо синє?']);
});

step('one is taken back by who asked it, one is answered aloud', async () => {
  await asked(ann, 'вночі').getByRole('button', { name: 'Забрати питання' }).click();
  await asked(bob, 'вночі').waitFor({ state: 'detached' });
  await asked(host, 'небо').getByRole('button', { name: 'Відповідаємо зараз' }).click();
  await asked(bob, 'небо').getByText('being answered').waitFor();
  await asked(host, 'небо').getByRole('button', { name: 'Відповідь дано' }).click();
  await bob.page.getByRole('button', { name: 'Answered' }).tap();
  await asked(bob, 'небо').waitFor();
});

step('names are for the hosts only, in the lesson, too: attendees are numbers to one another', async () => {
  await tools(host, 'Що можна учасникам');
  await host.page.getByLabel('Імена учасників бачать лише ведучі').click();
  await toasted(ann.page, 'Імена учасників тепер бачать лише ведучі.');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  await Promise.all([tab(host, 'Чат'), tab(ann, 'Чат'), tab(bob, 'Chat')]);
  await write(bob, 'Guess who');
  const by = (p) => p.page.locator('.chat-log .line', { hasText: 'Guess who' }).locator('.line-name');
  await by(host).getByText('Bob', { exact: true }).waitFor();
  await by(ann).getByText(/^№ \d{3}-\d{3}$/).waitFor();
  const number = await by(ann).textContent();
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.room');
  await by(ann).getByText(number, { exact: true }).waitFor();
  await tab(ann, 'Люди');
  await ann.page.locator('.someone', { hasText: people.teacher.name }).waitFor();
  assert.doesNotMatch(await ann.page.locator('.room').textContent(), /Bob/);
  await looked(ann, 'names-hidden-dark');
  await tools(host, 'Завершити для всіх');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  const { log } = await lesson(host, server.data, id);
  assert.equal(log.find((l) => l.text === 'Guess who').name, number);
  assert.doesNotMatch(JSON.stringify(log), /Off topic|вночі/);
  await host.page.locator('h1').first().click();
  await host.page.keyboard.press('9');
  const replayed = host.page.locator('.replay li.poll .linked');
  await replayed.first().waitFor();
  assert.deepEqual(await replayed.allTextContents(), ['Чому небо синє?'], 'what became part of another is not beside it any more');
});

step('no page complained', () => assert.deepEqual([host, ann, bob].map((p) => p.problems), [[], [], []]));
