/* player — pictures and controls of a recording, for a finished lesson and for looking back in a live one. Keys by
 * their place on the keyboard, whatever the layout. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { Recording } from '../api/types';
import { langHere, t } from '../i18n';
import { clock, speedOf } from '../i18n/dates';
import { RecordingPlayer, type Quality } from '../media/recording';
import { Pace } from '../protocol/pace';
import { inSpan } from '../protocol/timeline';
import { captionsOn, setCaptionsOn } from '../state/captions';
import { toast } from '../state/notices';
import { recall, remember } from '../state/prefs';
import { Dialog, Menu } from './basic';
import { Icon } from './icons';
import { CaptionChoice, Spoken } from './spoken';
import type { CaptionTrack } from './transcript';
import '../styles/player.css';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STEP_S = 10;
const SMALL_STEP_S = 5;
/* So near to the end of what is recorded is now. */
const EDGE_S = 3;
const PACE_MS = 1000;

interface Props {
  recording: Recording;
  /** Where to begin; negative in a live one: a little before now. */
  startS: number;
  title: string;
  autoplay?: boolean;
  onTime?: (s: number, plays: boolean, speed: number) => void;
  seekTo?: { s: number } | null;
  /** Of a live one: how fast, what to do when it has come to now, and when even its sound alone comes no nearer. */
  rate?: number;
  onEdge?: () => void;
  onTooSlow?: () => void;
  extra?: ComponentChildren;
  captions?: readonly CaptionTrack[];
}

interface Playing {
  at: number;
  end: number;
  paused: boolean;
  waiting: boolean;
  muted: boolean;
  speed: number;
}

const KEYS = [
  ['Space, K', 'player.key.play'],
  ['J, L', 'player.key.step'],
  ['← →', 'player.key.smallStep'],
  ['↑ ↓', 'player.key.volume'],
  ['M', 'player.key.mute'],
  ['F', 'player.key.full'],
  ['< >', 'player.key.speed'],
  ['0–9', 'player.key.percent'],
  ['?', 'player.key.help'],
] as const;

function useVideoState(video: HTMLVideoElement | null, player: RecordingPlayer | null): Playing {
  const [s, set] = useState<Playing>({ at: 0, end: 0, paused: true, waiting: true, muted: false, speed: 1 });
  useEffect(() => {
    if (!video || !player) return undefined;
    const read = (): void =>
      set({
        at: video.currentTime,
        end: player.end(),
        paused: video.paused,
        waiting: video.readyState < 3 && !video.ended,
        muted: video.muted || video.volume === 0,
        speed: video.playbackRate,
      });
    const names = ['timeupdate', 'play', 'pause', 'seeking', 'seeked', 'durationchange', 'waiting', 'canplay', 'volumechange', 'ratechange', 'ended', 'progress'];
    for (const n of names) video.addEventListener(n, read);
    read();
    return () => {
      for (const n of names) video.removeEventListener(n, read);
    };
  }, [video, player]);
  return s;
}

function Choice<T extends string | number>(p: { label: string; icon: ComponentChildren; value: T; options: [T, string][]; onPick: (v: T) => void }) {
  return (
    <Menu label={p.label} class="player-btn" button={p.icon}>
      {(close) =>
        p.options.map(([v, word]) => (
          <button type="button" key={v} role="menuitemradio" aria-checked={v === p.value} onClick={() => (close(), p.onPick(v))}>
            <span class="tick">{v === p.value && <Icon name="check" />}</span>
            {word}
          </button>
        ))
      }
    </Menu>
  );
}

