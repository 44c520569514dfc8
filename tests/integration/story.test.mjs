// The spine of the product, by clicking: a teacher with a camera file and a sound file creates a webinar and goes live,
// three students come by the link, they see, hear, write, raise a hand and take the floor, a screen is shared; the teacher
// ends it, the lesson plays, and a visitor finds it in the catalogue.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pressUkrainian } from './keys.mjs';
import { decode, launch, listen, PHONE, people, person, probe, start, steps, watch, toasted } from './lib.mjs';
import { cameraFile, isFileColour, shareOfTones, soundFile } from './teacher.mjs';

const TITLE = 'Дроби в житті: 5 клас';
const names = ['Марічка', 'Андрій', 'Софія'];
const step = steps(test);
let server, browser, teacher, students, path, link;
const files = mkdtempSync(join(tmpdir(), 'somhub-files-'));

const recordingDir = () => join(server.data, 'rec', path.split('/').pop());
const logLines = () =>
  readFileSync(join(recordingDir(), 'timeline.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l));

/** Seconds between the log's "recording on" and "ended": what the lesson's length must be. */
function wantedSeconds() {
  const lines = logLines();
  const on = lines.find((l) => l.type === 'recording' && l.on);
  const end = lines.find((l) => l.type === 'ended');
  return (end.at - on.at) / 1000;
}

const everyone = () => [teacher, ...students];

before(async () => {
  server = await start();
  browser = await launch({ video: cameraFile(files), audio: soundFile(files) });
  teacher = await person(browser, server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(files, { recursive: true, force: true });
});

step('the teacher signs in and creates a webinar in a minute', async () => {
  const { page } = teacher;
  await page.goto('/');
  await page.getByRole('link', { name: 'Увійти' }).click();
  await page.getByLabel('Електронна пошта').fill(people.teacher.email);
  await page.getByLabel('Пароль').fill('не той пароль');
  await page.locator('form.signin button[type=submit]').click();
  await page.getByRole('alert').filter({ hasText: 'не підходять' }).waitFor();
  assert.equal(await page.getByLabel('Електронна пошта').inputValue(), people.teacher.email, 'what was typed stays');
  await page.getByLabel('Пароль').fill(people.teacher.password);
  await page.locator('form.signin button[type=submit]').click();
  await page.getByRole('link', { name: 'Створити подію' }).first().click();
  await page.getByLabel('Назва').fill(TITLE);
  await page.getByRole('radio', { name: 'Вебінар' }).check();
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(page.url()).pathname;
  link = await page.getByLabel('Посилання-запрошення').inputValue();
  assert.equal(link, `${server.url}${path}`);
});

step('device check and two clicks: the teacher is live', async () => {
  const { page } = teacher;
  await page.getByRole('link', { name: 'Увійти й почати' }).click();
  await page.waitForSelector('.preview video');
  await page.waitForFunction(() => (document.querySelector('.mic-level')?.value ?? 0) > 0.05);
  await page.getByText(/Зʼєднання (добре|прийнятне|слабке)/).waitFor();
  await page.getByRole('button', { name: 'Увійти й підготуватися' }).click();
  await page.getByText('Учасники вас ще не бачать.').waitFor();
  await page.getByRole('button', { name: 'Вимкнути камеру' }).waitFor();
  await page.getByRole('button', { name: 'Вимкнути мікрофон' }).waitFor();
});

step('students come by the link and wait for the beginning', async () => {
  students = await Promise.all(
    names.map((_, i) => person(browser, server.url, i === 1 ? { viewport: PHONE, hasTouch: true, isMobile: true } : {})),
  );
  for (const [i, s] of students.entries()) {
    await s.page.goto(link);
    await s.page.getByRole('link', { name: 'Увійти й зачекати' }).click();
    await s.page.getByLabel('Ваше імʼя').fill(names[i]);
    await s.page.getByRole('button', { name: 'Увійти', exact: true }).click();
    await s.page.getByText('Ведучий готується', { exact: false }).waitFor();
  }
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
});

step('every student sees the teacher move and hears him', async () => {
  for (const s of students) {
    const seen = await watch(s.page, '.person video', { frames: 15 });
    assert.ok(seen.width >= 160, `width ${seen.width}`);
    assert.ok(isFileColour(seen.rgb), `the camera's file is magenta, this is ${seen.rgb}`);
    assert.ok((await listen(s.page)) > 0.05, 'no sound');
  }
});

step('a webinar records by itself, and everybody is told', async () => {
  for (const p of everyone()) await p.page.waitForSelector('.rec');
});

step('the chat reaches everybody, in order', async () => {
  const [a, , c] = students;
  await a.page.getByLabel('Повідомлення', { exact: true }).fill('Добрий день!');
  await a.page.keyboard.press('Enter');
  await c.page.locator('.chat-log .line', { hasText: 'Добрий день!' }).waitFor();
  await c.page.getByLabel('Повідомлення', { exact: true }).fill('Усе чути <b>добре</b> https://example.org/x');
  await c.page.keyboard.press('Enter');
  await teacher.page.locator('.chat-log .line', { hasText: 'Усе чути' }).waitFor();
  const lines = await teacher.page.locator('.chat-log .linked').allTextContents();
  assert.deepEqual(lines, ['Добрий день!', 'Усе чути <b>добре</b> https://example.org/x']);
  await students[1].page.getByRole('button', { name: 'Чат' }).click();
  await students[1].page.locator('.chat-log .line', { hasText: 'Добрий день!' }).waitFor();
  await students[1].page.locator('.panel-head').getByRole('button', { name: 'Закрити' }).click();
});

step('hands queue in the order they went up', async () => {
  await students[2].page.getByRole('button', { name: 'Підняти руку' }).click();
  await students[2].page.getByRole('button', { name: 'Опустити руку' }).waitFor();
  await students[0].page.getByRole('button', { name: 'Підняти руку' }).click();
  await teacher.page.getByRole('button', { name: 'Люди', exact: true }).last().click();
  const hands = teacher.page.locator('.someone.raised .someone-name > span:first-child');
  await teacher.page.locator('.someone.raised').nth(1).waitFor();
  assert.deepEqual(await hands.allTextContents(), ['Софія', 'Марічка']);
});

step('a student without the floor cannot turn the camera on, and is told why', async () => {
  const { page } = students[0];
  await page.getByRole('button', { name: 'Увімкнути камеру' }).click({ force: true });
  await toasted(page, 'Підніміть руку');
});

step('the teacher gives the floor; everybody sees and hears the student', async () => {
  const [first, , sofia] = students;
  await teacher.page.locator('.someone.raised', { hasText: 'Софія' }).getByRole('button', { name: 'Надати слово' }).click();
  const mic = sofia.page.locator('.c-mic:not([aria-disabled])');
  await mic.click();
  await sofia.page.locator('.c-camera:not([aria-disabled])').click();
  const who = await sofia.page.locator('.person', { hasText: 'Софія' }).getAttribute('data-who');
  for (const p of [teacher, first]) await watch(p.page, `.person[data-who="${who}"] video`);
  await teacher.page.locator('.someone.raised').first().waitFor();
  assert.equal(await teacher.page.locator('.someone.raised').count(), 1);
});

step('the teacher mutes the student, who is told so', async () => {
  const { page } = students[2];
  await teacher.page.locator('.someone', { hasText: 'Софія' }).getByRole('button', { name: 'Дії: Софія' }).click();
  await teacher.page.getByRole('menuitem', { name: 'Вимкнути мікрофон', exact: true }).click();
  await page.locator('[role=alert]', { hasText: 'Ваш мікрофон вимкнув ведучий' }).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Увімкнути мікрофон' }).waitFor();
});

step('a shared screen is shown large to all', async () => {
  await teacher.page.getByRole('button', { name: 'Показати екран' }).click();
  for (const s of students) {
    const seen = await watch(s.page, '.screen video', { frames: 5 });
    assert.ok(seen.width >= 320, `width ${seen.width}`);
  }
  await teacher.page.getByRole('button', { name: 'Сховати екран' }).click();
  for (const s of students) await s.page.locator('.screen').waitFor({ state: 'detached' });
});

step('looking back while it is live, and returning', async () => {
  const { page } = students[0];
  await page.getByRole('button', { name: 'Перемотати' }).click();
  await watch(page, '.picture-main', { frames: 10 });
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('audio')].every((a) => a.muted)), true);
  await page.getByRole('button', { name: 'До прямого ефіру' }).click();
  await watch(page, '.person video');
});

