/* reports — on top of the people, for who moderates: messages and questions somebody reported. */

import { t } from '../../i18n';
import { reportedOnes, type Report } from '../../protocol/order';
import { Icon } from '../../widgets/icons';
import { Linked } from '../../widgets/linked';
import { useLive } from './context';

function One({ r }: { r: Report & { count: number } }) {
  const live = useLive();
  const name = (who: string): string => live.members.value.get(who)?.name ?? t('order.nobody');
  const isChat = live.chat.value.some((c) => c.seq === r.n && !c.who && !c.hosts);
  const isAsk = live.asks.value.some((a) => a.n === r.n);
  const remove = async (): Promise<void> => {
    const gone = isChat ? await live.command('unchat', { n: r.n }) : await live.command('ask_state', { n: r.n, state: 'dismissed' });
    if (gone) await live.command('report_done', { n: r.n });
  };
  return (
    <li class="report" data-report={r.n}>
      <p class="line-head">
        <span class="line-name">{r.name || t('order.nobody')}</span>
        <span class="soft">{r.count > 1 ? t('order.fromMany', { count: r.count }) : t('order.from', { name: name(r.by) })}</span>
      </p>
      <Linked text={r.text} />
      <div class="row">
        {(isChat || isAsk) && (
          <button type="button" class="btn small-btn" onClick={() => void remove()}>{t('order.delete')}</button>
        )}
        <button type="button" class="btn quiet small-btn" onClick={() => void live.command('report_done', { n: r.n })}>
          {t('order.leave')}
        </button>
      </div>
    </li>
  );
}

export function Reports() {
  const live = useLive();
  const list = reportedOnes(live.order.now.value.reports);
  if (list.length === 0 || !live.can.value.moderate) return null;
  return (
    <section class="waiting reports" aria-labelledby="reports-title">
      <h2 id="reports-title"><Icon name="warn" />{t('order.reports', { count: list.length })}</h2>
      <ul>
        {list.map((r) => <One key={r.n} r={r} />)}
      </ul>
    </section>
  );
}
