// What every page must be: nothing axe complains of, nothing wider than the screen, in either theme and language.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { PHONE, WIDE } from './lib.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Until nothing changes its place or colour any more: in between, axe sees a button half way to its contrast. */
const still = (page) =>
  page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect.getTiming().iterations === Infinity));

/** What axe finds, in words. */
export async function complaints(page) {
  await page.evaluate(axe);
  await still(page);
  const found = await page.evaluate((only) => window.axe.run(document, { runOnly: only }), RULES);
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(' | ')}`);
}

export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

/** Until nothing loads or moves any more. */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('.spin:not(.banner .spin)'));
  await still(page);
}

export const looks = [
  { locale: 'uk-UA', colorScheme: 'light', viewport: WIDE },
  { locale: 'en-GB', colorScheme: 'dark', viewport: PHONE },
  { locale: 'uk-UA', colorScheme: 'dark', viewport: PHONE },
];
export const nameOf = (l) => `${l.locale} ${l.colorScheme} ${l.viewport.width}`;