step('"End" takes everybody out', async () => {
  await teacher.page.getByRole('button', { name: 'Ведучому' }).click();
  await teacher.page.getByRole('menuitem', { name: 'Завершити для всіх' }).click();
  await teacher.page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  for (const p of everyone()) await p.page.getByRole('heading', { name: 'Подію завершено' }).first().waitFor();
});

step('the lesson is there, with the right length, picture and sound', async () => {
  const { page } = teacher;
  await page.getByRole('link', { name: 'Переглянути запис' }).click();
  await page.waitForSelector('.player');
  await page.getByRole('button', { name: 'Дивитися' }).first().click();
  const seen = await watch(page, '.picture-main', { frames: 20 });
  assert.ok(isFileColour(seen.rgb), `the camera's file is magenta, its recording is ${seen.rgb}`);
  const { duration, heard } = await page.evaluate(async () => {
    const v = document.querySelector('.picture-main');
    const from = v.webkitAudioDecodedByteCount;
    await new Promise((r) => setTimeout(r, 1500));
    return { duration: v.duration, heard: v.webkitAudioDecodedByteCount - from };
  });
  const wanted = wantedSeconds();
  assert.ok(Math.abs(duration - wanted) <= 1, `${duration} s, the event took ${wanted} s`);
  assert.ok(heard > 0, 'no sound was decoded');
});

