// Captions, by clicking and typing: a host lets an attendee write them, another turns them on at a phone and reads them
// as they are typed; the lesson shows them at the same second, in its transcript and as WebVTT.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enter, launch, PHONE, people, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
const LINE = 'Сьогодні говоримо про дріб <одна друга>.';
let server, browser, host, ann, bob, path;

async function looked(p, name, { touch = false } = {}) {
  await settled(p.page);
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
  if (touch) assert.deepEqual(await tooSmall(p.page), [], name);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
}

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  bob = await person(browser, server.url);
  ann = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Дроби із субтитрами');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: true, camera: true });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('the host lets an attendee write, who finds the panel at his side', async () => {
  await enter(bob.page, path, { name: 'Богдан' });
  assert.equal(await bob.page.getByRole('button', { name: 'Субтитри', exact: true }).count(), 0);
  await host.page.getByRole('button', { name: 'Люди', exact: true }).first().click();
  await host.page.getByRole('button', { name: 'Дії: Богдан' }).click();
  await host.page.getByRole('menuitem', { name: 'Дати писати субтитри' }).click();
  await bob.page.getByRole('button', { name: 'Субтитри', exact: true }).click();
  await bob.page.getByLabel('Текст субтитрів').waitFor();
  await looked(bob, 'captions-writer');
});

step('an attendee turns them on, and reads them while they are typed', async () => {
  await ann.page.goto(`${path}/join`);
  await ann.page.getByLabel('Your name').fill('Hanna');
  await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.room');
  const button = ann.page.locator('.cc-btn');
  assert.equal(await button.count(), 0, 'while there are none, there is nothing to turn on');
  /* The button comes with the first letters, and these stay until they are a line: there is a pause before it. */
  await bob.page.getByLabel('Текст субтитрів').pressSequentially('Сьогодні');
  await button.waitFor();
  assert.equal(await ann.page.locator('.cc-room').count(), 0, 'off until they are turned on');
  await button.tap();
  await ann.page.locator('.cc-btn[aria-pressed=true]').waitFor();
  /* Nothing typed stays for long; on a busy machine the tap comes when the first letters are gone. */
  await bob.page.getByLabel('Текст субтитрів').pressSequentially(' мова');
  await ann.page.locator('.cc-room').getByText('мова').waitFor();
  /* The pause may have made a line of it; the next one is finished by its end. */
  await bob.page.getByLabel('Текст субтитрів').fill('');
  await bob.page.getByLabel('Текст субтитрів').fill(LINE);
  await bob.page.keyboard.press('Enter');
  await ann.page.locator('.cc-room').getByText(LINE).waitFor();
  await looked(ann, 'captions-phone', { touch: true });
  await bob.page.locator('.cc-log').getByText(LINE).waitFor();
});

step('their size and colours are the reader\'s, and are remembered', async () => {
  await ann.page.getByRole('button', { name: 'How captions look' }).tap();
  await ann.page.getByRole('menuitemradio', { name: 'Very large' }).tap();
  await ann.page.getByRole('button', { name: 'How captions look' }).tap();
  await ann.page.getByRole('menuitemradio', { name: 'Yellow on black' }).tap();
  await ann.page.locator('.cc-room .cc-xl.cc-yellow').waitFor();
  await looked(ann, 'captions-large', { touch: true });
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').tap();
  await ann.page.locator('.cc-room .cc-xl.cc-yellow').waitFor();
});

step('the lesson shows them at the same second', async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await host.page.goto(path);
  for (let i = 0; i < 40 && (await host.page.locator('.transcript').count()) === 0; i++) {
    await host.page.waitForTimeout(500);
    await host.page.reload();
    await host.page.waitForSelector('main');
  }
  const line = host.page.locator('.transcript-list button', { hasText: LINE });
  await line.waitFor();
  const { wanted, vtt } = await host.page.evaluate(async ([id, text]) => {
    const lesson = await (await fetch(`/api/lessons/${id}`)).json();
    const rec = (lesson.lesson ?? lesson).recording;
    const log = (await (await fetch(rec.timeline)).text()).trim().split('\n').map((l) => JSON.parse(l));
    const said = log.find((l) => l.type === 'caption' && l.text === text);
    const at = said.at - (said.ago ?? 0);
    const take = rec.takes.filter((x) => x.wall_ms <= at).at(-1);
    return { wanted: (take.base_ms + at - take.wall_ms) / 1000, vtt: await (await fetch(rec.captions[0].url)).text() };
  }, [path.split('/').pop(), LINE]);
  assert.match(vtt, /^WEBVTT\n/);
  assert.ok(vtt.includes('&lt;одна друга&gt;'));
  await host.page.getByLabel('Шукати в розшифровці').fill('ДРІБ');
  assert.equal(await host.page.locator('.transcript-list li').count(), 1);
  await line.click();
  const video = host.page.locator('.picture-main');
  await host.page.waitForFunction((s) => Math.abs(document.querySelector('.picture-main').currentTime - s) <= 0.5, wanted);
  assert.equal(await host.page.locator('.pictures .cc').count(), 0, 'off until they are turned on');
  await host.page.getByRole('button', { name: 'Субтитри' }).click();
  await host.page.getByRole('menuitemradio', { name: 'українська' }).click();
  await host.page.locator('.pictures .cc').getByText(LINE).waitFor();
  await looked(host, 'captions-lesson');
  await video.evaluate((v, s) => (v.currentTime = s), Math.max(0, wanted - 0.5));
  await host.page.waitForFunction((t) => !document.querySelector('.pictures .cc')?.textContent.includes(t), LINE);
  await video.evaluate((v, s) => (v.currentTime = s), wanted + 0.5);
  await host.page.locator('.pictures .cc').getByText(LINE).waitFor();
});

test('nothing was thrown on any page', () => {
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
