/* tokens — CSS cannot say "dark by the system or by choice" once: the two palettes that say it must stay one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync('src/styles/tokens.css', 'utf8');

function colours(selector: string): string[] {
  const from = css.indexOf(`${selector} {`);
  assert.notEqual(from, -1, selector);
  return [...css.slice(from, css.indexOf('}', from)).matchAll(/--[\w-]+: [^;]+;/g)].map((m) => m[0]);
}

test('dark is the same dark, chosen or given by the system', () => {
  const given = colours(":root:not([data-theme='light'])");
  assert.ok(given.length > 15);
  assert.deepEqual(colours(":root[data-theme='dark']"), given);
});
