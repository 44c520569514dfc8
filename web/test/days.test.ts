/* days — ranges of the calendar, rules of repetition; and the calendar's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../src/i18n/format';
import { plan } from '../src/i18n/plantexts';
import { dayKey, dayOfKey, daysOf, localValue, rangeOf, readRule, REPEATS, ruleOf, step } from '../src/plan/days';

test('a month is whole weeks from Monday, a list is the month alone', () => {
  const month = rangeOf('month', new Date(2026, 1, 14));
  assert.equal(dayKey(month.from), '2026-01-26');
  assert.equal(dayKey(month.to), '2026-03-02');
  assert.equal(daysOf(month).length, 35);
  const list = rangeOf('list', new Date(2026, 1, 14));
  assert.deepEqual([dayKey(list.from), dayKey(list.to)], ['2026-02-01', '2026-03-01']);
  const week = rangeOf('week', new Date(2026, 10, 22)); // a Sunday
  assert.deepEqual([dayKey(week.from), dayKey(week.to)], ['2026-11-16', '2026-11-23']);
});

test('every range has days once, over changes of clocks and years, and never more than are asked for', () => {
  for (let m = 0; m < 36; m++) {
    for (const span of ['month', 'week', 'list'] as const) {
      const days = daysOf(rangeOf(span, new Date(2025, m, 17))).map(dayKey);
      assert.equal(new Set(days).size, days.length);
      assert.ok(days.length <= 42);
      if (span === 'month') assert.equal(days.length % 7, 0);
    }
  }
  assert.equal(dayKey(step('month', new Date(2026, 0, 31), 1)), '2026-02-01');
  assert.equal(dayKey(step('week', new Date(2026, 11, 30), 1)), '2027-01-06');
});

test('an address that is no day is none', () => {
  for (const bad of ['', '2026-13-01', '2026-02-30', 'x', '20260101']) assert.equal(dayOfKey(bad), null, bad);
  assert.equal(dayKey(dayOfKey('2026-02-28') ?? new Date(0)), '2026-02-28');
});

test('rules of repetition say what was chosen, and are read back', () => {
  const first = new Date(2026, 9, 29, 18, 0); // the fifth Thursday
  assert.equal(ruleOf('weekday', first, 4), 'FREQ=MONTHLY;BYDAY=-1TH;COUNT=4');
  assert.equal(ruleOf('weekday', new Date(2026, 9, 8), 4), 'FREQ=MONTHLY;BYDAY=2TH;COUNT=4');
  assert.equal(ruleOf('weekly', first, 5000), 'FREQ=WEEKLY;COUNT=200');
  for (const repeat of REPEATS) {
    if (repeat !== 'none') assert.deepEqual(readRule(ruleOf(repeat, first, 7)), { repeat, times: 7 });
  }
  assert.equal(readRule('FREQ=WEEKLY;BYDAY=TU,TH'), null);
  assert.equal(localValue(new Date(2026, 0, 5, 9, 7).getTime()), '2026-01-05T09:07');
});

test('the calendar’s words are there in both languages, with the same places and whole plurals', () => {
  const texts = (m: Message): string[] => (typeof m === 'string' ? [m] : Object.values(m));
  const places = (m: Message): string => [...new Set(texts(m).join(' ').match(/\{\w+\}/g) ?? [])].sort().join(' ');
  assert.deepEqual(Object.keys(plan.en).sort(), Object.keys(plan.uk).sort());
  for (const [key, m] of Object.entries(plan.uk) as [keyof typeof plan.uk, Message][]) {
    assert.equal(places(plan.en[key]), places(m), key);
    if (typeof m !== 'string') assert.deepEqual(Object.keys(m).sort(), ['few', 'many', 'one', 'other'], key);
    for (const text of [...texts(m), ...texts(plan.en[key])]) assert.ok(text.trim() && !/['"]/.test(text), `${key}: ${text}`);
  }
});
