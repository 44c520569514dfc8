/* decks — the host's slides: bringing a PDF, what became of it, which one is shown. */

import { t } from '../../i18n';
import { isBoard } from '../../protocol/slides';
import { user } from '../../state/session';
import { Dialog } from '../../widgets/basic';
import { Coming, PickFile, useBringing } from '../../widgets/bringing';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

export function DecksDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const live = useLive();
  const slides = live.slides.value;
  const b = useBringing(id, async () => (user.peek() ? null : live.ticket()));

  const addBoard = async (): Promise<void> => {
    const n = slides.decks.filter(isBoard).length + 1;
    if (!(await live.command('board', { text: t('board.title', { n }) }))) return;
    const made = live.slides.peek().decks.filter(isBoard).at(-1);
    if (made) void live.command('slide', { n: made.n });
    onClose();
  };

  const coming = b.rows.filter((r) => r.state !== 'ready' && !slides.decks.some((d) => d.file === r.id));
  return (
    <Dialog title={t('slides.title')} onClose={onClose} actions={
      <button type="button" class="btn" onClick={onClose}>{t('close')}</button>
    }>
      <div class="decks">
        <PickFile of={b} primary />
        <button type="button" class="btn" onClick={() => void addBoard()}>
          <Icon name="pen" />
          {t('board.new')}
        </button>
        <p class="soft small">{t('slides.hint')}</p>
        {b.wrong && <p class="note bad" role="alert">{b.wrong}</p>}
        <ul class="deck-list">
          {coming.map((row) => (
            <Coming key={row.id} of={b} row={row} />
          ))}
          {slides.decks.map((d) => (
            <li key={d.n}>
              <p class="deck-title">{d.text} <span class="soft small">{isBoard(d) ? t('board.name') : t('slides.pages', { count: d.pages })}</span></p>
              <div class="row">
                {slides.shown === d.n ? (
                  <button type="button" class="btn" onClick={() => void live.command('slide', { n: 0 })}>{t('slides.hide')}</button>
                ) : (
                  <button type="button" class="btn primary" onClick={() => {
                    void live.command('slide', { n: d.n });
                    onClose();
                  }}>{t('slides.show')}</button>
                )}
                <button type="button" class="btn quiet" onClick={() => void live.command('deck_drop', { n: d.n })}>{t('slides.drop')}</button>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
