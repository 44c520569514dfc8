/* prefs — what this browser remembers: language, theme, devices, the name a guest gave. Storage may be forbidden;
 * then everything lasts until the page is closed. */

import { effect, signal } from '@preact/signals';
import type { Lang } from '../i18n/format';

export type { Lang };
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'somhub.';

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(KEY + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(KEY + name);
    else localStorage.setItem(KEY + name, value);
  } catch {
    /* Private mode or a full store: nothing to be done. */
  }
}

function firstLang(): Lang {
  const kept = recall('lang');
  if (kept === 'uk' || kept === 'en') return kept;
  const wanted = (navigator.languages ?? [navigator.language]).map((l) => l.slice(0, 2).toLowerCase());
  if (wanted.includes('uk')) return 'uk';
  return wanted[0] === 'en' && !wanted.includes('ru') ? 'en' : 'uk';
}

function firstTheme(): Theme {
  const kept = recall('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export const lang = signal<Lang>(firstLang());
export const theme = signal<Theme>(firstTheme());
export const guestName = signal(recall('name') ?? '');

export function setLang(l: Lang): void {
  lang.value = l;
  remember('lang', l);
}

export function setTheme(t: Theme): void {
  theme.value = t;
  remember('theme', t === 'system' ? null : t);
}

effect(() => {
  document.documentElement.lang = lang.value;
});
effect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});
