/* channels — the languages a room is interpreted into, who interprets, who is on the air. Pure. */

import type { RoomEvent } from './types';

export interface Channel {
  /** BCP 47. */
  lang: string;
  /** Who is on it, "" = nobody. */
  air: string;
}

export interface Interpreter {
  who: string;
  name: string;
  langs: readonly string[];
  /** His microphone is on: a colleague may hand over to him. */
  mic: boolean;
}

export interface Channels {
  langs: readonly Channel[];
  people: readonly Interpreter[];
}

/** How many hear the room as it is, and each channel. */
export interface Listening {
  type: 'listening';
  floor: number;
  langs: Record<string, number>;
}

export const NO_CHANNELS: Channels = { langs: [], people: [] };
export const EACH_MAX = 2;
export const CHANNELS_MAX = 8;
/** What is offered; any other code may be in a room, too. */
export const LANGS = [
  'uk', 'en', 'pl', 'de', 'fr', 'es', 'it', 'pt', 'ro', 'hu', 'sk', 'cs', 'bg', 'el', 'tr', 'crh', 'lt', 'lv', 'et', 'fi', 'sv', 'nl', 'ka', 'ar',
  'he', 'zh', 'ja', 'ko',
] as const;

export const channelsOf = (c: Partial<Channels> | undefined): Channels => ({ ...NO_CHANNELS, ...c });

const offAir = (c: Channels, who: string | undefined): readonly Channel[] => c.langs.map((l) => (who && l.air === who ? { ...l, air: '' } : l));

const gone = (c: Channels, e: RoomEvent): Channels =>
  c.people.some((p) => p.who === e.who) ? { langs: offAir(c, e.who), people: c.people.filter((p) => p.who !== e.who) } : c;

function mic(c: Channels, e: RoomEvent, on: boolean): Channels {
  if ((e.source ?? 'mic') !== 'mic' || !c.people.some((p) => p.who === e.who)) return c;
  return { ...c, people: c.people.map((p) => (p.who === e.who ? { ...p, mic: on } : p)) };
}

export const CHANNEL_CHANGES: Record<string, (c: Channels, e: RoomEvent) => Channels> = {
  channels: (c, e) => {
    const langs = (e.langs ?? []).map((lang) => ({ lang, air: c.langs.find((l) => l.lang === lang)?.air ?? '' }));
    const people = c.people.map((p) => ({ ...p, langs: p.langs.filter((l) => langs.some((n) => n.lang === l)) }));
    return { langs, people: people.filter((p) => p.langs.length > 0) };
  },
  interprets: (c, e) => {
    const langs = e.langs ?? [];
    const who = e.who ?? '';
    const was = c.people.find((p) => p.who === who);
    const people = c.people.filter((p) => p.who !== who);
    if (langs.length > 0) people.push({ who, name: e.name ?? who, langs, mic: was?.mic ?? false });
    return { langs: c.langs.map((l) => (l.air === who && !langs.includes(l.lang) ? { ...l, air: '' } : l)), people };
  },
  air: (c, e) => ({ ...c, langs: offAir(c, e.who).map((l) => (l.lang === e.lang ? { ...l, air: e.who ?? '' } : l)) }),
  source: (c, e) => mic(c, e, e.on ?? false),
  muted: (c, e) => mic(c, e, false),
  left: gone,
  removed: gone,
};

export const channelOf = (c: Channels, lang: string): Channel | undefined => c.langs.find((l) => l.lang === lang);
export const interpreterOf = (c: Channels, who: string): Interpreter | undefined => c.people.find((p) => p.who === who);

/** A list somebody changes by choosing one thing after the other: until the last change is answered, the next one goes on
 * from what was meant, not from what the room says. */
export class Intent {
  private list: readonly string[] | null = null;

  of(now: readonly string[]): readonly string[] {
    return this.list ?? now;
  }

  change(now: readonly string[], change: (was: readonly string[]) => string[]): readonly string[] {
    return (this.list = change(this.of(now)));
  }

  answered(list: readonly string[]): void {
    if (this.list === list) this.list = null;
  }
}
