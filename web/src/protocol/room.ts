/* room — what the client knows of a room: a snapshot and then events, folded by a total function. The same fold
 * serves a live line and a replayed one. Pure; values are replaced, never changed in place. */

import type { ChatLine, Life, Member, Role, RoomEvent, Snapshot, Source } from './types';

export const CHAT_KEEP = 500;

export interface Room {
  life: Life;
  lobby: boolean;
  locked: boolean;
  recording: boolean;
  recordingAt: number;
  spotlight: string;
  openedAt: number;
  members: ReadonlyMap<string, Member>;
  waiting: readonly { id: string; name: string }[];
  hands: readonly string[];
  stage: readonly string[];
  chat: readonly ChatLine[];
  count: number;
  /** The member list holds only those to the fore (a big room). */
  partial: boolean;
}

export const emptyRoom: Room = {
  life: 'scheduled',
  lobby: false,
  locked: false,
  recording: false,
  recordingAt: 0,
  spotlight: '',
  openedAt: 0,
  members: new Map(),
  waiting: [],
  hands: [],
  stage: [],
  chat: [],
  count: 0,
  partial: false,
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
    recordingAt: s.recording_at ?? 0,
    spotlight: s.spotlight ?? '',
    openedAt: s.opened_at ?? 0,
    members,
    waiting: s.waiting ?? [],
    hands: s.hands ?? [],
    stage: s.stage ?? [],
    chat: s.chat ?? [],
    count: s.count ?? members.size,
    partial: s.partial ?? false,
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
  const next = patch(r, e.who, () => ({ stage: false, invited: false, sources: [], muted: [] }));
  return { ...next, stage: without(next.stage, e.who) };
}

function withSource(m: Member, source: Source | undefined, on: boolean): Partial<Member> {
  if (!source) return {};
  const rest = m.sources.filter((s) => s !== source);
  return { sources: on ? [...rest, source] : rest, muted: on ? m.muted.filter((s) => s !== source) : m.muted };
}

const CHANGES: Record<string, Change> = {
  opened: (r, e) => ({ ...r, life: 'open', openedAt: e.at }),
  ended: (r) => ({ ...r, life: 'ended', recording: false }),
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
  chat: (r, e) => {
    const by = e.by ?? '';
    const line: ChatLine = {
      seq: e.seq,
      at: e.at,
      by,
      name: e.name ?? r.members.get(by)?.name ?? by,
      text: e.text ?? '',
    };
    return { ...r, chat: [...r.chat, line].slice(-CHAT_KEEP) };
  },
  unchat: (r, e) => ({ ...r, chat: r.chat.filter((c) => c.seq !== e.n) }),
  role: (r, e) => patch(known(r, e), e.who, (m) => ({ role: e.role ?? m.role })),
  spotlight: (r, e) => ({ ...r, spotlight: e.who ?? '' }),
  recording: (r, e) => {
    const on = e.on ?? false;
    return { ...r, recording: on, recordingAt: on && !r.recording ? e.at : r.recordingAt };
  },
};

/** Total: an unknown event changes nothing, so that an older page lives beside a newer server. */
export function evolve(r: Room, e: RoomEvent): Room {
  const change = Object.hasOwn(CHANGES, e.type) ? CHANGES[e.type] : undefined;
  return change ? change(r, e) : r;
}

const ROLE_ORDER: Record<Role, number> = { host: 0, cohost: 1, speaker: 2, attendee: 3 };

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
