/* notes — what people of a room write together: updates of a Yjs document as the room keeps them, and the arithmetic of a
 * text field that others write in. Knows nothing of Yjs, which is fetched when notes are opened. Pure. */

import type { RoomEvent } from './types';

/** By the page's own care, so that the whole of it fits one message (PROTOCOL.md, Notes). */
export const NOTES_CHARS = 15_000;
export const NOTE_BYTES_MAX = 48_000;

export interface NoteUpdate {
  /** Its number; of a whole, the newest update in it. */
  n: number;
  /** In base64. */
  update: string;
  whole: boolean;
  /** Who wrote it, while it is news. */
  by: string;
}

export type Notes = readonly NoteUpdate[];

export interface NotesSnapshot {
  n?: number;
  whole?: string;
  updates?: { n: number; update: string }[];
}

export const notesOf = (s: NotesSnapshot | undefined): Notes => [
  ...(s?.whole ? [{ n: s.n ?? 0, update: s.whole, whole: true, by: '' }] : []),
  ...(s?.updates ?? []).map((u) => ({ ...u, whole: false, by: '' })),
];

export const NOTE_CHANGES: Record<string, (s: Notes, e: RoomEvent) => Notes> = {
  note: (s, e) => [...s, { n: e.seq, update: e.update ?? '', whole: false, by: e.by ?? '' }],
  note_whole: (s, e) => {
    const n = e.n ?? 0;
    return [{ n, update: e.update ?? '', whole: true, by: '' }, ...s.filter((u) => !u.whole && u.n > n)];
  },
};

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

export interface Edit {
  at: number;
  removed: number;
  inserted: string;
}

const isLow = (s: string, i: number): boolean => (s.charCodeAt(i) & 0xfc00) === 0xdc00;

/** What was done to a text between two looks at it, the caret standing behind what was typed. Never cuts a character
 * outside the basic plane in two, for half of one is no text. */
export function editOf(old: string, now: string, caret: number): Edit | null {
  if (old === now) return null;
  const least = Math.min(old.length, now.length);
  let tail = 0;
  while (tail < Math.min(least, now.length - caret) && old.charCodeAt(old.length - 1 - tail) === now.charCodeAt(now.length - 1 - tail)) tail++;
  if (tail > 0 && (isLow(old, old.length - tail) || isLow(now, now.length - tail))) tail--;
  let at = 0;
  while (at < least - tail && old.charCodeAt(at) === now.charCodeAt(at)) at++;
  if (at > 0 && (isLow(old, at) || isLow(now, at))) at--;
  return { at, removed: old.length - tail - at, inserted: now.slice(at, now.length - tail) };
}

/** One step of a change as Yjs tells it. */
export interface Step {
  retain?: number;
  insert?: unknown;
  delete?: number;
}

const lengthOf = (s: Step): number => (typeof s.insert === 'string' ? s.insert.length : 0);

/** Where a place in the text is after somebody else's change. */
export function shifted(place: number, steps: readonly Step[]): number {
  let at = 0;
  let to = place;
  for (const s of steps) {
    if (s.retain) at += s.retain;
    if (s.insert !== undefined) {
      if (at < to) to += lengthOf(s);
      at += lengthOf(s);
    }
    if (s.delete && at < to) to = Math.max(at, to - s.delete);
  }
  return to;
}

/** Where a change ends, in the text after it. */
export function endOf(steps: readonly Step[]): number {
  let at = 0;
  for (const s of steps) at += s.retain ?? lengthOf(s);
  return at;
}

export const lineAt = (text: string, place: number): number => text.slice(0, place).split('\n').length;
