/* index — one function a route, named after what it is for. */

import * as http from './client';
import type {
  Attendance,
  EventDoc,
  Format,
  Job,
  JoinAnswer,
  LessonCard,
  LessonDoc,
  Moderation,
  NewEvent,
  OwnAttendance,
  Page,
  SessionInfo,
  Space,
  Visibility,
} from './types';

const event = (id: string): string => `/api/events/${encodeURIComponent(id)}`;
const lesson = (id: string): string => `/api/lessons/${encodeURIComponent(id)}`;

export const session = (): Promise<SessionInfo> => http.get('/api/session');
export const signIn = (email: string, password: string): Promise<SessionInfo> =>
  http.post('/api/session', { email, password });
export const register = (name: string, email: string, password: string): Promise<SessionInfo> =>
  http.post('/api/register', { name, email, password });
export const signOut = (): Promise<void> => http.remove('/api/session');

export const spaces = async (): Promise<Space[]> => (await http.get<{ spaces: Space[] }>('/api/spaces')).spaces;
export const formats = async (): Promise<Format[]> => (await http.get<{ formats: Format[] }>('/api/formats')).formats;
/** What of a format whoever joins has to know; `talks`: attendees may speak. */
export type FormatName = Pick<Format, 'id' | 'name' | 'video'> & { talks: boolean };
export const formatNames = async (): Promise<FormatName[]> => (await http.get<{ formats: FormatName[] }>('/api/formats?names=1')).formats;

export interface EventQuery {
  when?: 'live' | 'upcoming' | 'past' | 'all';
  mine?: 1;
  space?: string;
  q?: string;
  page?: number;
}
export const events = (q: EventQuery): Promise<{ events: EventDoc[] } & Page> =>
  http.get(`/api/events${http.query({ ...q })}`);
export const eventById = async (id: string, code?: string, reg?: string): Promise<EventDoc> =>
  (await http.get<{ event: EventDoc }>(`${event(id)}${http.query({ code, reg })}`)).event;
export const createEvent = async (e: NewEvent): Promise<EventDoc> =>
  (await http.post<{ event: EventDoc }>('/api/events', e)).event;
export const deleteEvent = (id: string): Promise<void> => http.remove(event(id));
export const join = (id: string, name?: string, code?: string, reg?: string): Promise<JoinAnswer> =>
  http.post(`${event(id)}/join${http.query({ reg })}`, { name, code });
export const probeRelay = (): Promise<{ ice: RTCIceServer[] }> => http.get('/api/probe');
export const probe = async (sdp: string): Promise<string> =>
  (await http.post<{ sdp: string }>('/api/probe', { sdp })).sdp;
export const speedDown = (): Promise<ArrayBuffer> => http.bytes('/api/speed');
export const speedUp = (noise: Blob): Promise<void> => http.postBytes('/api/speed', noise);
export const attendance = (id: string): Promise<Attendance> => http.get(`${event(id)}/attendance`);
export const ownAttendance = (id: string): Promise<OwnAttendance> => http.get(`${event(id)}/attendance/me`);
export const attendanceCsv = (id: string): string => `${event(id)}/attendance.csv`;

export const moderation = (id: string): Promise<Moderation> => http.get(`${event(id)}/moderation`);
export const moderationCsv = (id: string): string => `${event(id)}/moderation.csv`;

export interface CatalogueQuery {
  q?: string;
  space?: string;
  format?: string;
  mine?: 1;
  page?: number;
}
export const catalogue = (q: CatalogueQuery): Promise<{ lessons: LessonCard[] } & Page> =>
  http.get(`/api/catalogue${http.query({ ...q })}`);
export const lessonById = (id: string): Promise<LessonDoc> => http.get(lesson(id));
export const changeLesson = (id: string, change: { visibility: Visibility }): Promise<LessonDoc> =>
  http.patch(lesson(id), change);
export const savePosition = (id: string, position_ms: number): Promise<void> =>
  http.put(`${lesson(id)}/position`, { position_ms });
export const startJob = async (id: string, kind: string): Promise<Job> =>
  (await http.post<{ job: Job }>(`${lesson(id)}/jobs`, { kind })).job;
export const timeline = (url: string): Promise<string> => http.text(url);
