/* types — the documents of the HTTP API (server/http/API.md §2). */

import type { Span } from '../protocol/timeline';
import type { Layout, Role, Video } from '../protocol/types';
import type { CaptionDoc } from './captions';

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
  server: { name: string; register: boolean; zone?: string; languages: string[] };
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
  /** What stays after the end: everything, or only how many were there. */
  keep: 'all' | 'counts';
  about?: Named;
  /** Not offered for new events; and the one a new event begins with. */
  hidden?: boolean;
  default?: boolean;
  layout: Layout;
  questions: 'chat' | 'moderated' | 'approved';
  names?: 'shown' | 'hidden';
  tables: boolean;
  stage_max: number;
  video: Video;
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
  role: Role | null;
  needs: '' | 'signin' | 'invitation' | 'ended' | 'cancelled' | 'registration' | 'pending' | 'waiting' | 'refused';
  zone: string;
  cancelled: boolean;
  series: { id: string; rule: string; moved: boolean } | null;
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
  /** `spans`: when it shows a screen or a second camera; none while it is live. */
  screen: { playlist: string; offset_ms: number; spans?: Span[] } | null;
  /** What it was interpreted into, by codes in small letters. */
  languages: { lang: string; playlist: string }[];
  takes: Take[];
  timeline: string | null;
  captions: CaptionDoc[];
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
  late_ms: number;
  early_ms: number;
  here: boolean;
  intervals: [number, number][];
  messages: number;
  hands: number;
  answers: number;
  questions: number;
}

/** How many were there at `from`, `from + step_ms`, … */
export interface Curve {
  from: number;
  step_ms: number;
  counts: number[];
}

export interface Attendance {
  title: string;
  rows: AttendanceRow[];
  curve: Curve | null;
  opened_at: number | null;
  ended_at: number | null;
}

export interface OwnAttendance {
  row: AttendanceRow | null;
  opened_at: number | null;
  ended_at: number | null;
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
  zone?: string;
  repeat?: { rule: string };
}

/** A line of a room's log by which somebody decided over others (server/http/API.md §5). */
export interface ModerationRow {
  type: 'removed' | 'unbanned' | 'denied' | 'muted' | 'mute_asked' | 'unstaged' | 'role' | 'locked' | 'lobby' | 'limited'
    | 'chat_rules' | 'cameras' | 'poll_hidden' | 'unchat' | 'ask_state' | 'reported' | 'report_done';
  seq: number;
  at: number;
  by_name: string;
  who: string;
  name: string;
  text?: string;
  on?: boolean;
  ban?: boolean;
  seconds?: number;
  role?: 'host' | 'cohost' | 'speaker' | 'attendee';
  off?: string[];
}
export interface Moderation {
  rows: ModerationRow[];
  kept: boolean;
  title: string;
}
