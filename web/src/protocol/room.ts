/* room — what the client knows of a room: a snapshot and then events, folded by a total function. The same fold
 * serves a live line and a replayed one. Pure; values are replaced, never changed in place. */

import { ASK_CHANGES, askOf, type Ask } from './asks';
import { CAPTION_CHANGES, type CaptionLine } from './captions';
import { CHANNEL_CHANGES, channelsOf, NO_CHANNELS, type Channels } from './channels';
import { FILM_CHANGES, filmOf, NO_FILM, type Film } from './film';
import { INK_CHANGES, type Mark } from './ink';
import { NO_ORDER, ORDER_CHANGES, type Order } from './order';
import { NOTE_CHANGES, notesOf, type Notes } from './notes';
import { POLL_CHANGES, pollOf, type Poll, type Scores } from './polls';
import { NO_SLIDES, SLIDE_CHANGES, slidesOf, type Slides } from './slides';
import { NO_TABLES, TABLE_CHANGES, tablesOf, type Tables } from './tables';
import type { ChatLine, ChatRules, Layout, Life, Member, Pin, Role, RoomEvent, Snapshot, Source, Timer } from './types';

export const CHAT_KEEP = 500;
/** By their number on the wire. */
export const REACTIONS = ['👍', '👏', '❤️', '😂', '😮', '🤔'] as const;

export interface Room {
  life: Life;
  lobby: boolean;
  locked: boolean;
  recording: boolean;
  /** It is on, and the server cannot write just now. */
  recordingFails: boolean;
  recordingAt: number;
  spotlight: string;
  /** For all; free: as each likes. */
  layout: Layout | 'free';
  /** Attendees' cameras are for hosts only. */
  camerasToHosts: boolean;
  lobbyText: string;
  openedAt: number;
  members: ReadonlyMap<string, Member>;
  waiting: readonly { id: string; name: string }[];
  hands: readonly string[];
  stage: readonly string[];
  chat: readonly ChatLine[];
  count: number;
  /** The member list holds only those to the fore (a big room). */
  partial: boolean;
  polls: readonly Poll[];
  scores: Scores | null;
  asks: readonly Ask[];
  /** Questions are seen by who moderates first. */
  asksWait: boolean;
  timer: Timer | null;
  pin: Pin | null;
  chatRules: ChatRules;
  slides: Slides;
  order: Order;
  tables: Tables;
  channels: Channels;
  ink: readonly Mark[];
  notes: Notes;
  captions: readonly CaptionLine[];
  film: Film;
}

export const emptyRoom: Room = {
  life: 'scheduled',
  lobby: false,
  locked: false,
  recording: false,
  recordingFails: false,
  recordingAt: 0,
  spotlight: '',
  layout: 'free',
  camerasToHosts: false,
  lobbyText: '',
  openedAt: 0,
  members: new Map(),
  waiting: [],
  hands: [],
  stage: [],
  chat: [],
  count: 0,
  partial: false,
  polls: [],
  scores: null,
  asks: [],
  asksWait: false,
  timer: null,
  pin: null,
  chatRules: { on: false, seconds: 0 },
  slides: NO_SLIDES,
  order: NO_ORDER,
  tables: NO_TABLES,
  channels: NO_CHANNELS,
  ink: [],
  notes: [],
  captions: [],
  film: NO_FILM,
};

export function memberOf(m: Partial<Member> & { id: string }): Member {
  return {
    id: m.id,
    name: m.name ?? m.id,
    role: m.role ?? 'attendee',
    stage: m.stage ?? false,
    invited: m.invited ?? false,
    sources: m.sources ?? [],
    muted: Array.isArray(m.muted) ? m.muted : [],
    hand: m.hand ?? 0,
    table: m.table ?? 0,
    out: m.out ?? false,
    captioner: m.captioner ?? false,
  };
}

