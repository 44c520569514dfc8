// A teacher whose browser gives neither camera nor microphone: told what to do, let in all the same, seen by name. And
// the ways out of a room: Back asks first, and a room that was left is not walked into again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, launch, people, person, PHONE, signIn, start, steps, tooSmall, toasted } from './lib.mjs';

const step = steps(test);
let server, refusing, teacher, student, path;

after(async () => {
  await refusing?.close();
  await server?.stop();
});

step('a refused camera and microphone are told once, with what to do', async () => {
  server = await start();
  refusing = await launch({ flags: ['--use-fake-ui-for-media-stream=deny'] });
  teacher = await person(refusing, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, permissions: [] });
  const { page } = teacher;
  await signIn(page, people.teacher);
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Без камери');
  await page.getByRole('radio', { name: 'Вебінар' }).check();
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.getByRole('link', { name: 'Увійти й почати' }).click();
  const note = page.locator('.join-check [role=alert]');
  await note.filter({ hasText: 'Мікрофон і камера. Доступ заборонено.' }).waitFor();
  assert.equal(await note.count(), 1);
  for (const name of ['Мікрофон', 'Камера']) {
    assert.equal(await page.getByRole('button', { name, exact: true }).getAttribute('aria-pressed'), 'false', `${name} is not on`);
  }
  await note.getByRole('button', { name: 'Спробувати ще раз' }).click();
  await note.filter({ hasText: 'Мікрофон і камера. Доступ заборонено.' }).waitFor();
  path = new URL(page.url()).pathname.replace('/join', '');
});

step('the teacher goes live without them, and is seen by name', async () => {
  const { page } = teacher;
  await page.getByRole('button', { name: 'Увійти й підготуватися' }).click();
  await page.getByRole('button', { name: 'Почати', exact: true }).click();
  student = await person(refusing, server.url);
  await enter(student.page, path, { name: 'Марічка' });
  await student.page.locator('.person', { hasText: people.teacher.name }).locator('.avatar').waitFor();
  await page.locator('.c-mic').click();
  await toasted(page, 'Мікрофон. Доступ заборонено.');
});

step('what is said for a moment does not cover the line being typed', async () => {
  const { page } = teacher;
  await page.locator('.c-chat').click();
  await page.locator('.composer').waitFor();
  await page.evaluate(() => void (window.toasts.length = 0));
  await page.locator('.c-camera').click();
  const { bottom, composer } = await toasted(page, 'Камера. Доступ заборонено.');
  assert.ok(bottom < composer, `${bottom} and ${composer}`);
});

step('a host on a phone hits every button with a thumb', async () => {
  const { page } = teacher;
  await student.page.getByRole('button', { name: 'Підняти руку' }).click();
  await page.locator('.c-people').click();
  await page.locator('.someone.raised').getByRole('button', { name: 'Надати слово' }).waitFor();
  assert.deepEqual(await tooSmall(page), []);
});

step('Back asks before leaving; what was left stays left', async () => {
  const { page } = student;
  await page.goBack();
  await page.getByRole('dialog', { name: 'Вийти?' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.person', { hasText: people.teacher.name }).waitFor();
  await page.goBack();
  await page.getByRole('dialog').getByRole('button', { name: 'Вийти', exact: true }).click();
  await page.waitForURL((u) => u.pathname === path);
  await page.goBack();
  await page.waitForURL((u) => u.pathname === `${path}/join`);
});

step('at the end the host is told what the recording is for', async () => {
  const { page } = teacher;
  await page.getByRole('button', { name: 'Ведучому' }).click();
  await page.getByRole('menuitem', { name: 'Завершити для всіх' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await page.getByText('Запис готовий.', { exact: false }).waitFor();
  await page.getByRole('link', { name: 'Переглянути запис' }).waitFor();
});

step('no page complained', () => assert.deepEqual([...teacher.problems, ...student.problems], []));
