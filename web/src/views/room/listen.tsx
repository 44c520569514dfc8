/* listen — the button in the top bar that says which language one hears. */

import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import { langHere, t } from '../../i18n';
import { Icon } from '../../widgets/icons';
import { lazy } from '../../widgets/load';
import '../../styles/channels.css';
import { useLive } from './context';

const ListenDialog: ComponentType<{ onClose: () => void }> = lazy(async () => (await import('./channels')).ListenDialog);

export function Listen() {
  const { booth } = useLive();
  const [open, setOpen] = useState(false);
  if (booth.channels.value.langs.length === 0) return null;
  const now = booth.lang.value ? langHere(booth.lang.value) : t('channels.floor');
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
