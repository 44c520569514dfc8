/* listen — the button in the top bar that says which language one hears. */

import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { lang as ownLang } from '../../state/prefs';
import { Icon } from '../../widgets/icons';
import { lazy } from '../../widgets/load';
import '../../styles/channels.css';
import { useLive } from './context';

const ListenDialog: ComponentType<{ onClose: () => void }> = lazy(async () => (await import('./channels')).ListenDialog);

/** In the viewer's language; the code itself where the browser knows no name. */
export function langName(code: string): string {
  let name: string;
  try {
    name = new Intl.DisplayNames([ownLang.value], { type: 'language' }).of(code) ?? code;
  } catch {
    name = code;
  }
  return name.charAt(0).toLocaleUpperCase(ownLang.value) + name.slice(1);
}

export function Listen() {
  const { booth } = useLive();
  const [open, setOpen] = useState(false);
  if (booth.channels.value.langs.length === 0) return null;
  const now = booth.lang.value ? langName(booth.lang.value) : t('channels.floor');
  return (
    <>
      <button type="button" class={`bar-btn wide${booth.isInterpreted.value ? ' is-on' : ''}`} title={t('channels.listen')}
        aria-label={t('channels.now', { name: now })} onClick={() => setOpen(true)}>
        <Icon name="headphones" />
        <span class="bar-word">{now}</span>
      </button>
      {open && <ListenDialog onClose={() => setOpen(false)} />}
    </>
  );
}
