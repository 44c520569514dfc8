// A camera file and a sound file for a teacher's browser: a picture of a colour that no test pattern has, with a square
// that moves over it, and a voice of two tones that no test device beeps.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WIDTH = 640, HEIGHT = 360, FPS = 20, PICTURES = 20, SQUARE = 80;
/* BT.601, limited range: a strong magenta (about 200, 20, 170), and a light square on it. */
const [Y, U, V] = [86, 170, 205];
const LIGHT = 200;
const HZ = 48_000, SECONDS = 4;
/** What the file's voice is made of; the browser's own device beeps elsewhere. */
export const TONES = [700, 1150];

export function cameraFile(folder) {
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FPS}:1 Ip A1:1 C420jpeg\n`)];
  for (let n = 0; n < PICTURES; n++) {
    const luma = Buffer.alloc(WIDTH * HEIGHT, Y), left = Math.round((n * (WIDTH - SQUARE)) / PICTURES);
    for (let row = 40; row < 40 + SQUARE; row++) luma.fill(LIGHT, row * WIDTH + left, row * WIDTH + left + SQUARE);
    const chroma = (WIDTH * HEIGHT) / 4;
    parts.push(Buffer.from('FRAME\n'), luma, Buffer.alloc(chroma, U), Buffer.alloc(chroma, V));
  }
  const file = join(folder, 'camera.y4m');
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

/** Swells and falls four times a second, as speech does: a steady tone is taken for noise and left out. */
export function soundFile(folder) {
  const n = HZ * SECONDS, wav = Buffer.alloc(44 + 2 * n);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + 2 * n, 4);
  wav.write('WAVEfmt ', 8);
  for (const [at, v] of [[16, 16], [24, HZ], [28, 2 * HZ], [40, 2 * n]]) wav.writeUInt32LE(v, at);
  for (const [at, v] of [[20, 1], [22, 1], [32, 2], [34, 16]]) wav.writeUInt16LE(v, at);
  wav.write('data', 36);
  for (let i = 0; i < n; i++) {
    const s = i / HZ, tone = (f) => Math.sin(2 * Math.PI * f * s);
    wav.writeInt16LE(Math.round((0.55 + 0.45 * tone(4)) * (0.3 * tone(TONES[0]) + 0.2 * tone(TONES[1])) * 32_767), 44 + 2 * i);
  }
  const file = join(folder, 'voice.wav');
  writeFileSync(file, wav);
  return file;
}

/** True of the mean colour of the file's picture, whatever encoders make of it. */
export const isFileColour = ([r, g, b]) => r > 140 && g < 90 && b > 110;

/** How much of a recording's sound is in the file's tones, 0 to 1: those of the loudest seconds, as it may be still, too. */
export function shareOfTones(file) {
  const RATE = 8000, BLOCK = 800; /* bins of 10 Hz */
  const r = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-vn', '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-'], { maxBuffer: 1 << 26, timeout: 120_000 });
  if (r.status !== 0) throw new Error(`ffmpeg ${file}: ${r.stderr}`);
  const sound = new Int16Array(r.stdout.buffer, r.stdout.byteOffset, r.stdout.length >> 1);
  const blocks = [];
  for (let at = 0; at + BLOCK <= sound.length; at += BLOCK) {
    let all = 0;
    for (let i = 0; i < BLOCK; i++) all += sound[at + i] ** 2;
    const power = (hz) => {
      let re = 0, im = 0;
      for (let i = 0; i < BLOCK; i++) {
        re += sound[at + i] * Math.cos((2 * Math.PI * hz * i) / RATE);
        im += sound[at + i] * Math.sin((2 * Math.PI * hz * i) / RATE);
      }
      return (2 * (re * re + im * im)) / BLOCK;
    };
    /* The swelling spreads a tone a little. */
    const voice = TONES.flatMap((f) => [f - 10, f, f + 10]).map(power).reduce((a, b) => a + b, 0);
    blocks.push({ all, share: Math.min(1, voice / (all || 1)) });
  }
  blocks.sort((a, b) => b.all - a.all);
  const loud = blocks.slice(0, Math.max(1, Math.floor(blocks.length / 4))).map((x) => x.share).sort((a, b) => a - b);
  return loud[Math.floor(loud.length / 2)] ?? 0;
}
