/* stage — who is to the fore: the shared screen large with people beside it, or people alone. Who sends no camera is
 * shown by initials, so that nobody on stage is invisible. */

import type { ComponentType } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { chosenDevice } from '../../media/devices';
import type { Live } from '../../state/live';
import { placeOf } from '../../protocol/tables';
import type { Layout, Source } from '../../protocol/types';
import { Picture } from '../../widgets/devices';
import { Icon } from '../../widgets/icons';
import { lazy } from '../../widgets/load';
import { useLive } from './context';
import { fitTiles } from './fit';

const FilmView: ComponentType<{ id: string }> = lazy(async () => (await import('./film')).FilmView);
const SlidesView: ComponentType<{ id: string }> = lazy(async () => (await import('./slides')).SlidesView);

interface TileData {
  key: string;
  who: string;
  name: string;
  stream: MediaStream | null;
  /** The slot it comes by; "" for oneself and for who sends no picture. */
  mid: string;
  self: boolean;
  unsupported: boolean;
  paused: boolean;
}

const GRID_MAX = 12;

function localStream(live: Live, source: Source): MediaStream | null {
  const track = live.local.value[source] ? live.localTrack(source) : null;
  return track ? new MediaStream([track]) : null;
}

/** In a lesson the whole class may be on stage: only those who show themselves, speak or lead take room on it. */
function isToTheFore(live: Live, id: string): boolean {
  const m = live.members.value.get(id);
  if (!m) return true;
  if (id === live.me.value.id) return live.local.value.camera || m.role === 'host';
  return m.role === 'host' || m.role === 'cohost' || m.role === 'speaker' || m.sources.length > 0;
}

/** Those on stage in the plenary; at a table everybody there; and who speaks to all. */
function peopleHere(live: Live): string[] {
  const members = live.members.value;
  const tables = live.tables.value;
  const place = live.place.value;
  const all = place ? [...members.keys()] : live.stage.value;
  return all.filter((id) => placeOf(tables, members.get(id)) === place || tables.voices.includes(id));
}

/** The camera tiles in stage order. */
function cameraTiles(live: Live): TileData[] {
  const members = live.members.value;
  const me = live.me.value.id;
  const shown = peopleHere(live).filter((id) => live.place.value > 0 || isToTheFore(live, id));
  return shown.map((id) => {
    const slot = live.videoSlots.value.find((s) => s.who === id && s.source === 'camera');
    const self = id === me;
    return {
      key: id,
      who: id,
      name: members.get(id)?.name ?? slot?.name ?? id,
      stream: self || !slot || slot.paused ? null : (live.streams.value.get(slot.mid) ?? null),
      mid: self || !slot ? '' : slot.mid,
      self,
      unsupported: slot?.unsupported ?? false,
      paused: !self && (slot?.paused ?? false),
    };
  });
}

function initials(name: string): string {
  const parts = name.trim().split(/\s+/u);
  return ((parts[0]?.[0] ?? '') + (parts[1]?.[0] ?? '')).toLocaleUpperCase();
}

/** What tells the server how large the picture of a slot is drawn. */
function useDrawn(mid: string | undefined): ((height: number) => void) | undefined {
  const live = useLive();
  return useMemo(() => (mid ? live.drawn.by(mid) : undefined), [live, mid]);
}

function Tile({ tile, large, pinned, onClick }: { tile: TileData; large?: boolean; pinned?: boolean; onClick?: () => void }) {
  const live = useLive();
  const member = live.members.value.get(tile.who);
  const cameraOn = tile.self ? live.local.value.camera : (member?.sources.includes('camera') ?? false);
  const micOn = tile.self ? live.local.value.mic : (member?.sources.includes('mic') ?? false);
  const speaking = live.speaking.value.has(tile.who) && micOn;
  const track = tile.self && cameraOn ? live.localTrack('camera') : null;
  const own = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  const stream = tile.self ? own : cameraOn ? tile.stream : null;
  const name = tile.self ? t('stage.you', { name: tile.name }) : tile.name;
  const onDrawn = useDrawn(tile.mid);
  return (
    <figure class={`person${large ? ' large' : ''}${speaking ? ' speaking' : ''}`} data-who={tile.who}>
      {stream ? (
        <Picture stream={stream} mirror={tile.self} label={t('stage.camera', { name: tile.name })} onDrawn={onDrawn} />
      ) : (
        <span class="avatar" aria-hidden="true">
          {initials(tile.name)}
        </span>
      )}
      {tile.paused && cameraOn && <span class="person-note">{t('weak.paused')}</span>}
      {tile.unsupported && cameraOn && <span class="person-note">{t('stage.unsupported')}</span>}
      <figcaption>
        {!micOn && <Icon name="micOff" />}
        <span class="person-name">{name}</span>
        {speaking && <span class="hidden-text">{t('stage.speaks')}</span>}
        {!micOn && <span class="hidden-text">{t('stage.micOff')}</span>}
      </figcaption>
      {onClick && (
        <button type="button" class="person-pin" onClick={onClick} aria-label={t(pinned ? 'stage.shrink' : 'stage.enlarge', { name: tile.name })} />
      )}
    </figure>
  );
}

