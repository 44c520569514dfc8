/* look — the layout: one's own, or for who moderates everybody's; and whether attendees' cameras are for hosts only. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import type { Layout } from '../../protocol/types';
import { LAYOUTS } from '../../state/look';
import { Dialog } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

export function LookDialog({ onClose }: { onClose: () => void }) {
  const live = useLive();
  const look = live.look;
  const leads = Boolean(live.can.value.moderate);
  const [forAll, setForAll] = useState(look.forAll.value !== null);
  const fixed = look.forAll.value !== null && !leads;
  const now = look.chosen.value ?? look.shown.value;
  const choose = (l: Layout): void => void look.choose(l, leads && forAll);
  return (
    <Dialog title={t('look.title')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      {fixed && <p class="note"><Icon name="lock" />{t('look.fixed')}</p>}
      <fieldset disabled={fixed}>
        <legend class="hidden-text">{t('look.title')}</legend>
        <div class="choices">
          {LAYOUTS.map((l) => (
            <label class="choice" key={l}>
              <input type="radio" name="layout" value={l} checked={l === now} onChange={() => choose(l)} />
              <strong>{t(`look.${l}`)}</strong>
            </label>
          ))}
        </div>
      </fieldset>
      {leads && (
        <>
          <label class="check">
            <input type="checkbox" checked={forAll} onChange={(e) => {
              setForAll(e.currentTarget.checked);
              void look.choose(now, e.currentTarget.checked);
            }} />
            <span>{t('look.forAll')}</span>
          </label>
          <label class="check">
            <input type="checkbox" checked={live.room.value.camerasToHosts}
              onChange={(e) => void live.command('cameras', { on: e.currentTarget.checked })} />
            <span>{t('look.cameras')}<br /><span class="soft small">{t('look.camerasHint')}</span></span>
          </label>
        </>
      )}
    </Dialog>
  );
}
