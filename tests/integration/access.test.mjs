// Everybody can use it: every page by axe's rules in both themes and languages, nothing wider than a phone, the way
// into a room and out by the keyboard alone, words for a screen reader.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, launch, people, person, PHONE, signIn, start, steps, tooSmall, watch, WIDE } from './lib.mjs';
import { complaints, looks, nameOf, settled, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, host, path;

after(async () => {
  await browser?.close();
  await server?.stop();
});

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
  /* A key pressed before the room is there is no key of the room. */
  await page.getByRole('button', { name: 'Підняти руку' }).waitFor();
  await page.locator('.chat-log').waitFor();
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
  assert.equal(await page.evaluate(() => document.activeElement?.closest('button')?.textContent.trim()), 'Вийти', 'focus came back to its button');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Вийти?' }).waitFor();
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
