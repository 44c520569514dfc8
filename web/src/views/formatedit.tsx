/* formatedit — one kind of events: what it is called, how it goes, who may do what, and what all of it means. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { formatById, formatList, makeFormat, saveFormat, wrongsOf, type FormatDoc, type Kept, type KeptFormat, type Wrong } from '../api/formats';
import { t } from '../i18n';
import { tf, type FormatsKey } from '../i18n/formats';
import { codecsOf, docOf, groupsOf, meaning, slugOf, type GROUPS } from '../plan/formats';
import { forgetNames, formatName } from '../state/formats';
import { toast } from '../state/notices';
import { go, guardLeaving, place } from '../state/route';
import { Confirm, Field, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { Badges, Deeds, Log, StaffOnly } from './formats';
import { RolesGrid } from './formatroles';
import { refusal, wrongText } from './formatwords';
import '../styles/formats.css';

const NAMESAKES_MAX = 20;
const LAYOUTS = ['speaker', 'grid', 'slides', 'screen', 'side'] as const;
const QUESTIONS = ['chat', 'moderated', 'approved'] as const;
const NAMES = ['shown', 'hidden'] as const;
const RECORD = ['auto', 'manual', 'never'] as const;
const KEEP = ['all', 'counts'] as const;
const CODECS = ['h264', 'vp8', 'vp9', 'av1'] as const;

interface Editing {
  draft: FormatDoc;
  set: (d: Partial<FormatDoc>) => void;
  wrongOf: (field: string) => string | undefined;
}

function Texts({ e, of, lines, max }: { e: Editing; of: 'name' | 'about'; lines?: boolean; max: number }) {
  return (
    <div class="format-two">
      {(['uk', 'en'] as const).map((l) => (
        <Field key={l} label={tf(`${of}.${l}`)} hint={of === 'about' && l === 'uk' ? tf('aboutHint') : undefined} wrong={e.wrongOf(`${of}.${l}`)}>
          {(a) => {
            const value = e.draft[of][l];
            const put = (text: string): void => e.set({ [of]: { ...e.draft[of], [l]: text } });
            return lines ? (
              <textarea {...a} class="input" rows={3} lang={l} maxLength={max} value={value} onInput={(ev) => put(ev.currentTarget.value)} />
            ) : (
              <input {...a} class="input" lang={l} maxLength={max} autocomplete="off" value={value} onInput={(ev) => put(ev.currentTarget.value)} />
            );
          }}
        </Field>
      ))}
    </div>
  );
}

function Choice<V extends string>({ e, field, of, words }: { e: Editing; field: 'layout' | 'questions' | 'names' | 'record' | 'keep'; of: readonly V[]; words: (v: V) => FormatsKey }) {
  return (
    <Field label={tf(field)} wrong={e.wrongOf(field)}>
      {(a) => (
        <select {...a} class="input" value={e.draft[field]} onChange={(ev) => e.set({ [field]: ev.currentTarget.value } as Partial<FormatDoc>)}>
          {of.map((v) => (
            <option key={v} value={v} selected={v === e.draft[field]}>
              {tf(words(v))}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Count({ e, field, max, hint }: { e: Editing; field: 'stage_max' | 'video_slots'; max: number; hint: string }) {
  return (
    <Field label={tf(field)} hint={hint} wrong={e.wrongOf(field)}>
      {(a) => (
        <input {...a} class="input length" type="number" min={1} max={max} value={e.draft[field]}
          onInput={(ev) => e.set({ [field]: ev.currentTarget.valueAsNumber || 0 })} />
      )}
    </Field>
  );
}

function Switch({ e, field }: { e: Editing; field: 'lobby' | 'tables' }) {
  return (
    <label class="check">
      <input type="checkbox" checked={e.draft[field]} onChange={(ev) => e.set({ [field]: ev.currentTarget.checked })} />
      <span>{tf(field)}</span>
    </label>
  );
}

function Course({ e }: { e: Editing }) {
  return (
    <fieldset class="card form">
      <legend class="hidden-text">{tf('course')}</legend>
      <h2>{tf('course')}</h2>
      <div class="format-two">
        <Choice e={e} field="record" of={RECORD} words={(v) => `record.${v}`} />
        <Choice e={e} field="keep" of={KEEP} words={(v) => `keep.${v}`} />
        <Choice e={e} field="questions" of={QUESTIONS} words={(v) => `questions.${v}`} />
        <Choice e={e} field="names" of={NAMES} words={(v) => `names.${v}`} />
        <Choice e={e} field="layout" of={LAYOUTS} words={(v) => `layout.${v}`} />
        <Count e={e} field="stage_max" max={100} hint={tf('stageHint')} />
        <Count e={e} field="video_slots" max={12} hint={tf('slotsHint')} />
        <Field label={tf('codecs')} wrong={e.wrongOf('codecs')}>
          {(a) => (
            <select {...a} class="input" value={e.draft.codecs[0]} onChange={(ev) => e.set({ codecs: codecsOf(ev.currentTarget.value) })}>
              {CODECS.map((c) => (
                <option key={c} value={c} selected={c === e.draft.codecs[0]}>
                  {tf(`codec.${c}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Switch e={e} field="lobby" />
      <Switch e={e} field="tables" />
    </fieldset>
  );
}

function Meaning({ of }: { of: FormatDoc }) {
  return (
    <section class="card format-meaning" aria-label={tf('meaning')}>
      <h2>{tf('meaning')}</h2>
      <ul>
        {meaning(of).map((m) => (
          <li key={m}>{tf(`mean.${m}` as FormatsKey)}</li>
        ))}
      </ul>
    </section>
  );
}

/** Asks before words that are not saved are lost, on the page and by the browser. */
function useUnsaved(dirty: boolean): [string | null, (to: string | null) => void] {
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    if (!dirty) return undefined;
    const stop = (ev: BeforeUnloadEvent): void => ev.preventDefault();
    addEventListener('beforeunload', stop);
    guardLeaving((to) => {
      setAsked(to ?? '/admin/formats');
      return false;
    });
    return () => {
      removeEventListener('beforeunload', stop);
      guardLeaving(null);
    };
  }, [dirty]);
  return [asked, setAsked];
}

