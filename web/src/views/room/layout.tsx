/* layout — the room put together: bars, stage, side panel (a sheet on a phone), what is said in words about the
 * connection, the host's "go live", the invitation to speak. */

import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { t } from '../../i18n';
import { spanOf } from '../../i18n/dates';
import { captionsOn } from '../../state/captions';
import { isPhone } from '../../state/place';
import { guardLeaving } from '../../state/route';
import { siteName } from '../../state/session';
import { Confirm, Dialog } from '../../widgets/basic';
import { DevicePick, SpeakerTest, useDevices } from '../../widgets/devices';
import { Icon } from '../../widgets/icons';
import { lazy } from '../../widgets/load';
import { Countdown, Reactions } from './react';
import { BottomBar, toggleFull, TopBar } from './bars';
import { ChatPanel } from './chat';
import { useLive, type PanelName } from './context';
import { KeysDialog, useKeys } from './keys';
import { PeoplePanel } from './people';
import { SoundOut, StageView, Voices } from './stage';

const Rewind: ComponentType<{ id: string; from?: number; onBack: () => void }> = lazy(async () => (await import('./rewind')).Rewind);

const PollsPanel: ComponentType<object> = lazy(async () => (await import('./polls')).PollsPanel);

const TablesPanel: ComponentType<object> = lazy(async () => (await import('./tables')).TablesPanel);
const TableCard: ComponentType<object> = lazy(async () => (await import('./table')).TableCard);
const BoothCard: ComponentType<object> = lazy(async () => (await import('./channels')).BoothCard);
const ChannelsDialog: ComponentType<{ onClose: () => void }> = lazy(async () => (await import('./channels')).ChannelsDialog);
const AsksPanel: ComponentType<object> = lazy(async () => (await import('./asks')).AsksPanel);
const CaptionsPanel: ComponentType<object> = lazy(async () => (await import('./captions')).CaptionsPanel);
const CaptionsBox: ComponentType<object> = lazy(async () => (await import('./captions')).CaptionsBox);
const NotesPanel: ComponentType<object> = lazy(async () => (await import('./notes')).NotesPanel);
const FilmsDialog: ComponentType<{ id: string; onClose: () => void }> = lazy(async () => (await import('./films')).FilmsDialog);
const DecksDialog: ComponentType<{ id: string; onClose: () => void }> = lazy(async () => (await import('./decks')).DecksDialog);
const LookDialog: ComponentType<{ onClose: () => void }> = lazy(async () => (await import('./look')).LookDialog);
const OrderDialog: ComponentType<{ id: string; onClose: () => void }> = lazy(async () => (await import('./order')).OrderDialog);
const TimerDialog: ComponentType<{ onClose: () => void }> = lazy(async () => (await import('./clockwork')).TimerDialog);

const PANEL_TITLES = { chat: 'chat.title', people: 'people.title', asks: 'ask.title', polls: 'poll.title', notes: 'notes.title', captions: 'cc.title', tables: 'tables.title' } as const;

/** A question is put and waits for this person's answer. */
function PollWaits({ onShow }: { onShow: () => void }) {
  const live = useLive();
  const polls = live.polls.value;
  const open = polls.filter((p) => p.state === 'open' && !live.talk.answers.value.has(p.n));
  const poll = open[open.length - 1];
  if (!poll || !live.can.value.vote || live.can.value.poll) return null;
  return (
    <div class="banner" role="region" aria-label={t('poll.title')}>
      <span class="banner-poll">{poll.text}</span>
      <button type="button" class="btn primary" onClick={onShow}>{t('poll.answer')}</button>
    </div>
  );
}

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
    /* Said once to who listens, when it begins: not with every second that passes. */
    return (
      <p class="banner bad">
        <span class="spin" aria-hidden="true" />
        {t(line.why === 'busy' ? 'line.busy' : 'line.lost')} {line.attempt > 2 && left > 0 && t('line.next', { count: left })}
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
  if (live.viewState.value === 'full' || live.publishState.value === 'full') {
    return (
      <p class="banner warn" role="status">
        <Icon name="warn" />
        {t('line.full')}
      </p>
    );
  }
  if (live.cuts.media.value) {
    return (
      <p class="banner warn">
        <span class="spin" aria-hidden="true" />
        {t('line.media')}
      </p>
    );
  }
  if (live.thin.value !== 'wide' && !live.thrift.audioOnly.value) {
    return (
      <p class="banner warn" data-banner="thin">
        <Icon name="headphones" />
        {t(`line.${live.thin.value}`)}
      </p>
    );
  }
  if (live.thrift.saving.value && !live.thrift.audioOnly.value) {
    return (
      <div class="banner" data-banner="saving">
        <span>{t('weak.saving')}</span>
        <button type="button" class="btn" onClick={() => live.thrift.setSaving(false)}>{t('weak.saveOff')}</button>
      </div>
    );
  }
  return null;
}

