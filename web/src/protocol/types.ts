/* types — the messages of subprotocol somhub.v1 as the client sees them (server/signaling/PROTOCOL.md).
 * Times named `at` are Unix milliseconds of the server's clock. No DOM here. */

export type Role = 'host' | 'cohost' | 'speaker' | 'attendee';
export type Source = 'mic' | 'camera' | 'screen' | 'screen_audio';
export type Life = 'scheduled' | 'open' | 'ended';
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
}

export interface ChatLine {
  seq: number;
  at: number;
  by: string;
  name: string;
  text: string;
}

export interface Snapshot {
  life: Life;
  lobby?: boolean;
  locked?: boolean;
  recording?: boolean;
  recording_at?: number;
  spotlight?: string;
  opened_at?: number;
  members: Partial<Member>[];
  waiting?: { id: string; name: string }[];
  hands?: string[];
  stage?: string[];
  chat?: ChatLine[];
  count?: number;
  partial?: boolean;
}

export interface RoomInfo {
  id: string;
  title: string;
  format?: string;
  can?: Record<string, boolean>;
  record?: string;
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
  reason?: string;
  ban?: boolean;
  state?: string;
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

/** Messages without a number: never resumed, the newest one holds. */
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

export type Ephemeral =
  | { type: 'slots'; video: Slot[]; audio: Slot[]; audio_only?: boolean }
  | { type: 'speaking'; who: string[] }
  | { type: 'layers'; source: Source; off: string[] }
  | { type: 'presence'; count: number; big?: boolean; seq?: number }
  | { type: 'can'; role: Role; can: Record<string, boolean> }
  | ({ type: 'quality' } & ServerQuality)
  | { type: 'lines'; weak: WeakLine[] }
  | { type: 'media_down'; kind: ConnectionKind; reason?: string };

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
