// Every kind of question to the room, by clicking: several options, a scale, an order; a draft that is changed before it is
// put, points, a result that is shown and hidden again; and the lesson's results.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { button, lesson, tab, tools } from './classroom.mjs';
import { enter, launch, people, PHONE, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, path, shownAt;

async function looked(p, name) {
  await settled(p.page);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}
const poll = (p, text) => p.page.locator('li.poll', { hasText: text });
const bars = (p, text) => poll(p, text).locator('.poll-result').innerText();
async function make(kind, text, options = []) {
  await host.page.getByRole('button', { name: 'Нове опитування' }).click();
  await host.page.getByLabel('Вид').selectOption(kind);
  await host.page.getByLabel('Запитання').fill(text);
  for (const [i, o] of options.entries()) {
    if (i > 1) await host.page.getByRole('button', { name: 'Додати варіант' }).click();
    await host.page.getByLabel(`Варіант ${i + 1}`, { exact: true }).fill(o);
  }
}
const put = () => host.page.locator('.poll-editor').getByRole('button', { name: 'Запустити' }).click();
async function closeAndShow(text) {
  await poll(host, text).getByRole('button', { name: 'Завершити опитування' }).click();
  await poll(host, text).getByRole('button', { name: 'Показати результат усім' }).click();
}

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Опитування');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: false });
  await button(host, 'Почати').click();
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await enter(ann.page, path, { name: 'Ганна' });
  await bob.page.goto(`${path}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
  await tab(host, 'Опитування');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('a draft is nobody’s but the host’s, is changed, and then put; several right answers make the points', async () => {
  await make('multiple', 'Які прості?', ['2', '3', '4']);
  for (const n of [1, 2]) await host.page.getByLabel(`Варіант ${n} правильний`).check();
  await host.page.getByLabel('Балів за правильну відповідь').fill('3');
  await host.page.getByRole('button', { name: 'Зберегти чернетку' }).click();
  const draft = poll(host, 'Які прості?');
  await draft.getByText('Чернетка').waitFor();
  assert.equal(await ann.page.getByRole('button', { name: 'Відповісти' }).count(), 0);
  await draft.getByRole('button', { name: 'Змінити' }).click();
  await host.page.getByLabel('Запитання').fill('Які числа прості?');
  await put();
  await ann.page.getByRole('button', { name: 'Відповісти' }).click();
  for (const name of ['2', '3']) await ann.page.getByRole('checkbox', { name, exact: true }).check();
  await poll(ann, 'числа прості').getByRole('button', { name: 'Відповісти' }).click();
  await ann.page.getByText('Відповідь прийнято').waitFor();
  await bob.page.getByRole('button', { name: 'Answer' }).tap();
  await bob.page.getByText('4', { exact: true }).tap();
  assert.deepEqual(await tooSmall(bob.page), []);
  await poll(bob, 'числа прості').getByRole('button', { name: 'Answer' }).tap();
  await host.page.getByText('2 відповіді').waitFor();
  await closeAndShow('числа прості');
  await ann.page.getByText('Правильно! 3 бали').waitFor();
  await bob.page.getByText('Not this time.').waitFor();
  await poll(host, 'числа прості').getByRole('button', { name: 'Сховати результат' }).click();
  await poll(ann, 'числа прості').locator('.poll-result').waitFor({ state: 'detached' });
  await poll(host, 'числа прості').getByRole('button', { name: 'Показати результат усім' }).click();
  await poll(ann, 'числа прості').locator('.poll-result').waitFor();
});

step('a scale is answered, and the answer changed', async () => {
  await make('scale', 'Наскільки зрозуміло?');
  await host.page.getByLabel('Позначки шкали').selectOption('5');
  await put();
  const mine = poll(ann, 'Наскільки');
  await mine.getByRole('radio', { name: '2', exact: true }).check();
  await mine.getByRole('button', { name: 'Відповісти' }).click();
  await mine.getByText('Відповідь прийнято').waitFor();
  await mine.getByRole('radio', { name: '5', exact: true }).check();
  await mine.getByRole('button', { name: 'Змінити відповідь' }).click();
  await poll(bob, 'Наскільки').getByText('4', { exact: true }).tap();
  await poll(bob, 'Наскільки').getByRole('button', { name: 'Answer' }).tap();
  await poll(host, 'Наскільки').getByText('2 відповіді').waitFor();
  await looked(ann, 'poll-scale-dark');
  await closeAndShow('Наскільки');
  await poll(bob, 'Наскільки').locator('.poll-result').waitFor();
  assert.match(await bars(bob, 'Наскільки'), /4 · your answer\s+1 \(50%\)\s+5\s+1 \(50%\)/);
  assert.doesNotMatch(await bars(bob, 'Наскільки'), /^2\s+[1-9]/m);
});

step('an order is made by keys and by finger', async () => {
  await make('rank', 'Що спершу?', ['Книга', 'Фільм', 'Театр']);
  await put();
  const mine = poll(ann, 'Що спершу?'), his = poll(bob, 'Що спершу?');
  await mine.getByRole('button', { name: 'Вище: Театр' }).focus();
  await ann.page.keyboard.press('Enter');
  await mine.getByRole('button', { name: 'Вище: Театр' }).focus();
  await ann.page.keyboard.press('Enter');
  assert.match(await mine.locator('.poll-rank').innerText(), /Театр[^]*Книга[^]*Фільм/);
  await mine.getByRole('button', { name: 'Відповісти' }).click();
  await his.getByRole('button', { name: 'Move up: Театр' }).tap();
  await looked(bob, 'poll-rank-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
  await his.getByRole('button', { name: 'Answer' }).tap();
  await poll(host, 'Що спершу?').getByText('2 відповіді').waitFor();
  await closeAndShow('Що спершу?');
  await his.locator('.poll-result').waitFor();
  shownAt = Date.now();
  await looked(bob, 'poll-ranked-phone');
  await bob.page.waitForTimeout(2000); /* looked at for a while: that long the lesson shows it, too */
  /* The best of three gets 3: book 2 + 3, film 1 + 1, theatre 3 + 2. */
  assert.match(await bars(bob, 'Що спершу?'), /Книга\s+5 points\s+Фільм\s+2 points\s+Театр\s+5 points/);
});

step('the lesson has what was shown', async () => {
  await tools(host, 'Завершити для всіх');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  const { at } = await lesson(host, server.data, path.split('/').pop());
  await at(shownAt + 1000);
  for (const text of ['Які числа прості?', 'Наскільки зрозуміло?', 'Що спершу?']) await host.page.locator('.replay li.poll', { hasText: text }).locator('.poll-result').waitFor();
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
