// What the story of a whole class does again and again: buttons by their words, the chat of everybody compared, strokes,
// a deck; and the lesson that came of it, asked for what it shows at a moment of the class.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/* Replay and class agree to this. */
export const AGREE_MS = 1000;
export const AT_TABLE = 'лише за нашим столом';

export const button = (p, name) => p.page.getByRole('button', { name, exact: true });
export const tab = (p, name) => p.page.locator('.panel-head').getByRole('button', { name: new RegExp(`^${name}`) }).click();
export const choose = async (p, menu, item) => {
  await button(p, menu).click();
  await p.page.getByRole('menuitem', { name: item, exact: true }).click();
};
export const tools = (p, item) => choose(p, 'Ведучому', item);
export const each = (list, f) => Promise.all(list.map(f));
/** Of who is in the list of people that `host` looks at. */
export const idOf = (host, p) => host.page.locator('.someone', { hasText: p.name }).first().getAttribute('data-who');
/** The sources of one's own that were off or on are the other way round now. */
export async function turn(p, control, on) {
  const it = p.page.locator(`${control}:not([aria-disabled])`);
  await it.click();
  await p.page.locator(`${control}[aria-pressed=${on}]`).waitFor();
}

export async function write(p, text) {
  const field = p.page.locator('.composer textarea');
  await field.fill(text);
  await field.press('Enter');
}
export const linesOf = (p) => p.page.locator('.chat-log .line:not(.unsent) .linked').allTextContents();
/** Until the chat of `p` has these lines, in whatever order. */
export const has = (p, texts) =>
  p.page.waitForFunction((want) => {
    const there = new Set([...document.querySelectorAll('.chat-log .line:not(.unsent) .linked')].map((l) => l.textContent));
    return want.every((t) => there.has(t));
  }, texts);
/** All have the same chat, everything once; what was said at a table apart. */
export async function sameChat(people) {
  const lines = async (p) => (await linesOf(p)).filter((t) => t !== AT_TABLE);
  const first = await lines(people[0]);
  assert.equal(new Set(first).size, first.length, `twice: ${first}`);
  for (const p of people.slice(1)) assert.deepEqual(await lines(p), first, p.name);
  return first;
}

/** A PDF of two pages, each of one colour. */
export function deck() {
  const page = (n, rgb) => {
    const draw = `${rgb} rg 0 0 640 360 re f`;
    return `${n} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 360]/Contents ${n + 1} 0 R>>endobj\n${n + 1} 0 obj<</Length ${draw.length}>>stream\n${draw}\nendstream endobj\n`;
  };
  return Buffer.from(`%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>endobj\n${page(3, '0.8 0.1 0.1')}${page(5, '0.1 0.6 0.1')}trailer<</Root 1 0 R>>\n%%EOF\n`, 'latin1');
}
export const onPage = (p, n) => p.page.waitForSelector(`.slide-page[data-page="${n}"]`);

export async function stroke(p, surface, from, to) {
  const r = await p.page.locator(surface).boundingBox();
  await p.page.mouse.move(r.x + r.width * from[0], r.y + r.height * from[1]);
  await p.page.mouse.down();
  await p.page.mouse.move(r.x + r.width * to[0], r.y + r.height * to[1], { steps: 6 });
  await p.page.mouse.up();
}
export const marksOn = (p, n) => p.page.waitForFunction((k) => document.querySelectorAll('.board g[data-mark]').length === k, n);

/** The lesson of an event: its log, and the page of `p` at a moment of the class. */
export async function lesson(p, data, id) {
  const log = readFileSync(join(data, 'rec', id, 'timeline.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l));
  const takes = await p.page.evaluate(async (e) => (await (await fetch(`/api/lessons/${e}`)).json()).recording.takes, id);
  const second = (wallMs) => {
    const take = takes.filter((x) => x.wall_ms <= wallMs).at(-1) ?? takes[0];
    return Math.max(0, take.base_ms + wallMs - take.wall_ms) / 1000;
  };
  return {
    log,
    /** Stands at this moment of the wall's clock. */
    at: async (wallMs) => {
      await p.page.goto(`/e/${id}?t=${second(wallMs)}`);
      await p.page.waitForSelector('.player');
      await p.page.waitForFunction((s) => Math.abs((document.querySelector('.picture-main')?.currentTime ?? -1) - s) < 0.5, second(wallMs));
    },
  };
}

/** Until the picture is drawn and is not black. */
export const lit = (p, selector) =>
  p.page.waitForFunction((sel) => {
    const v = document.querySelector(sel);
    if (!v || v.hidden || v.readyState < 2) return false;
    const c = document.createElement('canvas').getContext('2d');
    c.drawImage(v, 0, 0, 64, 36);
    return c.getImageData(0, 0, 64, 36).data.some((b, i) => i % 4 < 3 && b > 60);
  }, selector);
