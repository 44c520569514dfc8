/* live — one room as a person is in it: the line, what is sent, what is seen, and what is shown of them. Commands go
 * to the server and come back as events; only those change what the screen says about the room. */

import { batch, computed, signal } from '@preact/signals';
import { t, errorText } from '../i18n';
import { DeviceError, type DeviceProblem, openCamera, openMic, openScreen } from '../media/devices';
import { onNetworkChange } from '../media/network';
import { Silence } from '../media/silence';
import type { PeerState, Signal } from '../media/peer';
import { Publisher } from '../media/publish';
import { type LinkQuality, Viewer } from '../media/view';
import { emptyRoom, evolve, fromSnapshot, type Room } from '../protocol/room';
import { Line, type LineState } from '../protocol/socket';
import type { Answer, Ephemeral, Role, RoomEvent, ServerQuality, Slot, Source, WeakLine, Welcome } from '../protocol/types';

import { RequestError } from '../protocol/types';
import { Drawn } from './drawn';
import { Outbox } from './outbox';
import { say, toast } from './notices';

const QUALITY_EVERY_MS = 3_000;
/* The server is told of frozen pictures once in so many measures: its "ten seconds or so". */
const LINE_EVERY = 4;
const SPEAKING_HOLD_MS = 900;
const SILENCE_EVERY_MS = 250;
const HIDDEN_MS = 20_000;

export interface LiveOptions {
  ticket(fresh: boolean): Promise<string>;
  url: string;
  videoSlots: number;
}

/* A device that stumbles again sooner is broken. */
const REOPEN_PAUSE_MS = 10_000;
const NO_SOURCES: Record<Source, boolean> = { mic: false, camera: false, screen: false, screen_audio: false };

/** Which device, and what is wrong with it. */
const deviceTrouble = (source: 'mic' | 'camera' | 'screen', problem: DeviceProblem): string =>
  `${t(source === 'screen' ? 'keys.screen' : `devices.${source}`)}. ${t(`device.${problem}`)}`;

export class Live {
  readonly line = signal<LineState>({ at: 'connecting' });
  readonly room = signal<Room>(emptyRoom);
  readonly me = signal<{ id: string; name: string; role: Role }>({ id: '', name: '', role: 'attendee' });
  readonly title = signal('');
  readonly can = signal<Record<string, boolean>>({});
  readonly videoSlots = signal<readonly Slot[]>([]);
  readonly audioSlots = signal<readonly Slot[]>([]);
  /** The line carries sound only, and not because this person chose so. */
  readonly thin = signal(false);
  readonly streams = signal<ReadonlyMap<string, MediaStream>>(new Map());
  readonly audioStreams = signal<readonly MediaStream[]>([]);
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  readonly local = signal<Record<Source, boolean>>(NO_SOURCES);
  readonly busy = signal<Source | null>(null);
  readonly viewState = signal<PeerState>('none');
  readonly publishState = signal<PeerState>('none');
  readonly quality = signal<LinkQuality | null>(null);
  /** The way up, as the server measures it; null while nothing is sent. */
  readonly uplink = signal<ServerQuality | null>(null);
  /** For hosts: whose line is weak. */
  readonly weakLines = signal<ReadonlyMap<string, WeakLine>>(new Map());
  readonly audioOnly = signal(false);
  readonly audioBlocked = signal(false);
  readonly unread = signal(0);
  readonly outbox = new Outbox((text) => this.command('chat', { text }));

  /* Parts of the room by themselves: who reads one is not drawn again for every event of the others. */
  readonly life = computed(() => this.room.value.life);
  readonly recording = computed(() => this.room.value.recording);
  readonly chat = computed(() => this.room.value.chat);
  readonly members = computed(() => this.room.value.members);
  readonly hands = computed(() => this.room.value.hands);
  readonly stage = computed(() => this.room.value.stage);
  readonly spotlight = computed(() => this.room.value.spotlight);
  readonly waiting = computed(() => this.room.value.waiting);
  readonly count = computed(() => this.room.value.count);
  readonly partial = computed(() => this.room.value.partial);
  /** Hosts and co-hosts, as text, so that it changes with them only. */
  readonly leaders = computed(() =>
    [...this.members.value.values()].filter((m) => m.role === 'host' || m.role === 'cohost').map((m) => `${m.id} ${m.role}`).join('\n'));

