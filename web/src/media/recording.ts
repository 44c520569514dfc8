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

/** Plays an HLS address from a second on (negative: of a live one, a little before now); gives what ends it. */
export function attach(video: HTMLVideoElement, url: string, startS: number, failed: () => void): () => void {
  if (!Hls.isSupported()) {
    video.src = url;
    const place = (): void => {
      const edge = video.seekable.length > 0 ? video.seekable.end(video.seekable.length - 1) : 0;
      video.currentTime = startS < 0 ? Math.max(0, edge - LIVE_BACK_S) : startS;
    };
    if (startS !== 0) video.addEventListener('loadedmetadata', place, { once: true });
    video.onerror = failed;
    return () => {
      video.removeAttribute('src');
      video.load();
    };
  }
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
  hls.loadSource(url);
  hls.attachMedia(video);
  return () => hls.destroy();
}

export class RecordingPlayer {
  private stopMain: () => void;
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
    this.stopMain = attach(main, src.master, start, () => hooks.failed());
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
    this.stopMain();
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
    const at = this.main.currentTime;
    const rate = this.main.playbackRate;
    const playing = !this.main.paused;
    this.stopMain();
    this.stopMain = attach(this.main, q === 'audio' ? this.src.audio : this.src.master, at, () => this.hooks.failed());
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
