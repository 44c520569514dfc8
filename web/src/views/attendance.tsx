/* attendance — who was there, from when to when, and what they took part in; for hosts and staff, while the class is on
 * and after it. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import * as api from '../api';
import type { Attendance, AttendanceRow } from '../api/types';
import { locale, t } from '../i18n';
import { spanOf, timeOf } from '../i18n/dates';
import { Empty, Title } from '../widgets/basic';
import { CurveChart, peakOf } from '../widgets/curve';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import '../styles/attendance.css';

const LOOK_AGAIN_MS = 10_000;
const SHOWN_MAX = 500;
/* From so many on, finding somebody by eye takes longer than typing. */
const SEARCH_FROM = 15;

type Column = 'name' | 'in' | 'out' | 'time';
interface Order {
  by: Column;
  down: boolean;
}

function sorted(rows: AttendanceRow[], { by, down }: Order): AttendanceRow[] {
  const names = new Intl.Collator(locale());
  const value = { in: (r: AttendanceRow) => r.first_in, out: (r: AttendanceRow) => r.last_out, time: (r: AttendanceRow) => r.total_ms };
  const way = down ? -1 : 1;
  return [...rows].sort((a, b) => way * (by === 'name' ? names.compare(a.name, b.name) : value[by](a) - value[by](b)));
}

const minutes = (ms: number): number => Math.round(ms / 60_000);

/** Stays, on a line from the first arrival to the last leaving. */
function Stays({ row, from, to }: { row: AttendanceRow; from: number; to: number }) {
  const share = (ms: number): string => `${(100 * ms) / Math.max(1, to - from)}%`;
  return (
    <div class="stays" aria-hidden="true">
      {row.intervals.map(([a, b]) => (
        <span key={a} style={{ insetInlineStart: share(a - from), inlineSize: share(b - a) }} />
      ))}
    </div>
  );
}

function signsOf(r: AttendanceRow): string {
  return [
    r.messages > 0 && t('attend.messages', { count: r.messages }),
    r.questions > 0 && t('attend.questions', { count: r.questions }),
    r.answers > 0 && t('poll.answers', { count: r.answers }),
    r.hands > 0 && t('attend.hands', { count: r.hands }),
  ].filter(Boolean).join(', ');
}

function Row({ row: r, from, to }: { row: AttendanceRow; from: number; to: number }) {
  const notes = [
    r.late_ms > 0 && t('attend.late', { n: minutes(r.late_ms) }),
    r.early_ms > 0 && t('attend.early', { n: minutes(r.early_ms) }),
    r.intervals.length > 1 && t('attend.stays', { count: r.intervals.length }),
  ].filter(Boolean).join(', ');
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {r.name}
        {r.role !== 'attendee' && <span class="soft small"> · {t(`role.${r.role}`)}</span>}
        {notes && <span class="attend-notes small">{notes}</span>}
      </th>
      <td role="cell" class="attend-in" data-label={t('attend.in')}>{timeOf(r.first_in)}</td>
      <td role="cell" class="attend-out" data-label={t('attend.out')}>
        {r.here ? <span class="good-text">{t('attend.here')}</span> : timeOf(r.last_out)}
      </td>
      <td role="cell" class="attend-time" data-label={t('attend.time')}>
        {minutes(r.total_ms) === 0 ? t('attend.moment') : spanOf(r.total_ms)}
        <Stays row={r} from={from} to={to} />
      </td>
      <td role="cell" class="attend-signs" data-label={t('attend.signs')}>{signsOf(r) || <span class="soft">—</span>}</td>
    </tr>
  );
}

