// Captions by a program that hears the room: a real one, which measures how loud it is. It dies once and is started again,
// says lines that are none, and what it says is read in the room and stands in the lesson where the sound is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, people, PATIENCE_MS, person, root, signIn, start, steps } from './lib.mjs';

const step = steps(test);
const HZ = 16_000;
/* Of a cue against the sound in the recording: what the mix, two pipes and the page's clock of 20 ms windows add. */
const NEAR_MS = 300;
let server, browser, host, ann, path, notes;

async function until(what, fits) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) if (fits()) return;
  assert.fail(`${what}\n${server.log()}`);
}

before(async () => {
  notes = mkdtempSync(join(tmpdir(), 'somhub-ears-'));
  server = await start({ args: ['--set', `captions.command=${process.execPath} ${join(root, 'tests/integration/ears.mjs')} ${notes}`] });
  browser = await launch();
  host = await person(browser, server.url);
  ann = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Хто що чує');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
});

after(async () => {
  await browser?.close();
  const end = await server?.stop();
  rmSync(notes, { recursive: true, force: true });
  assert.equal(end?.code, 0);
});

step('what is heard is read in the room, though the program died once', async () => {
  await enter(host.page, path, { mic: true, camera: true });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await enter(ann.page, path, { name: 'Ганна' });
  const button = ann.page.locator('.cc-btn');
  await button.waitFor();
  await button.click();
  await ann.page.locator('.cc-room').getByText('Чути звук номер').first().waitFor();
  assert.equal(readFileSync(join(notes, 'died'), 'utf8'), path.split('/').pop(), 'it is told which room it is');
  assert.match(server.log(), /speech program ended.*status=3/);
  assert.match(server.log(), /left out room=\S+ bad_lines=3/);
});

step('it learns nothing of the server\'s', () => {
  for (const name of readFileSync(join(notes, 'env'), 'utf8').split(' ')) assert.ok(['LANG', 'PATH', 'SOMHUB_ROOM'].includes(name), name);
});

step('it ends with the recording, and its lines stand where the sound is', async () => {
  await until('it hears more than once', () => readFileSync(join(notes, 'heard'), 'utf8').trim().split('\n').length >= 4);
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await until('its input ends', () => existsSync(join(notes, 'ended')));
  const id = path.split('/').pop();
  const captions = await host.page.waitForFunction(async (lesson) => {
    const r = await fetch(`/api/lessons/${lesson}`);
    const { recording } = r.ok ? await r.json() : {};
    return recording?.state === 'ready' && recording.captions.length === 2 && recording.captions;
  }, id, { polling: 500 });
  const texts = await host.page.evaluate((all) => Promise.all(all.map(async (c) => (await fetch(c.url)).text())), await captions.jsonValue());
  const cues = texts.join('\n').matchAll(/(\d+):(\d+):(\d+)\.(\d+) -->[^\n]*\nЧути звук номер (\d+)\./g);
  const at = [...cues].map(([, h, m, s, ms]) => ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms));
  assert.ok(at.length >= 4, texts.join('\n'));
  const sound = spawnSync('ffmpeg', ['-v', 'error', '-allowed_extensions', 'ALL', '-i', join(server.data, 'rec', id, 'audio.m3u8'),
    '-f', 's16le', '-ac', '1', '-ar', String(HZ), '-'], { maxBuffer: 1 << 28 }).stdout;
  const loud = (ms) => {
    let sum = 0;
    const n = HZ / 50, from = Math.round((ms * HZ) / 1000);
    for (let i = from; i < from + n; i++) sum += i >= 0 && 2 * i + 1 < sound.length ? sound.readInt16LE(2 * i) ** 2 : 0;
    return Math.sqrt(sum / n) > 500;
  };
  const begins = [];
  for (let ms = 300; ms * HZ * 2 < sound.length * 1000; ms += 20) {
    const before = Array.from({ length: 15 }, (_, i) => ms - 20 * (i + 1));
    if (loud(ms) && !before.some(loud)) begins.push(ms);
  }
  for (const ms of at) {
    const away = Math.min(...begins.map((b) => Math.abs(b - ms)));
    assert.ok(away <= NEAR_MS, `a cue at ${ms} is ${away} ms from where a sound begins: ${begins}`);
  }
});

step('what it says when its input has ended is in the lesson', async () => {
  const id = path.split('/').pop();
  const read = (file) => host.page.evaluate(async (url) => (await fetch(url)).text(), `/media/${id}/${file}`);
  let vtt;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !/\nОстанні слова\.\n/.test(vtt); await host.page.waitForTimeout(200)) vtt = await read('captions-uk.vtt');
  assert.match(vtt, /-->[^\n]*\nОстанні слова\.\n/, server.log());
  const log = (await read('timeline.jsonl')).trim().split('\n').map((l) => JSON.parse(l));
  const late = log.slice(log.findIndex((l) => l.type === 'ended') + 1);
  assert.ok(late.length > 0 && late.every((l) => l.type === 'caption'), JSON.stringify(late));
  assert.equal(late.at(-1).text, 'Останні слова.');
});

test('nothing was thrown on any page', () => {
  for (const p of [host, ann]) assert.deepEqual(p.problems, []);
});
