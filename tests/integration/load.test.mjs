// How much comes over the line until somebody is there, measured by the browser itself with nothing kept from before: the
// first page, and all the way from an invitation into the room. Of the way only the bytes that measure the line (its
// speed, /api/speed) are no part of the page and counted apart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, people, person, PHONE, signIn, start } from './lib.mjs';

const BUDGET_BYTES = 120_000;
let server, browser, path;

before(async () => {
  server = await start();
  browser = await launch();
  const { page } = await person(browser, server.url);
  await signIn(page, people.teacher);
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Скільки це важить');
  await page.getByRole('radio', { name: 'Вебінар' }).check();
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(page.url()).pathname;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Everything the page has loaded so far, the document with it: names and bytes of the bodies as they came. */
const loaded = (page) =>
  page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((e) => ({
      name: new URL(e.name).pathname, bytes: e.encodedBodySize, fresh: e.transferSize > 0,
    })));

/** Their sum has to be within the budget, or the scripts' alone; told by kinds. */
function weigh(t, what, list, { scripts = false } = {}) {
  const line = list.filter((e) => e.name === '/api/speed'), rest = list.filter((e) => e.name !== '/api/speed');
  const sum = (all) => all.reduce((n, e) => n + e.bytes, 0);
  const of = (pattern) => sum(rest.filter((e) => pattern.test(e.name)));
  const bytes = scripts ? of(/\.js$/) : sum(rest);
  t.diagnostic(`${what}: ${bytes} bytes in ${rest.length} answers (scripts ${of(/\.js$/)}, styles ${of(/\.css$/)}, data ${of(/^\/(api\/|healthz)/)}); beside it ${sum(line)} to measure the line`);
  const heaviest = rest.sort((a, b) => b.bytes - a.bytes).slice(0, 8).map((e) => `${e.name} ${e.bytes}`).join('\n');
  assert.ok(bytes <= BUDGET_BYTES, `${what}: ${bytes} bytes, at most ${BUDGET_BYTES}\n${heaviest}`);
  return bytes;
}

test('the first page', async (t) => {
  const { page, context } = await person(browser, server.url, { viewport: PHONE });
  await page.goto('/', { waitUntil: 'networkidle' });
  const list = await loaded(page);
  assert.ok(list.some((e) => /\/index-.*\.js$/.test(e.name) && e.fresh && e.bytes > 10_000), JSON.stringify(list));
  weigh(t, 'the first page', list);
  await context.close();
});

/** From the invitation into the room as this person; what that loaded. */
async function comeIn({ page }) {
  await page.goto(path);
  await page.getByRole('link', { name: 'Увійти й зачекати' }).click();
  await page.getByLabel('Ваше імʼя').fill('Марічка');
  await page.getByRole('button', { name: 'Увійти', exact: true }).click();
  await page.locator('.room .c-mic').waitFor();
  await page.waitForLoadState('networkidle');
  const list = await loaded(page);
  assert.ok(list.some((e) => /\/room-.*\.js$/.test(e.name) && e.fresh), JSON.stringify(list));
  return list;
}

test('from an invitation into the room', async (t) => {
  const p = await person(browser, server.url, { viewport: PHONE });
  weigh(t, 'from an invitation into the room', await comeIn(p));
  await p.context.close();
});

test('where no Brotli is taken, as by Chromium over plain HTTP, the scripts alone are within it', async (t) => {
  const p = await person(browser, server.url, { viewport: PHONE });
  const forms = new Set();
  p.page.on('response', (r) => /\.js$/.test(new URL(r.url()).pathname) && forms.add(r.headers()['content-encoding']));
  await p.context.setExtraHTTPHeaders({ 'Accept-Encoding': 'gzip' });
  weigh(t, 'into the room by gzip', await comeIn(p), { scripts: true });
  assert.ok(forms.has('gzip') && !forms.has('br'), [...forms].join(' ')); // the smallest go as they are
  await p.context.close();
});
