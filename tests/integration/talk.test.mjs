// What a class says beside the stage, by clicking: polls and quizzes, questions, reactions, the timer, the chat's finer
// ways. Who may see what is told to whom, a reload keeps it, and the lesson shows it at its time.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, PHONE, people, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { complaints, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, host, ann, bob, path;

/** What a narrow panel pushed out of itself, or cut off. */
const cutOff = (page) => page.evaluate(() => {
  const panel = document.querySelector('.panel-head')?.parentElement.getBoundingClientRect();
  return [...document.querySelectorAll('.panel-head button, .ask-head button')]
    .filter((b) => b.getBoundingClientRect().right > panel.right + 1 || b.scrollWidth > b.clientWidth + 1).map((b) => b.textContent || b.ariaLabel);
});

/** Nothing axe or a phone complains of; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
  assert.deepEqual(await cutOff(p.page), [], name);
}

const tab = (p, name) => p.page.locator('.panel-head').getByRole('button', { name: new RegExp(`^${name}`) }).click(); // a tab counts what is new behind its name

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Розмова');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await enter(ann.page, path, { name: 'Ганна' });
  await bob.page.goto(`${path}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('a quiz is made on the spot, by the keyboard, and answered', async () => {
  const { page } = host;
  await tab(host, 'Опитування');
  await page.getByRole('button', { name: 'Нове опитування' }).click();
  await page.getByLabel('Запитання').fill('Скільки буде 2 × 2?');
  await page.getByLabel('Варіант 1', { exact: true }).fill('3');
  await page.getByLabel('Варіант 2', { exact: true }).fill('4');
  await page.getByLabel('Варіант 2 правильний').check();
  await page.getByLabel('Балів за правильну відповідь').fill('5');
  await looked(host, 'poll-editor');
  await page.getByRole('button', { name: 'Запустити' }).focus();
  await page.keyboard.press('Enter');
  await ann.page.getByRole('button', { name: 'Відповісти' }).click();
  await ann.page.getByRole('radio', { name: '4' }).focus();
  await ann.page.keyboard.press('Space');
  await looked(ann, 'poll-answer-dark');
  await ann.page.keyboard.press('Enter');
  await ann.page.getByText('Відповідь прийнято').waitFor();
  await bob.page.getByRole('button', { name: 'Answer' }).tap();
  await bob.page.getByText('3', { exact: true }).tap();
  assert.deepEqual(await tooSmall(bob.page), []);
  await looked(bob, 'poll-answer-phone');
  await bob.page.locator('.poll').getByRole('button', { name: 'Answer' }).tap();
  await page.getByText('2 відповіді').waitFor();
  await looked(host, 'poll-live');
});

step('nobody sees the result before the host shows it; a reload keeps one’s answer', async () => {
  await host.page.getByRole('button', { name: 'Завершити опитування' }).click();
  await ann.page.getByText('Результат покаже ведучий').waitFor();
  assert.equal(await ann.page.locator('.poll-result').count(), 0);
  await host.page.getByRole('button', { name: 'Показати результат усім' }).click();
  await ann.page.getByText('Правильно! 5 балів').waitFor();
  await bob.page.getByText('Not this time.').waitFor();
  await host.page.getByRole('button', { name: 'Таблиця балів усім' }).click();
  await ann.page.locator('.scores li', { hasText: 'Ганна' }).waitFor();
  await looked(ann, 'poll-result-dark');
  await looked(bob, 'poll-result-phone');
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.room');
  await tab(ann, 'Опитування');
  await ann.page.getByText('Правильно! 5 балів').waitFor();
});

step('words without names are grouped; what is out of place is not shown', async () => {
  const { page } = host;
  await page.getByRole('button', { name: 'Нове опитування' }).click();
  await page.getByLabel('Вид').selectOption('words');
  await page.getByLabel('Запитання').fill('Одним словом: як вам?');
  await page.getByLabel('Без імен').check();
  await page.getByRole('button', { name: 'Запустити' }).click();
  await ann.page.getByLabel('Ваша відповідь').fill('Цікаво');
  await ann.page.keyboard.press('Enter');
  await bob.page.getByLabel('Your answer').fill('дурниця');
  await bob.page.locator('.poll').getByRole('button', { name: 'Answer' }).tap();
  await page.getByRole('button', { name: 'Не показувати: дурниця' }).click();
  await page.getByText('дурниця').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Завершити опитування' }).click();
  await page.getByRole('button', { name: 'Показати результат усім' }).click();
  await bob.page.locator('.poll-result', { hasText: 'Цікаво' }).waitFor();
  assert.equal(await bob.page.getByText('дурниця').count(), 0);
});

step('a question without a name is voted for, taken up and answered in words', async () => {
  await tab(ann, 'Питання');
  await ann.page.getByLabel('Ваше питання').fill('А якщо знаменник нуль?');
  await ann.page.getByLabel('Без імені').check();
  await ann.page.getByRole('button', { name: 'Запитати' }).focus();
  await ann.page.keyboard.press('Enter');
  await ann.page.locator('.ask', { hasText: 'ваше' }).waitFor();
  await tab(bob, 'Questions');
  const there = bob.page.locator('.ask', { hasText: 'знаменник' });
  await there.getByText('Anonymous').waitFor();
  await there.locator('.ask-vote').tap();
  await bob.page.locator('.ask-vote[aria-pressed=true]', { hasText: '1' }).waitFor();
  assert.deepEqual(await tooSmall(bob.page), []);
  await looked(bob, 'ask-phone');
  await tab(host, 'Питання');
  const asked = host.page.locator('.ask', { hasText: 'знаменник' });
  await asked.locator('.ask-vote', { hasText: '1' }).waitFor();
  assert.doesNotMatch(await asked.textContent(), /Ганна/);
  await asked.getByRole('button', { name: 'Відповідаємо зараз' }).click();
  await ann.page.getByText('відповідають зараз').waitFor();
  await looked(host, 'ask-live');
  await asked.getByRole('button', { name: 'Дії з питанням' }).click();
  await host.page.getByRole('menuitem', { name: 'Відповісти письмово' }).click();
  await asked.getByLabel('Відповідь', { exact: true }).fill('На нуль не ділять.');
  await asked.getByRole('button', { name: 'Відповісти всім' }).click();
  await ann.page.getByRole('button', { name: 'З відповіддю' }).click();
  await ann.page.locator('.ask-answer', { hasText: 'На нуль не ділять.' }).waitFor();
  await looked(ann, 'ask-answered-dark');
});

step('what is set aside is seen by hosts only, and a question goes into another', async () => {
  await bob.page.getByLabel('Your question').fill('Off topic?');
  await bob.page.getByRole('button', { name: 'Ask', exact: true }).tap();
  await host.page.locator('.ask', { hasText: 'Off topic?' }).getByRole('button', { name: 'Дії з питанням' }).click();
  await host.page.getByRole('menuitem', { name: 'Відхилити' }).click();
  await bob.page.locator('.ask', { hasText: 'Off topic?' }).waitFor({ state: 'detached' });
  await host.page.getByRole('button', { name: 'Відхилені' }).click();
  await host.page.locator('.ask', { hasText: 'Off topic?' }).waitFor();
});

step('a timer all see; applause in sum', async () => {
  const { page } = host;
  await page.getByRole('button', { name: 'Ведучому' }).click();
  await page.getByRole('menuitem', { name: 'Таймер' }).click();
  await page.getByLabel('Скільки хвилин').selectOption('3');
  await page.getByLabel('Що саме').fill('Вправа');
  await page.getByRole('dialog').getByRole('button', { name: 'Запустити' }).click();
  await ann.page.locator('.countdown', { hasText: 'Вправа' }).waitFor();
  await bob.page.locator('.countdown', { hasText: /2:5\d/ }).waitFor();
  await ann.page.getByRole('button', { name: 'Реакція' }).click();
  await ann.page.getByRole('menuitem', { name: 'Оплески' }).click();
  await bob.page.locator('.reactions', { hasText: '👏' }).waitFor();
  await looked(bob, 'timer-phone');
  await page.getByRole('button', { name: 'Зупинити таймер' }).click();
  await bob.page.locator('.countdown').waitFor({ state: 'detached' });
});

/** Waits until the field has this text: what is typed before would stand beside it. */
const holds = async (p, label, text) => {
  const field = await p.page.getByLabel(label, { exact: true }).elementHandle();
  await p.page.waitForFunction(([el, wanted]) => el.value === wanted, [field, text]);
};

