/* uploads — a file on its way to the server, slides or a video: in pieces, each at the offset the server has already, so that it goes on after
 * any break. A guest who leads the room shows his ticket. */

import type { CaptionDoc } from './captions';
import { ApiError, get, post, putBytes, remove } from './client';

/** Where it goes, as the server's address says. */
export type Shelf = 'decks' | 'clips';

export interface UploadDoc {
  id: string;
  title: string;
  bytes: number;
  received: number;
  state: 'uploading' | 'waiting' | 'working' | 'ready' | 'failed';
  percent: number;
  why?: string;
  /** Slides. */
  pages?: number;
  /** A video. */
  length_ms?: number;
  captions?: CaptionDoc[];
}

export const DECK_BYTES_MAX = 100 * 1024 * 1024;
export const CLIP_BYTES_MAX = 2 * 1024 * 1024 * 1024;
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

const place = (event: string, shelf: Shelf, id = ''): string =>
  `/api/events/${encodeURIComponent(event)}/${shelf}${id && `/${encodeURIComponent(id)}`}`;
type Answer = { deck?: UploadDoc; clip?: UploadDoc };
/** An answer has one of them. */
const docOf = (a: Answer): UploadDoc => (a.clip ?? a.deck) as UploadDoc;
const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function uploadsOf(event: string, shelf: Shelf, ticket: Ticket): Promise<UploadDoc[]> {
  const all = await get<{ decks?: UploadDoc[]; clips?: UploadDoc[] }>(place(event, shelf), ticket);
  return all.clips ?? all.decks ?? [];
}
export const dropUpload = (event: string, shelf: Shelf, id: string, ticket: Ticket): Promise<void> => remove(place(event, shelf, id), ticket);

/** A name people read: of the file, without its ending and what no line may have. */
export function titleOf(name: string): string {
  /* eslint-disable-next-line no-control-regex */
  const plain = name.replace(/\.(pdf|mp4|m4v|mov|mkv|webm)$/i, '').replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, ' ').trim();
  return [...plain].slice(0, TITLE_MAX).join('').trim() || name.slice(0, TITLE_MAX);
}

/** True for what another try may mend. */
const mayPass = (e: unknown): boolean => e instanceof ApiError && ['offline', 'timeout', 'busy', 'rate', 'internal'].includes(e.code);

interface Bringing {
  event: string;
  shelf: Shelf;
  file: File;
  /** Asked for each piece: a guest's ticket does not last as long as a long upload. */
  ticket: () => Promise<Ticket>;
  begun?: UploadDoc | undefined;
  on: (d: UploadDoc) => void;
  stop: AbortSignal;
}

async function put(o: Bringing, upload: UploadDoc): Promise<UploadDoc> {
  let now = upload;
  let piece = PIECE_FIRST;
  let wait = WAIT_FIRST_MS;
  while (now.state === 'uploading') {
    if (o.stop.aborted) throw new ApiError('stopped');
    const began = performance.now();
    try {
      const bytes = o.file.slice(now.received, now.received + piece);
      now = docOf(await putBytes<Answer>(`${place(o.event, o.shelf, now.id)}?offset=${now.received}`, bytes, await o.ticket()));
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
      now = await look(o, now);
    }
    o.on(now);
  }
  return now;
}

/** How it stands; a line that is down now says nothing new. */
async function look(o: Pick<Bringing, 'event' | 'shelf' | 'ticket'>, upload: UploadDoc): Promise<UploadDoc> {
  try {
    return docOf(await get<Answer>(place(o.event, o.shelf, upload.id), await o.ticket()));
  } catch (e) {
    if (mayPass(e)) return upload;
    throw e;
  }
}

/** Follows one that is there until something is made of it, or is not (`state`). */
export async function follow(o: Pick<Bringing, 'event' | 'shelf' | 'ticket' | 'on' | 'stop'>, upload: UploadDoc): Promise<UploadDoc> {
  let now = upload;
  while (now.state === 'waiting' || now.state === 'working') {
    await rest(LOOK_MS);
    if (o.stop.aborted) throw new ApiError('stopped');
    now = await look(o, now);
    o.on(now);
  }
  return now;
}

/** Brings a file and waits until something is made of it. `begun`: one that was broken off. */
export async function bring(o: Bringing): Promise<UploadDoc> {
  const upload = o.begun ??
    docOf(await post<Answer>(place(o.event, o.shelf), { title: titleOf(o.file.name), bytes: o.file.size }, await o.ticket()));
  o.on(upload);
  return follow(o, await put(o, upload));
}
