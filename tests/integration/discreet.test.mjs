// A consultation leaves nothing behind: it cannot be recorded by anybody, and when it is over no word that was said and
// nobody's name is anywhere in the data directory, not even after the server was killed in the middle of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dial } from '../bench/ws.mjs';
import { cookies } from '../bench/cookies.mjs';
import { addPeople, makeData, people, serve, steps } from './lib.mjs';

const step = steps(test);
const WORDS = ['шепіт-усім-7319', 'шепіт-ведучій-7320', 'виправлено-7321', 'запитання-7322', 'відповідь-7323', 'таймер-7324', 'до-початку-7325', 'напис-7327', 'субтитр-7329'];
const DECK = 'слайди-7326', STROKE = 'AAEF_x8A_T_-Pw', NOTE = Buffer.from('нотатки-7328').toString('base64'), FILM = 'дослід-7330';
const NAMES = ['Соломія Тиха-8812', 'Роман Мовчун-8813'];
let data, remove, server, teacher, id, host, ann, bob, joined;

const post = async (path, body, who) => {
  const r = await fetch(server.url + path, { method: 'POST', headers: { 'Content-Type': 'application/json',
    ...(who ? { Cookie: who.cookie, 'X-CSRF-Token': who.csrf } : {}) }, body: JSON.stringify(body) });
  return { status: r.status, headers: r.headers, doc: await r.json().catch(() => ({})) };
};
const get = async (path) => (await fetch(server.url + path, { headers: { Cookie: teacher.cookie } })).text();

async function signIn({ email, password }) {
  const r = await post('/api/session', { email, password });
  return { cookie: cookies(r), csrf: r.doc.csrf };
}

/** Somebody at a socket: what he asks is answered, what he is told is kept. */
async function come(ticket) {
  const p = { told: [], wanted: [] };
  const line = await dial(Number(new URL(server.url).port), (m) => {
    p.told.push(m);
    p.wanted = p.wanted.filter((w) => !w(m));
  });
  p.close = () => line.close();
  p.ask = (type, fields = {}) => line.ask({ type, ...fields });
  p.refused = (type, fields = {}) => p.ask(type, fields).then((ok) => JSON.stringify(ok), (e) => e.message.split(':')[0]);
  /** What was told or will be that fits. */
  p.hears = (fits) => new Promise((done) => {
    const old = p.told.find(fits);
    if (old) return done(old);
    p.wanted.push((m) => fits(m) && (done(m), true));
  });
  p.welcome = await p.ask('join', { ticket, since: 0, client: 'test' });
  return p;
}

/** Every file with its bytes; what the server takes away while it is being read is not there. */
function everything(dir) {
  const there = (read) => {
    try {
      return read();
    } catch (e) {
      if (e.code !== 'ENOENT') throw e;
      return [];
    }
  };
  return there(() => readdirSync(dir)).flatMap((n) => {
    const path = join(dir, n);
    return there(() => statSync(path).isDirectory() ? everything(path) : [[path, readFileSync(path)]]);
  });
}
const found = (words) => everything(data).flatMap(([path, bytes]) => words.filter((w) => bytes.includes(w)).map((w) => `${path}: ${w}`));

before(async () => {
  ({ data, remove } = makeData());
  addPeople(data);
  server = await serve(data);
  teacher = await signIn(people.teacher);
  const made = await post('/api/events', { title: 'Консультація', format: 'consultation' }, teacher);
  assert.equal(made.status, 201);
  id = made.doc.event.id;
  joined = { host: (await post(`/api/events/${id}/join`, {}, teacher)).doc.ticket };
  for (const [i, key] of ['ann', 'bob'].entries()) joined[key] = (await post(`/api/events/${id}/join`, { name: NAMES[i] })).doc.ticket;
});

after(async () => {
  for (const p of [host, ann, bob]) p?.close();
  await server?.stop();
  remove?.();
});

