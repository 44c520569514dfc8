// A whole class in one piece: a host, a co-host, two speakers, five who listen, an interpreter and one who comes late on a
// phone use what a room has, each loses the network once, the server is killed in the middle; nothing that was
// acknowledged is lost, all have the same, and the lesson shows it at the seconds at which the class saw it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AGREE_MS, AT_TABLE, button, choose, deck, each, has, idOf, lesson, linesOf, lit, marksOn, onPage, sameChat, stroke, tab, tools, turn, write,
} from './classroom.mjs';
import { inStep, stands, until, where } from './films.mjs';
import { addPeople, enter, hop, launch, listen, makeData, PATIENCE_MS, PHONE, people, person, run, serve, signIn, steps, watch } from './lib.mjs';
import { hears, sings } from './voices.mjs';

const step = steps(test);
/* Two who will speak, five who listen, one who interprets. */
const guests = ['Марічка', 'Андрій', 'Софія', 'Левко', 'Ганна', 'Тарас', 'Олена', 'Ірина'];
/* What the host's microphone, the interpreter's and the co-host's sound like. */
const HOST = 440, IRYNA = 880, IVAN = 1320, TONES = [HOST, IRYNA, IVAN];
/* On a busy machine lines look thin for a while, and pictures are left out, which the page says, until they are not. */
const PICTURE = { frames: 2, timeout: 3 * PATIENCE_MS };
const CAPTION = 'Двічі по два – це чотири.';
let place, server, browser, host, cohost, late, path, id;
let marichka, andriy, sofia, levko, hanna, taras, olena, iryna;
const all = []; // who is in the room, the host first
const hops = new Map();
const seenAt = new Map(); // when the class saw a thing, by its name
let film; // when the class saw which second of it

const saw = (what) => seenAt.set(what, Date.now());
/** It is looked at for a while: as long as that the lesson has to show it. */
const linger = () => host.page.waitForTimeout(4 * AGREE_MS);

/** A person behind a line of his own that can be cut. */
async function someone(name, options) {
  const line = await hop(server.url);
  const p = { ...(await person(browser, line.url, options)), name };
  hops.set(p, line);
  return p;
}

before(async () => {
  place = makeData();
  run(['demo', '--data', place.data]); /* there is a lesson in the catalogue */
  addPeople(place.data);
  server = await serve(place.data);
  /* Eleven people share two cores with their server: small pictures, and few of them. */
  browser = await launch({ flags: ['--use-fake-device-for-media-stream=fps=5'] });
  host = await someone(people.teacher.name);
  await sings(host, HOST);
});

after(async () => {
  await browser?.close();
  for (const h of hops.values()) await h.close();
  await server?.stop();
  place?.remove();
});

step('an event is made, a co-host invited; the class waits at the door, the hosts are in the green room', async () => {
  const { page } = host;
  await signIn(page, people.teacher);
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Повний урок');
  await page.getByRole('radio', { name: 'Інтерактивне заняття' }).check();
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(page.url()).pathname;
  id = path.split('/').pop();
  const invited = await page.evaluate(async ([event, email]) => {
    const { csrf } = await (await fetch('/api/session')).json();
    const r = await fetch(`/api/events/${event}/people`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
      body: JSON.stringify({ email, role: 'cohost' }) });
    return r.status;
  }, [id, people.learner.email]);
  assert.equal(invited, 201);
  await enter(page, path, { mic: true, camera: true });
  cohost = await someone(people.learner.name);
  await sings(cohost, IVAN);
  await signIn(cohost.page, people.learner);
  await enter(cohost.page, path, { mic: false, camera: false });
  await watch(cohost.page, '.person video', { frames: 5 });
  all.push(host, cohost);
  const students = await each(guests, (name) => someone(name));
  [marichka, andriy, sofia, levko, hanna, taras, olena, iryna] = students;
  await sings(iryna, IRYNA);
  for (let i = 0; i < students.length; i += 2) {
    await each(students.slice(i, i + 2), async (p) => {
      await enter(p.page, path, { name: p.name, mic: false, camera: false });
      await p.page.getByText('Ведучий зараз вас впустить').waitFor();
    });
  }
  all.push(...students);
  await host.page.locator('.panel-head').getByRole('button', { name: /^Люди/ }).click();
  await cohost.page.locator('.c-people').click();
  await cohost.page.getByRole('button', { name: 'Впустити всіх' }).click();
  await each(all.slice(2), (p) => p.page.waitForSelector('.room'));
  await button(host, 'Почати').click();
});