step('speed, quality and keys of the player, and the chat in its time', async () => {
  const { page } = teacher;
  await page.locator('h1').first().click();
  await pressUkrainian(teacher, 'Period', { shift: true });
  assert.equal(await page.evaluate(() => document.querySelector('.picture-main').playbackRate), 1.25);
  await page.keyboard.press('0');
  await page.waitForFunction(() => document.querySelector('.picture-main').currentTime < 1.5);
  assert.equal(await page.locator('.replay .line').count() <= 2, true);
  await page.keyboard.press('9');
  await page.locator('.replay .line', { hasText: 'Добрий день!' }).waitFor();
  await pressUkrainian(teacher, 'KeyK');
  await page.waitForFunction(() => document.querySelector('.picture-main').paused);
  const at = await page.evaluate(() => document.querySelector('.picture-main').currentTime);
  await pressUkrainian(teacher, 'KeyJ');
  await page.waitForFunction((t) => Math.abs(document.querySelector('.picture-main').currentTime - Math.max(0, t - 10)) < 0.5, at); /* of a short lesson to its beginning */
  const help = page.getByRole('dialog', { name: 'Клавіші' });
  for (const code of ['Slash', 'Digit7']) {
    await pressUkrainian(teacher, code, { shift: true });
    await help.waitFor();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  }
  /* Sound alone: it goes on from there, and nothing of the picture is fetched. */
  const pick = async (what) => {
    await page.getByRole('button', { name: 'Якість' }).click();
    await page.getByRole('menuitemradio', { name: what, exact: true }).click();
  };
  await pick('Лише звук');
  await page.locator('.sound-only').waitFor();
  const pictures = [];
  const note = (r) => /\/p[\d-]+\.m4s$/.test(new URL(r.url()).pathname) && pictures.push(r.url());
  page.on('request', note);
  await page.locator('.player-row').getByRole('button', { name: 'Дивитися' }).click();
  await page.waitForFunction((t) => document.querySelector('.picture-main').currentTime > t - 9, at);
  assert.deepEqual(pictures, []);
  page.off('request', note);
  await pick('Відео та звук');
  await page.locator('.sound-only').waitFor({ state: 'detached' });
  await watch(page, '.picture-main', { frames: 5 });
});