function ScreenView() {
  const live = useLive();
  const slot = live.videoSlots.value.find((s) => s.source === 'screen' && s.who);
  const onDrawn = useDrawn(slot?.mid);
  if (live.local.value.screen) {
    const stream = localStream(live, 'screen');
    return (
      <div class="screen own" data-source="screen">
        <Picture stream={stream} label={t('stage.yourScreen')} />
        <div class="screen-own-note">
          <p>{t('stage.youShare')}</p>
          <button type="button" class="btn danger" onClick={() => void live.toggle('screen')}>
            {t('stage.stopShare')}
          </button>
        </div>
      </div>
    );
  }
  const name = slot?.name ?? live.members.value.get(slot?.who ?? '')?.name ?? '';
  if (slot?.paused) {
    return (
      <div class="screen own" data-source="screen" data-who={slot.who}>
        <div class="screen-own-note">
          <p>{t('stage.screenPaused', { name })}</p>
        </div>
      </div>
    );
  }
  return (
    <div class="screen" data-source="screen" data-who={slot?.who}>
      <Picture stream={live.streams.value.get(slot?.mid ?? '') ?? null} label={t('stage.screen', { name })}
        onDrawn={onDrawn} />
    </div>
  );
}

/** People side by side, each as large as the stage allows; one alone fills it. */
function Grid({ tiles, onPin }: { tiles: TileData[]; onPin: (who: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, gap: 0 });
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return undefined;
    const measure = (): void => {
      const style = getComputedStyle(el);
      const pad = parseFloat(style.paddingLeft);
      setSize({ width: el.clientWidth - 2 * pad, height: el.clientHeight - 2 * pad, gap: parseFloat(style.columnGap) || 0 });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  const many = tiles.length > 1;
  const fit = fitTiles(size.width, size.height, tiles.length, size.gap);
  const shape = many ? `--tile-width:${fit.width}px;--tile-height:${fit.height}px` : undefined;
  return (
    <div class={many ? 'grid many' : 'grid'} ref={box} style={shape}>
      {tiles.map((x) => (
        <Tile key={x.key} tile={x} large={!many} onClick={many ? () => onPin(x.who) : undefined} />
      ))}
    </div>
  );
}

/** A second camera: hands at work, whole, never cropped. */
function ContentView({ who }: { who: string }) {
  const live = useLive();
  const self = who === live.me.value.id;
  const slot = live.videoSlots.value.find((s) => s.source === 'content' && s.who === who);
  const onDrawn = useDrawn(self ? undefined : slot?.mid);
  const track = self ? live.localTrack('content') : null;
  const own = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  const name = live.members.value.get(who)?.name ?? slot?.name ?? '';
  return (
    <div class="screen content" data-source="content" data-who={who}>
      <Picture stream={self ? own : (live.streams.value.get(slot?.mid ?? '') ?? null)} label={t('stage.content', { name })} onDrawn={onDrawn} />
      <p class="content-name">{t('stage.content', { name })}</p>
    </div>
  );
}

/** True when somebody's screen (or one's own) is to be shown. */
function hasScreen(live: Live): boolean {
  return live.local.value.screen || live.videoSlots.value.some((s) => s.source === 'screen' && s.who);
}

/** Whose second cameras are to be seen, one's own among them. */
function contents(live: Live): string[] {
  const seen = live.videoSlots.value.filter((s) => s.source === 'content' && s.who && !s.paused).map((s) => s.who as string);
  const me = live.me.value.id;
  return live.local.value.content ? [me, ...seen.filter((id) => id !== me)] : seen;
}

/** What is asked for, or what suits what there is: without a screen there is nothing to put beside a face. */
function layoutOf(live: Live, board: boolean, people: number, spot: boolean): Layout {
  const chosen = live.look.chosen.value;
  if (board) {
    if (chosen) return chosen;
    return live.look.begun.value === 'screen' || live.look.begun.value === 'side' ? live.look.begun.value : 'slides';
  }
  if (chosen === 'grid' && live.look.forAll.value) return 'grid';
  if (spot || chosen === 'speaker' || people > GRID_MAX) return 'speaker';
  return 'grid';
}

export function StageView({ id }: { id: string }) {
  const live = useLive();
  const look = live.look;
  const tiles = cameraTiles(live);
  /* Who left the stage is pinned no more. */
  const pinned = tiles.some((x) => x.who === look.pinned.value) ? look.pinned.value : '';
  const screen = hasScreen(live);
  const hands = contents(live);
  const film = !screen && live.cinema.clip.value !== null;
  const slides = !screen && !film && live.slides.value.shown !== 0;
  const board = screen || film || slides || hands.length > 0;
  const spot = pinned || live.spotlight.value;
  const layout = layoutOf(live, board, tiles.length, spot !== '');
  useEffect(() => void (look.shown.value = layout), [layout]);
  if (!live.maySee.value || (tiles.length === 0 && !board)) return <EmptyStage />;
  const speaker = tiles.find((x) => x.who === spot) ?? tiles.find((x) => live.speaking.value.has(x.who)) ?? tiles[0] ?? null;
  const pin = (who: string): void => look.pin(who);
  const boards = [...(screen ? [<ScreenView key="screen" />] : []), ...(film ? [<FilmView key="film" id={id} />] : []), ...(slides ? [<SlidesView key="slides" id={id} />] : []), ...hands.map((who) => <ContentView key={`c ${who}`} who={who} />)];
  const face = speaker && (
    <Tile key={speaker.key} tile={speaker} large pinned={pinned !== ''} onClick={pinned ? () => pin(speaker.who) : undefined} />
  );
  if (layout === 'grid' && !board) return <Grid tiles={tiles} onPin={pin} />;
  if (layout === 'grid') {
    return (
      <div class="mosaic" data-layout="grid">
        {boards}
        {tiles.map((x) => <Tile key={x.key} tile={x} onClick={() => pin(x.who)} />)}
      </div>
    );
  }
  if (layout === 'side' && face) {
    return (
      <div class="side" data-layout="side">
        <div class="front">{boards[0]}</div>
        <div class="front">{face}</div>
      </div>
    );
  }
  const large = board && layout !== 'speaker' ? boards[0] : face;
  const others = tiles.filter((x) => x !== speaker);
  const rest = large === face || !speaker ? others : [speaker, ...others];
  return (
    <div class={`split${layout === 'screen' ? ' alone' : ''}`} data-layout={layout}>
      <div class="front">{large}</div>
      <div class="strip">
        {layout !== 'screen' && boards.filter((x) => x !== large)}
        {layout !== 'screen' && rest.map((x) => <Tile key={x.key} tile={x} pinned={x.who === pinned} onClick={() => pin(x.who)} />)}
      </div>
    </div>
  );
}

function EmptyStage() {
  const live = useLive();
  const open = live.life.value === 'open';
  return (
    <div class="stage-empty">
      <Icon name={open ? 'headphones' : 'clock'} />
      <p class="stage-empty-title">{t(open ? 'stage.empty' : 'stage.notYet')}</p>
      <p>{t(open ? 'stage.emptyText' : 'stage.notYetText')}</p>
    </div>
  );
}

/** Those heard but not on stage: their names, so that a voice is never without one. */
export function Voices() {
  const live = useLive();
  const members = live.members.value;
  const stage = live.stage.value;
  const names = [...live.speaking.value]
    .filter((id) => id !== live.me.value.id && !stage.includes(id))
    .map((id) => members.get(id)?.name ?? live.audioSlots.value.find((s) => s.who === id)?.name ?? '')
    .filter(Boolean);
  if (names.length === 0) return null;
  return (
    <p class="voices">
      <Icon name="mic" />
      {names.join(', ')}
    </p>
  );
}

function Sound({ stream, silent, volume }: { stream: MediaStream; silent: boolean; volume: number }) {
  const live = useLive();
  const ref = useRef<HTMLAudioElement>(null);
  const blocked = live.audioBlocked.value;
  useEffect(() => {
    const a = ref.current as (HTMLAudioElement & { setSinkId?(id: string): Promise<void> }) | null;
    if (!a) return;
    a.srcObject = stream;
    if (blocked) {
      a.pause();
      return;
    }
    const sink = chosenDevice('speaker');
    if (sink && a.setSinkId) a.setSinkId(sink).catch(() => undefined);
    a.play().catch((e: DOMException) => {
      if (e.name === 'NotAllowedError') live.audioBlocked.value = true;
    });
  }, [stream, blocked]);
  useEffect(() => {
    if (ref.current) ref.current.muted = silent;
  }, [silent]);
  useEffect(() => {
    if (ref.current) ref.current.volume = volume;
  }, [volume]);
  /* A call, a locked screen: whatever stopped it but this person, it goes on. */
  const goOn = (): void => {
    if (!live.audioBlocked.peek()) ref.current?.play().catch(() => undefined);
  };
  return <audio ref={ref} autoplay onPause={goOn} />;
}

export function SoundOut({ silent }: { silent: boolean }) {
  const live = useLive();
  return (
    <>
      {live.audioStreams.value.map((s, i) => (
        <Sound key={s.id} stream={s} silent={silent} volume={live.booth.volume(i)} />
      ))}
      {live.audioBlocked.value && (
        <div class="unlock">
          <button type="button" class="btn primary large" onClick={() => (live.audioBlocked.value = false)}>
            <Icon name="volume" />
            {t('sound.unlock')}
          </button>
        </div>
      )}
    </>
  );
}