step('nobody can ask for a recording of it, neither by the settings nor in the room', async () => {
  const asked = await post('/api/events', { title: 'Запис', format: 'consultation', record: 'manual' }, teacher);
  assert.equal(asked.status, 400);
  assert.equal(asked.doc.field, 'record');
  host = await come(joined.host);
  assert.equal(host.welcome.room.record, 'never');
  assert.equal(host.welcome.room.keep, 'counts');
  await host.ask('chat', { text: WORDS[6] });
  await host.ask('open');
  ann = await come(joined.ann);
  assert.equal(ann.welcome.state, 'waiting');
  await host.ask('admit', { who: ann.welcome.you.id });
  await ann.hears((m) => m.type === 'welcome' && m.state === 'in');
  for (const p of [host, ann]) assert.equal(await p.refused('record', { on: true }), 'denied');
});

step('people talk; a server that is killed has kept who is there and forgotten what was said', async () => {
  const said = await ann.ask('chat', { text: WORDS[0] });
  await ann.ask('chat', { text: WORDS[1], hosts: true });
  await ann.ask('chat_edit', { n: said.seq, text: WORDS[2] });
  const poll = await host.ask('poll', { kind: 'words', text: WORDS[3], options: [] });
  await host.ask('poll_open', { n: poll.seq });
  const line = await host.ask('caption', { text: WORDS[8], lang: 'uk' });
  await host.hears((m) => m.type === 'caption' && m.text === WORDS[8]);
  await host.ask('caption_edit', { n: line.seq, text: `${WORDS[8]}!` });
  await host.hears((m) => m.type === 'caption_edit' && m.text === `${WORDS[8]}!`);
  await host.ask('captioning', { text: WORDS[8], lang: 'uk' });
  await host.ask('timer', { on: true, seconds: 600, text: WORDS[5], who: ann.welcome.you.id });
  const note = await ann.ask('note', { update: NOTE });
  await host.hears((m) => m.type === 'note' && m.update === NOTE);
  await ann.ask('note_whole', { n: note.seq, update: NOTE });
  await ann.ask('hand', { on: true });
  assert.ok(host.told.some((m) => m.type === 'chat' && m.text === WORDS[0]), 'those in the room were told');
  await server.kill();
  assert.deepEqual(found([...WORDS, NOTE, ...NAMES]), [], 'not even while it went on');
  server = await serve(data);
  host = await come(joined.host);
  const ghost = host.welcome.snapshot.members.find((m) => m.id === ann.welcome.you.id);
  assert.equal(ghost.name, '—');
  assert.ok(ghost.hand > 0, 'the hand is still up');
  assert.equal(host.welcome.snapshot.chat.length, 0);
  ann = await come(joined.ann);
  assert.equal(ann.welcome.state, 'in', 'admitted once, admitted still');
  assert.equal((await host.hears((m) => m.type === 'joined' && m.who === ann.welcome.you.id)).name, NAMES[0]);
});

