/* layout — the room put together: bars, stage, side panel (a sheet on a phone), what is said in words about the
 * connection, the host's "go live", the invitation to speak. */

import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { t } from '../../i18n';
import { isPhone } from '../../state/place';
import { guardLeaving } from '../../state/route';
import { siteName } from '../../state/session';
import { Confirm, Dialog } from '../../widgets/basic';
import { DevicePick, SpeakerTest, useDevices } from '../../widgets/devices';
import { Icon } from '../../widgets/icons';
import { lazy } from '../../widgets/load';
import { BottomBar, toggleFull, TopBar } from './bars';
import { ChatPanel } from './chat';
import { useLive } from './context';
import { PeoplePanel } from './people';
import { SoundOut, StageView, Voices } from './stage';

export type PanelName = 'chat' | 'people';

const Rewind: ComponentType<{ id: string; onBack: () => void }> = lazy(async () => (await import('./rewind')).Rewind);

function LineBanner() {
  const live = useLive();
  const line = live.line.value;
  const [, tick] = useState(0);
  useEffect(() => {
    if (line.at !== 'lost') return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [line.at]);
  if (line.at === 'lost') {
    const left = Math.ceil((line.retryAt - Date.now()) / 1000);
    return (
      <p class="banner bad" role="status">
        <span class="spin" aria-hidden="true" />
        {t('line.lost')} {line.attempt > 2 && left > 0 && t('line.next', { count: left })}
      </p>
    );
  }
  if (live.viewState.value === 'blocked' || live.publishState.value === 'blocked') {
    return (
      <p class="banner bad" role="status">
        <Icon name="warn" />
        {t('line.blocked')}
      </p>
    );
  }
  if (live.viewState.value === 'broken' || live.publishState.value === 'broken') {
    return (
      <p class="banner warn" role="status">
        <span class="spin" aria-hidden="true" />
        {t('line.media')}
      </p>
    );
  }
  if (live.thin.value && !live.audioOnly.value) {
    return (
      <p class="banner warn" data-banner="thin">
        <Icon name="headphones" />
        {t('line.thin')}
      </p>
    );
  }
  return null;
}

function GoLive() {
  const live = useLive();
  const [busy, setBusy] = useState(false);
  if (live.life.value !== 'scheduled' || !live.can.value.run) return null;
  const open = async (): Promise<void> => {
    setBusy(true);
    await live.command('open');
    setBusy(false);
  };
  return (
    <div class="banner golive" role="region" aria-label={t('golive.label')}>
      <span>{t('golive.text')}</span>
      <button type="button" class="btn primary" disabled={busy} onClick={() => void open()}>
        {t('golive.go')}
      </button>
    </div>
  );
}

/** Somebody stands at the door: the host sees it wherever he looks. */
function AtTheDoor({ onShow }: { onShow: () => void }) {
  const live = useLive();
  const list = live.waiting.value;
  if (list.length === 0 || !live.can.value.moderate) return null;
  const one = list.length === 1 ? list[0] : undefined;
  return (
    <div class="banner" role="region" aria-label={t('people.waiting', { count: list.length })}>
      <span>{one ? t('say.waiting', { name: one.name }) : t('people.waiting', { count: list.length })}</span>
      <span class="row">
        <button type="button" class="btn primary" onClick={() => void live.command('admit', { who: one?.id ?? '*' })}>
          {t(one ? 'people.admit' : 'people.admitAll')}
        </button>
        <button type="button" class="btn" onClick={onShow}>
          {t('people.show')}
        </button>
      </span>
    </div>
  );
}

function Invited() {
  const live = useLive();
  if (!live.invited.value || live.onStage.value) return null;
  const accept = async (withMic: boolean): Promise<void> => {
    if ((await live.command('accept')) && withMic) await live.toggle('mic');
  };
  return (
    <Dialog title={t('invited.title')} onClose={() => void live.command('decline')} actions={
      <>
        <button type="button" class="btn" onClick={() => void live.command('decline')}>{t('invited.no')}</button>
        <button type="button" class="btn" onClick={() => void accept(false)}>{t('invited.silent')}</button>
        <button type="button" class="btn primary" onClick={() => void accept(true)}>{t('invited.yes')}</button>
      </>
    }>
      <p>{t('invited.text')}</p>
      {live.recording.value && <p class="note"><Icon name="record" />{t('invited.recorded')}</p>}
    </Dialog>
  );
}

function DevicesDialog({ onClose }: { onClose: () => void }) {
  const live = useLive();
  const list = useDevices(live.local.value);
  return (
    <Dialog title={t('devices.title')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      <DevicePick kind="mic" list={list.mic} onPick={() => void live.changeDevice('mic')} />
      <DevicePick kind="camera" list={list.camera} onPick={() => void live.changeDevice('camera')} />
      <DevicePick kind="speaker" list={list.speaker} onPick={() => (live.audioStreams.value = [...live.audioStreams.value])} />
      {list.mic.length < 2 && list.camera.length < 2 && <p class="soft">{t('devices.one')}</p>}
      <div><SpeakerTest /></div>
    </Dialog>
  );
}

const KEYS = [
  ['M', 'keys.mic'],
  ['V', 'keys.camera'],
  ['D', 'keys.screen'],
  ['R', 'keys.hand'],
  ['C', 'keys.chat'],
  ['P', 'keys.people'],
  ['F', 'keys.full'],
  ['?', 'keys.help'],
] as const;

function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t('keys.title')} onClose={onClose} actions={
      <button type="button" class="btn primary" onClick={onClose}>{t('close')}</button>
    }>
      <dl class="stats">
        {KEYS.map(([k, word]) => (
          <div key={k}><dt><kbd>{k}</kbd></dt><dd>{t(word)}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}

/** True when a key belongs to what has focus and not to us. */
export function keyIsTaken(e: KeyboardEvent): boolean {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return true;
  const el = e.target as HTMLElement | null;
  return Boolean(el?.closest?.('input, textarea, select, [contenteditable], dialog, [role="menu"]'));
}

type Ask = 'leave' | 'end' | 'keys' | 'devices' | null;

export function RoomLayout({ id, onGone }: { id: string; onGone: () => void }) {
  const live = useLive();
  const [panel, setPanel] = useState<PanelName | null>(isPhone() ? null : 'chat');
  const [ask, setAsk] = useState<Ask>(null);
  const [rewinding, setRewinding] = useState(false);
  const toggle = (n: PanelName): void => setPanel((p) => (p === n ? null : n));

  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      if (keyIsTaken(e)) return;
      const act: Record<string, () => void> = {
        KeyM: () => live.mayTurnOn('mic') && void live.toggle('mic'),
        KeyV: () => live.mayTurnOn('camera') && void live.toggle('camera'),
        KeyD: () => live.mayTurnOn('screen') && void live.toggle('screen'),
        KeyR: () => live.can.peek().hand && void live.command('hand', { on: !(live.self.peek()?.hand ?? 0) }),
        KeyC: () => toggle('chat'),
        KeyP: () => toggle('people'),
        KeyF: toggleFull,
        Slash: () => e.shiftKey && setAsk('keys'),
      };
      const fn = act[e.code];
      if (!fn) return;
      e.preventDefault();
      fn();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [live]);

  useEffect(() => {
    guardLeaving(() => {
      setAsk('leave');
      return false;
    });
    return () => guardLeaving(null);
  }, []);

  const unread = live.unread.value;
  const title = live.title.value;
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} — ${siteName.peek()}`;
  }, [unread, title]);

  const open = live.life.value === 'open';
  const recording = live.recording.value;
  const mayEnd = live.can.value.run && open;
  return (
    <div class={`room${panel ? ' with-panel' : ''}`}>
      <TopBar onLeave={() => setAsk('leave')} onHelp={() => setAsk('keys')} onDevices={() => setAsk('devices')}
        onRewind={recording && open && !rewinding ? () => setRewinding(true) : null} />
      <main id="main" class="stage">
        <LineBanner />
        <GoLive />
        {panel !== 'people' && <AtTheDoor onShow={() => setPanel('people')} />}
        {rewinding ? <Rewind id={id} onBack={() => setRewinding(false)} /> : <StageView />}
        {!rewinding && <Voices />}
        <SoundOut silent={rewinding} />
      </main>
      {panel && (
        <aside class="panel" aria-label={t(panel === 'chat' ? 'chat.title' : 'people.title')}>
          <div class="panel-head">
            <div class="segmented" role="group" aria-label={t('panel.label')}>
              {(['chat', 'people'] as const).map((n) => (
                <button type="button" key={n} aria-pressed={panel === n} onClick={() => setPanel(n)}>
                  {t(n === 'chat' ? 'chat.title' : 'people.title')}
                </button>
              ))}
            </div>
            <button type="button" class="btn quiet icon-only" aria-label={t('close')} onClick={() => setPanel(null)}>
              <Icon name="close" />
            </button>
          </div>
          {panel === 'chat' ? <ChatPanel /> : <PeoplePanel />}
        </aside>
      )}
      <BottomBar panel={panel} onPanel={toggle} onEnd={() => setAsk('end')} />
      <Invited />
      {ask === 'keys' && <KeysDialog onClose={() => setAsk(null)} />}
      {ask === 'devices' && <DevicesDialog onClose={() => setAsk(null)} />}
      {ask === 'end' && (
        <Confirm title={t('end.title')} text={t(recording ? 'end.recorded' : 'end.text')} yes={t('host.end')} danger
          onNo={() => setAsk(null)} onYes={() => {
            setAsk(null);
            void live.command('end');
          }} />
      )}
      {ask === 'leave' && (
        <Confirm title={t('leave.title')} text={t(mayEnd ? 'leave.host' : 'leave.text')} yes={t('room.leave')} danger
          onNo={() => setAsk(null)} onYes={onGone}>
          {mayEnd && (
            <button type="button" class="btn" onClick={() => setAsk('end')}>
              {t('host.end')}
            </button>
          )}
        </Confirm>
      )}
    </div>
  );
}
