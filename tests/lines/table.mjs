// The table of what lines of each kind gave: printed when a file of tests ends, kept in build/lines.json.
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../integration/lib.mjs';

const file = join(root, 'build/lines.json');
const rows = [];

/** A row: what was measured, and its bounds as [key, '<=' or '>=', value, unit]. Gives the sentences of what was missed. */
export function row(line, figures, bounds) {
  const checks = bounds.map(([key, op, bound, unit = '']) => {
    const value = figures[key];
    const ok = value !== undefined && (op === '<=' ? value <= bound : value >= bound);
    return { key, value, op, bound, unit, ok };
  });
  rows.push({ line, checks, figures });
  return checks.filter((c) => !c.ok).map((c) => `${line}: ${c.key} is ${c.value}${c.unit}, wanted ${c.op} ${c.bound}${c.unit}`);
}

export function report() {
  const old = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows : [];
  const mine = new Set(rows.map((r) => r.line));
  const all = [...old.filter((r) => !mine.has(r.line)), ...rows];
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), rows: all }, null, 1)}\n`);
  if (process.env.SUDO_UID) chownSync(file, Number(process.env.SUDO_UID), Number(process.env.SUDO_GID));
  const out = [['line', 'what', 'measured', 'wanted', '']];
  for (const r of rows) {
    for (const [i, c] of r.checks.entries()) {
      out.push([i === 0 ? r.line : '', c.key, `${c.value}${c.unit}`, `${c.op} ${c.bound}${c.unit}`, c.ok ? '' : 'MISSED']);
    }
  }
  const width = out[0].map((_, k) => Math.max(...out.map((o) => o[k].length)));
  for (const o of out) console.log(o.map((v, k) => v.padEnd(width[k])).join('  ').trimEnd());
}
