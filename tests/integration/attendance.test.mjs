// Who was there: the host sees it while the class is on and after it, in every look; a person sees his own, a stranger
// nothing.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, launch, people, person, signIn, start, steps } from './lib.mjs';
import { complaints, looks, nameOf, settled, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, teacher, learner, guest, path, storage;

after(async () => {
  await browser?.close();
  await server?.stop();
});

const cells = (page) => page.locator('.attend tbody tr').evaluateAll((rows) => rows.map((r) => [...r.children].map((c) => c.textContent)));

step('a class: a teacher, a learner with an account, a guest who leaves', async () => {
  server = await start();
  browser = await launch();
  teacher = await person(browser, server.url);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Хто прийшов');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  storage = await teacher.context.storageState();
  await enter(teacher.page, path, { mic: true, camera: true });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  learner = await person(browser, server.url);
  await signIn(learner.page, people.learner);
  await enter(learner.page, path);
  guest = await person(browser, server.url);
  await enter(guest.page, path, { name: '=Гість; «Зоряний»' });
  await learner.page.getByLabel('Повідомлення', { exact: true }).fill('Я тут');
  await learner.page.keyboard.press('Enter');
  await learner.page.locator('.chat-log .line:not(.unsent)', { hasText: 'Я тут' }).waitFor();
  await guest.page.goto('/');
});

step('while it is on, the host sees who is here and who has gone', async () => {
  const { page, context } = await person(browser, server.url, { storageState: storage });
  await page.goto(path);
  await page.getByRole('link', { name: 'Список присутніх' }).click();
  await page.getByRole('heading', { name: 'Присутність: Хто прийшов' }).waitFor();
  await page.locator('.attend tbody tr', { hasText: 'Гість' }).locator('.attend-out', { hasText: /\d\d:\d\d/ }).waitFor();
  const rows = await cells(page);
  assert.equal(rows.length, 3);
  const of = (name) => rows.find((r) => r[0].includes(name));
  assert.match(of(people.learner.name)[2], /у кімнаті/);
  assert.match(of(people.learner.name)[4], /1 повідомлення/);
  assert.match(of(people.teacher.name)[0], /Ведучий/);
  assert.equal(await page.locator('.attend-sums div', { hasText: 'Зараз у кімнаті' }).locator('dd').textContent(), '2');
  assert.ok((await page.locator('.curve canvas').boundingBox()).width > 300);
  await page.getByRole('button', { name: 'Час' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('th[aria-sort=descending]').textContent(), 'Час↓');
  await context.close();
});

step('after it a learner reads his own, a guest his, a stranger nothing', async () => {
  await teacher.page.getByRole('button', { name: 'Ведучому' }).click();
  await teacher.page.getByRole('menuitem', { name: 'Завершити для всіх' }).click();
  await teacher.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await learner.page.goto(path);
  await learner.page.locator('.own-minutes', { hasText: /Ваша присутність: 1\u00a0?хв|Ваша присутність: 1 хв/ }).waitFor();
  await guest.page.goto(path);
  await guest.page.locator('.own-minutes').waitFor();
  const stranger = await person(browser, server.url);
  await stranger.page.goto(path);
  await stranger.page.waitForSelector('h1');
  await settled(stranger.page);
  assert.equal(await stranger.page.locator('.own-minutes').count(), 0);
  await stranger.page.goto(`${path}/attendance`);
  await stranger.page.locator('.state[role=alert]').waitFor();
});

for (const look of looks) {
  step(`the page in every look: ${nameOf(look)}`, async () => {
    const { page, context, problems } = await person(browser, server.url, { ...look, storageState: storage });
    await page.goto(`${path}/attendance`);
    await page.locator('.curve canvas').waitFor();
    await settled(page);
    assert.deepEqual(await complaints(page), []);
    assert.equal(await tooWide(page), false);
    assert.deepEqual(problems, []);
    if (process.env.SCREENS) await page.screenshot({ path: `${process.env.SCREENS}/attendance ${nameOf(look)}.png`, fullPage: true });
    await context.close();
  });
}
