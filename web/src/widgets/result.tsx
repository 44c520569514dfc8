/* result — what a poll has come to, as bars with their figures in words. */

import { t } from '../i18n';
import { barNames, type Poll } from '../protocol/polls';
import { Icon } from './icons';

export function Result({ poll, mine = [], onHide }: { poll: Poll; mine?: number[]; onHide?: (words: string) => void }) {
  const names = barNames(poll);
  const most = Math.max(1, ...poll.counts);
  const share = (n: number): string => t('poll.share', { n, percent: poll.answers ? Math.round((100 * n) / poll.answers) : 0 });
  const picked = (i: number): boolean => mine.includes(poll.kind === 'scale' ? i + 1 : i);
  return (
    <>
      <ul class="poll-result">
        {names.map((name, i) => (
          <li key={`${i} ${name}`} class={poll.right.includes(i) ? 'right' : ''}>
            <span class="poll-bar-name">
              {poll.right.includes(i) && <Icon name="check" />}
              {poll.right.includes(i) && <span class="hidden-text">{t('poll.right')}</span>}
              {name}
              {poll.kind !== 'rank' && poll.kind !== 'words' && picked(i) && <span class="soft small"> · {t('poll.yours')}</span>}
            </span>
            <span class="poll-bar-n">
              {poll.kind === 'rank' ? t('poll.points', { count: poll.counts[i] ?? 0 }) : share(poll.counts[i] ?? 0)}
              {onHide && (
                <button type="button" class="btn quiet icon-only small-btn" title={t('poll.hide')}
                  aria-label={t('poll.hideName', { name })} onClick={() => onHide(name)}>
                  <Icon name="close" />
                </button>
              )}
            </span>
            <span class="bar" aria-hidden="true"><span style={{ inlineSize: `${(100 * (poll.counts[i] ?? 0)) / most}%` }} /></span>
          </li>
        ))}
      </ul>
      <p class="soft small">{t('poll.answers', { count: poll.answers })}</p>
    </>
  );
}
