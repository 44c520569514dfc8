/* captions — of a lesson: what its editors correct, withdraw and bring. */

import { ApiError, get, putBytes, remove, sendIf } from './client';

export interface CaptionDoc {
  lang: string;
  url: string;
  /** The name of the file it was brought as. */
  file?: string;
}
interface Answer {
  captions: CaptionDoc[];
}

/** A cue as it is now; no text: it is withdrawn. */
export interface CueDoc {
  n: number;
  text: string;
  etag: string;
}

export const CAPTION_FILE_MAX = 1024 * 1024;
const NAME_MAX = 80;

/** Where a file is not as it should be. */
export interface CaptionFault {
  line: number;
  fault: string;
}

const place = (lesson: string, lang: string, n = ''): string =>
  `/api/lessons/${encodeURIComponent(lesson)}/captions/${encodeURIComponent(lang)}${n && `/${n}`}`;

export const readCue = async (lesson: string, lang: string, n: number): Promise<CueDoc> =>
  (await get<{ cue: CueDoc }>(place(lesson, lang, String(n)))).cue;
/** Refused as `precondition` when somebody else has changed `seen` meanwhile. */
export const correctCue = async (lesson: string, lang: string, seen: CueDoc, text: string): Promise<CaptionDoc[]> =>
  (await sendIf<Answer>('PATCH', place(lesson, lang, String(seen.n)), { text }, { 'If-Match': seen.etag })).captions;
export const dropCue = async (lesson: string, lang: string, seen: CueDoc): Promise<CaptionDoc[]> =>
  (await sendIf<Answer>('DELETE', place(lesson, lang, String(seen.n)), undefined, { 'If-Match': seen.etag })).captions;

/** A name as the server takes it. */
function nameOf(file: File): string {
  /* eslint-disable-next-line no-control-regex */
  const plain = file.name.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, ' ').trim();
  return [...plain].slice(0, NAME_MAX).join('').trim() || 'captions';
}

/** Where captions of something are brought and taken away, a file a language. */
export interface CaptionShelf {
  bring: (lang: string, file: File) => Promise<CaptionDoc[]>;
  drop: (lang: string) => Promise<CaptionDoc[]>;
}

export function shelfAt<A>(path: string, ticket: () => Promise<string | null>, read: (a: A) => CaptionDoc[]): CaptionShelf {
  return {
    bring: async (lang, file) => {
      if (file.size > CAPTION_FILE_MAX) throw new ApiError('invalid', 400, '', 0, [{ line: 0, fault: 'size' }]);
      return read(await putBytes<A>(`${path}/${encodeURIComponent(lang)}?name=${encodeURIComponent(nameOf(file))}`, new Blob([file]), await ticket()));
    },
    drop: async (lang) => read(await remove<A>(`${path}/${encodeURIComponent(lang)}`, await ticket())),
  };
}

export const lessonShelf = (lesson: string): CaptionShelf =>
  shelfAt<Answer>(`/api/lessons/${encodeURIComponent(lesson)}/captions`, async () => null, (a) => a.captions);

export function faultOf(e: unknown): CaptionFault | null {
  const [first] = (e instanceof ApiError ? e.errors : undefined) ?? [];
  return (first as CaptionFault | undefined) ?? null;
}
