/* codecs — what a room's pictures are in: which codec is offered first, in how many sizes a camera is sent, and
 * whether this browser can show it at all. Every room speaks H.264 and VP8 as well. */

import type { Video } from '../protocol/types';

/* A camera in three sizes: each viewer is sent the one that fits what he draws. Each is a stream of its own
 * (simulcast), or, of VP9 and AV1, a layer of one stream. The server tells which of them nobody watches. */
const CAMERA_LAYERS = [
  { rid: 'q', down: 4, bps: 150_000 },
  { rid: 'h', down: 2, bps: 500_000 },
  { rid: 'f', down: 1, bps: 1_500_000 },
];
/* The lowest so many layers of one stream: sizes that need each other in key pictures only, three rates. */
const LAYERED = [
  { mode: 'L1T3', bps: 150_000 },
  { mode: 'L2T3_KEY', bps: 600_000 },
  { mode: 'L3T3_KEY', bps: 1_800_000 },
];
const DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

export const isLayered = (v: Video): boolean => v === 'vp9' || v === 'av1';

function named(codecs: readonly RTCRtpCodec[], v: string): RTCRtpCodec[] {
  return codecs.filter((c) => {
    if (c.mimeType.toLowerCase() !== `video/${v}`) return false;
    const fmtp = c.sdpFmtpLine ?? '';
    if (v === 'h264') return /packetization-mode=1/.test(fmtp) && /profile-level-id=42e0/i.test(fmtp);
    return !/\bprofile(-id)?=[1-9]/.test(fmtp);
  });
}

/** This browser can show pictures in this codec; what it does not say is taken for yes. */
export function canShow(v: Video): boolean {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs;
  return !codecs || named(codecs, v).length > 0;
}

/** What a camera in a room of this codec is sent in: who cannot make layers of one stream sends three streams. */
export function sentAs(room: Video, codecs: readonly RTCRtpCodec[], layers: () => boolean): Video {
  return isLayered(room) && (named(codecs, room).length === 0 || !layers()) ? 'h264' : room;
}

/** Firefox has VP9 and AV1, but of one size, and says nothing when asked for three; Safari throws. */
export function makesLayers(pc: RTCPeerConnection): boolean {
  let t: RTCRtpTransceiver | undefined;
  try {
    t = pc.addTransceiver('video', { direction: 'sendonly', sendEncodings: cameraEncodings('vp9') });
    const [one] = t.sender.getParameters().encodings as Layered[];
    return one?.scalabilityMode !== undefined;
  } catch {
    return false;
  } finally {
    t?.stop(); /* it was never offered, so it leaves nothing behind */
  }
}

/** The room's codec first, then those every room speaks (the recording takes H.264 as it is), their retransmissions;
 * nothing else. */
export function preferred(room: Video, codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const order = [room, 'h264', 'vp8', 'rtx'].filter((v, i, all) => all.indexOf(v) === i);
  return order.flatMap((v) => named(codecs, v));
}

/** Offers the room's codecs in this place. A browser names some thirty a place; a view has many places, and what is
 * offered has to fit a message (64 KiB). */
export function prefer(t: RTCRtpTransceiver, room: Video, codecs: readonly RTCRtpCodec[]): void {
  const wanted = preferred(room, codecs);
  if (wanted.length === 0) return;
  try {
    t.setCodecPreferences(wanted);
  } catch {
    /* An older browser offers its own order; the server chooses. */
  }
}

interface Layered extends RTCRtpEncodingParameters {
  scalabilityMode?: string;
}

/** One stream of the lowest n sizes: the top one is the camera's own, so with fewer it is made smaller. */
function layeredAs(n: number): Layered {
  const { mode, bps } = LAYERED[n - 1]!;
  return { scalabilityMode: mode, scaleResolutionDownBy: 2 ** (LAYERED.length - n), maxBitrate: bps };
}

/** Leaves out the sizes nobody watches: streams by their rid, layers of one stream by their number from below.
 * False: there is nothing to leave out, or it is so already. */
export function leaveOut(encodings: Layered[], off: readonly string[]): boolean {
  const one = encodings[0];
  if (encodings.length === 1 && one?.scalabilityMode) {
    const lowest = Math.min(LAYERED.length, ...off.map(Number).filter((n) => n > 0));
    const as = layeredAs(lowest);
    if (!LAYERED.some((l) => l.mode === one.scalabilityMode) || one.scalabilityMode === as.scalabilityMode) return false;
    Object.assign(one, as);
    return true;
  }
  for (const e of encodings) e.active = !off.includes(e.rid ?? '');
  return encodings.length > 1;
}

export function cameraEncodings(v: Video): RTCRtpEncodingParameters[] {
  if (isLayered(v)) {
    return [{ ...layeredAs(LAYERED.length), maxFramerate: 30 } as RTCRtpEncodingParameters];
  }
  return CAMERA_LAYERS.map((l) => (
    { rid: l.rid, scaleResolutionDownBy: l.down, maxBitrate: l.bps, maxFramerate: 30 }));
}

interface HeaderExtension {
  uri: string;
  direction: RTCRtpTransceiverDirection;
}
interface WithExtensions {
  getHeaderExtensionsToNegotiate?(): HeaderExtension[];
  setHeaderExtensionsToNegotiate?(list: HeaderExtension[]): void;
}

/** AV1 tells its layers beside the picture, in an extension Chromium does not offer by itself. */
export function describeLayers(t: RTCRtpTransceiver): void {
  const it = t as WithExtensions;
  const list = it.getHeaderExtensionsToNegotiate?.();
  const one = list?.find((e) => e.uri === DESCRIPTOR);
  if (!list || !one || !it.setHeaderExtensionsToNegotiate) return;
  one.direction = 'sendrecv';
  it.setHeaderExtensionsToNegotiate(list);
}