step('the chat: an answer, a change, a pinned message, and what is for the hosts only', async () => {
  await tab(ann, 'Чат');
  await tab(host, 'Чат');
  await tab(bob, 'Chat');
  const act = async (p, line, menu, item) => {
    await p.page.locator('.chat-log .line', { hasText: line }).first().getByRole('button', { name: menu }).click(); // answers quote it
    await p.page.getByRole('menuitem', { name: item }).click();
  };
  const write = async (p, label, text) => {
    await p.page.getByLabel(label, { exact: true }).fill(text);
    await p.page.keyboard.press('Enter');
  };
  await write(ann, 'Повідомлення', 'Таємний одрук');
  await act(ann, 'Таємний одрук', /Дії з повідомленням/, 'Змінити');
  await holds(ann, 'Повідомлення', 'Таємний одрук');
  await write(ann, 'Повідомлення', 'Без одруку');
  await bob.page.locator('.chat-log .line', { hasText: 'Без одруку' }).getByText('edited').waitFor();
  await act(bob, 'Без одруку', /Message by/, 'Reply');
  await bob.page.getByLabel('Message', { exact: true }).fill('I agree');
  await bob.page.getByRole('button', { name: 'Send' }).tap();
  await ann.page.locator('.line-quote', { hasText: 'Ганна: Без одруку' }).waitFor();
  await act(host, 'Без одруку', /Дії з повідомленням/, 'Закріпити');
  await bob.page.locator('.chat-pin', { hasText: 'Без одруку' }).waitFor();
  await ann.page.getByLabel('Кому').selectOption('*');
  await write(ann, 'Повідомлення', 'Мені погано чути');
  await host.page.locator('.line.private', { hasText: 'Мені погано чути' }).waitFor();
  await looked(ann, 'chat-dark');
  await looked(bob, 'chat-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
  await write(host, 'Повідомлення', 'Усім видно');
  await bob.page.locator('.line', { hasText: 'Усім видно' }).waitFor();
  assert.equal(await bob.page.getByText('Мені погано чути').count(), 0);
  await bob.page.reload();
  await bob.page.waitForSelector('.room, .join');
  if (await bob.page.locator('.join').count()) await bob.page.locator('.join button[type=submit]').click();
  await bob.page.locator('.c-chat').click();
  await bob.page.locator('.line', { hasText: 'Усім видно' }).waitFor();
  assert.equal(await bob.page.getByText('Мені погано чути').count(), 0);
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'У чат пишуть лише ведучі' }).click();
  await bob.page.locator('.composer-to option', { hasText: 'Everybody' }).waitFor({ state: 'detached' });
});

step('the lesson shows it at its time', async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  const url = `${server.url}/media/${path.split('/').pop()}/timeline.jsonl`;
  const lines = await (await host.page.request.get(url)).text();
  assert.match(lines, /"poll_shown"/);
  assert.match(lines, /"reactions"/);
  assert.match(lines, /На нуль не ділять/);
  assert.doesNotMatch(lines, /poll_answer|"poll"|poll_tally|ask_vote|дурниця|Off topic|погано чути|Таємний одрук/);
  assert.match(lines, /Без одруку/);
  await host.page.locator('h1').first().click();
  await host.page.getByRole('button', { name: 'Дивитися' }).first().click();
  await host.page.keyboard.press('9');
  await host.page.locator('.replay', { hasText: 'Скільки буде 2 × 2?' }).waitFor();
  await host.page.locator('.replay', { hasText: 'На нуль не ділять.' }).waitFor();
  await looked(host, 'lesson');
});

step('no page complained', () => assert.deepEqual([host, ann, bob].map((p) => p.problems), [[], [], []]));
