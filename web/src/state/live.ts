/* live — one room as a person is in it: the line, what is sent, what is seen, and what is shown of them. Commands go
 * to the server and come back as events; only those change what the screen says about the room. */

import { batch, computed, signal } from '@preact/signals';
import { t, errorText } from '../i18n';
import { DeviceError, openCamera, openContent, openMic, openScreen } from '../media/devices';
import { onNetworkChange } from '../media/network';
import type { PeerState, Signal } from '../media/peer';
import { Publisher } from '../media/publish';
import { type LinkQuality, Viewer } from '../media/view';
import { voted } from '../protocol/asks';
import { tallied } from '../protocol/polls';
import { emptyRoom, evolve, fromSnapshot, type Room } from '../protocol/room';
import { placeOf } from '../protocol/tables';
import { Line, type LineState } from '../protocol/socket';
import type { Answer, Ephemeral, Found, Ok, Pointing, Role, RoomEvent, RoomInfo, ServerQuality, Slot, Source, WeakLine, Welcome } from '../protocol/types';
import { RequestError } from '../protocol/types';
import { Away } from './away';
import { newConnection } from './birth';
import { Captions } from './captions';
import { Booth } from './booth';
import { Cinema } from './cinema';
import { Cuts } from './cuts';
import { Dictation } from './dictation';
import { Drawn } from './drawn';
import { Look } from './look';
import { Order } from './order';
import { Outbox } from './outbox';
import { dropToasts, say, toast } from './notices';
import { sayOfTables } from './seating';
import { Talk } from './talk';
import { Thrift } from './thrift';
import { deviceTrouble, NO_SOURCES, type Device } from './sources';

const QUALITY_EVERY_MS = 3_000;
/* The server is told of frozen pictures once in so many measures: its "ten seconds or so". */
const LINE_EVERY = 4;
const SPEAKING_HOLD_MS = 900;

export interface LiveOptions {
  ticket(fresh: boolean): Promise<string>;
  url: string;
  videoSlots: number;
}

/* A device that stumbles again sooner is broken. */
const REOPEN_PAUSE_MS = 10_000;

export class Live {
  readonly line = signal<LineState>({ at: 'connecting' });
  readonly room = signal<Room>(emptyRoom);
  readonly me = signal<{ id: string; name: string; role: Role }>({ id: '', name: '', role: 'attendee' });
  readonly title = signal('');
  readonly can = signal<Record<string, boolean>>({});
  /** What kind of room it is, as its format says. */
  readonly info = signal<Partial<RoomInfo>>({});
  readonly videoSlots = signal<readonly Slot[]>([]);
  readonly audioSlots = signal<readonly Slot[]>([]);
  /** Why there is sound alone: this line, or a server that cannot keep up. */
  readonly thin = signal<'thin' | 'overload' | 'wide'>('wide');
  readonly streams = signal<ReadonlyMap<string, MediaStream>>(new Map());
  readonly audioStreams = signal<readonly MediaStream[]>([]);
  readonly pointing = signal<Pointing | null>(null);
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
  readonly audioBlocked = signal(false);
  readonly unread = signal(0);
  readonly outbox = new Outbox(({ key, text, manner }) => this.command('chat', { text, ...manner, once: key }));
  readonly pin = computed(() => this.room.value.pin);
  readonly chatRules = computed(() => this.room.value.chatRules);

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
  readonly polls = computed(() => this.room.value.polls);
  readonly asks = computed(() => this.room.value.asks);
  readonly timer = computed(() => this.room.value.timer);
  readonly ink = computed(() => this.room.value.ink);
  readonly slides = computed(() => this.room.value.slides);
  readonly notes = computed(() => this.room.value.notes);
  readonly tables = computed(() => this.room.value.tables);
  /** The table one is at, 0: the plenary. There everybody may do what one may on stage. */
  readonly place = computed(() => placeOf(this.tables.value, this.self.value));
  readonly partial = computed(() => this.room.value.partial);
  /** Hosts and co-hosts, as text, so that it changes with them only. */
  readonly leaders = computed(() =>
    [...this.members.value.values()].filter((m) => m.role === 'host' || m.role === 'cohost').map((m) => `${m.id} ${m.role}`).join('\n'));

  readonly self = computed(() => this.members.value.get(this.me.value.id) ?? null);
  readonly isHost = computed(() => {
    const role = this.self.value?.role ?? this.me.value.role;
    return role === 'host' || role === 'cohost';
  });
  readonly onStage = computed(() => (this.self.value?.stage ?? false) || this.place.value > 0);
  readonly invited = computed(() => this.self.value?.invited ?? false);
  readonly maySee = computed(() => this.life.value === 'open' || this.me.value.role !== 'attendee');

