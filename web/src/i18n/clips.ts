/* clips — a message of uploaded videos in the language of the page. Kept out of the room's first load. */

import { lang } from '../state/prefs';
import { errorText } from '.';
import { clipsEn } from './clips.en';
import { clipsUk } from './clips.uk';
import { format, type Params } from './format';

export type ClipsKey = keyof typeof clipsUk;

const TABLES = { uk: clipsUk, en: clipsEn };

export const tv = (key: ClipsKey, params: Params = {}): string => format(TABLES[lang.value][key], lang.value, params);

export function whyText(why: string | undefined): string {
  const key = `why.${why ?? 'broken'}`;
  return Object.hasOwn(clipsUk, key) ? tv(key as ClipsKey) : tv('why.broken');
}

const OWN: Record<string, ClipsKey> = { full: 'full', too_large: 'tooLarge', conflict: 'making_now' };

/** What went wrong with one, in the reader's words. */
export function problemText(e: unknown): string {
  const key = OWN[(e as { code?: string } | null)?.code ?? ''];
  return key ? tv(key) : errorText(e);
}
