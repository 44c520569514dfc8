// Registering for a whole series: the host says so for all dates on the page, a guest registers once and has one letter with
// the rule; one date gets a smaller room, one is missed, two are called off, and whoever is concerned is told once.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launch, people, person, PHONE, signIn, start, steps, toasted, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';
import { sink } from './sink.mjs';

const step = steps(test);
let post, server, browser, teacher, olena, marta, dates, mine, api;

after(async () => {
  await browser?.close();
  await server?.stop();
  await post?.close();
});

async function clean(page, name) {
  assert.deepEqual(await complaints(page), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways`);
}

const unfolded = (m) => m.parts['text/calendar'].replaceAll('\r\n ', '');
const letter = (who, part, n = 1) =>
  post.until((p) => p.mails.filter((m) => m.to.includes(`${who}@example.org`) && m.subject.includes(part))[n - 1], `${part} to ${who}`);
const count = (who, part) => post.mails.filter((m) => m.to.includes(`${who}@example.org`) && m.subject.includes(part)).length;

step('the host lets people register once for all six dates', async () => {
  post = await sink();
  server = await start({
    args: ['--set', `mail.server=${post.url}`, '--set', 'mail.from=som@example.org', '--set', 'mail.starttls=no', '--set', 'http.public_url=https://live.example.org'],
  });
  browser = await launch();
  teacher = await person(browser, server.url);
  const { page } = teacher;
  await signIn(page, people.teacher);
  api = (method, path, body) =>
    page.evaluate(async ({ method, path, body }) => {
      const csrf = (await (await fetch('/api/session')).json()).csrf;
      const r = await fetch(path, { method, headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: body ? JSON.stringify(body) : undefined });
      const text = await r.text();
      if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${text}`);
      return text ? JSON.parse(text) : null;
    }, { method, path, body });
  const at = Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3 * 86_400_000;
  const made = await api('POST', '/api/events', { title: 'Гурток програмування', access: 'public', starts_at: at, zone: 'Europe/Kyiv', repeat: { rule: 'FREQ=WEEKLY;COUNT=6' } });
  const all = await api('GET', `/api/calendar?from=${at - 1}&to=${at + 50 * 86_400_000}`);
  dates = all.events.map((e) => e.id);
  assert.equal(dates.length, 6);
  assert.equal(dates[0], made.event.id);
  await page.goto(`/e/${dates[0]}/registered`);
  await page.getByLabel('Один раз на всю серію').check();
  assert.ok(await page.getByLabel('Тільки цю подію').isDisabled(), 'it is said for all dates');
  assert.ok(await page.getByLabel('Усі майбутні події серії').isChecked());
  await clean(page, 'the terms of a series');
  await page.getByRole('button', { name: 'Увімкнути реєстрацію' }).click();
  await page.getByRole('button', { name: 'Вимкнути реєстрацію' }).waitFor();
  /* The third date is in a small room. */
  await page.goto(`/e/${dates[2]}/registered`);
  assert.ok(await page.getByLabel('Один раз на всю серію').isChecked());
  await page.getByLabel('Скільки місць').fill('1');
  await page.getByRole('button', { name: 'Зберегти' }).click();
  await toasted(page, 'Зміни збережено');
  const places = await Promise.all(dates.map(async (id) => (await api('GET', `/api/events/${id}`)).event.registration.capacity));
  assert.deepEqual(places, [0, 0, 1, 0, 0, 0]);
});

