/* calendar — what is planned, by month, week or as a list; of everybody, of a space, or one's own. A phone has the
 * list. The address says what is shown, so that it can be kept and sent. */

import { useEffect, useState } from 'preact/hooks';
import type { CalendarEvent, CalendarPage } from '../api/plan';
import { calendar } from '../api/plan';
import { locale, named, t } from '../i18n';
import { tp } from '../i18n/plan';
import { timeOf } from '../i18n/dates';
import { dayKey, dayOfKey, daysOf, ownZone, rangeOf, startOfDay, step, type Span } from '../plan/days';
import { formatName, loadNames, spaces } from '../state/formats';
import { go, place } from '../state/route';
import { session, user } from '../state/session';
import { Empty, Loading, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { Subscribe } from '../widgets/subscribe';

const SPANS: Span[] = ['month', 'week', 'list'];
const SHOWN_A_DAY = 3;
const NARROW = '(max-width: 760px)';

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const m = matchMedia(NARROW);
    const look = (): void => setNarrow(m.matches);
    m.addEventListener('change', look);
    return () => m.removeEventListener('change', look);
  }, []);
  return narrow;
}

interface Shown {
  span: Span;
  at: Date;
  space: string;
  mine: boolean;
}

function shown(narrow: boolean): Shown {
  const q = place.value.query;
  const span = SPANS.find((s) => s === q.get('view')) ?? 'month';
  return {
    span: narrow ? 'list' : span,
    at: dayOfKey(q.get('at') ?? '') ?? startOfDay(new Date()),
    space: q.get('space') ?? '',
    mine: q.get('mine') === '1' && user.value !== null,
  };
}

function addressOf(s: Shown, change: Partial<Shown>): string {
  const n = { ...s, ...change };
  const q = new URLSearchParams();
  if (n.span !== 'month') q.set('view', n.span);
  if (dayKey(n.at) !== dayKey(new Date())) q.set('at', dayKey(n.at));
  if (n.space) q.set('space', n.space);
  if (n.mine) q.set('mine', '1');
  const text = q.toString();
  return text ? `/calendar?${text}` : '/calendar';
}

const fmt = (o: Intl.DateTimeFormatOptions, d: Date): string => new Intl.DateTimeFormat(locale(), o).format(d);

function periodName(s: Shown): string {
  if (s.span !== 'week') {
    const text = fmt({ month: 'long', year: 'numeric' }, s.at);
    return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
  }
  const { from, to } = rangeOf('week', s.at);
  return new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'long', year: 'numeric' })
    .formatRange(from, new Date(to.getTime() - 1));
}

function byDay(events: readonly CalendarEvent[]): Map<string, CalendarEvent[]> {
  const days = new Map<string, CalendarEvent[]>();
  for (const e of events) {
    const key = dayKey(new Date(e.starts_at));
    days.set(key, [...(days.get(key) ?? []), e]);
  }
  return days;
}

function Entry({ event: e, long }: { event: CalendarEvent; long?: boolean }) {
  const marks = [e.cancelled && tp('cal.cancelled'), e.repeats && long && tp('cal.repeats')].filter(Boolean).join(', ');
  return (
    <li class={`cal-entry${e.cancelled ? ' cancelled' : ''}${e.state === 'open' ? ' live' : ''}`}>
      <a href={`/e/${e.id}`} title={e.title}>
        <time dateTime={new Date(e.starts_at).toISOString()}>{timeOf(e.starts_at)}</time>{' '}
        <span class="cal-name">{e.title}</span>
        {long && <span class="soft small cal-about">{[formatName(e.format), e.host?.name].filter(Boolean).join(' · ')}</span>}
        {marks !== '' && <span class={long ? 'soft small' : 'hidden-text'}>{long ? marks : ` (${marks})`}</span>}
      </a>
    </li>
  );
}