export function fromSnapshot(s: Snapshot): Room {
  const members = new Map<string, Member>();
  for (const m of s.members ?? []) if (m.id) members.set(m.id, memberOf({ ...m, id: m.id }));
  return {
    life: s.life,
    lobby: s.lobby ?? false,
    locked: s.locked ?? false,
    recording: s.recording ?? false,
    recordingFails: s.recording_fails ?? false,
    recordingAt: s.recording_at ?? 0,
    spotlight: s.spotlight ?? '',
    layout: s.layout ?? 'free',
    camerasToHosts: s.cameras ?? false,
    lobbyText: s.lobby_text ?? '',
    openedAt: s.opened_at ?? 0,
    members,
    waiting: s.waiting ?? [],
    hands: s.hands ?? [],
    stage: s.stage ?? [],
    /* Private lines stand among the others, in the order they were written. */
    chat: [...(s.chat ?? []), ...(s.direct ?? [])].sort((a, b) => a.seq - b.seq),
    count: s.count ?? members.size,
    partial: s.partial ?? false,
    polls: (s.polls ?? []).map(pollOf),
    scores: null,
    asks: [...(s.asks ?? []), ...(s.asks_own ?? [])].map(askOf).sort((a, b) => a.n - b.n),
    asksWait: s.ask_rules ?? false,
    timer: s.timer ?? null,
    pin: s.pin ?? null,
    chatRules: s.chat_rules ?? emptyRoom.chatRules,
    slides: slidesOf(s.slides),
    order: { limits: s.limits ?? {}, reports: s.reports ?? [], banned: s.banned ?? [], namesHidden: s.names_hidden ?? false },
    tables: tablesOf(s.tables),
    channels: channelsOf(s.channels),
    ink: s.ink ?? [],
    notes: notesOf(s.notes),
    captions: s.captions ?? [],
    film: filmOf(s.video),
  };
}

type Change = (r: Room, e: RoomEvent) => Room;

function patch(r: Room, id: string | undefined, change: (m: Member) => Partial<Member>): Room {
  const m = id === undefined ? undefined : r.members.get(id);
  if (!m) return r;
  const members = new Map(r.members);
  members.set(m.id, { ...m, ...change(m) });
  return { ...r, members };
}

const without = (list: readonly string[], id: string | undefined): readonly string[] => list.filter((x) => x !== id);

/** In a big room attendees are not told who is in it; whoever comes to the fore is introduced by the event itself. */
function known(r: Room, e: RoomEvent): Room {
  if (!e.who || !e.name || r.members.has(e.who)) return r;
  return { ...r, members: new Map(r.members).set(e.who, memberOf({ id: e.who, name: e.name })) };
}

function leave(r: Room, e: RoomEvent): Room {
  if (e.who === undefined) return r;
  const members = new Map(r.members);
  const was = members.delete(e.who);
  return {
    ...r,
    members,
    hands: without(r.hands, e.who),
    stage: without(r.stage, e.who),
    spotlight: r.spotlight === e.who ? '' : r.spotlight,
    waiting: r.waiting.filter((w) => w.id !== e.who),
    count: was ? Math.max(0, r.count - 1) : r.count,
  };
}

function unstage(r: Room, e: RoomEvent): Room {
  /* Whose microphone goes on without the stage was decided with the event; the rest went off with it. */
  const next = patch(r, e.who, (m) => (m.stage ? { stage: false, sources: m.sources.filter((s) => s === 'mic') } : {}));
  return { ...next, stage: without(next.stage, e.who) };
}

function withSource(m: Member, source: Source | undefined, on: boolean): Partial<Member> {
  if (!source) return {};
  const rest = m.sources.filter((s) => s !== source);
  return { sources: on ? [...rest, source] : rest, muted: on ? m.muted.filter((s) => s !== source) : m.muted };
}

function written(r: Room, e: RoomEvent): Room {
  const by = e.by ?? '';
  const line: ChatLine = { seq: e.seq, at: e.at, by, name: e.name ?? r.members.get(by)?.name ?? by, text: e.text ?? '' };
  if (e.re) line.re = e.re;
  if (e.who) line.who = e.who;
  if (e.hosts) line.hosts = true;
  if (e.table) line.table = e.table;
  return { ...r, chat: [...r.chat, line].slice(-CHAT_KEEP) };
}

