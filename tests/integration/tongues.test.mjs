// The languages of a recording as people use them: the room sings one tone, its interpreter another, so it is known whose
// voice is heard. While it is live and afterwards one chooses the language in the player, by keys and by pointer; the choice
// is kept; the files hold what was heard, also past a recorder that died; the one MP4 has the language as a sound more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addPeople, decode, enter, launch, makeData, PATIENCE_MS, PHONE, people, person, probe, serve, signIn, steps } from './lib.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
const HOST = 440;
const ANN = 880;
/* The floor is at a fifth under her: 14 dB; what an encoder adds beside a tone is far below. */
const APART_DB = 6;
const HZ = 8000;
let place, server, browser, host, ann, eve, path;
const faults = [];
const id = () => path.split('/').pop();
const recording = (file) => join(place.data, 'rec', id(), file);

async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  faults.push(...(await complaints(p.page)).map((c) => `${name}: ${c}`));
  if (await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) faults.push(`${name}: wider than the screen`);
}

async function until(what, fits) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 200))) {
    const is = await fits();
    if (is) return is;
  }
  return assert.fail(`${what}\n${server.log()}`);
}

/** His microphone is a tone. */
const sings = (p, hz) =>
  p.page.addInitScript((tone) => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (want) => {
      if (!want.audio) return real(want);
      const ctx = new AudioContext();
      const voice = ctx.createOscillator();
      const out = ctx.createMediaStreamDestination();
      voice.frequency.value = tone;
      voice.connect(out);
      voice.start();
      await ctx.resume();
      return out.stream;
    };
  }, hz);

/** Waits until the player plays this language: the floor's tone alone, or the interpreter's well above it. */
async function plays(p, wanted) {
  const heard = await p.page.evaluate(
    async ([want, [floor, voice], apart, wait]) => {
      const v = document.querySelector('.picture-main');
      if (!v.ear) {
        const ctx = new AudioContext();
        v.ear = ctx.createAnalyser();
        v.ear.fftSize = 8192;
        v.ear.smoothingTimeConstant = 0;
        const source = ctx.createMediaElementSource(v);
        source.connect(v.ear);
        source.connect(ctx.destination);
        await ctx.resume();
      }
      const db = new Float32Array(v.ear.frequencyBinCount);
      const at = (hz) => db[Math.round((hz * v.ear.fftSize) / v.ear.context.sampleRate)];
      let good = 0;
      let last = '';
      for (const end = performance.now() + wait; performance.now() < end && good < 5; await new Promise((r) => setTimeout(r, 100))) {
        if (v.paused) await v.play().catch(() => undefined);
        v.ear.getFloatFrequencyData(db);
        const [f, a] = [at(floor), at(voice)];
        last = f > -60 && a < f - 3 * apart ? 'floor' : a > -60 && f < a - apart && f > a - 6 * apart ? 'voice' : '';
        good = last === want ? good + 1 : 0;
      }
      return `${last} at ${v.currentTime.toFixed(1)} of ${v.duration}: ${at(floor)} dB, ${at(voice)} dB`;
    },
    [wanted, [HOST, ANN], APART_DB, PATIENCE_MS],
  );
  assert.ok(heard.startsWith(wanted), `${wanted}: ${heard}`);
}

const player = (p) => p.page.locator('.player');
const language = (p, name) => player(p).getByRole('button', { name, exact: true });

/** By keys alone: the button, the menu, the language. */
async function chooseByKeys(p, now, then) {
  await language(p, now).focus();
  await p.page.keyboard.press('Enter');
  const item = p.page.getByRole('menuitemradio', { name: then, exact: true });
  await item.waitFor();
  for (let i = 0; i < 5 && !(await item.evaluate((x) => x === document.activeElement)); i++) await p.page.keyboard.press('ArrowDown');
  assert.ok(await item.evaluate((x) => x === document.activeElement), `${then} is reached by keys`);
  await p.page.keyboard.press('Enter');
}

/** How loud a tone is in a window of the file, by Goertzel's filter. */
function tone(pcm, fromS, hz) {
  const n = HZ / 2;
  const k = 2 * Math.cos((2 * Math.PI * hz) / HZ);
  let [a, b] = [0, 0];
  for (let i = Math.round(fromS * HZ), left = n; left > 0; i++, left--) [a, b] = [pcm.readInt16LE(2 * i) + k * a - b, a];
  return (2 * Math.sqrt(a * a + b * b - k * a * b)) / n;
}

