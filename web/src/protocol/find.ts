/* find — what is typed to look for something in the chat, as the server reads it (server/rooms/find): all the words, each
 * anywhere, whatever their case and whichever apostrophe. */

import type { ChatLine } from './types';

export const FIND_CHARS = 100;
const AGAIN_MS = 2_000;

export const fold = (text: string): string => text.normalize('NFC').replace(/[’‘`´ʼ]/gu, "'").toLowerCase();

export const hasWords = (query: string, text: string): boolean => {
  const words = fold(query).split(/\s+/u).filter(Boolean);
  const where = fold(text);
  return words.length > 0 && words.every((w) => where.includes(w));
};

/** When to ask again what failed so, in ms; 0: it is refused for good. */
export const againMs = (e: { code?: string; retryMs?: number } | null): number =>
  ['busy', 'rate', 'offline', 'timeout'].includes(e?.code ?? '') ? Math.max(AGAIN_MS, e?.retryMs ?? 0) : 0;

/** What was found by the server and what this page has, each once, the oldest first. `had`: what this page had when the
 * server answered; what it has no more of that was deleted meanwhile. */
export function merged(text: string, all: readonly ChatLine[], found: readonly ChatLine[], had: ReadonlySet<number>): ChatLine[] {
  const here = new Set(all.map((l) => l.seq));
  const lines = [
    ...found.filter((l) => !here.has(l.seq) && !had.has(l.seq)),
    ...all.filter((l) => hasWords(text, `${l.name} ${l.text}`)),
  ];
  return [...new Map(lines.map((l) => [l.seq, l])).values()].sort((a, b) => a.seq - b.seq);
}
