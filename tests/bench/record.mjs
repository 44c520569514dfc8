// record — what the recording of one 720p H.264 program with two speakers costs, and how soon after "End" it plays.
import { execFile, spawn } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cookies } from './cookies.mjs'

const run = promisify(execFile)
const SECONDS = Number(process.env.SECONDS_EACH ?? 30)
const TICKS_PER_S = 100 // proc(5): in clock ticks, 100 a second on Linux

/** A camera's picture at 1.5 Mbit/s and a voice-like sound, twenty seconds of each. */
async function makeMedia(folder) {
  const h264 = join(folder, 'camera.h264'), ogg = join(folder, 'voice.ogg')
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=30', '-t', '20', '-c:v', 'libx264',
    '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-level', '3.1', '-pix_fmt', 'yuv420p',
    '-b:v', '1500k', '-maxrate', '1500k', '-bufsize', '1500k', '-g', '60', '-slices', '1', '-x264-params', 'sliced-threads=0:repeat-headers=1', '-f', 'h264', h264])
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'aevalsrc=0.4*sin(2*PI*(220+80*sin(3*t))*t):s=48000', '-t', '20',
    '-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20', '-f', 'ogg', ogg])
  return { h264, ogg }
}

async function stat(pid) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const [, name, rest] = /\((.*)\) (.*)/s.exec(text)
  const field = rest.split(' ')
  return { name, parent: Number(field[1]), cpu_s: (Number(field[11]) + Number(field[12])) / TICKS_PER_S }
}

async function child(of, name) {
  for (const pid of (await readdir('/proc')).filter((p) => /^\d+$/.test(p))) {
    const s = await stat(pid).catch(() => null)
    if (s && s.parent === of && s.name.startsWith(name)) return Number(pid)
  }
  return null
}

async function until(what, seconds, f) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 20))) {
    const v = await f()
    if (v) return v
  }
  throw new Error(`waited ${seconds} s in vain: ${what}`)
}

/** Signed in as a teacher who may see every lesson. */
async function signIn(server) {
  const password = 'bench-password'
  const add = spawn(server.somhub, ['user', 'add', '--data', server.data, '--role', 'admin', '--name', 'Bench',
    '--email', 'bench@example.org', '--password-stdin'], { stdio: ['pipe', 'ignore', 'inherit'] })
  add.stdin.end(password + '\n')
  if ((await new Promise((yes) => add.once('close', yes))) !== 0) throw new Error('somhub user add failed')
  const url = `http://127.0.0.1:${server.port}`
  const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'bench@example.org', password }) })
  if (!answer.ok) throw new Error(`sign-in: ${answer.status}`)
  const cookie = cookies(answer)
  return (path) => fetch(url + path, { headers: { cookie } })
}

/** The lesson is ready, its playlist has an end, and the first and last segment can be had. */
async function plays(get, room) {
  const lesson = await get(`/api/lessons/${room}`).then((r) => (r.ok ? r.json() : null))
  if (lesson?.recording?.state !== 'ready') return null
  const list = await get(lesson.recording.program).then((r) => r.text())
  const files = list.split('\n').filter((l) => l && !l.startsWith('#'))
  if (!list.includes('#EXT-X-ENDLIST') || !files.length) return null
  const base = lesson.recording.program.replace(/[^/]*$/, '')
  for (const f of [files[0], files.at(-1)]) if (!(await get(base + f)).ok) return null
  return lesson
}

export async function record(server, { openRoom, build, say }) {
  say('encoding a camera and a voice')
  const { h264, ogg } = await makeMedia(server.data)
  const get = await signIn(server)
  const { room, host } = await openRoom(server, '--record')
  const tickets = [await server.ticket(room, 'speaker', 'Anna'), await server.ticket(room, 'speaker', 'Borys')]
  const speakers = spawn(join(build, 'bench', 'bench_publish'), [server.port, room, h264, ogg, ...tickets].map(String),
    { stdio: ['pipe', 'ignore', 'pipe'] })
  await new Promise((yes, no) => {
    speakers.stderr.on('data', (d) => (String(d).includes('on air') ? yes() : no(new Error(String(d)))))
  })
  const pid = await until('somhub-pipe runs', 10, () => child(server.pid, 'somhub-pipe'))
  await new Promise((r) => setTimeout(r, 5000)) // past the beginning, which costs more
  say(`recording for ${SECONDS} s`)
  const from = await stat(pid), t0 = performance.now(), server0 = await stat(server.pid)
  await new Promise((r) => setTimeout(r, SECONDS * 1000))
  const to = await stat(pid), wall_s = (performance.now() - t0) / 1000, server1 = await stat(server.pid)
  const rss_mb = Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
  const ended = performance.now()
  await host.ask({ type: 'end' })
  const lesson = await until('the lesson plays', 30, () => plays(get, room))
  const end_to_playable_s = (performance.now() - ended) / 1000
  speakers.stdin.end()
  await new Promise((yes) => speakers.once('close', yes))
  return {
    cpu_percent_of_core: ((to.cpu_s - from.cpu_s) / wall_s) * 100,
    server_cpu_percent_of_core: ((server1.cpu_s - server0.cpu_s) / wall_s) * 100,
    rss_mb, seconds: wall_s, end_to_playable_s, duration_ms: lesson.recording.duration_ms, bytes: lesson.recording.bytes,
  }
}
