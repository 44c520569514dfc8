// Interpreting as people use it: the host adds a language and names two interpreters; one goes on the air, a listener
// on a phone chooses the language and hears the interpreter with the room behind; whoever did not choose hears the room
// alone; the interpreters hand over. Each voice is a tone of its own, so that it is known whose is heard.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, PHONE, people, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';
import { hears as heard, sings } from './voices.mjs';

const step = steps(test);
const HOST = 440;
const ANN = 880;
const BOB = 1320;
let server, browser, host, ann, bob, eve, path;
const faults = [];

async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  faults.push(...(await complaints(p.page)).map((c) => `${name}: ${c}`));
  if (await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) faults.push(`${name}: wider than the screen`);
}

const TONES = [HOST, ANN, BOB];
const hears = (p, wanted) => heard(p, wanted, TONES);
const button = (p, name) => p.page.getByRole('button', { name, exact: true });

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Дві мови');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  ann = await person(browser, server.url);
  bob = await person(browser, server.url);
  eve = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  for (const [p, hz] of [[host, HOST], [ann, ANN], [bob, BOB]]) await sings(p, hz);
  await enter(host.page, path, { mic: true, camera: false });
  await button(host, 'Почати').click();
  await enter(ann.page, path, { name: 'Ганна' });
  await enter(bob.page, path, { name: 'Богдан' });
  await enter(eve.page, path, { name: 'Єва' });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('the host adds a language and names two interpreters', async () => {
  await button(host, 'Ведучому').click();
  await host.page.getByRole('menuitem', { name: 'Переклад', exact: true }).click();
  await host.page.getByLabel('Додати мову').selectOption('en');
  for (const name of ['Ганна', 'Богдан']) {
    await host.page.getByLabel('Призначити перекладача').selectOption({ label: name });
    await host.page.getByRole('group', { name }).getByLabel('Англійська').click();
    await host.page.getByRole('group', { name }).locator('input:checked').waitFor();
  }
  await looked(host, 'channels-host');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  await ann.page.locator('.booth').waitFor();
  await bob.page.locator('.booth').waitFor();
  assert.equal(await eve.page.locator('.booth').count(), 0);
});

step('who chose the language hears the interpreter and the room more softly; the others hear the room', async () => {
  await ann.page.locator('.booth').getByRole('button', { name: 'В ефір' }).click();
  await ann.page.locator('.booth.on-air').waitFor();
  await hears(eve, { [HOST]: 1 });
  await button(eve, 'Мова: Зала').click();
  await eve.page.getByRole('radio', { name: 'Англійська' }).check();
  await looked(eve, 'channels-listen');
  await eve.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  await hears(eve, { [HOST]: 0.2, [ANN]: 1 });
  await hears(bob, { [HOST]: 1 });
  await hears(host, {});
  await ann.page.getByText('1 слухач').first().waitFor();
  await looked(ann, 'channels-booth');
  faults.push(...(await tooSmall(eve.page)).map((s) => `a thumb misses ${s}`));
});

step('a colleague who is ready is handed the air, and gives it back to the room', async () => {
  await bob.page.locator('.c-mic').click();
  await button(ann, 'Передати: Богдан').click();
  await hears(eve, { [HOST]: 0.2, [BOB]: 1 });
  await hears(ann, { [HOST]: 1 });
  await hears(host, {});
  await button(bob, 'Вийти з ефіру').click();
  await hears(eve, { [HOST]: 1 });
  await hears(host, {});
});

step('the choice is kept on the device', async () => {
  await button(bob, 'В ефір').click();
  await hears(eve, { [HOST]: 0.2, [BOB]: 1 });
  await eve.page.reload();
  await eve.page.waitForSelector('.room');
  await hears(eve, { [HOST]: 0.2, [BOB]: 1 });
  assert.deepEqual(faults, []);
});
