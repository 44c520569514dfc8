/* pager — the way through a list that has more pages than one; which page it is stands in the address. */

import { t } from '../i18n';
import type { Page } from '../api/types';

export function Pager({ of, href }: { of: Page; href: (page: number) => string }) {
  if (of.pages <= 1) return null;
  return (
    <nav class="row pager" aria-label={t('pager.label')}>
      {of.page > 1 && (
        <a class="btn" href={href(of.page - 1)}>
          {t('pager.back')}
        </a>
      )}
      <span class="soft">{t('pager.at', { page: of.page, pages: of.pages })}</span>
      {of.page < of.pages && (
        <a class="btn" href={href(of.page + 1)}>
          {t('pager.next')}
        </a>
      )}
    </nav>
  );
}
