/* slidescard — slides brought from the event's page, before the session: they are there when the room opens. */

import type { EventDoc } from '../api/types';
import { t } from '../i18n';
import { tp } from '../i18n/plan';
import { Coming, PickFile, useBringing } from './bringing';

const noTicket = (): Promise<null> => Promise.resolve(null);

export function SlidesCard({ event: e }: { event: EventDoc }) {
  const b = useBringing(e.id, noTicket);
  return (
    <section class="card stack wide" aria-labelledby="slides">
      <h2 id="slides">{t('slides.title')}</h2>
      <p class="soft">{tp('slides.before')}</p>
      <div class="decks">
        <PickFile of={b} primary={false} />
        <p class="soft small">{t('slides.hint')}</p>
        {b.wrong && <p class="note bad" role="alert">{b.wrong}</p>}
        {b.rows.length > 0 && (
          <ul class="deck-list">
            {b.rows.map((row) =>
              row.state === 'ready' ? (
                <li key={row.id}>
                  <p class="deck-title">{row.title} <span class="soft small">{t('slides.pages', { count: row.pages ?? 0 })}</span></p>
                </li>
              ) : (
                <Coming key={row.id} of={b} row={row} />
              ),
            )}
          </ul>
        )}
      </div>
    </section>
  );
}
