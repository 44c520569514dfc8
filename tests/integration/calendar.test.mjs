// The calendar as people use it: a weekly series by its form, one of it moved, what follows renamed, one called off;
// month, week and list on a wide screen, the list on a phone; the .ics file, a subscription that is revoked, the QR code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { launch, people, person, PHONE, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
let server, browser, teacher, guest, phone, first;

after(async () => {
  await browser?.close();
  await server?.stop();
});

const DAY_MS = 86_400_000;
const two = (n) => String(n).padStart(2, '0');
const dayKey = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
/* Everything within the next month's page: its first day that is ten days away or more, at 18:00. */
const startDay = new Date(new Date().getFullYear(), new Date().getMonth() + 1, 2, 18, 0);
const inKyiv = { timezoneId: 'Europe/Kyiv' };

async function serious(page, name) {
  assert.deepEqual(await complaints(page), [], name);
}

const noSideways = async (page, name) =>
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways`);

/** Content lines of an .ics file, unfolded; lengths checked as they are. */
function linesOf(text) {
  for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
  return text.replaceAll('\r\n ', '').split('\r\n');
}

step('a teacher makes a weekly series in the form', async () => {
  server = await start();
  browser = await launch();
  teacher = await person(browser, server.url, inKyiv);
  const { page } = teacher;
  await signIn(page, people.teacher);
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Гурток; «дроби», частина 1');
  await page.getByRole('button', { name: 'Запланувати' }).click();
  await page.getByLabel('Дата й час початку').fill(`${dayKey(startDay)}T18:00`);
  await page.getByLabel('Повторення').selectOption({ label: 'Щотижня' });
  await page.getByLabel('Скільки разів').fill('4');
  await page.getByText('Більше налаштувань').click();
  await page.getByLabel('Хто може долучитися').selectOption('public');
  await serious(page, 'the form');
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/\w+$/);
  first = new URL(page.url()).pathname;
  await page.getByText('Подія з серії: Щотижня, 4 рази').waitFor();
});

step('the month shows all four, the week one, the list all; the address keeps it', async () => {
  guest = await person(browser, server.url, inKyiv);
  const { page } = guest;
  await page.goto('/');
  await page.getByRole('link', { name: 'Календар' }).click();
  await page.getByRole('button', { name: 'Далі' }).click();
  const entries = page.locator('.cal-entry');
  await entries.first().waitFor();
  assert.equal(await entries.count(), 4);
  assert.match(await entries.first().innerText(), /18:00/);
  await serious(page, 'the month');
  await page.getByRole('button', { name: 'Тиждень' }).click();
  await page.waitForURL(/view=week/);
  await page.goto(`/calendar?view=week&at=${dayKey(startDay)}`);
  await entries.first().waitFor();
  assert.equal(await entries.count(), 1);
  await page.goto(`/calendar?view=list&at=${dayKey(startDay)}`);
  await entries.nth(3).waitFor();
  await page.reload();
  await entries.nth(3).waitFor();
  await page.goto(`/calendar?view=list&at=${dayKey(new Date(startDay.getTime() + 400 * DAY_MS))}`);
  await page.getByText('На цей час нічого не заплановано').waitFor();
});

step('one is moved alone, those from the third on are renamed and an hour later', async () => {
  const { page } = teacher;
  await page.goto(`/calendar?at=${dayKey(startDay)}`);
  await page.locator('.cal-entry a').nth(1).click();
  await page.getByRole('link', { name: 'Змінити' }).click();
  const next = new Date(startDay.getTime() + 8 * DAY_MS);
  await page.getByLabel('Дата й час початку').fill(`${dayKey(next)}T18:00`);
  await page.getByRole('button', { name: 'Зберегти' }).click();
  await page.getByText('Цю подію перенесено окремо від інших.').waitFor();

  await page.goto(`/calendar?at=${dayKey(startDay)}`);
  await page.locator('.cal-entry a').nth(2).click();
  await page.getByRole('link', { name: 'Змінити' }).click();
  await page.getByLabel('Назва').fill('Нова назва');
  const third = new Date(startDay.getTime() + 14 * DAY_MS);
  await page.getByLabel('Дата й час початку').fill(`${dayKey(third)}T19:00`);
  await page.getByRole('radio', { name: 'Цю і всі наступні' }).check();
  await serious(page, 'the change');
  await page.getByRole('button', { name: 'Зберегти' }).click();
  await page.getByRole('heading', { name: 'Нова назва' }).waitFor();

  await page.goto(`/calendar?view=list&at=${dayKey(startDay)}`);
  await page.locator('.cal-entry').nth(3).waitFor();
  const names = await page.locator('.cal-entry').allInnerTexts();
  assert.equal(names.filter((n) => n.includes('Нова назва') && n.includes('19:00')).length, 2, names.join('|'));
  assert.equal(names.filter((n) => n.includes('Гурток') && n.includes('18:00')).length, 2, names.join('|'));
});

step('one is called off: struck through for all, closed, and cancelled in its file', async () => {
  const { page } = teacher;
  await page.goto(`/calendar?at=${dayKey(startDay)}`);
  await page.locator('.cal-entry a').last().click();
  await page.getByRole('button', { name: 'Скасувати подію' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Скасувати подію' }).click();
  await page.getByText('Подію скасовано').first().waitFor();
  const path = new URL(page.url()).pathname;
  await guest.page.goto(path);
  await guest.page.getByText('Вона не відбудеться.', { exact: false }).waitFor();
  assert.equal(await guest.page.getByRole('link', { name: 'Увійти' }).count(), 1); // the sign-in alone
  await guest.page.goto(`${path}/join`);
  await guest.page.getByRole('heading', { name: 'Подію скасовано' }).waitFor();
  const ics = await (await fetch(`${server.url}/api/events${path.slice(2)}/event.ics`)).text();
  assert.ok(linesOf(ics).includes('STATUS:CANCELLED'));
});

step('the file of an event says when and where; its words come back whole', async () => {
  const { page } = guest;
  await page.goto(first);
  await page.getByText('До календаря').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /\.ics/ }).click()]);
  const lines = linesOf(readFileSync(await file.path(), 'utf8'));
  const at = `${dayKey(startDay).replaceAll('-', '')}T180000`;
  assert.ok(lines.includes(`DTSTART;TZID=Europe/Kyiv:${at}`), lines.join('\n'));
  assert.ok(lines.includes('SUMMARY:Гурток\\; «дроби»\\, частина 1'));
  assert.ok(lines.includes('STATUS:CONFIRMED') && lines.includes(`URL:${server.url}${first}`));
  assert.ok(lines.includes('BEGIN:VTIMEZONE') && lines.includes('TZID:Europe/Kyiv'));
});

step('whoever is in another zone reads his own time and the centre’s', async () => {
  const abroad = await person(browser, server.url, { timezoneId: 'America/New_York', locale: 'en-GB' });
  await abroad.page.goto(first);
  await abroad.page.getByText('by the centre’s clock (Europe/Kyiv)').waitFor();
  await abroad.page.getByText(/18:00 by the centre/).waitFor();
  await abroad.context.close();
});

step('a calendar to subscribe to is given, works without a sign-in, and is revoked', async () => {
  const { page } = teacher;
  await page.goto('/calendar');
  await page.getByRole('button', { name: 'Підписатися' }).click();
  await page.getByRole('button', { name: 'Створити адресу' }).click();
  const url = await page.getByLabel('Адреса календаря').inputValue();
  await serious(page, 'the subscription');
  const lines = linesOf(await (await fetch(url)).text());
  assert.equal(lines.filter((l) => l === 'BEGIN:VEVENT').length, 4);
  assert.equal(lines.filter((l) => l === 'STATUS:CANCELLED').length, 1);
  await page.getByRole('button', { name: 'Скасувати адресу' }).click();
  await page.getByRole('button', { name: 'Створити адресу' }).waitFor();
  assert.equal((await fetch(url)).status, 404);
  await page.keyboard.press('Escape');
});

step('the QR code is shown, black on white', async () => {
  const { page } = guest;
  await page.goto(first);
  await page.getByRole('button', { name: 'QR-код' }).click();
  const img = page.locator('img.qr');
  await img.waitFor();
  await page.waitForFunction(() => document.querySelector('img.qr')?.naturalWidth > 0);
  await serious(page, 'the QR code');
});

step('on a phone: a list, nothing sideways, every button for a thumb; by keyboard the month is walked', async () => {
  phone = await person(browser, server.url, { ...inKyiv, viewport: PHONE, hasTouch: true, isMobile: true });
  await phone.page.goto(`/calendar?at=${dayKey(startDay)}`);
  await phone.page.locator('.cal-list .cal-entry').nth(3).waitFor();
  await noSideways(phone.page, 'the list');
  assert.deepEqual(await tooSmall(phone.page), []);
  await serious(phone.page, 'the list on a phone');
  await phone.page.goto(first);
  await phone.page.getByRole('button', { name: 'QR-код' }).waitFor();
  await noSideways(phone.page, 'the event');
  assert.deepEqual(await tooSmall(phone.page), []);
  const { page } = guest;
  await page.goto(`/calendar?at=${dayKey(startDay)}`);
  await page.locator('.cal-entry a').first().focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/e\/\w+$/);
});

step('no page complained', () => assert.deepEqual([...teacher.problems, ...guest.problems, ...phone.problems], []));