  readonly look = new Look(this);
  readonly away = new Away(() => this.serverNow());
  readonly thrift = new Thrift((type, on) => this.viewer.isOpen() && this.wire.tell(type, { on }));
  readonly order = new Order(this);
  readonly talk = new Talk(this);
  readonly captions = new Captions(this, (fields) => this.wire.tell('captioning', fields));
  readonly dictation = new Dictation({
    deliver: (fields) => this.request('caption', fields),
    seq: () => this.wire.lastSeq(),
    written: () => this.room.peek().captions.filter((l) => l.by === this.me.peek().id),
    refused: (e) => toast(errorText(e), 'bad'),
  });
  readonly booth = new Booth(this, (type, fields) => this.wire.tell(type, fields));
  readonly cinema = new Cinema(this);
  readonly drawn = new Drawn((slots) => this.viewer.isOpen() && this.wire.tell('draw', { slots }));
  readonly cuts: Cuts;
  private readonly wire: Line;
  private readonly slotsMax: number;
  private ice: RTCIceServer[] = [];
  private readonly publisher: Publisher;
  private readonly viewer: Viewer;
  private mic: MediaStreamTrack | null = null;
  private readonly reopened = new Map<Source, number>();
  private readonly pressed = new Map<Source, boolean>(); // what is to be on or off, still under way
  private turns: Promise<void> = Promise.resolve();
  private measured = 0;
  private frozenMs = 0;
  private toldFrozen = false;
  private qualityTimer: ReturnType<typeof setInterval> | undefined;
  private speakTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly stops: (() => void)[] = [];

  /** What lets this person in, for requests that a guest makes as who leads the room. */
  readonly ticket: () => Promise<string>;

