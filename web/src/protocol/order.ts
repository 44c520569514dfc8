/* order — what who moderates has decided for all, and what waits for him: permissions that are off for now, messages
 * somebody reported, people who are kept out. Pure. */

import type { Room } from './room';
import type { Member, Role, RoomEvent } from './types';

export interface Report {
  n: number;
  at: number;
  by: string;
  /** Whose message it is; '' = it has no name. */
  who: string;
  name: string;
  text: string;
}

export interface Order {
  /** Permissions a role has not for now. */
  limits: Readonly<Partial<Record<Role, readonly string[]>>>;
  reports: readonly Report[];
  banned: readonly { id: string; name: string }[];
  /** Who does not moderate is told of hosts and speakers by name only. */
  namesHidden: boolean;
}

export const NO_ORDER: Order = { limits: {}, reports: [], banned: [], namesHidden: false };

type Members = ReadonlyMap<string, Member>;

export const ORDER_CHANGES: Record<string, (o: Order, e: RoomEvent, members: Members) => Order> = {
  limited: (o, e) => (e.role ? { ...o, limits: { ...o.limits, [e.role]: e.off ?? [] } } : o),
  names_hidden: (o, e) => ({ ...o, namesHidden: e.on ?? false }),
  reported: (o, e) => ({
    ...o,
    reports: [...o.reports, { n: e.n ?? 0, at: e.at, by: e.by ?? '', who: e.who ?? '', name: e.name ?? '', text: e.text ?? '' }],
  }),
  report_done: (o, e) => ({ ...o, reports: o.reports.filter((r) => r.n !== e.n) }),
  removed: (o, e, members) =>
    e.ban && e.who ? { ...o, banned: [...o.banned, { id: e.who, name: members.get(e.who)?.name ?? e.who }] } : o,
  unbanned: (o, e) => ({ ...o, banned: o.banned.filter((b) => b.id !== e.who) }),
};

/** One thing a person does, and the permissions that stand for it. */
export const ABILITIES = {
  chat: ['chat'],
  private: ['direct', 'direct_all'],
  hand: ['hand'],
  mic: ['publish_mic', 'talk'],
  camera: ['publish_camera'],
  screen: ['publish_screen'],
  stage: ['stage_self'],
  react: ['react'],
  ask: ['ask'],
  vote: ['vote'],
} as const satisfies Record<string, readonly string[]>;
export type Ability = keyof typeof ABILITIES;
export const ALL_ABILITIES = Object.keys(ABILITIES) as Ability[];

export const isOff = (off: readonly string[], a: Ability): boolean => ABILITIES[a].every((p) => off.includes(p));

/** `off` with one ability switched. */
export function switched(off: readonly string[], a: Ability, on: boolean): string[] {
  const rest = off.filter((p) => !(ABILITIES[a] as readonly string[]).includes(p));
  return on ? rest : [...rest, ...ABILITIES[a]];
}

/** What became possible or impossible between two states. */
export function turned(before: readonly string[], after: readonly string[]): { off: Ability[]; on: Ability[] } {
  return {
    off: ALL_ABILITIES.filter((a) => isOff(after, a) && !isOff(before, a)),
    on: ALL_ABILITIES.filter((a) => !isOff(after, a) && isOff(before, a)),
  };
}

/** Messages, each with how many reported it, the first reported first. */
export function reportedOnes(reports: readonly Report[]): (Report & { count: number })[] {
  const all = new Map<number, Report & { count: number }>();
  for (const r of reports) {
    const was = all.get(r.n);
    if (was) was.count++;
    else all.set(r.n, { ...r, count: 1 });
  }
  return [...all.values()];
}

/** The room as one who is not told names any more has it, until the server tells it anew: what was known is forgotten. */
export function nameless(r: Room, me: string): Room {
  const known = (id: string): boolean => id === me || (r.members.get(id)?.role ?? 'attendee') !== 'attendee';
  return {
    ...r,
    members: new Map([...r.members].filter(([id]) => known(id))),
    hands: r.hands.filter(known),
    chat: r.chat.map((l) => (known(l.by) ? l : { ...l, name: '№' })),
    asks: r.asks.map((a) => (a.name ? { ...a, name: '№' } : a)),
    pin: r.pin && { ...r.pin, name: '№' },
    partial: true,
  };
}
