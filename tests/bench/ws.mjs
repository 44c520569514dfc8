// ws — a WebSocket client of `somhub.v1` in a page of code, so that the benches need no package. Text frames only.
import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

const TEXT = 1, CLOSE = 8, PING = 9, PONG = 10

export function frame(op, text) {
  const body = Buffer.from(text)
  const head = body.length < 126 ? Buffer.from([0x80 | op, 0x80 | body.length]) : Buffer.alloc(4)
  if (body.length >= 126) {
    if (body.length > 65535) throw new Error('message too long')
    head[0] = 0x80 | op
    head[1] = 0x80 | 126
    head.writeUInt16BE(body.length, 2)
  }
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, body.map((b, i) => b ^ mask[i % 4])])
}

/** Splits one complete frame off the front: {op, text, rest}, or null when more bytes are needed. */
export function cut(b) {
  if (b.length < 2) return null
  let at = 2, n = b[1] & 127
  if (n === 126) {
    if (b.length < 4) return null
    n = b.readUInt16BE(2)
    at = 4
  } else if (n === 127) {
    if (b.length < 10) return null
    n = Number(b.readBigUInt64BE(2))
    at = 10
  }
  if (b.length < at + n) return null
  return { op: b[0] & 15, text: b.subarray(at, at + n).toString(), body: b.subarray(at, at + n), rest: b.subarray(at + n) }
}

/** Opens ws://127.0.0.1:port/ws, or wss:// with the options of TLS `secure`. on(message) is called for every message
 *  that is no answer to a request; `gone` tells what the server said when it closed, null when it just went. */
export async function dial(port, on = () => {}, secure) {
  const socket = secure ? connectSecurely({ port, host: '127.0.0.1', ...secure }) : connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: somhub.v1\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const waiting = new Map()
  let rest = Buffer.alloc(0), open = false, ids = 0, opened, failed
  const ready = new Promise((yes, no) => ([opened, failed] = [yes, no]))
  let said = null, left
  const gone = new Promise((yes) => (left = yes))

  function greet() {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = rest.subarray(0, end).toString()
    const proof = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
    if (!head.startsWith('HTTP/1.1 101') || !head.includes(proof)) return failed(new Error(head.split('\r\n')[0]))
    rest = rest.subarray(end + 4)
    open = true
    opened()
  }
  function take({ op, text, body }) {
    if (op === CLOSE && body.length >= 2) said = { code: body.readUInt16BE(0), reason: body.subarray(2).toString() }
    if (op === CLOSE && !socket.writableEnded) socket.end(frame(CLOSE, ''))
    if (op === PING) socket.write(frame(PONG, text))
    if (op !== TEXT) return
    const m = JSON.parse(text)
    const asked = m.id && waiting.get(m.id)
    if (!asked) return on(m)
    waiting.delete(m.id)
    if (m.type === 'error') asked.no(new Error(`${m.error}: ${m.text}`))
    else asked.yes(m)
  }
  socket.on('data', (d) => {
    rest = Buffer.concat([rest, d])
    if (!open) greet()
    for (let f; open && (f = cut(rest)); take(f)) rest = f.rest
  })
  const ended = (why) => {
    failed(why ?? new Error('closed'))
    for (const { no } of waiting.values()) no(why ?? new Error('closed'))
    waiting.clear()
    left(said)
  }
  socket.on('error', ended)
  socket.on('close', () => ended())
  await ready
  return {
    send: (m) => socket.write(frame(TEXT, JSON.stringify(m))),
    ask: (m) => new Promise((yes, no) => {
      waiting.set(++ids, { yes, no })
      socket.write(frame(TEXT, JSON.stringify({ ...m, id: ids })))
    }),
    gone,
    raw: (bytes) => socket.write(bytes),
    close: () => socket.end(frame(CLOSE, '')),
    cut: () => socket.destroy(),
  }
}
