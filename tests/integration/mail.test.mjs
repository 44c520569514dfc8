// Letters, by a real server to a real (small) mail server: confirmation with its .ics, the list that moves up, refusals
// for now and for ever, a mail server that hangs, and a kill -9 in the middle: nothing lost, nothing twice.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { addPeople, makeData, people, serve, steps } from './lib.mjs';
import { sink } from './sink.mjs';

const step = steps(test);
let post, dir, server, csrf, cookie, event;

after(async () => {
  await server?.stop();
  await post?.close();
  dir?.remove();
});

async function boot() {
  server = await serve(dir.data, {
    args: ['--set', `mail.server=${post.url}`, '--set', 'mail.from=som@example.org', '--set', 'mail.starttls=no', '--set', 'mail.wait_s=4', '--set', 'http.public_url=https://live.example.org/'],
  });
}

async function ask(method, path, body, signed = false) {
  const headers = { 'Content-Type': 'application/json' };
  if (signed) Object.assign(headers, { Cookie: cookie, 'X-CSRF-Token': csrf });
  const r = await fetch(server.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await r.text();
  return { status: r.status, headers: r.headers, json: text.startsWith('{') ? JSON.parse(text) : null, text };
}

const enrol = async (name, more = {}) => {
  const r = await ask('POST', `/api/events/${event}/register`, { name, email: `${name}@example.org`, consent: true, ...more });
  assert.equal(r.status, 201, r.text);
  return r.json.registration;
};
const mailTo = (name, part) => post.until((p) => p.mails.find((m) => m.to.includes(`${name}@example.org`) && m.subject.includes(part)), `${part} to ${name}`);

step('a registration is confirmed by letter, in the reader’s language, with the event for his calendar', async () => {
  post = await sink();
  dir = makeData();
  addPeople(dir.data);
  await boot();
  const signed = await ask('POST', '/api/session', { email: people.teacher.email, password: people.teacher.password });
  csrf = signed.json.csrf;
  cookie = signed.headers.get('set-cookie').split(';')[0];
  const made = await ask('POST', '/api/events', { title: 'Дроби; вступ', access: 'public', starts_at: Date.now() + 3 * 86_400_000 }, true);
  event = made.json.event.id;
  assert.equal((await ask('PUT', `/api/events/${event}/signup`, { capacity: 1, email: 'needed' }, true)).status, 200);
  const one = await enrol('one');
  const m = await mailTo('one', 'Реєстрацію підтверджено: Дроби; вступ');
  assert.match(m.headers.from, /<som@example\.org>$/);
  assert.ok(m.parts['text/plain'].includes(`https://live.example.org/r/${one.code}`));
  assert.ok(m.parts['text/html'].includes(`href="https://live.example.org/r/${one.code}"`));
  const ics = m.parts['text/calendar'].replaceAll('\r\n ', '');
  for (const line of ['METHOD:REQUEST', `UID:${event}@somhub`, 'SUMMARY:Дроби\\; вступ', 'STATUS:CONFIRMED', 'SEQUENCE:0']) assert.ok(ics.includes(`\r\n${line}\r\n`), `${line}\n${ics}`);
  assert.match(ics, /ATTENDEE;CN="one";[^\r]*:mailto:one@example\.org/);
});

step('the next waits, is told so in English, and gets the place that is given back', async () => {
  const two = await enrol('two', { lang: 'en' });
  assert.equal(two.state, 'waiting');
  await mailTo('two', 'You are on the waiting list');
  const first = post.mails.find((m) => m.to.includes('one@example.org'));
  const code = /\/r\/(\w+)/.exec(first.parts['text/plain'])[1];
  assert.equal((await ask('PATCH', `/api/registrations/${code}`, { cancel: true })).status, 200);
  const gone = await mailTo('one', 'Участь скасовано');
  assert.ok(gone.parts['text/calendar'].includes('METHOD:CANCEL'));
  await mailTo('two', 'You are registered');
});

step('a new time and the calling-off reach everybody who is coming', async () => {
  assert.equal((await ask('PATCH', `/api/events/${event}`, { starts_at: Date.now() + 5 * 86_400_000 }, true)).status, 200);
  const m = await mailTo('two', 'New time');
  assert.ok(m.parts['text/calendar'].includes('SEQUENCE:1'));
});

step('hostile names and titles stay what they are', async () => {
  assert.equal((await ask('PUT', `/api/events/${event}/signup`, { capacity: 0, email: 'needed' }, true)).status, 200);
  const r = await ask('POST', `/api/events/${event}/register`, { name: 'x', email: 'x@example.org\r\nBcc: y@example.org', consent: true });
  assert.equal(r.status, 400);
  await enrol('evil', { name: '<img src=x onerror=1> "Ім’я", =?UTF-8?B?' });
  const m = await mailTo('evil', 'Реєстрацію');
  assert.ok(m.parts['text/html'].includes('&lt;img src=x'));
  assert.ok(!m.parts['text/html'].includes('<img'));
  assert.deepEqual(m.to, ['evil@example.org']);
});

step('"later" is tried again, "never" is given up, the others go on', async () => {
  post.mode = 'later';
  const before = post.tried;
  await enrol('patient');
  await post.until((p) => p.tried > before, 'a first try');
  post.mode = 'never';
  const then = post.tried;
  await enrol('refused');
  await post.until((p) => p.tried > then, 'a refused try');
  post.mode = 'take';
  await enrol('third');
  await mailTo('third', 'Реєстрацію');
  assert.equal(post.mails.filter((m) => m.to.includes('refused@example.org')).length, 0);
});

step('a mail server that hangs holds up nobody', async () => {
  post.mode = 'hang';
  const before = post.tried;
  await enrol('slow');
  await post.until((p) => p.tried > before, 'the try that hangs');
  const from = Date.now();
  await enrol('meanwhile');
  assert.equal((await ask('GET', '/healthz')).status, 200);
  assert.ok(Date.now() - from < 3000, 'pages wait for the mail server');
});

step('killed in the middle: what was not taken goes out, what was taken does not go twice', async () => {
  const taken = post.mails.map((m) => m.headers['message-id']);
  await server.kill('SIGKILL');
  post.mode = 'take';
  await boot();
  await mailTo('meanwhile', 'Реєстрацію');
  const ids = post.mails.map((m) => m.headers['message-id']);
  assert.equal(new Set(ids).size, ids.length, ids.join(' '));
  for (const id of taken) assert.equal(ids.filter((x) => x === id).length, 1);
});
