/* bars — the top bar (what is going on) and the bottom bar (what one can do). Controls never move: what a person may
 * not do now stays in its place and says why. */

import { useEffect, useState } from 'preact/hooks';
import { t, type Key } from '../../i18n';
import { clock } from '../../i18n/dates';
import { canShareScreen } from '../../media/devices';
import { captionsOn, setCaptionsOn } from '../../state/captions';
import { toast } from '../../state/notices';
import { hasKeyboard, isPhone, onPhone } from '../../state/place';
import { Dialog, Menu, MenuItem, useFocusHere } from '../../widgets/basic';
import { LangSwitch } from '../../widgets/frame';
import { Icon, type IconName } from '../../widgets/icons';
import { useLive, type PanelName } from './context';
import { Listen } from './listen';
import { ReactMenu } from './react';

const SLOW_S = 30;

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
  if (room.recordingFails) {
    return <span class="chip warn rec"><Icon name="warn" />{t('rec.fails')}</span>;
  }
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
  if (live.viewState.value === 'broken' || live.thin.value === 'thin') return 'poor';
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
            <input type="checkbox" checked={live.thrift.saving.value} onChange={(e) => live.thrift.setSaving(e.currentTarget.checked)} />
            <span>
              {t('weak.save')}
              <br />
              <span class="soft small">{t('weak.saveHint')}</span>
            </span>
          </label>
          <label class="check">
            <input type="checkbox" checked={live.thrift.audioOnly.value} onChange={(e) => live.thrift.setAudioOnly(e.currentTarget.checked)} />
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

