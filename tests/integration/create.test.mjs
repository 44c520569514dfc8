// An event as its maker wants it: every field of the form is on the event's page and holds in its room, for whoever may
// come and for whoever may not. And its host's order: all microphones off with one press, the door locked and unlocked.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, listen, people, person, PHONE, run, signIn, start, steps, toasted } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
const staff = { name: 'Роман Керівник', email: 'root@test.local', password: 'довгий пароль 3', role: 'staff' };
const second = { name: 'Леся Учениця', email: 'second@test.local', password: 'довгий пароль 4', role: 'learner' };
const ABOUT = 'Читаємо «Тіні забутих предків».\nВізьміть книжку.';
const inKyiv = { timezoneId: 'Europe/Kyiv' };
let server, browser, host, learner, late, path;

/** Nothing axe or a phone complains of; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name) {
  await settled(p.page);
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`), fullPage: true });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}

async function tools(page, item) {
  await page.getByRole('button', { name: 'Ведучому', exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Tomorrow at half past five in Kyiv, as the field has it and as the server keeps it. */
function tomorrow() {
  const day = new Date(Date.now() + 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Europe/Kyiv' });
  const asUtc = Date.parse(`${day}T17:30Z`), there = new Date(asUtc).toLocaleString('sv-SE', { timeZone: 'Europe/Kyiv' });
  return { field: `${day}T17:30`, ms: asUtc - (Date.parse(`${there.replace(' ', 'T')}Z`) - asUtc) };
}

before(async () => {
  server = await start();
  for (const p of [staff, second])
    run(['user', 'add', '--data', server.data, '--role', p.role, '--name', p.name, '--email', p.email, '--password-stdin'], { input: `${p.password}\n` });
  browser = await launch();
  const keeper = await person(browser, server.url);
  await signIn(keeper.page, staff);
  const status = await keeper.page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/session')).json();
    const space = { name: { uk: 'Читальня', en: 'Reading room' } };
    return (await fetch('/api/spaces/reading', { method: 'PUT', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf }, body: JSON.stringify(space) })).status;
  });
  assert.ok(status === 200 || status === 201, `${status}`);
  await keeper.context.close();
  host = await person(browser, server.url, inKyiv);
  await signIn(host.page, people.teacher);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('every field of the form', async () => {
  const { page } = host, when = tomorrow();
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Читаємо разом');
  await page.getByText('Більше налаштувань').click();
  /* The kind decides what is usual; what was chosen by hand afterwards is what counts. */
  await page.getByRole('radio', { name: 'Вебінар' }).check();
  assert.equal(await page.getByLabel('Запис', { exact: true }).inputValue(), 'auto');
  await page.getByRole('radio', { name: 'Методична вітальня' }).check();
  assert.equal(await page.getByLabel('Запис', { exact: true }).inputValue(), 'manual');
  await page.getByRole('button', { name: 'Запланувати' }).click();
  await page.getByLabel('Дата й час початку').fill(when.field);
  await page.getByLabel('Тривалість').selectOption('90');
  await page.getByLabel('Опис').fill(ABOUT);
  await page.getByLabel('Центр').selectOption({ label: 'Читальня' });
  await page.getByLabel('Хто може долучитися').selectOption({ label: 'Лише ті, хто увійшов' });
  await page.getByLabel('Запис', { exact: true }).selectOption({ label: 'Не записувати' });
  await looked(host, 'create-form');
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(page.url()).pathname;
  await page.getByRole('heading', { name: 'Читаємо разом' }).waitFor();
  await page.locator('.chip', { hasText: 'Методична вітальня' }).waitFor();
  const facts = page.locator('.facts');
  for (const words of ['Читальня', 'Лише ті, хто увійшов', 'Без запису', '17:30', '1 год 30 хв', people.teacher.name]) await facts.getByText(words).first().waitFor();
  assert.equal(await page.locator('.prose').innerText(), ABOUT, 'its lines stay lines');
  const { event: doc } = await (await page.request.get(`/api/events/${path.slice(3)}`)).json();
  assert.deepEqual([doc.format, doc.space, doc.access, doc.record, doc.starts_at, doc.duration_min, doc.description],
    ['living-room', 'reading', 'members', 'never', when.ms, 90, ABOUT]);
  await looked(host, 'create-event');
});

