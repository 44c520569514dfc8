// Captions, by clicking and typing: a host lets an attendee write them, another turns them on at a phone and reads them
// as they are typed; the lesson shows them at the same second, in its transcript and as WebVTT.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enter, launch, PHONE, people, person, serve, signIn, start, steps, tooSmall, WIDE } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
const LINE = 'Сьогодні говоримо про дріб <одна друга>.';
const WRONG = 'Чісельник угорі, знаменник унизу.';
const RIGHT = 'Чисельник угорі, знаменник унизу.';
const SLIP = 'Це говорити не треба було.';
const LATER = 'А тепер далі.';
let server, browser, host, ann, bob, path;

async function looked(p, name, { touch = false } = {}) {
  await settled(p.page);
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
  if (touch) assert.deepEqual(await tooSmall(p.page), [], name);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
}

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  bob = await person(browser, server.url);
  ann = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Дроби із субтитрами');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: true, camera: true });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('the host lets an attendee write, who finds the panel at his side', async () => {
  await enter(bob.page, path, { name: 'Богдан' });
  assert.equal(await bob.page.getByRole('button', { name: 'Субтитри', exact: true }).count(), 0);
  await host.page.getByRole('button', { name: 'Люди', exact: true }).first().click();
  await host.page.getByRole('button', { name: 'Дії: Богдан' }).click();
  await host.page.getByRole('menuitem', { name: 'Дати писати субтитри' }).click();
  await bob.page.getByRole('button', { name: 'Субтитри', exact: true }).click();
  await bob.page.getByLabel('Текст субтитрів').waitFor();
  await looked(bob, 'captions-writer');
});

step('an attendee turns them on, and reads them while they are typed', async () => {
  await ann.page.goto(`${path}/join`);
  await ann.page.getByLabel('Your name').fill('Hanna');
  await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.room');
  const button = ann.page.locator('.cc-btn');
  assert.equal(await button.count(), 0, 'while there are none, there is nothing to turn on');
  /* The button comes with the first letters, and these stay until they are a line: there is a pause before it. */
  await bob.page.getByLabel('Текст субтитрів').pressSequentially('Сьогодні');
  await button.waitFor();
  assert.equal(await ann.page.locator('.cc-room').count(), 0, 'off until they are turned on');
  await button.tap();
  await ann.page.locator('.cc-btn[aria-pressed=true]').waitFor();
  /* Nothing typed stays for long; on a busy machine the tap comes when the first letters are gone. */
  await bob.page.getByLabel('Текст субтитрів').pressSequentially(' мова');
  await ann.page.locator('.cc-room').getByText('мова').waitFor();
  /* The pause may have made a line of it; the next one is finished by its end. */
  await bob.page.getByLabel('Текст субтитрів').fill('');
  await bob.page.getByLabel('Текст субтитрів').fill(LINE);
  await bob.page.keyboard.press('Enter');
  await ann.page.locator('.cc-room').getByText(LINE).waitFor();
  await looked(ann, 'captions-phone', { touch: true });
  await bob.page.locator('.cc-log').getByText(LINE).waitFor();
});

step('their size and colours are the reader\'s, and are remembered', async () => {
  await ann.page.getByRole('button', { name: 'How captions look' }).tap();
  await ann.page.getByRole('menuitemradio', { name: 'Very large' }).tap();
  await ann.page.getByRole('button', { name: 'How captions look' }).tap();
  await ann.page.getByRole('menuitemradio', { name: 'Yellow on black' }).tap();
  await ann.page.locator('.cc-room .cc-xl.cc-yellow').waitFor();
  await looked(ann, 'captions-large', { touch: true });
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').tap();
  await ann.page.locator('.cc-room .cc-xl.cc-yellow').waitFor();
});

