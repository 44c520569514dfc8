/* table — what a person at a table, or on the way to one, sees of it: its card, how long it is open, how to call for
 * help, to step out and to come back. */

import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { clock } from '../../i18n/dates';
import { placeOf, type Card } from '../../protocol/tables';
import { Icon } from '../../widgets/icons';
import '../../styles/tables.css';
import { useLive } from './context';

export const tableName = (c: Card | undefined, n: number): string => c?.name || t('tables.number', { n });

/** How long the tables are still open; nothing when nobody said. */
export function TablesLeft() {
  const live = useLive();
  const { open, at, seconds } = live.tables.value;
  const [, tick] = useState(0);
  useEffect(() => {
    if (!open || !seconds) return undefined;
    const every = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(every);
  }, [open, seconds]);
  if (!open || !seconds) return null;
  const left = Math.max(0, at + seconds * 1000 - live.serverNow());
  return <span class="tables-left" role="timer" aria-label={t('tables.left')}><Icon name="clock" />{clock(left + 999)}</span>;
}

function FreeChoice() {
  const live = useLive();
  const { cards } = live.tables.value;
  const members = [...live.members.value.values()];
  return (
    <ul class="table-choice">
      {cards.map((c) => (
        <li key={c.n}>
          <button type="button" class="btn" onClick={() => void live.command('seat', { n: c.n })}>
            {tableName(c, c.n)} <span class="soft small">{t('tables.people', { count: members.filter((m) => m.table === c.n).length })}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Over the stage while the tables are open. */
export function TableCard() {
  const live = useLive();
  const tables = live.tables.value;
  const me = live.self.value;
  if (!tables.open || !me) return null;
  const place = live.place.value;
  const card = tables.cards[(place || me.table) - 1];
  const voices = tables.voices.filter((id) => id !== me.id).map((id) => live.members.value.get(id)?.name ?? '').filter(Boolean);
  const leads = Boolean(live.can.value.tables);
  if (place === 0) {
    if (leads) return null;
    return (
      <section class="table-card" aria-label={t('tables.title')}>
        <p>{me.table ? t('tables.away', { name: tableName(card, me.table) }) : t(tables.free ? 'tables.choose' : 'tables.wait')}</p>
        {me.table > 0 && (
          <button type="button" class="btn primary" onClick={() => void live.command('seat', { n: me.table })}>{t('tables.back')}</button>
        )}
        {me.table === 0 && tables.free && <FreeChoice />}
        <TablesLeft />
      </section>
    );
  }
  const helped = card?.help !== '';
  const others = [...live.members.value.values()].filter((m) => m.id !== me.id && placeOf(tables, m) === place);
  return (
    <section class="table-card" aria-labelledby="table-name">
      <div class="row spread">
        <h2 id="table-name">{tableName(card, place)}</h2>
        <TablesLeft />
      </div>
      {card?.text && <p class="table-topic">{card.text}</p>}
      <p class="soft small">
        {others.length > 0 ? t('tables.with', { names: others.map((m) => m.name).join(', ') }) : t('tables.alone')}
        {' '}{t('tables.notRecorded')}
      </p>
      {voices.length > 0 && <p class="note" role="status"><Icon name="volume" />{t('tables.speaksToAll', { name: voices.join(', ') })}</p>}
      <div class="row">
        {leads && helped && (
          <button type="button" class="btn" onClick={() => void live.command('table_help', { n: place, on: false })}>{t('tables.helped')}</button>
        )}
        {!leads && (
          <button type="button" class="btn" aria-pressed={helped} onClick={() => void live.command('table_help', { n: place, on: !helped })}>
            <Icon name="hand" />{t(helped ? 'tables.called' : 'tables.call')}
          </button>
        )}
        <button type="button" class="btn" onClick={() => void live.command('seat', leads || tables.free ? { n: 0 } : { n: place, out: true })}>
          {t('tables.leave')}
        </button>
      </div>
    </section>
  );
}
