// A whole class in one piece: a host, a co-host, two who speak, five who listen and one who comes late on a phone use
// what a room has, each loses the network once, the server is killed in the middle; nothing that was acknowledged is
// lost, all have the same, and the lesson shows it at the seconds at which the class saw it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPeople, enter, hop, launch, listen, makeData, PHONE, people, person, serve, signIn, steps, watch } from './lib.mjs';

const step = steps(test);
/* Speakers first. */
const guests = ['Марічка', 'Андрій', 'Софія', 'Левко', 'Ганна', 'Тарас', 'Олена'];
/* Replay and class agree to this. */
const AGREE_MS = 1000;
let place, server, browser, host, cohost, late, path, id;
const all = []; // who is in the room, the host first
const hops = new Map();
const seenAt = new Map(); // when the class saw a thing, by its name

const button = (p, name) => p.page.getByRole('button', { name, exact: true });
const tab = (p, name) => p.page.locator('.panel-head').getByRole('button', { name: new RegExp(`^${name}`) }).click();
const tools = async (p, item) => {
  await button(p, 'Ведучому').click();
  await p.page.getByRole('menuitem', { name: item, exact: true }).click();
};
const each = (list, f) => Promise.all(list.map(f));
const saw = (what) => seenAt.set(what, Date.now());

/** A person behind a line of his own that can be cut. */
async function someone(name, options) {
  const line = await hop(server.url);
  const p = { ...(await person(browser, line.url, options)), name };
  hops.set(p, line);
  return p;
}

async function write(p, text) {
  const field = p.page.locator('.composer textarea');
  await field.fill(text);
  await field.press('Enter');
}
const linesOf = (p) => p.page.locator('.chat-log .line:not(.unsent) .linked').allTextContents();
/** Until the chat of `p` ends with these lines, in whatever order. */
const has = (p, texts) =>
  p.page.waitForFunction((want) => {
    const there = new Set([...document.querySelectorAll('.chat-log .line:not(.unsent) .linked')].map((l) => l.textContent));
    return want.every((t) => there.has(t));
  }, texts);
const AT_TABLE = 'лише за нашим столом';
/** All have the same chat, everything once; what was said at a table apart. */
async function sameChat(people_) {
  const lines = async (p) => (await linesOf(p)).filter((t) => t !== AT_TABLE);
  const first = await lines(people_[0]);
  assert.equal(new Set(first).size, first.length, `twice: ${first}`);
  for (const p of people_.slice(1)) assert.deepEqual(await lines(p), first, p.name);
  return first;
}

/** A PDF of two pages, each of one colour. */
function deck() {
  const page = (n, rgb) => {
    const draw = `${rgb} rg 0 0 640 360 re f`;
    return `${n} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 360]/Contents ${n + 1} 0 R>>endobj\n${n + 1} 0 obj<</Length ${draw.length}>>stream\n${draw}\nendstream endobj\n`;
  };
  return Buffer.from(`%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>endobj\n${page(3, '0.8 0.1 0.1')}${page(5, '0.1 0.6 0.1')}trailer<</Root 1 0 R>>\n%%EOF\n`, 'latin1');
}
const onPage = (p, n) => p.page.waitForSelector(`.slide-page[data-page="${n}"]`);

async function stroke(p, surface, from, to) {
  const r = await p.page.locator(surface).boundingBox();
  await p.page.mouse.move(r.x + r.width * from[0], r.y + r.height * from[1]);
  await p.page.mouse.down();
  await p.page.mouse.move(r.x + r.width * to[0], r.y + r.height * to[1], { steps: 6 });
  await p.page.mouse.up();
}

