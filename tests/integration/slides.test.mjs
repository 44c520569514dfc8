// Slides, by clicking: a PDF is brought and shown, everybody follows, who leafs by himself comes back, a reload keeps the
// page, what is no PDF says why, and the lesson shows each page at its time.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, PHONE, people, person, signIn, start, steps, tooSmall } from './lib.mjs';
import { pdf } from './pdf.mjs';
import { complaints } from './looks.mjs';

const step = steps(test);
const COLOURS = [[200, 30, 30], [30, 150, 30], [30, 30, 200], [200, 150, 0]];
let server, browser, host, ann, bob, path;

async function looked(p, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`) });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await p.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, name);
}

/** What a button gives as a file. */
async function saved(p, button) {
  const [file] = await Promise.all([p.page.waitForEvent('download'), p.page.getByRole('button', { name: button }).click()]);
  return file.path();
}

/** Where on a page of a PDF the pen's red is, in parts of it. */
async function drawnOn(file, number) {
  const ppm = execFileSync('pdftoppm', ['-r', '72', '-f', String(number), '-l', String(number), file]);
  const [head, w, h] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.toString('latin1', 0, 40));
  const found = { count: 0, left: 1, right: 0, top: 1, bottom: 0 };
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [r, g, b] = ppm.subarray(head.length + 3 * (y * w + x));
      if (Math.abs(r - 211) > 12 || Math.abs(g - 47) > 12 || Math.abs(b - 47) > 12) continue;
      Object.assign(found, { count: found.count + 1, left: Math.min(found.left, x / w), right: Math.max(found.right, x / w),
        top: Math.min(found.top, y / h), bottom: Math.max(found.bottom, y / h) });
    }
  }
  return found;
}

/** The page is there: its picture, and (where it may be) what pdf.js drew, both of the page's colour. */
async function shows(p, number, { drawn = true } = {}) {
  await p.page.waitForSelector(`.slide-page[data-page="${number}"]`);
  await p.page.waitForFunction(() => {
    const img = document.querySelector('.slide-large');
    return img?.complete && img.naturalWidth === 1600;
  });
  if (drawn) await p.page.waitForSelector('.slide-sharp canvas');
  const rgb = await p.page.evaluate((of) => {
    const c = document.createElement('canvas');
    c.width = c.height = 1;
    const g = c.getContext('2d');
    const from = document.querySelector(of);
    g.drawImage(from, 5, 5, 1, 1, 0, 0, 1, 1);
    return [...g.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, drawn ? '.slide-sharp canvas' : '.slide-large');
  const want = COLOURS[number - 1];
  assert.ok(rgb.every((v, i) => Math.abs(v - want[i]) < 12), `page ${number}: ${rgb}`);
}

const openDecks = async (p) => {
  await p.page.getByRole('button', { name: 'Ведучому' }).click();
  await p.page.getByRole('menuitem', { name: 'Слайди' }).click();
  await p.page.getByRole('dialog').waitFor();
};
const bring = (p, name, buffer) => p.page.setInputFiles('dialog input[type=file]', { name, mimeType: 'application/pdf', buffer });

before(async () => {
  server = await start();
  browser = await launch();
  host = await person(browser, server.url);
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Слайди');
  await host.page.getByRole('radio', { name: 'Вебінар' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: false });
  ann = await person(browser, server.url, { colorScheme: 'dark' });
  bob = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB' });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('a deck is brought before the event, in pieces, and its pages are made', async () => {
  await openDecks(host);
  await looked(host, 'decks-none');
  const pieces = [];
  host.page.on('request', (r) => r.method() === 'PUT' && pieces.push(r.url()));
  const large = Buffer.concat([pdf(COLOURS), Buffer.from(`%${'x'.repeat(700_000)}\n`)]);
  await bring(host, 'Урок <b>1.pdf', large);
  await host.page.getByRole('dialog').getByText('4 сторінки').waitFor();
  await host.page.getByRole('dialog').getByText('Урок <b>1').waitFor();
  assert.ok(pieces.length > 2, `${pieces.length} pieces`);
  await looked(host, 'decks-one');
});

step('what is no deck says why, in words, and leaves nothing', async () => {
  const { page } = host;
  await bring(host, 'План.pptx', Buffer.from('PK\x03\x04'));
  await page.getByText('Збережіть його як PDF').waitFor();
  await bring(host, 'нотатки.pdf', Buffer.from('just words'));
  await page.getByText('не вдалося прочитати як PDF').waitFor();
  await bring(host, 'зламаний.pdf', Buffer.from('%PDF-1.7 and nothing more'));
  await page.locator('.deck-list').getByText('не вдалося прочитати як PDF').waitFor();
  const id = 'ff'.repeat(16);
  await bring(host, 'секрет.pdf', pdf([COLOURS[0]], `/ID[<${id}><${id}>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${id}${id}>/U<${id}${id}>>>`));
  await page.getByText('захищено паролем').waitFor();
  await looked(host, 'decks-failed');
  while (await page.locator('.deck-list').getByRole('button', { name: 'Прибрати' }).count() > 1) {
    const before = await page.locator('.deck-list li').count();
    await page.locator('.deck-list li', { has: page.locator('.note.bad') }).first().getByRole('button').click();
    await page.waitForFunction((n) => document.querySelectorAll('.deck-list li').length < n, before);
  }
  const files = readdirSync(join(server.data, 'decks', path.slice(3)));
  assert.equal(files.length, 2 + 2 * COLOURS.length, files.join(' '));
  await page.getByRole('dialog').getByRole('button', { name: 'Закрити' }).last().click();
});

step('everybody follows the host, who turns by keys', async () => {
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await enter(ann.page, path, { name: 'Ганна' });
  await bob.page.goto(`${path}/join`);
  await bob.page.getByLabel('Your name').fill('Bob');
  await bob.page.locator('.join button[type=submit]').click();
  await bob.page.waitForSelector('.room');
  await openDecks(host);
  await host.page.getByRole('button', { name: 'Показати всім' }).click();
  await Promise.all([shows(host, 1), shows(ann, 1), shows(bob, 1)]);
  await host.page.keyboard.press('ArrowRight');
  await Promise.all([shows(host, 2), shows(ann, 2), shows(bob, 2)]);
  await ann.page.getByText('Page number 2').waitFor({ state: 'attached' }); // for who cannot see it
  await host.page.keyboard.press('End');
  await shows(bob, 4);
  await looked(host, 'slides-host');
  await looked(ann, 'slides-dark');
  await looked(bob, 'slides-phone');
  assert.deepEqual(await tooSmall(bob.page), []);
});

step('who leafs by himself turns for nobody else, and comes back by one button', async () => {
  await bob.page.getByRole('button', { name: 'Previous slide' }).tap();
  await shows(bob, 3);
  assert.equal(await ann.page.locator('.slide-page').getAttribute('data-page'), '4');
  await bob.page.getByRole('button', { name: 'All slides' }).tap();
  await looked(bob, 'slides-overview-phone');
  await bob.page.getByRole('button', { name: 'Slide 1 of 4' }).tap();
  await shows(bob, 1);
  await host.page.getByRole('button', { name: 'Усі слайди' }).click();
  await host.page.getByRole('button', { name: 'Слайд 2 з 4' }).click();
  await shows(ann, 2);
  assert.equal(await bob.page.locator('.slide-page').getAttribute('data-page'), '1');
  await bob.page.getByRole('button', { name: 'Back to the speaker' }).tap();
  await shows(bob, 2);
});

step('what is drawn is seen by all, taken back by who drew it, and kept', async () => {
  const { page } = host;
  await page.getByRole('button', { name: 'Малювати' }).click();
  const r = await page.locator('.ink-hand').boundingBox();
  const drag = async (...way) => {
    const at = ([x, y]) => [r.x + r.width * x, r.y + r.height * y];
    await page.mouse.move(...at(way[0]));
    await page.mouse.down();
    for (const to of way.slice(1)) await page.mouse.move(...at(to), { steps: 8 });
    await page.mouse.up();
  };
  await drag([0.2, 0.2], [0.4, 0.3], [0.6, 0.2]);
  await bob.page.waitForSelector('.ink-layer g[data-mark] path', { state: 'attached' });
  await page.getByLabel('Чим малювати').selectOption('box');
  await page.getByLabel('Колір').selectOption({ label: 'Синій' });
  await drag([0.5, 0.5], [0.8, 0.8]);
  await ann.page.waitForSelector('[data-tool=box] path', { state: 'attached' });
  const [bx, hx] = await Promise.all([bob, host].map((p) => p.page.locator('[data-tool=box] path').evaluate((e) => e.getAttribute('d'))));
  assert.equal(bx, hx);
  await page.getByLabel('Чим малювати').selectOption('words');
  await page.getByLabel('Текст напису').fill('Тут <i>важливо</i>');
  await page.mouse.click(r.x + r.width * 0.3, r.y + r.height * 0.7);
  await bob.page.locator('.ink-layer text', { hasText: 'Тут <i>важливо</i>' }).waitFor({ state: 'attached' });
  await looked(host, 'ink-host');
  await looked(bob, 'ink-phone');
  await page.getByRole('button', { name: 'Скасувати останнє' }).click();
  await bob.page.locator('.ink-layer text').waitFor({ state: 'detached' });
  await page.getByLabel('Чим малювати').selectOption('eraser');
  await page.mouse.click(r.x + r.width * 0.5, r.y + r.height * 0.65); // its left edge
  await ann.page.locator('[data-tool=box]').waitFor({ state: 'detached' });
  assert.equal(await bob.page.locator('.ink-layer g[data-mark]').count(), 1);
  const red = await drawnOn(await saved(bob, 'Download the slides with what was drawn (PDF)'), 2);
  assert.ok(red.count > 200, 'the stroke is in the file');
  assert.ok(red.left > 0.18 && red.right < 0.62 && red.top > 0.17 && red.bottom < 0.33, JSON.stringify(red));
  await page.getByLabel('Чим малювати').selectOption('laser');
  const box = await page.locator('.ink-hand').boundingBox(); // the field for words is gone
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.75);
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.75, { steps: 20 });
  await bob.page.waitForFunction(() => {
    const dot = document.querySelector('.ink-laser');
    return dot && Math.abs(parseFloat(dot.style.left) - 50) < 1 && Math.abs(parseFloat(dot.style.top) - 75) < 1;
  });
  assert.equal(await bob.page.locator('.ink-laser').innerText(), people.teacher.name);
  await page.mouse.move(2, 2);
  await bob.page.locator('.ink-laser').waitFor({ state: 'detached' });
  assert.equal(await bob.page.getByRole('button', { name: 'Draw', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Малювати' }).click();
});

step('a reload keeps the page; a thin line has the picture alone', async () => {
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').click();
  await shows(ann, 2);
  await ann.page.waitForSelector('.ink-layer g[data-mark] path', { state: 'attached' });
  await ann.page.getByRole('button', { name: /Звʼязок|зʼєднання/i }).first().click();
  await ann.page.getByRole('checkbox', { name: /звук/i }).check();
  await ann.page.waitForFunction(() => document.querySelectorAll('.slide-sharp canvas').length === 0);
  await host.page.keyboard.press('ArrowRight');
  await shows(ann, 3, { drawn: false });
  assert.equal(await ann.page.locator('.slide-sharp canvas').count(), 0);
});

step('a second deck beside the first: each stands at its own page, and layouts put either beside nothing else', async () => {
  const { page } = host;
  await openDecks(host);
  await bring(host, 'Додаток.pdf', pdf(COLOURS.slice(0, 2)));
  const deck = (name) => page.locator('.deck-list li', { hasText: name });
  await deck('Додаток').getByText('2 сторінки').waitFor();
  await deck('Додаток').getByRole('button', { name: 'Показати всім' }).click();
  await shows(bob, 1);
  await openDecks(host);
  await deck('Урок').getByRole('button', { name: 'Показати всім' }).click();
  await shows(bob, 3);
  for (const [name, layout] of [['Screen only', 'screen'], ['Slides and speaker', 'slides']]) {
    await bob.page.keyboard.press('l');
    await bob.page.getByRole('radio', { name, exact: true }).check();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await bob.page.waitForSelector(`[data-layout="${layout}"] .front .slide-page[data-page="3"]`);
  }
});

step('strangers get no page of it', async () => {
  const [file] = readdirSync(join(server.data, 'decks', path.slice(3)));
  const r = await fetch(`${server.url}/media/${path.slice(3)}/slides/${file}`);
  assert.equal(r.status, 404);
});

step('the lesson shows each page at its time, and goes where one asks', async () => {
  await host.page.keyboard.press('Home');
  await shows(bob, 1);
  await host.page.keyboard.press('ArrowRight');
  await shows(bob, 2);
  await bob.page.waitForSelector('.ink-layer g[data-mark]', { state: 'attached' });
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await host.page.goto(path);
  for (let i = 0; i < 40 && (await host.page.locator('.lesson-main').count()) === 0; i++) {
    await host.page.waitForTimeout(500);
    await host.page.reload();
    await host.page.waitForSelector('main');
  }
  const chapters = host.page.locator('.chapters button');
  await chapters.first().waitFor();
  assert.ok((await chapters.count()) >= 5);
  await host.page.getByRole('button', { name: /^Слайд 4/ }).first().click();
  await shows(host, 4);
  await looked(host, 'slides-lesson');
  const second = host.page.getByRole('button', { name: /^Слайд 2/ });
  await second.first().click();
  await shows(host, 2);
  assert.equal(await host.page.locator('.ink-layer g[data-mark]').count(), 0, 'not drawn yet');
  await second.last().click();
  await host.page.waitForSelector('.lesson-slide .ink-layer g[data-mark] path', { state: 'attached' });
  await shows(host, 2);
});

test('nothing was thrown on any page', () => {
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
