/* interpreters — for the host of a planned event: who interprets, named by e-mail before the session. */

import { useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { dropInterpreter, nameInterpreter, roster, type Registration } from '../api/signup';
import type { EventDoc } from '../api/types';
import { errorText, t } from '../i18n';
import { tp, type PlanKey } from '../i18n/plan';
import { EACH_MAX, LANGS } from '../protocol/channels';
import { lang as ownLang } from '../state/prefs';
import { toast } from '../state/notices';
import { Confirm, CopyButton, Field } from './basic';
import { Icon } from './icons';
import { useLoad } from './load';
import '../styles/slides.css';

const nameOf = (l: string): string => {
  const name = new Intl.DisplayNames([ownLang.value], { type: 'language' }).of(l) ?? l;
  return name.charAt(0).toLocaleUpperCase(ownLang.value) + name.slice(1);
};

function Named({ of: r, onDrop }: { of: Registration; onDrop: () => void }) {
  return (
    <li>
      <p class="deck-title">
        {r.name || r.email} <span class="soft small">{[r.langs.map(nameOf).join(', '), tp(`reg.state.${r.state}` as PlanKey), r.name ? r.email : ''].filter(Boolean).join(' · ')}</span>
      </p>
      <div class="row">
        <button type="button" class="btn quiet" aria-label={`${tp('terms.drop')}: ${r.name || r.email}`} onClick={onDrop}>
          {tp('terms.drop')}
        </button>
      </div>
    </li>
  );
}

function NameForm({ id, onDone, onClose }: { id: string; onDone: (r: Registration) => void; onClose: () => void }) {
  const [wrong, setWrong] = useState<{ field: string; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = new FormData(ev.currentTarget as HTMLFormElement);
    const word = (k: string): string => String(form.get(k) ?? '').trim();
    setBusy(true);
    try {
      onDone(await nameInterpreter(id, {
        email: word('email'),
        name: word('name') || undefined,
        langs: [...new Set([word('lang1'), word('lang2')].filter(Boolean))],
        lang: ownLang.value,
      }));
    } catch (err) {
      setBusy(false);
      setWrong({ field: err instanceof ApiError ? err.field : '', text: errorText(err) });
    }
  };
  const choices = [...LANGS].sort((a, b) => new Intl.Collator(ownLang.value).compare(nameOf(a), nameOf(b)));
  return (
    <form class="form" onSubmit={(ev) => void send(ev)}>
      {wrong && wrong.field !== 'email' && (
        <p class="note bad" role="alert">
          <Icon name="warn" />
          {wrong.text}
        </p>
      )}
      <Field label={tp('reg.email')} wrong={wrong?.field === 'email' ? wrong.text : undefined}>
        {(a) => <input {...a} class="input" type="email" name="email" required maxLength={128} autocomplete="off" />}
      </Field>
      <Field label={`${tp('inter.name')} (${tp('reg.optional')})`}>
        {(a) => <input {...a} class="input" name="name" maxLength={80} autocomplete="off" />}
      </Field>
      {Array.from({ length: EACH_MAX }, (_, i) => (
        <Field key={i} label={i === 0 ? tp('inter.lang') : `${tp('inter.second')} (${tp('reg.optional')})`}>
          {(a) => (
            <select {...a} class="input" name={`lang${i + 1}`} required={i === 0}>
              <option value="">{tp('reg.choose')}</option>
              {choices.map((l) => (
                <option key={l} value={l}>
                  {nameOf(l)}
                </option>
              ))}
            </select>
          )}
        </Field>
      ))}
      <div class="row">
        <button class="btn primary" type="submit" disabled={busy}>
          {busy ? t('wait') : tp('inter.send')}
        </button>
        <button class="btn" type="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </form>
  );
}

export function InterpretersCard({ event: e }: { event: EventDoc }) {
  const list = useLoad(`interpreters ${e.id}`, async () => (await roster(e.id)).filter((r) => r.langs.length > 0));
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState('');
  const [dropping, setDropping] = useState<Registration | null>(null);
  const drop = (r: Registration): void => {
    setDropping(null);
    dropInterpreter(e.id, r.id).then(list.reload, (err: unknown) => toast(errorText(err), 'bad'));
  };
  return (
    <section class="card stack wide" aria-labelledby="interpreters">
      <h2 id="interpreters">{tp('inter.title')}</h2>
      <p class="soft">{tp('inter.text')}</p>
      {list.value && list.value.length > 0 && (
        <ul class="deck-list">
          {list.value.map((r) => (
            <Named key={r.id} of={r} onDrop={() => setDropping(r)} />
          ))}
        </ul>
      )}
      {link && (
        <div class="note" role="status">
          <p>{tp('inter.noMail')}</p>
          <CopyButton text={link} label={tp('inter.copy')} />
        </div>
      )}
      {adding ? (
        <NameForm id={e.id} onClose={() => setAdding(false)} onDone={(r) => {
          setAdding(false);
          setLink(r.code ? `${location.origin}/r/${r.code}` : '');
          if (!r.code) toast(tp('inter.sent'));
          list.reload();
        }} />
      ) : (
        <div class="row">
          <button type="button" class="btn" onClick={() => setAdding(true)}>
            <Icon name="plus" />
            {tp('inter.add')}
          </button>
        </div>
      )}
      {dropping && <Confirm title={tp('inter.dropTitle')} text={tp('inter.dropText', { name: dropping.name || dropping.email })} yes={tp('terms.drop')} danger
        onYes={() => drop(dropping)} onNo={() => setDropping(null)} />}
    </section>
  );
}