/** Under the first id that is free. */
async function make(doc: FormatDoc): Promise<Kept> {
  for (let n = 1; ; n++) {
    try {
      return await makeFormat({ ...doc, id: slugOf(doc.name.en || doc.name.uk, n) });
    } catch (err) {
      if (!(err instanceof ApiError) || err.code !== 'precondition' || n === NAMESAKES_MAX) throw err;
    }
  }
}

function Wrongs({ count, text, reopen }: { count: number; text: string; reopen?: () => void }): ComponentChildren {
  return (
    <div class="note bad" role="alert">
      <Icon name="warn" />
      <span class="grow">{count ? tf('wrongs', { count }) : text}</span>
      {reopen && (
        <button type="button" class="btn" onClick={reopen}>
          {tf('reopen')}
        </button>
      )}
    </div>
  );
}

interface Opened {
  format: KeptFormat;
  isNew: boolean;
  groups: typeof GROUPS;
  reopen: () => void;
}

function Editor({ format, isNew, groups, reopen }: Opened) {
  const first = useRef(docOf(format));
  const [draft, setDraft] = useState(first.current);
  const [wrongs, setWrongs] = useState<Wrong[]>([]);
  const [refused, setRefused] = useState<{ text: string; stale: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const dirty = JSON.stringify(draft) !== JSON.stringify(first.current);
  const [asked, setAsked] = useUnsaved(dirty);
  const e: Editing = {
    draft,
    set: (d) => setDraft((was) => ({ ...was, ...d })),
    wrongOf: (field) => wrongs.filter((w) => w.field === field).map(wrongText)[0],
  };
  useEffect(() => {
    if (wrongs.length) form.current?.querySelector<HTMLElement>('[aria-invalid=true], .wrong')?.focus();
  }, [wrongs]);
  const save = async (ev: SubmitEvent): Promise<void> => {
    ev.preventDefault();
    setBusy(true);
    setRefused(null);
    setWrongs([]);
    try {
      const kept = await (isNew ? make(draft) : saveFormat(draft, format.n));
      first.current = draft;
      forgetNames();
      toast(tf('saved'), 'good');
      guardLeaving(null);
      if (isNew) return go(`/admin/formats/${kept.format.id}`, { replace: true });
      reopen();
    } catch (err) {
      setWrongs(wrongsOf(err));
      setRefused({ text: refusal(err, format), stale: err instanceof ApiError && err.code === 'precondition' });
    }
    setBusy(false);
  };
  return (
    <form class="format-edit" ref={form} noValidate onSubmit={(ev) => void save(ev)}>
      <div class="format-main form">
        {refused && <Wrongs count={wrongs.length} text={refused.text} reopen={refused.stale && !isNew ? () => (guardLeaving(null), reopen()) : undefined} />}
        <fieldset class="card form">
          <legend class="hidden-text">{tf('called')}</legend>
          <h2>{tf('called')}</h2>
          <Texts e={e} of="name" max={60} />
          <Texts e={e} of="about" lines max={300} />
        </fieldset>
        <Course e={e} />
        <RolesGrid draft={draft} groups={groups} wrongs={wrongs} onChange={(roles) => e.set({ roles })} />
      </div>
      <div class="format-side">
        <Meaning of={draft} />
        <div class="card format-save">
          {dirty && !isNew && <p class="soft small" role="status">{tf('unsaved')}</p>}
          <button class="btn primary large" type="submit" disabled={busy || (!dirty && !isNew)}>
            {busy ? t('wait') : tf(isNew ? 'make' : 'save')}
          </button>
          {dirty && (
            <button type="button" class="btn quiet" onClick={() => (setDraft(first.current), setWrongs([]), setRefused(null))}>
              {tf('discard')}
            </button>
          )}
        </div>
      </div>
      {asked !== null && (
        <Confirm title={tf('leaveTitle')} text={tf('leaveText')} yes={tf('leave')} danger onNo={() => setAsked(null)}
          onYes={() => (guardLeaving(null), go(asked))} />
      )}
    </form>
  );
}

/** A copy of one, called so in both languages. */
function copyOf(f: KeptFormat): KeptFormat {
  return { ...f, id: 'new', name: { uk: `${f.name.uk} (копія)`, en: `${f.name.en} (copy)` }, n: 0, shipped: false, changed: false, default: false, hidden: false, events: 0 };
}

async function load(id: string, from: string): Promise<{ kept: Kept; groups: typeof GROUPS }> {
  const [kept, list] = await Promise.all([formatById(id === 'new' ? from : id), formatList()]);
  return { kept: id === 'new' ? { format: copyOf(kept.format), log: [] } : kept, groups: groupsOf(list.formats) };
}

function Whole({ id }: { id: string }) {
  const from = useRef(place.peek().query.get('from') ?? 'lesson').current;
  const data = useLoad(id, () => load(id, from));
  return (
    <Show of={data}>
      {({ kept: { format, log }, groups }) => (
        <>
          {id !== 'new' && (
            <div class="row format-head">
              <Badges of={format} />
              <span class="soft small grow">{format.events ? tf('events', { count: format.events }) : tf('noEvents')}</span>
              <Deeds of={format} onDone={data.reload} onDropped={() => go('/admin/formats')} />
            </div>
          )}
          <Editor key={`${format.id} ${format.n}`} format={format} isNew={id === 'new'} groups={groups} reopen={data.reload} />
          <Log of={log} />
        </>
      )}
    </Show>
  );
}

export function FormatPage({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  return (
    <main id="main" class="page">
      <a class="format-back" href="/admin/formats">{tf('title')}</a>
      <Title text={id === 'new' ? tf('new') : formatName(id) || tf('title')} />
      <StaffOnly>{() => <Whole id={id} />}</StaffOnly>
    </main>
  );
}
