/* film — the video a room watches together, and for who may show it what everybody's buttons would be. */

import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { clock, speedOf } from '../../i18n/dates';
import { filmBase, uploadOf, type Clip } from '../../protocol/film';
import { FilmPicture } from '../../widgets/film';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';

const TELL_MS = 250;
const STEP_S = 10;
const SPEEDS = [75, 100, 125, 150];

/** The second it stands at, as time goes on. */
function useWhere(): number {
  const { cinema } = useLive();
  const [s, set] = useState(() => cinema.want().s);
  const film = cinema.film.value;
  useEffect(() => {
    const read = (): void => set(cinema.want().s);
    read();
    const timer = setInterval(read, TELL_MS);
    return () => clearInterval(timer);
  }, [film]);
  return s;
}

function Leading({ clip, s }: { clip: Clip; s: number }) {
  const { cinema } = useLive();
  const film = cinema.film.value;
  const plays = film.on && s * 1000 < clip.length;
  const [drag, setDrag] = useState<number | null>(null);
  const at = drag ?? s;
  const stalls = cinema.stalls.value;
  const go = (to: number): void => {
    setDrag(null);
    cinema.seek(to);
  };
  return (
    <>
      <input class="film-seek" type="range" min={0} max={clip.length / 1000} step={0.1} value={at} aria-label={t('film.seek')}
        aria-valuetext={t('player.at', { at: clock(at * 1000), of: clock(clip.length) })}
        onInput={(e) => setDrag(Number(e.currentTarget.value))} onChange={(e) => go(Number(e.currentTarget.value))} />
      <div class="film-row">
        <button type="button" class="btn quiet icon-only" aria-label={t(plays ? 'film.pause' : 'film.play')}
          onClick={() => (plays ? cinema.pause() : cinema.play())}>
          <Icon name={plays ? 'pause' : 'play'} />
        </button>
        <button type="button" class="btn quiet icon-only" aria-label={t('player.back')} onClick={() => go(Math.max(0, s - STEP_S))}><Icon name="back10" /></button>
        <button type="button" class="btn quiet icon-only" aria-label={t('player.forward')} onClick={() => go(s + STEP_S)}><Icon name="fwd10" /></button>
        <span class="film-time">{clock(at * 1000)} / {clock(clip.length)}</span>
        <select class="input film-speed" aria-label={t('player.speed')} value={film.rate} onChange={(e) => cinema.speed(Number(e.currentTarget.value))}>
          {SPEEDS.map((v) => <option key={v} value={v}>{speedOf(v / 100)}</option>)}
        </select>
        <button type="button" class="btn quiet" onClick={() => cinema.stop()}>{t('film.stop')}</button>
        {stalls > 0 && <span class="film-stalls" role="status">{t('film.stalls', { count: stalls })}</span>}
      </div>
    </>
  );
}

export function FilmView({ id }: { id: string }) {
  const live = useLive();
  const { cinema } = live;
  const film = cinema.film.value;
  const clip = cinema.clip.value;
  const s = useWhere();
  useEffect(() => live.askTime(), [live]);
  if (!clip) return null;
  const soundOnly = live.thrift.audioOnly.value || live.thrift.saving.value;
  const base = filmBase(id, clip);
  return (
    <section class="film" aria-label={t('film.shown', { title: clip.text })}>
      <FilmPicture url={`${base}/${soundOnly ? 'audio' : 'index'}.m3u8`} label={clip.text} want={() => cinema.want()} captions={uploadOf(clip) ? base : ''}
        mark={`${film.at} ${film.position}`} onWait={(w) => cinema.waits(w)} />
      <div class="film-bar">
        {live.can.value.video ? <Leading clip={clip} s={s} /> : (
          <p class="film-row">
            <span class="film-title">{clip.text}</span>
            <span class="film-time">{clock(s * 1000)} / {clock(clip.length)}</span>
            {!film.on && <span>{t('film.paused')}</span>}
          </p>
        )}
      </div>
    </section>
  );
}
