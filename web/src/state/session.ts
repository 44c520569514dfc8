/* session — who is signed in here. Loaded once; every sign-in and sign-out replaces it. */

import { computed, signal } from '@preact/signals';
import * as api from '../api';
import { setCsrf } from '../api/client';
import type { SessionInfo } from '../api/types';

export const session = signal<SessionInfo | null>(null);
/** What the site calls itself: in its head and in the titles of its tabs. */
export const siteName = computed(() => session.value?.server.name || 'SOM-hub');
export const user = computed(() => session.value?.user ?? null);
export const mayCreate = computed(() => {
  const role = user.value?.role;
  return role === 'teacher' || role === 'staff' || role === 'admin';
});

export const isStaff = computed(() => user.value?.role === 'staff' || user.value?.role === 'admin');

export function adopt(s: SessionInfo): void {
  session.value = s;
  setCsrf(s.csrf);
}

const NOBODY: SessionInfo = {
  user: null,
  csrf: null,
  server: { name: 'SOM-hub', register: false, languages: ['uk', 'en'] },
};

export async function loadSession(): Promise<void> {
  try {
    adopt(await api.session());
  } catch {
    /* The pages that need the server say so themselves. */
    if (!session.value) session.value = NOBODY;
  }
}

export async function signOut(): Promise<void> {
  await api.signOut();
  adopt({ ...(session.value ?? NOBODY), user: null, csrf: null });
  await loadSession();
}
