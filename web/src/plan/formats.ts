/* formats — how a format is edited: its permissions in an order people think in, what the format's own switches rule
 * out, and what all of it comes to. Pure. */

import type { FormatDoc, KeptFormat } from '../api/formats';

export const ROLES = ['host', 'cohost', 'speaker', 'attendee'] as const;
export type Role = (typeof ROLES)[number];

export const GROUPS: { name: 'speak' | 'write' | 'work' | 'lead'; can: string[] }[] = [
  { name: 'speak', can: ['publish_mic', 'publish_camera', 'publish_screen', 'talk', 'stage_auto', 'stage_self', 'hand'] },
  { name: 'write', can: ['chat', 'direct', 'direct_all', 'react', 'ask', 'anonymous'] },
  { name: 'work', can: ['vote', 'notes'] },
  { name: 'lead', can: ['run', 'moderate', 'grant', 'record', 'poll', 'answer', 'slides', 'tables'] },
];

/** With what a newer server knows besides: at the end, so that nothing of a format is out of sight. */
export function groupsOf(all: readonly { roles: Record<string, string[]> }[]): typeof GROUPS {
  const known = new Set(GROUPS.flatMap((g) => g.can));
  const more = new Set(all.flatMap((f) => Object.values(f.roles).flat()).filter((p) => !known.has(p)));
  return GROUPS.map((g) => (g.name === 'lead' ? { ...g, can: [...g.can, ...more] } : g));
}

/** Why a role cannot have a permission in this format, or '': the server refuses the same (formatdoc). */
export function ruledOut(f: Pick<FormatDoc, 'record' | 'tables' | 'questions'>, role: Role, can: string): '' | 'record_never' | 'tables_off' | 'questions_chat' | 'power' {
  if (role === 'attendee' && ['run', 'moderate', 'grant', 'record'].includes(can)) return 'power';
  if (f.record === 'never' && can === 'record') return 'record_never';
  if (!f.tables && can === 'tables') return 'tables_off';
  if (f.questions === 'chat' && ['ask', 'answer', 'anonymous'].includes(can)) return 'questions_chat';
  return '';
}

/** All that a format is made of: what is not in it when it is saved, the server takes as left out. */
export function docOf(f: KeptFormat): FormatDoc {
  const { id, name, about, lobby, record, keep, layout, questions, names = 'shown', tables, stage_max, video_slots, codecs, roles } = f;
  return structuredClone({ id, name, about, lobby, record, keep, layout, questions, names, tables, stage_max, video_slots, codecs, roles });
}

/** An id out of an English name: a-z, 0-9 and hyphens, 32 at most; `n` tells namesakes apart. */
export function slugOf(name: string, n = 1): string {
  const tail = n > 1 ? `-${n}` : '';
  const plain = name.normalize('NFKD').replace(/[^\x20-\x7e]/g, '').toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return `${(slug || 'format').slice(0, 32 - tail.length).replace(/-+$/, '')}${tail}`;
}

/** A codec preferred, and the two every room speaks behind it. */
export const codecsOf = (first: string): string[] => [first, ...['h264', 'vp8'].filter((c) => c !== first)];

/** What a format means for the people in the room: keys of sentences, the attendees' ones first. */
export function meaning(f: FormatDoc): string[] {
  const may = f.roles.attendee ?? [];
  const speaks = may.includes('stage_auto') || may.includes('stage_self') || may.includes('talk');
  const leads = [...(f.roles.cohost ?? []), ...(f.roles.host ?? [])];
  return [
    speaks ? 'speaks' : may.includes('hand') ? 'asks' : 'listens',
    may.includes('chat') ? 'writes' : 'reads',
    ...(f.questions !== 'chat' ? [may.includes('anonymous') ? 'questionsNameless' : 'questions'] : []),
    ...(f.questions === 'approved' ? ['approved'] : []),
    ...(f.names === 'hidden' ? ['nameless'] : []),
    f.lobby ? 'lobby' : 'open',
    f.record === 'auto' ? 'recorded' : f.record === 'manual' && leads.includes('record') ? 'byChoice' : 'never',
    ...(f.keep === 'counts' ? ['counts'] : []),
    ...(f.tables ? ['tables'] : []),
  ];
}