const rewritten: Change = (r, e) => ({
  ...r,
  chat: r.chat.map((c) => (c.seq === e.n ? { ...c, text: e.text ?? c.text, edited: true } : c)),
  pin: r.pin && r.pin.n === e.n ? { ...r.pin, text: e.text ?? r.pin.text } : r.pin,
});

const takenBack: Change = (r, e) => ({ ...r, chat: r.chat.filter((c) => c.seq !== e.n), pin: r.pin?.n === e.n ? null : r.pin });

const CHANGES: Record<string, Change> = {
  opened: (r, e) => ({ ...r, life: 'open', openedAt: e.at }),
  ended: (r) => ({ ...r, life: 'ended', recording: false, recordingFails: false }),
  joined: (r, e) => {
    if (!e.who) return r;
    const old = r.members.get(e.who);
    const members = new Map(r.members);
    const stage = e.stage ?? old?.stage ?? false;
    members.set(e.who, memberOf({ ...old, id: e.who, name: e.name ?? old?.name, role: e.role ?? old?.role, stage }));
    return {
      ...r,
      members,
      stage: stage ? [...without(r.stage, e.who), e.who] : r.stage,
      count: old ? r.count : r.count + 1,
      waiting: r.waiting.filter((w) => w.id !== e.who),
    };
  },
  waiting: (r, e) =>
    e.who && !r.waiting.some((w) => w.id === e.who)
      ? { ...r, waiting: [...r.waiting, { id: e.who, name: e.name ?? e.who }] }
      : r,
  admitted: (r, e) => ({ ...r, waiting: r.waiting.filter((w) => w.id !== e.who) }),
  denied: (r, e) => ({ ...r, waiting: r.waiting.filter((w) => w.id !== e.who) }),
  left: leave,
  removed: leave,
  lobby: (r, e) => ({ ...r, lobby: e.on ?? false }),
  locked: (r, e) => ({ ...r, locked: e.on ?? false }),
  invited: (r, e) => patch(r, e.who, () => ({ invited: true })),
  declined: (r, e) => patch(r, e.who, () => ({ invited: false })),
  staged: (r, e) => {
    if (!e.who) return r;
    const next = patch(known(r, e), e.who, () => ({ stage: true, invited: false, hand: 0 }));
    return { ...next, stage: [...without(next.stage, e.who), e.who], hands: without(next.hands, e.who) };
  },
  unstaged: unstage,
  source: (r, e) => patch(r, e.who, (m) => withSource(m, e.source, e.on ?? false)),
  muted: (r, e) =>
    patch(r, e.who, (m) => {
      const source = e.source ?? 'mic';
      return { ...withSource(m, source, false), muted: [...m.muted.filter((s) => s !== source), source] };
    }),
  hand: (r, e) => {
    const next = patch(r, e.who, () => ({ hand: e.on ? e.seq : 0 }));
    const rest = without(next.hands, e.who);
    return { ...next, hands: e.on && e.who ? [...rest, e.who] : rest };
  },
  chat: written,
  direct: written,
  chat_edit: rewritten,
  direct_edit: rewritten,
  chat_pin: (r, e) => ({
    ...r,
    pin: e.on && e.n !== undefined ? { n: e.n, name: e.name ?? '', text: e.text ?? '' } : r.pin?.n === e.n ? null : r.pin,
  }),
  chat_rules: (r, e) => ({ ...r, chatRules: { on: e.on ?? false, seconds: e.seconds ?? 0 } }),
  unchat: takenBack,
  undirect: takenBack,
  captioner: (r, e) => patch(r, e.who, () => ({ captioner: e.on ?? false })),
  role: (r, e) => patch(known(r, e), e.who, (m) => ({ role: e.role ?? m.role })),
  ask_rules: (r, e) => ({ ...r, asksWait: e.on ?? false }),
  layout: (r, e) => ({ ...r, layout: e.layout ?? 'free' }),
  cameras: (r, e) => ({ ...r, camerasToHosts: e.on ?? false }),
  lobby_text: (r, e) => ({ ...r, lobbyText: e.text ?? '' }),
  spotlight: (r, e) => ({ ...r, spotlight: e.who ?? '' }),
  scores: (r, e) => ({ ...r, scores: { names: e.names ?? [], counts: e.counts ?? [] } }),
  timer: (r, e) => ({
    ...r,
    timer: e.on ? { at: e.at, seconds: e.seconds ?? 0, name: e.name ?? '', text: e.text ?? '' } : null,
  }),
  recording: (r, e) => {
    const on = e.on ?? false;
    return { ...r, recording: on, recordingFails: on && e.state === 'failed', recordingAt: on && !r.recording ? e.at : r.recordingAt };
  },
};

