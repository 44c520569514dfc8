/* types — the documents of the HTTP API (server/http/API.md §2). */

import type { Role } from '../protocol/types';

export type AccountRole = 'admin' | 'staff' | 'teacher' | 'learner';
export type Access = 'public' | 'link' | 'members' | 'list';
export type Visibility = 'private' | 'unlisted' | 'public';
export type RecordMode = 'auto' | 'manual' | 'never';
export type RecordingState = 'live' | 'processing' | 'ready' | 'failed';

export interface User {
  id: string;
  name: string;
  role: AccountRole;
  email?: string;
}

export interface SessionInfo {
  user: User | null;
  csrf: string | null;
  server: { name: string; register: boolean; languages: string[] };
}

export interface Named {
  uk: string;
  en: string;
}

export interface Space {
  id: string;
  name: Named;
  about: Named;
  events: number;
  lessons: number;
}

export interface Format {
  id: string;
  name: Named;
  record: RecordMode;
  lobby: boolean;
  stage_max: number;
  roles: Record<string, string[]>;
}

export interface EventDoc {
  id: string;
  title: string;
  description: string;
  space: string | null;
  format: string;
  starts_at: number | null;
  duration_min: number;
  record: RecordMode;
  access: Access;
  lobby: boolean;
  visibility: Visibility;
  state: 'scheduled' | 'open' | 'ended';
  opened_at: number | null;
  ended_at: number | null;
  host: { id: string; name: string } | null;
  created_at: number;
  role: Role;
  needs: '' | 'signin' | 'ended';
  can: { join: boolean; edit: boolean; end: boolean; attendance: boolean; watch: boolean };
  lesson: { state: RecordingState; duration_ms: number; poster: string | null } | null;
  live?: { count: number; recording: boolean } | null;
  codes?: { attendee: string; speaker: string; cohost: string };
}

export interface LessonCard {
  id: string;
  title: string;
  text: string;
  space: string | null;
  format: string;
  host: { id: string; name: string } | null;
  recorded_at: number;
  duration_ms: number;
  poster: string | null;
  visibility: Visibility;
  state: RecordingState;
  position_ms: number | null;
}

export interface Take {
  take: number;
  base_ms: number;
  end_ms?: number | null;
  wall_ms: number;
  gap?: boolean;
}

export interface Job {
  id: number;
  kind: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  percent: number;
  attempts: number;
  text: string;
}

export interface Recording {
  state: RecordingState;
  started_at: number;
  duration_ms: number;
  bytes: number;
  master: string;
  program: string;
  audio: string;
  screen: { playlist: string; offset_ms: number } | null;
  takes: Take[];
  timeline: string | null;
  poster: string | null;
}

export interface LessonDoc {
  event: EventDoc;
  recording: Recording;
  downloads: { kind: string; url: string; bytes: number }[];
  jobs: Job[];
  position_ms: number | null;
}

export interface JoinAnswer {
  ticket: string;
  room: string;
  member: string;
  name: string;
  role: Role;
  ws: string;
  expires_at: number;
}

export interface AttendanceRow {
  member: string;
  name: string;
  role: Role;
  first_in: number;
  last_out: number;
  total_ms: number;
}

export interface Page {
  page: number;
  pages: number;
  total: number;
}

export interface NewEvent {
  title: string;
  description?: string;
  space?: string;
  format?: string;
  starts_at?: number | null;
  duration_min?: number;
  record?: RecordMode;
  access?: Access;
  lobby?: boolean;
  visibility?: Visibility;
}
