/* index — the words of the interface. A message is text with {names}, or one text a plural form of {count}.
 * Reading `lang` inside makes every caller that renders follow the language switch. */

import { lang, type Lang } from '../state/prefs';
import { en } from './en';
import { uk } from './uk';

export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Message = string | Plural;
export type Key = keyof typeof uk;
export type Params = Record<string, string | number>;

const TABLES: Record<Lang, Record<Key, Message>> = { uk, en };
const LOCALES: Record<Lang, string> = { uk: 'uk-UA', en: 'en-GB' };
const plurals: Record<Lang, Intl.PluralRules> = {
  uk: new Intl.PluralRules('uk'),
  en: new Intl.PluralRules('en'),
};

export const locale = (): string => LOCALES[lang.value];

export function format(message: Message, l: Lang, params: Params): string {
  const text =
    typeof message === 'string' ? message : (message[plurals[l].select(Number(params.count ?? 0))] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(LOCALES[l]).format(value) : value;
  });
}

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
