/* formatwords — what the server refuses about formats, in the reader's words. */

import { ApiError } from '../api/client';
import type { KeptFormat, Wrong } from '../api/formats';
import { errorText } from '../i18n';
import { isText, tf } from '../i18n/formats';

export function wrongText(w: Wrong): string {
  const why = w.why === 'bool' || w.why === 'word' ? 'missing' : w.why;
  const key = `wrong.${why}`;
  if (isText(key)) return tf(key, { value: w.value });
  return tf('wrong.other', { value: w.text });
}

export function refusal(e: unknown, f?: KeptFormat): string {
  if (!(e instanceof ApiError)) return errorText(e);
  if (e.code === 'precondition') return tf('refused.meanwhile');
  if (e.code === 'full') return tf('refused.full');
  if (e.code === 'conflict') return tf(f?.default ? 'refused.default' : 'refused.used');
  return errorText(e);
}