step('all see and hear the host; the recording is switched on and said to all', async () => {
  for (const p of all.slice(1)) await watch(p.page, '.person video', { frames: 3 });
  for (const p of all.slice(1, 4)) assert.ok((await listen(p.page)) > 0.05, `${p.name} hears nothing`);
  await tools(host, 'Увімкнути запис');
  await each(all, (p) => p.page.waitForSelector('.rec'));
  await button(host, 'Вимкнути камеру').click();
});

step('everybody writes; all have the same in the same order', async () => {
  await each([host, cohost], (p) => tab(p, 'Чат'));
  await each(all, (p) => write(p, `Вітаю, я ${p.name}`));
  await each(all, (p) => has(p, all.map((q) => `Вітаю, я ${q.name}`)));
  saw('chat');
  await sameChat(all);
});

step('two raise a hand, are called on in turn, and are heard', async () => {
  await button(andriy, 'Підняти руку').click();
  await button(andriy, 'Опустити руку').waitFor();
  await button(marichka, 'Підняти руку').click();
  await tab(host, 'Люди');
  await host.page.locator('.someone.raised').nth(1).waitFor();
  const queue = host.page.locator('.someone.raised .someone-name > span:first-child');
  assert.deepEqual(await queue.allTextContents(), ['Андрій', 'Марічка']);
  await button(host, 'Вимкнути мікрофон').click();
  for (const p of [andriy, marichka]) {
    await host.page.locator('.someone', { hasText: p.name }).getByRole('button', { name: 'Опустити руку' }).click();
    await button(p, 'Підняти руку').waitFor();
    const mic = p.page.locator('.c-mic:not([aria-disabled])');
    await mic.click();
    await p.page.locator('.c-mic[aria-pressed=true]').waitFor();
    assert.ok((await listen(sofia.page)) > 0.05, `${p.name} is not heard`);
    await mic.click();
    await p.page.locator('.c-mic[aria-pressed=false]').waitFor();
  }
});

step('two are made speakers: both are seen, one shows a screen with its sound, the other a second camera', async () => {
  const others = (p) => all.filter((q) => q !== p);
  for (const p of [marichka, andriy]) {
    await choose(host, `Дії: ${p.name}`, 'Зробити доповідачем');
    await turn(p, '.c-camera', true);
  }
  for (const p of [marichka, andriy]) {
    const picture = `.person[data-who="${await idOf(host, p)}"] video`;
    await each(others(p), (q) => watch(q.page, picture, PICTURE));
  }
  saw('cameras');
  await linger();
  await each([marichka, andriy], (p) => turn(p, '.c-camera', false));
  await turn(marichka, '.c-screen', true);
  await each(others(marichka), (q) => watch(q.page, '.screen:not(.content) video', PICTURE));
  saw('screen');
  assert.ok((await listen(sofia.page)) > 0.05, 'the sound of the screen');
  await linger();
  await choose(host, `Дії: ${marichka.name}`, 'Припинити показ екрана');
  await each(others(marichka), (q) => q.page.locator('.screen').waitFor({ state: 'detached' }));
  saw('no screen');
  await linger();
  await choose(andriy, 'Ще', 'Друга камера');
  await each(others(andriy), (q) => watch(q.page, '[data-source="content"] video', PICTURE));
  saw('content');
  await linger();
  await choose(andriy, 'Ще', 'Вимкнути другу камеру');
  await each(others(andriy), (q) => q.page.locator('[data-source="content"]').waitFor({ state: 'detached' }));
  saw('no content');
});