/** Back after a while: what was missed can be seen quicker than it was. */
function Missed({ onCatchUp }: { onCatchUp: (fromMs: number) => void }) {
  const live = useLive();
  const missed = live.away.missed.value;
  if (!missed) return null;
  const go = (): void => {
    live.away.forget();
    onCatchUp(missed.fromMs);
  };
  return (
    <div class="banner" role="region" aria-label={t('weak.catchUp')} data-banner="missed">
      <span>{t('weak.missed', { span: spanOf(missed.ms) })}</span>
      <span class="row">
        <button type="button" class="btn primary" onClick={go}>{t('weak.catchUp')}</button>
        <button type="button" class="btn" onClick={() => live.away.forget()}>{t('weak.noCatchUp')}</button>
      </span>
    </div>
  );
}

/** Who runs the class is told while nothing is being written: it can wait, be told to the administrator, or held again. */
function Unrecorded() {
  const live = useLive();
  if (!live.room.value.recordingFails || !live.can.value.record) return null;
  return (
    <p class="banner bad" role="status" data-banner="unrecorded">
      <Icon name="warn" />
      {t('rec.failsHost')}
    </p>
  );
}

/** A host asks for silence; the microphone is its owner's to turn off. */
function AskedMute() {
  const live = useLive();
  const name = live.look.askedBy.value;
  if (name === '' || !live.local.value.mic) return null;
  return (
    <div class="banner" role="region" aria-label={t('control.micOff')}>
      <span>{t('mute.asked', { name })}</span>
      <span class="row">
        <button type="button" class="btn primary" onClick={() => void live.look.answerMute(true)}>{t('control.micOff')}</button>
        <button type="button" class="btn" onClick={() => void live.look.answerMute(false)}>{t('mute.later')}</button>
      </span>
    </div>
  );
}

