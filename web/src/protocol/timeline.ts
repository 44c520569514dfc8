/* timeline — the room's log beside a recording, as things at moments of its playing time. Pure. */

export interface TakeTimes {
  base_ms: number;
  end_ms?: number | null;
  wall_ms: number;
}

export interface ChatMoment {
  t: number;
  seq: number;
  name: string;
  text: string;
}

export interface Span {
  from: number;
  to: number;
}

export interface Timeline {
  chat: ChatMoment[];
  /** When a screen was being shared. */
  screen: Span[];
}

const LINES_MAX = 200_000;

/** Playing time of a wall-clock moment (API.md "Media time"): null before the recording began. */
export function mediaTime(at: number, takes: readonly TakeTimes[]): number | null {
  let best: TakeTimes | null = null;
  for (const take of takes) if (take.wall_ms <= at && (!best || take.wall_ms > best.wall_ms)) best = take;
  if (!best) return null;
  const t = best.base_ms + (at - best.wall_ms);
  return best.end_ms === null || best.end_ms === undefined ? t : Math.min(t, best.end_ms);
}

interface Line {
  type?: string;
  seq?: number;
  at?: number;
  who?: string;
  name?: string;
  text?: string;
  source?: string;
  on?: boolean;
}

function parse(text: string): Line[] {
  const out: Line[] = [];
  for (const line of text.split('\n', LINES_MAX)) {
    if (!line) continue;
    try {
      const value = JSON.parse(line) as Line | null;
      if (value && typeof value === 'object') out.push(value);
    } catch {
      /* A line torn by a crash is left out. */
    }
  }
  return out;
}

export function readTimeline(text: string, takes: readonly TakeTimes[]): Timeline {
  const chat: ChatMoment[] = [];
  const screen: Span[] = [];
  let sharer = '';
  let since = 0;
  const close = (t: number): void => {
    if (sharer && t > since) screen.push({ from: since, to: t });
    sharer = '';
  };
  for (const l of parse(text)) {
    /* What was said before the recording began stands at its beginning. */
    const t = Math.max(0, mediaTime(l.at ?? 0, takes) ?? 0);
    if (l.type === 'chat') {
      chat.push({ t, seq: l.seq ?? 0, name: l.name ?? '', text: l.text ?? '' });
    } else if (l.type === 'source' && l.source === 'screen') {
      if (l.on) {
        close(t);
        sharer = l.who ?? '?';
        since = t;
      } else if (l.who === sharer) close(t);
    } else if ((l.type === 'unstaged' || l.type === 'left') && l.who === sharer) {
      close(t);
    }
  }
  close(Infinity);
  return { chat, screen };
}

export const inSpan = (spans: readonly Span[], t: number): boolean => spans.some((s) => t >= s.from && t < s.to);
