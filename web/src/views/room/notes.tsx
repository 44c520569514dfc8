/* notes — the panel in which people write together: a field of plain text in which what others write appears, with a mark
 * where each of them is, and which goes along. A file of its own. */

import { computed } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { errorText, t } from '../../i18n';
import { editOf, NOTES_CHARS, shifted, type Step } from '../../protocol/notes';
import type { Live } from '../../state/live';
import { toast } from '../../state/notices';
import { Pad } from '../../state/pad';
import { Takeaway } from '../../widgets/takeaway';
import '../../styles/notes.css';
import { useLive } from './context';

/* Nearer to the end than this, one is told how much is left. */
const LEFT_SHOWN = 500;

/* It outlives the panel: what is typed goes on to the room when the panel is closed. */
const pads = new WeakMap<Live, Pad>();
function padOf(live: Live): Pad {
  const old = pads.get(live);
  if (old) return old;
  const pad = new Pad({
    notes: live.notes,
    isLive: computed(() => live.line.value.at === 'live'),
    me: () => live.me.peek().id,
    request: live.request,
    refused: (e) => toast(errorText(e), 'bad'),
  });
  document.addEventListener('visibilitychange', () => void pad.flush());
  pads.set(live, pad);
  return pad;
}

const through = (place: number, changes: readonly (readonly Step[])[]): number => changes.reduce(shifted, place);

/** Keeps the field and the document the same and the caret at its place. While a word is being composed (by an input
 * method) the field is let alone: what others write meanwhile is put in after it. */
function useField(pad: Pad) {
  const field = useRef<HTMLTextAreaElement>(null);
  const base = useRef('');
  const missed = useRef<(readonly Step[])[]>([]);
  const composing = useRef(false);
  const show = (el: HTMLTextAreaElement, from: number, to: number): void => {
    const { scrollTop } = el;
    base.current = pad.text.peek();
    missed.current = [];
    if (el.value === base.current) return;
    el.value = base.current;
    if (document.activeElement === el) el.setSelectionRange(from, to);
    el.scrollTop = scrollTop;
  };
  const follow = (): void => {
    const el = field.current;
    if (el && !composing.current) show(el, through(el.selectionStart, missed.current), through(el.selectionEnd, missed.current));
  };
  const written = (el: HTMLTextAreaElement): void => {
    const edit = editOf(base.current, el.value, el.selectionEnd);
    if (!edit) return follow();
    const at = through(edit.at, missed.current);
    pad.write({ at, removed: through(edit.at + edit.removed, missed.current) - at, inserted: edit.inserted });
    show(el, at + edit.inserted.length, at + edit.inserted.length);
  };
  useLayoutEffect(() => {
    follow();
    pad.changed = (steps) => {
      missed.current.push(steps);
      follow();
    };
    return () => void (pad.changed = () => undefined);
  }, [pad]);
  return {
    field,
    onInput: (el: HTMLTextAreaElement): void => {
      if (!composing.current) written(el);
    },
    onCompose: (el: HTMLTextAreaElement, on: boolean): void => {
      composing.current = on;
      if (!on) written(el);
    },
  };
}

/** The same text laid out behind the field, unseen but for the marks. */
function Marks({ pad, of }: { pad: Pad; of: RefObject<HTMLDivElement | null> }) {
  const live = useLive();
  const text = pad.text.value;
  const writers = [...pad.writers.value].sort((a, b) => a.at - b.at);
  let from = 0;
  return (
    <div class="notes-marks" aria-hidden="true" ref={of}>
      {writers.map((w) => {
        const before = text.slice(from, w.at);
        from = Math.max(from, w.at);
        return (
          <span key={w.who}>
            {before}
            <i class="notes-mark" data-name={live.members.value.get(w.who)?.name ?? ''} />
          </span>
        );
      })}
      {text.slice(from)}
    </div>
  );
}

function Writers({ pad }: { pad: Pad }) {
  const live = useLive();
  const named = pad.writers.value.flatMap((w) => {
    const name = live.members.value.get(w.who)?.name;
    return name ? [{ ...w, name }] : [];
  });
  if (named.length === 0) return null;
  return (
    <ul class="notes-writers" aria-label={t('notes.writing')}>
      {named.map((w) => <li key={w.who} class="chip">{t('notes.writes', { name: w.name, line: w.line })}</li>)}
    </ul>
  );
}

function State({ pad }: { pad: Pad }) {
  const live = useLive();
  const state = pad.state.value;
  const left = NOTES_CHARS - pad.text.value.length;
  if (state === 'full') return <p class="note bad" role="alert">{t('notes.full')}</p>;
  if (left < LEFT_SHOWN) return <p class="note warn">{t('notes.left', { count: Math.max(0, left) })}</p>;
  const cut = state === 'saving' && live.line.value.at !== 'live';
  return <p class="soft small" data-notes={state}>{t(cut ? 'notes.offline' : `notes.${state}`)}</p>;
}

/** The browser's own undo would take back what others wrote. */
function undone(e: KeyboardEvent, pad: Pad): void {
  if (!(e.ctrlKey || e.metaKey) || e.altKey || (e.code !== 'KeyZ' && e.code !== 'KeyY')) return;
  e.preventDefault();
  if (e.code === 'KeyY' || e.shiftKey) pad.redo();
  else pad.undo();
}

export function NotesPanel() {
  const live = useLive();
  const pad = padOf(live);
  const marks = useRef<HTMLDivElement>(null);
  const { field, onInput, onCompose } = useField(pad);
  const may = Boolean(live.can.value.notes);
  const hint = !may ? 'notes.read' : live.info.value.keep === 'counts' ? 'notes.hintCounts' : 'notes.hint';
  return (
    <div class="notes">
      <p class="soft small" id="notes-hint">{t(hint)}</p>
      <div class="notes-paper">
        <Marks pad={pad} of={marks} />
        <textarea ref={field} class="notes-field" aria-label={t('notes.text')} aria-describedby="notes-hint" readOnly={!may}
          maxLength={NOTES_CHARS} placeholder={may ? t('notes.placeholder') : ''} spellcheck
          onInput={(e) => onInput(e.currentTarget)} onKeyDown={(e) => undone(e, pad)}
          onCompositionStart={(e) => onCompose(e.currentTarget, true)} onCompositionEnd={(e) => onCompose(e.currentTarget, false)}
          onScroll={(e) => marks.current && (marks.current.scrollTop = e.currentTarget.scrollTop)} />
      </div>
      <Writers pad={pad} />
      {may && <State pad={pad} />}
      <Takeaway text={pad.text.value} title={live.title.value} />
    </div>
  );
}
