// Controls that stand still: whoever reaches for the microphone finds it where it was, whatever happens in the room, on a
// wide screen and on a phone. And the room's keys, by their place on the keyboard, whatever letters are on them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, launch, people, person, PHONE, signIn, start, steps, tooSmall, WIDE } from './lib.mjs';
import { pressUkrainian } from './keys.mjs';
import { tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, teacher, wide, phone, speaker, path;
const stood = new Map();

after(async () => {
  await browser?.close();
  await server?.stop();
});

/* Below half a pixel nothing is seen to move. */
const SLACK_PX = 0.5;
const CONTROLS = ['.c-mic', '.c-camera', '.c-hand', '.c-chat', '.c-people', '.leave'];
const boxes = (page) =>
  page.evaluate((list) => list.map((sel) => {
    const { x, y, width, height } = document.querySelector(sel).getBoundingClientRect();
    return [x, y, width, height].map((n) => Math.round(n * 10) / 10);
  }), CONTROLS);

const names = () => [['teacher', teacher], ['wide', wide], ['phone', phone], ['speaker', speaker]];

/** Everybody's controls are where they were when he came in. */
async function stand(what) {
  for (const [name, p] of names()) {
    const now = await boxes(p.page), was = stood.get(name);
    if (!was) {
      stood.set(name, now);
      continue;
    }
    const moved = CONTROLS.filter((_, i) => now[i].some((n, k) => Math.abs(n - was[i][k]) > SLACK_PX));
    assert.deepEqual(moved.map((c) => `${c} ${was[CONTROLS.indexOf(c)]} → ${now[CONTROLS.indexOf(c)]}`), [], `${name}: ${what}`);
  }
}

step('a teacher prepares a webinar; a student at a desk, one with a phone and a speaker with a phone come', async () => {
  server = await start();
  /* Pictures are not what this is about: few, and only one of the four shows any. */
  browser = await launch({ flags: ['--use-fake-device-for-media-stream=fps=5'] });
  teacher = await person(browser, server.url);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Усе на своїх місцях');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await teacher.page.getByText('Запросити виступити або допомагати').click();
  await teacher.page.getByRole('button', { name: 'Посилання для доповідача' }).click();
  const invited = new URL(await teacher.page.evaluate(() => navigator.clipboard.readText()));
  await enter(teacher.page, path, { mic: true, camera: false });
  await teacher.page.locator('.banner.golive').waitFor();
  wide = await person(browser, server.url);
  phone = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  speaker = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  for (const [p, name] of [[wide, 'Марічка'], [phone, 'Петрик']]) {
    await enter(p.page, path, { name, mic: false, camera: false });
    await p.page.locator('.c-mic').waitFor();
  }
  await speaker.page.goto(`${invited.pathname}${invited.search}`);
  await speaker.page.getByRole('link', { name: 'Увійти й зачекати' }).click();
  await speaker.page.getByLabel('Ваше імʼя').fill('Доповідач');
  await speaker.page.locator('.join button[type=submit]').click();
  await speaker.page.locator('.c-mic').waitFor();
  await stand('at first');
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await teacher.page.locator('.banner.golive').waitFor({ state: 'detached' });
  for (const p of [wide, phone, speaker]) await p.page.locator('.person').first().waitFor();
  await stand('the lesson has begun, a banner is gone');
});

/* Three kinds of sign and banner, one at a time; nothing of it may push what is under somebody's finger. */
step('a recording that stops and starts again, a banner over the stage, a panel that opens', async () => {
  for (const [, p] of names()) await p.page.waitForSelector('.rec');
  await stand('it is recorded');
  await teacher.page.locator('.c-record').click();
  for (const [, p] of names()) await p.page.waitForSelector('.rec', { state: 'detached' });
  await stand('it is no longer recorded');
  await teacher.page.locator('.c-record').click();
  for (const [, p] of names()) await p.page.waitForSelector('.rec');
  await stand('it is recorded again');
  for (const [, p] of names()) {
    await p.page.locator('.room-title').focus();
    await p.page.keyboard.press('KeyE');
    await p.page.locator('[data-banner=saving]').waitFor();
  }
  await stand('a banner shows');
  for (const [, p] of names()) {
    await p.page.locator('[data-banner=saving] button').click();
    await p.page.locator('[data-banner=saving]').waitFor({ state: 'detached' });
  }
  for (const [name, p] of names()) {
    const open = await p.page.locator('.panel').count();
    assert.equal(open, name === 'phone' || name === 'speaker' ? 0 : 1);
    await p.page.locator('.c-chat').click();
    await p.page.locator('.panel').waitFor({ state: open ? 'detached' : 'visible' });
  }
  await stand('the chat has opened on phones, and closed on wide screens');
  for (const [, p] of names()) await p.page.locator('.c-people').click();
  for (const [, p] of names()) await p.page.locator('.panel .someone').first().waitFor();
  await stand('the list of people shows');
});

step('hands up, the floor is given, a microphone goes on: on a wide screen and on a phone', async () => {
  for (const [p, name] of [[wide, 'Марічка'], [phone, 'Петрик']]) {
    await p.page.locator('.c-hand').click();
    await p.page.locator('.c-hand[aria-pressed=true]').waitFor();
    await teacher.page.locator('.someone.raised', { hasText: name }).getByRole('button', { name: 'Надати слово' }).waitFor();
    await stand(`${name} raised a hand`);
    await teacher.page.locator('.someone.raised', { hasText: name }).getByRole('button', { name: 'Надати слово' }).click();
    await p.page.locator('.c-mic:not([aria-disabled])').waitFor();
    await stand(`${name} has the floor`);
    await p.page.locator('.c-mic').click();
    await p.page.locator('.c-mic[aria-pressed=true]').waitFor();
    await teacher.page.locator('.someone.raised', { hasText: name }).waitFor({ state: 'detached' });
    await stand(`${name} is on the stage and speaks`);
  }
});

step('a board is there, which a speaker may show, too', async () => {
  const speaks = speaker.page.locator('.c-slides');
  assert.equal(await speaks.count(), 0);
  await teacher.page.getByRole('button', { name: 'Ведучому' }).click();
  await teacher.page.getByRole('menuitem', { name: 'Слайди' }).click();
  await teacher.page.getByRole('button', { name: 'Нова дошка' }).click();
  await speaks.waitFor();
  for (const [, p] of names()) await p.page.locator('.board').waitFor();
  await stand('a board is shown');
  assert.deepEqual(await tooSmall(speaker.page), []);
  for (const [name, p] of names()) assert.equal(await tooWide(p.page), false, name);
});

/* A board has many tools, a list of people many buttons; a room has fewer than this. */
const TABS_MAX = 150;

/** Tabs from the room's title to the last of its bottom bar: what had the focus, area by area, in that order. */
async function tabbed(page) {
  const seen = [];
  await page.locator('.room-title').focus();
  for (let i = 0; i < TABS_MAX; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const el = document.activeElement, area = el?.closest('.room-top, .stage, .panel, .room-bottom');
      return area ? { area: area.className.split(' ')[0], name: el.getAttribute('aria-label') || el.textContent.trim() } : null;
    });
    if (!at && seen.at(-1)?.area === 'room-bottom') return seen;
    if (at) seen.push(at);
  }
  throw new Error(`Tab goes round: ${JSON.stringify(seen.slice(-10))}`);
}

