/* entry — how this browser got into an event: the code it came with, the name given, the ticket. Kept for the tab, so
 * that a reloaded room comes back without asking again. */

import * as api from '../api';
import { ApiError } from '../api/client';
import type { JoinAnswer } from '../api/types';
import { RequestError } from '../protocol/types';

interface Entry {
  code?: string;
  /** The code of his registration. */
  reg?: string;
  name?: string;
  ticket?: JoinAnswer;
  /** What to turn on when the room opens. */
  mic?: boolean;
  camera?: boolean;
  checked?: boolean;
}

const memory = new Map<string, Entry>();

export function entryOf(id: string): Entry {
  const kept = memory.get(id);
  if (kept) return kept;
  let entry: Entry = {};
  try {
    entry = (JSON.parse(sessionStorage.getItem(`somhub.entry.${id}`) ?? '{}') as Entry) ?? {};
  } catch {
    /* Nothing kept, or not by us. */
  }
  memory.set(id, entry);
  return entry;
}

export function changeEntry(id: string, change: Partial<Entry>): void {
  const entry = { ...entryOf(id), ...change };
  memory.set(id, entry);
  try {
    sessionStorage.setItem(`somhub.entry.${id}`, JSON.stringify(entry));
  } catch {
    /* Then it lasts until the page is closed. */
  }
}

/* Leave a minute for the clocks to differ. */
const EARLY_MS = 60_000;

/** A ticket for the room; `fresh` asks for a new one in any case. */
export async function ticketFor(id: string, fresh: boolean): Promise<string> {
  const entry = entryOf(id);
  if (!fresh && entry.ticket && entry.ticket.expires_at > Date.now() + EARLY_MS) return entry.ticket.ticket;
  try {
    const ticket = await api.join(id, entry.name, entry.code, entry.reg);
    changeEntry(id, { ticket });
    return ticket.ticket;
  } catch (e) {
    const code = e instanceof ApiError ? e.code : 'offline';
    throw new RequestError(code === 'timeout' ? 'offline' : code, e instanceof ApiError ? e.retryMs : 0);
  }
}
