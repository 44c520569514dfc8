/* signup — calls of registration (server/http/API.md §5.2). */

import * as http from './client';
import type { Scope } from './plan';
import type { EventDoc } from './types';

export type RegState = 'invited' | 'pending' | 'waiting' | 'confirmed' | 'refused' | 'cancelled';
export type Answer = string | boolean;
export interface Question {
  id: string;
  kind: 'text' | 'choice' | 'yesno';
  label: string;
  needed: boolean;
  options?: string[];
}
/** One date of a registration for a whole series. */
export interface PassDate {
  event: string;
  title: string;
  starts_at: number;
  duration_min: number;
  state: RegState;
  cancelled: boolean;
  over: boolean;
}
export interface Registration {
  id: number;
  event: string;
  name: string;
  email: string;
  state: RegState;
  place: number;
  remind: boolean;
  account: boolean;
  came: boolean;
  created_at: number;
  answers: Record<string, Answer>;
  code?: string;
  whole: boolean;
  dates?: PassDate[];
  /** Named to interpret into these. */
  langs: string[];
}
export interface Terms {
  whole: boolean;
  required: boolean;
  capacity: number;
  approval: boolean;
  email: 'none' | 'optional' | 'needed';
  consent: string;
  questions: Question[];
}
export interface Signup extends Partial<Terms> {
  on: boolean;
  mail: boolean;
  open?: boolean;
  dates?: number;
  confirmed?: number;
  waiting?: number;
  pending?: number;
  mine: Registration | null;
}
export type WithSignup = EventDoc & { registration?: Signup };

const event = (id: string): string => `/api/events/${encodeURIComponent(id)}`;
const reg = (code: string): string => `/api/registrations/${encodeURIComponent(code)}`;

export interface Enrolment {
  name?: string;
  email?: string;
  lang: string;
  consent: boolean;
  answers: Record<string, Answer>;
}
export const enrol = async (id: string, who: Enrolment): Promise<Registration> =>
  (await http.post<{ registration: Registration }>(`${event(id)}/register`, who)).registration;
export const registration = (code: string): Promise<{ registration: Registration; event: WithSignup }> => http.get(reg(code));
export const changeRegistration = async (code: string, change: { remind?: boolean; cancel?: true; accept?: true; event?: string }): Promise<Registration> =>
  (await http.patch<{ registration: Registration }>(reg(code), change)).registration;
export const registrationIcs = (code: string): string => `${reg(code)}/event.ics`;
export const putTerms = (id: string, terms: Terms, scope: Scope): Promise<unknown> => http.put(`${event(id)}/signup`, { ...terms, scope });
export const dropTerms = (id: string, scope: Scope): Promise<void> => http.remove(`${event(id)}/signup${http.query({ scope })}`);
export const roster = async (id: string): Promise<Registration[]> =>
  (await http.get<{ registrations: Registration[] }>(`${event(id)}/registrations`)).registrations;
export const rosterCsv = (id: string): string => `${event(id)}/registrations.csv`;
export const decide = async (id: string, n: number, state: 'confirmed' | 'refused' | 'cancelled', scope: Scope): Promise<Registration> =>
  (await http.patch<{ registration: Registration }>(`${event(id)}/registrations/${n}`, { state, scope })).registration;
export const invite = (id: string, emails: string[]): Promise<unknown> => http.post(`${event(id)}/registrations`, { emails });
export const nameInterpreter = async (id: string, who: { email: string; name?: string | undefined; langs: string[]; lang: string }): Promise<Registration> =>
  (await http.post<{ registration: Registration }>(`${event(id)}/interpreters`, who)).registration;
export const dropInterpreter = (id: string, n: number): Promise<void> => http.remove(`${event(id)}/interpreters/${n}`);