step('who may not come is told so, who may comes; nothing is recorded', async () => {
  const stranger = await person(browser, server.url, { viewport: PHONE });
  await stranger.page.goto(path);
  await stranger.page.getByText('Ця подія — для тих, хто увійшов').waitFor();
  await stranger.page.goto(`${path}/join`);
  await stranger.page.waitForURL((u) => u.pathname === path);
  await stranger.page.getByText('Увійдіть, щоб побачити її.').waitFor();
  await stranger.context.close();
  await enter(host.page, path, { mic: true, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  learner = await person(browser, server.url);
  await signIn(learner.page, people.learner);
  await learner.page.goto(`${path}/join`);
  await learner.page.locator('.join button[type=submit]').waitFor();
  assert.equal(await learner.page.getByText('Подію можуть записувати').count(), 0);
  await enter(learner.page, path, { mic: false, camera: false });
  await host.page.locator('.c-people').click();
  await host.page.locator('.someone', { hasText: people.learner.name }).waitFor();
  assert.equal(await learner.page.locator('.rec').count(), 0);
});

step('behind a locked door nobody new comes in, and is told so; unlocked, he does', async () => {
  await tools(host.page, 'Зачинити вхід');
  late = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await signIn(late.page, second);
  await enter(late.page, path, { mic: false, camera: false });
  await late.page.getByRole('heading', { name: 'Вас не впустили' }).waitFor();
  await late.page.getByText('Вхід зачинено або ведучий відмовив.').waitFor();
  assert.equal(await late.page.locator('.room').count(), 0);
  await looked(late, 'locked-out');
  /* Who was in and went comes back all the same. */
  await learner.page.reload();
  await learner.page.waitForSelector('.room, .join');
  if (await learner.page.locator('.join').count()) await learner.page.locator('.join button[type=submit]').click();
  await learner.page.locator('.c-mic').waitFor();
  await tools(host.page, 'Відчинити вхід');
  await enter(late.page, path, { mic: false, camera: false });
  await host.page.locator('.someone', { hasText: second.name }).waitFor();
});

step('all microphones go off with one press, but the host’s; each may speak again', async () => {
  for (const { page } of [learner, late]) {
    await page.locator('.c-mic:not([aria-disabled])').click();
    await page.locator('.c-mic[aria-pressed=true]').waitFor();
  }
  for (const { page } of [learner, late, host]) assert.ok((await listen(page)) > 0.05, 'a voice is heard');
  await tools(host.page, 'Вимкнути мікрофони всім');
  for (const { page } of [learner, late]) {
    await page.locator('.c-mic[aria-pressed=false]').waitFor();
    await toasted(page, `Ваш мікрофон вимкнув ведучий (${people.teacher.name})`);
    await page.locator('[role=alert]', { hasText: 'Ваш мікрофон вимкнув ведучий' }).waitFor({ state: 'attached' });
  }
  assert.equal(await host.page.locator('.c-mic').getAttribute('aria-pressed'), 'true');
  await learner.page.locator('.c-mic').click();
  await learner.page.locator('.c-mic[aria-pressed=true]').waitFor();
  assert.equal(await late.page.locator('.c-mic').getAttribute('aria-pressed'), 'false');
});

step('another: only who is invited, recorded from its beginning, now', async () => {
  const { page } = host;
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Лише для своїх');
  await page.getByRole('radio', { name: 'Методична вітальня' }).check();
  await page.getByText('Більше налаштувань').click();
  await page.getByLabel('Хто може долучитися').selectOption({ label: 'Лише запрошені особисто' });
  await page.getByLabel('Запис', { exact: true }).selectOption({ label: 'Записувати від самого початку' });
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.getByText('Подію записуватимуть').waitFor();
  const closed = new URL(page.url()).pathname, link = new URL(await page.getByLabel('Посилання-запрошення').inputValue());
  await enter(page, closed, { mic: false, camera: false });
  await page.getByRole('button', { name: 'Почати', exact: true }).click();
  await page.locator('.room-top .chip.live.rec').waitFor();
  /* By the bare address nobody comes. */
  await late.page.goto(`${closed}/join`);
  await late.page.waitForURL((u) => u.pathname === closed);
  await late.page.getByRole('heading', { name: 'Такої події немає' }).waitFor();
  await late.page.goto(`${link.pathname}${link.search}`);
  await late.page.getByRole('link', { name: 'Долучитися' }).click();
  await late.page.locator('.join button[type=submit]').click();
  await late.page.locator('.room-top .chip.live.rec').waitFor();
});

step('no page complained', () => assert.deepEqual([host, learner, late].flatMap((p) => p.problems), []));
