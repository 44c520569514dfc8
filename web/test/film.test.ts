/* film — where a video stands, and how a picture that is elsewhere gets there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIPS_MAX, clipOfUpload, filmBase, filmOf, FILM_CHANGES, isFull, lessonOf, NO_FILM, shownClip, Stepper, uploadOf, whereAt, type Film } from '../src/protocol/film';
import { clipsEn } from '../src/i18n/clips.en';
import { clipsUk } from '../src/i18n/clips.uk';
import { ServerClock } from '../src/protocol/serverclock';
import type { RoomEvent } from '../src/protocol/types';

const fold = (f: Film, e: Partial<RoomEvent> & { type: string }): Film => FILM_CHANGES[e.type]?.(f, { seq: 1, at: 0, ...e }) ?? f;
const brought = fold(NO_FILM, { type: 'clip', seq: 7, file: 'lesson-abcdefghij', text: 'Урок', length: 60_000 });

test('what happens to it, and where it is then', () => {
  assert.equal(shownClip(brought), null);
  let f = fold(brought, { type: 'video', at: 1000, n: 7, on: true, position: 5000, rate: 150 });
  assert.deepEqual(whereAt(f, 1000), { s: 5, plays: true, rate: 1.5 });
  assert.deepEqual(whereAt(f, 3000), { s: 8, plays: true, rate: 1.5 });
  assert.deepEqual(whereAt(f, 900), { s: 5, plays: true, rate: 1.5 }); // this device's clock is behind
  assert.deepEqual(whereAt(f, 1_000_000), { s: 60, plays: false, rate: 1.5 });
  f = fold(f, { type: 'video', at: 4000, n: 7, on: false, position: 9000, rate: 100 });
  assert.deepEqual(whereAt(f, 9000), { s: 9, plays: false, rate: 1 });
  assert.deepEqual(whereAt(filmOf({ ...f }), 9000), whereAt(f, 9000)); // a newcomer's
  assert.equal(fold(f, { type: 'video', n: 8, on: true }), f); // of what is not there
  assert.equal(shownClip(fold(f, { type: 'video', n: 0, on: false })), null);
  f = fold(f, { type: 'clip_dropped', n: 7 });
  assert.deepEqual(f, NO_FILM);
  assert.equal(lessonOf(brought.clips[0]!), 'abcdefghij');
  assert.equal(lessonOf({ n: 1, file: 'lesson-../../x', text: '', length: 1 }), '');
});

test('a lesson and an upload have their files at addresses of their own', () => {
  const [lesson] = brought.clips;
  const f = fold(brought, { type: 'clip', seq: 8, file: 'clip-qrstuvwxyz', text: 'Дослід', length: 5_000 });
  const upload = clipOfUpload(f, 'qrstuvwxyz')!;
  assert.equal(upload.n, 8);
  assert.equal(uploadOf(lesson!), '');
  assert.equal(lessonOf(upload), '');
  assert.equal(filmBase('abc', lesson!), '/media/abc/video/abcdefghij');
  assert.equal(filmBase('abc', upload), '/media/abc/clips/qrstuvwxyz');
  assert.equal(uploadOf({ ...upload, file: 'clip-../../etc' }), '');
});

test('the words of uploads are whole in both languages', () => {
  const places = (m: unknown): string => [...new Set(JSON.stringify(m).match(/\{\w+\}/g) ?? [])].sort().join(' ');
  assert.deepEqual(Object.keys(clipsEn).sort(), Object.keys(clipsUk).sort());
  for (const [key, m] of Object.entries(clipsUk)) {
    assert.equal(places(clipsEn[key as keyof typeof clipsEn]), places(m), key);
    assert.doesNotMatch(m, /[а-яіїєґ]['’`][а-яіїєґ]|"|[ыэъё]/i, key);
  }
});

/** A player that is `lateS` later than asked after each leap. */
function play(lateS: number, startS: number, seconds: number): { leaps: number; rates: number[]; off: number } {
  const s = new Stepper();
  let have = startS;
  let stuck = 0;
  let leaps = 0;
  const rates: number[] = [];
  let want = 0;
  let off = 0;
  for (let t = 0; t <= seconds * 1000; t += 200) {
    want = 100 + t / 1000;
    if (stuck > 0) {
      stuck -= 200; // buffering: it is not asked while it seeks
      continue;
    }
    off = Math.abs(have - want);
    const step = s.step(have, { s: want, plays: true, rate: 1 }, t);
    if (step.seekTo !== null) {
      have = step.seekTo;
      leaps++;
      stuck = lateS * 1000;
    } else have += 0.2 * step.rate;
    rates.push(step.rate);
  }
  return { leaps, rates, off };
}

test('a leap when far, five in a hundred when near, nothing when nobody would notice', () => {
  const near = play(0, 99.75, 12);
  assert.equal(near.leaps, 0);
  assert.ok(near.off < 0.1, `${near.off}`);
  assert.ok(near.rates.every((r) => r >= 0.95 && r <= 1.05));
  assert.ok(near.rates.some((r) => r === 1.05));
  const far = play(0, 0, 4);
  assert.equal(far.leaps, 1);
  const there = play(0, 100.05, 4);
  assert.ok(there.leaps === 0 && there.rates.every((r) => r === 1));
});

test('how slow leaps are here is learned, so that it does not leap for ever', () => {
  for (const late of [0.4, 1, 1.8]) {
    const got = play(late, 0, 30);
    assert.ok(got.leaps <= 3, `${late}: ${got.leaps} leaps`);
    assert.ok(got.off < 0.3, `${late}: ${got.off}`);
  }
});

test('a paused one stands at the very second, whatever was before', () => {
  const s = new Stepper();
  assert.deepEqual(s.step(10.2, { s: 10, plays: false, rate: 1 }, 0), { seekTo: 10, rate: 1 });
  assert.deepEqual(s.step(10.01, { s: 10, plays: false, rate: 1 }, 200), { seekTo: null, rate: 1 });
  assert.equal(s.step(10, { s: 50, plays: true, rate: 1 }, 400).seekTo, 50);
  assert.equal(s.step(50.2, { s: 50.2, plays: true, rate: 1 }, 600).seekTo, null);
  assert.equal(s.step(20, { s: 80, plays: true, rate: 1 }, 800).seekTo, null); // one leap at a time
  s.anew();
  assert.equal(s.step(20, { s: 80, plays: true, rate: 1 }, 900).seekTo, 80); // but what was pressed is done at once
});

test('the quickest answer tells the time', () => {
  const c = new ServerClock();
  assert.equal(c.offset, 0);
  c.heard(5000, 1000, null);
  assert.equal(c.offset, 4000);
  c.heard(6000, 2000, 300); // 150 ms under way
  assert.equal(c.offset, 4150);
  c.heard(7000, 3000 + 900, 1000); // slow: less is known by it
  assert.equal(c.offset, 4150);
  c.heard(8000, 4000, 40);
  assert.equal(c.offset, 4020);
  c.heard(9000, 905_000, 40); // the device's clock was set
  assert.equal(c.offset, 9000 + 20 - 905_000);
});

test('a room that has as many as it may takes no other, but one of those again', () => {
  const clips = Array.from({ length: CLIPS_MAX }, (_, i) => ({ n: i + 1, file: `lesson-${String(i).padStart(10, 'a')}`, text: 'У', length: 1 }));
  assert.ok(!isFull(filmOf({ clips: clips.slice(1) }), 'bbbbbbbbbb'));
  assert.ok(isFull(filmOf({ clips }), 'bbbbbbbbbb'));
  assert.ok(!isFull(filmOf({ clips }), 'aaaaaaaaa7'));
});
