// The stage, the green room and the door as people use them: speakers among themselves before the start; who waits reads
// his place and the host's message; layouts for all and for oneself; a second camera; asking for silence; cameras for
// hosts only; stepping down without rejoining. In Ukrainian and English, on a desktop and on a phone, by keys too.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, listen, PHONE, people, person, signIn, start, steps, tooSmall, watch } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
let server, browser, host, speaker, ann, bob, path, id;

/** Nothing axe or a thumb complains of; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name, { phone = false } = {}) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, name);
  if (phone) assert.deepEqual(await tooSmall(p.page), [], name);
}

const button = (p, name) => p.page.getByRole('button', { name, exact: true });
const inMenu = async (p, menu, item) => {
  await p.page.getByRole('button', { name: menu, exact: true }).click();
  await p.page.getByRole('menuitem', { name: item, exact: true }).click();
};
const close = (p, word) => p.page.getByRole('dialog').getByRole('button', { name: word, exact: true }).click();
const tile = (who) => `.person[data-who="${who}"] video`;
const gone = (p, selector) => p.page.waitForFunction((s) => !document.querySelector(s), selector);

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Майстерня');
  await host.page.getByRole('radio', { name: 'Тренінг' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  id = path.split('/').pop();
  speaker = await person(browser, server.url);
  ann = await person(browser, server.url, { locale: 'en-GB' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(p, name, label) {
  await p.page.goto(`${path}/join`);
  await p.page.getByLabel(label).fill(name);
  await p.page.locator('.join button[type=submit]').click();
  await p.page.waitForSelector('.room, .state');
}

step('in the green room hosts and speakers see and hear each other, and nobody else them', async () => {
  await enter(host.page, path, { mic: true, camera: true });
  await host.page.locator('.panel-head').getByRole('button', { name: /^Люди/ }).click();
  await inMenu(host, 'Ведучому', 'Увімкнути кімнату очікування');
  await signIn(speaker.page, people.learner);
  const invited = await host.page.evaluate(async ([event, email]) => {
    const { csrf } = await (await fetch('/api/session')).json();
    const r = await fetch(`/api/events/${event}/people`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
      body: JSON.stringify({ email, role: 'speaker' }) });
    return r.status;
  }, [id, people.learner.email]);
  assert.equal(invited, 201);
  await enter(speaker.page, path, { mic: true, camera: true });
  await speaker.page.getByText('Зала ще зачинена').waitFor();
  await watch(speaker.page, '.person:not(.own) video');
  await watch(host.page, '.person video');
  assert.ok((await listen(speaker.page)) > 0.05, 'the speaker hears the host');
  assert.ok((await listen(host.page)) > 0.05, 'the host hears the speaker');
  await looked(speaker, 'green-room');
});

step('who waits reads the message and his place; some of a list are let in, then all', async () => {
  await host.page.getByRole('button', { name: 'Написати', exact: true }).click();
  await host.page.getByLabel('Повідомлення для тих, хто чекає').fill('Починаємо о десятій. Візьміть олівець.');
  await button(host, 'Зберегти').click();
  await visit(ann, 'Ann', 'Your name');
  await visit(bob, 'Богдан', 'Ваше імʼя');
  await ann.page.getByText('Починаємо о десятій').waitFor();
  await ann.page.getByText('You are number 1 of 2 in the queue.').waitFor();
  await bob.page.getByText('Ви 2-й у черзі з 2.').waitFor();
  await looked(ann, 'lobby-en');
  await looked(bob, 'lobby-phone', { phone: true });
  await host.page.getByLabel('Обрати: Богдан').check();
  await looked(host, 'door');
  await host.page.getByRole('button', { name: 'Впустити обраних (1)' }).click();
  await bob.page.waitForSelector('.room');
  await gone(host, 'input[aria-label="Обрати: Богдан"]');
  assert.equal(await ann.page.locator('.room').count(), 0);
  await bob.page.getByText('Ще не почалося').waitFor();
  assert.equal(await bob.page.locator('.person video').count(), 0, 'the audience does not look into the green room');
  await host.page.getByRole('button', { name: 'Впустити: Ann' }).click();
  await ann.page.waitForSelector('.room');
  await button(host, 'Почати').click();
  await watch(ann.page, '.person video');
  await watch(bob.page, '.person video');
});

step('the layout is one’s own until the host sets it for all', async () => {
  await ann.page.keyboard.press('l');
  await ann.page.getByRole('radio', { name: 'Speaker', exact: true }).check();
  await looked(ann, 'look-en');
  await close(ann, 'Close');
  await ann.page.waitForSelector('[data-layout="speaker"]');
  await inMenu(host, 'Ще', 'Вигляд');
  await host.page.getByRole('radio', { name: 'Сітка', exact: true }).check();
  await host.page.getByLabel('Однаково для всіх').click();
  await looked(host, 'look-host');
  await close(host, 'Закрити');
  await ann.page.waitForSelector('.grid');
  await ann.page.keyboard.press('l');
  await ann.page.getByText('The host has chosen the view for everyone.').waitFor();
  assert.ok(await ann.page.getByRole('radio', { name: 'Speaker', exact: true }).isDisabled());
  await close(ann, 'Close');
  await host.page.keyboard.press('l');
  await host.page.getByLabel('Однаково для всіх').click();
  await close(host, 'Закрити');
  await ann.page.waitForSelector('[data-layout="speaker"]');
});

step('a second camera has a place of its own, also beside the face', async () => {
  await speaker.page.locator('.room-top [aria-haspopup=menu]').last().click();
  await speaker.page.getByRole('menuitem', { name: 'Друга камера', exact: true }).click();
  await watch(ann.page, '[data-source="content"] video');
  await watch(bob.page, '[data-source="content"] video');
  await ann.page.keyboard.press('l');
  await ann.page.getByRole('radio', { name: 'Side by side', exact: true }).check();
  await close(ann, 'Close');
  await ann.page.waitForSelector('[data-layout="side"] [data-source="content"]');
  await ann.page.waitForSelector('[data-layout="side"] .person');
  await looked(ann, 'side-by-side');
  await looked(bob, 'content-phone', { phone: true });
  await speaker.page.locator('.room-top [aria-haspopup=menu]').last().click();
  await speaker.page.getByRole('menuitem', { name: 'Вимкнути другу камеру', exact: true }).click();
  await gone(ann, '[data-source="content"]');
});

step('asked for silence, one turns the microphone off oneself', async () => {
  await inMenu(host, 'Ведучому', 'Попросити всіх вимкнути мікрофони');
  const ask = speaker.page.getByRole('region', { name: 'Вимкнути мікрофон' });
  await ask.getByText('просить вимкнути мікрофон').waitFor();
  await looked(speaker, 'mute-asked');
  await ask.getByRole('button', { name: 'Вимкнути мікрофон' }).focus();
  await speaker.page.keyboard.press('Enter');
  await speaker.page.getByRole('button', { name: 'Увімкнути мікрофон' }).waitFor();
});

step('cameras for hosts only: the host sees an attendee, others do not', async () => {
  await ann.page.getByRole('button', { name: 'Turn on camera' }).click();
  const who = await host.page.locator('.someone', { hasText: 'Ann' }).first().getAttribute('data-who');
  await watch(host.page, tile(who));
  await watch(speaker.page, tile(who));
  await host.page.keyboard.press('l');
  await host.page.getByLabel('Камери учасників бачать лише ведучі').click();
  await close(host, 'Закрити');
  await gone(speaker, tile(who));
  await gone(bob, tile(who));
  await watch(host.page, tile(who));
  await host.page.keyboard.press('l');
  await host.page.getByLabel('Камери учасників бачать лише ведучі').click();
  await close(host, 'Закрити');
  await watch(speaker.page, tile(who));
});

step('one steps down and comes back without rejoining', async () => {
  await ann.page.locator('.room-top [aria-haspopup=menu]').last().click();
  await ann.page.getByRole('menuitem', { name: 'Step down from the stage' }).click();
  await ann.page.getByText('You are a listener again').first().waitFor();
  await ann.page.getByRole('button', { name: 'Raise hand' }).click();
  await host.page.locator('.someone.raised').getByRole('button', { name: /слово/i }).click();
  await ann.page.getByRole('button', { name: 'Turn on camera' }).click();
  const who = await host.page.locator('.someone', { hasText: 'Ann' }).first().getAttribute('data-who');
  await watch(host.page, tile(who));
  for (const p of [host, speaker, ann, bob]) assert.deepEqual(p.problems, []);
});