export function Player(p: Props) {
  const mainRef = useRef<HTMLVideoElement>(null);
  const sideRef = useRef<HTMLVideoElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [player, setPlayer] = useState<RecordingPlayer | null>(null);
  const [failed, setFailed] = useState(false);
  const [quality, setQuality] = useState<Quality>('video');
  const [swapped, setSwapped] = useState(false);
  const [help, setHelp] = useState(false);
  const rec = p.recording;
  const [captionLang, setCaptionLang] = useState('');
  const tracks = p.captions ?? [];
  const track = captionsOn.value ? (tracks.find((x) => x.lang === captionLang) ?? tracks[0]) : undefined;
  const pickCaptions = (l: string): void => {
    setCaptionsOn(l !== '');
    setCaptionLang(l);
  };
  const screenUrl = rec.screen?.playlist ?? '';
  /* The language chosen in a room, too. */
  const [hears, setHears] = useState((recall('hear') ?? '').toLowerCase());
  const spoken = rec.languages.map((x) => x.lang);
  const heard = spoken.includes(hears) ? hears : '';
  const pickLanguage = (lang: string): void => {
    setHears(lang);
    remember('hear', lang || null);
  };

  useEffect(() => {
    const main = mainRef.current;
    if (!main) return undefined;
    setFailed(false);
    const rate = Number(recall('speed') ?? 1);
    const it = new RecordingPlayer(
      main,
      sideRef.current,
      { master: rec.master, audio: rec.audio, languages: rec.languages, screen: rec.screen, live: rec.state === 'live', startS: p.startS },
      { failed: () => setFailed(true) },
    );
    main.addEventListener('loadedmetadata', () => (main.playbackRate = rec.state === 'live' ? (p.rate ?? 1) : SPEEDS.includes(rate) ? rate : 1), { once: true });
    setPlayer(it);
    if (p.autoplay) main.play().catch(() => undefined);
    return () => it.destroy();
  }, [rec.master, screenUrl]);

  useEffect(() => player?.hear(heard, rec.languages), [player, heard, spoken.join(' ')]);

  const s = useVideoState(mainRef.current, player);
  useEffect(() => p.onTime?.(s.at, !s.paused && !s.waiting, s.speed), [s.at, s.paused, s.waiting, s.speed]);
  const edge = player?.placed === true && s.at > 0 && s.end - s.at < EDGE_S;
  useEffect(() => {
    if (edge) p.onEdge?.();
  }, [edge]);
  const pickQuality = (q: Quality): void => {
    setQuality(q);
    player?.setQuality(q);
  };
  useEffect(() => {
    if (!player || !p.rate || !p.onTooSlow) return undefined;
    const pace = new Pace(p.rate);
    const every = setInterval(() => {
      const v = mainRef.current;
      if (!v || !pace.falls(Date.now(), v.currentTime, v.paused ? 0 : v.playbackRate)) return;
      if (quality === 'audio') return p.onTooSlow?.();
      toast(t('weak.catchSound'));
      pickQuality('audio');
    }, PACE_MS);
    return () => clearInterval(every);
  }, [player, quality]);
  useEffect(() => {
    if (p.seekTo && player) player.seek(p.seekTo.s);
  }, [p.seekTo]);

  const act = {
    play: (): void => {
      const v = mainRef.current;
      if (!v) return;
      if (v.paused) v.play().catch(() => undefined);
      else v.pause();
    },
    step: (by: number): void => player?.seek((mainRef.current?.currentTime ?? 0) + by),
    mute: (): void => {
      const v = mainRef.current;
      if (v) v.muted = !v.muted;
    },
    volume: (by: number): void => {
      const v = mainRef.current;
      if (v) v.volume = Math.max(0, Math.min(1, v.volume + by));
    },
    speed: (to: number): void => {
      if (mainRef.current) mainRef.current.playbackRate = to;
      remember('speed', to === 1 ? null : String(to));
    },
    faster: (by: number): void => {
      const at = SPEEDS.indexOf(mainRef.current?.playbackRate ?? 1);
      const to = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))];
      if (to) act.speed(to);
    },
    full: (): void => {
      if (document.fullscreenElement) void document.exitFullscreen();
      else box.current?.requestFullscreen?.().catch(() => undefined);
    },
  };

  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      const el = e.target as HTMLElement | null;
      if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
      if (el?.closest?.('input:not([type="range"]), textarea, select, dialog, [role="menu"], [role="log"]')) return;
      const inside = Boolean(box.current?.contains(el));
      const onSeek = el?.matches?.('input[type="range"]') ?? false;
      const onButton = Boolean(el?.closest?.('button, a, summary'));
      const digit = /^(?:Digit|Numpad)(\d)$/.exec(e.code);
      const keys: Record<string, () => void> = {
        KeyK: act.play,
        KeyJ: () => act.step(-STEP_S),
        KeyL: () => act.step(STEP_S),
        ArrowLeft: () => act.step(-SMALL_STEP_S),
        ArrowRight: () => act.step(SMALL_STEP_S),
        KeyM: act.mute,
        KeyF: act.full,
      };
      if (e.shiftKey) Object.assign(keys, { Comma: () => act.faster(-1), Period: () => act.faster(1) });
      if (!onButton) keys.Space = act.play;
      /* Up and down scroll the page, unless the player has the focus; on its slider they go on and back. */
      if (onSeek) Object.assign(keys, { ArrowUp: keys.ArrowRight, ArrowDown: keys.ArrowLeft });
      else if (inside) Object.assign(keys, { ArrowUp: () => act.volume(0.1), ArrowDown: () => act.volume(-0.1) });
      /* Where `?` is differs by layout: its place on most keyboards, or the sign itself. */
      const asks = e.key === '?' || (e.code === 'Slash' && e.shiftKey);
      const fn = asks ? () => setHelp(true) : digit && !e.shiftKey ? () => player?.seek((player.end() * Number(digit[1])) / 10) : keys[e.code];
      if (!fn) return;
      e.preventDefault();
      e.stopPropagation();
      fn();
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [player]);

  const showScreen = rec.screen !== null && quality === 'video' && s.at * 1000 >= rec.screen.offset_ms &&
    (!rec.screen.spans || inSpan(rec.screen.spans, s.at * 1000));
  const time = rec.state === 'live' ? `−${clock(Math.max(0, s.end - s.at) * 1000)}` : `${clock(s.at * 1000)} / ${clock(s.end * 1000)}`;

  return (
    <div class="player" ref={box} role="region" aria-label={t('player.label', { title: p.title })}>
      <div class={`pictures${showScreen ? ' two' : ''}${swapped ? ' swapped' : ''}`}>
        <video ref={mainRef} class="picture-main" playsInline preload="metadata" poster={rec.poster ?? undefined}
          onClick={act.play} aria-label={t('player.program')} />
        {rec.screen && (
          <video ref={sideRef} class="picture-screen" muted playsInline hidden={!showScreen} onClick={act.play}
            aria-label={t('player.screen')} />
        )}
        {quality === 'audio' && <div class="sound-only"><Icon name="headphones" />{t('player.audioOnly')}</div>}
        {track && <Spoken video={mainRef.current} track={track} />}
        {failed && <p class="player-note" role="alert">{t('player.failed')}</p>}
        {!failed && s.waiting && !s.paused && <span class="spin player-wait" aria-hidden="true" />}
        {s.paused && !failed && (
          <button type="button" class="big-play" aria-label={t('player.play')} onClick={act.play}>
            <Icon name="play" />
          </button>
        )}
      </div>
      <div class="player-bar">
        <input class="seek" type="range" min={0} max={Math.max(1, s.end)} step={0.1} value={s.at} aria-label={t('player.seek')}
          aria-valuetext={t('player.at', { at: clock(s.at * 1000), of: clock(s.end * 1000) })}
          onInput={(e) => player?.seek(Number(e.currentTarget.value))} />
        <div class="player-row">
          <button type="button" class="player-btn" onClick={act.play} aria-label={t(s.paused ? 'player.play' : 'player.pause')}>
            <Icon name={s.paused ? 'play' : 'pause'} />
          </button>
          <button type="button" class="player-btn" onClick={() => act.step(-STEP_S)} aria-label={t('player.back')}><Icon name="back10" /></button>
          <button type="button" class="player-btn" onClick={() => act.step(STEP_S)} aria-label={t('player.forward')}><Icon name="fwd10" /></button>
          <button type="button" class="player-btn wide-only" onClick={act.mute} aria-label={t(s.muted ? 'player.unmute' : 'player.mute')}>
            <Icon name={s.muted ? 'volumeOff' : 'volume'} />
          </button>
          <span class="player-time">{time}</span>
          {p.extra}
          <span class="grow" />
          {rec.state !== 'live' && (
            <Choice label={t('player.speed')} icon={<span class="player-word">{speedOf(s.speed)}</span>} value={s.speed}
              options={SPEEDS.map((v) => [v, speedOf(v)])} onPick={act.speed} />
          )}
          {spoken.length > 0 && (
            <Choice label={t('channels.now', { name: heard ? langHere(heard) : t('channels.floor') })} icon={<Icon name="headphones" />} value={heard}
              options={[['', t('channels.floor')], ...spoken.map((x): [string, string] => [x, langHere(x)])]} onPick={pickLanguage} />
          )}
          {tracks.length > 0 && <CaptionChoice tracks={tracks} shown={track} onPick={pickCaptions} class="player-btn" />}
          <Choice label={t('player.quality')} icon={<Icon name="settings" />} value={quality}
            options={[['video', t('player.withVideo')], ['audio', t('player.soundOnly')]]} onPick={pickQuality} />
          {showScreen && (
            <button type="button" class="player-btn" onClick={() => setSwapped(!swapped)} aria-label={t('player.swap')}><Icon name="swap" /></button>
          )}
          <button type="button" class="player-btn wide-only" onClick={() => setHelp(true)} aria-label={t('keys.title')}><Icon name="keyboard" /></button>
          <button type="button" class="player-btn" onClick={act.full} aria-label={t('player.full')}><Icon name="full" /></button>
        </div>
      </div>
      {help && (
        <Dialog title={t('keys.title')} onClose={() => setHelp(false)} actions={
          <button type="button" class="btn primary" onClick={() => setHelp(false)}>{t('close')}</button>
        }>
          <dl class="stats">
            {KEYS.map(([k, word]) => (
              <div key={k}><dt><kbd>{k}</kbd></dt><dd>{t(word)}</dd></div>
            ))}
          </dl>
        </Dialog>
      )}
    </div>
  );
}
