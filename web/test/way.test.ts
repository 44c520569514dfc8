/* way — what the browser's statistics say about the path in use, and what a firewall must let through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidateOf, wayOf } from '../src/media/way';

const pair = (local: Record<string, unknown>, more: Record<string, unknown> = {}) => [
  { type: 'local-candidate', id: 'L', ...local },
  { type: 'local-candidate', id: 'other', candidateType: 'host', protocol: 'udp' },
  { type: 'candidate-pair', id: 'old', localCandidateId: 'other', state: 'failed', nominated: false },
  { type: 'candidate-pair', id: 'P', localCandidateId: 'L', state: 'succeeded', nominated: true, ...more },
];

test('the pair in use names the way', () => {
  assert.equal(wayOf(pair({ candidateType: 'host', protocol: 'udp' })), 'udp');
  assert.equal(wayOf(pair({ candidateType: 'prflx', protocol: 'udp' })), 'udp');
  assert.equal(wayOf(pair({ candidateType: 'host', protocol: 'tcp' })), 'tcp');
  assert.equal(wayOf(pair({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' })), 'turn');
});

test('the transport knows better than nominations that are over', () => {
  const stats = [...pair({ candidateType: 'host', protocol: 'tcp' }), { type: 'transport', id: 'T', selectedCandidatePairId: 'now' },
    { type: 'candidate-pair', id: 'now', localCandidateId: 'other', state: 'succeeded', nominated: true }];
  assert.equal(wayOf(stats), 'udp');
});

test('no pair, no way', () => {
  assert.equal(wayOf([]), null);
  assert.equal(wayOf(pair({ candidateType: 'host', protocol: 'udp' }, { state: 'in-progress' })), null);
});

test('the address for the firewall is the first UDP candidate', () => {
  const sdp = 'm=audio 9\r\na=candidate:1 1 udp 2130706431 192.0.2.7 8190 typ host\r\na=candidate:2 1 tcp 1518280447 192.0.2.7 8190 typ host tcptype passive\r\n';
  assert.deepEqual(candidateOf(sdp), { host: '192.0.2.7', port: 8190 });
  assert.deepEqual(candidateOf('v=0'), { host: '', port: 0 });
});
