// Registration as people use it: the host sets its terms, a guest registers and waits, another gives her place back and
// she moves up; a stranger is told what to do; the table; by letter to a real small mail server; on a phone, in English.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { enter, launch, people, person, PHONE, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';
import { sink } from './sink.mjs';

const step = steps(test);
let post, server, browser, teacher, olena, marta, path, mine;

after(async () => {
  await browser?.close();
  await server?.stop();
  await post?.close();
});

async function clean(page, name) {
  assert.deepEqual(await complaints(page), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways`);
}

step('the host turns registration on, for one place, with a question of his own', async () => {
  post = await sink();
  server = await start({
    args: ['--set', `mail.server=${post.url}`, '--set', 'mail.from=som@example.org', '--set', 'mail.starttls=no', '--set', 'http.public_url=https://live.example.org'],
  });
  browser = await launch();
  teacher = await person(browser, server.url);
  const { page } = teacher;
  await signIn(page, people.teacher);
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Майстер-клас');
  await page.getByRole('button', { name: 'Запланувати' }).click();
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'Реєстрація' }).click();
  await page.getByText('Ще ніхто не зареєструвався').waitFor();
  await page.getByLabel('Увійти можуть лише зареєстровані').check();
  await page.getByLabel('Скільки місць').fill('1');
  await page.getByRole('button', { name: 'Додати запитання' }).click();
  await page.getByLabel('Запитання', { exact: true }).fill('<b>З якого ви класу?</b>');
  await page.getByLabel('обовʼязкове').check();
  await clean(page, 'the terms');
  await page.getByRole('button', { name: 'Увімкнути реєстрацію' }).click();
  await page.getByRole('button', { name: 'Вимкнути реєстрацію' }).waitFor();
});

step('a guest registers, gets her letter, and may enter; a stranger is told what to do', async () => {
  olena = await person(browser, server.url);
  const { page } = olena;
  await page.goto(`${path}/join`);
  await page.getByRole('heading', { name: 'Ця подія для зареєстрованих' }).waitFor();
  await page.getByRole('link', { name: 'Зареєструватися' }).click();
  await page.getByText('Залишилося 1 місце.').waitFor();
  await page.getByRole('button', { name: 'Зареєструватися' }).click();
  await page.getByLabel('Ваше імʼя').fill('Олена');
  await page.getByLabel(/Електронна пошта/).fill('olena@example.org');
  await page.getByLabel('<b>З якого ви класу?</b>').fill('=1+1');
  await page.getByLabel(/^Згода/).check();
  await clean(page, 'the form');
  await page.getByRole('dialog').getByRole('button', { name: 'Зареєструватися' }).click();
  await page.getByText('Ви зареєстровані.').waitFor();
  const m = await post.until((p) => p.mails.find((x) => x.subject.startsWith('Реєстрацію підтверджено')), 'the confirmation');
  mine = /\/r\/\w+/.exec(m.parts['text/plain'])[0];
  await enter(page, path, { name: 'Олена' });
});

step('the next one waits, on a phone and in English', async () => {
  marta = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  const { page } = marta;
  await page.goto(path);
  await page.getByText('No place is free').waitFor();
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByLabel('Your name').fill('Marta');
  await page.getByLabel('<b>З якого ви класу?</b>').fill('7');
  await page.getByLabel(/^I agree/).check();
  await clean(page, 'the form on a phone');
  await page.getByRole('dialog').getByRole('button', { name: 'Register' }).click();
  await page.getByText('You are number 1 on the waiting list.', { exact: false }).waitFor();
  assert.deepEqual(await tooSmall(page), []);
  await page.goto(`${path}/join`);
  await page.getByRole('heading', { name: 'You are on the waiting list: you get in as soon as a place is free' }).waitFor();
});

step('a place that is given back, by the letter’s link, goes to her', async () => {
  const other = await person(browser, server.url);
  await other.page.goto(mine);
  await other.page.getByText('Ви зареєстровані.').waitFor();
  await clean(other.page, 'one’s own registration');
  await other.page.getByRole('button', { name: 'Скасувати участь' }).click();
  await other.page.getByRole('dialog').getByRole('button', { name: 'Скасувати участь' }).click();
  await other.page.getByText('Реєстрацію скасовано.').waitFor();
  await other.context.close();
  await marta.page.goto(path);
  await marta.page.getByText('You are registered.').waitFor();
});

step('the host sees them, with their answers as they were written, and has them as a table', async () => {
  const { page } = teacher;
  await page.goto(`${path}/registered`);
  await page.getByRole('heading', { name: 'Marta' }).waitFor();
  await page.getByText('<b>З якого ви класу?</b>: 7').waitFor();
  await clean(page, 'the list');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  const csv = readFileSync(await file.path(), 'utf8');
  assert.ok(csv.includes(`"'=1+1"`), csv);
  await page.getByRole('button', { name: 'Відмовити: Marta' }).click();
  await page.getByText('відмовлено').waitFor();
  await marta.page.goto(`${path}/join`);
  await marta.page.getByRole('heading', { name: 'You were not given a place in this event' }).waitFor();
});

step('no page complained', () => assert.deepEqual([...teacher.problems, ...olena.problems, ...marta.problems], []));