export function TopBar(p: { onLeave: () => void; onRewind: (() => void) | null; onHelp: () => void; onDevices: () => void; onLook: () => void; onCaptions: () => void }) {
  const live = useLive();
  const title = useFocusHere<HTMLHeadingElement>();
  return (
    <header class="room-top">
      <Recording />
      <h1 class="room-title" ref={title} tabIndex={-1}>{live.title.value}</h1>
      {p.onRewind && (
        <button type="button" class="bar-btn wide" onClick={p.onRewind}>
          <Icon name="rewind" />
          <span class="bar-word">{t('rewind.open')}</span>
        </button>
      )}
      {live.captions.isThere.value && (
        <button type="button" class="bar-btn cc-btn" aria-pressed={captionsOn.value} onClick={() => setCaptionsOn(!captionsOn.value)}
          aria-label={t('cc.title')} title={t(captionsOn.value ? 'cc.off' : 'cc.on')}>
          <Icon name="captions" />
        </button>
      )}
      <Listen />
      <Connection />
      <div class="room-lang"><LangSwitch /></div>
      <Menu label={t('room.more')} class="bar-btn" button={<Icon name="settings" />}>
        {(close) => (
          <>
            <MenuItem icon="settings" onClick={() => (close(), p.onDevices())}>{t('devices.title')}</MenuItem>
            <MenuItem icon="signal" onClick={() => (close(), live.thrift.setSaving(!live.thrift.saving.value))}>
              {t(live.thrift.saving.value ? 'weak.saveOff' : 'weak.save')}
            </MenuItem>
            <MenuItem icon="headphones" onClick={() => (close(), live.thrift.setAudioOnly(!live.thrift.audioOnly.value))}>
              {t(live.thrift.audioOnly.value ? 'link.allVideo' : 'link.audioOnly')}
            </MenuItem>
            {live.captions.mayWrite.value && <MenuItem icon="captions" onClick={() => (close(), p.onCaptions())}>{t('cc.write')}</MenuItem>}
            <MenuItem icon="grid" onClick={() => (close(), p.onLook())}>{t('look.title')}</MenuItem>
            {(live.local.value.content || (live.can.value.publish_screen && live.mayTurnOn('content'))) && (
              <MenuItem icon="camera" onClick={() => (close(), void live.toggle('content'))}>
                {t(live.local.value.content ? 'control.contentOff' : 'control.contentOn')}
              </MenuItem>
            )}
            {live.onStage.value && (
              <MenuItem icon="down" onClick={() => (close(), void live.command('unstage'))}>{t('control.stepDown')}</MenuItem>
            )}
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
  if (live.order.isOff(source)) return 'why.off';
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
      <Control icon="hand" pressed={raised} tone="hand" class="c-hand" why={!raised && !live.can.value.hand ? (live.order.isOff('hand') ? 'why.off' : 'why.noHand') : undefined}
        label={t(raised ? 'control.handDown' : 'control.handUp')} onClick={() => void live.command('hand', { on: !raised })} />
    </>
  );
}

function HostMenu({ onEnd, onPanel, onTimer, onSlides, onFilms }: { onEnd: () => void; onPanel: (n: PanelName) => void; onTimer: () => void; onSlides: () => void; onFilms: () => void }) {
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
          {can.slides && <MenuItem icon="slides" onClick={() => (close(), onSlides())}>{t('slides.title')}</MenuItem>}
          {can.video && <MenuItem icon="play" onClick={() => (close(), onFilms())}>{t('film.title')}</MenuItem>}
          {can.poll && <MenuItem icon="poll" onClick={() => (close(), onPanel('polls'))}>{t('poll.title')}</MenuItem>}
          {can.tables && <MenuItem icon="people" onClick={() => (close(), onPanel('tables'))}>{t('tables.title')}</MenuItem>}
          {can.channels && <MenuItem icon="headphones" onClick={() => (close(), (live.booth.isShown.value = true))}>{t('channels.title')}</MenuItem>}
          {can.moderate && <MenuItem icon="clock" onClick={() => (close(), onTimer())}>{t('timer.title')}</MenuItem>}
          {can.moderate && (
            <>
              <MenuItem icon="chat" onClick={act(close, 'chat_rules', { on: !room.chatRules.on, seconds: room.chatRules.seconds })}>
                {t(room.chatRules.on ? 'host.chatAll' : 'host.chatHosts')}
              </MenuItem>
              <MenuItem icon="clock" onClick={act(close, 'chat_rules', { on: room.chatRules.on, seconds: room.chatRules.seconds ? 0 : SLOW_S })}>
                {t(room.chatRules.seconds ? 'host.chatFast' : 'host.chatSlow')}
              </MenuItem>
              <MenuItem icon="mic" onClick={act(close, 'mute_ask', { who: '*' })}>{t('host.muteAsk')}</MenuItem>
              <MenuItem icon="micOff" onClick={act(close, 'mute_all')}>{t('host.muteAll')}</MenuItem>
              <MenuItem icon="people" onClick={() => (close(), (live.order.isShown.value = true))}>{t('order.title')}</MenuItem>
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

/** What a speaker who moderates nothing may put before all. */
function Shown({ onSlides, onFilms }: { onSlides: () => void; onFilms: () => void }) {
  const live = useLive();
  const can = live.can.value;
  if (can.moderate) return null;
  return (
    <>
      {can.slides && live.slides.value.decks.length > 0 && <Control icon="slides" label={t('slides.title')} onClick={onSlides} class="c-slides" />}
      {can.video && live.cinema.film.value.clips.length > 0 && <Control icon="play" label={t('film.title')} onClick={onFilms} class="c-slides" />}
    </>
  );
}

export function BottomBar(p: { panel: PanelName | null; onPanel: (n: PanelName) => void; onEnd: () => void; onTimer: () => void; onSlides: () => void; onFilms: () => void }) {
  const live = useLive();
  const hands = live.can.value.moderate ? live.hands.value.length + live.waiting.value.length + live.order.now.value.reports.length : 0;
  const [phone, setPhone] = useState(isPhone);
  useEffect(() => onPhone(setPhone), []);
  /* What comes and goes moves nothing else: at the end of a wide bar, in the middle of a phone's, whose ends are held.
   * Tab goes the way the eye does, so it is the place in the page that changes. */
  const shown = <Shown key="shown" onSlides={p.onSlides} onFilms={p.onFilms} />;
  return (
    <footer class="room-bottom">
      <div class="control-groups" role="group" aria-label={t('room.controls')}>
        <div class="controls">
          <OwnControls />
          {live.can.value.react && <ReactMenu />}
        </div>
        <div class="controls">
          {phone && shown}
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
          {!phone && shown}
          {live.can.value.moderate && <HostMenu onEnd={p.onEnd} onPanel={p.onPanel} onTimer={p.onTimer} onSlides={p.onSlides} onFilms={p.onFilms} />}
        </div>
      </div>
    </footer>
  );
}
