// Weak lines: who saves data hears everything and sees a still every five seconds, for 40 kbit/s at the most by the
// browser's own count; it is remembered on the device, and with a click the picture moves again.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enter, launch, people, person, signIn, start, steps, tap, watch, PHONE } from './lib.mjs';
import { complaints, tooWide } from './looks.mjs';

const MEASURE_MS = 20_000;
const MOST_KBPS = 40;
const PACKET_MS = 20;
const step = steps(test);
const folder = mkdtempSync(join(tmpdir(), 'somhub-voice-'));
let server, browser, teacher, viewer, path;

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A voice that never pauses, the dearest there is: vowels of a deep voice, four syllables a second. */
function voice() {
  const hz = 48_000, n = hz * 8, wav = Buffer.alloc(44 + 2 * n), two = 2 * Math.PI;
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + 2 * n, 4);
  wav.write('WAVEfmt ', 8);
  for (const [at, v] of [[16, 16], [24, hz], [28, 2 * hz], [40, 2 * n]]) wav.writeUInt32LE(v, at);
  for (const [at, v] of [[20, 1], [22, 1], [32, 2], [34, 16]]) wav.writeUInt16LE(v, at);
  wav.write('data', 36);
  for (let i = 0; i < n; i++) {
    const t = i / hz, tone = (f) => Math.sin(two * f * t);
    const v = (0.55 + 0.45 * tone(4)) * 0.12 * (tone(130) + tone(260) + 0.7 * tone(390) + 0.6 * tone(650) + 0.4 * tone(1170));
    wav.writeInt16LE(Math.round(v * 32_767), 44 + 2 * i);
  }
  const file = join(folder, 'voice.wav');
  writeFileSync(file, wav);
  return file;
}

/** What the viewing connection has received: all bytes of it, those of sound, and the pictures. */
const received = (page) =>
  page.evaluate(async () => {
    const sum = { at: performance.now(), all: 0, audio: 0, packets: 0, frames: 0, keys: 0, height: 0 };
    for (const pc of window.pcs) {
      if (pc.connectionState !== 'connected') continue;
      (await pc.getStats()).forEach((s) => {
        if (s.type === 'transport') sum.all += s.bytesReceived;
        if (s.type !== 'inbound-rtp') return;
        if (s.kind === 'audio') {
          sum.audio += s.bytesReceived;
          sum.packets += s.packetsReceived;
        } else {
          sum.frames += s.framesDecoded ?? 0;
          sum.keys += s.keyFramesDecoded ?? 0;
          sum.height = Math.max(sum.height, s.frameHeight ?? 0);
        }
      });
    }
    return sum;
  });

/** What the speaker's microphone gave, in ms, and what of it went out, in packets of 20 ms. */
const spoken = (page) =>
  page.evaluate(async () => {
    const sum = { ms: 0, packets: 0 };
    for (const pc of window.pcs) {
      (await pc.getStats()).forEach((s) => {
        if (s.kind !== 'audio') return;
        if (s.type === 'media-source') sum.ms += s.totalSamplesDuration * 1000;
        if (s.type === 'outbound-rtp') sum.packets += s.packetsSent;
      });
    }
    return sum;
  });

/** The viewer's count begins before the speaker's and ends after it: whatever is lost on the way is missing in it.
    Sound is reckoned to the time that was spoken, for the microphone of a browser on a busy machine has gaps of its own. */
async function measured(page) {
  const a = await received(page), from = await spoken(teacher.page);
  await page.waitForTimeout(MEASURE_MS);
  const to = await spoken(teacher.page);
  await page.waitForTimeout(200);
  const b = await received(page);
  const kbps = (bytes, ms = b.at - a.at) => Math.round((bytes * 8) / ms);
  const sent = to.packets - from.packets, given = to.ms - from.ms, packets = b.packets - a.packets, audio = b.audio - a.audio;
  const others = b.all - a.all - audio;
  const m = { all: kbps(others) + kbps(audio, packets * PACKET_MS), seen: kbps(b.all - a.all), given: Math.round(given), sent, packets };
  Object.assign(m, { frames: b.frames - a.frames, keys: b.keys - a.keys, height: b.height });
  console.log(`# ${JSON.stringify(m)}`);
  return m;
}

/** Nothing for axe to complain of, nothing sideways. */
async function sound(page, what) {
  assert.deepEqual(await complaints(page), [], what);
  assert.equal(await tooWide(page), false, what);
}

/** Waits until no picture but a still came for longer than one of a stream that flows could stay away. */
async function still(page) {
  for (let calm = 0, was = -1; calm < 3; ) {
    const { frames } = await received(page);
    calm = frames === was ? calm + 1 : 0;
    was = frames;
    await page.waitForTimeout(500);
  }
}

step('a teacher who speaks without a pause, and somebody on a phone', async () => {
  server = await start();
  browser = await launch({ audio: voice() });
  teacher = await person(browser, server.url);
  await tap(teacher);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Урок на слабкому звʼязку');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await enter(teacher.page, path, { mic: true, camera: true });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  viewer = await person(browser, server.url, { viewport: PHONE });
  await tap(viewer);
  await enter(viewer.page, path, { name: 'Марічка' });
  await watch(viewer.page, '.person video', { frames: 15 });
});

step('saving data: a still now and then, every word, 40 kbit/s at the most', async () => {
  const { page } = viewer;
  await page.getByRole('button', { name: /Зʼєднання:/ }).click();
  await page.getByRole('checkbox', { name: /Заощаджувати трафік/ }).check();
  await sound(page, 'the switch of saving');
  await page.getByRole('dialog').getByRole('button', { name: 'Закрити', exact: true }).last().click();
  await page.locator('[data-banner=saving]').waitFor();
  await still(page);
  await sound(page, 'saving');
  const m = await measured(page);
  assert.ok(m.all <= MOST_KBPS && m.seen <= MOST_KBPS, `${m.all} kbit/s, ${m.seen} seen`);
  assert.ok(m.given >= MEASURE_MS / 4 && m.sent >= (m.given / PACKET_MS) * 0.95, `${m.sent} packets of ${m.given} ms of sound were sent`);
  assert.ok(m.packets >= m.sent, `${m.packets} of ${m.sent} packets of sound came`);
  assert.ok(m.keys >= 3 && m.keys <= 5, `${m.keys} stills`);
  assert.equal(m.frames, m.keys, 'nothing between the stills');
});

step('it is remembered on the device', async () => {
  const { page } = viewer;
  await enter(page, path, { name: 'Марічка' });
  await page.locator('[data-banner=saving]').waitFor();
  await still(page);
  assert.ok((await received(page)).keys >= 1, 'no still came');
});

step('and with a click the picture moves again', async () => {
  const { page } = viewer;
  await page.getByRole('button', { name: 'Повернути відео' }).click();
  await watch(page, '.person video', { frames: 40 });
  await page.locator('[data-banner=saving]').waitFor({ state: 'detached' });
  assert.deepEqual(viewer.problems, []);
  assert.deepEqual(teacher.problems, []);
});
