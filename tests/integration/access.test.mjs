// Everybody can use it: every page by axe's rules in both themes and languages, nothing wider than a phone, the way
// into a room and out by the keyboard alone, words for a screen reader.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { enter, launch, people, person, PHONE, signIn, start, steps, tooSmall, watch, WIDE } from './lib.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const step = steps(test);
let server, browser, host, path;

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function complaints(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(' | ')}`);
}

const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('.spin:not(.banner .spin)'));
  await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect.getTiming().iterations === Infinity));
}

const looks = [
  { locale: 'uk-UA', colorScheme: 'light', viewport: WIDE },
  { locale: 'en-GB', colorScheme: 'dark', viewport: PHONE },
  { locale: 'uk-UA', colorScheme: 'dark', viewport: PHONE },
];
const nameOf = (l) => `${l.locale} ${l.colorScheme} ${l.viewport.width}`;

step('a server with an event', async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Доступність для всіх');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
});

for (const look of looks) {
  test(`pages of a guest: ${nameOf(look)}`, async () => {
    const { page, context, problems } = await person(browser, server.url, look);
    for (const url of ['/', '/catalogue', '/catalogue?q=немає', '/signin', '/no/such/page', '/events/new', '/my', path, `${path}/join`, '/e/aaaaaaaaaa']) {
      await page.goto(url);
      await page.waitForSelector('h1, h2');
      await settled(page);
      assert.deepEqual(await complaints(page), [], url);
      assert.equal(await tooWide(page), false, `${url} is wider than the screen`);
      assert.notEqual(await page.title(), '', url);
      assert.equal(await page.getAttribute('html', 'lang'), look.locale.slice(0, 2));
    }
    assert.deepEqual(problems, []);
    await context.close();
  });

  test(`pages of a teacher: ${nameOf(look)}`, async () => {
    const state = await host.context.storageState();
    const { page, context } = await person(browser, server.url, { ...look, storageState: state });
    for (const url of ['/', '/my', '/events/new', path]) {
      await page.goto(url);
      await page.waitForSelector('h1');
      await settled(page);
      for (const s of await page.locator('details summary').all()) await s.click();
      assert.deepEqual(await complaints(page), [], url);
      assert.equal(await tooWide(page), false, `${url} is wider than the screen`);
    }
    await context.close();
  });
}

step('the room, live: host and guests in every look', async () => {
  await enter(host.page, path, { mic: true, camera: true });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  for (const look of looks) {
    const en = look.locale.startsWith('en');
    const { page, context } = await person(browser, server.url, look);
    await page.goto(`${path}/join`);
    await page.locator('input[name=name]').fill('Guest');
    await page.locator('.join button[type=submit]').click();
    await watch(page, '.person video');
    assert.deepEqual(await complaints(page), [], `room ${nameOf(look)}`);
    assert.equal(await tooWide(page), false);
    await page.locator('.c-people').click();
    await page.getByText(en ? /people in the room/ : /людини в кімнаті/).waitFor();
    assert.deepEqual(await complaints(page), [], `people ${nameOf(look)}`);
    await page.locator('.link-good, .link-fair, .link-poor').first().click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await complaints(page), [], `dialog ${nameOf(look)}`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await context.close();
  }
  assert.deepEqual(await complaints(host.page), [], 'host');
});

test('controls are big enough for a thumb', async () => {
  const { page, context } = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await enter(page, path, { name: 'Палець' });
  await watch(page, '.person video');
  assert.deepEqual(await tooSmall(page), []);
  await page.locator('.c-chat').click();
  await page.getByLabel('Повідомлення', { exact: true }).fill('Моє');
  await page.keyboard.press('Enter');
  await page.locator('.chat-log .line:not(.unsent)', { hasText: 'Моє' }).waitFor();
  assert.deepEqual(await tooSmall(page), [], 'with the chat');
  await page.locator('.c-people').click();
  await page.locator('.someone', { hasText: 'Палець' }).waitFor();
  assert.deepEqual(await tooSmall(page), [], 'with the people');
  await context.close();
});

test('by the keyboard alone: in, a hand, a message, out', async () => {
  const { page, context } = await person(browser, server.url);
  const tabTo = async (name, role) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const el = document.activeElement;
        const words = el?.getAttribute('aria-label') || el?.labels?.[0]?.textContent || el?.textContent || '';
        return { words: words.trim(), tag: el?.tagName ?? '' };
      });
      if (at.words.includes(name) && (!role || at.tag === role)) return;
    }
    throw new Error(`Tab never reached ${name}`);
  };
  await page.goto(path);
  await page.getByRole('link', { name: 'Долучитися' }).waitFor();
  await tabTo('Долучитися');
  await page.keyboard.press('Enter');
  await page.getByLabel('Ваше імʼя').waitFor();
  await tabTo('Ваше імʼя', 'INPUT');
  await page.keyboard.insertText('Клавіша');
  await tabTo('Увійти', 'BUTTON');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.room');
  await page.keyboard.press('KeyR');
  await page.getByRole('button', { name: 'Опустити руку' }).waitFor();
  await tabTo('Повідомлення', 'TEXTAREA');
  await page.keyboard.insertText('Без миші');
  await page.keyboard.press('Enter');
  await page.locator('.chat-log .line', { hasText: 'Без миші' }).waitFor();
  await page.keyboard.press('KeyR');
  assert.equal(await page.getByLabel('Повідомлення', { exact: true }).evaluate((el) => el === document.activeElement), true);
  await tabTo('Опустити руку', 'BUTTON');
  await page.keyboard.press('Shift+Slash');
  await page.getByRole('dialog', { name: 'Клавіші' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await tabTo('Вийти', 'BUTTON');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Вийти?' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /Вийти/, 'focus came back to its button');
  await page.keyboard.press('Enter');
  await tabTo('Вийти', 'BUTTON');
  await page.keyboard.press('Enter');
  await page.waitForURL((u) => u.pathname === path);
  await context.close();
});

test('what happens is said: a hand to the host, politely; the recording to all, at once', async () => {
  const { page, context } = await person(browser, server.url);
  await enter(page, path, { name: 'Олесь' });
  await page.getByRole('button', { name: 'Підняти руку' }).click();
  await host.page.locator('[role=status]', { hasText: 'Олесь піднімає руку' }).waitFor({ state: 'attached' });
  await host.page.getByRole('button', { name: 'Вимкнути запис' }).click();
  await page.locator('[role=alert]', { hasText: 'Запис вимкнено' }).waitFor({ state: 'attached' });
  await context.close();
});

step('the lesson in every look', async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('heading', { name: 'Подію завершено' }).first().waitFor();
  const state = await host.context.storageState();
  for (const look of looks) {
    const { page, context } = await person(browser, server.url, { ...look, storageState: state });
    await page.goto(path);
    await page.waitForSelector('.player');
    await settled(page);
    assert.deepEqual(await complaints(page), [], nameOf(look));
    assert.equal(await tooWide(page), false, nameOf(look));
    await context.close();
  }
});
