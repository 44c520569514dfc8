/* saveboard — the buttons that give a whiteboard as a picture and as a PDF. */

import { t } from '../i18n';
import type { Mark } from '../protocol/ink';
import type { Deck } from '../protocol/slides';
import { toast } from '../state/notices';
import { saveAs } from './save';

export function SaveBoard({ deck, marks }: { deck: Deck; marks: readonly Mark[] }) {
  const save = async (kind: 'png' | 'pdf'): Promise<void> => {
    const drawn = marks.filter((m) => m.deck === deck.n);
    try {
      const { boardPdf, boardPng } = await import('./boardfile');
      saveAs(await (kind === 'png' ? boardPng : boardPdf)(drawn), `${deck.text}.${kind}`);
    } catch {
      toast(t('ink.notSaved'), 'bad');
    }
  };
  return (
    <>
      <button type="button" class="btn quiet" onClick={() => void save('png')}>{t('board.png')}</button>
      <button type="button" class="btn quiet" onClick={() => void save('pdf')}>{t('board.pdf')}</button>
    </>
  );
}
