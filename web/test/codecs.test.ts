/* codecs — what is offered, in which order, in how many sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cameraEncodings, leaveOut, makesLayers, prefer, preferred, sentAs } from '../src/media/codecs';

const of = (mimeType: string, sdpFmtpLine?: string): RTCRtpCodec => ({ mimeType, clockRate: 90000, sdpFmtpLine });
const CHROMIUM = [
  of('video/VP8'),
  of('video/rtx'),
  of('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f'),
  of('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
  of('video/H264', 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f'),
  of('video/AV1', 'level-idx=5;profile=0;tier=0'),
  of('video/AV1', 'level-idx=5;profile=1;tier=0'),
  of('video/VP9', 'profile-id=0'),
  of('video/VP9', 'profile-id=2'),
  of('video/red'),
];
const names = (list: RTCRtpCodec[]): string => list.map((c) => `${c.mimeType.slice(6)} ${c.sdpFmtpLine ?? ''}`.trim()).join('|');

test('the codec of the room stands first, what every room speaks behind it', () => {
  const h264 = 'H264 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';
  assert.equal(names(preferred('h264', CHROMIUM)), `${h264}|VP8|rtx`);
  assert.equal(names(preferred('vp8', CHROMIUM)), `VP8|${h264}|rtx`);
  assert.equal(names(preferred('vp9', CHROMIUM)), `VP9 profile-id=0|${h264}|VP8|rtx`);
  assert.equal(names(preferred('av1', CHROMIUM)), `AV1 level-idx=5;profile=0;tier=0|${h264}|VP8|rtx`);
});

test('a place offers nothing but those; what a browser cannot be told it offers itself', () => {
  const told: string[] = [];
  const place = (f: (list: RTCRtpCodec[]) => void): RTCRtpTransceiver => ({ setCodecPreferences: f }) as RTCRtpTransceiver;
  prefer(place((list) => told.push(names(list))), 'h264', CHROMIUM);
  assert.deepEqual(told, [names(preferred('h264', CHROMIUM))]);
  prefer(place((list) => told.push(names(list))), 'h264', [of('video/red')]); /* of an empty list it would offer all */
  prefer({} as RTCRtpTransceiver, 'h264', CHROMIUM); /* Firefox before 128 */
  prefer(place(() => { throw new DOMException('InvalidModificationError'); }), 'h264', CHROMIUM);
  assert.equal(told.length, 1);
});

test('three streams, or one of three layers; who cannot make those sends what every room speaks', () => {
  assert.deepEqual(cameraEncodings('h264').map((e) => e.rid), ['q', 'h', 'f']);
  assert.deepEqual(cameraEncodings('vp9').map((e) => (e as { scalabilityMode?: string }).scalabilityMode), ['L3T3_KEY']);
  const yes = (): boolean => true, no = (): boolean => false, never = (): boolean => assert.fail('asked');
  assert.equal(sentAs('vp9', CHROMIUM, yes), 'vp9');
  assert.equal(sentAs('vp9', CHROMIUM, no), 'h264'); /* Firefox: one size only */
  assert.equal(sentAs('av1', CHROMIUM.filter((c) => c.mimeType !== 'video/AV1'), never), 'h264');
  assert.equal(sentAs('vp8', CHROMIUM, never), 'vp8');
});

test('whether a browser makes layers is tried, and nothing is left of it', () => {
  let stopped = 0;
  const browser = (kept: object): RTCPeerConnection =>
    ({ addTransceiver: () => ({ sender: { getParameters: () => ({ encodings: [kept] }) }, stop: () => stopped++ }) }) as unknown as RTCPeerConnection;
  assert.equal(makesLayers(browser({ scalabilityMode: 'L3T3_KEY' })), true);
  assert.equal(makesLayers(browser({ scaleResolutionDownBy: 1 })), false); /* Firefox */
  assert.equal(stopped, 2);
  assert.equal(makesLayers({ addTransceiver: () => { throw new TypeError('scalabilityMode'); } } as unknown as RTCPeerConnection), false);
});

test('sizes nobody watches: streams are switched off, of one stream the upper layers are left out', () => {
  const three = cameraEncodings('h264');
  assert.ok(leaveOut(three, ['h', 'f']));
  assert.deepEqual(three.map((e) => e.active), [true, false, false]);
  assert.ok(leaveOut(three, []));
  assert.deepEqual(three.map((e) => e.active), [true, true, true]);

  const one = cameraEncodings('vp9') as (RTCRtpEncodingParameters & { scalabilityMode?: string })[];
  const now = (): string => `${one[0]?.scalabilityMode} /${one[0]?.scaleResolutionDownBy} ${one[0]?.maxBitrate}`;
  assert.equal(leaveOut(one, []), false);
  assert.equal(now(), 'L3T3_KEY /1 1800000');
  assert.ok(leaveOut(one, ['2']));
  assert.equal(now(), 'L2T3_KEY /2 600000');
  assert.ok(leaveOut(one, ['1', '2']));
  assert.equal(now(), 'L1T3 /4 150000');
  assert.equal(leaveOut(one, ['1', '2']), false);
  assert.ok(leaveOut(one, ['0', 'f'])); /* what it cannot be: all of it */
  assert.equal(now(), 'L3T3_KEY /1 1800000');
  assert.equal(leaveOut([{ maxBitrate: 1 }], ['1']), false);
});
