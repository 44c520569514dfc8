/* roster — for the host: the terms of registration with its own questions, and who is registered. */

import { useState } from 'preact/hooks';
import * as api from '../api';
import { ApiError } from '../api/client';
import { decide, dropTerms, invite, putTerms, roster, rosterCsv, type Question, type Registration, type Signup, type Terms, type WithSignup } from '../api/signup';
import type { Scope } from '../api/plan';
import { errorText, t } from '../i18n';
import { momentOf } from '../i18n/dates';
import { tp, type PlanKey } from '../i18n/plan';
import { toast } from '../state/notices';
import { session, user } from '../state/session';
import { Empty, Field, Loading, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { ScopePick } from '../widgets/plan';

const QUESTIONS_MAX = 10;
const KINDS: Question['kind'][] = ['text', 'choice', 'yesno'];
const EMAILS: Terms['email'][] = ['optional', 'needed', 'none'];

function QuestionEdit({ q, onChange, onDrop }: { q: Question; onChange: (q: Question) => void; onDrop: () => void }) {
  return (
    <fieldset class="field card">
      <legend class="hidden-text">{tp('terms.question')}</legend>
      <Field label={tp('terms.question')}>
        {(a) => <input {...a} class="input" required maxLength={200} value={q.label} onInput={(e) => onChange({ ...q, label: e.currentTarget.value })} />}
      </Field>
      <div class="row">
        <select class="input" aria-label={tp('terms.kind')} value={q.kind} onChange={(e) => onChange({ ...q, kind: e.currentTarget.value as Question['kind'] })}>
          {KINDS.map((k) => (
            <option key={k} value={k}>
              {tp(`terms.${k}`)}
            </option>
          ))}
        </select>
        <label class="check">
          <input type="checkbox" checked={q.needed} onChange={(e) => onChange({ ...q, needed: e.currentTarget.checked })} />
          <span>{tp('terms.needed')}</span>
        </label>
        <button type="button" class="btn quiet" onClick={onDrop}>
          {tp('terms.drop')}
        </button>
      </div>
      {q.kind === 'choice' && (
        <Field label={tp('terms.options')} hint={tp('terms.optionsHint')}>
          {(a) => <textarea {...a} class="input" rows={3} required value={(q.options ?? []).join('\n')}
            onInput={(e) => onChange({ ...q, options: e.currentTarget.value.split('\n') })} />}
        </Field>
      )}
    </fieldset>
  );
}

/** Of a series: once for all dates or date by date, and which dates these terms are for. */
function SeriesTerms({ whole, was, scope, onWhole, onScope }: { whole: boolean; was: boolean; scope: Scope; onWhole: (v: boolean) => void; onScope: (s: Scope) => void }) {
  return (
    <>
      <fieldset class="field">
        <legend class="label">{tp('terms.how')}</legend>
        {[false, true].map((v) => (
          <label class="check" key={String(v)}>
            <input type="radio" name="whole" checked={whole === v} onChange={() => onWhole(v)} />
            <span>{tp(v ? 'terms.once' : 'terms.each')}</span>
          </label>
        ))}
      </fieldset>
      <ScopePick value={whole === was ? scope : 'all'} onPick={onScope} label={tp('terms.scope')} only={whole === was ? undefined : 'all'} />
    </>
  );
}

function TermsForm({ id, series, of: s, onSaved }: { id: string; series: boolean; of: Signup; onSaved: () => void }) {
  const was = s.whole ?? false;
  const [whole, setWhole] = useState(was);
  const [picked, setScope] = useState<Scope>('this');
  const scope = series && whole !== was ? 'all' : picked;
  const [questions, setQuestions] = useState<Question[]>(s.questions ?? []);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const save = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = new FormData(ev.currentTarget as HTMLFormElement);
    setBusy(true);
    setWrong('');
    try {
      await putTerms(id, {
        required: form.get('required') !== null,
        approval: form.get('approval') !== null,
        capacity: Number(form.get('capacity')) || 0,
        email: String(form.get('email')) as Terms['email'],
        consent: String(form.get('consent') ?? '').trim(),
        questions: questions.map((q) => ({ ...q, options: q.kind === 'choice' ? (q.options ?? []).map((o) => o.trim()).filter(Boolean) : undefined })),
        whole,
      }, scope);
      toast(tp('edit.saved'));
      onSaved();
    } catch (err) {
      setWrong(err instanceof ApiError && err.field === 'questions' ? tp('terms.badQuestions') : errorText(err));
    }
    setBusy(false);
  };
  const add = (): void => {
    let n = questions.length + 1;
    while (questions.some((q) => q.id === `q${n}`)) n++;
    setQuestions([...questions, { id: `q${n}`, kind: 'text', label: '', needed: false }]);
  };
  const off = async (): Promise<void> => {
    try {
      await dropTerms(id, scope);
      onSaved();
    } catch (err) {
      toast(errorText(err), 'bad');
    }
  };
  return (
    <form class="card form" onSubmit={(ev) => void save(ev)}>
      <h2>{tp('terms.title')}</h2>
      {!s.mail && <p class="note">{tp('terms.noMail')}</p>}
      {wrong && (
        <p class="note bad" role="alert">
          <Icon name="warn" />
          {wrong}
        </p>
      )}
      <label class="check">
        <input type="checkbox" name="required" defaultChecked={s.required ?? false} />
        <span>{tp('terms.required')}</span>
      </label>
      <label class="check">
        <input type="checkbox" name="approval" defaultChecked={s.approval ?? false} />
        <span>{tp('terms.approval')}</span>
      </label>
      <Field label={tp('terms.capacity')} hint={tp('terms.capacityHint')}>
        {(a) => <input {...a} class="input length" type="number" name="capacity" min={0} max={5000} defaultValue={s.capacity ?? 0} />}
      </Field>
      <Field label={tp('reg.email')} hint={tp('terms.emailHint')}>
        {(a) => (
          <select {...a} class="input" name="email">
            {EMAILS.map((v) => (
              <option key={v} value={v} selected={v === (s.email ?? 'optional')}>
                {tp(`terms.email.${v}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={tp('terms.consent')} hint={tp('reg.consent')}>
        {(a) => <textarea {...a} class="input" name="consent" rows={2} maxLength={1000} defaultValue={s.consent ?? ''} />}
      </Field>
      {questions.map((q, i) => (
        <QuestionEdit key={q.id} q={q} onChange={(next) => setQuestions(questions.map((x, k) => (k === i ? next : x)))}
          onDrop={() => setQuestions(questions.filter((_, k) => k !== i))} />
      ))}
      {series && <SeriesTerms whole={whole} was={was} scope={picked} onWhole={setWhole} onScope={setScope} />}
      <div class="row">
        {questions.length < QUESTIONS_MAX && (
          <button type="button" class="btn" onClick={add}>
            <Icon name="plus" />
            {tp('terms.add')}
          </button>
        )}
        <button class="btn primary" type="submit" disabled={busy}>
          {busy ? t('wait') : tp(s.on ? 'edit.save' : 'terms.on')}
        </button>
        {s.on && (
          <button type="button" class="btn quiet" onClick={() => void off()}>
            {tp('terms.off')}
          </button>
        )}
      </div>
    </form>
  );
}

function Row({ id, of: r, questions, onChanged }: { id: string; of: Registration; questions: Question[]; onChanged: () => void }) {
  const set = (state: 'confirmed' | 'refused'): void => {
    decide(id, r.id, state, r.whole ? 'all' : 'this').then(onChanged, (err: unknown) => toast(errorText(err), 'bad'));
  };
  const said = questions
    .filter((q) => r.answers[q.id] !== undefined)
    .map((q) => `${q.label}: ${r.answers[q.id] === true ? tp('roster.yes') : r.answers[q.id] === false ? tp('roster.no') : r.answers[q.id]}`);
  return (
    <li class="event-row roster-row">
      <div class="event-what">
        <h2>{r.name || r.email}</h2>
        <p class="soft small">{[tp(`reg.state.${r.state}` as PlanKey), r.whole ? tp('roster.whole') : '', r.email, momentOf(r.created_at)].filter(Boolean).join(' · ')}</p>
        {said.map((x) => (
          <p class="small" key={x}>
            {x}
          </p>
        ))}
      </div>
      <div class="row">
        {r.state !== 'confirmed' && (
          <button type="button" class="btn" aria-label={`${tp('roster.accept')}: ${r.name}`} onClick={() => set('confirmed')}>
            {tp('roster.accept')}
          </button>
        )}
        {r.state !== 'refused' && r.state !== 'cancelled' && (
          <button type="button" class="btn quiet" aria-label={`${tp('roster.refuse')}: ${r.name}`} onClick={() => set('refused')}>
            {tp('roster.refuse')}
          </button>
        )}
      </div>
    </li>
  );
}

function InviteMail({ id, onDone }: { id: string; onDone: () => void }) {
  const [wrong, setWrong] = useState('');
  const send = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = ev.currentTarget as HTMLFormElement;
    const emails = String(new FormData(form).get('emails') ?? '').split(/[\s,;]+/).filter(Boolean);
    try {
      await invite(id, emails);
      form.reset();
      setWrong('');
      toast(tp('roster.invited'));
      onDone();
    } catch (err) {
      setWrong(err instanceof ApiError && err.field === 'emails' ? tp('roster.badEmails') : errorText(err));
    }
  };
  return (
    <form class="card form" onSubmit={(ev) => void send(ev)}>
      <Field label={tp('roster.invite')} hint={tp('roster.inviteHint')} wrong={wrong || undefined}>
        {(a) => <textarea {...a} class="input" name="emails" rows={2} required />}
      </Field>
      <button class="btn" type="submit">
        {tp('roster.send')}
      </button>
    </form>
  );
}

function Body({ event: e, reload }: { event: WithSignup; reload: () => void }) {
  const s = e.registration;
  const list = useLoad(`roster ${e.id}`, async () => ({ rows: await roster(e.id) }));
  if (!s) return null;
  return (
    <>
      <Show of={list}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty icon="people" title={tp('roster.none')}>
              <p>{tp('roster.noneText')}</p>
            </Empty>
          ) : (
            <section aria-label={tp('roster.title')}>
              <div class="row">
                <p class="grow">{tp('roster.sum', { confirmed: rows.filter((r) => r.state === 'confirmed').length, waiting: rows.filter((r) => r.state === 'waiting').length, pending: rows.filter((r) => r.state === 'pending').length })}</p>
                <a class="btn" href={rosterCsv(e.id)} download>
                  <Icon name="download" />
                  CSV
                </a>
              </div>
              <ul class="event-rows">
                {rows.map((r) => (
                  <Row key={r.id} id={e.id} of={r} questions={s.questions ?? []} onChanged={list.reload} />
                ))}
              </ul>
            </section>
          )
        }
      </Show>
      {s.mail && e.state !== 'ended' && !e.cancelled && <InviteMail id={e.id} onDone={list.reload} />}
      {e.state !== 'ended' && <TermsForm key={`${s.on} ${s.whole}`} id={e.id} series={e.series !== null} of={s} onSaved={() => {
        reload();
        list.reload();
      }} />}
    </>
  );
}

export function Roster({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const data = useLoad(`${id} ${user.value?.id ?? ''}`, async () => (await api.eventById(id)) as WithSignup);
  return (
    <main id="main" class="page narrow stack wide">
      <Title text={tp('roster.title')} />
      {session.value === null ? (
        <Loading />
      ) : (
        <Show of={data}>
          {(e) =>
            e.can.edit ? (
              <>
                <p>
                  <a href={`/e/${id}`}>{e.title}</a>
                </p>
                <Body event={e} reload={data.reload} />
              </>
            ) : (
              <Empty icon="lock" title={tp('edit.noRight')}>
                <a class="btn primary" href={`/e/${id}`}>
                  {t('event.page')}
                </a>
              </Empty>
            )
          }
        </Show>
      )}
    </main>
  );
}