step('who wrote a line corrects it, a host takes one back, and everybody sees that', async () => {
  await bob.page.getByLabel('Текст субтитрів').fill(WRONG);
  await bob.page.keyboard.press('Enter');
  await ann.page.locator('.cc-room').getByText(WRONG).waitFor();
  await bob.page.getByRole('button', { name: `Виправити: ${WRONG}` }).click();
  const box = bob.page.getByLabel('Як має бути в рядку');
  assert.equal(await box.inputValue(), WRONG);
  await looked(bob, 'captions-correcting');
  await box.fill(RIGHT);
  await bob.page.keyboard.press('Enter');
  await ann.page.locator('.cc-room').getByText(RIGHT).waitFor();
  await bob.page.waitForFunction((name) => document.activeElement?.getAttribute('aria-label') === name, `Виправити: ${RIGHT}`);
  await bob.page.getByLabel('Текст субтитрів').fill(SLIP);
  await bob.page.keyboard.press('Enter');
  await ann.page.locator('.cc-room').getByText(SLIP).waitFor();
  await host.page.getByRole('button', { name: 'Ще', exact: true }).click();
  await host.page.getByRole('menuitem', { name: 'Писати субтитри' }).click();
  await host.page.getByRole('button', { name: `Прибрати: ${SLIP}` }).click();
  await ann.page.locator('.cc-room').getByText(SLIP).waitFor({ state: 'detached' });
  await bob.page.locator('.cc-log').getByText(RIGHT).waitFor();
  assert.equal(await bob.page.locator('.cc-log').getByText(SLIP).count(), 0);
});

step('who looks back while it is recorded has them', async () => {
  const vtt = () => host.page.evaluate(async (id) => {
    const { recording } = await (await fetch(`/api/lessons/${id}`)).json();
    const r = await fetch(recording.captions[0].url);
    return r.status === 200 ? r.text() : '';
  }, path.split('/').pop());
  const text = await vtt();
  assert.match(text, /^WEBVTT\n/);
  assert.ok(text.includes(RIGHT) && !text.includes(SLIP) && !text.includes(WRONG), text);
  await bob.page.getByLabel('Текст субтитрів').fill(LATER);
  await bob.page.keyboard.press('Enter');
  await ann.page.locator('.cc-room').getByText(LATER).waitFor();
  assert.ok((await vtt()).includes(LATER));
});

step('the lesson shows them at the same second', async () => {
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await host.page.goto(path);
  for (let i = 0; i < 40 && (await host.page.locator('.transcript').count()) === 0; i++) {
    await host.page.waitForTimeout(500);
    await host.page.reload();
    await host.page.waitForSelector('main');
  }
  const line = host.page.locator('.transcript-list button', { hasText: LINE });
  await line.waitFor();
  const { wanted, vtt } = await host.page.evaluate(async ([id, text]) => {
    const lesson = await (await fetch(`/api/lessons/${id}`)).json();
    const rec = (lesson.lesson ?? lesson).recording;
    const log = (await (await fetch(rec.timeline)).text()).trim().split('\n').map((l) => JSON.parse(l));
    const said = log.find((l) => l.type === 'caption' && l.text === text);
    const at = said.at - (said.ago ?? 0);
    const take = rec.takes.filter((x) => x.wall_ms <= at).at(-1);
    return { wanted: (take.base_ms + at - take.wall_ms) / 1000, vtt: await (await fetch(rec.captions[0].url)).text() };
  }, [path.split('/').pop(), LINE]);
  assert.match(vtt, /^WEBVTT\n/);
  assert.ok(vtt.includes('&lt;одна друга&gt;'));
  await host.page.getByLabel('Шукати в розшифровці').fill('ДРІБ');
  assert.equal(await host.page.locator('.transcript-list li').count(), 1);
  await line.click();
  const video = host.page.locator('.picture-main');
  await host.page.waitForFunction((s) => Math.abs(document.querySelector('.picture-main').currentTime - s) <= 0.5, wanted);
  assert.equal(await host.page.locator('.pictures .cc').count(), 0, 'off until they are turned on');
  await host.page.getByRole('button', { name: 'Субтитри' }).click();
  await host.page.getByRole('menuitemradio', { name: 'українська' }).click();
  await host.page.locator('.pictures .cc').getByText(LINE).waitFor()
    .catch(async (e) => assert.fail(`${e.message}\nat ${await video.evaluate((v) => v.currentTime)} s of ${wanted}: ${vtt}`));
  await looked(host, 'captions-lesson');
  await video.evaluate((v, s) => (v.currentTime = s), Math.max(0, wanted - 0.5));
  await host.page.waitForFunction((t) => !document.querySelector('.pictures .cc')?.textContent.includes(t), LINE);
  await video.evaluate((v, s) => (v.currentTime = s), wanted + 0.5);
  await host.page.locator('.pictures .cc').getByText(LINE).waitFor();
});

