// janus — Debian's Janus beside us in the same bench: started with a configuration of its own, its videoroom behind a
// small WHIP and WHEP of ours, so that the load program joins it as it joins us. ICE-lite on both sides; one socket a
// viewer there, which is Janus's way. Its viewers get offers and answer them: the client's offer becomes that answer.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as listen } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const JANUS = '/usr/bin/janus', LIB = '/usr/lib/x86_64-linux-gnu/janus', ROOM = 1, START_MS = 10000
export const janusThere = () => existsSync(JANUS) && existsSync(LIB)

async function freePort() {
  const s = listen().listen(0, '127.0.0.1')
  await once(s, 'listening')
  const { port } = s.address()
  s.close()
  await once(s, 'close')
  return port
}

async function settings(folder, port, loops) {
  const others = async (kind, but) => (await readdir(join(LIB, kind))).filter((f) => f.endsWith('.so') && !f.includes(but)).join(',')
  const files = {
    'janus.jcfg': `general: { configs_folder = "${folder}" plugins_folder = "${LIB}/plugins" transports_folder = "${LIB}/transports"
      debug_level = 2 ${loops ? `event_loops = ${loops}` : ''} }
      nat: { ice_lite = true }
      plugins: { disable = "${await others('plugins', 'videoroom')}" }
      transports: { disable = "${await others('transports', '_http')}" }`,
    'janus.transport.http.jcfg': `general: { json = "compact" base_path = "/janus" http = true ip = "127.0.0.1" port = ${port} }`,
    'janus.plugin.videoroom.jcfg': 'general: { }',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
}

/** One session of Janus's HTTP interface; what comes later comes by the transaction that asked for it. */
class Session {
  #base; #waiting = new Map(); #n = 0; #over = false
  constructor(port) { this.#base = `http://127.0.0.1:${port}/janus` }
  async #post(path, body) {
    const transaction = `t${++this.#n}`
    const event = new Promise((yes) => this.#waiting.set(transaction, yes))
    const reply = await (await fetch(this.#base + path, { method: 'POST', body: JSON.stringify({ ...body, transaction }) })).json()
    if (reply.janus === 'ack') return event
    this.#waiting.delete(transaction)
    if (reply.janus !== 'success') throw new Error(`janus: ${JSON.stringify(reply)}`)
    return reply
  }
  async open() {
    this.id = (await this.#post('', { janus: 'create' })).data.id
    this.#listen()
  }
  async #listen() {
    while (!this.#over)
      try {
        const got = await (await fetch(`${this.#base}/${this.id}?maxev=10`)).json()
        for (const e of [got].flat()) {
          this.#waiting.get(e.transaction)?.(e)
          this.#waiting.delete(e.transaction)
        }
      } catch (e) {
        if (!this.#over) throw e
      }
  }
  async attach() { return (await this.#post(`/${this.id}`, { janus: 'attach', plugin: 'janus.plugin.videoroom' })).data.id }
  async ask(handle, body, jsep) {
    const r = await this.#post(`/${this.id}/${handle}`, { janus: 'message', body, ...(jsep && { jsep }) })
    const { error } = r.plugindata?.data ?? {}
    if (error || r.error) throw new Error(`janus: ${error ?? r.error.reason}`)
    return r
  }
  end() { this.#over = true }
}

const lines = (sdp) => sdp.split(/\r?\n/).filter(Boolean)
/** Checks come from elsewhere and are believed, but Janus begins with a candidate. */
const CANDIDATES = ['a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host', 'a=end-of-candidates']
const text = (all) => all.join('\r\n') + '\r\n'
/** A publisher's offer as Janus likes it: it is to wait for the ClientHello, and for no more candidates. */
const offerTo = (offer) => text(lines(offer).filter((l) => l !== 'a=ice-options:trickle')
  .flatMap((l) => (l.startsWith('a=mid:') ? [l, ...CANDIDATES] : [l.replace('a=setup:actpass', 'a=setup:active')])))
/** Janus's offer, answered by whoever has the credentials of `offer`, as the one that says ClientHello. */
function answerTo(theirs, offer) {
  const of = (key) => lines(offer).find((l) => l.startsWith(key))
  const who = [of('a=ice-ufrag:'), of('a=ice-pwd:'), of('a=fingerprint:'), 'a=setup:active',
    ...CANDIDATES]
  const gone = /^a=(ice-|fingerprint|setup|candidate|end-of-cand|ssrc|msid:)/
  return text(lines(theirs).filter((l) => !gone.test(l)).map((l) => (l === 'a=sendonly' ? 'a=recvonly' : l))
    .flatMap((l) => (l.startsWith('a=mid:') ? [l, ...who] : [l])))
}
/** Our numbers of header extensions are not Janus's: the load is to look into none. */
const plain = (sdp) => text(lines(sdp).filter((l) => !l.startsWith('a=extmap')))

/** loops: how many threads all connections share; 0: one each, as Janus comes. `on` puts a program on a core. */
export async function serveJanus(on, loops) {
  const folder = await mkdtemp(join(tmpdir(), 'janus-bench-')), port = await freePort()
  await settings(folder, port, loops)
  const child = spawn(...on(0, 'sh', ['-c', 'ulimit -n $(ulimit -Hn); exec "$@"', 'sh', JANUS, '-F', folder]), { stdio: 'ignore' })
  const gone = once(child, 'exit')
  const deadline = Date.now() + START_MS
  while (!(await fetch(`http://127.0.0.1:${port}/janus/info`).catch(() => null))?.ok) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('janus does not start')
    await pause(50)
  }
  const session = new Session(port)
  await session.open()
  let feed
  const ways = {
    whip: async (offer) => {
      const handle = await session.attach()
      await session.ask(handle, { request: 'create', room: ROOM, publishers: 1, bitrate: 0, audiocodec: 'opus', videocodec: 'h264' })
      const r = await session.ask(handle, { request: 'joinandconfigure', room: ROOM, ptype: 'publisher' },
        { type: 'offer', sdp: offerTo(offer) })
      feed = r.plugindata.data.id
      return r.jsep.sdp
    },
    whep: async (offer) => {
      const handle = await session.attach()
      const { jsep } = await session.ask(handle, { request: 'join', room: ROOM, ptype: 'subscriber', streams: [{ feed }] })
      await session.ask(handle, { request: 'start' }, { type: 'answer', sdp: answerTo(jsep.sdp, offer) })
      return jsep.sdp
    },
  }
  const door = createServer(async (req, res) => {
    let body = ''
    for await (const piece of req) body += piece
    const reply = (status, text) => res.writeHead(status, { 'Content-Length': Buffer.byteLength(text), Location: '/' }).end(text)
    const way = req.method === 'POST' && ways[req.url.split('/')[1]]
    try {
      way ? reply(201, plain(await way(body))) : reply(200, '')
    } catch (e) {
      reply(500, e.message)
    }
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  async function stop() {
    session.end()
    door.close()
    child.kill('SIGKILL') // with a thread a viewer its own end takes long
    await gone
    await rm(folder, { recursive: true, force: true })
  }
  return { port: door.address().port, pid: child.pid, stop }
}