step('slides are shown', async () => {
  const text = Buffer.from('BT /F 40 Tf 60 180 Td (slide-9914) Tj ET');
  const pdf = Buffer.concat([Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[10 0 R]/Count 1>>endobj\n'
    + '3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n10 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 360]/Resources'
    + `<</Font<</F 3 0 R>>>>/Contents 11 0 R>>endobj\n11 0 obj<</Length ${text.length}>>stream\n`), text,
  Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')]);
  const made = await post(`/api/events/${id}/decks`, { title: DECK, bytes: pdf.length }, teacher);
  assert.equal(made.status, 201, JSON.stringify(made.doc));
  const put = await fetch(`${server.url}/api/events/${id}/decks/${made.doc.deck.id}?offset=0`, { method: 'PUT', body: pdf,
    headers: { 'Content-Type': 'application/octet-stream', Cookie: teacher.cookie, 'X-CSRF-Token': teacher.csrf } });
  assert.ok(put.ok, await put.text());
  const deck = await host.hears((m) => m.type === 'deck');
  await host.ask('ink', { n: deck.seq, page: 1, ink: 'BgABAAA', text: WORDS[7] });
  await host.ask('ink', { n: deck.seq, page: 1, ink: STROKE });
  assert.equal((await host.hears((m) => m.type === 'ink' && m.ink === STROKE)).n, deck.seq);
  assert.deepEqual(found([WORDS[7], STROKE]), []);
  assert.ok(readdirSync(join(data, 'decks', id)).length > 1);
});

step('a video of its own is brought', async () => {
  const file = join(data, 'film.mp4');
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25', '-t', '2', '-c:v', 'libx264',
    '-metadata', `title=${FILM}`, file]);
  const bytes = readFileSync(file);
  rmSync(file);
  const made = await post(`/api/events/${id}/clips`, { title: FILM, bytes: bytes.length }, teacher);
  assert.equal(made.status, 201, JSON.stringify(made.doc));
  const at = `/api/events/${id}/clips/${made.doc.clip.id}`;
  const headers = { 'Content-Type': 'application/octet-stream', Cookie: teacher.cookie, 'X-CSRF-Token': teacher.csrf };
  assert.ok((await fetch(`${server.url}${at}?offset=0`, { method: 'PUT', body: bytes, headers })).ok);
  const put = await fetch(`${server.url}${at}/captions/uk?name=x.srt`, { method: 'PUT', headers, body: `1\n00:00:00,000 --> 00:00:01,000\n${FILM}\n` });
  assert.ok(put.ok, await put.text());
  await host.hears((m) => m.type === 'clip' && m.file === `clip-${made.doc.clip.id}`);
  assert.ok(readdirSync(join(data, 'clips', id)).length > 0);
});

step('a report has numbers for names, also while it goes on', async () => {
  bob = await come(joined.bob);
  await host.ask('admit', { who: '*' });
  await bob.hears((m) => m.type === 'welcome' && m.state === 'in');
  const rows = JSON.parse(await get(`/api/events/${id}/attendance`)).rows;
  assert.deepEqual(rows.map((r) => [r.member, r.name]), [['p1', '№ 1'], ['p2', '№ 2'], ['p3', '№ 3']]);
});

step('after the end there is nothing of it but how many came and when', async () => {
  const member = bob.welcome.you.id;
  await bob.ask('chat', { text: WORDS[4] });
  assert.equal(await host.refused('record', { on: true }), 'denied');
  host.ask('end').catch(() => undefined);
  await bob.hears((m) => m.type === 'bye' && m.reason === 'ended');
  assert.deepEqual(found([...WORDS, ...NAMES, member, ann.welcome.you.id]), []);
  const kept = () => ['decks', 'clips'].filter((of) => readdirSync(join(data, of)).includes(id));
  for (let tries = 0; kept().length > 0; tries++) { // its files go after its rows
    assert.ok(tries < 100, `there still: ${kept()}`);
    await new Promise((r) => setTimeout(r, 100));
  }
  assert.deepEqual(found([DECK, STROKE, 'slide-9914', FILM]), []);
  assert.ok(!readdirSync(data).includes('rec') || !readdirSync(join(data, 'rec')).includes(id));
  const rows = JSON.parse(await get(`/api/events/${id}/attendance`)).rows;
  assert.deepEqual(rows.map((r) => [r.member, r.name, r.role]), [['p1', '№ 1', 'host'], ['p2', '№ 2', 'attendee'], ['p3', '№ 3', 'attendee']]);
  assert.ok(rows.every((r) => r.total_ms > 0 && r.messages === 0));
  assert.match(await get(`/api/events/${id}/attendance.csv`), /"№ 2"/);
  await server.stop();
  assert.deepEqual(found([...WORDS, ...NAMES, member, ann.welcome.you.id]), []);
});
