/* devices — choosing and trying a camera, a microphone and a speaker; used before entering and inside the room. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import {
  chooseDevice,
  chosenDevice,
  listDevices,
  meter,
  onDevicesChanged,
  playTestSound,
  type DeviceList,
  type Kind,
} from '../media/devices';
import { Field } from './basic';
import { Icon } from './icons';

export function useDevices(again: unknown): DeviceList {
  const [list, setList] = useState<DeviceList>({ mic: [], camera: [], speaker: [] });
  useEffect(() => {
    let alive = true;
    const look = (): void => void listDevices().then((l) => alive && setList(l));
    look();
    const stop = onDevicesChanged(look);
    return () => {
      alive = false;
      stop();
    };
  }, [again]);
  return list;
}

export function DevicePick(p: { kind: Kind; list: MediaDeviceInfo[]; onPick?: () => void }) {
  const [value, setValue] = useState(chosenDevice(p.kind));
  if (p.list.length < 2) return null;
  return (
    <Field label={t(`devices.${p.kind}`)}>
      {(a) => (
        <select {...a} class="input" value={value || p.list[0]?.deviceId} onChange={(e) => {
          setValue(e.currentTarget.value);
          chooseDevice(p.kind, e.currentTarget.value);
          p.onPick?.();
        }}>
          {p.list.map((d, i) => (
            <option key={d.deviceId} value={d.deviceId}>
              {d.label || t('devices.nth', { n: i + 1 })}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function MicLevel({ track }: { track: MediaStreamTrack }) {
  const ref = useRef<HTMLMeterElement>(null);
  useEffect(() => meter(track, (level) => {
    if (ref.current) ref.current.value = level;
  }), [track]);
  return <meter ref={ref} class="mic-level" min={0} max={1} aria-label={t('devices.level')} />;
}

export function SpeakerTest() {
  const [playing, setPlaying] = useState(false);
  const play = async (): Promise<void> => {
    setPlaying(true);
    await playTestSound().catch(() => undefined);
    setPlaying(false);
  };
  return (
    <button type="button" class="btn" disabled={playing} onClick={() => void play()}>
      <Icon name="volume" />
      {playing ? t('devices.playing') : t('devices.testSound')}
    </button>
  );
}

/** How many device pixels high the whole picture is as this element draws it, with what the frame cuts off. */
function drawnHeight(v: HTMLVideoElement): number {
  const width = v.videoWidth || 16;
  const height = v.videoHeight || 9;
  const fits = [v.clientWidth / width, v.clientHeight / height];
  const scale = getComputedStyle(v).objectFit === 'cover' ? Math.max(...fits) : Math.min(...fits);
  return Math.round(scale * height * devicePixelRatio);
}

/** Shows a stream in a video element without sound. onDrawn: how high it is drawn now, 0 when it is no more. */
export function Picture(p: {
  stream: MediaStream | null;
  mirror?: boolean;
  label: string;
  class?: string;
  onDrawn?: (height: number) => void;
}) {
  const ref = useRef<HTMLVideoElement>(null);
  const { onDrawn } = p;
  useEffect(() => {
    const v = ref.current;
    if (!v || !onDrawn) return undefined;
    const watch = new ResizeObserver(() => onDrawn(drawnHeight(v)));
    watch.observe(v);
    return () => {
      watch.disconnect();
      onDrawn(0);
    };
  }, [onDrawn]);
  useEffect(() => {
    const v = ref.current;
    if (!v || v.srcObject === p.stream) return;
    v.srcObject = p.stream;
    if (p.stream) v.play().catch(() => undefined);
  }, [p.stream]);
  return (
    <video ref={ref} class={`${p.class ?? ''}${p.mirror ? ' mirror' : ''}`} muted playsInline autoplay
      disablePictureInPicture aria-label={p.label} onResize={(e) => {
        const { videoWidth, videoHeight } = e.currentTarget;
        e.currentTarget.toggleAttribute('data-tall', videoHeight > videoWidth);
      }} />
  );
}
