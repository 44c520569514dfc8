// A recording in which everything happened, played by hls.js in Chromium as the lesson page plays it: through all changes
// of size, speaker and take, and from any point.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { root } from './lib.mjs';

const types = { '.m3u8': 'application/vnd.apple.mpegurl', '.mp4': 'video/mp4', '.m4s': 'video/iso.segment', '.js': 'text/javascript' };
const page_html = '<!doctype html><link rel="icon" href="data:,"><video id="v" muted playsinline></video><script src="/hls.min.js"></script>';

let dir, server, browser, lesson;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'somhub-hls-'));
  lesson = JSON.parse(execFileSync(join(root, 'build/bench/bench_pipe_lesson'), [dir], { stdio: ['ignore', 'pipe', 'ignore'] }));
  server = createServer((req, res) => {
    const name = basename(req.url.split('?')[0]);
    if (!name) return res.setHeader('content-type', 'text/html').end(page_html);
    const file = name === 'hls.min.js' ? join(root, 'web/node_modules/hls.js/dist/hls.min.js') : join(dir, name);
    if (!existsSync(file)) return res.writeHead(404).end();
    res.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(res);
  });
  await new Promise((yes) => server.listen(0, '127.0.0.1', yes));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'] });
});
after(async () => {
  await browser?.close();
  server?.close();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

test('hls.js plays it to the end and from any point', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const seen = await page.evaluate(async () => {
    const v = document.getElementById('v'), fatal = [], sizes = new Set(), seeks = [];
    const until = async (f, ms) => {
      const end = performance.now() + ms;
      while (!f() && performance.now() < end) await new Promise((yes) => setTimeout(yes, 50));
      return f();
    };
    const hls = new window.Hls({ startPosition: 0 });
    hls.on('hlsError', (_, d) => { if (d.fatal) fatal.push(`${d.details} ${d.error?.message ?? ''}`); });
    v.onresize = () => sizes.add(`${v.videoWidth}x${v.videoHeight}`);
    hls.loadSource('/index.m3u8');
    hls.attachMedia(v);
    await until(() => v.readyState >= 2, 20000);
    v.playbackRate = 4;
    await v.play();
    const ended = await until(() => v.ended, 90000);
    v.playbackRate = 1;
    for (const s of [30.2, 3, 14, 20.5, 42, 36, 7.1, 0.1, 26]) {
      v.currentTime = s;
      await v.play();
      const plays = await until(() => !v.seeking && v.currentTime > s + 0.3 && v.currentTime < s + 6, 15000);
      seeks.push({ s, plays, at: v.currentTime });
    }
    const holes = [];
    for (let i = 1; i < v.buffered.length; i++) holes.push([v.buffered.end(i - 1), v.buffered.start(i)]);
    return { fatal, ended, duration: v.duration, sizes: [...sizes], seeks, holes };
  });
  assert.deepEqual(seen.fatal, []);
  assert.ok(seen.ended, 'plays to its end');
  assert.ok(Math.abs(seen.duration - lesson.duration_ms / 1000) < 0.2, `${seen.duration} s of ${lesson.duration_ms} ms`);
  for (const size of ['640x360', '320x180', '480x360', '960x540']) assert.ok(seen.sizes.includes(size), `${size} in ${seen.sizes}`);
  assert.deepEqual(seen.seeks.filter((s) => !s.plays), []);
  assert.deepEqual(seen.holes, []);
});
