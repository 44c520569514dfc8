/* clockwork — the dialog that sets the countdown. */

import { useId, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Dialog } from '../../widgets/basic';
import { useLive } from './context';

const MINUTES = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60];

export function TimerDialog({ onClose }: { onClose: () => void }) {
  const live = useLive();
  const id = useId();
  const [minutes, setMinutes] = useState(5);
  const [who, setWho] = useState('');
  const [text, setText] = useState('');
  const stage = live.stage.value.map((s) => live.members.value.get(s)).filter((m) => m !== undefined);
  const start = async (): Promise<void> => {
    const fields = { on: true, seconds: minutes * 60, ...(who ? { who } : {}), ...(text.trim() ? { text: text.trim() } : {}) };
    if (await live.command('timer', fields)) onClose();
  };
  return (
    <Dialog title={t('timer.title')} onClose={onClose} actions={
      <>
        <button type="button" class="btn" onClick={onClose}>{t('cancel')}</button>
        <button type="button" class="btn primary" onClick={() => void start()}>{t('timer.start')}</button>
      </>
    }>
      <div class="field">
        <label for={`${id}m`}>{t('timer.minutes')}</label>
        <select id={`${id}m`} class="input" value={minutes} onChange={(e) => setMinutes(Number(e.currentTarget.value))}>
          {MINUTES.map((m) => <option key={m} value={m}>{m}</option>)}
        </select>
      </div>
      <div class="field">
        <label for={`${id}w`}>{t('timer.who')}</label>
        <select id={`${id}w`} class="input" value={who} onChange={(e) => setWho(e.currentTarget.value)}>
          <option value="">{t('timer.all')}</option>
          {stage.map((m) => <option key={m.id} value={m.id}>{m.name}</option>)}
        </select>
      </div>
      <div class="field">
        <label for={`${id}t`}>{t('timer.text')}</label>
        <input id={`${id}t`} class="input" value={text} maxLength={100} onInput={(e) => setText(e.currentTarget.value)} />
      </div>
    </Dialog>
  );
}