  readonly self = computed(() => this.members.value.get(this.me.value.id) ?? null);
  readonly isHost = computed(() => {
    const role = this.self.value?.role ?? this.me.value.role;
    return role === 'host' || role === 'cohost';
  });
  readonly onStage = computed(() => this.self.value?.stage ?? false);
  readonly invited = computed(() => this.self.value?.invited ?? false);
  readonly maySee = computed(() => this.life.value === 'open' || this.me.value.role !== 'attendee');

  readonly drawn = new Drawn((slots) => {
    if (!this.wire.isLive() || !this.viewer.isOpen()) return false;
    this.wire.tell('draw', { slots });
    return true;
  });
  private readonly wire: Line;
  private ice: RTCIceServer[] = [];
  private readonly publisher: Publisher;
  private readonly viewer: Viewer;
  private mic: MediaStreamTrack | null = null;
  private readonly reopened = new Map<Source, number>();
  private readonly pressed = new Set<Source>();
  private turns: Promise<void> = Promise.resolve();
  private measured = 0;
  private frozenMs = 0;
  private toldFrozen = false;
  private qualityTimer: ReturnType<typeof setInterval> | undefined;
  private silenceTimer: ReturnType<typeof setInterval> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private toldAudioOnly = false;
  private speakTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly stops: (() => void)[] = [];

  constructor(o: LiveOptions) {
    this.wire = new Line({
      url: o.url,
      client: 'web/1',
      ticket: o.ticket,
      open: (url, protocol) => new WebSocket(url, protocol) as never,
      hooks: {
        welcome: (w) => this.onWelcome(w),
        event: (e) => this.onEvent(e),
        ephemeral: (m) => this.onEphemeral(m),
        state: (s) => this.onLine(s),
      },
    });
    const offers: Signal = {
      offer: async (type, fields) => ((await this.wire.request(type, fields)) as Answer).sdp,
      ice: () => this.ice,
    };
    this.publisher = new Publisher(offers, (s) => this.onPublishState(s));
    this.viewer = new Viewer(
      offers,
      (s) => this.onViewState(s),
      (audio, byMid) => {
        this.drawn.forget();
        batch(() => ((this.audioStreams.value = audio), (this.streams.value = byMid)));
      },
      o.videoSlots,
    );
  }

  start(): void {
    this.wire.start();
    const nudge = (): void => this.wire.nudge();
    /* Online again, or from Wi-Fi to mobile: the welcome that follows finds new paths for picture and sound. */
    const moved = (): void => this.wire.renew();
    const stopNetwork = onNetworkChange(moved);
    const awake = (): void => {
      clearTimeout(this.hiddenTimer);
      if (document.visibilityState === 'visible') {
        nudge();
        this.tellAudioOnly();
      } else {
        /* Pictures nobody looks at cost a phone its battery and its data; the sound goes on. */
        this.hiddenTimer = setTimeout(() => this.tellAudioOnly(), HIDDEN_MS);
      }
    };
    const bye = (): void => this.publisher.stopAll();
    const restored = (e: PageTransitionEvent): void => {
      /* Out of the back-forward store comes a page whose devices and line are gone. */
      if (e.persisted) location.reload();
    };
    addEventListener('pagehide', bye);
    addEventListener('pageshow', restored);
    document.addEventListener('visibilitychange', awake);
    this.stops.push(() => {
      stopNetwork();
      removeEventListener('pagehide', bye);
      removeEventListener('pageshow', restored);
      document.removeEventListener('visibilitychange', awake);
    });
    const silence = new Silence({
      silentMs: () => this.viewer.silentMs(),
      ask: (dead) => this.wire.doubt(dead),
      again: () => void this.findPaths(),
    });
    this.silenceTimer = setInterval(() => silence.tick(), SILENCE_EVERY_MS);
    this.qualityTimer = setInterval(() => void this.measure(), QUALITY_EVERY_MS);
  }

  /** Leaves the room and lets go of every device. */
  stop(): void {
    this.wire.close('left');
    this.release();
  }

  private release(): void {
    for (const s of this.stops.splice(0)) s();
    clearInterval(this.qualityTimer);
    clearInterval(this.silenceTimer);
    clearTimeout(this.speakTimer);
    this.drawn.stop();
    clearTimeout(this.hiddenTimer);
    this.viewer.close();
    this.publisher.stopAll();
    this.publisher.close();
    this.mic?.stop();
    this.mic = null;
    this.local.value = NO_SOURCES;
  }

  serverNow(): number {
    return this.wire.serverNow();
  }

