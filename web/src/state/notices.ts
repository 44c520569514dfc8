/* notices — short sentences shown for a moment (toasts) and sentences only heard (live regions). */

import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'good' | 'bad';
}

/* Time to notice it and to read it, at ten characters a second. */
const TOAST_MS = 4_000;
const TOAST_CHAR_MS = 100;
const TOASTS_MAX = 3;
let next = 1;

export const toasts = signal<readonly Toast[]>([]);
export const politeText = signal('');
export const assertiveText = signal('');

export function toast(text: string, tone: Toast['tone'] = 'info'): void {
  const id = next++;
  toasts.value = [...toasts.value, { id, text, tone }].slice(-TOASTS_MAX);
  setTimeout(() => dropToast(id), TOAST_MS + TOAST_CHAR_MS * text.length);
}

export function dropToast(id: number): void {
  toasts.value = toasts.value.filter((x) => x.id !== id);
}

/** What was said of a room is of no use after it, and would lie over the words that say why it is over. */
export function dropToasts(): void {
  toasts.value = [];
}

/* The same sentence twice is heard twice only if the text changes: a no-break space is added every second time. */
export function say(text: string, urgent = false): void {
  const region = urgent ? assertiveText : politeText;
  region.value = region.value === text ? `${text} ` : text;
}
