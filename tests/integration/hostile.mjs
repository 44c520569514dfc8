// Requests, handshakes and frames that cannot be read, and what each is answered; over a plain connection and over TLS.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

/* A server with ASan is several times as slow: nothing is said of how soon it answers. */
export const SLOW = process.env.SOMHUB ? 5 : 1;
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const within = (ms, what, promise) =>
  Promise.race([promise, pause(ms * SLOW).then(() => Promise.reject(new Error(`${what}: no answer within ${ms} ms`)))]);

/** Ways to a server, which may not be there yet. */
export const plain = (port) => (from) => connect({ port: port(), host: '127.0.0.1', localAddress: from });
export const secure = (port) => (from) => connectSecurely({ port: port(), host: '127.0.0.1', localAddress: from, rejectUnauthorized: false });
const MUCH_MORE = 400_000; // bytes: fewer than farewell.h reads away
const opened = (s, f) => s.on(s.encrypted ? 'secureConnect' : 'connect', f);

/** Bytes as they are; what came back until the server hung up or answered all that was asked. */
export function raw(call, bytes, { from, ms = 4000, stop = /^$/ } = {}) {
  return new Promise((done) => {
    const s = call(from);
    let out = '';
    const timer = setTimeout(() => end('open'), ms * SLOW);
    const end = (state) => {
      clearTimeout(timer);
      s.destroy();
      done({ state, out, status: Number(/^HTTP\/1\.[01] (\d+)/.exec(out)?.[1] ?? 0) });
    };
    s.on('data', (d) => {
      out += d.toString('latin1');
      if (stop.test(out)) end('answered');
    });
    s.on('error', () => end('closed')).on('close', () => end('closed'));
    opened(s, () => s.write(Buffer.from(bytes, 'latin1')));
  });
}
export const HEAD = 'Host: a\r\nConnection: close\r\n';
export const JSON_HEAD = `${HEAD}Content-Type: application/json\r\n`;
export const answered = /\r\n\r\n[^]*[}>]\s*$/;
/** An error is what API.md says it is, whoever noticed it, and tells of nothing the server is made of. */
export function isOurs(what, out) {
  const [head, body] = out.split(/\r\n\r\n([^]*)/);
  assert.match(head, /^content-type: application\/json$/im, what);
  assert.equal(Number(/^content-length: (\d+)$/im.exec(head)?.[1]), Buffer.byteLength(body, 'latin1'), what);
  const { error, text } = JSON.parse(body);
  assert.ok(error && text, what);
  assert.doesNotMatch(out, /libwebsockets|lws|warmcat|<html|openssl|\d+\.\d+\.\d+/i, what);
  assert.match(head, /^server: somhub$/im, what);
  return error;
}

