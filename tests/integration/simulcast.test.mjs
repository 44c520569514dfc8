// A camera in three sizes: who draws it small is sent a small one, who enlarges it is sent a large one within a
// second, without a frozen picture; sizes nobody draws are switched off at the teacher's and come back when wanted.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { enter, launch, people, person, signIn, start, steps, watch, WIDE } from './lib.mjs';

const SMALL = { width: 330, height: 640 };
const step = steps(test);
let server, browser, teacher, student, path;

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Keeps the page's connections at hand for their statistics. */
const tap = (p) =>
  p.page.addInitScript(() => {
    const Real = window.RTCPeerConnection;
    window.pcs = [];
    window.RTCPeerConnection = class extends Real {
      constructor(...a) {
        super(...a);
        window.pcs.push(this);
      }
    };
  });

/** Milliseconds until the picture drawn has a height that fits, or -1. */
const until = (page, min, max, ms) =>
  page.evaluate(
    async ([lo, hi, wait]) => {
      const from = performance.now();
      while (performance.now() - from < wait) {
        const h = document.querySelector('.person video')?.videoHeight ?? 0;
        if (h >= lo && h <= hi) return Math.round(performance.now() - from);
        await new Promise((r) => setTimeout(r, 10));
      }
      return -1;
    },
    [min, max, ms],
  );

/** How many pictures of each layer the teacher's browser encoded so far. */
const encoded = (page) =>
  page.evaluate(async () => {
    const out = {};
    for (const pc of window.pcs)
      if (pc.connectionState === 'connected')
        (await pc.getStats()).forEach((s) => {
          if (s.type === 'outbound-rtp' && s.kind === 'video' && s.rid) out[s.rid] = s.framesEncoded ?? 0;
        });
    return out;
  });

/** The layers that are encoded now. */
async function layers(page) {
  const was = await encoded(page);
  await page.waitForTimeout(700);
  const now = await encoded(page);
  return Object.keys(now).filter((rid) => now[rid] - (was[rid] ?? 0) > 3).sort().join('');
}

async function settles(page, wanted, ms) {
  const from = Date.now();
  let got = '';
  while (Date.now() - from < ms) if ((got = await layers(page)) === wanted) return Date.now() - from;
  assert.fail(`layers ${got}, wanted ${wanted}`);
}

const frozen = (page) =>
  page.evaluate(async () => {
    let s = 0;
    for (const pc of window.pcs)
      (await pc.getStats()).forEach((r) => (s += r.type === 'inbound-rtp' && r.kind === 'video' ? (r.totalFreezesDuration ?? 0) : 0));
    return s;
  });

step('a class that is not recorded: a teacher with a camera, one student', async () => {
  server = await start();
  browser = await launch();
  teacher = await person(browser, server.url);
  student = await person(browser, server.url);
  await tap(teacher);
  await tap(student);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Три розміри');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await enter(teacher.page, path, { mic: true, camera: true });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await enter(student.page, path, { name: 'Марічка' });
  await watch(student.page, '.person video', { frames: 15 });
  await settles(teacher.page, 'fhq', 15_000);
});

step('drawn large it is large, drawn small it is small, each within a second or so', async () => {
  const times = [];
  assert.notEqual(await until(student.page, 600, 800, 8000), -1, 'the large size did not come');
  for (let round = 0; round < 3; round++) {
    await student.page.setViewportSize(SMALL);
    const down = await until(student.page, 100, 240, 6000);
    await student.page.waitForTimeout(1500);
    await student.page.setViewportSize(WIDE);
    const up = await until(student.page, 600, 800, 6000);
    await student.page.waitForTimeout(1500);
    times.push({ down, up });
  }
  console.log(`# ms to the smaller and to the larger size: ${JSON.stringify(times)}, frozen ${await frozen(student.page)} s`);
  for (const { down, up } of times) assert.ok(down >= 0 && down <= 2000 && up >= 0 && up <= 2000, JSON.stringify(times));
  assert.ok((await frozen(student.page)) <= 0.5);
});

step('while it is recorded the large size goes on; without, only what is drawn is sent', async () => {
  await student.page.setViewportSize(SMALL);
  await settles(teacher.page, 'fq', 20_000);
  await teacher.page.getByRole('button', { name: /запис/i }).first().click();
  await settles(teacher.page, 'q', 30_000);
  await student.page.setViewportSize(WIDE);
  const back = await until(student.page, 600, 800, 6000);
  console.log(`# ms until a size that was switched off is seen again: ${back}`);
  assert.ok(back >= 0 && back <= 2500, `${back} ms`);
});
