// Firefox ESR in the class: it watches what Chromium sends and teaches what Chromium watches, by its own buttons.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { enter, listen, people, root, watch } from '../integration/lib.mjs';
import { makeClass, makeMedia, spy } from './class.mjs';

let media, lesson;
const opened = [];

before(async () => {
  media = makeMedia();
  /* Debian's Firefox has no H.264 of its own. */
  lesson = await makeClass({ media, viewers: ['viewer', 'fox', 'vixen'], format: { codecs: ['vp8', 'h264'] } });
}, { timeout: 120_000 });
after(async () => {
  for (const f of opened) await f.close();
  await lesson?.close();
  media?.remove();
});

/** Firefox behind the line of that name. */
async function firefox(name) {
  const [program, ...words] = [...lesson.rig.within(name), process.execPath, join(root, 'tests/integration/firefox.mjs')];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await said.next();
    if (value === undefined) throw new Error('Firefox ended');
    return JSON.parse(value);
  };
  const f = {
    version: (await next()).ready,
    do: async (what, ...args) => {
      child.stdin.write(`${JSON.stringify({ id: 1, do: what, args })}\n`);
      const { value, error } = await next();
      if (error) {
        mkdirSync(join(root, 'build/results/pages'), { recursive: true });
        child.stdin.write(`${JSON.stringify({ id: 2, do: 'picture', args: [join(root, `build/results/pages/${name}.png`)] })}\n`);
        await next();
        throw new Error(`Firefox, ${what} ${args.join(' ').slice(0, 80)}: ${error}`);
      }
      return value;
    },
    /** Calls a function in the page. */
    ask: (fn, ...args) => f.do('evaluate', `(${fn})(${args.map((a) => JSON.stringify(a)).join(',')})`),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      const timer = setTimeout(() => child.kill(), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
  opened.push(f);
  await f.do('before', `(${spy})()`);
  return f;
}

/** What arrives after `seconds`: frames shown, their size, packets of sound and how loud it is. */
const arrives = async (seconds) => {
  const sum = () => {
    const s = window.lines.samples.at(-1);
    return { packets: s?.audio.packetsReceived ?? 0, energy: s?.audio.totalAudioEnergy ?? 0, decoded: s?.video.framesDecoded ?? 0 };
  };
  const a = sum(), shown = window.lines.frames.length;
  await new Promise((r) => setTimeout(r, seconds * 1000));
  const b = sum();
  return {
    frames: window.lines.frames.length - shown, height: window.lines.frames.at(-1)?.[1] ?? 0,
    decoded: b.decoded - a.decoded, packets: b.packets - a.packets, energy: b.energy - a.energy,
  };
};

test('Firefox watches a class in VP8, in picture and sound', { timeout: 180_000 }, async () => {
  const fox = await firefox('fox');
  await fox.do('goto', `${lesson.server.url}${lesson.path}/join`);
  await fox.do('fill', 'input[name=name]', 'Соломія');
  await fox.do('click', '.join button[type=submit]');
  await fox.do('wait', '.room');
  await fox.do('wait', '.person video');
  await fox.ask(() => new Promise((done) => setInterval(() => window.lines.frames.length > 5 && done(), 100)));
  const got = await fox.ask(arrives, 5);
  assert.ok(got.frames >= 50 && got.height >= 180, `shown ${got.frames} frames of height ${got.height} in 5 s`);
  assert.ok(got.packets >= 150 && got.energy > 0, `sound: ${got.packets} packets, energy ${got.energy}`);
  assert.deepEqual(await fox.do('problems'), []);
});

test('Firefox writes, raises a hand and is given the floor', { timeout: 180_000 }, async () => {
  const [fox] = opened;
  const { page } = lesson.teacher;
  await fox.do('fill', '.composer textarea', 'Вітання з Firefox');
  await fox.do('click', '.composer button[type=submit]');
  await page.locator('.chat-log .line', { hasText: 'Вітання з Firefox' }).waitFor();
  await fox.do('click', '.c-hand');
  await page.getByRole('button', { name: 'Люди', exact: true }).last().click();
  await page.locator('.someone.raised', { hasText: 'Соломія' }).getByRole('button', { name: 'Надати слово' }).click();
  await fox.do('click', '.c-camera:not([aria-disabled])');
  await fox.do('click', '.c-mic:not([aria-disabled])');
  const who = await page.locator('.person', { hasText: 'Соломія' }).getAttribute('data-who');
  await watch(page, `.person[data-who="${who}"] video`);
});

test('Firefox teaches: Chromium sees and hears it', { timeout: 180_000 }, async () => {
  await opened[0].close();
  const vixen = await firefox('vixen');
  await vixen.do('goto', `${lesson.server.url}/signin`);
  await vixen.do('fill', 'input[type=email]', people.teacher.email);
  await vixen.do('fill', 'input[type=password]', people.teacher.password);
  await vixen.do('click', 'form.signin button[type=submit]');
  await vixen.ask(() => new Promise((done) => setInterval(() => location.pathname !== '/signin' && done(), 100)));
  await vixen.do('goto', `${lesson.server.url}/events/new`);
  await vixen.do('fill', 'input[name=title]', 'Урок із Firefox');
  await vixen.do('click', 'input[type=radio][value=webinar]');
  await vixen.do('click', 'form button[type=submit]');
  await vixen.ask(() => new Promise((done) => setInterval(() => /^\/e\/[a-z0-9]{10}$/.test(location.pathname) && done(), 100)));
  const path = new URL(await vixen.do('url')).pathname;
  await vixen.do('goto', `${lesson.server.url}${path}/join`);
  await vixen.do('wait', '.preview video');
  await vixen.do('click', '.join button[type=submit]');
  await vixen.do('wait', '.room');
  await vixen.do('click', '::-p-xpath(//button[normalize-space(.)="Почати"])');
  const p = await lesson.browserAt('viewer');
  await enter(p.page, path, { name: 'Назар' });
  const seen = await watch(p.page, '.person video', { frames: 30 });
  assert.ok(seen.width >= 160, `width ${seen.width}`);
  assert.ok((await listen(p.page)) > 0.01, 'no sound');
  assert.deepEqual(await vixen.do('problems'), []);
});
