// Many sign-ins at once: passwords are slow to check on purpose, and nobody who joins or watches waits behind them.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { after, test } from 'node:test';
import { people, run, start } from './lib.mjs';

const FLOOD = 200; // more than may wait at the door
let server;
after(() => server?.stop());

const agent = new Agent({ keepAlive: true, maxSockets: FLOOD + 10 });
const ask = (method, path, { from, body } = {}) =>
  new Promise((done, fail) => {
    const text = body && JSON.stringify(body);
    const q = request(server.url + path, { method, agent, headers: {
      ...(from ? { 'X-Forwarded-For': from } : {}),
      ...(text ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) } : {}),
    } }, (r) => {
      let out = '';
      r.on('data', (b) => (out += b)).on('end', () => done({ status: r.statusCode, headers: r.headers, body: out }));
    });
    q.on('error', fail);
    q.end(text);
  });

test('a flood of sign-ins: the rest of the school goes on, who is too many is told so', async () => {
  server = await start({ args: ['--set', 'http.trust_proxy=yes'] });
  const room = run(['room', '--data', server.data, '--name', 'Урок']).split(/\s+/).pop();
  const ticket = run(['token', '--data', server.data, '--room', room, '--role', 'attendee', '--name', 'Учень']);
  assert.ok(ticket);
  let answered = 0;
  const flood = Array.from({ length: FLOOD }, (_, i) =>
    ask('POST', '/api/session', { from: `10.9.${i >> 8}.${i & 255}`, body: { email: `nobody${i}@test.local`, password: 'a wrong password' } })
      .then((r) => (answered++, r)));
  await Promise.race(flood); // it is under way
  for (let i = 0; i < 20; i++) {
    const join = await ask('POST', `/api/events/${room}/join`, { from: `10.8.0.${i}`, body: { name: `Учень ${i}` } });
    assert.equal(join.status, 200, join.body);
    assert.equal((await ask('GET', '/api/spaces', { from: '10.8.1.1' })).status, 200);
  }
  assert.ok(answered < FLOOD, 'joins were answered before the sign-ins were');
  const all = await Promise.all(flood);
  const count = (status) => all.filter((r) => r.status === status).length;
  assert.equal(count(401) + count(503), FLOOD, [...new Set(all.map((r) => r.status))].join());
  assert.ok(count(503) > 0 && count(401) >= 128, `${count(401)} were checked, ${count(503)} sent away`);
  const busy = all.find((r) => r.status === 503);
  assert.ok(Number(busy.headers['retry-after']) > 0);
  assert.equal(JSON.parse(busy.body).error, 'busy');
  const good = await ask('POST', '/api/session', { from: '10.8.2.2', body: { email: people.teacher.email, password: people.teacher.password } });
  assert.equal(good.status, 200);
});