for (const [type, change] of Object.entries(POLL_CHANGES)) CHANGES[type] = (r, e) => ({ ...r, polls: change(r.polls, e) });

for (const [type, change] of Object.entries(ASK_CHANGES)) CHANGES[type] = (r, e) => ({ ...r, asks: change(r.asks, e) });

for (const [type, change] of Object.entries(SLIDE_CHANGES)) CHANGES[type] = (r, e) => ({ ...r, slides: change(r.slides, e) });

for (const [type, change] of Object.entries(INK_CHANGES)) {
  const before = CHANGES[type];
  CHANGES[type] = (r, e) => ({ ...(before ? before(r, e) : r), ink: change(r.ink, e) });
}
for (const [type, change] of Object.entries(CAPTION_CHANGES)) CHANGES[type] = (r, e) => ({ ...r, captions: change(r.captions, e) });

for (const [type, change] of Object.entries(FILM_CHANGES)) CHANGES[type] = (r, e) => ({ ...r, film: change(r.film, e) });
for (const [type, change] of Object.entries(NOTE_CHANGES)) CHANGES[type] = (r, e) => ({ ...r, notes: change(r.notes, e) });

for (const [type, change] of Object.entries(ORDER_CHANGES)) {
  const was = CHANGES[type];
  CHANGES[type] = (r, e) => ({ ...(was ? was(r, e) : r), order: change(r.order, e, r.members) });
}
for (const [type, change] of Object.entries(CHANNEL_CHANGES)) {
  const was = CHANGES[type];
  CHANGES[type] = (r, e) => {
    const channels = change(r.channels, e);
    const next = was ? was(r, e) : r;
    return channels === r.channels ? next : { ...next, channels };
  };
}
for (const [type, change] of Object.entries(TABLE_CHANGES))
  CHANGES[type] = (r, e) => {
    const from = type === 'seated' ? known(r, e) : r; /* where names are hidden, a seat introduces who takes it */
    return { ...from, ...change(from, e) };
  };

/** Total: an unknown event changes nothing, so that an older page lives beside a newer server. */
export function evolve(r: Room, e: RoomEvent): Room {
  const change = Object.hasOwn(CHANGES, e.type) ? CHANGES[e.type] : undefined;
  return change ? change(r, e) : r;
}

const ROLE_ORDER: Record<Role, number> = { host: 0, cohost: 1, speaker: 2, attendee: 3 };

/** Whom the list shows: everybody, or (partial, to who does not moderate) those a new snapshot would name, so whoever
 * stepped down is in it no longer than for one who comes now. */
export function listed(r: Room, you: string, moderates: boolean): Room['members'] {
  if (!r.partial || moderates) return r.members;
  return new Map([...r.members].filter(([id, m]) => m.role !== 'attendee' || m.stage || m.hand > 0 || m.table > 0 || id === you));
}

/** The people list: raised hands first in the order they went up, then by role, then those on stage, then by name. */
export function peopleInOrder(members: Room['members'], hands: Room['hands'], locale: string): Member[] {
  const place = new Map(hands.map((id, i) => [id, i]));
  const names = new Intl.Collator(locale);
  return [...members.values()].sort((a, b) => {
    const ha = place.get(a.id) ?? Infinity;
    const hb = place.get(b.id) ?? Infinity;
    if (ha !== hb) return ha - hb;
    return ROLE_ORDER[a.role] - ROLE_ORDER[b.role] || Number(b.stage) - Number(a.stage) || names.compare(a.name, b.name);
  });
}
