/* polledit — a question being made: its kind, its words, what can be answered and what is right. */

import { useId, useState } from 'preact/hooks';
import { t } from '../../i18n';
import type { Poll, PollKind } from '../../protocol/polls';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

const KINDS: PollKind[] = ['single', 'multiple', 'words', 'scale', 'rank'];
const OPTIONS_MAX = 20;
const RANK_MAX = 10;
const STEPS = [2, 3, 4, 5, 6, 7, 8, 9, 10];

interface Option {
  text: string;
  right: boolean;
}

function Options({ kind, list, onList }: { kind: PollKind; list: Option[]; onList: (v: Option[]) => void }) {
  const quiz = kind === 'single' || kind === 'multiple';
  const set = (i: number, change: Partial<Option>): void => onList(list.map((o, k) => (k === i ? { ...o, ...change } : o)));
  return (
    <fieldset class="poll-options">
      <legend class="label">{t('poll.options')}</legend>
      {list.map((o, i) => (
        <div class="row" key={i}>
          <input class="input" value={o.text} maxLength={200} aria-label={t('poll.option', { n: i + 1 })} autocomplete="off"
            onInput={(e) => set(i, { text: e.currentTarget.value })} />
          {quiz && (
            <label class="check" title={t('poll.right')}>
              <input type="checkbox" checked={o.right} aria-label={t('poll.rightNo', { n: i + 1 })}
                onChange={(e) => set(i, { right: e.currentTarget.checked })} />
              <Icon name="check" />
            </label>
          )}
          {list.length > 2 && (
            <button type="button" class="btn quiet icon-only" aria-label={t('poll.optionDrop', { n: i + 1 })}
              onClick={() => onList(list.filter((_, k) => k !== i))}>
              <Icon name="close" />
            </button>
          )}
        </div>
      ))}
      {list.length < (kind === 'rank' ? RANK_MAX : OPTIONS_MAX) && (
        <button type="button" class="btn quiet small-btn" onClick={() => onList([...list, { text: '', right: false }])}>
          <Icon name="plus" />{t('poll.optionAdd')}
        </button>
      )}
      {quiz && <p class="hint soft small">{t('poll.rightHint')}</p>}
    </fieldset>
  );
}

export function PollEditor({ poll, onDone }: { poll?: Poll; onDone: () => void }) {
  const live = useLive();
  const id = useId();
  const [kind, setKind] = useState<PollKind>(poll?.kind ?? 'single');
  const [text, setText] = useState(poll?.text ?? '');
  const [anonymous, setAnonymous] = useState(poll?.anonymous ?? false);
  const [steps, setSteps] = useState(poll?.steps || 5);
  const [points, setPoints] = useState(poll?.points || 1);
  const made = (poll?.options ?? []).map((o, i) => ({ text: o, right: poll?.right.includes(i) ?? false }));
  const [list, setList] = useState<Option[]>(made.length >= 2 ? made : [{ text: '', right: false }, { text: '', right: false }]);
  const [busy, setBusy] = useState(false);
  const listed = kind !== 'words' && kind !== 'scale';
  const filled = list.map((o) => ({ ...o, text: o.text.trim() })).filter((o) => o.text !== '');
  const ready = text.trim() !== '' && (!listed || filled.length >= 2);
  const right = kind === 'single' || kind === 'multiple' ? filled.flatMap((o, i) => (o.right ? [i] : [])) : [];
  const save = async (start: boolean): Promise<void> => {
    setBusy(true);
    const n = await live.talk.makePoll({
      ...(poll ? { n: poll.n } : {}), kind, text: text.trim(), anonymous,
      ...(listed ? { options: filled.map((o) => o.text) } : {}),
      ...(kind === 'scale' ? { steps } : {}),
      ...(right.length > 0 ? { right, points } : {}),
    });
    if (n !== null && start) await live.command('poll_open', { n });
    setBusy(false);
    if (n !== null) onDone();
  };
  return (
    <form class="poll poll-editor" onSubmit={(e) => {
      e.preventDefault();
      if (ready && !busy) void save(true);
    }}>
      <div class="field">
        <label for={`${id}k`}>{t('poll.kind')}</label>
        <select id={`${id}k`} class="input" value={kind} onChange={(e) => setKind(e.currentTarget.value as PollKind)}>
          {KINDS.map((k) => <option key={k} value={k}>{t(`poll.kind.${k}`)}</option>)}
        </select>
      </div>
      <div class="field">
        <label for={`${id}q`}>{t('poll.question')}</label>
        <textarea id={`${id}q`} class="input" rows={2} maxLength={500} value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </div>
      {listed && <Options kind={kind} list={list} onList={setList} />}
      {kind === 'scale' && (
        <div class="field">
          <label for={`${id}s`}>{t('poll.steps')}</label>
          <select id={`${id}s`} class="input" value={steps} onChange={(e) => setSteps(Number(e.currentTarget.value))}>
            {STEPS.map((s) => <option key={s} value={s}>{`1–${s}`}</option>)}
          </select>
        </div>
      )}
      {right.length > 0 && (
        <div class="field">
          <label for={`${id}p`}>{t('poll.worth')}</label>
          <input id={`${id}p`} class="input" type="number" min={1} max={1000} value={points}
            onInput={(e) => setPoints(Math.min(1000, Math.max(1, Math.round(Number(e.currentTarget.value) || 1))))} />
        </div>
      )}
      <label class="check">
        <input type="checkbox" checked={anonymous} onChange={(e) => setAnonymous(e.currentTarget.checked)} />
        <span>{t('poll.makeAnonymous')}</span>
      </label>
      <div class="row">
        <button type="submit" class="btn primary" disabled={!ready || busy}>{t('poll.open')}</button>
        <button type="button" class="btn" disabled={!ready || busy} onClick={() => void save(false)}>{t('poll.save')}</button>
        <button type="button" class="btn quiet" onClick={onDone}>{t('cancel')}</button>
      </div>
    </form>
  );
}
