/* react — what is over the stage for a while: the countdown all see, reactions and where they are chosen. */

import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { clock } from '../../i18n/dates';
import { REACTIONS } from '../../protocol/room';
import { Menu } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

/** How long is left; over time it counts on. */
export function Countdown() {
  const live = useLive();
  const timer = live.timer.value;
  const [, tick] = useState(0);
  useEffect(() => {
    if (!timer) return undefined;
    const every = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(every);
  }, [timer]);
  if (!timer) return null;
  const left = timer.at + timer.seconds * 1000 - live.serverNow();
  const what = [timer.name, timer.text].filter(Boolean).join(' · ');
  return (
    <p class={`countdown${left <= 0 ? ' over' : ''}`} role="timer" aria-label={t('timer.title')}>
      <Icon name="clock" />
      {what && <span class="countdown-what">{what}</span>}
      <b>{left > 0 ? clock(left + 999) : t('timer.over', { time: clock(-left) })}</b>
      {live.can.value.moderate && (
        <button type="button" class="btn quiet icon-only small-btn" aria-label={t('timer.stop')} title={t('timer.stop')}
          onClick={() => void live.command('timer', { on: false })}>
          <Icon name="close" />
        </button>
      )}
    </p>
  );
}

/** What the room feels, for a moment. Not in the reader's way: screen readers hear nothing of it. */
export function Reactions() {
  const live = useLive();
  const shown = live.talk.reactions.value;
  if (shown.length === 0) return null;
  return (
    <ul class="reactions" aria-hidden="true">
      {shown.map((r) => <li key={r.key}>{REACTIONS[r.which]}{r.count > 1 && <b>{r.count}</b>}</li>)}
    </ul>
  );
}

export function ReactMenu() {
  const live = useLive();
  return (
    <Menu label={t('react.title')} class="control c-react" button={
      <>
        <span class="control-icon"><Icon name="smile" /></span>
        <span class="control-word">{t('react.title')}</span>
      </>
    }>
      {(close) => (
        <div class="react-row">
          {REACTIONS.map((sign, i) => (
            <button key={sign} type="button" role="menuitem" aria-label={t(`react.${i as 0}`)} title={t(`react.${i as 0}`)}
              onClick={() => (close(), live.talk.react(i))}>
              {sign}
            </button>
          ))}
        </div>
      )}
    </Menu>
  );
}
