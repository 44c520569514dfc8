/* index — the words of the interface in the chosen language. Reading `lang` inside makes every caller that renders
 * follow the language switch. */

import { lang } from '../state/prefs';
import { en } from './en';
import { format, LOCALES, type Lang, type Message, type Params } from './format';
import { uk, type Texts } from './uk';

export type Key = keyof typeof uk;

const TABLES: Record<Lang, Record<Key, Message>> = { uk, en };

export const locale = (): string => LOCALES[lang.value];

type Words<M> = M extends string ? M : M[keyof M];
type Places<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Places<Rest> : never;
/** The names a message has places for; of several messages, those of all. */
type Needs<K extends Key> = Places<Words<Texts[K]>>;

function say(key: Key, params: Params): string {
  const l = lang.value;
  return format(TABLES[l][key], l, params);
}

/** A message by its key, with everything it has a place for. */
export function t<K extends Key>(key: K, ...rest: [Needs<K>] extends [never] ? [] : [Record<Needs<K>, string | number>]): string {
  return say(key, rest[0] ?? {});
}

/** A message whose key is known only now, if there is one; it has no places to fill. */
export function tIf(key: string): string | null {
  return isKey(key) ? say(key, {}) : null;
}

const isKey = (key: string): key is Key => Object.hasOwn(uk, key);

/** What went wrong, in the reader's words; an unknown code is "something went wrong". */
export function errorText(e: unknown): string {
  const code = (e as { code?: string } | null)?.code ?? 'unknown';
  return tIf(`error.${code}`) ?? t('error.unknown');
}

/** A name kept as data in both languages. */
export function named(n: { uk: string; en: string } | null | undefined): string {
  if (!n) return '';
  return (lang.value === 'en' ? n.en : n.uk) || n.uk || n.en;
}

/** A language in the reader's own; the code itself where the browser knows no name. */
export function langHere(code: string): string {
  let name: string;
  try {
    name = new Intl.DisplayNames([lang.value], { type: 'language' }).of(code) ?? code;
  } catch {
    name = code;
  }
  return name.charAt(0).toLocaleUpperCase(lang.value) + name.slice(1);
}

/** A language by its own name. */
export function langName(code: string): string {
  try {
    return new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}
