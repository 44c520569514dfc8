// run — starts a server of its own, measures one thing, prints it as JSON (also into build/bench/<name>.json) and as a table.
// Usage: node tests/bench/run.mjs sfu|cores|cost|floor|join|soak|signal|record [build folder]
// POLL=10000 SOCKETS=5000 with signal: so many answers to a poll within ten seconds, too.
// PEER=janus with sfu: Debian's Janus beside us, in turns.
import { execFile, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { janusThere, serveJanus } from './janus.mjs'
import { dial } from './ws.mjs'

const run = promisify(execFile)
const [name = 'sfu', folder = 'build'] = process.argv.slice(2)
const build = resolve(folder)
const somhub = join(build, 'somhub')
const say = (text) => process.stderr.write(`bench ${name}: ${text}\n`)

/** One core for the server, the others for the load: what is measured is the one, not how they crowd. RT=1: both go
 *  before whatever else a busy machine does (needs root). */
const rt = process.env.RT === '1' ? ['chrt', '-f', '1'] : []
const on = (core, program, args) => (!['sfu', 'cores', 'join', 'cost'].includes(name) || cpus().length < 2 ? [program, args]
  : ['taskset', ['-c', core ? `1-${cpus().length - 1}` : '0', ...rt, program, ...args]])

/** WIRE=1: what the kernel does for the receivers of a packet is done on the load's cores, as if they were other
 *  machines (receive packet steering of the loopback; needs root). Without it the sender's core does that as well, and
 *  it is more than half of what a packet costs there. */
const wire = process.env.WIRE === '1'
if (wire) {
  const set = { '/sys/class/net/lo/queues/rx-0/rps_cpus': ((2 ** cpus().length) - 2).toString(16),
    '/proc/sys/net/core/netdev_max_backlog': '50000' } // on its way between the cores: a picture of thousands
  const was = Object.keys(set).map((path) => [path, readFileSync(path, 'utf8')])
  for (const [path, value] of Object.entries(set)) writeFileSync(path, value)
  process.on('exit', () => was.forEach(([path, value]) => writeFileSync(path, value)))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
}

/** A server on ports the kernel chooses, with a data directory that goes away. */
export async function serve(...more) {
  const data = await mkdtemp(join(tmpdir(), 'somhub-bench-'))
  const child = spawn(...on(0, somhub, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--media-port', '0',
    '--set', 'media.listen=127.0.0.1', '--set', 'log.level=warn', '--set', 'http.metrics=all', ...more]), { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise((yes) => child.once('exit', (code, signal) => yes(code ?? signal)))
  const line = await Promise.race([
    new Promise((yes) => createInterface({ input: child.stdout }).on('line', (l) => l.startsWith('ready ') && yes(l))),
    gone.then((code) => Promise.reject(new Error(`somhub serve ended at once (${code})`))),
  ])
  const port = Number(/http=\S*?:(\d+)\b/.exec(line)[1])
  const cli = async (...args) => (await run(somhub, [args[0], '--data', data, ...args.slice(1)])).stdout.trim()
  const ticket = (room, role, who) => cli('token', '--room', room, '--role', role, '--name', who, '--ttl', '3600')
  async function stop() {
    child.kill('SIGTERM')
    const code = await gone
    await rm(data, { recursive: true, force: true })
    if (code !== 0) throw new Error(`somhub serve ended with ${code}`)
  }
  return { somhub, port, pid: child.pid, data, cli, ticket, stop }
}

/** A room that is open, its host connected. */
export async function openRoom(server, ...flags) {
  const room = await server.cli('room', '--name', 'Bench', ...flags)
  const heard = {}
  const host = await dial(server.port, (m) => (heard[m.type] = (heard[m.type] ?? 0) + 1))
  await host.ask({ type: 'join', ticket: await server.ticket(room, 'host', 'Host'), since: 0 })
  await host.ask({ type: 'open' })
  return { room, host, heard }
}

/** Tickets like the one the command line mints, signed here: thousands of processes would take minutes. */
async function tickets(server, room, role, n) {
  const [head, claims] = (await server.ticket(room, role, 'Viewer')).split('.')
  const key = await readFile(join(server.data, 'secret.key'))
  const one = JSON.parse(Buffer.from(claims, 'base64url'))
  return Array.from({ length: n }, (_, i) => {
    const text = `${head}.${Buffer.from(JSON.stringify({ ...one, sub: `t${i}viewer`, name: `Viewer ${i}` })).toString('base64url')}`
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  })
}

/** Runs a bench program with tickets on stdin; what it prints is JSON. */
export async function measure(program, args, input = '') {
  const child = spawn(...on(1, join(build, 'bench', program), args), { stdio: ['pipe', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (d) => (out += d))
  child.stdin.end(input)
  const code = await new Promise((yes) => child.once('close', yes))
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
  return JSON.parse(out)
}

async function crowd(server, program, viewers, ...args) {
  const { room, host } = await openRoom(server)
  say(`minting ${viewers} tickets`)
  const all = await tickets(server, room, 'attendee', viewers)
  const speaker = await server.ticket(room, 'speaker', 'Teacher')
  const figures = await measure(program, [server.port, server.pid, room, speaker, ...args].map(String), all.join('\n') + '\n')
  host.close()
  return figures
}

const median = (v) => [...v].sort((a, b) => a - b)[v.length >> 1]

/** Another server beside ours, in turns, the same publisher and viewers: what is compared had the same hour. */
async function beside(peer) {
  if (peer !== 'janus' || !janusThere()) throw new Error(`no ${peer} here: \`apt-get install janus\`, then PEER=janus`)
  const viewers = Number(process.env.VIEWERS ?? 200), rounds = Number(process.env.ROUNDS ?? 3), table = []
  const janus = (loops) => async () => {
    const server = await serveJanus(on, loops)
    try {
      return await measure('bench_sfu', [server.port, server.pid, 'room', 'speaker', process.env.SECONDS_EACH ?? 4, viewers].map(String), 'viewer\n'.repeat(viewers))
    } finally {
      await server.stop()
    }
  }
  const ways = { somhub: () => withServer((server) => crowd(server, 'bench_sfu', viewers, process.env.SECONDS_EACH ?? 4, viewers)),
    'janus': janus(0), 'janus, shared loops': janus(1) }
  for (let i = 0; i < rounds; i++)
    for (const [server, go] of Object.entries(ways)) {
      say(`round ${i + 1} of ${rounds}: ${server}`)
      table.push({ server, ...(await go()).levels[0] })
    }
  const cost = Object.fromEntries(Object.keys(ways).map((way) => [way, median(table.filter((r) => r.server === way).map((r) => r.cpu_us_per_packet))]))
  const times = (way) => cost[way] / cost.somhub
  return { viewers, rounds, table, rows: table, cpu_us_per_packet: cost, janus_costs_times: times('janus'),
    janus_shared_costs_times: times('janus, shared loops'),
    targets: [['a packet\'s cost, of what Janus with shared loops takes (limit: 1 of 7)', 1 / times('janus, shared loops'), 1 / 7]] }
}

async function withServer(go, ...more) {
  const server = await serve(...more)
  try {
    return await go(server)
  } finally {
    await server.stop()
  }
}

// A target: [what, figure, limit, aim?]. All are upper limits; an aim is what the best would show.
const benches = {
  async sfu(server) {
    if (process.env.PEER) return beside(process.env.PEER)
    const levels = (process.env.LEVELS ?? '50,200,500,1000').split(',').map(Number)
    const f = await crowd(server, 'bench_sfu', levels.at(-1), process.env.SECONDS_EACH ?? 4, ...levels)
    const cm = f.profile === 'cm'
    const targets = f.levels.flatMap((l) => [
      [`${l.viewers} viewers: CPU µs per forwarded packet`, l.cpu_us_per_packet, 6, cm ? 3.5 : l.viewers < 1000 ? 2.5 : 2.2],
      [`${l.viewers} viewers: RSS kB per viewer`, l.rss_kb_per_viewer, 100, 50],
      [`${l.viewers} viewers: packets lost of ${l.expected}`, l.lost, 0],
      ...(l.viewers === 200 ? [['200 viewers: one-way delay p50, ms', l.delay_p50_us / 1000, 10, 1],
        ['200 viewers: one-way delay p99, ms', l.delay_p99_us / 1000, 10, 3]] : []),
    ])
    return { ...f, targets, table: f.levels }
  },
  // One room on one worker, then on two with the relay between them, in turns. The load needs a core of its own, so what
  // two would carry is told by what a packet costs on either: twice the cores, divided by how much dearer it became.
  async cores() {
    const viewers = Number(process.env.VIEWERS ?? 300), rounds = Number(process.env.ROUNDS ?? 3), cost = { 1: [], 2: [] }
    const table = []
    for (let i = 0; i < rounds; i++)
      for (const workers of [1, 2]) {
        await withServer(async (server) => {
          const { levels: [l] } = await crowd(server, 'bench_sfu', viewers, process.env.SECONDS_EACH ?? 4, viewers)
          cost[workers].push(l.cpu_us_per_packet)
          table.push({ workers, ...l })
        }, '--set', `media.workers=${workers}`, '--set', `media.room_peers_per_worker=${workers > 1 ? viewers / 2 : 0}`)
      }
    const carries = 2 * median(cost[1]) / median(cost[2])
    return { table, rows: table, rounds, two_workers_carry: carries, targets: [
      ['one worker\'s share of what two carry (limit: 1 of 1.8)', 1 / carries, 1 / 1.8],
      ['packets lost', table.reduce((n, l) => n + l.lost, 0), 0],
    ] }
  },
  /** The steps alone; no server. */
  async cost() {
    const f = await measure('bench_cost', [])
    const figures = Object.entries(f).map(([step, ns]) => ({ step, ns: Math.round(ns) }))
    return { steps_ns: f, table: figures, targets: [] }
  },
  /** What the kernel alone takes for such traffic; no server. */
  async floor() {
    const levels = (process.env.LEVELS ?? '50,200,500,1000').split(',')
    const f = await measure('bench_floor', [process.env.SECONDS_EACH ?? 2, process.env.WINDOWS ?? 5, ...levels])
    return { ...f, table: f.levels, targets: [] }
  },
  async join(server) {
    // 40 are there before, and what they lose is counted. VIEWERS=2000 is a storm of 490 a second.
    const n = Number(process.env.VIEWERS ?? 240), seconds = Number(process.env.SECONDS ?? 4), storm = n / seconds > 60
    const f = await crowd(server, 'bench_join', n, n, seconds)
    return { ...f, table: [f], targets: [
      ['offer to first packet p50, ms', f.first_packet_p50_ms, storm ? 200 : 150],
      ['offer to first packet p99, ms', f.first_packet_p99_ms, storm ? 800 : 600],
      ['packets lost by those who were there', f.lost_before, 0],
      ['keyframe requests a second', f.keyframes_asked_per_s, 1],
    ] }
  },
  // Two hours of coming and going, faster: what it holds in memory must stay what it is.
  async soak(server) {
    const [n, seconds, changes] = [process.env.VIEWERS ?? 200, process.env.SECONDS ?? 480, process.env.CHANGES ?? 4].map(Number)
    const f = await crowd(server, 'bench_soak', n, n, seconds, changes)
    return { ...f, table: [f], targets: [
      ['memory, growth of the later half, per cent', f.rss_growth_percent, 2],
      ['files open, highest over lowest', f.files_high - f.files_low, 8],
      ['threads, highest over lowest', f.threads_high - f.threads_low, 0],
      ['came and left without picture or sound', f.never_saw_or_heard, 0],
    ] }
  },
  async signal(server) {
    const n = Number(process.env.SOCKETS ?? 2000)
    const answers = Number(process.env.POLL ?? 0)
    const { room, host, heard } = await openRoom(server)
    let poll = []
    if (answers) {
      const { seq } = await host.ask({ type: 'poll', kind: 'single', text: 'Bench?', options: ['yes', 'no'] })
      await host.ask({ type: 'poll_open', n: seq })
      poll = [seq, answers]
    }
    say(`minting ${n} tickets`)
    const all = await tickets(server, room, 'attendee', n)
    const beat = setInterval(() => host.send({ type: 'ping' }), 15000)
    const f = await measure('bench_signal', [server.port, server.pid, n, 100, ...poll].map(String), all.join('\n') + '\n')
    clearInterval(beat)
    host.close()
    if (answers) f.poll_tallies = heard.tally ?? 0
    return { ...f, table: [f], targets: answers ? [
      ['seconds for all answers', f.poll_s, 11],
      ['sums told to the host (two a second, and at once)', f.poll_tallies, Math.ceil(2 * f.poll_s) + 2],
    ] : [] }
  },
  async record(server) {
    const { record } = await import('./record.mjs')
    const f = await record(server, { openRoom, build, say })
    return { ...f, table: [f], targets: [
      ['CPU of recording, per cent of a core', f.cpu_percent_of_core, 8],
      ['seconds from "End" to playable', f.end_to_playable_s, 2],
    ] }
  },
}

const round = (v) => (typeof v === 'number' && !Number.isInteger(v) ? Number(v.toFixed(2)) : v)

async function main() {
  if (!benches[name]) throw new Error(`no such bench; there are ${Object.keys(benches).join(', ')}`)
  const load_before = round(loadavg()[0])
  // Comers to the join bench are of many addresses, which only a proxy can tell a server on loopback.
  const server = ['cores', 'cost', 'floor'].includes(name) || process.env.PEER ? null : await serve(...(name === 'join' ? ['--set', 'http.trust_proxy=yes'] : [])) // those have servers of their own or need none
  let figures
  try {
    figures = await benches[name](server)
  } finally {
    await server?.stop()
  }
  const { table, targets, ...rest } = figures
  const met = targets.map(([what, figure, limit, aim]) => ({ what, figure: round(figure), limit, met: round(figure) <= limit,
    ...(aim !== undefined && { aim, reached: round(figure) <= aim }) }))
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, load_before, receivers: wire ? 'on the load\'s cores' : 'on the sender\'s core' }
  await mkdir(join(build, 'bench'), { recursive: true })
  const json = JSON.stringify({ bench: name, machine, ...rest, targets: met }, null, 2) + '\n'
  await writeFile(join(build, 'bench', `${name}.json`), json)
  if (process.env.KEEP) { // a name for this run's figures in the repository
    await mkdir('tests/bench/results', { recursive: true })
    await writeFile(join('tests/bench/results', `${process.env.KEEP}.json`), json)
  }
  process.stdout.write(json)
  for (const row of table.filter((r) => r.stolen_percent > 2))
    say(`the host took ${round(row.stolen_percent)} % of the time at ${row.viewers} viewers: cost and delay are too high`)
  console.table(table.map((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => typeof v !== 'object').map(([k, v]) => [k, round(v)]))))
  if (met.length) console.table(met)
  console.log(`written: ${join(folder, 'bench', `${name}.json`)}`)
}

await main().catch((e) => {
  console.error(`bench ${name}: ${e.message}`)
  process.exit(1)
})