const seconds = (pcm) => pcm.length / 2 / HZ;
function sound(file) {
  return spawnSync('ffmpeg', ['-v', 'error', '-allowed_extensions', 'ALL', '-i', file, '-map', '0:a', '-f', 's16le', '-ac', '1', '-ar', String(HZ), '-'],
    { maxBuffer: 1 << 28 }).stdout;
}

const lesson = (p) => p.page.evaluate(async (event) => {
  const r = await fetch(`/api/lessons/${event}`);
  return r.ok ? r.json() : null;
}, id());

before(async () => {
  place = makeData();
  addPeople(place.data);
  server = await serve(place.data);
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Урок двома мовами');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  ann = await person(browser, server.url);
  eve = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await sings(host, HOST);
  await sings(ann, ANN);
  await enter(host.page, path, { mic: true, camera: false });
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await enter(ann.page, path, { name: 'Ганна' });
  await enter(eve.page, path, { name: 'Єва' });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  place?.remove();
});

step('a language is in the recording once its interpreter is heard', async () => {
  await host.page.getByRole('button', { name: 'Ведучому', exact: true }).click();
  await host.page.getByRole('menuitem', { name: 'Переклад', exact: true }).click();
  await host.page.getByLabel('Додати мову').selectOption('en');
  await host.page.getByLabel('Призначити перекладача').selectOption({ label: 'Ганна' });
  await host.page.getByRole('group', { name: 'Ганна' }).getByLabel('Англійська').click();
  await host.page.getByRole('group', { name: 'Ганна' }).locator('input:checked').waitFor();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
  await until('a segment of the room alone', () => readdirSync(recording('')).includes('a1-1-0002.m4s'));
  assert.deepEqual((await lesson(host)).recording.languages, [], 'nobody was heard, so there is none');
  await eve.page.getByRole('button', { name: 'Перемотати' }).click();
  await player(eve).waitFor();
  assert.equal(await language(eve, 'Мова: Зала').count(), 0);
  await ann.page.locator('.booth').getByRole('button', { name: 'В ефір' }).click();
  await ann.page.locator('.booth.on-air').getByText('переклад записується також').waitFor();
  await looked(ann, 'tongues-booth');
  const [one, ...more] = await until('the language', async () => {
    const { languages } = (await lesson(host)).recording;
    return languages.length > 0 && languages;
  });
  assert.deepEqual([one, more], [{ lang: 'en', playlist: `/media/${id()}/audio-en.m3u8` }, []]);
  await until('the master playlist names it', () =>
    /#EXT-X-MEDIA:TYPE=AUDIO,.*NAME="English",LANGUAGE="en",DEFAULT=NO,.*URI="audio-en\.m3u8"/.test(readFileSync(recording('index.m3u8'), 'utf8')));
});

step('who looks back is offered the language that came since, and hears the interpreter over the room', async () => {
  await until('two segments of hers', () => readFileSync(recording('audio-en.m3u8'), 'utf8').match(/-en\.m4s/g)?.length >= 2);
  await language(eve, 'Мова: Зала').waitFor();
  await eve.page.waitForFunction(() => document.querySelector('.picture-main')?.readyState >= 3);
  await eve.page.keyboard.press('Digit9');
  await plays(eve, 'floor');
  await looked(eve, 'tongues-live-phone');
  await chooseByKeys(eve, 'Мова: Зала', 'Англійська');
  await eve.page.keyboard.press('Digit9');
  await plays(eve, 'voice');
  await language(eve, 'Мова: Англійська').waitFor();
  await eve.page.getByRole('button', { name: 'До прямого ефіру' }).click();
});

step('a recorder that dies is followed by one that knows the language', async () => {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
  const recorder = children.find((c) => readFileSync(`/proc/${c}/cmdline`, 'utf8').split('\0')[1] === 'record');
  process.kill(Number(recorder), 'SIGKILL');
  await until('a segment of hers in the next take', () => readFileSync(recording('audio-en.m3u8'), 'utf8').includes('a2-1-0002-en.m4s'));
});

step('so does the recorder of a server that died, from the log alone', async () => {
  await server.kill();
  server = await serve(place.data, { listen: new URL(server.url).host });
  await ann.page.locator('.booth.on-air').waitFor();
  await until('a segment of hers in the take after it', () => /a[3-9]-\d+-\d+-en\.m4s/.test(readFileSync(recording('audio-en.m3u8'), 'utf8')));
});

step('the files hold what was heard', async () => {
  await host.page.getByRole('button', { name: 'Ведучому', exact: true }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await until('the lesson', async () => (await lesson(host))?.recording.state === 'ready');
  const floor = sound(recording('audio.m3u8'));
  const en = sound(recording('audio-en.m3u8'));
  assert.equal(en.length, floor.length);
  const whole = seconds(en);
  const lists = ['audio.m3u8', 'audio-en.m3u8'].map((f) => readFileSync(recording(f), 'utf8').replaceAll('-en.m4s', '.m4s'));
  assert.equal(lists[1], lists[0], 'one list, other files');
  let [interpreted, alone] = [0, 0];
  for (let s = 1; s + 1 < whole; s += 0.5) {
    assert.ok(tone(floor, s, ANN) < 200, `the room never hears her: ${tone(floor, s, ANN)} at ${s}`);
    const [f, a] = [tone(en, s, HOST), tone(en, s, ANN)];
    if (a < 200) alone++;
    else if (a > 2 * f) interpreted++;
  }
  assert.ok(alone >= 4 && interpreted >= 16, `${alone} windows of the room alone, ${interpreted} of hers, of ${whole} s`);
  assert.equal(decode(recording('index.m3u8')), '');
  const mp4 = await until('the one file', async () => (await lesson(host)).downloads.find((d) => d.kind === 'mp4'));
  assert.ok(mp4.bytes > 0);
  const sounds = probe(recording('lesson.mp4')).streams.filter((x) => x.codec_type === 'audio');
  assert.deepEqual(sounds.map((x) => [x.tags.language, x.disposition.default]), [['und', 1], ['eng', 0]]);
  assert.equal(decode(recording('lesson.mp4')), '');
});

step('in the lesson it is chosen by pointer and by keys, for sound alone too, named in the reader\'s language, and kept', async () => {
  await host.page.goto(path);
  await language(host, 'Мова: Зала').click();
  await looked(host, 'tongues-lesson-menu');
  await host.page.getByRole('menuitemradio', { name: 'Англійська', exact: true }).click();
  await host.page.waitForFunction(() => document.querySelector('.picture-main')?.readyState >= 3);
  await host.page.keyboard.press('Digit9');
  await plays(host, 'voice');
  await looked(host, 'tongues-lesson');
  await host.page.reload();
  await language(host, 'Мова: Англійська').waitFor();
  await host.page.waitForFunction(() => document.querySelector('.picture-main')?.readyState >= 3);
  await host.page.keyboard.press('Digit9');
  await plays(host, 'voice');
  await language(host, 'Якість').click();
  await host.page.getByRole('menuitemradio', { name: 'Лише звук', exact: true }).click();
  await player(host).locator('.sound-only').waitFor();
  await plays(host, 'voice');
  await chooseByKeys(host, 'Мова: Англійська', 'Зала');
  await host.page.keyboard.press('Digit9'); /* where she is heard, if anywhere */
  await plays(host, 'floor');
  await language(host, 'Якість').click();
  await host.page.getByRole('menuitemradio', { name: 'Відео та звук', exact: true }).click();
  await chooseByKeys(host, 'Мова: Зала', 'Англійська');
  await host.page.keyboard.press('Digit9');
  await plays(host, 'voice');
  await chooseByKeys(host, 'Мова: Англійська', 'Зала');
  await host.page.keyboard.press('Digit9');
  await plays(host, 'floor');
  await host.page.evaluate(() => localStorage.setItem('somhub.lang', 'en'));
  await host.page.setViewportSize(PHONE);
  await host.page.reload();
  await language(host, 'Language: Room').click();
  await host.page.getByRole('menuitemradio', { name: 'English', exact: true }).waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await host.page.emulateMedia({ colorScheme });
    await looked(host, `tongues-lesson-phone-${colorScheme}`);
  }
  assert.deepEqual(faults, []);
});