step('a speaker types captions, and who wants them reads them', async () => {
  await choose(andriy, 'Ще', 'Писати субтитри');
  const field = andriy.page.getByLabel('Текст субтитрів');
  await field.pressSequentially('Двічі по');
  const readers = [sofia, levko, cohost];
  await each(readers, (p) => p.page.locator('.cc-btn').click());
  await field.fill(CAPTION);
  await field.press('Enter');
  await each(readers, (p) => p.page.locator('.cc-room').getByText(CAPTION).waitFor());
  saw('caption');
  assert.equal(await hanna.page.locator('.cc-room').count(), 0, 'off until they are turned on');
  await tab(andriy, 'Чат');
});

step('a poll, a question, applause and a timer', async () => {
  const { page } = host;
  await tab(host, 'Опитування');
  await page.getByRole('button', { name: 'Нове опитування' }).click();
  await page.getByLabel('Запитання').fill('Скільки буде 2 × 2?');
  await page.getByLabel('Варіант 1', { exact: true }).fill('3');
  await page.getByLabel('Варіант 2', { exact: true }).fill('4');
  await page.getByRole('button', { name: 'Запустити' }).click();
  for (const p of all.slice(2)) {
    await button(p, 'Відповісти').click();
    await p.page.getByRole('radio', { name: p === andriy ? '3' : '4' }).check();
    await p.page.locator('.poll').getByRole('button', { name: 'Відповісти' }).click();
    await p.page.getByText('Відповідь прийнято').waitFor();
  }
  await page.getByText(`${guests.length} відповідей`).waitFor();
  await page.getByRole('button', { name: 'Завершити опитування' }).click();
  await page.getByRole('button', { name: 'Показати результат усім' }).click();
  await each(all.slice(2), (p) => p.page.locator('.poll-result').waitFor());
  saw('poll');
  await tab(sofia, 'Питання');
  await sofia.page.getByLabel('Ваше питання').fill('А чому саме стільки?');
  await sofia.page.getByRole('button', { name: 'Запитати' }).click();
  await tab(hanna, 'Питання');
  await hanna.page.locator('.ask', { hasText: 'А чому саме' }).locator('.ask-vote').click();
  await tab(host, 'Питання');
  const ask = page.locator('.ask', { hasText: 'А чому саме' });
  await ask.locator('.ask-vote', { hasText: '1' }).waitFor();
  await ask.getByRole('button', { name: 'Дії з питанням' }).click();
  await page.getByRole('menuitem', { name: 'Відповісти письмово' }).click();
  await ask.getByLabel('Відповідь', { exact: true }).fill('Бо двічі по два.');
  await ask.getByRole('button', { name: 'Відповісти всім' }).click();
  await hanna.page.getByRole('button', { name: 'З відповіддю' }).click();
  await hanna.page.locator('.ask-answer', { hasText: 'Бо двічі по два.' }).waitFor();
  saw('ask');
  await button(marichka, 'Реакція').click();
  /* It is shown for four seconds, which a busy machine may take to look. */
  await sofia.page.evaluate(() => {
    const seen = () => (window.applause ||= [...document.querySelectorAll('.reactions')].some((r) => r.textContent.includes('👏')));
    new MutationObserver(seen).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await marichka.page.getByRole('menuitem', { name: 'Оплески' }).click();
  await sofia.page.waitForFunction(() => window.applause);
  await tools(host, 'Таймер');
  await page.getByLabel('Скільки хвилин').selectOption('3');
  await page.getByRole('dialog').getByRole('button', { name: 'Запустити' }).click();
  await each(all, (p) => p.page.locator('.countdown').waitFor());
  await page.getByRole('button', { name: 'Зупинити таймер' }).click();
  await each(all, (p) => p.page.locator('.countdown').waitFor({ state: 'detached' }));
});

step('slides with ink, a board drawn on by many, notes written by two', async () => {
  const { page } = host;
  await tools(host, 'Слайди');
  await page.setInputFiles('dialog input[type=file]', { name: 'Урок.pdf', mimeType: 'application/pdf', buffer: deck() });
  await page.getByRole('dialog').getByText('2 сторінки').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Показати всім' }).click();
  await each(all, (p) => onPage(p, 1));
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowRight');
  await each(all, (p) => onPage(p, 2));
  saw('slide');
  for (const [name, layout] of [['Лише екран', 'screen'], ['Слайди й доповідач', 'slides']]) {
    await choose(hanna, 'Ще', 'Вигляд');
    await hanna.page.getByRole('radio', { name, exact: true }).check();
    await hanna.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
    await hanna.page.waitForSelector(`[data-layout="${layout}"] .front .slide-page[data-page="2"]`);
  }
  await button(host, 'Малювати').click();
  await stroke(host, '.ink-hand', [0.2, 0.2], [0.6, 0.4]);
  await each(all, (p) => p.page.waitForSelector('.ink-layer g[data-mark] path', { state: 'attached' }));
  saw('ink');
  await linger();
  await tools(host, 'Слайди');
  await page.getByRole('dialog').getByRole('button', { name: 'Нова дошка' }).click();
  await each(all, (p) => p.page.waitForSelector('.board svg'));
  saw('board');
  await button(host, 'Малюють усі').click();
  const drawers = [host, ...all.slice(2, 5)];
  for (const [i, p] of drawers.entries()) {
    const draw = button(p, 'Малювати');
    await draw.waitFor();
    if ((await draw.getAttribute('aria-pressed')) !== 'true') await draw.click();
    await p.page.waitForSelector('.board.ink-hand');
    await stroke(p, '.board', [0.2 + 0.15 * i, 0.3], [0.3 + 0.15 * i, 0.6]);
  }
  await each(all, (p) => marksOn(p, drawers.length));
  saw('strokes');
  await linger();
  await tab(host, 'Нотатки');
  await host.page.locator('.notes-field').click();
  await page.keyboard.type('Від ведучої\n');
  await hanna.page.locator('.panel-head').getByRole('button', { name: 'Нотатки' }).click();
  await hanna.page.waitForFunction(() => document.querySelector('.notes-field')?.value.includes('Від ведучої'));
  await hanna.page.locator('.notes-field').press('Control+End');
  await hanna.page.keyboard.type('і від Ганни\n');
  await page.waitForFunction(() => document.querySelector('.notes-field').value.includes('і від Ганни'));
});

step('a lesson of the catalogue is watched by all in step, and stands for all where it is stopped', async () => {
  const { page } = host;
  const { title } = await page.evaluate(async () => (await (await fetch('/api/catalogue')).json()).lessons[0]);
  await tools(host, 'Відео');
  await page.getByLabel('Знайти урок у каталозі').fill(title.split(' ')[0]);
  await page.getByRole('button', { name: `Показати всім: ${title}` }).click();
  await each(all, (p) => p.page.waitForSelector('.film-picture video'));
  await inStep('it plays', ...all);
  /* It is short, and may have come to its end by now. */
  const pause = button(host, 'Пауза для всіх'), play = button(host, 'Грати для всіх');
  if (await pause.count()) await pause.click({ timeout: 2000 }).catch(() => undefined);
  await play.waitFor();
  await each(all, (p) => stands(p, true));
  await page.getByRole('slider', { name: 'Перемотати для всіх' }).fill('3');
  await until('all stand at the same second', async () => {
    const s = await where(...all);
    return s.every((x) => Math.abs(x - 3) < 0.1) ? true : s;
  });
  film = { standsAt: Date.now() };
  await linger();
  await play.click();
  await until('it goes on', async () => {
    const [s] = await where(host);
    film = { ...film, playsAt: Date.now(), s };
    return s > 3.5 ? true : s;
  });
  await inStep('they go on', ...all);
  await linger();
  await button(host, 'Закінчити показ').click();
  await each(all, (p) => p.page.locator('.film').waitFor({ state: 'detached' }));
  await each(all, (p) => p.page.waitForSelector('.board svg'));
});

step('tables by chance, words that stay there, and back together', async () => {
  const { page } = host;
  await tools(host, 'Столи');
  await page.getByLabel('Столів', { exact: true }).last().fill('2');
  await button(host, 'Поставити 2 столи').click();
  await button(host, 'Відкрити столи').click();
  await each(all.slice(2), (p) => p.page.locator('.table-card').waitFor());
  const seats = await each(all.slice(2), (p) => p.page.locator('.table-card h2').first().textContent());
  assert.equal(new Set(seats).size, 2, String(seats));
  const mates = all.slice(2).filter((_, i) => seats[i] === seats[0]);
  const others = all.slice(2).filter((_, i) => seats[i] !== seats[0]);
  await each([mates[0], mates[1]], (p) => tab(p, 'Чат'));
  await each(others, (p) => tab(p, 'Чат'));
  await write(mates[0], AT_TABLE);
  await has(mates[1], [AT_TABLE]);
  for (const p of others) assert.ok(!(await linesOf(p)).includes(AT_TABLE), p.name);
  await button(host, 'Зібрати всіх').click();
  await each(all.slice(2), (p) => p.page.locator('.table-card').waitFor({ state: 'detached' }));
});

step('order: a role is stopped for a while, a line is reported and deleted', async () => {
  const { page } = host;
  await each(all, (p) => tab(p, 'Чат'));
  await write(taras, 'Купуйте слонів!');
  const line = olena.page.locator('.line', { hasText: 'слонів' });
  await line.getByRole('button', { name: /Тарас/ }).click();
  await olena.page.getByRole('menuitem', { name: 'Поскаржитися ведучим' }).click();
  await tab(host, 'Люди');
  await page.locator('.report', { hasText: 'слонів' }).getByRole('button', { name: 'Видалити повідомлення' }).click();
  await line.waitFor({ state: 'detached' });
  await tools(host, 'Що можна учасникам');
  const dialog = page.getByRole('dialog', { name: 'Що можна учасникам' });
  await dialog.getByLabel('Піднімати руку').click();
  await sofia.page.locator('.c-hand[aria-disabled=true]').waitFor();
  await dialog.getByLabel('Піднімати руку').click();
  await sofia.page.locator('.c-hand:not([aria-disabled=true])').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

step('who chose a language hears the interpreter over a lowered room; interpreters hand over; the room hears none of it', async () => {
  const { page } = host;
  await turn(host, '.c-mic', true);
  await tools(host, 'Переклад');
  await page.getByLabel('Додати мову').selectOption('en');
  for (const { name } of [iryna, cohost]) {
    await page.getByLabel('Призначити перекладача').selectOption({ label: name });
    await page.getByRole('group', { name }).getByLabel('Англійська').click();
    await page.getByRole('group', { name }).locator('input:checked').waitFor();
  }
  await page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  await button(iryna, 'В ефір').click();
  await iryna.page.locator('.booth.on-air').waitFor();
  await button(levko, 'Мова: Зала').click();
  await levko.page.getByRole('radio', { name: 'Англійська' }).check();
  await levko.page.getByRole('slider', { name: /Гучність зали/ }).fill('10');
  await levko.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  await hears(levko, { [HOST]: 0.1, [IRYNA]: 1 }, TONES);
  await hears(sofia, { [HOST]: 1 }, TONES);
  await turn(cohost, '.c-mic', true);
  await button(iryna, `Передати: ${cohost.name}`).click();
  await hears(levko, { [HOST]: 0.1, [IVAN]: 1 }, TONES);
  await hears(sofia, { [HOST]: 1 }, TONES);
  await button(iryna, 'Перейняти ефір').click();
  await hears(levko, { [HOST]: 0.1, [IRYNA]: 1 }, TONES);
  await turn(cohost, '.c-mic', false);
});

step('each loses the network once: told, back by itself, and nothing missed', async () => {
  await tab(host, 'Чат');
  const sent = [];
  for (const [i, p] of all.entries()) {
    const line = hops.get(p);
    line.cut();
    await p.page.getByText('Зʼєднання зникло, відновлюємо').first().waitFor();
    const text = `без ${i}`;
    await write(all[(i + 1) % all.length], text);
    await write(p, `від ${i} тим часом`);
    line.restore();
    sent.push(text, `від ${i} тим часом`);
  }
  await each(all, (p) => has(p, sent));
  await each(all, (p) => p.page.locator('.unsent').first().waitFor({ state: 'detached' }));
});

step('the server is killed while all write: what was acknowledged is there, once, for everybody', async () => {
  const listenAt = new URL(server.url).host;
  await each(all, (p) => write(p, `перед ударом ${p.name}`));
  await each([host, cohost], (p) => has(p, [`перед ударом ${host.name}`]));
  const acknowledged = await each(all, (p) => p.page.evaluate((t) =>
    [...document.querySelectorAll('.chat-log .line:not(.unsent) .linked')].some((l) => l.textContent === t), `перед ударом ${p.name}`));
  await server.kill();
  await each(all, (p) => write(p, `без сервера ${p.name}`));
  server = await serve(place.data, { listen: listenAt });
  await each(all, (p) => has(p, all.flatMap((q) => [`перед ударом ${q.name}`, `без сервера ${q.name}`])));
  const chat = (await sameChat(all.slice(2))).filter((t) => t.startsWith('перед ударом'));
  assert.equal(chat.length, all.length);
  assert.ok(acknowledged.some(Boolean));
  assert.ok(all.every((p, i) => !acknowledged[i] || chat.includes(`перед ударом ${p.name}`)));
  /* Who was heard in which language is, too. */
  await hears(levko, { [HOST]: 0.1, [IRYNA]: 1 }, TONES);
  await hears(sofia, { [HOST]: 1 }, TONES);
});

step('late, on a phone: the board, the chat, the sound and its languages are there at once', async () => {
  late = await someone('Пізня', { viewport: PHONE, hasTouch: true, isMobile: true });
  await enter(late.page, path, { name: late.name, mic: false, camera: false });
  await tab(host, 'Люди');
  await host.page.getByRole('button', { name: `Впустити: ${late.name}` }).click();
  await late.page.waitForSelector('.board svg');
  await marksOn(late, 4);
  await late.page.locator('.c-chat').tap();
  await has(late, ['Вітаю, я Марічка', 'без 0', `без сервера ${host.name}`]);
  await late.page.locator('.panel-head').getByRole('button', { name: 'Закрити' }).click();
  await hears(late, { [HOST]: 1 }, TONES);
  await button(late, 'Мова: Зала').tap();
  await late.page.getByRole('radio', { name: 'Англійська' }).check();
  await late.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().tap();
  await hears(late, { [HOST]: 0.2, [IRYNA]: 1 }, TONES);
  all.push(late);
});

let replay, at;

step('the lesson has what all have seen, when they saw it, and nothing of what was for some', async () => {
  await tools(host, 'Завершити для всіх');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await each(all, (p) => p.page.getByRole('heading', { name: 'Подію завершено' }).first().waitFor());
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  replay = await lesson(host, place.data, id);
  const { log } = replay;
  assert.doesNotMatch(JSON.stringify(log), /слонів|лише за нашим столом/);
  const source = (what, on) => log.find((l) => l.type === 'source' && l.source === what && l.on === on && l.at > seenAt.get('chat'));
  at = {
    chat: log.filter((l) => l.type === 'chat' && l.text.startsWith('Вітаю')).at(-1),
    cameras: source('camera', true),
    screen: source('screen', true),
    content: source('content', true),
    caption: log.find((l) => l.type === 'caption' && l.text === CAPTION),
    poll: log.find((l) => l.type === 'poll_shown'),
    question: log.find((l) => l.text === 'А чому саме стільки?'),
    ask: log.find((l) => l.text === 'Бо двічі по два.'),
    slide: log.find((l) => l.type === 'slide' && l.page === 2),
    ink: log.find((l) => l.type === 'ink'),
    board: log.filter((l) => l.type === 'slide').at(-1),
    strokes: log.filter((l) => l.type === 'ink').at(-1),
  };
  for (const [what, e] of Object.entries(at)) {
    assert.ok(e, `the lesson has no ${what}`);
    if (!seenAt.has(what)) continue;
    const late_ = seenAt.get(what) - e.at;
    assert.ok(late_ > -50 && late_ < 20_000, `${what}: ${late_} ms`);
  }
});

step('its page shows what was said and asked at those seconds, and not before', async () => {
  const said = (text) => host.page.locator('.replay', { hasText: text });
  await replay.at(at.poll.at - 2 * AGREE_MS);
  await said('Вітаю, я Марічка').waitFor(); /* the replay stands at that second */
  assert.equal(await host.page.locator('.replay .poll-result').count(), 0, 'the result before it was shown');
  await replay.at(at.poll.at + AGREE_MS);
  await host.page.locator('.replay .poll-result').waitFor();
  await replay.at(at.question.at - AGREE_MS);
  await said('Вітаю, я Марічка').waitFor();
  assert.equal(await said('А чому саме').count(), 0, 'a question before it was asked');
  await replay.at(seenAt.get('ink') + AGREE_MS);
  await said('Бо двічі по два.').waitFor();
  /* What was said around the kill, at the time of the second take. */
  const last = replay.log.filter((l) => l.type === 'chat' && l.text.startsWith('без сервера')).at(-1);
  await replay.at(last.at + AGREE_MS);
  await said(last.text).waitFor();
  /* A line of captions stands from its first letter on. */
  const typed = at.caption.at - (at.caption.ago ?? 0);
  await replay.at(typed + AGREE_MS / 2);
  await button(host, 'Субтитри').click();
  await host.page.getByRole('menuitemradio', { name: 'українська' }).click();
  await host.page.locator('.pictures .cc').getByText(CAPTION).waitFor();
  await replay.at(typed - AGREE_MS);
  await host.page.locator('.pictures .cc').waitFor({ state: 'attached' });
  assert.doesNotMatch(await host.page.locator('.pictures .cc').textContent(), new RegExp(CAPTION));
});

step('and so it does what was shown: cameras, the screen, the second camera, slides, the board, the film', async () => {
  const slide = host.page.locator('.lesson-slide .slide-page[data-page="2"]'), strokes = host.page.locator('.lesson-slide .board g[data-mark]');
  const side = (shown) => host.page.waitForFunction((is) => (document.querySelector('.picture-screen')?.hidden === false) === is, shown);
  await replay.at(seenAt.get('cameras') + AGREE_MS);
  await lit(host, '.picture-main');
  await side(false);
  for (const what of ['screen', 'content']) {
    await replay.at(seenAt.get(what) + AGREE_MS);
    await lit(host, '.picture-screen').catch((e) => assert.fail(`${what}: ${e.message}`));
    await replay.at(seenAt.get(`no ${what}`) + AGREE_MS);
    await side(false);
  }
  await replay.at(seenAt.get('ink') + AGREE_MS);
  await slide.waitFor();
  await host.page.waitForSelector('.lesson-slide .ink-layer g[data-mark] path', { state: 'attached' });
  assert.equal(await strokes.count(), 0);
  await replay.at(seenAt.get('strokes') + AGREE_MS);
  await strokes.nth(3).waitFor({ state: 'attached' });
  assert.deepEqual([await strokes.count(), await slide.count()], [4, 0]);
  const stood = async (s) => until(`the film at ${s}`, async () => {
    const now = await host.page.evaluate(() => document.querySelector('.lesson-film video')?.currentTime ?? -1);
    return Math.abs(now - s) * 1000 < AGREE_MS ? true : now;
  });
  await replay.at(film.standsAt + AGREE_MS);
  await stood(3);
  await replay.at(film.playsAt);
  await stood(film.s);
});

step('no page complained', () => assert.deepEqual(all.map((p) => p.problems), all.map(() => [])));
