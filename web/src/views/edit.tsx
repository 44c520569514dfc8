/* edit — a planned event is changed: alone, with those of its series that follow, or with all that are to come. */

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api';
import { ApiError } from '../api/client';
import { changeEvent, type Scope } from '../api/plan';
import type { EventDoc } from '../api/types';
import { errorText, named, t } from '../i18n';
import { tp } from '../i18n/plan';
import { localValue } from '../plan/days';
import { loadNames, spaces } from '../state/formats';
import { toast } from '../state/notices';
import { go } from '../state/route';
import { session, user } from '../state/session';
import { Empty, Field, Loading, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { ScopePick } from '../widgets/plan';

const ACCESS = ['link', 'public', 'members', 'list'] as const;

function Form({ event: e }: { event: EventDoc }) {
  const [scope, setScope] = useState<Scope>('this');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<{ field: string; text: string } | null>(null);
  const wrongOf = (f: string): string | undefined => (wrong?.field === f ? wrong.text : undefined);
  const open = e.state === 'scheduled';
  const save = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    const form = new FormData(ev.currentTarget as HTMLFormElement);
    const word = (k: string): string => String(form.get(k) ?? '').trim();
    const at = new Date(word('starts_at')).getTime();
    if (open && e.starts_at !== null && Number.isNaN(at)) return setWrong({ field: 'starts_at', text: t('create.badTime') });
    setBusy(true);
    setWrong(null);
    try {
      await changeEvent(e.id, {
        title: word('title'),
        description: word('description'),
        space: word('space') || null,
        access: word('access'),
        ...(open && e.starts_at !== null && localValue(e.starts_at) !== word('starts_at') ? { starts_at: at } : {}),
        ...(open ? { duration_min: Number(word('duration_min')) || e.duration_min } : {}),
        ...(e.series && open ? { scope } : {}),
      });
      toast(tp('edit.saved'));
      return go(`/e/${e.id}`);
    } catch (err) {
      setBusy(false);
      return setWrong({ field: err instanceof ApiError ? err.field : '', text: errorText(err) });
    }
  };
  return (
    <form class="card form" onSubmit={(ev) => void save(ev)}>
      {wrong && !['title', 'starts_at', 'description', 'duration_min'].includes(wrong.field) && (
        <p class="note bad" role="alert">
          <Icon name="warn" />
          {wrong.text}
        </p>
      )}
      <Field label={t('create.name')} wrong={wrongOf('title')}>
        {(a) => <input {...a} class="input" name="title" required maxLength={200} defaultValue={e.title} autocomplete="off" />}
      </Field>
      {open && e.starts_at !== null && (
        <Field label={tp('edit.start')} wrong={wrongOf('starts_at')}>
          {(a) => <input {...a} class="input when" type="datetime-local" name="starts_at" required defaultValue={localValue(e.starts_at ?? 0)} />}
        </Field>
      )}
      {open && (
        <Field label={tp('edit.length')} wrong={wrongOf('duration_min')}>
          {(a) => <input {...a} class="input length" type="number" name="duration_min" min={5} max={1440} step={5} required defaultValue={e.duration_min} />}
        </Field>
      )}
      <Field label={t('create.about')} wrong={wrongOf('description')}>
        {(a) => <textarea {...a} class="input" name="description" maxLength={8000} rows={4} defaultValue={e.description} />}
      </Field>
      {spaces.value.length > 0 && (
        <Field label={t('create.space')}>
          {(a) => (
            <select {...a} class="input" name="space">
              <option value="">{t('create.noSpace')}</option>
              {spaces.value.map((s) => (
                <option key={s.id} value={s.id} selected={s.id === e.space}>
                  {named(s.name)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field label={t('create.access')}>
        {(a) => (
          <select {...a} class="input" name="access">
            {ACCESS.map((v) => (
              <option key={v} value={v} selected={v === e.access}>
                {t(`access.${v}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {e.series && open && <ScopePick value={scope} onPick={setScope} />}
      <div class="row">
        <button class="btn primary large" type="submit" disabled={busy}>
          {busy ? t('wait') : tp('edit.save')}
        </button>
        <a class="btn quiet" href={`/e/${e.id}`}>
          {t('cancel')}
        </a>
      </div>
    </form>
  );
}

export function Edit({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const data = useLoad(`${id} ${user.value?.id ?? ''}`, () => api.eventById(id));
  useEffect(() => void loadNames(), []);
  return (
    <main id="main" class="page narrow">
      <Title text={tp('edit.title')} />
      {session.value === null ? (
        <Loading />
      ) : (
        <Show of={data}>
          {(e) =>
            e.can.edit ? (
              <Form event={e} />
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
