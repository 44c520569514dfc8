/* tables — the host's side of them: laying them, who sits where, opening and closing, visiting, speaking to all. */

import { signal } from '@preact/signals';
import { useId, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { placeOf, readList, type Card } from '../../protocol/tables';
import type { Member } from '../../protocol/types';
import { Confirm } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import '../../styles/tables.css';
import { useLive } from './context';
import { tableName, TablesLeft } from './table';

const TABLES_MAX = 50;
const PEOPLE_PER_COMMAND = 20;
const TEXT_MAX = 500;
const NAME_MAX = 80;
const MINUTES = [0, 5, 10, 15, 20, 30, 45, 60];
const WAYS = ['auto', 'hand', 'free', 'list'] as const;
type Way = (typeof WAYS)[number];

/* Kept while the page is: some of the list come later. */
const list = signal('');

type Live = ReturnType<typeof useLive>;

/** Those who are to sit somewhere: who leads goes round. */
const guests = (live: Live): Member[] => [...live.members.value.values()].filter((m) => m.role === 'attendee' || m.role === 'speaker');

async function seat(live: Live, n: number, people: string[]): Promise<boolean> {
  for (let i = 0; i < people.length; i += PEOPLE_PER_COMMAND) {
    if (!(await live.command('seat', { n, people: people.slice(i, i + PEOPLE_PER_COMMAND) }))) return false;
  }
  return true;
}

async function seatByList(live: Live): Promise<void> {
  const plan = readList(list.peek(), live.members.peek().values(), live.tables.peek().count);
  for (const [i, people] of plan.seats.entries()) {
    const coming = people.filter((id) => !live.members.peek().get(id)?.table);
    if (coming.length > 0 && !(await seat(live, i + 1, coming))) return;
  }
}

function Lay() {
  const live = useLive();
  const id = useId();
  const [by, setBy] = useState<'count' | 'size'>('count');
  const [number, setNumber] = useState(3);
  const [way, setWay] = useState<Way>('auto');
  const [busy, setBusy] = useState(false);
  const people = guests(live).length;
  const plan = way === 'list' ? readList(list.value, live.members.value.values(), TABLES_MAX) : null;
  const count = plan ? plan.count : Math.max(1, Math.min(TABLES_MAX, by === 'count' ? number : Math.ceil(people / Math.max(1, number))));
  const lay = async (): Promise<void> => {
    setBusy(true);
    if (await live.command('tables', { count, free: way === 'free' })) {
      for (const [i, name] of (plan?.names ?? []).entries()) await live.command('table', { n: i + 1, name: name.slice(0, NAME_MAX) });
      if (way === 'auto') await live.command('tables_deal');
      if (plan) await seatByList(live);
    }
    setBusy(false);
  };
  return (
    <form class="tables-lay" onSubmit={(e) => {
      e.preventDefault();
      void lay();
    }}>
      <p>{t('tables.intro')}</p>
      <fieldset class="tables-ways">
        <legend>{t('tables.how')}</legend>
        {WAYS.map((w) => (
          <label class="check" key={w}>
            <input type="radio" name={`${id}w`} checked={way === w} onChange={() => setWay(w)} />
            <span>{t(`tables.way.${w}`)}<br /><span class="soft small">{t(`tables.hint.${w}`)}</span></span>
          </label>
        ))}
      </fieldset>
      {plan ? (
        <div class="field">
          <label for={`${id}l`}>{t('tables.list')}</label>
          <textarea id={`${id}l`} class="input" rows={6} value={list.value} placeholder={t('tables.listExample')}
            onInput={(e) => (list.value = e.currentTarget.value)} />
          {plan.count > 0 && <p class="soft small" role="status">{t('tables.listRead', { count: plan.count, people: plan.seats.flat().length })}</p>}
          {plan.missing.length > 0 && <p class="soft small">{t('tables.notHere', { names: plan.missing.join(', ') })}</p>}
        </div>
      ) : (
        <div class="tables-number">
          <select class="input" aria-label={t('tables.by')} value={by} onChange={(e) => setBy(e.currentTarget.value as 'count' | 'size')}>
            <option value="count">{t('tables.byCount')}</option>
            <option value="size">{t('tables.bySize')}</option>
          </select>
          <input class="input" type="number" min={1} max={TABLES_MAX} value={number} aria-label={t(by === 'count' ? 'tables.byCount' : 'tables.bySize')}
            onInput={(e) => setNumber(Math.floor(Number(e.currentTarget.value)) || 1)} />
        </div>
      )}
      <button type="submit" class="btn primary" disabled={busy || count === 0}>{t('tables.lay', { count })}</button>
    </form>
  );
}

function Seat({ m }: { m: Member }) {
  const live = useLive();
  const { cards } = live.tables.value;
  return (
    <li class="table-guest">
      <span class="someone-name">{m.name}{m.table > 0 && m.out && <span class="soft small"> {t('tables.steppedOut')}</span>}</span>
      <select class="input small" aria-label={t('tables.move', { name: m.name })} value={m.table}
        onChange={(e) => void live.command('seat', { n: Number(e.currentTarget.value), people: [m.id] })}>
        <option value={0}>{t('tables.nowhere')}</option>
        {cards.map((c) => <option key={c.n} value={c.n}>{tableName(c, c.n)}</option>)}
      </select>
    </li>
  );
}

function EditCard({ card, onDone }: { card: Card; onDone: () => void }) {
  const live = useLive();
  const id = useId();
  const [name, setName] = useState(card.name);
  const [text, setText] = useState(card.text);
  const save = async (): Promise<void> => {
    const fields = { n: card.n, ...(name.trim() ? { name: name.trim() } : {}), ...(text.trim() ? { text: text.trim() } : {}) };
    if (await live.command('table', fields)) onDone();
  };
  return (
    <form class="tables-lay" onSubmit={(e) => {
      e.preventDefault();
      void save();
    }}>
      <div class="field">
        <label for={`${id}n`}>{t('tables.name')}</label>
        <input id={`${id}n`} class="input" value={name} maxLength={NAME_MAX} autofocus onInput={(e) => setName(e.currentTarget.value)} />
      </div>
      <div class="field">
        <label for={`${id}t`}>{t('tables.topic')}</label>
        <textarea id={`${id}t`} class="input" rows={3} value={text} maxLength={TEXT_MAX} onInput={(e) => setText(e.currentTarget.value)} />
      </div>
      <div class="row">
        <button type="submit" class="btn primary small-btn">{t('tables.save')}</button>
        <button type="button" class="btn small-btn" onClick={onDone}>{t('cancel')}</button>
      </div>
    </form>
  );
}

function OneTable({ card, people }: { card: Card; people: Member[] }) {
  const live = useLive();
  const [editing, setEditing] = useState(false);
  const here = live.place.value === card.n;
  const name = tableName(card, card.n);
  const caller = live.members.value.get(card.help)?.name ?? '';
  return (
    <li class={`one-table${card.help ? ' calls' : ''}`}>
      <div class="row spread">
        <h2>{name} <span class="soft small">{t('tables.people', { count: people.length })}</span></h2>
        <span class="row">
          {live.tables.value.open && (
            <button type="button" class="btn small-btn" aria-label={t(here ? 'tables.leaveNamed' : 'tables.visitNamed', { name })}
              onClick={() => void live.command('seat', { n: here ? 0 : card.n })}>
              {t(here ? 'tables.leave' : 'tables.visit')}
            </button>
          )}
          <button type="button" class="btn quiet icon-only small-btn" aria-label={t('tables.editNamed', { name })} title={t('tables.edit')}
            onClick={() => setEditing(!editing)}>
            <Icon name="pen" />
          </button>
        </span>
      </div>
      {card.help && (
        <p class="note warn"><Icon name="hand" />{t('tables.asksHelp', { name: caller })}
          <button type="button" class="btn small-btn" onClick={() => void live.command('table_help', { n: card.n, on: false })}>{t('tables.helped')}</button>
        </p>
      )}
      {editing ? <EditCard card={card} onDone={() => setEditing(false)} /> : card.text && <p class="table-topic">{card.text}</p>}
      <ul>{people.map((m) => <Seat key={m.id} m={m} />)}</ul>
    </li>
  );
}

function Running() {
  const live = useLive();
  const tables = live.tables.value;
  const speaks = tables.voices.includes(live.me.value.id);
  return (
    <div class="tables-bar">
      <div class="row spread">
        <button type="button" class="btn primary" onClick={() => void live.command('tables_open', { on: false })}>{t('tables.close')}</button>
        <TablesLeft />
      </div>
      <button type="button" class={`btn${speaks ? ' danger' : ''}`} aria-pressed={speaks} onClick={() => void live.command('table_voice', { on: !speaks })}>
        <Icon name="volume" />{t(speaks ? 'tables.voiceOff' : 'tables.voice')}
      </button>
      <p class="soft small">{t('tables.notRecorded')}</p>
    </div>
  );
}

function Ready() {
  const live = useLive();
  const id = useId();
  const [minutes, setMinutes] = useState(10);
  const open = live.life.value === 'open';
  return (
    <div class="tables-bar">
      <div class="field">
        <label for={id}>{t('tables.minutes')}</label>
        <select id={id} class="input" value={minutes} onChange={(e) => setMinutes(Number(e.currentTarget.value))}>
          {MINUTES.map((m) => <option key={m} value={m}>{m === 0 ? t('tables.noLimit') : m}</option>)}
        </select>
      </div>
      <button type="button" class="btn primary" disabled={!open}
        onClick={() => void live.command('tables_open', minutes ? { on: true, seconds: minutes * 60 } : { on: true })}>
        {t('tables.open')}
      </button>
      <p class="soft small">{t(open ? 'tables.notRecorded' : 'why.notOpen')}</p>
    </div>
  );
}

export function TablesPanel() {
  const live = useLive();
  const [clearing, setClearing] = useState(false);
  const tables = live.tables.value;
  if (tables.count === 0) return <div class="tables"><Lay /></div>;
  const people = [...live.members.value.values()];
  const loose = guests(live).filter((m) => m.table === 0);
  return (
    <div class="tables">
      {tables.open ? <Running /> : <Ready />}
      {loose.length > 0 && (
        <section aria-labelledby="tables-loose">
          <div class="row spread">
            <h2 id="tables-loose">{t('tables.loose', { count: loose.length })}</h2>
            <span class="row">
              {list.value && <button type="button" class="btn small-btn" onClick={() => void seatByList(live)}>{t('tables.seatList')}</button>}
              <button type="button" class="btn small-btn" onClick={() => void live.command('tables_deal')}>{t('tables.deal')}</button>
            </span>
          </div>
          <ul>{loose.map((m) => <Seat key={m.id} m={m} />)}</ul>
        </section>
      )}
      <ul class="table-list">
        {tables.cards.map((c) => (
          <OneTable key={c.n} card={c}
            people={people.filter((m) => m.table === c.n && (m.role === 'attendee' || m.role === 'speaker' || placeOf(tables, m) === c.n))} />
        ))}
      </ul>
      <button type="button" class="btn quiet" onClick={() => setClearing(true)}>{t('tables.clear')}</button>
      {clearing && (
        <Confirm title={t('tables.clear')} text={t('tables.clearText')} yes={t('tables.clear')} danger onNo={() => setClearing(false)}
          onYes={() => {
            setClearing(false);
            void live.command('tables', { count: 0 });
          }} />
      )}
    </div>
  );
}
