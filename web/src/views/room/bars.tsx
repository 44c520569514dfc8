/* bars — the top bar (what is going on) and the bottom bar (what one can do). Controls never move: what a person may
 * not do now stays in its place and says why. */

import { useEffect, useState } from 'preact/hooks';
import { t, type Key } from '../../i18n';
import { clock } from '../../i18n/dates';
import { canShareScreen } from '../../media/devices';
import { toast } from '../../state/notices';
import { hasKeyboard } from '../../state/place';
import { Dialog, Menu, MenuItem } from '../../widgets/basic';
import { LangSwitch } from '../../widgets/frame';
import { Icon, type IconName } from '../../widgets/icons';
import { useLive } from './context';
import type { PanelName } from './layout';

type Why = Extract<Key, `why.${string}`>;

function useTick(): void {
  const [, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
}

function Recording() {
  const live = useLive();
  useTick();
  const room = live.room.value;
  if (!room.recording) return null;
  const ms = room.recordingAt ? live.serverNow() - room.recordingAt : 0;
  return (
    <span class="chip live rec" title={t('rec.on')}>
      <span class="dot pulse" aria-hidden="true" />
      <span class="hidden-text">{t('rec.on')}</span>
      <span aria-hidden="true">{t('rec.short')}</span>
      <span class="rec-time" aria-hidden="true">{clock(ms)}</span>
    </span>
  );
}

type LinkWord = 'good' | 'fair' | 'poor' | 'none';

function linkWord(live: ReturnType<typeof useLive>): LinkWord {
  if (live.line.value.at !== 'live') return 'none';
  if (live.viewState.value === 'broken' || live.thin.value) return 'poor';
  const q = live.quality.value;
  if (!q) return 'good';
  if (q.lossPercent > 8 || q.rttMs > 700) return 'poor';
  return q.lossPercent > 2 || q.rttMs > 300 ? 'fair' : 'good';
}

function Connection() {
  const live = useLive();
  const [open, setOpen] = useState(false);
  const word = linkWord(live);
  const q = live.quality.value;
  const up = live.uplink.value;
  return (
    <>
      <button type="button" class={`bar-btn link-${word}`} onClick={() => setOpen(true)} title={t(`link.${word}`)}
        aria-label={t('link.label', { state: t(`link.${word}`) })}>
        <Icon name="signal" />
      </button>
      {open && (
        <Dialog title={t('link.title')} onClose={() => setOpen(false)} actions={
          <button type="button" class="btn primary" onClick={() => setOpen(false)}>{t('close')}</button>
        }>
          <p>{t(`link.${word}`)}</p>
          {q && (
            <dl class="stats">
              <div><dt>{t('link.rtt')}</dt><dd>{t('link.ms', { n: q.rttMs })}</dd></div>
              <div><dt>{t('link.loss')}</dt><dd>{t('link.percent', { n: q.lossPercent })}</dd></div>
              <div><dt>{t('link.rate')}</dt><dd>{t('link.kbps', { n: q.kbps })}</dd></div>
              {q.frozenMs > 0 && <div><dt>{t('link.frozen')}</dt><dd>{t('link.ms', { n: q.frozenMs })}</dd></div>}
            </dl>
          )}
          {up && (
            <>
              <h3>{t('link.up')}</h3>
              <dl class="stats">
                <div><dt>{t('link.rtt')}</dt><dd>{t('link.ms', { n: Math.round(up.rtt_ms) })}</dd></div>
                <div><dt>{t('link.loss')}</dt><dd>{t('link.percent', { n: Math.round(up.loss * 1000) / 10 })}</dd></div>
                <div><dt>{t('link.rate')}</dt><dd>{t('link.kbps', { n: Math.round(up.bitrate_bps / 1000) })}</dd></div>
              </dl>
            </>
          )}
          <label class="check">
            <input type="checkbox" checked={live.audioOnly.value} onChange={(e) => live.setAudioOnly(e.currentTarget.checked)} />
            <span>
              {t('link.audioOnly')}
              <br />
              <span class="soft small">{t('link.audioOnlyHint')}</span>
            </span>
          </label>
        </Dialog>
      )}
    </>
  );
}

export function TopBar(p: { onLeave: () => void; onRewind: (() => void) | null; onHelp: () => void; onDevices: () => void }) {
  const live = useLive();
  return (
    <header class="room-top">
      <Recording />
      <h1 class="room-title" tabIndex={-1}>{live.title.value}</h1>
      {p.onRewind && (
        <button type="button" class="bar-btn wide" onClick={p.onRewind}>
          <Icon name="rewind" />
          <span class="bar-word">{t('rewind.open')}</span>
        </button>
      )}
      <Connection />
      <div class="room-lang"><LangSwitch /></div>
      <Menu label={t('room.more')} class="bar-btn" button={<Icon name="settings" />}>
        {(close) => (
          <>
            <MenuItem icon="settings" onClick={() => (close(), p.onDevices())}>{t('devices.title')}</MenuItem>
            <MenuItem icon="headphones" onClick={() => (close(), live.setAudioOnly(!live.audioOnly.value))}>
              {t(live.audioOnly.value ? 'link.allVideo' : 'link.audioOnly')}
            </MenuItem>
            <MenuItem icon="full" onClick={() => (close(), toggleFull())}>{t('room.full')}</MenuItem>
            {hasKeyboard() && (
              <MenuItem icon="keyboard" onClick={() => (close(), p.onHelp())}>{t('keys.title')}</MenuItem>
            )}
          </>
        )}
      </Menu>
      <button type="button" class="btn danger leave" onClick={p.onLeave}>
        <Icon name="door" />
        <span class="bar-word">{t('room.leave')}</span>
      </button>
    </header>
  );
}

export function toggleFull(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => undefined);
}

