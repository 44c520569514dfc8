/* signup — registering for an event, and where one stands. Asks for what the event's terms ask and nothing else. */

import { useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { enrol, type Answer, type Question, type Registration, type Signup, type WithSignup } from '../api/signup';
import { errorText, t } from '../i18n';
import { tp, type PlanKey } from '../i18n/plan';
import { changeEntry } from '../state/entry';
import { guestName, lang, remember } from '../state/prefs';
import { user } from '../state/session';
import { Dialog, Field } from './basic';
import { Icon } from './icons';

function Ask({ q, wrong }: { q: Question; wrong?: string }) {
  const name = `q-${q.id}`;
  if (q.kind === 'yesno') {
    return (
      <label class="check">
        <input type="checkbox" name={name} required={q.needed} />
        <span>{q.label}</span>
      </label>
    );
  }
  return (
    <Field label={q.needed ? q.label : `${q.label} (${tp('reg.optional')})`} wrong={wrong}>
      {(a) =>
        q.kind === 'choice' ? (
          <select {...a} class="input" name={name} required={q.needed}>
            <option value="">{tp('reg.choose')}</option>
            {(q.options ?? []).map((o) => (
              <option key={o} value={o}>
                {o}
              </option>
            ))}
          </select>
        ) : (
          <textarea {...a} class="input" name={name} rows={2} maxLength={1000} required={q.needed} />
        )
      }
    </Field>
  );
}

function answersOf(form: FormData, questions: readonly Question[]): Record<string, Answer> {
  const out: Record<string, Answer> = {};
  for (const q of questions) {
    const value = form.get(`q-${q.id}`);
    if (q.kind === 'yesno') out[q.id] = value !== null;
    else if (String(value ?? '').trim()) out[q.id] = String(value).trim();
  }
  return out;
}

function Form({ event: e, of: s, onDone, onClose }: { event: WithSignup; of: Signup; onDone: (r: Registration) => void; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<{ field: string; text: string } | null>(null);
  const wrongOf = (f: string): string | undefined => (wrong?.field === f ? wrong.text : undefined);
  const questions = s.questions ?? [];
  const known = ['name', 'email', ...questions.map((q) => q.id)];
  const submit = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = new FormData(ev.currentTarget as HTMLFormElement);
    const name = String(form.get('name') ?? '').trim();
    setBusy(true);
    setWrong(null);
    try {
      const r = await enrol(e.id, {
        name: user.value ? undefined : name,
        email: String(form.get('email') ?? '').trim() || undefined,
        lang: lang.value,
        consent: form.get('consent') !== null,
        answers: answersOf(form, questions),
      });
      if (name) {
        guestName.value = name;
        remember('name', name);
      }
      changeEntry(e.id, { reg: r.code });
      onDone(r);
    } catch (err) {
      setBusy(false);
      setWrong({ field: err instanceof ApiError ? err.field : '', text: errorText(err) });
    }
  };
  return (
    <Dialog title={tp('reg.title')} onClose={onClose}>
      <form class="form" onSubmit={(ev) => void submit(ev)}>
        {wrong && !known.includes(wrong.field) && (
          <p class="note bad" role="alert">
            <Icon name="warn" />
            {wrong.text}
          </p>
        )}
        {user.value ? (
          <p>{tp('reg.as', { name: user.value.name })}</p>
        ) : (
          <Field label={t('join.name')} wrong={wrongOf('name')}>
            {(a) => <input {...a} class="input" name="name" required maxLength={80} autocomplete="name" defaultValue={guestName.value} />}
          </Field>
        )}
        {!user.value && s.email !== 'none' && (
          <Field label={s.email === 'needed' ? tp('reg.email') : `${tp('reg.email')} (${tp('reg.optional')})`}
            hint={s.mail ? tp('reg.emailHint') : tp('reg.noMail')} wrong={wrongOf('email')}>
            {(a) => <input {...a} class="input" type="email" name="email" required={s.email === 'needed'} maxLength={128} autocomplete="email" />}
          </Field>
        )}
        {questions.map((q) => (
          <Ask key={q.id} q={q} wrong={wrongOf(q.id)} />
        ))}
        <label class="check">
          <input type="checkbox" name="consent" required />
          <span>{s.consent || tp('reg.consent')}</span>
        </label>
        <p class="soft small">{tp('reg.kept')}</p>
        <div class="row">
          <button class="btn primary" type="submit" disabled={busy}>
            {busy ? t('wait') : tp('reg.go')}
          </button>
          <button class="btn" type="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function Standing({ of: r }: { of: Registration }) {
  const tone = r.state === 'confirmed' ? 'good' : r.state === 'refused' || r.state === 'cancelled' ? 'bad' : 'warn';
  return (
    <p class={`note ${tone}`} role="status">
      <Icon name={r.state === 'confirmed' ? 'check' : r.state === 'refused' || r.state === 'cancelled' ? 'warn' : 'clock'} />
      <span>{tp(`reg.is.${r.state}` as PlanKey, { place: r.place })}</span>
    </p>
  );
}

/** How many places are left, in words; nothing where there is no limit. */
function places(s: Signup): string {
  if (!s.capacity) return '';
  const left = Math.max(0, s.capacity - (s.confirmed ?? 0));
  return left > 0 ? tp('reg.left', { count: left }) : tp('reg.full');
}

export function SignupCard({ event: e, onChanged }: { event: WithSignup; onChanged: () => void }) {
  const [open, setOpen] = useState(false);
  const s = e.registration;
  if (!s || (!s.on && !s.mine)) return null;
  const mine = s.mine;
  const again = !mine || mine.state === 'cancelled' || (!user.value && mine.state === 'confirmed');
  return (
    <section class="card stack wide signup" aria-labelledby="signup">
      <h2 id="signup">{tp('reg.title')}</h2>
      {s.on && <p class="soft">{[s.whole && s.dates ? tp('reg.whole', { count: s.dates }) : '', tp(s.required ? 'reg.required' : 'reg.open'), s.approval ? tp('reg.approval') : '', places(s)].filter(Boolean).join(' ')}</p>}
      {mine && <Standing of={mine} />}
      <div class="row">
        {mine?.code && (
          <a class="btn" href={`/r/${mine.code}`}>
            {tp('reg.mine')}
          </a>
        )}
        {s.on && s.open && again && !e.can.edit && e.needs !== 'signin' && (
          <button type="button" class={mine ? 'btn quiet' : 'btn primary'} onClick={() => setOpen(true)}>
            {tp(mine && mine.state !== 'cancelled' ? 'reg.another' : 'reg.go')}
          </button>
        )}
        {e.can.edit && (
          <a class="btn" href={`/e/${e.id}/registered`}>
            <Icon name="people" />
            {tp('roster.go')}
          </a>
        )}
      </div>
      {open && <Form event={e} of={s} onClose={() => setOpen(false)} onDone={() => {
        setOpen(false);
        onChanged();
      }} />}
    </section>
  );
}
