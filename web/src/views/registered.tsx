/* registered — one's own registration, by its address: where one stands, the way in, the calendar, cancelling. */

import { useState } from 'preact/hooks';
import { changeRegistration, registration, registrationIcs, type PassDate, type Registration, type RegState, type WithSignup } from '../api/signup';
import { errorText } from '../i18n';
import { fullMomentOf } from '../i18n/dates';
import { tp, type PlanKey } from '../i18n/plan';
import { changeEntry } from '../state/entry';
import { toast } from '../state/notices';
import { Confirm, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { CalledOff } from '../widgets/plan';
import { Standing } from '../widgets/signup';

/** The dates of a registration for a series, each of which can be given back by itself. */
function Dates({ dates, onDrop }: { dates: PassDate[]; onDrop: (event: string) => void }) {
  return (
    <section aria-label={tp('reg.dates')}>
      <h2>{tp('reg.dates')}</h2>
      <ul class="event-rows">
        {dates.map((d) => {
          const when = fullMomentOf(d.starts_at);
          const gone = d.state === 'cancelled' || d.state === 'refused';
          return (
            <li class="event-row roster-row" key={d.event}>
              <div class="event-what">
                <a class="date-link" href={`/e/${d.event}`}>{when}</a>
                <p class="soft small">{d.cancelled ? tp('cancelled.title') : tp(`reg.state.${d.state}` as PlanKey)}</p>
              </div>
              {!gone && !d.cancelled && !d.over && (
                <button type="button" class="btn quiet" aria-label={`${tp('reg.dropDate')}: ${when}`} onClick={() => onDrop(d.event)}>
                  {tp('reg.dropDate')}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function One({ of: r, event: e, onChanged }: { of: Registration; event: WithSignup; onChanged: (r: Registration) => void }) {
  const [asking, setAsking] = useState(false);
  const dates = r.dates ?? [];
  const code = r.code ?? '';
  const act = async (change: Parameters<typeof changeRegistration>[1]): Promise<void> => {
    try {
      onChanged(await changeRegistration(code, change));
    } catch (err) {
      toast(errorText(err), 'bad');
    }
    setAsking(false);
  };
  for (const id of [e.id, ...dates.map((d) => d.event)]) changeEntry(id, { reg: code, name: r.account ? undefined : r.name || undefined });
  const left = dates.filter((d) => !d.over && !d.cancelled);
  const over = r.whole ? left.length === 0 : e.state === 'ended' || e.cancelled;
  const out = (state: RegState): boolean => state === 'cancelled' || state === 'refused';
  const gone = r.whole ? left.every((d) => out(d.state)) : out(r.state);
  return (
    <div class="card stack wide">
      <div>
        <Title text={e.title} />
        {e.starts_at !== null && <p class="soft">{fullMomentOf(e.starts_at)}</p>}
        {r.name && <p>{tp('reg.as', { name: r.name })}</p>}
      </div>
      {e.cancelled ? <CalledOff /> : <Standing of={r} />}
      <div class="row">
        {e.state !== 'ended' && !e.cancelled && (r.state === 'confirmed' || r.state === 'invited') && (
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
          {tp(r.whole ? 'reg.cancelAll' : 'reg.cancel')}
        </button>
      )}
      {r.whole && <Dates dates={dates} onDrop={(event) => void act({ cancel: true, event })} />}
      {asking && <Confirm title={tp('reg.cancelTitle')} text={tp(r.whole ? 'reg.cancelAllText' : 'reg.cancelText')} yes={tp('reg.cancel')} danger
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