  /** A request of the room; a refusal is shown and given back as false. */
  async command(type: string, fields: Record<string, unknown> = {}): Promise<boolean> {
    try {
      await this.wire.request(type, fields);
      return true;
    } catch (e) {
      if (type === 'chat') throw e;
      /* The event's end closes the line before the answer to "end" is read: that is no failure. */
      if (this.line.peek().at === 'closed') return true;
      /* The banner says so already; here it is only said again. */
      if (this.line.peek().at === 'lost') {
        say(t('line.lost'), true);
        return false;
      }
      toast(errorText(e), 'bad');
      return false;
    }
  }

  localTrack(source: Source): MediaStreamTrack | null {
    return this.publisher.track(source);
  }

  /* ---- what this person sends ---- */

  /** One after the other: a second button pressed meanwhile waits for its turn, the same one twice counts once. */
  toggle(source: 'mic' | 'camera' | 'screen'): Promise<void> {
    if (this.pressed.has(source)) return Promise.resolve();
    this.pressed.add(source);
    const turn = this.turns.then(async () => {
      this.busy.value = source;
      try {
        if (this.local.peek()[source]) await this.turnOff(source);
        else await this.turnOn(source);
      } finally {
        this.busy.value = null;
        this.pressed.delete(source);
      }
    });
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  /** True when this person may turn the source on now, or may put himself where he may. */
  mayTurnOn(source: 'mic' | 'camera' | 'screen'): boolean {
    const can = this.can.value;
    if (source === 'mic' && can.talk) return true;
    if (!can[`publish_${source}`]) return false;
    return this.onStage.value || Boolean(can.stage_self || can.moderate || can.stage_auto);
  }

  private async turnOn(source: 'mic' | 'camera' | 'screen'): Promise<void> {
    const needsStage = !this.onStage.peek() && !(source === 'mic' && this.can.peek().talk);
    if (needsStage && !(await this.command('stage'))) return;
    let sound: MediaStreamTrack | null = null;
    let track: MediaStreamTrack;
    try {
      if (source === 'screen') {
        const s = await openScreen();
        track = s.video;
        sound = s.audio;
      } else {
        track = source === 'mic' ? await this.openMicOnce() : await openCamera();
      }
    } catch (e) {
      const problem = e instanceof DeviceError ? e.problem : 'failed';
      if (problem !== 'cancelled') toast(deviceTrouble(source, problem), 'bad');
      return;
    }
    track.onended = () => void this.deviceGone(source);
    await this.send(source, track);
    if (sound && this.local.peek().screen) await this.send('screen_audio', sound);
    else sound?.stop();
  }

  private async openMicOnce(): Promise<MediaStreamTrack> {
    if (!this.mic || this.mic.readyState !== 'live') this.mic = await openMic();
    this.mic.enabled = true;
    return this.mic;
  }

  private async send(source: Source, track: MediaStreamTrack): Promise<void> {
    /* Before the room agrees: whoever compares the two meanwhile (retell) must not take it for a leftover. */
    this.local.value = { ...this.local.peek(), [source]: true };
    if (!(await this.command('source', { source, on: true }))) {
      this.local.value = { ...this.local.peek(), [source]: false };
      if (source !== 'mic') track.stop();
      return;
    }
    if (!this.local.peek()[source]) {
      if (source !== 'mic') track.stop();
      return;
    }
    try {
      await this.publisher.set(source, track);
    } catch (e) {
      /* Cut off meanwhile: it goes on air with the return. */
      if (e instanceof RequestError && e.code === 'offline') return;
      toast(errorText(e), 'bad');
      await this.turnOff(source);
    }
  }

  private async turnOff(source: Source): Promise<void> {
    if (!this.local.peek()[source]) return;
    await this.silence(source);
    if (source === 'screen') await this.turnOff('screen_audio');
    if (this.wire.isLive()) await this.command('source', { source, on: false });
  }

  /** Stops sending without telling the room (the room told us). The microphone stays open but deaf: some browsers
   * would ask for permission anew each time. */
  private async silence(source: Source): Promise<void> {
    this.local.value = { ...this.local.peek(), [source]: false };
    const track = this.publisher.track(source);
    if (source === 'mic' && this.mic) {
      this.mic.enabled = false;
      await this.publisher.pause('mic');
    } else {
      if (track) track.onended = null;
      await this.publisher.set(source, null);
    }
  }

  /** The browser ended a track: sharing was stopped in its own bar, or a device stumbled. A camera or microphone that
   * stumbles is opened anew, once in a while, before the person is taken off the air. */
  private async deviceGone(source: 'mic' | 'camera' | 'screen'): Promise<void> {
    const now = performance.now();
    const again = source !== 'screen' && now - (this.reopened.get(source) ?? -REOPEN_PAUSE_MS) >= REOPEN_PAUSE_MS;
    if (source === 'screen' || !again) {
      if (source !== 'screen') toast(deviceTrouble(source, 'failed'), 'bad');
      await this.turnOff(source);
      return;
    }
    this.reopened.set(source, now);
    await this.changeDevice(source);
  }

  /** A new device was chosen in the settings: change over without leaving the air. */
  async changeDevice(source: 'mic' | 'camera'): Promise<void> {
    if (source === 'mic') {
      this.mic?.stop();
      this.mic = null;
    }
    if (!this.local.peek()[source]) return;
    try {
      const track = source === 'mic' ? await this.openMicOnce() : await openCamera();
      track.onended = () => void this.deviceGone(source);
      await this.publisher.set(source, track);
    } catch (e) {
      toast(deviceTrouble(source, e instanceof DeviceError ? e.problem : 'failed'), 'bad');
      await this.turnOff(source);
    }
  }

  setAudioOnly(on: boolean): void {
    this.audioOnly.value = on;
    this.tellAudioOnly();
  }

  private tellAudioOnly(): void {
    const on = this.audioOnly.peek() || document.visibilityState === 'hidden';
    if (on === this.toldAudioOnly) return;
    this.toldAudioOnly = on;
    this.wire.tell('audio_only', { on });
  }

  /* ---- what comes in ---- */

  private onLine(s: LineState): void {
    const was = this.line.peek().at;
    this.line.value = s;
    if (s.at === 'lost' && was === 'live') say(t('line.lost'), true);
    if (s.at === 'live' && was === 'lost') say(t('line.back'), true);
    if (s.at === 'closed') this.release();
  }

  private onViewState(s: PeerState): void {
    const was = this.viewState.peek();
    this.viewState.value = s;
    /* A broken path is often a changed network: the line is then dead too, only slower to notice. */
    if (s === 'broken' && was === 'connected') this.wire.nudge();
  }

  private onPublishState(s: PeerState): void {
    const was = this.publishState.peek();
    this.publishState.value = s;
    if (s === 'broken' && was === 'connected') this.wire.nudge();
  }

  private async findPaths(): Promise<void> {
    if (!this.wire.isLive()) return;
    await Promise.all([this.viewer.restart(), this.publisher.restart()]).catch(() => undefined);
  }

  private onWelcome(w: Welcome): void {
    this.ice = w.ice ?? [];
    this.drawn.forget();
    batch(() => {
      this.me.value = w.you;
      this.title.value = w.room?.title ?? this.title.peek();
      this.can.value = w.room?.can ?? this.can.peek();
      if (w.snapshot) this.room.value = fromSnapshot(w.snapshot);
    });
    void this.reattach(w.media ?? { publish: false, view: false });
    void this.outbox.flush(this.room.peek().chat, this.me.peek().id);
  }

  /** After coming back the server may still have our connections (they need a new path at most) or have lost them. */
  private async reattach(has: { publish: boolean; view: boolean }): Promise<void> {
    try {
      if (!this.maySee.peek()) return;
      await Promise.all([this.reattachView(has.view), this.reattachPublish(has.publish)]);
    } catch {
      /* The line was cut again; the next welcome tries again. */
    }
  }

  private async reattachView(has: boolean): Promise<void> {
    if (!this.viewer.isOpen()) await this.viewer.open();
    else await (has ? this.viewer.restart() : this.viewer.rebuild());
    this.toldAudioOnly = false;
    if (this.audioOnly.peek()) this.tellAudioOnly();
  }

  private async reattachPublish(has: boolean): Promise<void> {
    if (this.publisher.isOpen() && has) await this.publisher.restart();
    await this.retell();
    if (!has && (this.publisher.isOpen() || this.publisher.hasTracks())) await this.publisher.rebuild();
  }

  /** What we send and what the room believes we send are made the same again. */
  private async retell(): Promise<void> {
    for (const source of Object.keys(NO_SOURCES) as Source[]) {
      const on = this.local.peek()[source];
      const told = this.self.peek()?.sources.includes(source) ?? false;
      if (on && !told && !(await this.command('source', { source, on: true }))) await this.silence(source);
      if (!on && told) await this.command('source', { source, on: false });
    }
  }

  private onEvent(e: RoomEvent): void {
    const before = this.room.peek();
    batch(() => {
      this.room.value = evolve(before, e);
      this.sideEffects(e, before);
    });
  }

  private sideEffects(e: RoomEvent, before: Room): void {
    const mine = e.who !== undefined && e.who === this.me.peek().id;
    const name = e.who ? (before.members.get(e.who)?.name ?? e.name ?? '') : '';
    switch (e.type) {
      case 'opened':
        say(t('say.opened'), true);
        void this.viewer.open().catch(() => undefined);
        break;
      case 'recording':
        say(t(e.on ? 'say.recordingOn' : 'say.recordingOff'), true);
        break;
      case 'staged':
        if (mine) toast(t('say.staged'), 'good');
        break;
      case 'unstaged':
        if (mine) void this.offStage();
        break;
      case 'source':
        /* Not by us: our own is off before the room says so. */
        if (mine && !e.on && e.source && this.local.peek()[e.source]) void this.silence(e.source);
        break;
      case 'muted':
        if (mine) this.onMuted(e.source ?? 'mic', e.by);
        break;
      case 'hand':
        if (e.on && !mine && this.isHost.peek()) say(t('say.hand', { name }));
        break;
      case 'joined':
        if (!mine && (e.role === 'host' || e.role === 'cohost')) say(t('say.joined', { name: e.name ?? '' }));
        break;
      case 'waiting':
        if (this.isHost.peek()) say(t('say.waiting', { name: e.name ?? '' }));
        break;
      case 'role':
        if (mine && e.role) {
          this.me.value = { ...this.me.peek(), role: e.role };
          toast(t(`yourRole.${e.role}`));
        }
        break;
      case 'chat':
        if (e.by === this.me.peek().id) this.outbox.seen(e.text ?? '');
        else this.unread.value++;
        break;
      case 'removed':
        if (mine) this.wire.close('removed');
        break;
      case 'ended':
        this.wire.close('ended');
        break;
    }
  }

  private onMuted(source: Source, by: string | undefined): void {
    if (!this.local.peek()[source]) return;
    void this.silence(source);
    const who = this.room.peek().members.get(by ?? '')?.name ?? '';
    const text = source === 'mic' ? t('muted.mic', { name: who }) : t('muted.video', { name: who });
    say(text, true);
    toast(text);
  }

  private async offStage(): Promise<void> {
    toast(t('say.unstaged'));
    for (const source of ['screen_audio', 'screen', 'camera'] as const) await this.silence(source);
    if (!this.can.peek().talk) await this.silence('mic');
  }

  private onEphemeral(m: Ephemeral): void {
    switch (m.type) {
      case 'slots':
        batch(() => {
          this.videoSlots.value = m.video ?? [];
          this.audioSlots.value = m.audio ?? [];
          this.onThin(m.audio_only ?? false);
        });
        this.drawn.carries(this.videoSlots.peek());
        break;
      case 'speaking':
        this.onSpeaking(m.who ?? []);
        break;
      case 'layers':
        this.publisher.layersOff(m.source, m.off ?? []);
        break;
      case 'presence':
        this.room.value = { ...this.room.peek(), count: m.count, partial: m.big ?? this.room.peek().partial };
        break;
      case 'quality':
        if (m.kind === 'publish') this.uplink.value = m;
        break;
      case 'lines':
        this.weakLines.value = new Map(m.weak.map((w) => [w.who, w]));
        break;
      case 'media_down':
        if (m.kind === 'publish') this.uplink.value = null;
        void (m.kind === 'publish' ? this.publisher : this.viewer).rebuild().catch(() => undefined);
        break;
      case 'can':
        this.can.value = m.can ?? {};
        if (this.publisher.isOpen()) void this.publisher.rebuild().catch(() => undefined);
        break;
    }
  }

  private onThin(thin: boolean): void {
    if (thin === this.thin.peek()) return;
    this.thin.value = thin;
    say(t(thin ? 'line.thin' : 'line.wide'), true);
  }

  /* The mark stays a moment after the voice stops, so that it does not flicker between words. */
  private onSpeaking(who: string[]): void {
    clearTimeout(this.speakTimer);
    if (who.length > 0) this.speaking.value = new Set(who);
    else this.speakTimer = setTimeout(() => (this.speaking.value = new Set()), SPEAKING_HOLD_MS);
  }

  private async measure(): Promise<void> {
    const q = await this.viewer.quality().catch(() => null);
    this.quality.value = q;
    this.frozenMs += q?.frozenMs ?? 0;
    if (++this.measured % LINE_EVERY !== 0 || !this.wire.isLive()) return;
    /* A line that is well is not spoken of, but once after it was not. */
    if (this.frozenMs > 0 || this.toldFrozen) this.wire.tell('line', { freeze_ms: Math.min(60_000, this.frozenMs) });
    this.toldFrozen = this.frozenMs > 0;
    this.frozenMs = 0;
  }
}

