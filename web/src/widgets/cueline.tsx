/* cueline — a finished caption that may be corrected or withdrawn: in the room by who wrote it or a host, in a lesson by
 * its editors. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icons';
import '../styles/captions.css';

export interface CueChanges {
  /** False: it was refused, and what was typed stays. */
  save: (text: string) => Promise<boolean>;
  drop: () => void;
}

/** The two buttons of a line; `text` names it for who cannot see where they stand. `back`: who corrected it is here again.
 * With a line that goes, the focus goes to all of them (`data-cues`). */
export function CueButtons({ text, back, onEdit, onDrop }: { text: string; back: boolean; onEdit: () => void; onDrop: () => void }) {
  const pen = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (back) pen.current?.focus();
  }, []);
  return (
    <span class="cue-tools">
      <button ref={pen} type="button" class="btn quiet icon-only small-btn" aria-label={t('cc.edit', { text })} title={t('cc.editShort')} onClick={onEdit}>
        <Icon name="pen" />
      </button>
      <button type="button" class="btn quiet icon-only small-btn" aria-label={t('cc.drop', { text })} title={t('cc.dropShort')} onClick={(e) => {
        e.currentTarget.closest<HTMLElement>('[data-cues]')?.focus();
        onDrop();
      }}>
        <Icon name="trash" />
      </button>
    </span>
  );
}

interface CueFormProps {
  text: string;
  lang: string;
  max: number;
  /** What somebody else has made of the line meanwhile, "" = withdrawn: to save is to overwrite that now. */
  other?: string | null;
  onSave: CueChanges['save'];
  onDone: () => void;
}

export function CueForm({ text, lang, max, other = null, onSave, onDone }: CueFormProps) {
  const [now, setNow] = useState(text);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const save = async (): Promise<void> => {
    const clean = now.replace(/\s+/g, ' ').trim();
    if (clean && ((clean === text && other === null) || (await onSave(clean)))) onDone();
  };
  return (
    <form class="cue-form" onSubmit={(e) => (e.preventDefault(), void save())}>
      <input ref={box} class="input" value={now} lang={lang} maxLength={max} aria-label={t('cc.correct')}
        onInput={(e) => setNow(e.currentTarget.value)} onKeyDown={(e) => {
          if (e.code !== 'Escape') return;
          e.stopPropagation();
          onDone();
        }} />
      <button type="submit" class="btn primary icon-only small-btn" disabled={now.trim() === ''} aria-label={t('cc.save')} title={t('cc.save')}>
        <Icon name="check" />
      </button>
      <button type="button" class="btn quiet icon-only small-btn" aria-label={t('cancel')} title={t('cancel')} onClick={onDone}>
        <Icon name="close" />
      </button>
      {other !== null && (
        <p class="note small" role="alert">
          {other ? t('cc.meanwhile', { text: other }) : t('cc.meanwhileGone')}
        </p>
      )}
    </form>
  );
}
