/* tables — the small groups of a class: how many there are, what lies on each, where people are. Pure. */

import type { Member, RoomEvent } from './types';

export interface Card {
  n: number;
  /** "": its number. */
  name: string;
  text: string;
  /** Who of it called for help, "" = nobody. */
  help: string;
}

export interface Tables {
  count: number;
  free: boolean;
  open: boolean;
  at: number;
  seconds: number;
  cards: readonly Card[];
  /** Who speaks to all of them. */
  voices: readonly string[];
}

export const NO_TABLES: Tables = { count: 0, free: false, open: false, at: 0, seconds: 0, cards: [], voices: [] };

const cardsOf = (count: number): Card[] => Array.from({ length: count }, (_, i) => ({ n: i + 1, name: '', text: '', help: '' }));

export const tablesOf = (t: Partial<Tables> | undefined): Tables => (t ? { ...NO_TABLES, ...t } : NO_TABLES);

/** Where somebody is: his table while they are open and he has not stepped out, else 0, the plenary. */
export const placeOf = (t: Tables, m: Pick<Member, 'table' | 'out'> | null | undefined): number =>
  t.open && m && !m.out ? m.table : 0;

interface Room {
  tables: Tables;
  members: ReadonlyMap<string, Member>;
}

function seatAll<R extends Room>(r: R, change: (m: Member) => Partial<Member>): ReadonlyMap<string, Member> {
  return new Map([...r.members].map(([id, m]) => [id, { ...m, ...change(m) }]));
}

const card = (t: Tables, n: number | undefined, change: Partial<Card>): Tables => ({
  ...t,
  cards: t.cards.map((c) => (c.n === n ? { ...c, ...change } : c)),
});

export const TABLE_CHANGES: Record<string, (r: Room, e: RoomEvent) => Room> = {
  tables: (r, e) => ({
    members: seatAll(r, () => ({ table: 0, out: false })),
    tables: { ...NO_TABLES, count: e.count ?? 0, free: e.free ?? false, cards: cardsOf(e.count ?? 0) },
  }),
  table: (r, e) => ({ ...r, tables: card(r.tables, e.n, { name: e.name ?? '', text: e.text ?? '' }) }),
  seated: (r, e) => {
    const m = r.members.get(e.who ?? '');
    if (!m) return r;
    return { ...r, members: new Map(r.members).set(m.id, { ...m, table: e.n ?? 0, out: e.out ?? false }) };
  },
  tables_open: (r, e) => {
    const on = e.on ?? false;
    const turned = on !== r.tables.open;
    return {
      members: turned ? seatAll(r, () => ({ out: false })) : r.members,
      tables: {
        ...r.tables,
        open: on,
        at: on ? e.at : 0,
        seconds: on ? (e.seconds ?? 0) : 0,
        voices: turned ? [] : r.tables.voices,
        cards: turned ? r.tables.cards.map((c) => ({ ...c, help: '' })) : r.tables.cards,
      },
    };
  },
  table_help: (r, e) => ({ ...r, tables: card(r.tables, e.n, { help: e.on ? (e.who ?? '') : '' }) }),
  table_voice: (r, e) => {
    const rest = r.tables.voices.filter((id) => id !== e.who);
    return { ...r, tables: { ...r.tables, voices: e.on && e.who ? [...rest, e.who] : rest } };
  },
};

export interface Seating {
  count: number;
  names: string[];
  /** By table from 1: ids of those who are here. */
  seats: string[][];
  /** Those of the list who are not here. */
  missing: string[];
}

const plain = (name: string): string => name.trim().replace(/\s+/g, ' ').toLocaleLowerCase();

/** A list as people keep it: a line each, the name, then after a comma, semicolon or tab the table's number or name. */
export function readList(text: string, members: Iterable<Pick<Member, 'id' | 'name'>>, max: number): Seating {
  const byName = new Map([...members].map((m) => [plain(m.name), m.id]));
  const rows = text.split(/\r?\n/).map((l) => /^\s*"?(.+?)"?\s*[,;\t]\s*"?([^,;\t"]+)"?\s*$/.exec(l)).filter((m) => m !== null);
  const labels = [...new Set(rows.map((m) => (m[2] ?? '').trim()))];
  const numbered = labels.every((l) => /^\d+$/.test(l));
  const count = Math.min(max, numbered ? Math.max(0, ...labels.map(Number)) : labels.length);
  const out: Seating = { count, names: numbered ? [] : labels.slice(0, count), seats: Array.from({ length: count }, () => []), missing: [] };
  for (const m of rows) {
    const label = (m[2] ?? '').trim();
    const n = numbered ? Number(label) : labels.indexOf(label) + 1;
    const id = byName.get(plain(m[1] ?? ''));
    if (!id) out.missing.push((m[1] ?? '').trim());
    else out.seats[n - 1]?.push(id);
  }
  return out;
}
