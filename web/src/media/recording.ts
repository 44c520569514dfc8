/* recording — plays a lesson: the program with its sound, and the shared screen as a second picture that follows the
 * first one's time. Uses hls.js where the browser has Media Source, the browser's own HLS where it has not. */

import Hls, { type LoaderCallbacks, type LoaderConfiguration, type PlaylistLoaderConstructor, type PlaylistLoaderContext } from 'hls.js';

/* Pictures a third of a second apart are seen as apart; smaller differences are left alone. */
const DRIFT_S = 0.3;
const FOLLOW_MS = 250;
const LIVE_BACK_S = 30;

export type Quality = 'video' | 'audio';

export interface Sources {
  master: string;
  audio: string;
  languages: readonly { lang: string; playlist: string }[];
  screen: { playlist: string; offset_ms: number } | null;
  live: boolean;
  startS: number;
}

export interface PlayerHooks {
  failed(): void;
}

/* All runs and renditions of a recording lie on one timeline that begins at 0, so a discontinuity means another init
 * segment and no more, which EXT-X-MAP says by itself, and no list need be laid beside another by dates. hls.js 1.7 takes
 * a discontinuity for another origin of time, and loads sound only once it has a picture of the same count: opened where
 * the two change over a little apart, it waits for ever. And aligned by dates or counts, the list of sound begins some
 * microseconds late: opened at the beginning of a live one it then takes the sound from the edge. So it is told of neither. */
const APART = /^#EXT-X-(?:DISCONTINUITY|PROGRAM-DATE-TIME:.*)\r?\n/gm;
/* For the same reason never before the first sample of a live one. */
const LIVE_FIRST_S = 0.1;

class OneTimeline extends (Hls.DefaultConfig.loader as PlaylistLoaderConstructor) {
  override load(context: PlaylistLoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<PlaylistLoaderContext>): void {
    super.load(context, config, {
      ...callbacks,
      onSuccess: (response, ...rest) => {
        if (typeof response.data === 'string') response.data = response.data.replaceAll(APART, '');
        callbacks.onSuccess(response, ...rest);
      },
    });
  }
}

/** What plays: it can be ended, and told which language to hear ('' the floor); false: it has none such. */
interface Playback {
  stop(): void;
  hear(lang: string): boolean;
}

/* Not in the DOM's types: what a browser with HLS of its own has of a recording's sounds (HTML, "audioTracks"). */
interface OwnTrack {
  enabled: boolean;
  readonly language: string;
}
type OwnTracks = EventTarget & ArrayLike<OwnTrack>;

const isOf = (track: string | undefined, lang: string): boolean => {
  const code = (track ?? '').toLowerCase();
  return lang ? code === lang : code === '' || code === 'und';
};

function hearOwn(video: HTMLVideoElement, lang: string): boolean {
  const tracks = Array.from((video as { audioTracks?: OwnTracks }).audioTracks ?? []);
  const wanted = tracks.find((x) => isOf(x.language, lang));
  if (wanted) for (const x of tracks) x.enabled = x === wanted;
  return wanted !== undefined;
}

function playOwn(video: HTMLVideoElement, url: string, startS: number, failed: () => void): Playback {
  const tracks = (video as { audioTracks?: OwnTracks }).audioTracks;
  let wanted = '';
  const again = (): void => void hearOwn(video, wanted);
  video.src = url;
  const place = (): void => {
    const edge = video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : 0;
    video.currentTime = startS < 0 ? Math.max(0, edge - LIVE_BACK_S) : startS;
  };
  if (startS !== 0) video.addEventListener('loadedmetadata', place, { once: true });
  tracks?.addEventListener('addtrack', again);
  video.onerror = failed;
  return {
    stop: () => {
      tracks?.removeEventListener('addtrack', again);
      video.removeAttribute('src');
      video.load();
    },
    hear: (lang) => {
      wanted = lang;
      return hearOwn(video, lang) || video.readyState === 0;
    },
  };
}

/** Plays an HLS address from a second on (negative: of a live one, a little before now); gives what ends it. */
export function attach(video: HTMLVideoElement, url: string, startS: number, failed: () => void): () => void {
  return play(video, url, startS, failed).stop;
}