function Grid({ s, events }: { s: Shown; events: readonly CalendarEvent[] }) {
  const days = daysOf(rangeOf(s.span, s.at));
  const of = byDay(events);
  const today = dayKey(new Date());
  const weeks = Array.from({ length: days.length / 7 }, (_, i) => days.slice(7 * i, 7 * i + 7));
  return (
    <table class={`cal-grid ${s.span}`} aria-label={periodName(s)}>
      <thead>
        <tr>
          {days.slice(0, 7).map((d) => (
            <th key={d.getDay()} scope="col">
              <abbr title={fmt({ weekday: 'long' }, d)}>{fmt({ weekday: 'short' }, d)}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={dayKey(week[0] ?? s.at)}>
            {week.map((d) => {
              const key = dayKey(d);
              const list = of.get(key) ?? [];
              const few = s.span === 'week' ? list : list.slice(0, SHOWN_A_DAY);
              const other = s.span === 'month' && d.getMonth() !== s.at.getMonth();
              return (
                <td key={key} class={`${other ? 'other' : ''}${key === today ? ' today' : ''}`} aria-current={key === today ? 'date' : undefined}>
                  <span class="cal-day">
                    <span aria-hidden="true">{d.getDate()}</span>
                    <span class="hidden-text">{fmt({ day: 'numeric', month: 'long' }, d)}</span>
                  </span>
                  {few.length > 0 && (
                    <ul>
                      {few.map((e) => (
                        <Entry key={e.id} event={e} long={s.span === 'week'} />
                      ))}
                    </ul>
                  )}
                  {list.length > few.length && (
                    <a class="cal-rest small" href={addressOf(s, { span: 'week', at: d })}>
                      {tp('cal.moreDay', { count: list.length - few.length })}
                    </a>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function List({ events }: { events: readonly CalendarEvent[] }) {
  return (
    <div class="cal-list">
      {[...byDay(events)].map(([key, list]) => (
        <section key={key}>
          <h2>{fmt({ weekday: 'long', day: 'numeric', month: 'long' }, dayOfKey(key) ?? new Date())}</h2>
          <ul>
            {list.map((e) => (
              <Entry key={e.id} event={e} long />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Body({ s, page }: { s: Shown; page: CalendarPage }) {
  const none = page.events.length === 0;
  return (
    <>
      {page.more && <p class="note">{tp('cal.more')}</p>}
      {none && (s.span === 'list' || s.span === 'week') ? (
        <Empty icon="calendar" title={tp('cal.empty')}>
          <p>{tp('cal.emptyText')}</p>
        </Empty>
      ) : s.span === 'list' ? (
        <List events={page.events} />
      ) : (
        <>
          <Grid s={s} events={page.events} />
          {none && <p class="soft">{tp('cal.empty')}</p>}
        </>
      )}
    </>
  );
}

function Tools({ s, narrow }: { s: Shown; narrow: boolean }) {
  const to = (change: Partial<Shown>): void => go(addressOf(s, change));
  return (
    <div class="cal-tools">
      <div class="row" role="group" aria-label={tp('cal.title')}>
        <button type="button" class="btn" onClick={() => to({ at: step(s.span, s.at, -1) })}>
          <span aria-hidden="true">‹</span>
          <span class="hidden-text">{tp('cal.back')}</span>
        </button>
        <button type="button" class="btn" onClick={() => to({ at: startOfDay(new Date()) })}>
          {tp('cal.today')}
        </button>
        <button type="button" class="btn" onClick={() => to({ at: step(s.span, s.at, 1) })}>
          <span aria-hidden="true">›</span>
          <span class="hidden-text">{tp('cal.next')}</span>
        </button>
      </div>
      <h2 class="cal-period" aria-live="polite">{periodName(s)}</h2>
      <div class="row">
        {!narrow && (
          <div class="segmented" role="group" aria-label={tp('cal.view')}>
            {SPANS.map((span) => (
              <button type="button" key={span} aria-pressed={s.span === span} onClick={() => to({ span })}>
                {tp(`cal.${span}`)}
              </button>
            ))}
          </div>
        )}
        {spaces.value.length > 0 && (
          <select class="input" aria-label={tp('cal.space')} value={s.space} onChange={(e) => to({ space: e.currentTarget.value })}>
            <option value="">{tp('cal.anySpace')}</option>
            {spaces.value.map((x) => (
              <option key={x.id} value={x.id}>
                {named(x.name)}
              </option>
            ))}
          </select>
        )}
        {user.value && (
          <label class="check">
            <input type="checkbox" checked={s.mine} onChange={(e) => to({ mine: e.currentTarget.checked })} />
            <span>{tp('cal.mine')}</span>
          </label>
        )}
        <Subscribe space={s.space} />
      </div>
    </div>
  );
}

function Planned() {
  const narrow = useNarrow();
  const s = shown(narrow);
  const { from, to } = rangeOf(s.span, s.at);
  const key = `${from.getTime()} ${to.getTime()} ${s.space} ${s.mine} ${user.value?.id ?? ''}`;
  const data = useLoad(key, () => calendar({ from: from.getTime(), to: to.getTime(), space: s.space, mine: s.mine ? 1 : undefined }));
  return (
    <>
      <Tools s={s} narrow={narrow} />
      <Show of={data}>{(page) => <Body s={s} page={page} />}</Show>
      <p class="soft small">{tp('cal.zone', { zone: ownZone() })}</p>
    </>
  );
}

export function Calendar() {
  useEffect(() => void loadNames(), []);
  return (
    <main id="main" class="page calendar">
      <div class="row spread">
        <Title text={tp('cal.title')} />
        {(user.value?.role ?? 'learner') !== 'learner' && (
          <a class="btn" href="/events/new">
            <Icon name="plus" />
            {t('nav.create')}
          </a>
        )}
      </div>
      {session.value === null ? <Loading /> : <Planned />}
    </main>
  );
}

