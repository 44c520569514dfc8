/* film — a video that is kept where it should be: the one a room watches together, and the same in the lesson later on.
 * Its sound is this person's own: louder, softer, or not at all; where the browser keeps it silent, one button. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { attach } from '../media/recording';
import { Stepper } from '../protocol/film';
import { recall, remember } from '../state/prefs';
import '../styles/film.css';
import { FilmCaptions } from './filmcaptions';
import { Icon } from './icons';

const LOOK_MS = 200;
const VOLUME = 'film.volume';

export interface FilmProps {
  url: string;
  label: string;
  /** Where it should be now. */
  want: () => { s: number; plays: boolean; rate: number };
  /** Changes when somebody pressed something. */
  mark: string;
  /** Where its captions are told of; '': it has none of its own. */
  captions?: string;
  /** Several times a second. */
  onWait?: (waiting: boolean) => void;
}

function keptVolume(): number {
  const v = Number(recall(VOLUME) ?? 1);
  return v >= 0 && v <= 1 ? v : 1;
}

export function FilmPicture(p: FilmProps) {
  const ref = useRef<HTMLVideoElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const stepper = useRef(new Stepper());
  const pressed = useRef(false);
  const props = useRef(p);
  props.current = p;
  const [blocked, setBlocked] = useState(false);
  const [failed, setFailed] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [volume, setVolume] = useState(keptVolume);
  const wanted = useRef(volume);
  wanted.current = volume;

  useEffect(() => {
    const v = ref.current;
    if (!v) return undefined;
    setFailed(false);
    v.volume = wanted.current;
    let starting = false;
    const stop = attach(v, p.url, Math.max(0.01, props.current.want().s), () => setFailed(true));
    const play = (): void => {
      if (starting) return;
      starting = true;
      v.play().catch((e: DOMException) => {
        if (e.name !== 'NotAllowedError' || v.muted) return;
        /* The picture goes in step all the same. */
        v.muted = true;
        setBlocked(true);
      }).finally(() => (starting = false));
    };
    const look = (): void => {
      const want = props.current.want();
      const waits = want.plays && v.readyState < 3;
      setWaiting(waits);
      props.current.onWait?.(waits);
      /* A seek may never end (near the end of what there is): what is pressed does not wait for it. */
      if (v.readyState < 1 || (v.seeking && !pressed.current)) return;
      pressed.current = false;
      const step = stepper.current.step(v.currentTime, want, performance.now());
      if (step.seekTo !== null) v.currentTime = Math.min(step.seekTo, Number.isFinite(v.duration) ? Math.max(0, v.duration - 0.05) : step.seekTo);
      if (Math.abs(v.playbackRate - step.rate) > 0.001) v.playbackRate = step.rate;
      if (want.plays && v.paused && !v.ended) play();
      else if (!want.plays && !v.paused) v.pause();
    };
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      stop();
      props.current.onWait?.(false);
    };
  }, [p.url]);

  useEffect(() => {
    stepper.current.anew();
    pressed.current = true;
  }, [p.mark, p.url]);

  const hear = (to: number): void => {
    setVolume(to);
    remember(VOLUME, to === 1 ? null : String(to));
    if (ref.current) ref.current.volume = to;
    if (to > 0) unblock();
  };
  const unblock = (): void => {
    setBlocked(false);
    if (ref.current) ref.current.muted = false;
  };
  const full = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else box.current?.requestFullscreen?.().catch(() => undefined);
  };
  return (
    <div class="film-picture" ref={box}>
      <video ref={ref} playsInline preload="auto" aria-label={p.label} />
      {waiting && !failed && <span class="spin film-wait" role="img" aria-label={t('film.loading')} />}
      {failed && <p class="film-note" role="alert">{t('film.failed')}</p>}
      {blocked && (
        <button type="button" class="btn primary large film-unlock" onClick={unblock}>
          <Icon name="volume" />
          {t('film.unlock')}
        </button>
      )}
      <div class="film-own" role="group" aria-label={t('film.own')}>
        <Icon name={volume === 0 || blocked ? 'volumeOff' : 'volume'} />
        <input class="film-volume" type="range" min={0} max={1} step={0.05} value={volume} aria-label={t('film.volume')}
          aria-valuetext={`${Math.round(volume * 100)} %`} onInput={(e) => hear(Number(e.currentTarget.value))} />
        {p.captions && <FilmCaptions base={p.captions} mark={p.mark} video={ref} />}
        <button type="button" class="btn quiet icon-only" aria-label={t('player.full')} onClick={full}><Icon name="full" /></button>
      </div>
    </div>
  );
}
