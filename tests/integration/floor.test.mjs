// Who has the floor, by clicking: hands lowered at once; asked up, one declines or comes; the large picture is who speaks,
// whom the host puts there, or whom one pins for oneself; a speaker's time; silence for all; back to the listeners.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { button, choose, idOf, tab, tools, turn } from './classroom.mjs';
import { enter, launch, listen, people, PHONE, person, signIn, start, steps, toasted, tooSmall, watch } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, path;
const ids = {};

async function looked(p, name) {
  await settled(p.page);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}
const large = (p, who) => p.page.locator(`.person.large[data-who="${ids[who]}"]`).waitFor();

before(async () => {
  server = await start();
  browser = await launch({ flags: ['--use-fake-device-for-media-stream=fps=10'] });
  host = { ...(await person(browser, server.url)), name: people.teacher.name };
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Слово');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: true });
  await button(host, 'Почати').click();
  ann = { ...(await person(browser, server.url, { colorScheme: 'dark' })), name: 'Ганна' };
  bob = { ...(await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' })), name: 'Bob' };
  await enter(ann.page, path, { name: 'Ганна' });
  await bob.page.goto(`${path}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
  await tab(host, 'Люди');
  for (const p of [host, ann, bob]) ids[p.name] = await idOf(host, p);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('all hands are lowered at once', async () => {
  await button(ann, 'Підняти руку').click();
  await bob.page.locator('.c-hand').tap();
  await host.page.locator('.someone.raised').nth(1).waitFor();
  await button(host, 'Опустити руки').click();
  await button(ann, 'Підняти руку').waitFor();
  await bob.page.getByRole('button', { name: 'Raise hand' }).waitFor();
  assert.equal(await host.page.locator('.someone.raised').count(), 0);
});

step('asked to speak, one does not want to now, and the other time comes up and is heard', async () => {
  const dialog = ann.page.getByRole('dialog', { name: 'Вам надають слово' });
  await choose(host, 'Дії: Ганна', 'Запросити до слова');
  await host.page.locator('.someone', { hasText: 'Ганна' }).getByText('запрошено').waitFor();
  await looked(ann, 'invited-dark');
  await dialog.getByRole('button', { name: 'Не зараз' }).click();
  await host.page.locator('.someone', { hasText: 'запрошено' }).waitFor({ state: 'detached' });
  await choose(host, 'Дії: Ганна', 'Запросити до слова');
  await dialog.getByRole('button', { name: 'Увімкнути мікрофон' }).click();
  await ann.page.locator('.c-mic[aria-pressed=true]').waitFor();
  assert.ok((await listen(bob.page)) > 0.05, 'she is heard');
  await turn(ann, '.c-camera', true);
  await watch(bob.page, `.person[data-who="${ids['Ганна']}"] video`, { frames: 3 });
});

step('the large picture: who speaks, whom the host puts there, whom one pins for oneself', async () => {
  await bob.page.locator('.room-top [aria-haspopup=menu]').last().tap();
  await bob.page.getByRole('menuitem', { name: 'View' }).tap();
  await bob.page.getByRole('radio', { name: 'Speaker', exact: true }).check();
  await bob.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().tap();
  await bob.page.locator(`.person.speaking[data-who="${ids['Ганна']}"]`).waitFor();
  await large(bob, 'Ганна');
  await looked(bob, 'speaks-phone');
  await choose(ann, 'Ще', 'Вигляд');
  await ann.page.getByRole('radio', { name: 'Доповідач', exact: true }).check();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  const name = people.teacher.name;
  await choose(host, 'Дії: Ганна', 'Показувати великим планом');
  await large(bob, 'Ганна');
  await large(ann, 'Ганна');
  await bob.page.getByRole('button', { name: `Enlarge: ${name}` }).tap();
  await large(bob, name);
  assert.deepEqual(await tooSmall(bob.page), []);
  await large(ann, 'Ганна'); /* a pin is one's own */
  await bob.page.getByRole('button', { name: new RegExp(`: ${name}$`) }).first().tap();
  await large(bob, 'Ганна');
  await choose(host, 'Дії: Ганна', 'Прибрати великий план');
});

step('the time of one speaker is counted down before all', async () => {
  await tools(host, 'Таймер');
  await host.page.getByLabel('Скільки хвилин').selectOption('2');
  await host.page.getByLabel('Для кого').selectOption({ label: 'Ганна' });
  await host.page.getByRole('dialog').getByRole('button', { name: 'Запустити' }).click();
  await bob.page.locator('.countdown', { hasText: /Ганна.*1:\d\d/s }).waitFor();
  await host.page.getByRole('button', { name: 'Зупинити таймер' }).click();
  await bob.page.locator('.countdown').waitFor({ state: 'detached' });
});

step('all microphones are turned off, and the floor is taken back', async () => {
  await tools(host, 'Вимкнути мікрофони всім');
  await ann.page.locator('[role=alert]', { hasText: 'Ваш мікрофон вимкнув ведучий' }).waitFor({ state: 'attached' });
  await ann.page.locator('.c-mic[aria-pressed=false]').waitFor();
  await choose(host, 'Дії: Ганна', 'Повернути до слухачів');
  await toasted(ann.page, 'Ви знову слухач');
  await bob.page.locator(`.person[data-who="${ids['Ганна']}"]`).waitFor({ state: 'detached' });
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