/* The roles are said again: laid out as cards on a phone, a table is none to the browser any more. */
function Table({ rows }: { rows: AttendanceRow[] }) {
  const [order, setOrder] = useState<Order>({ by: 'name', down: false });
  const [find, setFind] = useState('');
  const wanted = find.trim().toLocaleLowerCase(locale());
  const found = useMemo(
    () => sorted(wanted ? rows.filter((r) => r.name.toLocaleLowerCase(locale()).includes(wanted)) : rows, order),
    [rows, order, wanted, locale()],
  );
  const from = Math.min(...rows.map((r) => r.first_in));
  const to = Math.max(...rows.map((r) => r.last_out));
  const head = (by: Column) => (
    <th scope="col" role="columnheader" aria-sort={order.by === by ? (order.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="sort" onClick={() => setOrder({ by, down: order.by === by && !order.down })}>
        {t(`attend.${by}`)}
        <span class="sort-mark" aria-hidden="true">{order.by === by ? (order.down ? '↓' : '↑') : ''}</span>
      </button>
    </th>
  );
  return (
    <section class="section" aria-labelledby="who">
      <h2 id="who">{t('attend.list')}</h2>
      {rows.length >= SEARCH_FROM && (
        <input class="input attend-find" type="search" value={find} placeholder={t('people.find')} aria-label={t('people.find')}
          autocomplete="off" onInput={(e) => setFind(e.currentTarget.value)} />
      )}
      {found.length === 0 && <p role="status">{t('people.noneFound')}</p>}
      <table class="attend" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {head('name')}
            {head('in')}
            {head('out')}
            {head('time')}
            <th scope="col" role="columnheader">{t('attend.signs')}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {found.slice(0, SHOWN_MAX).map((r) => <Row key={r.member} row={r} from={from} to={to} />)}
        </tbody>
      </table>
      {found.length > SHOWN_MAX && <p class="soft">{t('people.more', { count: found.length - SHOWN_MAX })}</p>}
    </section>
  );
}

function Sums({ of }: { of: Attendance }) {
  const here = of.rows.filter((r) => r.here).length;
  const late = of.rows.filter((r) => r.late_ms > 0).length;
  const average = of.rows.reduce((sum, r) => sum + r.total_ms, 0) / of.rows.length;
  const peak = of.curve && peakOf(of.curve);
  const all: [string, string | number][] = [[t('attend.were'), of.rows.length]];
  if (!of.ended_at) all.push([t('attend.now'), here]);
  all.push([t('attend.average'), spanOf(average)]);
  if (peak) all.push([t('attend.most'), t('attend.mostAt', { count: peak.count, at: timeOf(peak.at) })]);
  if (late > 0) all.push([t('attend.lateCount'), late]);
  return (
    <dl class="attend-sums">
      {all.map(([name, value]) => (
        <div key={name}>
          <dt class="soft small">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Whole({ of, id }: { of: Attendance; id: string }) {
  if (of.rows.length === 0) {
    return (
      <Empty icon="people" title={t('attend.none')}>
        <p>{t('attend.noneText')}</p>
      </Empty>
    );
  }
  return (
    <>
      <Sums of={of} />
      <div class="row">
        <a class="btn" href={api.attendanceCsv(id)} download>
          <Icon name="download" />
          {t('attend.csv')}
        </a>
        {of.opened_at && !of.ended_at && <p class="soft small">{t('attend.live')}</p>}
      </div>
      {of.curve && (
        <section class="section" aria-labelledby="curve">
          <h2 id="curve">{t('attend.chart')}</h2>
          <CurveChart curve={of.curve} />
        </section>
      )}
      <Table rows={of.rows} />
    </>
  );
}

export function AttendancePage({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const data = useLoad(id, () => api.attendance(id));
  const live = data.value !== null && !data.value.ended_at;
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && data.reload(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [live, data.reload]);
  return (
    <main id="main" class="page">
      <a class="back" href={`/e/${id}`}>{t('attend.back')}</a>
      <Title text={data.value ? `${t('attend.title')}: ${data.value.title}` : t('attend.title')} />
      <p><a class="back" href={`/e/${id}/moderation`}>{t('modlog.title')}</a></p>
      <Show of={data}>{(of) => <Whole of={of} id={id} />}</Show>
    </main>
  );
}
