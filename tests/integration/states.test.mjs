// What pages say when things are not as usual: nothing can be recorded for a while, a recording that failed, a file that
// takes its time, more past events than a page holds; and what asks before it is done: removing somebody for good,
// showing faces to everybody. The player's keys and the page's. And a lesson long enough to be left and come back to.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addPeople, enter, launch, makeData, PATIENCE_MS, people, person, PHONE, probe, root, run, serve, signIn, steps, watch } from './lib.mjs';
import { complaints, tooWide } from './looks.mjs';

const LONG = 'Довгий урок';
const step = steps(test);
const { data, remove } = makeData();
let server, browser, host, student, path;

after(async () => {
  await browser?.close();
  await server?.stop();
  remove();
});

/** What would take a broken disk, or a year, to come to be: straight into the database. */
function sql(...statements) {
  const program = 'import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=10)\nfor s in sys.argv[2:]: c.execute(s)\nc.commit()';
  const r = spawnSync('python3', ['-c', program, join(data, 'somhub.db'), ...statements], { encoding: 'utf8' });
  assert.equal(r.status, 0, r.stderr);
}

/** A lesson of 48 s, as the recorder makes it; nobody has to wait so long for it. */
function addLongLesson() {
  const id = 'longlesson', dir = join(data, 'rec', id);
  mkdirSync(join(data, 'rec'), { recursive: true });
  execFileSync(join(root, 'build/bench/bench_pipe_lesson'), [dir], { stdio: 'ignore' });
  writeFileSync(join(dir, 'timeline.jsonl'), '');
  const manifest = readFileSync(join(dir, 'manifest.json'), 'utf8'), ms = JSON.parse(manifest).duration_ms;
  sql(`INSERT INTO event (id, title, description, format, starts_at, duration_min, record, access, lobby, visibility, state, host,
    code_attendee, code_speaker, code_cohost, created_at, ended_at) VALUES ('${id}', '${LONG}', '', 'lesson', 1000, 60, 'manual', 'link', 0,
    'public', 'ended', (SELECT id FROM user WHERE email = '${people.teacher.email}'), 'a', 'b', 'c', 1000, 2000)`,
  `INSERT INTO recording (event, state, started_at, duration_ms, bytes, manifest) VALUES ('${id}', 'ready', 1000, ${ms}, 1, '${manifest.replaceAll("'", "''")}')`);
}

step('a centre with two lessons, and an event', async () => {
  run(['demo', '--data', data]);
  addPeople(data);
  addLongLesson();
  server = await serve(data);
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Про все на світі');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
});

step('entering by the keyboard, the room is where one is', async () => {
  await enter(host.page, path, { mic: false, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  student = await person(browser, server.url);
  await student.page.goto(path);
  await student.page.getByRole('link', { name: 'Долучитися' }).click();
  await student.page.getByLabel('Ваше імʼя').fill('Петрик');
  await student.page.keyboard.press('Enter');
  await student.page.waitForSelector('.room');
  await student.page.waitForFunction(() => document.activeElement?.matches('.room-title'));
});

/** Nothing axe or a phone complains of; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}

async function until(what, fine) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
    const v = await fine();
    if (v) return v;
  }
  return assert.fail(what);
}

/** Seconds the recording's playlist lists. */
function recorded() {
  const list = join(data, 'rec', path.slice(3), 'program.m3u8');
  return existsSync(list) ? [...readFileSync(list, 'utf8').matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, m) => sum + Number(m[1]), 0) : 0;
}

/** The server's program that does this to this lesson, or nothing. */
const child = (verb, id) =>
  readdirSync('/proc').filter((d) => /^\d+$/.test(d)).map(Number).find((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[1] === verb && words[2] === join(data, 'rec', id);
    } catch {
      return false; /* it went meanwhile */
    }
  });

/* The recorder dies, and where the next ones would write there is a file instead of a directory: they can write as
 * little as on a disk that is full (tests/crash/full has one, where that may be mounted). */
