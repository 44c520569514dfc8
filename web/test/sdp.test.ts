/* sdp — the start bitrate goes to the video codecs of an answer and nowhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withStartBitrate } from '../src/media/sdp';

const answer = [
  'v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 useinbandfec=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 103 96 97', 'a=mid:1', 'a=rtpmap:103 H264/90000',
  'a=fmtp:103 packetization-mode=1;profile-level-id=42e01f', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96', '',
].join('\r\n');

test('H.264 gets it beside its parameters, VP8 in a line of its own', () => {
  const lines = withStartBitrate(answer, 900).split('\r\n');
  assert.ok(lines.includes('a=fmtp:103 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=900'));
  assert.equal(lines[lines.indexOf('a=rtpmap:96 VP8/90000') + 1], 'a=fmtp:96 x-google-start-bitrate=900');
});

test('audio, retransmissions and everything else stay as they were', () => {
  const plain = answer.split('\r\n');
  const lines = withStartBitrate(answer, 900).split('\r\n');
  assert.equal(lines.length, plain.length + 1);
  assert.deepEqual(lines.filter((l) => !l.includes('x-google')), plain.filter((l) => !l.startsWith('a=fmtp:103')));
});

test('an answer without video is left alone', () => {
  const audio = answer.slice(0, answer.indexOf('m=video'));
  assert.equal(withStartBitrate(audio, 900), audio);
});
