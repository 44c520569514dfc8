/* devices — camera, microphone, speaker and screen: asking for them, naming what went wrong, the level of a
 * microphone. Knows MediaStream, no elements. */

import { recall, remember } from '../state/prefs';

export type DeviceProblem = 'refused' | 'missing' | 'busy' | 'insecure' | 'cancelled' | 'failed';

export class DeviceError extends Error {
  constructor(readonly problem: DeviceProblem) {
    super(problem);
    this.name = 'DeviceError';
  }
}

function problemOf(e: unknown): DeviceProblem {
  switch ((e as DOMException | null)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

export type Kind = 'mic' | 'camera' | 'speaker';
export const chosenDevice = (kind: Kind): string => recall(`device.${kind}`) ?? '';
export const chooseDevice = (kind: Kind, id: string): void => remember(`device.${kind}`, id || null);

async function ask(c: MediaStreamConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia(c);
  } catch (e) {
    throw new DeviceError(problemOf(e));
  }
}

/* A remembered device may have been unplugged: then any other one will do. */
async function askPreferred(id: string, make: (deviceId?: ConstrainDOMString) => MediaStreamConstraints) {
  if (!id) return ask(make());
  try {
    return await ask(make({ exact: id }));
  } catch (e) {
    if (e instanceof DeviceError && e.problem === 'missing') return ask(make());
    throw e;
  }
}

export async function openMic(): Promise<MediaStreamTrack> {
  const s = await askPreferred(chosenDevice('mic'), (deviceId) => ({
    audio: { deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
  }));
  const track = s.getAudioTracks()[0];
  if (!track) throw new DeviceError('missing');
  return track;
}

export async function openCamera(): Promise<MediaStreamTrack> {
  const s = await askPreferred(chosenDevice('camera'), (deviceId) => ({
    video: { deviceId, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
  }));
  const track = s.getVideoTracks()[0];
  if (!track) throw new DeviceError('missing');
  track.contentHint = 'motion';
  return track;
}

/** A camera beside the one that shows the face; the same one when there is no other. */
export async function openContent(face: MediaStreamTrack | null): Promise<MediaStreamTrack> {
  const used = face?.getSettings().deviceId ?? chosenDevice('camera');
  const cameras = (await navigator.mediaDevices?.enumerateDevices?.())?.filter((d) => d.kind === 'videoinput' && d.deviceId !== '') ?? [];
  const other = cameras.find((d) => d.deviceId !== used);
  const s = await ask({ video: { deviceId: other && { exact: other.deviceId }, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } });
  const track = s.getVideoTracks()[0];
  if (!track) throw new DeviceError('missing');
  track.contentHint = 'detail';
  return track;
}

export const canShareScreen = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === 'function';

export async function openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null }> {
  if (!canShareScreen()) throw new DeviceError('insecure');
  try {
    const s = await navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 10, max: 15 } },
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    const video = s.getVideoTracks()[0];
    if (!video) throw new DeviceError('missing');
    /* Small letters matter more than smooth motion. */
    video.contentHint = 'detail';
    return { video, audio: s.getAudioTracks()[0] ?? null };
  } catch (e) {
    if (e instanceof DeviceError) throw e;
    const p = problemOf(e);
    throw new DeviceError(p === 'refused' ? 'cancelled' : p);
  }
}

export interface DeviceList {
  mic: MediaDeviceInfo[];
  camera: MediaDeviceInfo[];
  speaker: MediaDeviceInfo[];
}

export async function listDevices(): Promise<DeviceList> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind: MediaDeviceKind) => all.filter((d) => d.kind === kind && d.deviceId !== '');
  return { mic: of('audioinput'), camera: of('videoinput'), speaker: of('audiooutput') };
}

export function onDevicesChanged(fn: () => void): () => void {
  const md = navigator.mediaDevices;
  md?.addEventListener?.('devicechange', fn);
  return () => md?.removeEventListener?.('devicechange', fn);
}

/** Calls `fn` with 0..1 about 15 times a second until the returned function is called. */
export function meter(track: MediaStreamTrack, fn: (level: number) => void): () => void {
  const ctx = new AudioContext();
  const analyser = ctx.createAnalyser();
  analyser.fftSize = 1024;
  ctx.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const v of samples) sum += v * v;
    /* Decibels from -60 to 0 as 0..1: what an ear calls twice as loud moves the bar by the same step. */
    const db = 10 * Math.log10(sum / samples.length + 1e-9);
    fn(Math.max(0, Math.min(1, (db + 60) / 55)));
  }, 66);
  void ctx.resume();
  return () => {
    clearInterval(timer);
    void ctx.close();
  };
}

/** Two soft notes out of the chosen speaker. */
export async function playTestSound(): Promise<void> {
  const ctx = new AudioContext();
  const sink = chosenDevice('speaker');
  const routed = ctx as AudioContext & { setSinkId?(id: string): Promise<void> };
  if (sink && routed.setSinkId) await routed.setSinkId(sink).catch(() => undefined);
  await ctx.resume();
  for (const [i, hz] of [523.25, 659.25].entries()) {
    const from = ctx.currentTime + i * 0.35;
    const tone = ctx.createOscillator();
    const gain = ctx.createGain();
    tone.frequency.value = hz;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(0.2, from + 0.04);
    gain.gain.exponentialRampToValueAtTime(0.001, from + 0.6);
    tone.connect(gain).connect(ctx.destination);
    tone.start(from);
    tone.stop(from + 0.65);
  }
  await new Promise((done) => setTimeout(done, 1200));
  await ctx.close();
}