/** The same, as the eye finds it: areas and, in the two bars, all that can be pressed, line by line. */
const looked = (page) =>
  page.evaluate(() => {
    const byPlace = (a, b) => (Math.abs(a.y - b.y) > 20 ? a.y - b.y : a.x - b.x);
    const boxOf = (el) => ({ el, x: el.getBoundingClientRect().x, y: el.getBoundingClientRect().y });
    const areas = [...document.querySelectorAll('.room-top, .stage, .panel, .room-bottom')].map(boxOf).sort(byPlace).map(({ el }) => el);
    const inside = (sel) =>
      [...document.querySelectorAll(`${sel} :is(button, a[href], select, input)`)].filter((el) => el.checkVisibility({ visibilityProperty: true })).map(boxOf).sort(byPlace)
        .map(({ el }) => el.getAttribute('aria-label') || el.textContent.trim());
    return { areas: areas.map((el) => el.className.split(' ')[0]), top: inside('.room-top'), bottom: inside('.room-bottom') };
  });

/** Tab goes the way the eye does: from area to area, and along both bars. */
async function alike(page, what) {
  const eye = await looked(page), tab = await tabbed(page);
  const of = (area) => tab.filter((s) => s.area === area).map((s) => s.name);
  assert.ok(eye.top.length > 2 && eye.bottom.length > 4, what);
  assert.deepEqual(of('room-top'), eye.top, `${what}: the top bar`);
  assert.deepEqual(of('room-bottom'), eye.bottom, `${what}: the bottom bar`);
  const areas = tab.map((s) => s.area).filter((a, i, all) => a !== all[i - 1]);
  assert.deepEqual(areas, eye.areas.filter((a) => areas.includes(a)), `${what}: the areas`);
  return eye.bottom;
}

