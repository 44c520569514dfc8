// What a hostile client sends over TLS: there the bytes are looked at behind the cipher (media/base/intake.c), by another
// function than over a plain connection, so all that cannot be read is sent again, and gets the same answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { areAnswered, areNotReset, areSaid, FRAMES, handshakes, HEAD, isOurs, JSON_HEAD, pause, plain, raw, refusals, REQUESTS, secure, SHAKEN } from './hostile.mjs';
import { start } from './lib.mjs';

let server, port;
const call = secure(() => port);

before(async () => {
  server = await start({ args: ['--self-signed'] });
  port = Number(new URL(server.url).port);
});
after(async () => {
  const end = await server?.stop();
  assert.deepEqual(end, { code: 0, signal: null });
});

test('malformed and oversized requests', () => areAnswered(call, REQUESTS));

test('a request a byte at a time, and what hides behind another', async () => {
  const pieces = await new Promise((done) => {
    const s = connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false });
    let out = '';
    s.on('data', (d) => (out += d)).on('close', () => done(out)).on('error', () => {});
    s.on('secureConnect', async () => { for (const b of `GET /a%2 HTTP/1.1\r\n`) (s.write(b), await pause(2)); });
  });
  assert.equal(isOurs('a byte at a time', pieces), 'invalid');
  for (const length of ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\n']) {
    const hidden = await raw(call, `POST /%ff HTTP/1.1\r\nHost: a\r\n${length}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n${HEAD}\r\n`);
    assert.deepEqual(hidden.out.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 400'], 'nothing hidden behind what cannot be read');
  }
  const two = await raw(call, `POST /api/session HTTP/1.1\r\n${JSON_HEAD.replace('close', 'keep-alive')}Content-Length: 2\r\n\r\n{}GET /healthz HTTP/1.1\r\n${HEAD}\r\n`);
  assert.deepEqual(two.out.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 400', 'HTTP/1.1 200'], 'one request after the other');
});

test('handshakes of WebSockets that are none', () => areAnswered(call, handshakes(port, `https://127.0.0.1:${port}`), SHAKEN));

test('who is refused while he still sends reads why, and is not reset', () => areNotReset(call, refusals(port)));

test('frames that cannot be read', () => areSaid(call, port, FRAMES));

test('what is no TLS is shown the door, and the server goes on', async () => {
  const got = await raw(plain(() => port), `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`);
  assert.equal(got.state, 'closed');
  assert.equal((await raw(call, `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`)).status, 200);
});
