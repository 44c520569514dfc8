/* moderation — who kept order in an event, by what, over whom; for hosts and staff, while it is on and after it. */

import * as api from '../api';
import type { Moderation, ModerationRow } from '../api/types';
import { t } from '../i18n';
import { momentOf } from '../i18n/dates';
import { ALL_ABILITIES, isOff } from '../protocol/order';
import { Empty, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Linked } from '../widgets/linked';
import { Show, useLoad } from '../widgets/load';
import '../styles/attendance.css';

const SHOWN_MAX = 500;

/** What was done, in words. */
function deed(r: ModerationRow): string {
  const { type } = r;
  switch (type) {
    case 'removed':
      return t(r.ban ? 'modlog.bannedOut' : 'modlog.removed');
    case 'locked':
      return t(r.on ? 'modlog.lockedOn' : 'modlog.lockedOff');
    case 'lobby':
      return t(r.on ? 'modlog.lobbyOn' : 'modlog.lobbyOff');
    case 'cameras':
      return t(r.on ? 'modlog.camerasOn' : 'modlog.camerasOff');
    case 'chat_rules':
      return r.on ? t('modlog.chatHosts') : r.seconds ? t('modlog.chatSlow', { n: r.seconds }) : t('modlog.chatAll');
    case 'role':
      return t('modlog.role', { role: r.role && r.role !== 'attendee' ? t(`role.${r.role}`) : t('modlog.attendee') });
    case 'limited': {
      const what = ALL_ABILITIES.filter((a) => isOff(r.off ?? [], a)).map((a) => t(`order.${a}`).toLocaleLowerCase()).join(', ');
      return t(r.role === 'speaker' ? 'modlog.limited.speaker' : 'modlog.limited.attendee', { what: what || t('modlog.nothing') });
    }
    default:
      return t(`modlog.${type}`);
  }
}

function Row({ r }: { r: ModerationRow }) {
  return (
    <tr role="row">
      <th scope="row" role="rowheader">{deed(r)}{r.text && <div class="modlog-text"><Linked text={r.text} /></div>}</th>
      <td role="cell" data-label={t('modlog.did')}>{r.by_name || t('modlog.server')}</td>
      <td role="cell" data-label={t('modlog.whom')}>{r.name || <span class="soft">—</span>}</td>
      <td role="cell" data-label={t('modlog.when')}>{momentOf(r.at)}</td>
    </tr>
  );
}

function Whole({ of, id }: { of: Moderation; id: string }) {
  if (!of.kept || of.rows.length === 0) {
    return (
      <Empty icon="check" title={t(of.kept ? 'modlog.none' : 'modlog.notKept')}>
        <p>{t(of.kept ? 'modlog.noneText' : 'modlog.notKeptText')}</p>
      </Empty>
    );
  }
  const rows = [...of.rows].reverse().slice(0, SHOWN_MAX);
  return (
    <>
      <div class="row">
        <a class="btn" href={api.moderationCsv(id)} download>
          <Icon name="download" />
          {t('modlog.csv')}
        </a>
      </div>
      <table class="attend modlog" role="table" aria-label={t('modlog.title')}>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">{t('modlog.what')}</th>
            <th scope="col" role="columnheader">{t('modlog.did')}</th>
            <th scope="col" role="columnheader">{t('modlog.whom')}</th>
            <th scope="col" role="columnheader">{t('modlog.when')}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((r) => <Row key={r.seq} r={r} />)}
        </tbody>
      </table>
      {of.rows.length > SHOWN_MAX && <p class="soft">{t('people.more', { count: of.rows.length - SHOWN_MAX })}</p>}
    </>
  );
}

export function ModerationPage({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const data = useLoad(id, () => api.moderation(id));
  return (
    <main id="main" class="page">
      <a class="back" href={`/e/${id}/attendance`}>{t('modlog.back')}</a>
      <Title text={data.value ? `${t('modlog.title')}: ${data.value.title}` : t('modlog.title')} />
      <Show of={data}>{(of) => <Whole of={of} id={id} />}</Show>
    </main>
  );
}