step('Tab goes the way the eye does, on a phone and on a wide screen', async () => {
  for (const [name, p] of names()) await alike(p.page, name);
  /* The same person turns to a wide screen and back: what he may show is at the other end of the group there. */
  const { page } = speaker;
  const before = await alike(page, 'phone');
  await page.setViewportSize(WIDE);
  await page.waitForFunction(() => document.querySelector('.c-slides').previousElementSibling?.matches('.c-people'));
  const wider = await alike(page, 'wide');
  await page.setViewportSize(PHONE);
  await page.waitForFunction(() => !document.querySelector('.c-slides').previousElementSibling);
  assert.deepEqual(await alike(page, 'phone again'), before);
  assert.deepEqual([before, wider].map((b) => b.indexOf('Слайди') < b.indexOf('Чат')), [true, false]);
  await stand('turned and turned back');
  await page.locator('.leave').click();
  const dialog = page.getByRole('dialog', { name: 'Вийти?' });
  await dialog.waitFor();
  const tops = await dialog.locator('.dialog-actions button').evaluateAll((all) => all.map((b) => b.getBoundingClientRect().y));
  assert.ok(tops.length >= 2 && tops.every((y, i) => i === 0 || y > tops[i - 1]), `the answers of a dialog: ${tops}`);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

step('the keys of the room are places: with the Ukrainian layout they do the same', async () => {
  const { page } = wide;
  const state = (which, on) => page.locator(`.${which}[aria-pressed=${on}]`).waitFor();
  await page.locator('.room-title').focus();
  await state('c-mic', true);
  await pressUkrainian(wide, 'KeyM');
  await state('c-mic', false);
  await pressUkrainian(wide, 'KeyV');
  await state('c-camera', true);
  await teacher.page.locator('.person video').first().waitFor();
  await stand('a student is seen');
  await pressUkrainian(wide, 'KeyR');
  await state('c-hand', true);
  await pressUkrainian(wide, 'KeyR');
  await state('c-hand', false);
  await pressUkrainian(wide, 'KeyC');
  await page.locator('.panel .composer').waitFor();
  await pressUkrainian(wide, 'KeyC');
  await page.locator('.panel').waitFor({ state: 'detached' });
  for (const code of ['Slash', 'Digit7']) {
    await pressUkrainian(wide, code, { shift: true });
    const help = page.getByRole('dialog', { name: 'Клавіші' });
    await help.waitFor();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  }
  /* Whoever writes gets the letters. */
  await pressUkrainian(wide, 'KeyC');
  const line = page.getByLabel('Повідомлення', { exact: true });
  await line.focus();
  for (const code of ['KeyM', 'KeyV', 'KeyR']) await pressUkrainian(wide, code);
  assert.equal(await line.inputValue(), 'ьмк');
  await state('c-mic', false);
});

step('no page complained', () => assert.deepEqual(names().flatMap(([, p]) => p.problems), []));
