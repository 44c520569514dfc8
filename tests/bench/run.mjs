// run — starts a server of its own, measures one thing, prints a table and writes build/bench/<name>.json.
// Usage: node tests/bench/run.mjs sfu|cores|join|soak|signal|record [build folder]
import { execFile, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
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

/** A server on ports the kernel chooses, with a data directory that goes away. */
export async function serve(...more) {
  const data = await mkdtemp(join(tmpdir(), 'somhub-bench-'))
  const child = spawn(...on(0, somhub, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--media-port', '0',
    '--set', 'media.listen=127.0.0.1', '--set', 'log.level=warn', ...more]), { stdio: ['ignore', 'pipe', 'inherit'] })
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
  const host = await dial(server.port)
  await host.ask({ type: 'join', ticket: await server.ticket(room, 'host', 'Host'), since: 0 })
  await host.ask({ type: 'open' })
  return { room, host }
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

// A target: [what, figure, limit]. All are upper limits.
const benches = {
  async sfu(server) {
    const levels = (process.env.LEVELS ?? '50,200,500,1000').split(',').map(Number)
    const f = await crowd(server, 'bench_sfu', levels.at(-1), process.env.SECONDS_EACH ?? 4, ...levels)
    const cm = f.profile === 'cm'
    const targets = f.levels.flatMap((l) => [
      [`${l.viewers} viewers: CPU µs per forwarded packet`, l.cpu_us_per_packet, cm ? 3.5 : l.viewers < 200 ? 6 : l.viewers < 1000 ? 2.5 : 2.2],
      [`${l.viewers} viewers: RSS kB per viewer`, l.rss_kb_per_viewer, 50],
      [`${l.viewers} viewers: packets lost of ${l.expected}`, l.lost, 0],
      ...(l.viewers === 200 ? [['200 viewers: one-way delay p50, ms', l.delay_p50_us / 1000, 1],
        ['200 viewers: one-way delay p99, ms', l.delay_p99_us / 1000, 3]] : []),
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
        const server = await serve('--set', `media.workers=${workers}`, '--set', `media.room_peers_per_worker=${workers > 1 ? viewers / 2 : 0}`)
        try {
          const { levels: [l] } = await crowd(server, 'bench_sfu', viewers, process.env.SECONDS_EACH ?? 4, viewers)
          cost[workers].push(l.cpu_us_per_packet)
          table.push({ workers, ...l })
        } finally {
          await server.stop()
        }
      }
    const median = (v) => v.sort((a, b) => a - b)[v.length >> 1]
    const carries = 2 * median(cost[1]) / median(cost[2])
    return { table, rounds, two_workers_carry: carries, targets: [
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
    const { room, host } = await openRoom(server)
    say(`minting ${n} tickets`)
    const all = await tickets(server, room, 'attendee', n)
    const f = await measure('bench_signal', [server.port, server.pid, n, 100].map(String), all.join('\n') + '\n')
    host.close()
    return { ...f, table: [f], targets: [] }
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
  const server = ['cores', 'cost'].includes(name) ? null : await serve(...(name === 'join' ? ['--set', 'http.trust_proxy=yes'] : [])) // those have servers of their own or need none
  let figures
  try {
    figures = await benches[name](server)
  } finally {
    await server?.stop()
  }
  const { table, targets, ...rest } = figures
  const met = targets.map(([what, figure, limit]) => ({ what, figure: round(figure), limit, met: round(figure) <= limit }))
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, load_before }
  await mkdir(join(build, 'bench'), { recursive: true })
  await writeFile(join(build, 'bench', `${name}.json`), JSON.stringify({ bench: name, machine, ...rest, targets: met }, null, 2) + '\n')
  if (process.env.KEEP) { // a name for this run's figures in the repository
    await mkdir('tests/bench/results', { recursive: true })
    await writeFile(join('tests/bench/results', `${process.env.KEEP}.json`),
      JSON.stringify({ bench: name, machine, ...rest, targets: met }, null, 2) + '\n')
  }
  console.table(table.map((row) => Object.fromEntries(Object.entries(row).filter(([, v]) => typeof v !== 'object').map(([k, v]) => [k, round(v)]))))
  if (met.length) console.table(met)
  console.log(`written: ${join(folder, 'bench', `${name}.json`)}`)
}

await main().catch((e) => {
  console.error(`bench ${name}: ${e.message}`)
  process.exit(1)
})
