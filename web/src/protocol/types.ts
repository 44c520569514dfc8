/* types — the messages of subprotocol somhub.v1 as the client sees them (server/signaling/PROTOCOL.md).
 * Times named `at` are Unix milliseconds of the server's clock. No DOM here. */

import type { Film } from './film';
import type { Ask } from './asks';
import type { CaptionLine } from './captions';
import type { Mark } from './ink';
import type { Report } from './order';
import type { NotesSnapshot } from './notes';
import type { Poll, PollAnswer } from './polls';
import type { Slides } from './slides';
import type { Channels, Listening } from './channels';
import type { Tables } from './tables';

export type Role = 'host' | 'cohost' | 'speaker' | 'attendee';
/** content: a second camera of the same person. */
export type Source = 'mic' | 'camera' | 'screen' | 'screen_audio' | 'content';
export type Life = 'scheduled' | 'open' | 'ended';
/** What the pictures of a room are in by preference. */
export type Video = 'h264' | 'vp8' | 'vp9' | 'av1';
/** How the stage is laid out: who speaks large, all alike, the screen with people beside it, the screen alone, both alike. */
export type Layout = 'speaker' | 'grid' | 'slides' | 'screen' | 'side';
export type ConnectionKind = 'publish' | 'view';

export interface Member {
  id: string;
  name: string;
  role: Role;
  stage: boolean;
  invited: boolean;
  sources: Source[];
  muted: Source[];
  hand: number;
  /** Where his seat is, 0: nowhere; out: he is in the plenary all the same. */
  table: number;
  out: boolean;
  /** Writes captions, whatever his role. */
  captioner: boolean;
}

export interface ChatLine {
  seq: number;
  at: number;
  by: string;
  name: string;
  text: string;
  /** The message it answers. */
  re?: number;
  edited?: boolean;
  /** A private one: to this person, to the hosts, or to those at one table. */
  who?: string;
  hosts?: boolean;
  table?: number;
}

export interface Pin {
  n: number;
  name: string;
  text: string;
}

export interface ChatRules {
  /** Only hosts write to all. */
  on: boolean;
  seconds: number;
}

export interface Snapshot {
  life: Life;
  lobby?: boolean;
  locked?: boolean;
  recording?: boolean;
  recording_fails?: boolean;
  recording_at?: number;
  spotlight?: string;
  layout?: Layout;
  cameras?: boolean;
  lobby_text?: string;
  opened_at?: number;
  members: Partial<Member>[];
  waiting?: { id: string; name: string }[];
  hands?: string[];
  stage?: string[];
  chat?: ChatLine[];
  count?: number;
  partial?: boolean;
  polls?: (Partial<Poll> & { n: number })[];
  answers?: PollAnswer[];
  asks?: (Partial<Ask> & { n: number })[];
  names_hidden?: boolean;
  asks_own?: (Partial<Ask> & { n: number })[];
  ask_rules?: boolean;
  asked?: number[];
  voted?: number[];
  timer?: Timer;
  direct?: ChatLine[];
  pin?: Pin;
  chat_rules?: ChatRules;
  slides?: Slides;
  limits?: Partial<Record<Role, string[]>>;
  reports?: Report[];
  banned?: { id: string; name: string }[];
  tables?: Tables;
  channels?: Channels;
  ink?: Mark[];
  notes?: NotesSnapshot;
  captions?: CaptionLine[];
  video?: Partial<Film>;
}

/** A countdown all see: it began at `at`. */
export interface Timer {
  at: number;
  seconds: number;
  name: string;
  text: string;
}

export interface RoomInfo {
  id: string;
  title: string;
  format?: string;
  can?: Record<string, boolean>;
  record?: string;
  layout?: Layout;
  questions?: 'chat' | 'moderated' | 'approved';
  keep?: 'all' | 'counts';
  tables?: boolean;
  video_slots?: number;
  video?: Video;
}