function play(video: HTMLVideoElement, url: string, startS: number, failed: () => void): Playback {
  if (!Hls.isSupported()) return playOwn(video, url, startS, failed);
  /* No worker: it would come from a blob: address, which the page's policy forbids, and our segments need no remuxing. */
  const hls = new Hls({
    enableWorker: false, lowLatencyMode: false, pLoader: OneTimeline, startPosition: startS, liveSyncDuration: LIVE_BACK_S, backBufferLength: 60,
  });
  let recovered = 0;
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recovered++ < 3) hls.recoverMediaError();
    else if (data.type === Hls.ErrorTypes.NETWORK_ERROR && recovered++ < 6) setTimeout(() => hls.startLoad(), 2000);
    else failed();
  });
  let wanted = '';
  const hear = (): boolean => {
    const track = hls.audioTracks.findIndex((x) => isOf(x.lang, wanted));
    if (track >= 0 && track !== hls.audioTrack) hls.audioTrack = track;
    return track >= 0;
  };
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, hear);
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    stop: () => hls.destroy(),
    hear: (lang) => {
      wanted = lang;
      return hear() || hls.audioTracks.length === 0;
    },
  };
}

export class RecordingPlayer {
  private playback: Playback;
  private quality: Quality = 'video';
  /** The language heard, '' the floor. */
  private lang = '';
  private stopScreen: (() => void) | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  /** It is where it was to begin; before that, neither its time nor its end say anything. */
  placed = false;

  constructor(
    readonly main: HTMLVideoElement,
    private readonly side: HTMLVideoElement | null,
    private readonly src: Sources,
    private readonly hooks: PlayerHooks,
  ) {
    const start = src.live && src.startS < 0 ? -1 : Math.max(this.first(), src.startS);
    this.playback = play(main, src.master, start, () => hooks.failed());
    main.addEventListener('canplay', () => (this.placed = true), { once: true });
    if (side && src.screen) {
      const offset = src.screen.offset_ms / 1000;
      /* The second picture missing is no reason to stop the lesson. */
      this.stopScreen = attach(side, src.screen.playlist, Math.max(0, start - offset), () => undefined);
      this.timer = setInterval(() => this.follow(offset), FOLLOW_MS);
    }
  }

  destroy(): void {
    clearInterval(this.timer);
    this.playback.stop();
    this.stopScreen?.();
  }

  /** Where playing can go to: the end of the lesson, or the edge of a live one. */
  end(): number {
    const v = this.main;
    const edge = v.seekable.length > 0 ? v.seekable.end(v.seekable.length - 1) : 0;
    return Number.isFinite(v.duration) && v.duration > 0 ? Math.max(v.duration, edge) : edge;
  }

  private first(): number {
    return this.src.live ? LIVE_FIRST_S : 0;
  }

  seek(s: number): void {
    this.main.currentTime = Math.max(this.first(), Math.min(s, Math.max(0, this.end() - 0.1)));
    if (this.src.screen) this.follow(this.src.screen.offset_ms / 1000);
  }

  /** Sound alone costs a twentieth of the data. */
  setQuality(q: Quality): void {
    this.quality = q;
    this.anew();
  }

  /** The languages there are by now; one that came while this plays is in no list that was read before. */
  hear(lang: string, languages: Sources['languages']): void {
    const same = this.lang === lang;
    this.lang = lang;
    this.src.languages = languages;
    const is = this.quality === 'video' ? this.playback.hear(lang) : same;
    if (!is && (lang === '' || languages.some((x) => x.lang === lang))) this.anew();
  }

  private url(): string {
    if (this.quality === 'video') return this.src.master;
    return this.src.languages.find((x) => x.lang === this.lang)?.playlist ?? this.src.audio;
  }

  private anew(): void {
    const at = this.main.currentTime;
    const rate = this.main.playbackRate;
    const playing = !this.main.paused;
    this.playback.stop();
    this.playback = play(this.main, this.url(), at, () => this.hooks.failed());
    if (this.quality === 'video') this.playback.hear(this.lang);
    this.main.addEventListener(
      'loadedmetadata',
      () => {
        this.main.playbackRate = rate;
        if (Math.abs(this.main.currentTime - at) > 1) this.main.currentTime = at;
        if (playing) this.main.play().catch(() => undefined);
      },
      { once: true },
    );
  }

  private follow(offset: number): void {
    const { main, side } = this;
    if (!side) return;
    const want = main.currentTime - offset;
    if (want < 0 || main.ended) {
      if (!side.paused) side.pause();
      return;
    }
    if (Math.abs(side.currentTime - want) > DRIFT_S && !side.seeking) side.currentTime = want;
    if (side.playbackRate !== main.playbackRate) side.playbackRate = main.playbackRate;
    if (main.paused !== side.paused) {
      if (main.paused) side.pause();
      else side.play().catch(() => undefined);
    }
  }
}
