/* decks — a PDF on its way to the server: in pieces, each at the offset the server has already, so that it goes on after
 * any break. A guest who leads the room shows his ticket. */

import { ApiError, get, post, putBytes, remove } from './client';

export interface DeckDoc {
  id: string;
  title: string;
  bytes: number;
  received: number;
  state: 'uploading' | 'waiting' | 'working' | 'ready' | 'failed';
  percent: number;
  pages: number;
  why?: string;
}

export const DECK_BYTES_MAX = 100 * 1024 * 1024;
const TITLE_MAX = 120;
const PIECE_FIRST = 128 * 1024;
const PIECE_MAX = 1024 * 1024;
/* A piece that took so long was too large for this line; one so quick may be larger. */
const SLOW_MS = 4_000;
const QUICK_MS = 1_000;
const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 15_000;
const LOOK_MS = 700;

export type Ticket = string | null;

const place = (event: string, deck = ''): string =>
  `/api/events/${encodeURIComponent(event)}/decks${deck && `/${encodeURIComponent(deck)}`}`;
const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export const decksOf = async (event: string, ticket: Ticket): Promise<DeckDoc[]> =>
  (await get<{ decks: DeckDoc[] }>(place(event), ticket)).decks;
export const dropDeck = (event: string, id: string, ticket: Ticket): Promise<void> => remove(place(event, id), ticket);

/** A name people read: of the file, without its ending and what no line may have. */
export function titleOf(name: string): string {
  /* eslint-disable-next-line no-control-regex */
  const plain = name.replace(/\.pdf$/i, '').replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, ' ').trim();
  return [...plain].slice(0, TITLE_MAX).join('').trim() || 'PDF';
}

/** True for what another try may mend. */
const mayPass = (e: unknown): boolean => e instanceof ApiError && ['offline', 'timeout', 'busy', 'rate', 'internal'].includes(e.code);

async function put(event: string, deck: DeckDoc, file: Blob, ticket: Ticket, on: (d: DeckDoc) => void, stop: AbortSignal): Promise<DeckDoc> {
  let now = deck;
  let piece = PIECE_FIRST;
  let wait = WAIT_FIRST_MS;
  while (now.state === 'uploading') {
    if (stop.aborted) throw new ApiError('stopped');
    const began = performance.now();
    try {
      const bytes = file.slice(now.received, now.received + piece);
      now = (await putBytes<{ deck: DeckDoc }>(`${place(event, now.id)}?offset=${now.received}`, bytes, ticket)).deck;
      const took = performance.now() - began;
      if (took < QUICK_MS) piece = Math.min(PIECE_MAX, piece * 2);
      else if (took > SLOW_MS) piece = Math.max(16 * 1024, piece / 2);
      wait = WAIT_FIRST_MS;
    } catch (e) {
      const moved = e instanceof ApiError && e.code === 'conflict';
      if (!moved && !mayPass(e)) throw e;
      piece = Math.max(16 * 1024, piece / 2);
      await rest(wait);
      wait = Math.min(WAIT_MAX_MS, wait * 2);
      now = await look(event, now, ticket);
    }
    on(now);
  }
  return now;
}

/** How it stands; a line that is down now says nothing new. */
async function look(event: string, deck: DeckDoc, ticket: Ticket): Promise<DeckDoc> {
  try {
    return (await get<{ deck: DeckDoc }>(place(event, deck.id), ticket)).deck;
  } catch (e) {
    if (mayPass(e)) return deck;
    throw e;
  }
}

/** Brings a file and waits until its pages are made, or are not (`state`). `begun`: one that was broken off. */
export async function bringDeck(o: {
  event: string; file: File; ticket: Ticket; begun?: DeckDoc | undefined; on: (d: DeckDoc) => void; stop: AbortSignal;
}): Promise<DeckDoc> {
  const deck = o.begun ??
    (await post<{ deck: DeckDoc }>(place(o.event), { title: titleOf(o.file.name), bytes: o.file.size }, o.ticket)).deck;
  o.on(deck);
  let now = await put(o.event, deck, o.file, o.ticket, o.on, o.stop);
  while (now.state === 'waiting' || now.state === 'working') {
    if (o.stop.aborted) throw new ApiError('stopped');
    await rest(LOOK_MS);
    now = await look(o.event, now, o.ticket);
    o.on(now);
  }
  return now;
}