step('a guest registers once, and one letter brings the whole series into her calendar', async () => {
  olena = await person(browser, server.url);
  const { page } = olena;
  await page.goto(`/e/${dates[1]}`);
  await page.getByText('Реєстрація одразу на всю серію: 6 подій.').waitFor();
  await page.getByRole('button', { name: 'Зареєструватися' }).click();
  await page.getByLabel('Ваше імʼя').fill('Олена');
  await page.getByLabel(/Електронна пошта/).fill('olena@example.org');
  await page.getByLabel(/^Згода/).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Зареєструватися' }).click();
  await page.getByText('Ви зареєстровані.').waitFor();
  const m = await letter('olena', 'Реєстрацію підтверджено');
  mine = /\/r\/\w+/.exec(m.parts['text/plain'])[0];
  const ics = unfolded(m);
  assert.ok(ics.includes('\r\nRRULE:FREQ=WEEKLY;COUNT=6\r\n'), ics);
  assert.equal(ics.match(/BEGIN:VEVENT/g).length, 1);
  assert.match(ics, /ATTENDEE;CN="Олена"/);
  assert.equal(m.parts['text/plain'].match(/Europe\/Kyiv/g).length, 6, 'all dates are named');
});

step('the next one waits for the small room alone, on a phone and in English', async () => {
  marta = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  const { page } = marta;
  await page.goto(`/e/${dates[0]}`);
  await page.getByText('One registers for the whole series at once: 6 events.').waitFor();
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByLabel('Your name').fill('Marta');
  await page.getByLabel(/E-mail/).fill('marta@example.org');
  await page.getByLabel(/^I agree/).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Register' }).click();
  await page.getByText('You are registered.').waitFor();
  const m = await letter('marta', 'You are registered');
  assert.equal(unfolded(m).match(/\r\nEXDATE/g).length, 1);
  assert.ok(m.parts['text/plain'].includes('you are on the waiting list'));
  await page.getByRole('link', { name: 'My registration' }).click();
  await page.getByText('waiting', { exact: true }).waitFor();
  await clean(page, 'one’s dates on a phone');
  assert.deepEqual(await tooSmall(page), []);
});

step('she who misses a date gives her place there to the next, and keeps the others', async () => {
  const { page } = olena;
  await page.goto(mine);
  await page.getByRole('button', { name: 'Не прийду цього дня' }).nth(2).click();
  await page.getByText('скасовано', { exact: true }).waitFor();
  await clean(page, 'one’s dates');
  const gone = unfolded(await letter('olena', 'Участь скасовано'));
  assert.ok(gone.includes('METHOD:CANCEL') && gone.includes('\r\nRECURRENCE-ID'), gone);
  assert.equal(gone.match(/BEGIN:VEVENT/g).length, 1);
  const now = unfolded(await letter('marta', 'You are registered', 2));
  assert.ok(!now.includes('EXDATE'), now);
});

step('the host calls off the last two dates at once: one letter to each takes just these out', async () => {
  const { page } = teacher;
  await page.goto(`/e/${dates[4]}`);
  await page.getByRole('button', { name: 'Скасувати подію' }).click();
  await page.getByRole('dialog').getByLabel('Цю і всі наступні').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Скасувати подію' }).click();
  await page.getByText('Вона не відбудеться').waitFor();
  const m = await letter('marta', 'Called off');
  const ics = unfolded(m);
  assert.ok(ics.includes('METHOD:CANCEL'));
  assert.equal(ics.match(/\r\nRECURRENCE-ID/g).length, 2, ics);
  assert.equal(m.parts['text/plain'].match(/Europe\/Kyiv/g).length, 2);
  await letter('olena', 'Подію скасовано');
  await page.goto(`/e/${dates[0]}`);
  await page.getByRole('button', { name: 'Скасувати подію' }).click();
  await page.getByRole('dialog').getByLabel('Усі майбутні події серії').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Скасувати подію' }).click();
  const whole = unfolded(await letter('marta', 'Called off', 2));
  assert.ok(whole.includes('METHOD:CANCEL') && !whole.includes('RECURRENCE-ID'), whole);
  await letter('olena', 'Подію скасовано', 2);
  assert.equal(count('marta', 'Called off'), 2);
  await olena.page.goto(mine);
  await olena.page.getByText('Подію скасовано').first().waitFor();
});

step('no page complained', () => assert.deepEqual([...teacher.problems, ...olena.problems, ...marta.problems], []));