step('while nothing can be recorded everybody is told so, its host what to do; it goes on by itself', async () => {
  await until('it is recorded', () => recorded() > 4);
  const dir = join(data, 'rec', path.slice(3));
  renameSync(dir, `${dir}.aside`);
  writeFileSync(dir, '');
  process.kill(child('record', path.slice(3)), 'SIGKILL');
  const late = await person(browser, server.url, { locale: 'en-GB', colorScheme: 'dark', viewport: PHONE });
  for (const { page } of [host, student]) {
    await page.locator('.room-top .chip.warn.rec', { hasText: /^Без запису$/ }).waitFor();
    await page.locator('[role=alert]', { hasText: 'Без запису' }).waitFor({ state: 'attached' });
  }
  const banner = host.page.locator('[data-banner=unrecorded]');
  assert.equal(await banner.innerText(), 'Запис зупинився: найімовірніше, на диску сервера немає місця. Повідомте адміністратора; щойно це виправлять, запис продовжиться сам.');
  await looked(host, 'unrecorded-host');
  await looked(student, 'unrecorded-student');
  await late.page.goto(`${path}/join`);
  await late.page.getByLabel('Your name').fill('Ann');
  await late.page.locator('.join button[type=submit]').click();
  await late.page.locator('.room-top .chip.warn.rec', { hasText: /^Not recording$/ }).waitFor();
  await looked(late, 'unrecorded-late');
  for (const p of [student, late]) assert.equal(await p.page.locator('[data-banner=unrecorded]').count(), 0);
  await student.page.locator('.composer textarea').fill('А ми є');
  await student.page.keyboard.press('Enter');
  await host.page.locator('.chat-log .line', { hasText: 'А ми є' }).waitFor();
  const kept = readdirSync(`${dir}.aside`).length;
  rmSync(dir);
  renameSync(`${dir}.aside`, dir);
  for (const [p, said] of [[host, 'Запис відновлено, частини бракує'], [student, 'Запис відновлено, частини бракує'], [late, 'Recording goes on, a piece is missing']]) {
    await p.page.locator('[role=alert]', { hasText: said }).waitFor({ state: 'attached' });
    await p.page.locator('.room-top .chip.live.rec').waitFor();
    assert.equal(await p.page.locator('.chip.warn.rec').count(), 0);
  }
  await banner.waitFor({ state: 'detached' });
  await until('it goes on being written', () => readdirSync(dir).length > kept + 2);
  assert.deepEqual(late.problems, []);
  await late.context.close();
});

