/* plan — calls of the calendar and of registration (server/http/API.md §5.1, §5.2). */

import * as http from './client';
import type { EventDoc } from './types';

export interface CalendarEvent {
  id: string;
  title: string;
  space: string | null;
  format: string;
  starts_at: number;
  duration_min: number;
  zone: string;
  state: 'scheduled' | 'open' | 'ended';
  cancelled: boolean;
  repeats: boolean;
  host: { id: string; name: string } | null;
}
export interface CalendarPage {
  events: CalendarEvent[];
  more: boolean;
}
export type Scope = 'this' | 'following' | 'all';

const event = (id: string): string => `/api/events/${encodeURIComponent(id)}`;

export const calendar = (q: { from: number; to: number; space?: string; mine?: 1 }): Promise<CalendarPage> =>
  http.get(`/api/calendar${http.query({ ...q })}`);
export const feed = async (): Promise<string | null> => (await http.get<{ url: string | null }>('/api/me/feed')).url;
export const newFeed = async (): Promise<string | null> => (await http.post<{ url: string | null }>('/api/me/feed')).url;
export const dropFeed = (): Promise<void> => http.remove('/api/me/feed');
export const spaceFeed = (space: string): string =>
  `${location.origin}/api/spaces/${encodeURIComponent(space)}/calendar.ics`;
export const icsOf = (id: string, code?: string): string => `${event(id)}/event.ics${http.query({ code })}`;
export const qrOf = (id: string, code?: string): string => `${event(id)}/qr.svg${http.query({ code })}`;
export const cancelEvent = async (id: string, scope: Scope): Promise<EventDoc> =>
  (await http.post<{ event: EventDoc }>(`${event(id)}/cancel`, { scope })).event;

export interface EventChange {
  title?: string;
  description?: string;
  starts_at?: number | null;
  duration_min?: number;
  space?: string | null;
  access?: string;
  scope?: Scope;
}
export const changeEvent = async (id: string, change: EventChange): Promise<EventDoc> =>
  (await http.patch<{ event: EventDoc }>(event(id), change)).event;