/** Each with the status it is answered by. */
export const REQUESTS = [
  ['no HTTP', 'HELLO\r\n\r\n', 400],
  ['TLS to a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a request of HTTP/2.0', `GET /healthz HTTP/2.0\r\n${HEAD}\r\n`, 505],
  ['a request of HTTP/0.9', 'GET /healthz\r\n', 400],
  ['a request of no version, with headers', `GET /healthz\r\n${HEAD}\r\n`, 400],
  ['a request of no HTTP', `GET /healthz ICY/1.1\r\n${HEAD}\r\n`, 400],
  ['a blank in an address', `GET /healthz a HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a request of HTTP/1.0', `GET /healthz HTTP/1.0\r\n${HEAD}\r\n`, 200],
  ['an upgrade to HTTP/2', `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`, 400],
  ['another host', `GET http://evil.example/api/session HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HEAD}\r\n`, 501],
  ['a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a tunnel from here', `CONNECT / HTTP/1.1\r\n${HEAD}\r\n`, 501],
  ['a header over the limit', `GET / HTTP/1.1\r\n${HEAD}X-Long: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
  ['a header a little over the limit', `GET / HTTP/1.1\r\n${HEAD}X-Long: ${'b'.repeat(8_150)}\r\n\r\n`, 431],
  ['a known header over the limit', `GET / HTTP/1.1\r\n${HEAD}Cookie: ${'b'.repeat(9_000)}\r\n\r\n`, 431],
  ['a thousand small headers', `GET / HTTP/1.1\r\n${HEAD}${'z:b\r\n'.repeat(1000)}\r\n`, 431],
  ['a name without end', `GET / HTTP/1.1\r\n${HEAD}${'a'.repeat(20_000)}`, 431],
  ['the same header a hundred times', `GET / HTTP/1.1\r\n${HEAD}${'Accept: b\r\n'.repeat(100)}\r\n`, 431],
  ['a header that hides whose request it is', `GET /metrics HTTP/1.1\r\n${HEAD}X: 1\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n`, 400],
  ['a header that hides where it ends', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Sec: 1\r\nContent-Length: 2\r\n\r\n{}`, 400],
  ['a line that hides the next', `GET /metrics HTTP/1.1\r\n${HEAD}X\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n`, 400],
  ['the same in small letters', `get /metrics HTTP/1.1\r\n${HEAD}X: 1\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n`, 400],
  ['no address at all', `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['two blanks before the address', `GET  /?q=50% HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a blank before the colon', `GET /healthz HTTP/1.1\r\n${HEAD}X-Long : 1\r\n\r\n`, 400],
  ['a folded header', `GET /healthz HTTP/1.1\r\n${HEAD}X-Long: 1\r\n 2\r\n\r\n`, 400],
  ['as long as may be', `GET /healthz HTTP/1.1\r\n${HEAD}X-Long: ${'b'.repeat(7_900)}\r\n\r\n`, 200],
  ['as many as may be', `GET /healthz HTTP/1.1\r\n${HEAD}${'Accept: b\r\n'.repeat(80)}\r\n`, 200],
  ['a path over the limit', `GET /${'a'.repeat(600)} HTTP/1.1\r\n${HEAD}\r\n`, 414],
  ['an address without end', `GET /${'a'.repeat(20_000)}`, 414],
  ['a query of a thousand parts', `GET /healthz?${'a=1&'.repeat(1000)} HTTP/1.1\r\n${HEAD}\r\n`, 414],
  ['a query of eighty', `GET /healthz?${'a=1&'.repeat(80)} HTTP/1.1\r\n${HEAD}\r\n`, 200],
  ['half an escape', `GET /?q=50% HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['half an escape in a path', `GET /api/50%2/x HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a zero in a path', `GET /api/%00 HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['an escaped percent sign', `GET /healthz?q=50%25 HTTP/1.1\r\n${HEAD}\r\n`, 200],
  ['an escape of no digits', `GET /api/catalogue?q=%zz HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['an escape of no UTF-8', `GET /api/catalogue?q=%ff HTTP/1.1\r\n${HEAD}\r\n`, 200],
  ['a body over the limit', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 70000\r\n\r\n{}`, 413],
  ['a length over all limits', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 99999999999999999999\r\n\r\n{}`, 400],
  ['a length too long to be read', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: ${'0'.repeat(40)}2\r\n\r\n{}`, 400],
  ['no length behind its name', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length:\r\n\r\n{}`, 400],
  ['no coding behind its name', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding:\r\n\r\n{}`, 400],
  ['a length with more digits than it needs', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 000000000000000000002\r\n\r\n{}`, 400],
  ['a method that begins as another', `PUTX / HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['the word of a proxy', `PROXY / HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a header that begins as a method', `GET /healthz HTTP/1.1\r\n${HEAD}Delete-After: 1\r\n\r\n`, 400],
  ['a negative length', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: -5\r\n\r\n{}`, 400],
  ['two lengths', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`, 400],
  ['chunks', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 400],
  ['chunks and a length', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 400],
  ['a body where none belongs', `GET /healthz HTTP/1.1\r\n${HEAD}Content-Length: 5\r\n\r\nhello`, 413],
  ['half a JSON object', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 5\r\n\r\n{"a":`, 400],
  ['a JSON array', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 2\r\n\r\n[]`, 400],
  ['JSON a hundred deep', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 600\r\n\r\n${'{"a":'.repeat(100)}${'}'.repeat(100)}`, 400],
  ['another type of body', `POST /api/session HTTP/1.1\r\n${HEAD}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}`, 415],
  ['a method the address does not take', `PUT /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: 2\r\n\r\n{}`, 405],
  ['an unknown address', `GET /api/nothing HTTP/1.1\r\n${HEAD}\r\n`, 404],
];

/** Every row is answered as it says, in our own words. */
export async function areAnswered(call, rows, stop = answered) {
  const got = await Promise.all(rows.map(async ([what, bytes]) => [what, await raw(call, bytes, { stop })]));
  assert.deepEqual(got.map(([what, { status }]) => [what, status]), rows.map(([what, , status]) => [what, status]));
  for (const [what, { status, out }] of got) if (status >= 400) isOurs(what, out);
}

/** Who is refused while he still sends: what he reads, and that it ends without a reset, which may take the answer. */
export async function areNotReset(call, rows) {
  const told = (bytes) => new Promise((done) => {
    const s = call();
    let out = '', fault = '';
    const timer = setTimeout(() => s.destroy(new Error('no end')), 10_000 * SLOW);
    opened(s, () => {
      s.write(Buffer.from(bytes, 'latin1'));
      for (let i = 0; i < 4; i++) s.write('x'.repeat(MUCH_MORE / 4));
    });
    s.on('data', (d) => (out += d.toString('latin1'))).on('error', (e) => (fault = e.code ?? e.message));
    s.on('close', () => (clearTimeout(timer), done({ out, fault })));
  });
  for (const [what, bytes, status] of rows) {
    const { out, fault } = await told(bytes);
    assert.deepEqual([what, Number(/^HTTP\/1.1 (\d+)/.exec(out)?.[1]), fault], [what, status, '']);
    isOurs(what, out);
  }
}
export const refusals = (port) => [
  ['a handshake of another version', upgrade(port).replace('Version: 13', 'Version: 8'), 400],
  ['a handshake without a subprotocol', upgrade(port, '', '/ws', ''), 400],
  ['a handshake with the server\'s other protocol', upgrade(port, '', '/ws', 'Sec-WebSocket-Protocol: http\r\n'), 400],
  ['a handshake of another site', upgrade(port, 'Origin: http://evil.example\r\n'), 403],
  ['a body over the limit', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}Content-Length: ${MUCH_MORE}\r\n\r\n`, 413],
  ['a body where none belongs', `GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${MUCH_MORE}\r\n\r\n`, 413],
  ['a body of no length', `POST /api/session HTTP/1.1\r\n${JSON_HEAD}\r\n`, 400],
  ['an address that cannot be read', `POST /%zz HTTP/1.1\r\n${HEAD}\r\n`, 400],
];

export const upgrade = (port, more = '', path = '/ws', protocol = 'Sec-WebSocket-Protocol: somhub.v1\r\n') =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${protocol}${more}\r\n`;

export const handshakes = (port, origin = `http://127.0.0.1:${port}`) => [
  ['of this host', upgrade(port, `Origin: ${origin}\r\n`), 101],
  ['of another site', upgrade(port, 'Origin: http://evil.example\r\n'), 403],
  ['of no site', upgrade(port, 'Origin: null\r\n'), 403],
  ['of a site with a name over the limit', upgrade(port, `Origin: http://${'e'.repeat(400)}.example\r\n`), 403],
  ['to another address', upgrade(port, '', '/api/session'), 403],
  ['without a subprotocol', upgrade(port, '', '/ws', ''), 400],
  ['with the server\'s other protocol', upgrade(port, '', '/ws', 'Sec-WebSocket-Protocol: http\r\n'), 400],
  ['with an unknown one', upgrade(port, '', '/ws', 'Sec-WebSocket-Protocol: chat\r\n'), 400],
  ['with ours among others', upgrade(port, '', '/ws', 'Sec-WebSocket-Protocol: chat, somhub.v1\r\n'), 101],
  ['of another version', upgrade(port).replace('Version: 13', 'Version: 8'), 400],
  ['without a key', upgrade(port).replace(/Sec-WebSocket-Key.*\r\n/, ''), 400],
  ['with half a key', upgrade(port).replace('dGhlIHNhbXBsZSBub25jZQ==', 'dGhl'), 400],
  ['without a host', upgrade(port).replace(/Host.*\r\n/, ''), 400],
  ['by POST', upgrade(port).replace('GET', 'POST'), 400],
  ['with a body', upgrade(port, 'Content-Length: 5\r\n'), 400],
  ['to something else', upgrade(port).replace('Upgrade: websocket', 'Upgrade: gopher'), 400],
];
export const SHAKEN = / 101 [^]*\r\n\r\n|\r\n\r\n[^]*}$/;

function frame(op, body, { fin = true, reserved = 0, length, masked = true } = {}) {
  const bytes = Buffer.from(body), n = length ?? bytes.length, mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const head = Buffer.alloc(n < 126 ? 2 : n < 65536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | reserved | op;
  head[1] = (masked ? 0x80 : 0) | (n < 126 ? n : n < 65536 ? 126 : 127);
  if (n >= 65536) head.writeBigUInt64BE(BigInt(n), 2);
  else if (n >= 126) head.writeUInt16BE(n, 2);
  return Buffer.concat([head, mask, masked ? bytes.map((b, i) => b ^ mask[i % 4]) : bytes]);
}

/** Sends frames over a socket of its own; gives the first message that comes back, or "close 1009", or "cut". */
function first(call, port, ...frames) {
  return within(5000, 'a frame', new Promise((done) => {
    const s = call();
    let got = Buffer.alloc(0), open = false;
    const end = (v) => (s.destroy(), done(v));
    s.on('error', () => end('cut')).on('close', () => end('cut'));
    opened(s, () => s.write(upgrade(port)));
    s.on('data', (d) => {
      got = Buffer.concat([got, d]);
      if (!open && got.includes('\r\n\r\n')) {
        open = true;
        got = got.subarray(got.indexOf('\r\n\r\n') + 4);
        for (const f of frames) s.write(f);
      }
      if (!open || got.length < 2) return;
      const short = got[1] & 127, at = short === 126 ? 4 : 2;
      const n = short === 126 ? (got.length < 4 ? Infinity : got.readUInt16BE(2)) : short;
      if (got.length < at + n) return;
      const body = got.subarray(at, at + n);
      end((got[0] & 15) === 8 ? `close ${body.length ? body.readUInt16BE(0) : ''}` : (got[0] & 15) === 10 ? `pong ${body}` : body.toString());
    });
  }));
}

export const text = (t) => frame(1, typeof t === 'string' ? t : JSON.stringify(t));
/** Each with the first thing that is said to it: an error and its field, or how the socket ends. */
export const FRAMES = [
  ['nothing', [text('')], 'invalid'],
  ['no JSON', [text('hello')], 'invalid'],
  ['an array', [text('[]')], 'invalid'],
  ['no type', [text('{}')], 'invalid type'],
  ['no such type', [text({ type: 'drop table' })], 'unsupported'],
  ['a key twice', [text('{"type":"ping","type":"join"}')], 'invalid'],
  ['forty deep', [text(`{"type":"ping","a":${'['.repeat(40)}${']'.repeat(40)}}`)], 'invalid'],
  ['a number past 64 bits', [text('{"type":"ping","id":99999999999999999999}')], 'invalid'],
  ['a negative id', [text('{"type":"ping","id":-1}')], 'invalid id'],
  ['a zero in a text', [text('{"type":"pi\\u0000ng"}')], 'invalid'],
  ['half a surrogate', [text('{"type":"ping","x":"\\ud800"}')], 'invalid'],
  ['no UTF-8', [frame(1, Buffer.from([0x7b, 0xff, 0xfe]))], 'close 1007'],
  ['before joining', [text({ type: 'chat', id: 2, text: 'x' })], 'auth'],
  ['media before joining', [text({ type: 'view', id: 2, sdp: 'v=0' })], 'auth'],
  ['binary', [frame(2, 'x')], 'close 1003'],
  ['64 KiB and one', [text('x'.repeat(65537))], 'close 1009'],
  ['the same in pieces', [frame(1, 'x'.repeat(40_000), { fin: false }), frame(0, 'y'.repeat(40_000))], 'close 1009'],
  ['a piece of nothing', [frame(0, '{}')], 'close 1002'],
  ['an unknown kind of frame', [frame(3, 'x')], 'close 1002'],
  ['compressed', [frame(1, '{}', { reserved: 0x40 })], 'close 1002'],
  ['without a mask', [frame(1, '{"type":"ping"}', { masked: false })], 'close 1002'],
  ['a long one without a mask', [frame(1, ' '.repeat(40_000), { masked: false })], 'close 1002'],
  ['its second piece without a mask', [frame(1, ' '.repeat(70), { fin: false }), frame(0, '{}', { masked: false })], 'close 1002'],
  ['a ping without a mask', [frame(9, 'hi', { masked: false })], 'close 1002'],
  ['without a mask, a byte at a time', [...frame(1, '{}', { masked: false })].map((b) => Buffer.from([b])), 'close 1002'],
  ['a mask of zeros', [Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d])], 'invalid type'],
  ['a ping over the limit', [frame(9, 'x'.repeat(200))], 'cut'],
  ['a ping', [frame(9, 'hi')], 'pong hi'],
  ['rubbish without end', Array.from({ length: 50 }, () => text('bad')), 'invalid'],
];

export async function areSaid(call, port, rows) {
  const got = [];
  for (const [what, frames] of rows) {
    const answer = await first(call, port, ...frames);
    const m = answer.startsWith('{') ? JSON.parse(answer) : null;
    got.push([what, m ? [m.error, m.field].filter(Boolean).join(' ') : answer]);
  }
  assert.deepEqual(got, rows.map(([what, , answer]) => [what, answer]));
}