  constructor(o: LiveOptions) {
    this.ticket = () => o.ticket(false);
    this.slotsMax = o.videoSlots;
    this.wire = new Line({
      url: o.url,
      client: 'web/1',
      ticket: o.ticket,
      open: (url, protocol) => new WebSocket(url, protocol) as never,
      hooks: {
        welcome: (w, anew) => this.onWelcome(w, anew),
        caughtUp: () => this.onCaughtUp(),
        event: (e) => this.onEvent(e),
        ephemeral: (m) => this.onEphemeral(m),
        state: (s) => this.onLine(s),
      },
    });
    const offers: Signal = {
      offer: async (type, fields) => ((await this.wire.request(type, fields)) as Answer).sdp,
      ice: () => this.ice,
      make: newConnection,
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
    this.cuts = new Cuts({
      viewer: this.viewer,
      publisher: this.publisher,
      wire: this.wire,
      states: [this.viewState, this.publishState],
      again: () => void this.findPaths(),
    });
  }

  start(): void {
    this.wire.start();
    const nudge = (): void => this.wire.nudge();
    /* Online again, or from Wi-Fi to mobile: the welcome that follows finds new paths for picture and sound. */
    const moved = (): void => this.wire.renew();
    const stopNetwork = onNetworkChange(moved);
    const awake = (): void => {
      if (document.visibilityState === 'visible') nudge();
      this.thrift.look();
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
    this.cuts.start();
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
    this.cuts.stop();
    clearTimeout(this.speakTimer);
    this.away.gone();
    this.drawn.stop();
    this.thrift.stop();
    this.viewer.close();
    this.publisher.stopAll();
    this.publisher.close();
    this.mic?.stop();
    this.mic = null;
    this.local.value = NO_SOURCES;
  }

  readonly serverNow = (): number => this.wire.serverNow();
  readonly askTime = (): void => this.wire.askTime();

  /** A request whose refusal is the asker's to deal with. */
  readonly request = (type: string, fields: Record<string, unknown>): Promise<Ok | Answer | Found> => this.wire.request(type, fields);

  /** Said once, and by nobody answered; false: cut off, it was not said. */
  tell(type: string, fields: Record<string, unknown>): boolean {
    return this.wire.tell(type, fields);
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

  /** The other way round than its button shows it now. One after the other: what is pressed meanwhile waits for its turn,
   * the same wish twice counts once. A microphone is deaf at once. */
  toggle(source: Device): Promise<void> {
    const on = !this.local.peek()[source];
    if (this.pressed.get(source) === on) return Promise.resolve();
    this.pressed.set(source, on);
    if (source === 'mic' && !on && this.mic) this.mic.enabled = false;
    const turn = this.turns.then(async () => {
      this.busy.value = source;
      try {
        if (this.local.peek()[source] !== on) await (on ? this.turnOn(source) : this.turnOff(source));
      } finally {
        this.busy.value = null;
        if (this.pressed.get(source) === on) this.pressed.delete(source);
      }
    });
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  /** True when this person may turn the source on now, or may put himself where he may. */
  mayTurnOn(source: Device): boolean {
    const can = this.can.value;
    if (source === 'mic' && (can.talk || this.booth.interprets.value)) return true;
    if (!can[`publish_${source === 'content' ? 'screen' : source}`]) return false;
    return this.onStage.value || Boolean(can.stage_self || can.moderate || can.stage_auto);
  }

  private async turnOn(source: Device): Promise<void> {
    const needsStage = !this.onStage.peek() && !(source === 'mic' && (this.can.peek().talk || this.booth.interprets.peek()));
    if (needsStage && !(await this.command('stage'))) return;
    let sound: MediaStreamTrack | null = null;
    let track: MediaStreamTrack;
    try {
      if (source === 'screen') {
        const s = await openScreen();
        track = s.video;
        sound = s.audio;
      } else {
        track = await this.openDevice(source);
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

  private openDevice(source: 'mic' | 'camera' | 'content'): Promise<MediaStreamTrack> {
    if (source === 'mic') return this.openMicOnce();
    return source === 'camera' ? openCamera() : openContent(this.localTrack('camera'));
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
  private async deviceGone(source: Device): Promise<void> {
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
  async changeDevice(source: 'mic' | 'camera' | 'content'): Promise<void> {
    if (source === 'mic') {
      this.mic?.stop();
      this.mic = null;
    }
    if (!this.local.peek()[source]) return;
    try {
      const track = await this.openDevice(source);
      track.onended = () => void this.deviceGone(source);
      await this.publisher.set(source, track);
    } catch (e) {
      toast(deviceTrouble(source, e instanceof DeviceError ? e.problem : 'failed'), 'bad');
      await this.turnOff(source);
    }
  }

  /* ---- what comes in ---- */

  private onLine(s: LineState): void {
    const was = this.line.peek().at;
    if (s.at === 'closed') dropToasts();
    this.line.value = s;
    if (s.at !== 'live') this.away.gone();
    if (s.at === 'lost' && was === 'live') say(t(s.why === 'busy' ? 'line.busy' : 'line.lost'), true);
    if (s.at === 'live' && was === 'lost') say(t('line.back'), true);
    if (s.at === 'closed') this.release();
  }

  private onViewState(s: PeerState): void {
    const was = this.viewState.peek();
    this.viewState.value = s;
    if (s === 'connected' && was !== s) {
      this.thrift.anew();
      this.look.anew();
    }
    /* A broken path is often a changed network: the line is then dead too, only slower to notice. */
    if (s === 'broken' && was === 'connected') this.wire.doubt();
  }

  private onPublishState(s: PeerState): void {
    const was = this.publishState.peek();
    this.publishState.value = s;
    if (s === 'broken' && was === 'connected') this.wire.doubt();
  }

  private async findPaths(): Promise<void> {
    if (!this.wire.isLive()) return;
    await Promise.all([this.viewer.restart(), this.publisher.restart()]).catch(() => undefined);
  }

  private onWelcome(w: Welcome, anew: boolean): void {
    this.ice = w.ice ?? [];
    this.drawn.forget();
    this.publisher.video = this.viewer.video = w.room?.video ?? this.viewer.video;
    batch(() => {
      this.me.value = w.you;
      this.title.value = w.room?.title ?? this.title.peek();
      this.can.value = w.room?.can ?? this.can.peek();
      this.info.value = w.room ?? this.info.peek();
      this.viewer.videoSlots = Math.min(this.slotsMax, w.room?.video_slots ?? this.slotsMax);
      if (w.snapshot) this.room.value = fromSnapshot(w.snapshot);
      this.talk.remember(w);
    });
    this.booth.again();
    if (anew) {
      this.thrift.anew();
      this.cinema.anew();
    }
    void this.reattach(anew ? (w.media ?? { publish: false, view: false }) : null);
    void this.outbox.flush();
  }

  /** After a welcome, once all is told that was missed: here the room may be read. */
  private onCaughtUp(): void {
    const { id } = this.info.peek();
    if (id) this.away.here(id, this.recording.peek() ? this.room.peek().recordingAt : 0);
    this.look.anew();
    void this.dictation.caughtUp();
    void this.retell().catch(() => undefined); /* cut off again; the next return tells it */
  }

  /** After coming back the server may still have our connections (they need a new path at most) or have lost them. On a
   * line that stands (null) there is nothing to mend. */
  private async reattach(has: { publish: boolean; view: boolean } | null): Promise<void> {
    try {
      if (!this.maySee.peek()) return;
      if (!has) return await this.viewer.open();
      await Promise.all([this.reattachView(has.view), this.reattachPublish(has.publish)]);
    } catch {
      /* The line was cut again; the next welcome tries again. */
    }
  }

  private async reattachView(has: boolean): Promise<void> {
    if (!this.viewer.isOpen()) await this.viewer.open();
    else await (has ? this.viewer.restart() : this.viewer.rebuild());
  }

  private async reattachPublish(has: boolean): Promise<void> {
    if (this.publisher.isOpen() && has) await this.publisher.restart();
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
    this.order.happened(e, before);
    this.talk.happened(e);
    this.captions.happened(e);
    sayOfTables(this, e, before, name);
    switch (e.type) {
      case 'opened':
        say(t('say.opened'), true);
        void this.viewer.open().catch(() => undefined);
        break;
      case 'recording':
        say(t(!e.on ? 'say.recordingOff' : e.state === 'failed' ? 'rec.fails' : e.state === 'gap' ? (before.recordingFails ? 'rec.again' : 'rec.gap') : 'say.recordingOn'), true);
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
      case 'direct':
        if (e.by === this.me.peek().id) this.outbox.drop(e.once ?? 0);
        else this.unread.value++;
        break;
      case 'timer':
        if (e.on) say(t('say.timer', { minutes: Math.round((e.seconds ?? 0) / 60) }));
        break;
      case 'poll_shown':
        if (e.on) say(t('say.pollShown'));
        break;
      case 'mute_asked':
        if (mine) this.look.onMuteAsked(e.by);
        break;
      case 'removed':
        if (mine) this.wire.close('removed');
        break;
      case 'ended':
        this.wire.close(e.state === 'cancelled' ? 'cancelled' : 'ended');
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
    for (const source of ['screen_audio', 'screen', 'content', 'camera'] as const) await this.silence(source);
    if (!this.can.peek().talk && !this.booth.interprets.peek()) await this.silence('mic');
  }

  private onEphemeral(m: Ephemeral): void {
    switch (m.type) {
      case 'slots':
        batch(() => {
          this.videoSlots.value = m.video ?? [];
          this.audioSlots.value = m.audio ?? [];
          this.onThin(m.audio_only ? (m.overload ? 'overload' : 'thin') : 'wide');
        });
        this.drawn.carries(this.videoSlots.peek());
        break;
      case 'speaking':
        this.onSpeaking(m.who ?? []);
        break;
      case 'listening':
        this.booth.listening.value = m;
        break;
      case 'thrift':
        this.publisher.thrifty(m.on);
        break;
      case 'captioning':
        this.captions.typed(m);
        break;
      case 'pointing':
        this.pointing.value = m;
        break;
      case 'layers':
        this.publisher.layersOff(m.source, m.off ?? []);
        break;
      case 'presence':
        this.room.value = { ...this.room.peek(), count: m.count, partial: m.big ?? this.room.peek().partial };
        break;
      case 'queue':
        this.look.queue.value = m;
        break;
      case 'quality':
        if (m.kind === 'publish') this.uplink.value = m;
        break;
      case 'lines':
        this.weakLines.value = new Map(m.weak.map((w) => [w.who, w]));
        break;
      case 'stalls':
        this.cinema.stalls.value = m.count;
        break;
      case 'votes':
        this.room.value = { ...this.room.peek(), asks: voted(this.room.peek().asks, m.asks) };
        break;
      case 'tally':
        this.room.value = { ...this.room.peek(), polls: tallied(this.room.peek().polls, m.polls) };
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

  private onThin(thin: 'thin' | 'overload' | 'wide'): void {
    if (thin === this.thin.peek()) return;
    this.thin.value = thin;
    say(t(`line.${thin}`), true);
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
    this.frozenMs += this.thrift.saving.peek() ? 0 : (q?.frozenMs ?? 0);
    if (++this.measured % LINE_EVERY !== 0 || !this.wire.isLive()) return;
    /* A line that is well is not spoken of, but once after it was not. */
    if (this.frozenMs > 0 || this.toldFrozen) this.wire.tell('line', { freeze_ms: Math.min(60_000, this.frozenMs) });
    this.toldFrozen = this.frozenMs > 0;
    this.frozenMs = 0;
  }
}

