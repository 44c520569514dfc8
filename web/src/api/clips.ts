/* clips — videos for a room to watch together. A guest who leads the room shows his ticket. */

import { shelfAt, type CaptionDoc, type CaptionShelf } from './captions';
import { get, post } from './client';
import type { Ticket, UploadDoc } from './uploads';

export interface ClipDoc {
  file: string;
  title: string;
  length_ms: number;
}

/** A lesson one may watch oneself; the room then has it as a `clip`. */
export const bringLesson = async (event: string, lesson: string, ticket: string | null): Promise<ClipDoc> =>
  (await post<{ clip: ClipDoc }>(`/api/events/${encodeURIComponent(event)}/clips`, { lesson }, ticket)).clip;

/** One that was uploaded here and is not in the room, or no more. */
export const bringClip = async (event: string, clip: string, ticket: Ticket): Promise<ClipDoc> =>
  (await post<{ clip: ClipDoc }>(`/api/events/${encodeURIComponent(event)}/clips`, { clip }, ticket)).clip;

/** What who watches it is told. */
export interface ShownClip {
  title: string;
  length_ms: number;
  captions: CaptionDoc[];
}
export const shownClip = (base: string): Promise<ShownClip> => get(`${base}/clip.json`);

export const clipShelf = (event: string, clip: string, ticket: () => Promise<Ticket>): CaptionShelf =>
  shelfAt<{ clip: UploadDoc }>(`/api/events/${encodeURIComponent(event)}/clips/${encodeURIComponent(clip)}/captions`, ticket, (a) => a.clip.captions ?? []);