step('the lesson\'s host corrects a line, and another stays away', async () => {
  const list = host.page.locator('.transcript-list');
  await host.page.getByLabel('Шукати в розшифровці').fill('');
  assert.equal(await list.getByText(SLIP).count(), 0);
  await host.page.getByRole('button', { name: 'Виправити рядки' }).click();
  await host.page.getByRole('button', { name: `Виправити: ${LATER}` }).click();
  await host.page.getByLabel('Як має бути в рядку').fill('А далі приклади.');
  await looked(host, 'captions-lesson-correcting');
  await host.page.keyboard.press('Enter');
  await list.getByText('А далі приклади.').waitFor();
  await host.page.getByRole('button', { name: `Прибрати: ${RIGHT}` }).click();
  await list.getByText(RIGHT).waitFor({ state: 'detached' });
  const { vtt, log } = await host.page.evaluate(async (id) => {
    const { recording } = await (await fetch(`/api/lessons/${id}`)).json();
    return { vtt: await (await fetch(recording.captions[0].url)).text(), log: await (await fetch(recording.timeline)).text() };
  }, path.split('/').pop());
  for (const text of [vtt, log]) assert.ok(text.includes('А далі приклади.') && !text.includes(RIGHT) && !text.includes(LATER), text);
});

step('two correct one line at a time, and neither overwrites the other unseen', async () => {
  const id = path.split('/').pop(), list = host.page.locator('.transcript-list');
  /* The other one: a window of his own, by the API. */
  const other = (text, at) => host.page.evaluate(async ([lesson, said, line]) => {
    const { csrf } = await (await fetch('/api/session')).json();
    const vtt = await (await fetch(`/media/${lesson}/captions-uk.vtt`)).text();
    const n = vtt.split('\n\n').find((cue) => cue.includes(line)).split('\n')[0];
    const r = await fetch(`/api/lessons/${lesson}/captions/uk/${n}`, { method: 'PATCH', body: JSON.stringify({ text: said }), headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' } });
    return r.status;
  }, [id, text, at]);
  const vtt = () => host.page.evaluate(async (lesson) => (await fetch(`/media/${lesson}/captions-uk.vtt`)).text(), id);
  await host.page.getByRole('button', { name: 'Виправити: А далі приклади.' }).click();
  const box = host.page.getByLabel('Як має бути в рядку');
  await box.fill('А далі задачі.');
  assert.equal(await other('А далі вправи.', 'А далі приклади.'), 200);
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('alert').getByText('Тим часом хтось змінив цей рядок: «А далі вправи.»').waitFor();
  assert.equal(await box.inputValue(), 'А далі задачі.', 'what was typed is still there');
  assert.ok((await vtt()).includes('А далі вправи.'));
  await looked(host, 'captions-meanwhile');
  await host.page.setViewportSize(PHONE);
  for (const colorScheme of ['dark', 'light']) {
    await host.page.emulateMedia({ colorScheme });
    await box.scrollIntoViewIfNeeded();
    await looked(host, `captions-meanwhile-${colorScheme}`);
  }
  await host.page.setViewportSize(WIDE);
  await box.focus();
  await host.page.keyboard.press('Escape');
  await list.getByText('А далі вправи.').waitFor();
  assert.ok((await vtt()).includes('А далі вправи.'), 'who cancels leaves it');
  /* Knowing of it he may put his own in its place. */
  await host.page.getByRole('button', { name: 'Виправити: А далі вправи.' }).click();
  await box.fill('А далі задачі.');
  assert.equal(await other('А далі ігри.', 'А далі вправи.'), 200);
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('alert').getByText('«А далі ігри.»').waitFor();
  await host.page.getByRole('button', { name: 'Зберегти', exact: true }).click();
  await list.getByText('А далі задачі.').waitFor();
  assert.ok((await vtt()).includes('А далі задачі.'));
  /* And what was changed is not withdrawn unseen. */
  assert.equal(await other('А далі зовсім інше.', 'А далі задачі.'), 200);
  await host.page.getByRole('button', { name: 'Прибрати: А далі задачі.' }).click();
  await host.page.getByText('Нічого не прибрано: тим часом хтось змінив цей рядок на «А далі зовсім інше.»').first().waitFor();
  await list.getByText('А далі зовсім інше.').waitFor();
  await host.page.getByRole('button', { name: 'Прибрати: А далі зовсім інше.' }).click();
  await list.getByText('А далі зовсім інше.').waitFor({ state: 'detached' });
  assert.ok(!(await vtt()).includes('А далі зовсім інше.'));
});

step('captions come from a file, are searched as others, and go again', async () => {
  const file = (text, name = 'english.srt') => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await host.page.locator('.cc-bring select').selectOption('en');
  const pick = host.page.getByLabel('Файл субтитрів');
  await pick.setInputFiles(file('1\n00:00:00,500 --> 00:00:02,000\nHalf a cake\n\n2\n00:00:01,000 -> 00:00:03,000\nno\n'));
  await host.page.getByRole('alert').getByText('Рядок 6: тут має бути час').waitFor();
  await looked(host, 'captions-file-fault');
  await pick.setInputFiles(file('1\n00:00:00,500 --> 00:00:02,000\n<i>Half</i> a cake\n\n2\n00:00:02,500 --> 00:00:03,000\nThe other half\n'));
  await host.page.locator('.cc-files').getByText('english.srt').waitFor();
  await host.page.locator('.transcript').getByLabel('Мова').selectOption('en');
  await host.page.getByLabel('Шукати в розшифровці').fill('OTHER');
  await host.page.locator('.transcript-list').getByText('The other half').waitFor();
  assert.equal(await host.page.locator('.transcript-list li').count(), 1);
  await looked(host, 'captions-file');
  await host.page.setViewportSize(PHONE);
  for (const colorScheme of ['light', 'dark']) {
    await host.page.emulateMedia({ colorScheme });
    await host.page.locator('.cc-tools').scrollIntoViewIfNeeded();
    await looked(host, `captions-file-${colorScheme}`);
  }
  await host.page.setViewportSize(WIDE);
  await host.page.getByRole('button', { name: 'Вилучити файл: English' }).click();
  await host.page.locator('.cc-files').getByText('english.srt').waitFor({ state: 'detached' });
  assert.equal(await host.page.getByLabel('Шукати в розшифровці').inputValue(), 'OTHER');
});

test('nothing was thrown on any page', () => {
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});

test('a correction that was acknowledged outlives kill -9', async () => {
  const id = path.split('/').pop();
  const cookie = (await host.page.context().cookies()).filter((c) => c.name === 'somhub_session').map((c) => `${c.name}=${c.value}`).join();
  const csrf = await host.page.evaluate(async () => (await (await fetch('/api/session')).json()).csrf);
  const text = async (url) => (await fetch(url, { headers: { Cookie: cookie } })).text();
  const cue = (vtt) => /\n\n(\d+)\n[^\n]+-->[^\n]+\n([^\n]+)/.exec(vtt);
  const [, n] = cue(await text(`${server.url}/media/${id}/captions-uk.vtt`));
  const put = await fetch(`${server.url}/api/lessons/${id}/captions/uk/${n}`, { method: 'PATCH', body: '{"text":"Виправлено вчасно."}',
    headers: { Cookie: cookie, 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' } });
  assert.equal(put.status, 200);
  await server.kill();
  const again = await serve(server.data);
  try {
    assert.equal(cue(await text(`${again.url}/media/${id}/captions-uk.vtt`))[2], 'Виправлено вчасно.');
    assert.match(await text(`${again.url}/media/${id}/timeline.jsonl`), /Виправлено вчасно\./);
  } finally {
    await again.stop();
  }
});
