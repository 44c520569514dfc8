/* create — a new event in under a minute: a name and a kind are enough, the kind decides sensible rest. */

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api';
import { ApiError } from '../api/client';
import type { Access, Format, RecordMode } from '../api/types';
import { errorText, locale, named, t, type Key } from '../i18n';
import { tp } from '../i18n/plan';
import { REPEATS, ruleOf, sameClock, ownZone, TIMES_MAX, type Repeat } from '../plan/days';
import { usualFirst } from '../plan/kinds';
import { go } from '../state/route';
import { mayCreate, session } from '../state/session';
import { Empty, Field, Loading, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { spaces, loadNames } from '../state/formats';

const LENGTHS_MIN = [30, 45, 60, 90, 120, 180];
const LENGTH_MIN = 60;
const ACCESS: Access[] = ['link', 'public', 'members', 'list'];
const RECORD: RecordMode[] = ['auto', 'manual', 'never'];

/** The next full hour, as the value of a datetime-local field. */
function nextHour(): string {
  const d = new Date(Date.now() + 3_600_000);
  d.setMinutes(0, 0, 0);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:00`;
}

/** All kinds in a few lines: each by its name, and what the chosen one means below. */
function Kinds({ list, value, onPick }: { list: Format[]; value: Format | undefined; onPick: (f: Format) => void }) {
  return (
    <fieldset>
      <legend class="label">{t('create.kind')}</legend>
      <div class="choices kinds">
        {usualFirst(list, (f) => named(f.name), locale()).map((f) => (
          <label class="choice" key={f.id}>
            <input type="radio" name="format" value={f.id} checked={f.id === value?.id} aria-describedby="kind-about" onChange={() => onPick(f)} />
            <span>{named(f.name)}</span>
          </label>
        ))}
      </div>
      <p class="soft small kind-about" id="kind-about" aria-live="polite">
        {value && [named(value.about), ...kindHints(value).map((k) => t(k))].filter(Boolean).join(' ')}
      </p>
    </fieldset>
  );
}

type Hint = Extract<Key, `create.hint${string}`>;

/** What a format means for the people in the room, in a sentence or two. */
function kindHints(f: Format): Hint[] {
  const may = f.roles.attendee ?? [];
  const talks = may.includes('talk') || may.includes('stage_self') || may.includes('stage_auto');
  const first: Hint = talks
    ? 'create.hintTalk'
    : may.includes('publish_screen')
      ? 'create.hintShow'
      : may.includes('hand')
        ? 'create.hintHand'
        : 'create.hintListen';
  return [first, ...(f.lobby ? (['create.hintLobby'] as const) : []), ...(f.record === 'auto' ? (['create.hintRecorded'] as const) : []),
    ...(f.keep === 'counts' ? (['create.hintForgets'] as const) : [])];
}

function Form({ list }: { list: Format[] }) {
  const [kind, setKind] = useState(list.find((f) => f.default) ?? list[0]);
  const [when, setWhen] = useState<'now' | 'later'>('now');
  const [record, setRecord] = useState<RecordMode>(kind?.record ?? 'manual');
  const [lobby, setLobby] = useState(kind?.lobby ?? false);
  const [repeat, setRepeat] = useState<Repeat>('none');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<{ field: string; text: string } | null>(null);
  const wrongOf = (f: string): string | undefined => (wrong?.field === f ? wrong.text : undefined);

  const pick = (f: Format): void => {
    setKind(f);
    setRecord(f.record);
    setLobby(f.lobby);
  };
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    const word = (k: string): string => String(form.get(k) ?? '').trim();
    const startsAt = when === 'later' ? new Date(word('starts_at')).getTime() : null;
    if (startsAt !== null && Number.isNaN(startsAt)) return setWrong({ field: 'starts_at', text: t('create.badTime') });
    setBusy(true);
    setWrong(null);
    /* "Tuesdays at 18:00" is meant where its maker is, when the clocks there are not the centre's. */
    const zone = startsAt !== null && !sameClock(startsAt, session.value?.server.zone ?? '') ? ownZone() : undefined;
    try {
      const made = await api.createEvent({
        title: word('title'),
        description: word('description'),
        space: word('space') || undefined,
        format: kind?.id,
        starts_at: startsAt,
        duration_min: Number(word('duration_min')) || 60,
        zone,
        repeat: startsAt !== null && repeat !== 'none' ? { rule: ruleOf(repeat, new Date(startsAt), Number(word('times'))) } : undefined,
        access: word('access') as Access,
        record,
        lobby,
      });
      go(`/e/${made.id}`);
    } catch (err) {
      setBusy(false);
      setWrong({ field: err instanceof ApiError ? err.field : '', text: errorText(err) });
    }
  };

  return (
    <form class="card form" onSubmit={(e) => void submit(e)}>
      {wrong && !['title', 'starts_at', 'description'].includes(wrong.field) && (
        <p class="note bad" role="alert">
          <Icon name="warn" />
          {wrong.text}
        </p>
      )}
      <Field label={t('create.name')} wrong={wrongOf('title')}>
        {(a) => (
          <input {...a} class="input" name="title" required maxLength={200} placeholder={t('create.nameHint')}
            autocomplete="off" autofocus />
        )}
      </Field>
      <Kinds list={list} value={kind} onPick={pick} />
      <fieldset class="field">
        <legend class="label">{t('create.when')}</legend>
        <div class="row">
          <div class="segmented" role="group" aria-label={t('create.when')}>
            {(['now', 'later'] as const).map((w) => (
              <button type="button" key={w} aria-pressed={when === w} onClick={() => setWhen(w)}>
                {t(w === 'now' ? 'create.now' : 'create.later')}
              </button>
            ))}
          </div>
          {when === 'later' && (
            <input class="input when" type="datetime-local" name="starts_at" required defaultValue={nextHour()}
              aria-label={t('create.start')} />
          )}
          <label class="row small">
            {t('create.length')}
            <select class="input length" name="duration_min">
              {LENGTHS_MIN.map((m) => (
                <option key={m} value={m} selected={m === LENGTH_MIN}>
                  {t('time.min', { n: m })}
                </option>
              ))}
            </select>
          </label>
        </div>
        {when === 'later' && (
          <div class="row">
            <label class="row small">
              {tp('repeat.label')}
              <select class="input" value={repeat} onChange={(e) => setRepeat(e.currentTarget.value as Repeat)}>
                {REPEATS.map((r) => (
                  <option key={r} value={r}>
                    {tp(`repeat.${r}`)}
                  </option>
                ))}
              </select>
            </label>
            {repeat !== 'none' && (
              <label class="row small">
                {tp('repeat.times')}
                <input class="input length" type="number" name="times" min={2} max={TIMES_MAX} required defaultValue={10} />
              </label>
            )}
          </div>
        )}
        {when === 'later' && repeat !== 'none' && <p class="hint">{tp('repeat.hint')}</p>}
      </fieldset>
      <details class="more">
        <summary>{t('create.more')}</summary>
        <div class="form">
          <Field label={t('create.about')} hint={t('create.aboutHint')} wrong={wrongOf('description')}>
            {(a) => <textarea {...a} class="input" name="description" maxLength={8000} rows={4} />}
          </Field>
          {spaces.value.length > 0 && (
            <Field label={t('create.space')}>
              {(a) => (
                <select {...a} class="input" name="space">
                  <option value="">{t('create.noSpace')}</option>
                  {spaces.value.map((s) => (
                    <option key={s.id} value={s.id}>
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
                  <option key={v} value={v}>
                    {t(`access.${v}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {kind?.record !== 'never' && <Field label={t('create.record')}>
            {(a) => (
              <select {...a} class="input" value={record} onChange={(e) => setRecord(e.currentTarget.value as RecordMode)}>
                {RECORD.map((v) => (
                  <option key={v} value={v}>
                    {t(`record.${v}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>}
          <label class="check">
            <input type="checkbox" checked={lobby} onChange={(e) => setLobby(e.currentTarget.checked)} />
            <span>
              {t('create.lobby')}
              <br />
              <span class="soft small">{t('create.lobbyHint')}</span>
            </span>
          </label>
        </div>
      </details>
      <div class="row">
        <button class="btn primary large" type="submit" disabled={busy}>
          {busy ? t('wait') : t('create.go')}
        </button>
        <a class="btn quiet" href="/">
          {t('cancel')}
        </a>
      </div>
    </form>
  );
}

export function Create() {
  const data = useLoad('formats', api.formats);
  useEffect(() => void loadNames(), []);
  return (
    <main id="main" class="page narrow">
      <Title text={t('create.title')} />
      {!session.value ? (
        <Loading />
      ) : mayCreate.value ? (
        <Show of={data}>{(list) => <Form list={list.filter((f) => !f.hidden)} />}</Show>
      ) : (
        <Empty icon="lock" title={t('create.notYou')}>
          <a class="btn primary" href="/signin?next=/events/new">
            {t('nav.signin')}
          </a>
        </Empty>
      )}
    </main>
  );
}
