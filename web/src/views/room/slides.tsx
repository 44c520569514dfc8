/* slides — the page everybody is shown; who may turn turns for all, anybody may leaf by himself and come back. */

import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { isBoard, shownDeck } from '../../protocol/slides';
import { Icon } from '../../widgets/icons';
import { SaveBoard } from '../../widgets/saveboard';
import { SaveDeck } from '../../widgets/savedeck';
import { Slide, slideBase, smallPicture } from '../../widgets/slide';
import { Board } from './board';
import { useLive } from './context';
import { Drawing, FIRST_PEN, Tools } from './draw';
import type { Pen } from './hand';

function Overview({ base, pages, page, onPick }: { base: string; pages: number; page: number; onPick: (n: number) => void }) {
  return (
    <ol class="slide-overview" aria-label={t('slides.overview')}>
      {Array.from({ length: pages }, (_, i) => i + 1).map((n) => (
        <li key={n}>
          <button type="button" aria-current={n === page ? 'true' : undefined} onClick={() => onPick(n)}
            aria-label={t('slides.page', { page: n, pages })}>
            <img src={smallPicture(base, n)} alt="" loading="lazy" />
            <span aria-hidden="true">{n}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** A key that belongs to what has focus is not for turning. */
const isTaken = (e: KeyboardEvent): boolean =>
  e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey ||
  Boolean((e.target as HTMLElement | null)?.closest?.('input, textarea, select, [contenteditable], dialog, [role="menu"], [role="log"], video'));

export function SlidesView({ id }: { id: string }) {
  const live = useLive();
  const deck = shownDeck(live.slides.value);
  /* A page looked at alone: of this deck, while it is the one that is shown. */
  const [own, setOwn] = useState<{ n: number; page: number } | null>(null);
  const [all, setAll] = useState(false);
  const [pen, setPen] = useState<Pen | null>(null);
  const leads = live.can.value.slides ?? false;
  const page = deck && own?.n === deck.n ? own.page : (deck?.page ?? 1);
  const isAlone = deck !== null && own?.n === deck.n;
  const turn = (to: number): void => {
    if (!deck || to < 1 || to > deck.pages || to === page) return;
    if (leads && !isAlone) void live.command('slide', { n: deck.n, page: to });
    else setOwn(!leads && to === deck.page ? null : { n: deck.n, page: to });
  };
  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      if (!deck || isTaken(e)) return;
      const to: Record<string, number> = {
        ArrowRight: page + 1, PageDown: page + 1, ArrowLeft: page - 1, PageUp: page - 1, Home: 1, End: deck.pages,
      };
      const wanted = to[e.key];
      if (wanted === undefined) return;
      e.preventDefault();
      turn(wanted);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  if (!deck) return null;
  const board = isBoard(deck);
  const draws = leads || (board && deck.open === true);
  const base = slideBase(id, deck.file);
  const sharp = live.thin.value === 'wide' && !live.thrift.audioOnly.value && !live.thrift.saving.value;
  return (
    <section class="slides" aria-label={t('slides.shown', { title: deck.text })}>
      {board ? (
        <Board key={deck.n} deck={deck.n} pen={draws ? pen : null} />
      ) : all ? (
        <Overview base={base} pages={deck.pages} page={page} onPick={(n) => (turn(n), setAll(false))} />
      ) : (
        <Slide base={base} page={page} pages={deck.pages} sharp={sharp}>
          {(shape) => <Drawing deck={deck.n} page={page} pen={leads ? pen : null} shape={shape} />}
        </Slide>
      )}
      <div class="slide-bar" role="group" aria-label={t('slides.turning')}>
        {!board && <>
        <button type="button" class="btn quiet icon-only" aria-label={t('slides.previous')} disabled={page <= 1} onClick={() => turn(page - 1)}>
          <Icon name="left" />
        </button>
        <span class="slide-count" aria-live="polite">{t('slides.count', { page, pages: deck.pages })}</span>
        <button type="button" class="btn quiet icon-only" aria-label={t('slides.next')} disabled={page >= deck.pages} onClick={() => turn(page + 1)}>
          <Icon name="right" />
        </button>
        <button type="button" class="btn quiet icon-only" aria-label={t('slides.overview')} aria-pressed={all} onClick={() => setAll(!all)}>
          <Icon name="slides" />
        </button>
        </>}
        {draws && (board || !all) && (
          <button type="button" class="btn quiet icon-only" aria-label={t('ink.draw')} aria-pressed={pen !== null}
            onClick={() => setPen(pen ? null : FIRST_PEN)}>
            <Icon name="pen" />
          </button>
        )}
        {draws && (board || !all) && pen && <Tools pen={pen} onPick={setPen} deck={deck.n} page={page} />}
        {board && leads && (
          <button type="button" class="btn quiet" aria-pressed={deck.open === true}
            onClick={() => void live.command('board_open', { n: deck.n, on: !deck.open })}>{t('board.open')}</button>
        )}
        {board ? <SaveBoard deck={deck} marks={live.ink.value} /> : <SaveDeck event={id} deck={deck} marks={live.ink.value} />}
        {isAlone && (
          <button type="button" class="btn primary" onClick={() => setOwn(null)}>{t('slides.follow')}</button>
        )}
        {leads && !isAlone && (
          <button type="button" class="btn quiet" onClick={() => void live.command('slide', { n: 0 })}>{t('slides.hide')}</button>
        )}
      </div>
    </section>
  );
}
