/* keys — the room by keyboard: keys by their place (event.code), whatever the layout. `?` shows them; who dictates or
 * works with another tool's keys switches them off (WCAG 2.1.4), which this device remembers. */

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t, type Key } from '../../i18n';
import { recall, remember } from '../../state/prefs';
import { Dialog } from '../../widgets/basic';

const OFF = 'keys.off';
const keysOn = signal(recall(OFF) !== '1');

const NAMES = {
  KeyM: ['M', 'keys.mic'],
  KeyV: ['V', 'keys.camera'],
  KeyD: ['D', 'keys.screen'],
  KeyR: ['R', 'keys.hand'],
  KeyC: ['C', 'keys.chat'],
  KeyP: ['P', 'keys.people'],
  KeyQ: ['Q', 'ask.title'],
  KeyO: ['O', 'poll.title'],
  KeyB: ['B', 'rewind.open'],
  KeyE: ['E', 'weak.save'],
  KeyL: ['L', 'look.title'],
  KeyF: ['F', 'keys.full'],
  Slash: ['?', 'keys.help'],
} as const satisfies Record<string, readonly [string, Key]>;

export type RoomKeys = Record<keyof typeof NAMES, () => void>;

/** True when a key belongs to what has focus and not to us. */
function isTaken(e: KeyboardEvent): boolean {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return true;
  const el = e.target as HTMLElement | null;
  return Boolean(el?.closest?.('input, textarea, select, [contenteditable], dialog, [role="menu"]'));
}

/** Where `?` is differs by layout: its place on most keyboards, or the sign itself. */
function codeOf(e: KeyboardEvent): string {
  if (e.key === '?') return 'Slash';
  return e.code === 'Slash' && !e.shiftKey ? '' : e.code;
}

export function useKeys(acts: RoomKeys): void {
  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      const fn = keysOn.peek() && !isTaken(e) ? (acts as Record<string, () => void>)[codeOf(e)] : undefined;
      if (!fn) return;
      e.preventDefault();
      fn();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t('keys.title')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      <dl class="stats">
        {Object.values(NAMES).map(([k, word]) => (
          <div key={k}><dt><kbd>{k}</kbd></dt><dd>{t(word)}</dd></div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(e) => {
          keysOn.value = e.currentTarget.checked;
          remember(OFF, keysOn.value ? null : '1');
        }} />
        <span>
          {t('weak.keys')}
          <br />
          <span class="soft small">{t('weak.keysHint')}</span>
        </span>
      </label>
    </Dialog>
  );
}
