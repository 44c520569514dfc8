/* days — weeks and months of a calendar in the reader's own zone, and rules of repetition as text. Pure. */

const DAY_MS = 86_400_000;

export type Span = 'month' | 'week' | 'list';
export interface Range {
  from: Date;
  to: Date;
}

export const startOfDay = (d: Date): Date => new Date(d.getFullYear(), d.getMonth(), d.getDate());
/** By the calendar, not by 24 hours: days of a change of clocks are longer or shorter. */
export const plusDays = (d: Date, n: number): Date => new Date(d.getFullYear(), d.getMonth(), d.getDate() + n);
/** Weeks begin on Monday, in both languages of the interface (en-GB). */
export const startOfWeek = (d: Date): Date => plusDays(d, -((d.getDay() + 6) % 7));
export const dayKey = (d: Date): string =>
  `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;

export function dayOfKey(key: string): Date | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(key);
  if (!m) return null;
  const d = new Date(Number(m[1]), Number(m[2]) - 1, Number(m[3]));
  return dayKey(d) === key ? d : null;
}

export function rangeOf(span: Span, at: Date): Range {
  if (span === 'week') {
    const from = startOfWeek(at);
    return { from, to: plusDays(from, 7) };
  }
  const first = new Date(at.getFullYear(), at.getMonth(), 1);
  const next = new Date(at.getFullYear(), at.getMonth() + 1, 1);
  if (span === 'list') return { from: first, to: next };
  const last = startOfWeek(plusDays(next, -1));
  return { from: startOfWeek(first), to: plusDays(last, 7) };
}

export const step = (span: Span, at: Date, by: number): Date =>
  span === 'week' ? plusDays(at, 7 * by) : new Date(at.getFullYear(), at.getMonth() + by, 1);

export function daysOf(r: Range): Date[] {
  const days: Date[] = [];
  for (let d = r.from; d < r.to; d = plusDays(d, 1)) days.push(d);
  return days;
}

export type Repeat = 'none' | 'daily' | 'workdays' | 'weekly' | 'biweekly' | 'monthly' | 'weekday';
export const REPEATS: Repeat[] = ['none', 'daily', 'workdays', 'weekly', 'biweekly', 'monthly', 'weekday'];
export const TIMES_MAX = 200;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The rule (RFC 5545 RRULE) of a series whose first event is at `first`. */
export function ruleOf(repeat: Exclude<Repeat, 'none'>, first: Date, times: number): string {
  const count = `COUNT=${Math.min(TIMES_MAX, Math.max(1, Math.round(times) || 1))}`;
  if (repeat === 'daily') return `FREQ=DAILY;${count}`;
  if (repeat === 'workdays') return `FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;${count}`;
  if (repeat === 'weekly') return `FREQ=WEEKLY;${count}`;
  if (repeat === 'biweekly') return `FREQ=WEEKLY;INTERVAL=2;${count}`;
  if (repeat === 'monthly') return `FREQ=MONTHLY;BYMONTHDAY=${first.getDate()};${count}`;
  /* The fifth of a weekday is not in every month: "the last" is meant. */
  const nth = Math.ceil(first.getDate() / 7);
  return `FREQ=MONTHLY;BYDAY=${nth === 5 ? -1 : nth}${WEEKDAYS[first.getDay()]};${count}`;
}

/** Which of the choices a rule is, and how many times; null for one made elsewhere. */
export function readRule(rule: string): { repeat: Exclude<Repeat, 'none'>; times: number } | null {
  const parts = new Map(rule.split(';').map((p) => p.split('=', 2) as [string, string]));
  const times = Number(parts.get('COUNT') ?? 0);
  const [freq, days] = [parts.get('FREQ'), parts.get('BYDAY')];
  if (freq === 'DAILY' && !days) return { repeat: 'daily', times };
  if (freq === 'WEEKLY' && days === 'MO,TU,WE,TH,FR') return { repeat: 'workdays', times };
  if (freq === 'WEEKLY' && !days && !parts.has('INTERVAL')) return { repeat: 'weekly', times };
  if (freq === 'WEEKLY' && !days && parts.get('INTERVAL') === '2') return { repeat: 'biweekly', times };
  if (freq === 'MONTHLY' && parts.has('BYMONTHDAY')) return { repeat: 'monthly', times };
  if (freq === 'MONTHLY' && days && !days.includes(',')) return { repeat: 'weekday', times };
  return null;
}

/** What a datetime-local field holds for a moment, by the reader's clock. */
export function localValue(ms: number): string {
  const d = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${dayKey(d)}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** The page of Google's calendar that adds an event. */
export function googleLink(e: { title: string; description: string; starts_at: number; duration_min: number }, url: string): string {
  const q = new URLSearchParams({
    action: 'TEMPLATE',
    text: e.title,
    dates: `${stamp(e.starts_at)}/${stamp(e.starts_at + e.duration_min * 60_000)}`,
    details: `${e.description.slice(0, 500)}\n\n${url}`.trim(),
    location: url,
  });
  return `https://calendar.google.com/calendar/render?${q}`;
}

/** Whether two zones show the same wall clock at a moment. */
export function sameClock(ms: number, zone: string): boolean {
  try {
    const read = (timeZone?: string): string =>
      new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(ms);
    return read(zone) === read();
  } catch {
    return true; /* a zone this browser does not know: nothing to compare with */
  }
}

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
export const spanDays = (r: Range): number => Math.round((r.to.getTime() - r.from.getTime()) / DAY_MS);
