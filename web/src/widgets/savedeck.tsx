/* savedeck — the button that gives a deck with what was drawn on it. */

import { useState } from 'preact/hooks';
import { t } from '../i18n';
import type { Mark } from '../protocol/ink';
import type { Deck } from '../protocol/slides';
import { toast } from '../state/notices';
import { Icon } from './icons';
import { saveAs } from './save';
import { largePicture, slideBase } from './slide';

export function SaveDeck({ event, deck, marks }: { event: string; deck: Deck; marks: readonly Mark[] }) {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const { annotatedDeck } = await import('./inkpdf');
      const base = slideBase(event, deck.file);
      const drawn = marks.filter((m) => m.deck === deck.n);
      saveAs(await annotatedDeck(`${base}.pdf`, deck.pages, (page) => largePicture(base, page), drawn), `${deck.text}.pdf`);
    } catch {
      toast(t('ink.notSaved'), 'bad');
    }
    setBusy(false);
  };
  return (
    <button type="button" class="btn quiet icon-only" aria-label={t('ink.save')} title={t('ink.save')} aria-busy={busy} disabled={busy} onClick={() => void save()}>
      <Icon name="download" />
    </button>
  );
}
