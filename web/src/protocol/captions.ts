/* captions — what is said, written down: lines in the room, and cues of a lesson out of a WebVTT file. Pure. */

import type { RoomEvent } from './types';

export interface CaptionLine {
  seq: number;
  at: number;
  by: string;
  lang: string;
  text: string;
  /** How long before `at` its first letter was there, in ms. */
  ago?: number;
}

export const CAPTION_CHARS = 200;
export const CAPTION_LANGS = ['uk', 'en', 'pl', 'de', 'fr', 'es', 'it', 'cs', 'ro', 'tr'] as const;
/** So many of a room are remembered. */
const KEEP = 500;

/** Later corrections reach so far back. */
export const CAPTIONS_CHANGEABLE = 200;

export const CAPTION_CHANGES: Record<string, (lines: readonly CaptionLine[], e: RoomEvent) => readonly CaptionLine[]> = {
  caption_edit: (lines, e) => lines.map((l) => (l.seq === e.n ? { ...l, text: e.text ?? '' } : l)),
  caption_dropped: (lines, e) => lines.filter((l) => l.seq !== e.n),
  caption: (lines, e) =>
    [...lines, { seq: e.seq, at: e.at, by: e.by ?? '', lang: e.lang ?? '', text: e.text ?? '', ...(e.ago ? { ago: e.ago } : {}) }].slice(-KEEP),
};

/** Where to cut what is being typed: after a sentence, or at a word's end when it is getting long; -1: not yet. */
export function cutAt(text: string, long = 90): number {
  if (/[.!?…]\s$/.test(text) && text.trim().length > 20) return text.length;
  if (text.length <= long) return -1;
  const space = text.slice(0, CAPTION_CHARS).lastIndexOf(' ');
  return space > 0 ? space + 1 : text.length >= CAPTION_CHARS ? CAPTION_CHARS : -1;
}

export interface Cue {
  /** By which its lesson knows it; 0: it has no number. */
  n: number;
  /** Seconds of playing time. */
  from: number;
  to: number;
  text: string;
}

const TIMES = /^(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})/;
const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&nbsp;': ' ', '&lrm;': '', '&rlm;': '' };

const seconds = (h: string | undefined, m: string | undefined, s: string | undefined, ms: string | undefined): number =>
  Number(h ?? 0) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000;

/** WebVTT's cues in order; what is no cue is passed over, markup in one is left out. */
export function readVtt(file: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of file.replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
    const lines = block.split('\n');
    const at = lines.findIndex((l) => l.includes('-->'));
    const m = at < 0 ? null : TIMES.exec(lines[at] ?? '');
    if (!m) continue;
    const text = lines.slice(at + 1).join(' ').replace(/<[^>]*>/g, '').replace(/&\w+;/g, (x) => ENTITIES[x] ?? x).trim();
    const id = lines[at - 1] ?? '';
    if (text) cues.push({ n: /^\d{1,15}$/.test(id) ? Number(id) : 0, from: seconds(m[1], m[2], m[3], m[4]), to: seconds(m[5], m[6], m[7], m[8]), text });
  }
  return cues.sort((a, b) => a.from - b.from);
}

/** As a cue of a file reads: in one line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The cue at a moment, or none. */
export const cueAt = (cues: readonly Cue[], s: number): Cue | null => cues.filter((c) => s >= c.from && s < c.to).at(-1) ?? null;

/** Letters only, without case and apostrophes: what is looked for is found however it was typed. */
export const folded = (text: string): string => text.toLocaleLowerCase().replace(/[’ʼ'`]/g, '');
