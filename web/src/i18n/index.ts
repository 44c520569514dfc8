/* index — the words of the interface in the chosen language. Reading `lang` inside makes every caller that renders
 * follow the language switch. */

import { lang } from '../state/prefs';
import { en } from './en';
import { format, LOCALES, type Lang, type Message, type Params } from './format';
import { uk } from './uk';

export type Key = keyof typeof uk;

const TABLES: Record<Lang, Record<Key, Message>> = { uk, en };

export const locale = (): string => LOCALES[lang.value];

export function t(key: Key, params: Params = {}): string {
  const l = lang.value;
  return format(TABLES[l][key], l, params);
}

export const isKey = (key: string): key is Key => Object.hasOwn(uk, key);

/** What went wrong, in the reader's words; an unknown code is "something went wrong". */
export function errorText(e: unknown): string {
  const code = (e as { code?: string } | null)?.code ?? 'unknown';
  const key = `error.${code}`;
  return t(isKey(key) ? key : 'error.unknown');
}

/** A name kept as data in both languages. */
export function named(n: { uk: string; en: string } | null | undefined): string {
  if (!n) return '';
  return (lang.value === 'en' ? n.en : n.uk) || n.uk || n.en;
}