/** Before the start speakers and hosts are among themselves. */
function GoLive() {
  const live = useLive();
  const [busy, setBusy] = useState(false);
  if (live.life.value !== 'scheduled' || live.me.value.role === 'attendee') return null;
  if (!live.can.value.run) return <p class="banner golive" role="status"><Icon name="headphones" />{t('golive.green')}</p>;
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

type Ask = 'leave' | 'end' | 'keys' | 'devices' | 'timer' | 'slides' | 'films' | 'look' | null;

export function RoomLayout({ id, onGone }: { id: string; onGone: () => void }) {
  const live = useLive();
  const [panel, setPanel] = useState<PanelName | null>(isPhone() ? null : 'chat');
  const [ask, setAsk] = useState<Ask>(null);
  const [rewinding, setRewinding] = useState<{ from?: number } | null>(null);
  const toggle = (n: PanelName): void => setPanel((p) => (p === n ? null : n));

  const can = live.can.value;
  const tabs = (['chat', 'people', 'asks', 'polls', 'notes', 'captions', 'tables'] as const).filter(
    (n) => (n !== 'polls' || can.poll || live.polls.value.length > 0) && (n !== 'asks' || can.ask || can.answer) &&
      (n !== 'notes' || can.notes || live.notes.value.length > 0) &&
      (n !== 'captions' || panel === 'captions' || live.captions.isNamed.value) &&
      (n !== 'tables' || (can.tables && (live.tables.value.count > 0 || panel === 'tables'))));
  const open = live.life.value === 'open';
  const recording = live.recording.value;
  const mayRewind = recording && open;
  useKeys({
    KeyM: () => live.mayTurnOn('mic') && void live.toggle('mic'),
    KeyV: () => live.mayTurnOn('camera') && void live.toggle('camera'),
    KeyD: () => live.mayTurnOn('screen') && void live.toggle('screen'),
    KeyR: () => live.can.peek().hand && void live.command('hand', { on: !(live.self.peek()?.hand ?? 0) }),
    KeyC: () => toggle('chat'),
    KeyP: () => toggle('people'),
    KeyQ: () => tabs.includes('asks') && toggle('asks'),
    KeyO: () => tabs.includes('polls') && toggle('polls'),
    KeyB: () => mayRewind && setRewinding(rewinding ? null : {}),
    KeyE: () => live.thrift.setSaving(!live.thrift.saving.peek()),
    KeyL: () => setAsk('look'),
    KeyF: toggleFull,
    Slash: () => setAsk('keys'),
  });

  useEffect(() => {
    guardLeaving(() => {
      setAsk('leave');
      return false;
    });
    return () => guardLeaving(null);
  }, []);

  useEffect(() => {
    if (panel === 'asks') live.talk.newAsks.value = 0;
  }, [panel, live.asks.value]);

  const unread = live.unread.value;
  const title = live.title.value;
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} — ${siteName.peek()}`;
  }, [unread, title]);

  const mayEnd = live.can.value.run && open;
  return (
    <div class={`room${panel ? ' with-panel' : ''}`}>
      <TopBar onLeave={() => setAsk('leave')} onHelp={() => setAsk('keys')} onDevices={() => setAsk('devices')} onLook={() => setAsk('look')}
        onCaptions={() => setPanel('captions')} onRewind={mayRewind && !rewinding ? () => setRewinding({}) : null} />
      <main id="main" class="stage">
        <LineBanner />
        <GoLive />
        {mayRewind && !rewinding && <Missed onCatchUp={(from) => setRewinding({ from })} />}
        <Unrecorded />
        <AskedMute />
        {panel !== 'people' && <AtTheDoor onShow={() => setPanel('people')} />}
        {panel !== 'polls' && <PollWaits onShow={() => setPanel('polls')} />}
        {live.tables.value.open && <TableCard />}
        {live.booth.interprets.value && <BoothCard />}
        {rewinding ? <Rewind id={id} from={rewinding.from} onBack={() => setRewinding(null)} /> : <StageView id={id} />}
        {!rewinding && captionsOn.value && live.captions.isThere.value && <CaptionsBox />}
        {!rewinding && <Voices />}
        {!rewinding && <Countdown />}
        {!rewinding && <Reactions />}
        <SoundOut silent={rewinding !== null} />
      </main>
      {panel && (
        <aside class="panel" aria-label={t(PANEL_TITLES[panel])}>
          <div class="panel-head">
            <div class="segmented" role="group" aria-label={t('panel.label')}>
              {tabs.map((n) => (
                <button type="button" key={n} aria-pressed={panel === n} onClick={() => setPanel(n)}>
                  {t(PANEL_TITLES[n])}
                  {n === 'asks' && panel !== 'asks' && live.talk.newAsks.value > 0 && <span class="tab-new" aria-label={t('ask.new', { count: live.talk.newAsks.value })}>{live.talk.newAsks.value}</span>}
                </button>
              ))}
            </div>
            <button type="button" class="btn quiet icon-only" aria-label={t('close')} onClick={() => setPanel(null)}>
              <Icon name="close" />
            </button>
          </div>
          {panel === 'chat' && <ChatPanel />}
          {panel === 'people' && <PeoplePanel />}
          {panel === 'asks' && <AsksPanel />}
          {panel === 'polls' && <PollsPanel />}
          {panel === 'notes' && <NotesPanel />}
          {panel === 'captions' && <CaptionsPanel />}
          {panel === 'tables' && <TablesPanel />}
        </aside>
      )}
      <BottomBar panel={panel} onPanel={toggle} onEnd={() => setAsk('end')} onTimer={() => setAsk('timer')} onSlides={() => setAsk('slides')} onFilms={() => setAsk('films')} />
      <Invited />
      {ask === 'keys' && <KeysDialog onClose={() => setAsk(null)} />}
      {ask === 'films' && <FilmsDialog id={id} onClose={() => setAsk(null)} />}
      {ask === 'slides' && <DecksDialog id={id} onClose={() => setAsk(null)} />}
      {live.order.isShown.value && <OrderDialog id={id} onClose={() => (live.order.isShown.value = false)} />}
      {live.booth.isShown.value && <ChannelsDialog onClose={() => (live.booth.isShown.value = false)} />}
      {ask === 'look' && <LookDialog onClose={() => setAsk(null)} />}
      {ask === 'timer' && <TimerDialog onClose={() => setAsk(null)} />}
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
