/* mine — one line under an event: how long this person was there. Nothing when he was not, or it cannot be known. */

import * as api from '../api';
import { t } from '../i18n';
import { spanOf } from '../i18n/dates';
import { Icon } from './icons';
import { useLoad } from './load';

export function OwnMinutes({ id }: { id: string }) {
  const data = useLoad(id, () => api.ownAttendance(id));
  const own = data.value;
  if (!own?.row || !own.opened_at || !own.ended_at) return null;
  return (
    <p class="soft own-minutes">
      <Icon name="clock" />
      {t('attend.mine', { span: spanOf(own.row.total_ms), whole: spanOf(own.ended_at - Math.min(own.opened_at, own.row.first_in)) })}
    </p>
  );
}
