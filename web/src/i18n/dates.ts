/* dates — moments and lengths of time in the reader's language and time zone. */

import { locale, t } from './index';

const DAY_MS = 86_400_000;

const fmt = (o: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(locale(), o);

export const timeOf = (ms: number): string => fmt({ hour: '2-digit', minute: '2-digit' }).format(ms);

export function dayOf(ms: number, now = Date.now()): string {
  const days = Math.round((startOfDay(ms) - startOfDay(now)) / DAY_MS);
  if (Math.abs(days) <= 1) {
    const word = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(days, 'day');
    return word.charAt(0).toLocaleUpperCase(locale()) + word.slice(1);
  }
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return fmt({ weekday: 'short', day: 'numeric', month: 'long', year: sameYear ? undefined : 'numeric' }).format(ms);
}

export function dateOf(ms: number): string {
  /* A date is never torn apart between two lines. */
  return fmt({ day: 'numeric', month: 'long', year: 'numeric' }).format(ms).replaceAll(' ', '\u00a0');
}

export const momentOf = (ms: number): string => `${dayOf(ms)}, ${timeOf(ms)}`;

export function fullMomentOf(ms: number): string {
  return fmt({
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(ms);
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** "1,25×" */
export const speedOf = (rate: number): string => `${new Intl.NumberFormat(locale()).format(rate)}×`;

/** "300 kbit/s", "2,5 Mbit/s" */
export function kbpsOf(kbps: number): string {
  if (kbps < 1000) return t('link.kbps', { n: kbps });
  return t('weak.mbps', { n: new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(kbps / 1000) });
}

/** 3:07, 1:02:45 */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** "45 min", "1 h 30 min" */
export function spanOf(ms: number): string {
  const min = Math.max(1, Math.round(ms / 60_000));
  const h = Math.floor(min / 60);
  if (h === 0) return t('time.min', { n: min });
  return min % 60 === 0 ? t('time.h', { h }) : t('time.hmin', { h, n: min % 60 });
}

/** "in 2 days", "in 5 minutes"; past moments likewise. */
export function fromNow(ms: number, now: number): string {
  const s = Math.round((ms - now) / 1000);
  const rtf = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const abs = Math.abs(s);
  if (abs < 60) return rtf.format(s, 'second');
  if (abs < 3600) return rtf.format(Math.round(s / 60), 'minute');
  if (abs < 86_400) return rtf.format(Math.round(s / 3600), 'hour');
  return rtf.format(Math.round(s / 86_400), 'day');
}

export function sizeOf(bytes: number): string {
  const mb = bytes / 1_000_000;
  const unit = mb >= 1000 ? 'gigabyte' : 'megabyte';
  const value = mb >= 1000 ? mb / 1000 : mb;
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
