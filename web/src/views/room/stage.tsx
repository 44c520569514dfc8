/* stage — who is to the fore: the shared screen large with people beside it, or people alone. Who sends no camera is
 * shown by initials, so that nobody on stage is invisible. */

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { chosenDevice } from '../../media/devices';
import type { Live } from '../../state/live';
import type { Source } from '../../protocol/types';
import { Picture } from '../../widgets/devices';
import { Icon } from '../../widgets/icons';
import { useLive } from './context';
import { fitTiles } from './fit';

interface TileData {
  key: string;
  who: string;
  name: string;
  stream: MediaStream | null;
  /** The slot it comes by; "" for oneself and for who sends no picture. */
  mid: string;
  self: boolean;
  unsupported: boolean;
}

const GRID_MAX = 9;

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

/** The camera tiles in stage order. */
export function cameraTiles(live: Live): TileData[] {
  const members = live.members.value;
  const me = live.me.value.id;
  const shown = live.stage.value.filter((id) => isToTheFore(live, id));
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
  const tell = useCallback((height: number) => live.drawn.set(mid ?? '', height), [live, mid]);
  return mid ? tell : undefined;
}

function Tile({ tile, large, onClick }: { tile: TileData; large?: boolean; onClick?: () => void }) {
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
      {tile.unsupported && cameraOn && <span class="person-note">{t('stage.unsupported')}</span>}
      <figcaption>
        {!micOn && <Icon name="micOff" />}
        <span class="person-name">{name}</span>
        {speaking && <span class="hidden-text">{t('stage.speaks')}</span>}
        {!micOn && <span class="hidden-text">{t('stage.micOff')}</span>}
      </figcaption>
      {onClick && (
        <button type="button" class="person-pin" onClick={onClick} aria-label={t('stage.enlarge', { name: tile.name })} />
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

/** True when somebody's screen (or one's own) is to be shown. */
function hasScreen(live: Live): boolean {
  return live.local.value.screen || live.videoSlots.value.some((s) => s.source === 'screen' && s.who);
}

export function StageView() {
  const live = useLive();
  const [pinned, setPinned] = useState('');
  const tiles = cameraTiles(live);
  const screen = hasScreen(live);
  const spot = pinned || live.spotlight.value;
  const speaker = tiles.find((x) => x.who === spot) ?? tiles.find((x) => live.speaking.value.has(x.who));
  const strip = screen || spot !== '' || tiles.length > GRID_MAX;
  if (!live.maySee.value || (tiles.length === 0 && !screen)) return <EmptyStage />;
  if (!strip) {
    return <Grid tiles={tiles} onPin={setPinned} />;
  }
  const front = screen ? null : (speaker ?? tiles[0] ?? null);
  return (
    <div class="split">
      <div class="front">
        {front ? (
          <Tile key={front.key} tile={front} large onClick={pinned ? () => setPinned('') : undefined} />
        ) : (
          <ScreenView />
        )}
      </div>
      <div class="strip">
        {tiles
          .filter((x) => x !== front)
          .map((x) => (
            <Tile key={x.key} tile={x} onClick={screen ? undefined : () => setPinned(x.who)} />
          ))}
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

function Sound({ stream, silent }: { stream: MediaStream; silent: boolean }) {
  const live = useLive();
  const ref = useRef<HTMLAudioElement>(null);
  const blocked = live.audioBlocked.value;
  useEffect(() => {
    const a = ref.current as (HTMLAudioElement & { setSinkId?(id: string): Promise<void> }) | null;
    if (!a) return;
    a.srcObject = stream;
    const sink = chosenDevice('speaker');
    if (sink && a.setSinkId) a.setSinkId(sink).catch(() => undefined);
    a.play().catch((e: DOMException) => {
      if (e.name === 'NotAllowedError') live.audioBlocked.value = true;
    });
  }, [stream, blocked]);
  useEffect(() => {
    if (ref.current) ref.current.muted = silent;
  }, [silent]);
  return <audio ref={ref} autoplay />;
}

export function SoundOut({ silent }: { silent: boolean }) {
  const live = useLive();
  return (
    <>
      {live.audioStreams.value.map((s) => (
        <Sound key={s.id} stream={s} silent={silent} />
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
