/* door — for who moderates: those who wait in the lobby in their order, let in one by one, some, or all; and the
 * message they read meanwhile. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

const TEXT_MAX = 500;

function Message() {
  const live = useLive();
  const text = live.room.value.lobbyText;
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null) {
    return (
      <p class="door-message small">
        <span>{text || t('door.noMessage')}</span>
        <button type="button" class="text-btn" onClick={() => setDraft(text)}>{t('door.write')}</button>
      </p>
    );
  }
  const save = async (): Promise<void> => {
    const next = draft.trim();
    if (await live.command('lobby_text', next ? { text: next } : {})) setDraft(null);
  };
  return (
    <form class="door-message" onSubmit={(e) => {
      e.preventDefault();
      void save();
    }}>
      <textarea class="input" rows={2} maxLength={TEXT_MAX} value={draft} aria-label={t('door.message')} autofocus
        onInput={(e) => setDraft(e.currentTarget.value)} />
      <span class="row">
        <button type="submit" class="btn primary small-btn">{t('door.save')}</button>
        <button type="button" class="btn small-btn" onClick={() => setDraft(null)}>{t('cancel')}</button>
      </span>
    </form>
  );
}

export function AtDoor() {
  const live = useLive();
  const list = live.waiting.value;
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  if (!live.can.value.moderate || (list.length === 0 && !live.room.value.lobby)) return null;
  const chosen = list.filter((w) => picked.has(w.id));
  const flip = (id: string): void => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    setPicked(next);
  };
  const admit = async (): Promise<void> => {
    if (chosen.length === 0) return void (await live.command('admit', { who: '*' }));
    for (const w of chosen) if (!(await live.command('admit', { who: w.id }))) break;
    setPicked(new Set());
  };
  return (
    <section class="waiting" aria-labelledby="waiting-title">
      <div class="row spread">
        <h2 id="waiting-title">{t('people.waiting', { count: list.length })}</h2>
        {list.length > 1 && (
          <button type="button" class="btn small-btn" onClick={() => void admit()}>
            {chosen.length > 0 ? t('door.admitSome', { count: chosen.length }) : t('people.admitAll')}
          </button>
        )}
      </div>
      <Message />
      <ul>
        {list.map((w) => (
          <li class="someone" key={w.id}>
            {list.length > 1 && (
              <label class="door-pick">
                <input type="checkbox" checked={picked.has(w.id)} onChange={() => flip(w.id)} aria-label={t('door.pick', { name: w.name })} />
              </label>
            )}
            <span class="someone-name">{w.name}</span>
            <button type="button" class="btn primary small-btn" aria-label={t('people.admitName', { name: w.name })}
              onClick={() => void live.command('admit', { who: w.id })}>
              {t('people.admit')}
            </button>
            <button type="button" class="btn quiet icon-only" aria-label={t('people.denyName', { name: w.name })}
              title={t('people.deny')} onClick={() => void live.command('deny', { who: w.id })}>
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