function Control(p: {
  icon: IconName;
  label: string;
  pressed?: boolean;
  off?: boolean;
  badge?: number;
  tone?: 'danger' | 'hand';
  why?: Why;
  onClick: () => void;
  class?: string;
}) {
  const click = (): void => (p.why ? toast(t(p.why)) : p.onClick());
  return (
    <button type="button" class={`control ${p.tone ?? ''} ${p.off ? 'off' : ''} ${p.class ?? ''}`} aria-pressed={p.pressed}
      aria-disabled={p.why ? true : undefined} onClick={click} title={p.why ? t(p.why) : p.label}>
      <span class="control-icon">
        <Icon name={p.icon} />
        {p.badge ? <span class="badge" aria-hidden="true">{p.badge > 99 ? '99+' : p.badge}</span> : null}
      </span>
      <span class="control-word">{p.label}</span>
    </button>
  );
}

/** Why a source cannot be turned on now, or nothing when it can. */
function whyNot(live: ReturnType<typeof useLive>, source: 'mic' | 'camera' | 'screen'): Why | undefined {
  if (live.local.value[source] || live.mayTurnOn(source)) return undefined;
  if (live.onStage.value) return 'why.format';
  return live.can.value.hand ? 'why.hand' : 'why.listen';
}

function OwnControls() {
  const live = useLive();
  const on = live.local.value;
  const raised = (live.self.value?.hand ?? 0) > 0;
  return (
    <>
      <Control icon={on.mic ? 'mic' : 'micOff'} off={!on.mic} pressed={on.mic} why={whyNot(live, 'mic')}
        label={t(on.mic ? 'control.micOff' : 'control.micOn')} onClick={() => void live.toggle('mic')} class="c-mic" />
      <Control icon={on.camera ? 'camera' : 'cameraOff'} off={!on.camera} pressed={on.camera} why={whyNot(live, 'camera')}
        label={t(on.camera ? 'control.cameraOff' : 'control.cameraOn')} onClick={() => void live.toggle('camera')}
        class="c-camera" />
      {canShareScreen() && (
        <Control icon="screen" pressed={on.screen} why={whyNot(live, 'screen')} class="c-screen"
          label={t(on.screen ? 'control.screenOff' : 'control.screenOn')} onClick={() => void live.toggle('screen')} />
      )}
      <Control icon="hand" pressed={raised} tone="hand" class="c-hand" why={!raised && !live.can.value.hand ? 'why.noHand' : undefined}
        label={t(raised ? 'control.handDown' : 'control.handUp')} onClick={() => void live.command('hand', { on: !raised })} />
    </>
  );
}

function HostMenu({ onEnd }: { onEnd: () => void }) {
  const live = useLive();
  const room = live.room.value;
  const can = live.can.value;
  const act = (close: () => void, type: string, fields: Record<string, unknown> = {}) => () => {
    close();
    void live.command(type, fields);
  };
  return (
    <Menu label={t('host.tools')} class="control" button={
      <>
        <span class="control-icon"><Icon name="more" /></span>
        <span class="control-word">{t('host.tools')}</span>
      </>
    }>
      {(close) => (
        <>
          {can.record && room.life === 'open' && (
            <MenuItem icon="record" onClick={act(close, 'record', { on: !room.recording })}>
              {t(room.recording ? 'host.recordOff' : 'host.recordOn')}
            </MenuItem>
          )}
          {can.moderate && (
            <>
              <MenuItem icon="micOff" onClick={act(close, 'mute_all')}>{t('host.muteAll')}</MenuItem>
              <MenuItem icon="door" onClick={act(close, 'lobby', { on: !room.lobby })}>
                {t(room.lobby ? 'host.lobbyOff' : 'host.lobbyOn')}
              </MenuItem>
              <MenuItem icon="lock" onClick={act(close, 'lock', { on: !room.locked })}>
                {t(room.locked ? 'host.lockOff' : 'host.lockOn')}
              </MenuItem>
            </>
          )}
          {can.run && room.life === 'open' && (
            <>
              <hr />
              <MenuItem icon="close" danger onClick={() => (close(), onEnd())}>{t('host.end')}</MenuItem>
            </>
          )}
        </>
      )}
    </Menu>
  );
}

export function BottomBar(p: { panel: PanelName | null; onPanel: (n: PanelName) => void; onEnd: () => void }) {
  const live = useLive();
  const hands = live.can.value.moderate ? live.hands.value.length + live.waiting.value.length : 0;
  return (
    <footer class="room-bottom">
      <div class="control-groups" role="group" aria-label={t('room.controls')}>
        <div class="controls">
          <OwnControls />
        </div>
        <div class="controls">
          {live.can.value.record && (
            <Control icon="record" pressed={live.recording.value} class="c-record"
              why={live.life.value === 'open' ? undefined : 'why.notOpen'}
              label={t(live.recording.value ? 'host.recordOff' : 'host.recordOn')}
              onClick={() => void live.command('record', { on: !live.recording.value })} />
          )}
          <Control icon="chat" pressed={p.panel === 'chat'} label={t('chat.title')} onClick={() => p.onPanel('chat')}
            badge={p.panel === 'chat' ? 0 : live.unread.value} class="c-chat" />
          <Control icon="people" pressed={p.panel === 'people'} label={t('people.title')} onClick={() => p.onPanel('people')}
            badge={p.panel === 'people' ? 0 : hands} class="c-people" />
          {live.can.value.moderate && <HostMenu onEnd={p.onEnd} />}
        </div>
      </div>
    </footer>
  );
}
