/* order — for who moderates: what attendees and speakers may do now, and whom the room keeps out. A file of its own. */

import { useState } from 'preact/hooks';
import * as api from '../../api';
import { t } from '../../i18n';
import { ABILITIES, ALL_ABILITIES, isOff, switched, type Ability } from '../../protocol/order';
import { Dialog } from '../../widgets/basic';
import { useLoad } from '../../widgets/load';
import { useLive } from './context';

const ROLES = ['attendee', 'speaker'] as const;
type Ruled = (typeof ROLES)[number];

/** What the format gives to the role at all: the rest nobody can take. */
function useAbilities(role: Ruled): Ability[] {
  const live = useLive();
  const formats = useLoad('formats', api.formats);
  const format = formats.value?.find((f) => f.id === live.info.value.format);
  const has = format?.roles[role];
  return has ? ALL_ABILITIES.filter((a) => ABILITIES[a].some((p) => has.includes(p))) : ALL_ABILITIES;
}

function Banned() {
  const live = useLive();
  const list = live.order.now.value.banned;
  if (list.length === 0) return null;
  return (
    <section class="section" aria-labelledby="banned-title">
      <h3 id="banned-title">{t('order.banned')}</h3>
      <ul>
        {list.map((b) => (
          <li class="row spread" key={b.id}>
            <span class="someone-name">{b.name}</span>
            <button type="button" class="btn small-btn" aria-label={t('order.unbanName', { name: b.name })}
              onClick={() => void live.command('unban', { who: b.id })}>
              {t('order.unban')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function OrderDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const live = useLive();
  const [role, setRole] = useState<Ruled>('attendee');
  const off = live.order.now.value.limits[role] ?? [];
  const abilities = useAbilities(role);
  const flip = (a: Ability, on: boolean): void => void live.command('limit', { role, off: switched(off, a, on) });
  return (
    <Dialog title={t('order.title')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      <div class="segmented" role="group" aria-label={t('order.who')}>
        {ROLES.map((r) => (
          <button type="button" key={r} aria-pressed={r === role} onClick={() => setRole(r)}>
            {t(r === 'attendee' ? 'order.forAttendees' : 'order.forSpeakers')}
          </button>
        ))}
      </div>
      <p class="soft small">{t('order.hint')}</p>
      <fieldset class="order-abilities">
        <legend class="hidden-text">{t('order.title')}</legend>
        {abilities.map((a) => (
          <label class="check" key={a}>
            <input type="checkbox" checked={!isOff(off, a)} onChange={(e) => flip(a, e.currentTarget.checked)} />
            <span>{t(`order.${a}`)}</span>
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={live.order.now.value.namesHidden}
          onChange={(e) => void live.command('hide_names', { on: e.currentTarget.checked })} />
        <span>{t('order.names')}</span>
      </label>
      <p class="soft small">{t('order.namesHint')}</p>
      <Banned />
      {live.info.value.keep !== 'counts' && (
        <p><a class="order-log" href={`/e/${id}/moderation`} target="_blank" rel="noopener">{t('order.log')}</a></p>
      )}
    </Dialog>
  );
}
