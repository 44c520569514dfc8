/* formats — names of formats and spaces, kept as data on the server, fetched once when first needed. */

import { signal } from '@preact/signals';
import * as api from '../api';
import type { Space } from '../api/types';
import { named } from '../i18n';

export const formats = signal<readonly api.FormatName[]>([]);
export const spaces = signal<readonly Space[]>([]);
let asked = false;

/** Never fails: without names a page shows less, that is all. */
export async function loadNames(): Promise<void> {
  if (asked) return;
  asked = true;
  const [f, s] = await Promise.allSettled([api.formatNames(), api.spaces()]);
  if (f.status === 'fulfilled') formats.value = f.value;
  if (s.status === 'fulfilled') spaces.value = s.value;
  if (f.status === 'rejected' || s.status === 'rejected') asked = false;
}

/** The staff changed something: to be fetched anew when next needed. */
export function forgetNames(): void {
  asked = false;
}

export function formatName(id: string): string {
  void loadNames();
  return named(formats.value.find((f) => f.id === id)?.name);
}

export function spaceName(id: string | null): string {
  void loadNames();
  return named(spaces.value.find((s) => s.id === id)?.name);
}
