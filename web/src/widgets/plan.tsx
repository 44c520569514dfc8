/* plan — what the page of a planned event adds: calendars, the QR code, the centre's clock, its series, calling off. */

import { useState } from 'preact/hooks';
import { cancelEvent, icsOf, qrOf, type Scope } from '../api/plan';
import type { EventDoc } from '../api/types';
import { errorText, locale, t } from '../i18n';
import { tp } from '../i18n/plan';
import { googleLink, readRule, sameClock } from '../plan/days';
import { toast } from '../state/notices';
import { Dialog } from './basic';
import { Icon } from './icons';

const SCOPES: Scope[] = ['this', 'following', 'all'];

export function ScopePick({ value, onPick, label, only }: { value: Scope; onPick: (s: Scope) => void; label?: string; only?: Scope }) {
  return (
    <fieldset class="field">
      <legend class="label">{label ?? tp('scope.label')}</legend>
      {SCOPES.map((s) => (
        <label class="check" key={s}>
          <input type="radio" name="scope" value={s} checked={value === s} disabled={only !== undefined && only !== s} onChange={() => onPick(s)} />
          <span>{tp(`scope.${s}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** When it is by the centre's clock, where that differs from the reader's; and what series it is of. */
export function WhenMore({ event: e }: { event: EventDoc }) {
  const at = e.starts_at;
  const rule = e.series ? readRule(e.series.rule) : null;
  return (
    <>
      {at !== null && !sameClock(at, e.zone) && (
        <p class="soft small">
          {tp('when.centre', {
            time: new Intl.DateTimeFormat(locale(), { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: e.zone }).format(at),
            zone: e.zone,
          })}
        </p>
      )}
      {e.series && (
        <p class="soft small">
          {tp('repeat.isA', {
            rule: rule ? [tp(`repeat.${rule.repeat}`), rule.times ? tp('repeat.count', { count: rule.times }) : ''].filter(Boolean).join(', ') : e.series.rule,
          })}
          {e.series.moved && ` ${tp('repeat.moved')}`}
        </p>
      )}
    </>
  );
}

export function CalledOff() {
  return (
    <div class="note bad" role="status">
      <Icon name="warn" />
      <div>
        <strong>{tp('cancelled.title')}</strong>
        <p>{tp('cancelled.text')}</p>
      </div>
    </div>
  );
}

function Qr({ event: e, code, onClose }: { event: EventDoc; code?: string; onClose: () => void }) {
  return (
    <Dialog title={tp('qr.title')} onClose={onClose} actions={
      <button type="button" class="btn" onClick={onClose}>
        {t('close')}
      </button>
    }>
      <img class="qr" src={qrOf(e.id, code)} alt={`${tp('qr.title')}: ${location.origin}/e/${e.id}`} width="320" height="320" />
      <p class="soft">{tp('qr.text')}</p>
    </Dialog>
  );
}

/** Into one's own calendar, and onto a phone. `code`: of the invitation the QR code carries. */
export function Take({ event: e, code }: { event: EventDoc; code?: string }) {
  const [qr, setQr] = useState(false);
  if (e.starts_at === null || e.state === 'ended') return null;
  const at = e.starts_at;
  return (
    <div class="row take">
      {!e.cancelled && (
        <details class="more">
          <summary>
            <Icon name="calendar" />
            {tp('add.title')}
          </summary>
          <div class="stack">
            <a class="btn" href={icsOf(e.id, code)} download>
              {tp('add.file')}
            </a>
            <a class="btn" href={googleLink({ ...e, starts_at: at }, `${location.origin}/e/${e.id}`)} target="_blank" rel="noopener noreferrer">
              {tp('add.google')}
            </a>
          </div>
        </details>
      )}
      <button type="button" class="btn quiet" onClick={() => setQr(true)}>
        {tp('qr.show')}
      </button>
      {qr && <Qr event={e} code={code} onClose={() => setQr(false)} />}
    </div>
  );
}

export function PlanTools({ event: e, onChanged }: { event: EventDoc; onChanged: (e: EventDoc) => void }) {
  const [asking, setAsking] = useState(false);
  const [scope, setScope] = useState<Scope>('this');
  if (!e.can.edit || e.state !== 'scheduled') return null;
  const call = async (): Promise<void> => {
    try {
      onChanged(await cancelEvent(e.id, scope));
      toast(tp('cancel.done'));
    } catch (err) {
      toast(errorText(err), 'bad');
    }
    setAsking(false);
  };
  return (
    <>
      <a class="btn" href={`/e/${e.id}/edit`}>
        <Icon name="settings" />
        {tp('edit.go')}
      </a>
      <a class="btn" href={`/e/${e.id}/registered`}>
        <Icon name="people" />
        {tp('reg.title')}
      </a>
      {!e.cancelled && (
        <button type="button" class="btn quiet" onClick={() => setAsking(true)}>
          {tp('cancel.go')}
        </button>
      )}
      {asking && (
        <Dialog title={tp('cancel.title')} onClose={() => setAsking(false)} actions={
          <>
            <button type="button" class="btn" onClick={() => setAsking(false)}>
              {tp('cancel.keep')}
            </button>
            <button type="button" class="btn danger" onClick={() => void call()}>
              {tp('cancel.go')}
            </button>
          </>
        }>
          <p>{tp('cancel.text')}</p>
          {e.series && <ScopePick value={scope} onPick={setScope} label={tp('scope.cancel')} />}
        </Dialog>
      )}
    </>
  );
}
