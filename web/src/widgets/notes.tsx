/* notes — what was written together, beside a lesson. A file of its own, for it brings Yjs. */

import { useMemo } from 'preact/hooks';
import { t } from '../i18n';
import type { Notes } from '../protocol/notes';
import { textOf } from '../state/pad';
import { Linked } from './linked';
import { Takeaway } from './takeaway';
import '../styles/notes.css';

export function NotesCard({ notes, title }: { notes: Notes; title: string }) {
  const text = useMemo(() => textOf(notes), [notes]);
  if (text.trim() === '') return null;
  return (
    <aside class="replay card" aria-label={t('notes.title')}>
      <h2>{t('notes.title')}</h2>
      <div class="notes-read" tabIndex={0} role="region" aria-label={t('notes.text')}>
        <Linked text={text} />
      </div>
      <Takeaway text={text} title={title} />
    </aside>
  );
}
