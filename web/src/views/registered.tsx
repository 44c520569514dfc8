/* registered — one's own registration, by its address: where one stands, the way in, the calendar, cancelling. */

import { useState } from 'preact/hooks';
import { changeRegistration, registration, registrationIcs, type Registration, type WithSignup } from '../api/signup';
import { errorText } from '../i18n';
import { fullMomentOf } from '../i18n/dates';
import { tp } from '../i18n/plan';
import { changeEntry } from '../state/entry';
import { toast } from '../state/notices';
import { Confirm, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { CalledOff } from '../widgets/plan';
import { Standing } from '../widgets/signup';

function One({ of: r, event: e, onChanged }: { of: Registration; event: WithSignup; onChanged: (r: Registration) => void }) {
  const [asking, setAsking] = useState(false);
  const code = r.code ?? '';
  const act = async (change: Parameters<typeof changeRegistration>[1]): Promise<void> => {
    try {
      onChanged(await changeRegistration(code, change));
    } catch (err) {
      toast(errorText(err), 'bad');
    }
    setAsking(false);
  };
  changeEntry(e.id, { reg: code, name: r.account ? undefined : r.name || undefined });
  const over = e.state === 'ended' || e.cancelled;
  const gone = r.state === 'cancelled' || r.state === 'refused';
  return (
    <div class="card stack wide">
      <div>
        <Title text={e.title} />
        {e.starts_at !== null && <p class="soft">{fullMomentOf(e.starts_at)}</p>}
        {r.name && <p>{tp('reg.as', { name: r.name })}</p>}
      </div>
      {e.cancelled ? <CalledOff /> : <Standing of={r} />}
      <div class="row">
        {!over && (r.state === 'confirmed' || r.state === 'invited') && (
          <a class="btn primary" href={`/e/${e.id}/join`}>
            <Icon name="door" />
            {tp('reg.enter')}
          </a>
        )}
        {!over && r.state === 'invited' && (
          <button type="button" class="btn" onClick={() => void act({ accept: true })}>
            {tp('reg.accept')}
          </button>
        )}
        <a class="btn" href={`/e/${e.id}`}>
          {tp('reg.event')}
        </a>
        {e.starts_at !== null && !gone && (
          <a class="btn" href={registrationIcs(code)} download>
            <Icon name="calendar" />
            {tp('add.title')}
          </a>
        )}
      </div>
      {r.email !== '' && !over && !gone && (
        <label class="check">
          <input type="checkbox" checked={r.remind} onChange={(ev) => void act({ remind: ev.currentTarget.checked })} />
          <span>{tp('reg.remind', { email: r.email })}</span>
        </label>
      )}
      {!over && !gone && (
        <button type="button" class="btn quiet" onClick={() => setAsking(true)}>
          {tp('reg.cancel')}
        </button>
      )}
      {asking && <Confirm title={tp('reg.cancelTitle')} text={tp('reg.cancelText')} yes={tp('reg.cancel')} danger
        onYes={() => void act({ cancel: true })} onNo={() => setAsking(false)} />}
    </div>
  );
}

export function Registered({ params }: { params: Record<string, string> }) {
  const code = params.code ?? '';
  const data = useLoad(code, () => registration(code));
  return (
    <main id="main" class="page narrow">
      <Show of={data}>
        {(v) => <One of={v.registration} event={v.event} onChanged={(r) => data.set({ ...v, registration: r })} />}
      </Show>
    </main>
  );
}