export interface Welcome {
  type: 'welcome';
  id?: number;
  state?: 'waiting' | 'in';
  you: { id: string; name: string; role: Role };
  room: RoomInfo;
  seq: number;
  resumed?: boolean;
  snapshot?: Snapshot;
  /** One's own, of one who resumed. */
  answers?: PollAnswer[];
  asked?: number[];
  voted?: number[];
  media?: { publish: boolean; view: boolean };
  /** The relay to go through when nothing else passes. */
  ice?: RTCIceServer[];
  now: number;
  ping_s?: number;
}

/** A numbered fact of the room's log. */
export interface RoomEvent {
  type: string;
  seq: number;
  at: number;
  by?: string;
  who?: string;
  name?: string;
  role?: Role;
  source?: Source;
  on?: boolean;
  stage?: boolean;
  text?: string;
  n?: number;
  /** Of a message: its author's own number for it. */
  once?: number;
  reason?: string;
  ban?: boolean;
  state?: string;
  kind?: string;
  anonymous?: boolean;
  options?: string[];
  groups?: string[];
  names?: string[];
  counts?: number[];
  right?: number[];
  points?: number;
  steps?: number;
  answers?: number;
  seconds?: number;
  into?: number;
  re?: number;
  hosts?: boolean;
  file?: string;
  pages?: number;
  page?: number;
  layout?: Layout | 'free';
  off?: string[];
  lang?: string;
  langs?: string[];
  ink?: string;
  update?: string;
  ago?: number;
  count?: number;
  free?: boolean;
  out?: boolean;
  table?: number;
  length?: number;
  position?: number;
  rate?: number;
}

export interface Slot {
  mid: string;
  who?: string;
  name?: string;
  source?: Source;
  unsupported?: boolean;
  /** The line is too thin for this picture now; it comes back by itself. */
  paused?: boolean;
}

/** One's own connection as the server measures it; what is not known to it is left out. */
export interface ServerQuality {
  kind: ConnectionKind;
  rtt_ms: number;
  loss: number;
  bitrate_bps: number;
  estimate_bps?: number;
}

/** Whose line is weak, told to those who moderate. */
export interface WeakLine {
  who: string;
  line: 'weak' | 'bad';
  loss: number;
  rtt_ms: number;
  freeze_ms: number;
}

/** Where somebody points just now: a mark of one point, none when no longer. */
export interface Pointing {
  type: 'pointing';
  who: string;
  n: number;
  page: number;
  ink?: string;
}

/** A caption as far as it is typed; without text there is none any more. */
export interface Captioning {
  type: 'captioning';
  who: string;
  lang: string;
  text?: string;
}

/** Messages without a number: never resumed, the newest one holds. */
export type Ephemeral =
  | Listening
  | { type: 'thrift'; on: boolean }
  | { type: 'slots'; video: Slot[]; audio: Slot[]; audio_only?: boolean; overload?: boolean }
  | { type: 'speaking'; who: string[] }
  | Pointing
  | Captioning
  | { type: 'layers'; source: Source; off: string[] }
  | { type: 'queue'; place: number; count: number; text?: string }
  | { type: 'presence'; count: number; big?: boolean; seq?: number }
  | { type: 'can'; role: Role; can: Record<string, boolean> }
  | ({ type: 'quality' } & ServerQuality)
  | { type: 'lines'; weak: WeakLine[] }
  | { type: 'tally'; polls: (Partial<Poll> & { n: number })[] }
  | { type: 'stalls'; count: number }
  | { type: 'votes'; asks: { n: number; votes: number }[] }
  | { type: 'media_down'; kind: ConnectionKind; reason?: string };

/** Lines of the chat that were looked for, the newest first; before `next` there are more. */
export interface Found {
  type: 'found';
  id: number;
  lines: ChatLine[];
  next?: number;
}

export interface Answer {
  type: 'answer';
  id: number;
  kind: ConnectionKind;
  sdp: string;
}

export interface Ok {
  type: 'ok';
  id: number;
  seq?: number;
}

/** Why the server said no: `code` is the wire name of media/base/err.def, or one of our own words for the line. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    readonly retryMs = 0,
  ) {
    super(code);
    this.name = 'RequestError';
  }
}
