// The chat beyond talking to all, by clicking: words for one person, slow mode, signs, finding what was written and what
// stood around it, also in the lesson.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { button, has, linesOf, lesson, tab, tools, write } from './classroom.mjs';
import { enter, launch, people, PHONE, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
const SIGNS = 'Чудово 👩🏽‍🏫 🇺🇦 ❤️';
let server, browser, host, ann, bob, id;

async function looked(p, name) {
  await settled(p.page);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}
const line = (p, text) => p.page.locator('.chat-log .line', { hasText: text });
const unsent = (p) => p.page.locator('.line.unsent');

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Чат');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  id = new URL(host.page.url()).pathname.split('/').pop();
  await enter(host.page, `/e/${id}`, { mic: false, camera: false });
  await button(host, 'Почати').click();
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await enter(ann.page, `/e/${id}`, { name: 'Ганна' });
  await bob.page.goto(`/e/${id}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
  await bob.page.locator('.c-chat').tap();
  await tab(host, 'Чат');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('what is for one person he alone reads, and his answer goes back to who wrote it', async () => {
  await host.page.getByLabel('Кому').selectOption({ label: 'Bob' });
  await write(host, 'Bob, увімкніть звук');
  await line(bob, 'увімкніть звук').getByText('only to you').waitFor();
  await line(bob, 'увімкніть звук').getByRole('button', { name: /Message by/ }).tap();
  await bob.page.getByRole('menuitem', { name: 'Reply' }).tap();
  await write(bob, 'It is on');
  await line(host, 'It is on').getByText('лише вам').waitFor();
  await host.page.getByLabel('Кому').selectOption({ label: 'Усім' });
  await write(host, SIGNS);
  for (const p of [host, ann, bob]) await has(p, [SIGNS]);
  assert.deepEqual(await linesOf(ann), [SIGNS], 'who is not meant has nothing of it');
  await looked(bob, 'chat-private-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
});

step('in slow mode one waits between two messages; nothing of it is lost', async () => {
  await tools(host, 'Повільний чат');
  await ann.page.getByText('Не частіше ніж раз на 30 секунд.').waitFor();
  await write(ann, 'перше');
  await has(bob, ['перше']);
  await write(ann, 'друге');
  await unsent(ann).getByText('Занадто часто').waitFor();
  await looked(ann, 'chat-slow-dark');
  assert.ok(!(await linesOf(bob)).includes('друге'));
  await write(host, 'ведучих це не стосується');
  await write(host, 'зовсім');
  await has(bob, ['зовсім']);
  await tools(host, 'Звичайний чат');
  await ann.page.getByText('Не частіше ніж').waitFor({ state: 'detached' });
  await unsent(ann).getByRole('button', { name: 'Спробувати ще раз' }).click();
  await has(bob, ['друге']);
  await unsent(ann).waitFor({ state: 'detached' });
});

step('what was written is found, whatever its case, and shown where it stood', async () => {
  await bob.page.getByLabel('To').selectOption({ label: 'Everybody' });
  const writers = [host, ann, bob];
  for (let i = 1; i <= 6; i++) {
    const text = i === 3 ? 'Домашнє: ДРОБИ, сторінка 12' : `рядок ${i}`;
    await write(writers[i % 3], text);
    await has(ann, [text]);
  }
  const find = ann.page.getByLabel('Знайти в чаті');
  await find.fill('дроби сторінка');
  const hits = ann.page.locator('.chat-log .line');
  await hits.first().waitFor();
  await ann.page.waitForFunction(() => document.querySelectorAll('.chat-log .line').length === 1);
  assert.deepEqual(await linesOf(ann), ['Домашнє: ДРОБИ, сторінка 12']);
  await looked(ann, 'chat-find-dark');
  await hits.getByRole('button', { name: /Показати в розмові/ }).click();
  await ann.page.locator('.line.marked', { hasText: 'ДРОБИ' }).waitFor();
  await has(ann, ['рядок 2', 'рядок 4']);
  await find.fill('увімкніть');
  await ann.page.getByText('Такого в чаті немає.').waitFor(); /* it was not for her */
  await find.fill('');
});

step('what one wrote one takes back, what is pinned is unpinned', async () => {
  const act = async (p, text, item) => {
    await line(p, text).first().getByRole('button', { name: /Дії з повідомленням/ }).click();
    await p.page.getByRole('menuitem', { name: item }).click();
  };
  await act(ann, 'перше', 'Видалити повідомлення');
  await line(bob, 'перше').waitFor({ state: 'detached' });
  await act(host, 'ДРОБИ', 'Закріпити');
  await bob.page.locator('.chat-pin', { hasText: 'ДРОБИ' }).waitFor();
  await host.page.getByRole('button', { name: 'Відкріпити' }).click();
  await bob.page.locator('.chat-pin').waitFor({ state: 'detached' });
});

step('the lesson has what was for all, and it is found there, too', async () => {
  await tools(host, 'Завершити для всіх');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  const { log } = await lesson(host, server.data, id);
  const said = log.filter((l) => l.type === 'chat').map((l) => l.text);
  for (const text of [SIGNS, 'друге', 'зовсім']) assert.ok(said.includes(text), text);
  assert.doesNotMatch(JSON.stringify(log), /увімкніть|It is on|перше/);
  await host.page.getByLabel('Знайти в чаті запису').fill('дроби');
  const found = host.page.locator('.replay-log .line');
  await found.first().waitFor();
  assert.equal(await found.count(), 1);
  await found.getByRole('button').click();
  const at = log.find((l) => l.text?.includes('ДРОБИ')).at;
  const { wall_ms: began } = await host.page.evaluate(async (e) => (await (await fetch(`/api/lessons/${e}`)).json()).recording.takes[0], id);
  await host.page.waitForFunction((s) => Math.abs(document.querySelector('.picture-main').currentTime - s) < 1, Math.max(0, at - began) / 1000);
});

step('no page complained', () => assert.deepEqual([host, ann, bob].map((p) => p.problems), [[], [], []]));