before(async () => {
  place = makeData();
  addPeople(place.data);
  server = await serve(place.data);
  /* Ten people share two cores with their server: small pictures, and few of them. */
  browser = await launch({ flags: ['--use-fake-device-for-media-stream=fps=10'] });
  host = await someone(people.teacher.name);
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
  await signIn(cohost.page, people.learner);
  await enter(cohost.page, path, { mic: false, camera: false });
  await watch(cohost.page, '.person video', { frames: 5 });
  all.push(host, cohost);
  const students = await each(guests, (name) => someone(name));
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
  const [, , marichka, andriy, sofia] = all;
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

step('a poll, a question, applause and a timer', async () => {
  const [, , marichka, andriy, sofia, , hanna] = all;
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
  await button(host, 'Малювати').click();
  await stroke(host, '.ink-hand', [0.2, 0.2], [0.6, 0.4]);
  await each(all, (p) => p.page.waitForSelector('.ink-layer g[data-mark] path', { state: 'attached' }));
  saw('ink');
  await page.waitForTimeout(4 * AGREE_MS); /* it is looked at for a while: as long as that the lesson has to show it */
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
  await each(all, (p) => p.page.waitForFunction((n) => document.querySelectorAll('.board g[data-mark]').length === n, drawers.length));
  saw('strokes');
  await tab(host, 'Нотатки');
  await host.page.locator('.notes-field').click();
  await page.keyboard.type('Від ведучої\n');
  await all[6].page.locator('.panel-head').getByRole('button', { name: 'Нотатки' }).click();
  await all[6].page.waitForFunction(() => document.querySelector('.notes-field')?.value.includes('Від ведучої'));
  await all[6].page.locator('.notes-field').press('Control+End');
  await all[6].page.keyboard.type('і від Ганни\n');
  await page.waitForFunction(() => document.querySelector('.notes-field').value.includes('і від Ганни'));
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
  await write(all[7], 'Купуйте слонів!');
  const line = all[8].page.locator('.line', { hasText: 'слонів' });
  await line.getByRole('button', { name: /Тарас/ }).click();
  await all[8].page.getByRole('menuitem', { name: 'Поскаржитися ведучим' }).click();
  await tab(host, 'Люди');
  await page.locator('.report', { hasText: 'слонів' }).getByRole('button', { name: 'Видалити повідомлення' }).click();
  await line.waitFor({ state: 'detached' });
  await tools(host, 'Що можна учасникам');
  const dialog = page.getByRole('dialog', { name: 'Що можна учасникам' });
  await dialog.getByLabel('Піднімати руку').click();
  await all[4].page.locator('.c-hand[aria-disabled=true]').waitFor();
  await dialog.getByLabel('Піднімати руку').click();
  await all[4].page.locator('.c-hand:not([aria-disabled=true])').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
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
});

step('late, on a phone: the slide, the chat and the sound are there at once', async () => {
  late = await someone('Пізня', { viewport: PHONE, hasTouch: true, isMobile: true });
  await enter(late.page, path, { name: late.name, mic: false, camera: false });
  await tab(host, 'Люди');
  await host.page.getByRole('button', { name: `Впустити: ${late.name}` }).click();
  await late.page.waitForSelector('.board svg');
  await late.page.waitForFunction(() => document.querySelectorAll('.board g[data-mark]').length === 4);
  await late.page.locator('.c-chat').tap();
  await has(late, ['Вітаю, я Марічка', 'без 0', `без сервера ${host.name}`]);
  await host.page.locator('.c-mic:not([aria-disabled])').click();
  assert.ok((await listen(late.page)) > 0.05, 'no sound after the kill');
  all.push(late);
});

step('the lesson shows the same, at the seconds at which the class saw it', async () => {
  await tools(host, 'Завершити для всіх');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await each(all, (p) => p.page.getByRole('heading', { name: 'Подію завершено' }).first().waitFor());
  await host.page.getByRole('link', { name: 'Переглянути запис' }).click();
  await host.page.waitForSelector('.player');
  const log = readFileSync(join(place.data, 'rec', id, 'timeline.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const text = JSON.stringify(log);
  assert.doesNotMatch(text, /слонів|лише за нашим столом/);
  const at = {
    chat: log.filter((l) => l.type === 'chat' && l.text.startsWith('Вітаю')).at(-1),
    poll: log.find((l) => l.type === 'poll_shown'),
    question: log.find((l) => l.text === 'А чому саме стільки?'),
    ask: log.find((l) => l.type === 'ask_answered' || (l.type?.startsWith('ask') && l.answer) || (l.text === 'Бо двічі по два.')),
    slide: log.find((l) => l.type === 'slide' && l.page === 2),
    ink: log.find((l) => l.type === 'ink'),
  };
  for (const [what, e] of Object.entries(at)) {
    assert.ok(e, `the lesson has no ${what}`);
    if (!seenAt.has(what)) continue;
    const late_ = seenAt.get(what) - e.at;
    assert.ok(late_ > -50 && late_ < 20_000, `${what}: ${late_} ms`);
  }
  /* And the page, asked for the second before and the second itself. */
  const base = log.find((l) => l.type === 'recording' && l.on).at;
  const seek = async (ms) => {
    await host.page.goto(`${path}?t=${Math.max(0, ms) / 1000}`);
    await host.page.waitForSelector('.player');
    await host.page.waitForFunction((s) => Math.abs((document.querySelector('.picture-main')?.currentTime ?? -1) - s) < 1.5, Math.max(0, ms) / 1000);
  };
  const poll = at.poll.at - base;
  await seek(poll - 2 * AGREE_MS);
  await host.page.locator('.replay', { hasText: 'Вітаю, я Марічка' }).waitFor(); /* the replay stands at that second */
  assert.equal(await host.page.locator('.replay .poll-result').count(), 0, 'the result before it was shown');
  await seek(poll + AGREE_MS);
  await host.page.locator('.replay .poll-result').waitFor();
  await seek(at.question.at - base - AGREE_MS);
  await host.page.locator('.replay', { hasText: 'Вітаю, я Марічка' }).waitFor();
  assert.equal(await host.page.locator('.replay', { hasText: 'А чому саме' }).count(), 0, 'a question before it was asked');
  await seek(at.ink.at + AGREE_MS - base);
  const where = () => host.page.evaluate(() => [document.querySelector('.picture-main').currentTime, document.querySelector('.lesson-slide')?.innerHTML.slice(0, 600)]);
  await host.page.waitForSelector('.lesson-slide .slide-page[data-page="2"]').catch(async (e) => assert.fail(`${e.message}\n${await where()}; ${JSON.stringify(at)} from ${base}`));
  await host.page.waitForSelector('.lesson-slide .ink-layer g[data-mark] path', { state: 'attached' });
  await host.page.locator('.replay', { hasText: 'Бо двічі по два.' }).waitFor();
});

step('no page complained', () => assert.deepEqual(all.map((p) => p.problems), all.map(() => [])));