step('the screen that was shown is beside the speaker at its time', async () => {
  const { page } = teacher;
  const lines = logLines(), on = lines.find((l) => l.type === 'recording' && l.on);
  const [from, to] = lines.filter((l) => l.type === 'source' && l.source === 'screen').map((l) => (l.at - on.at) / 1000);
  await page.evaluate((s) => {
    const v = document.querySelector('.picture-main');
    v.pause();
    v.currentTime = s;
  }, (from + to) / 2);
  await page.waitForFunction(() => {
    const v = document.querySelector('.picture-screen');
    if (!v || v.hidden || v.readyState < 2 || v.videoWidth < 320) return false;
    const c = document.createElement('canvas').getContext('2d');
    c.drawImage(v, 0, 0, 64, 36);
    return c.getImageData(0, 0, 64, 36).data.some((b, i) => i % 4 < 3 && b > 60); /* not black */
  });
});

step('every student goes on to the lesson by clicking; a stranger may not', async () => {
  for (const { page } of students) {
    await page.getByRole('link', { name: 'Переглянути запис' }).click();
    await page.getByRole('button', { name: 'Дивитися' }).first().click();
    await watch(page, '.picture-main', { frames: 10 });
    await page.evaluate(() => document.querySelector('.picture-main').pause());
  }
  const stranger = await person(browser, server.url);
  const id = path.split('/').pop();
  for (const url of [`/api/lessons/${id}`, `/media/${id}/index.m3u8`, `/media/${id}/program.m3u8`]) {
    const r = await stranger.page.request.get(server.url + url);
    assert.ok(r.status() === 404 || r.status() === 401, `${url}: ${r.status()}`);
  }
  await stranger.context.close();
});

step('made public, it is found in the catalogue by a word in another form', async () => {
  const { page } = teacher;
  await page.getByLabel('Хто бачить').selectOption('public');
  await page.getByRole('dialog').getByRole('button', { name: 'Показати всім' }).click();
  await toasted(page, 'запис у каталозі');
  const visitor = await person(browser, server.url);
  await visitor.page.goto('/');
  await visitor.page.getByRole('searchbox').fill('дріб дробах'.split(' ')[1]);
  await visitor.page.getByRole('button', { name: 'Знайти' }).click();
  await visitor.page.locator('.tile', { hasText: TITLE }).waitFor();
  await visitor.page.locator('.tile a').first().click();
  await visitor.page.getByRole('heading', { name: TITLE }).waitFor();
  await visitor.page.getByRole('button', { name: 'Дивитися' }).first().click();
  const seen = await watch(visitor.page, '.picture-main', { frames: 10 });
  assert.ok(isFileColour(seen.rgb), `${seen.rgb}`);
  assert.deepEqual(visitor.problems, []);
  await visitor.context.close();
});

step('the attendance names everybody who was there', async () => {
  const r = await teacher.page.request.get(`${server.url}/api/events/${path.split('/').pop()}/attendance.csv`);
  const csv = await r.text();
  for (const n of [people.teacher.name, ...names]) assert.ok(csv.includes(n), n);
});

step('every file of the recording is read clean', async () => {
  const dir = recordingDir();
  const wanted = wantedSeconds();
  const index = join(dir, 'index.m3u8');
  const kinds = probe(index).streams.map((s) => s.codec_name).sort();
  assert.ok(kinds.includes('h264') && kinds.includes('aac'), String(kinds));
  for (const name of readdirSync(dir).filter((f) => f.endsWith('.m3u8') && f !== 'index.m3u8')) {
    assert.equal(decode(join(dir, name)), '', name);
  }
  assert.equal(logLines().filter((l) => l.type === 'chat').length, 2);
  const mp4 = join(dir, 'lesson.mp4');
  const offered = teacher.page.getByRole('link', { name: 'Завантажити MP4' });
  await offered.waitFor({ timeout: 180_000 });
  const file = await teacher.page.request.get(server.url + (await offered.getAttribute('href')));
  assert.equal(file.status(), 200);
  assert.match(file.headers()['content-disposition'], /^attachment/);
  assert.ok((await file.body()).equals(readFileSync(mp4)), 'the page offers the file');
  const length = Number(probe(mp4).format.duration);
  assert.ok(Math.abs(length - wanted) <= 1.5, `${length} s of MP4 for ${wanted} s`);
  assert.equal(decode(mp4), '');
  const share = shareOfTones(mp4);
  assert.ok(share > 0.5, `of the loudest sound recorded ${share} is the file's`);
});

step('no page complained', () => {
  assert.deepEqual(everyone().map((p) => p.problems), everyone().map(() => []));
});