step('nobody is kept out for good by one slip of the hand', async () => {
  const { page } = host;
  const ban = async () => {
    await page.locator('.someone', { hasText: 'Петрик' }).getByRole('button', { name: 'Дії: Петрик' }).click();
    await page.getByRole('menuitem', { name: 'Вивести й не впускати' }).click();
    return page.getByRole('dialog', { name: 'Вивести: Петрик?' });
  };
  await page.locator('.c-people').click();
  await (await ban()).getByRole('button', { name: 'Скасувати' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Дії: Петрик');
  await page.locator('.someone', { hasText: 'Петрик' }).waitFor();
  await (await ban()).getByRole('button', { name: 'Вивести й не впускати' }).click();
  await student.page.getByText('Вас вивели з кімнати').waitFor();
  await page.locator('.someone', { hasText: 'Петрик' }).waitFor({ state: 'detached' });
});

step('the lesson says at what second a piece is missing', async () => {
  const { page } = host;
  await page.getByRole('button', { name: 'Ведучому' }).click();
  await page.getByRole('menuitem', { name: 'Завершити для всіх' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Завершити для всіх' }).click();
  await page.getByRole('heading', { name: 'Подію завершено' }).first().waitFor();
  const lesson = await until('there is a lesson', async () => {
    const l = await (await page.request.get(`/api/lessons/${path.slice(3)}`)).json();
    return l.recording?.state === 'ready' && l;
  });
  const { takes } = lesson.recording;
  assert.deepEqual(takes.map((t) => t.gap), [false, true], JSON.stringify(takes));
  await page.getByRole('link', { name: 'Переглянути запис' }).click();
  const s = Math.floor(takes[1].base_ms / 1000);
  await page.getByText(`У записі є пропуск (0:${String(s).padStart(2, '0')}): якийсь час запис не вівся.`).waitFor();
  await looked(host, 'lesson-gap');
});

step('a recording that failed is called so, and its host may have it tried again', async () => {
  const id = path.slice(3);
  sql(`INSERT INTO recording (event, state, started_at) VALUES ('${id}', 'failed', 1) ON CONFLICT (event) DO UPDATE SET state = 'failed'`,
    `UPDATE event SET visibility = 'unlisted' WHERE id = '${id}'`);
  const guest = await person(browser, server.url);
  await guest.page.goto(path);
  await guest.page.getByText('Запис не вдалося завершити.', { exact: true }).waitFor();
  assert.equal(await guest.page.getByRole('button', { name: 'Завершити запис' }).count(), 0);
  assert.equal(await guest.page.getByText('Готуємо запис').count(), 0);
  await host.page.goto(path);
  await host.page.getByText('але нічого не видалено', { exact: false }).waitFor();
  await host.page.getByRole('button', { name: 'Завершити запис' }).click();
  await host.page.getByText('Готуємо запис', { exact: false }).waitFor();
  const doc = await (await host.page.request.get(`/api/lessons/${id}`)).json();
  assert.ok(doc.jobs.some((j) => j.kind === 'finish'), JSON.stringify(doc.jobs));
  await guest.context.close();
});

/** Per cent the page shows of the file, by its words and by its bar, once they are more than `past`. */
const shown = (page, past) =>
  page.waitForFunction((min) => {
    const words = /(\d+) %/.exec(document.querySelector('.job label')?.textContent ?? '')?.[1], bar = document.querySelector('.job progress')?.value;
    return Number(words) > min && Number(words) === bar && bar;
  }, past).then((h) => h.jsonValue());

step('a file to take away is made: how far it is can be seen, and then it is there', async () => {
  const { page } = host;
  await page.goto('/e/longlesson');
  await page.getByRole('button', { name: 'Підготувати MP4' }).click();
  const job = async () => (await (await page.request.get('/api/lessons/longlesson')).json()).jobs.findLast((j) => j.kind === 'mp4');
  const seen = [];
  /* It stands still while the page asks: on a quick machine all of it takes less than the time between two questions. */
  for (const past of [5, 50]) {
    const pid = await until(`${past} % of the file`, async () => (await job()).percent > past && child('mp4', 'longlesson'));
    process.kill(pid, 'SIGSTOP');
    try {
      seen.push(await shown(page, past));
      if (past === 50) await looked(host, 'mp4-progress');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }
  assert.ok(seen[0] < seen[1] && seen[1] < 100, `${seen}`);
  const offered = page.getByRole('link', { name: /^Завантажити MP4 \(\d/ });
  await offered.waitFor();
  assert.equal(await page.locator('.job').count(), 0);
  const [file] = await Promise.all([page.waitForEvent('download'), offered.click()]);
  assert.match(file.suggestedFilename(), /\.mp4$/);
  const ms = JSON.parse(readFileSync(join(data, 'rec/longlesson/manifest.json'), 'utf8')).duration_ms;
  const length = Number(probe(await file.path()).format.duration);
  assert.ok(Math.abs(length - ms / 1000) < 1.5, `${length} s of ${ms} ms`);
});

step('past events have as many pages as they need', async () => {
  const { page } = host;
  const rows = Array.from({ length: 30 }, (_, i) => `('past${String(i).padStart(6, '0')}', 'Минуле ${i}', '', 'lesson', ${1000 + i}, 60, 'never', 'link', 0,
    'private', 'ended', (SELECT id FROM user WHERE email = '${people.teacher.email}'), 'a', 'b', 'c', ${1000 + i}, ${2000 + i})`);
  sql(`INSERT INTO event (id, title, description, format, starts_at, duration_min, record, access, lobby, visibility, state, host,
    code_attendee, code_speaker, code_cohost, created_at, ended_at) VALUES ${rows.join(', ')}`);
  await page.goto('/my');
  const pager = page.getByRole('navigation', { name: 'Сторінки' });
  await pager.getByText('1 з 2').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Минуле 29', exact: true }).count(), 1);
  await pager.getByRole('link', { name: 'Далі' }).click();
  await pager.getByText('2 з 2').waitFor();
  await page.getByRole('link', { name: 'Минуле 0', exact: true }).waitFor();
});

step('nobody is shown to everybody by one slip of the hand', async () => {
  const word = /^teacher\S+\s+(\S+)/m.exec(readFileSync(join(data, 'demo-signin.txt'), 'utf8'))[1];
  host = await person(browser, server.url);
  await signIn(host.page, { email: 'teacher@example.org', password: word });
  const { page } = host;
  await page.goto('/catalogue');
  await page.locator('.tile-link', { hasNotText: LONG }).first().click();
  const choice = page.getByLabel('Хто бачить');
  const video = await page.locator('.picture-main').elementHandle();
  await choice.selectOption('private');
  await page.waitForFunction(() => document.querySelector('.visibility select')?.value === 'private');
  await choice.selectOption('public');
  await page.getByRole('dialog', { name: 'Показати запис усім?' }).getByRole('button', { name: 'Скасувати' }).click();
  assert.equal(await choice.inputValue(), 'private');
  await choice.selectOption('public');
  await page.getByRole('dialog').getByRole('button', { name: 'Показати всім' }).click();
  await page.waitForFunction(() => document.querySelector('.visibility select')?.value === 'public');
  assert.ok(await video.evaluate((v) => v.isConnected), 'what plays goes on');
});

step('keys of the player are the player’s, those of the page the page’s', async () => {
  const { page } = host;
  const now = () => page.evaluate(() => {
    const v = document.querySelector('.picture-main');
    return { volume: Math.round(v.volume * 10), at: Math.round(v.currentTime) };
  });
  await page.waitForFunction(() => document.querySelector('.picture-main')?.readyState >= 2);
  await page.keyboard.press('KeyL');
  await page.waitForFunction(() => Math.round(document.querySelector('.picture-main').currentTime) === 10);
  await page.locator('.replay-log .line').first().waitFor();
  await page.locator('.replay-log').focus();
  for (const key of ['ArrowDown', 'ArrowLeft', 'ArrowUp']) await page.keyboard.press(key);
  assert.deepEqual(await now(), { volume: 10, at: 10 }, 'in the chat');
  await page.locator('.owner .visibility select').evaluate((el) => el.blur());
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('ArrowDown');
  assert.equal((await now()).volume, 10, 'on the page');
  await page.locator('.player-row button').first().focus();
  await page.keyboard.press('ArrowDown');
  assert.equal((await now()).volume, 9, 'on a button of the player');
  await page.locator('.seek').focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => Math.round(document.querySelector('.picture-main').currentTime) === 5);
  assert.equal((await now()).volume, 9, 'on the slider');
});

/** Waits until the server knows where she left the lesson, to half a second. */
async function keptAt({ context }, left) {
  let ms;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((r) => setTimeout(r, 50))) {
    ms = (await (await context.request.get('/api/lessons/longlesson/position')).json()).position_ms;
    if (Math.abs(ms - left * 1000) <= 500) return;
  }
  assert.fail(`left at ${left}, the server has ${ms} ms`);
}

step('a lesson that was left goes on at that second, and says so: for an account and for a guest', async () => {
  const picture = (p, f, arg) => p.page.waitForFunction(f, arg);
  for (const who of [people.learner, null]) {
    const p = await person(browser, server.url);
    const { page } = p;
    if (who) await signIn(page, who);
    await page.goto('/catalogue');
    await page.locator('.tile-link', { hasText: LONG }).click();
    await page.getByRole('button', { name: 'Дивитися' }).first().click();
    await picture(p, () => document.querySelector('.picture-main')?.currentTime > 0.2);
    assert.equal(await page.locator('.resume').count(), 0, 'there is nothing to go on with yet');
    await page.keyboard.press('Digit5');
    /* It stops by itself a moment later, however busy the machine is. */
    const left = await page.evaluate(() => new Promise((done) => {
      const v = document.querySelector('.picture-main');
      v.addEventListener('timeupdate', function look() {
        if (v.seeking || v.currentTime < 24.5) return;
        v.removeEventListener('timeupdate', look);
        v.pause();
        done(v.currentTime);
      });
    }));
    assert.ok(left >= 24.5 && left < 28, `${left}`);
    await page.getByRole('link', { name: 'Каталог' }).first().click();
    if (who) await keptAt(p, left);
    await page.locator('.tile-link', { hasText: LONG }).click();
    const said = page.locator('.resume', { hasText: 'Продовжуємо з' });
    await said.waitFor();
    const second = Number(/0:(\d\d)/.exec(await said.innerText())?.[1]);
    assert.ok(Math.abs(second - left) <= 1, `it says ${second}, left at ${left}`);
    await picture(p, () => document.querySelector('.picture-main')?.readyState >= 2);
    const at = await page.evaluate(() => document.querySelector('.picture-main').currentTime);
    assert.ok(Math.abs(at - left) <= 1, `it stands at ${at}, left at ${left}`);
    await page.getByRole('button', { name: 'Дивитися' }).first().click();
    await picture(p, (t) => document.querySelector('.picture-main').currentTime > t + 0.5, left);
    await watch(page, '.picture-main', { frames: 5 });
    await page.getByRole('button', { name: 'Спочатку' }).click();
    await picture(p, () => document.querySelector('.picture-main').currentTime < 5);
    assert.deepEqual(p.problems, []);
    await p.context.close();
  }
});

step('no page complained', () => assert.deepEqual(host.problems, []));
