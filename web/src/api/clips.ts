/* clips — videos for a room to watch together. A guest who leads the room shows his ticket. */

import { post } from './client';

export interface ClipDoc {
  file: string;
  title: string;
  length_ms: number;
}

/** A lesson one may watch oneself; the room then has it as a `clip`. */
export const bringLesson = async (event: string, lesson: string, ticket: string | null): Promise<ClipDoc> =>
  (await post<{ clip: ClipDoc }>(`/api/events/${encodeURIComponent(event)}/clips`, { lesson }, ticket)).clip;
