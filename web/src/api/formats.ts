/* formats — calls by which the staff keeps the formats (server/http/API.md §4). What one changes carries the number of
 * the state it was read in, so that two do not overwrite one another. */

import * as http from './client';
import type { Format, Named } from './types';

export interface KeptFormat extends Format {
  about: Named;
  video_slots: number;
  codecs: string[];
  /** Of its last change. */
  n: number;
  shipped: boolean;
  changed: boolean;
  events: number;
}
export type Deed = 'made' | 'changed' | 'restored' | 'hidden' | 'shown' | 'default' | 'deleted';
export interface FormatLine {
  n: number;
  format: string;
  did: Deed;
  by: string;
  at: number;
}
export interface Kept {
  format: KeptFormat;
  log: FormatLine[];
}
/** One thing wrong with what was to be saved, beside its field. */
export interface Wrong {
  field: string;
  why: string;
  value: string;
  text: string;
}
export type FormatDoc = Pick<KeptFormat, 'id' | 'name' | 'about' | 'lobby' | 'record' | 'keep' | 'layout' | 'questions' | 'tables'
  | 'stage_max' | 'video_slots' | 'codecs' | 'roles'> & Required<Pick<KeptFormat, 'names'>>;

const address = (id: string): string => `/api/formats/${encodeURIComponent(id)}`;
const seen = (n: number): Record<string, string> => ({ 'If-Match': `"${n}"` });

export const formatList = (): Promise<{ formats: KeptFormat[]; log?: FormatLine[] }> => http.get('/api/formats');
export const formatById = (id: string): Promise<Kept> => http.get(address(id));
export const makeFormat = (doc: FormatDoc): Promise<Kept> => http.sendIf('PUT', address(doc.id), doc, { 'If-None-Match': '*' });
export const saveFormat = (doc: FormatDoc, n: number): Promise<Kept> => http.sendIf('PUT', address(doc.id), doc, seen(n));
export const turnFormat = (id: string, n: number, turn: { hidden: boolean } | { default: true } | { restore: true }): Promise<Kept> =>
  http.sendIf('PATCH', address(id), turn, seen(n));
export const dropFormat = (id: string, n: number): Promise<void> => http.sendIf('DELETE', address(id), undefined, seen(n));
/** What an answer said is wrong, field by field. */
export const wrongsOf = (e: unknown): Wrong[] => (e instanceof http.ApiError ? ((e.errors as Wrong[] | undefined) ?? []) : []);
