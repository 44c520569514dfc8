// A small mail server for the tests: takes what it is sent, or fails as it is told (`mode`): 'take', 'later' (4xx),
// 'never' (5xx), 'hang' (no answer after the message).
import { createServer } from 'node:net';
import { PATIENCE_MS } from './lib.mjs';

export async function sink() {
  const mails = [];
  const waiting = [];
  const sockets = new Set();
  const self = { mails, mode: 'take', tried: 0 };
  const take = (mail) => {
    mails.push(mail);
    for (const w of waiting.splice(0)) w();
  };
  const server = createServer((socket) => {
    let text = '';
    let data = null;
    let mail = { from: '', to: [] };
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    const say = (line) => socket.write(`${line}\r\n`);
    const command = (line) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO' || verb === 'HELO') say('250 sink');
      else if (verb === 'MAIL') (mail = { from: line, to: [] }), say('250 ok');
      else if (verb === 'RCPT') mail.to.push(/<(.*)>/.exec(line)?.[1] ?? line), say('250 ok');
      else if (verb === 'DATA') (data = ''), say('354 go on');
      else if (verb === 'QUIT') say('221 bye'), socket.end();
      else say('250 ok');
    };
    const message = (body) => {
      self.tried++;
      for (const w of waiting.splice(0)) w();
      if (self.mode === 'hang') return;
      if (self.mode === 'later') return say('451 come back later');
      if (self.mode === 'never') return say('554 never');
      take({ ...mail, raw: body, ...parse(body) });
      say('250 taken');
    };
    say('220 sink');
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        const mark = data === null ? '\r\n' : '\r\n.\r\n';
        const at = text.indexOf(mark);
        if (at < 0) return;
        const piece = text.slice(0, at);
        text = text.slice(at + mark.length);
        if (data === null) command(piece);
        else (data = null), message(Buffer.from(`${piece}\r\n`, 'latin1').toString('utf8').replaceAll('\r\n..', '\r\n.'));
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  self.url = `smtp://127.0.0.1:${server.address().port}`;
  /** Until something has come of which `fn` says yes. */
  self.until = async (fn, what, ms = PATIENCE_MS) => {
    const late = Date.now() + ms;
    for (;;) {
      const found = fn(self);
      if (found) return found;
      if (Date.now() > late) throw new Error(`no such mail: ${what}; have ${mails.map((m) => m.subject).join(' | ')}`);
      await Promise.race([new Promise((done) => waiting.push(done)), new Promise((done) => setTimeout(done, 250))]);
    }
  };
  self.close = () => {
    for (const s of sockets) s.destroy();
    return new Promise((done) => server.close(done));
  };
  return self;
}

const words = (s) =>
  s.replace(/\?=\s+=\?/g, '?==?').replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, b) => Buffer.from(b, 'base64').toString('latin1'));
const unword = (s) => Buffer.from(words(s), 'latin1').toString('utf8');

function parse(raw) {
  const end = raw.indexOf('\r\n\r\n');
  const headers = {};
  for (const line of raw.slice(0, end).replace(/\r\n[ \t]/g, ' ').split('\r\n')) {
    const at = line.indexOf(':');
    headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
  }
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1];
  const parts = {};
  for (const part of raw.slice(end + 4).split(`--${boundary}`).slice(1, -1)) {
    const type = /Content-Type: ([^;\r]+)/.exec(part)?.[1] ?? '';
    parts[type] = Buffer.from(part.slice(part.indexOf('\r\n\r\n') + 4), 'base64').toString('utf8');
  }
  return { headers, parts, subject: unword(headers.subject ?? '') };
}
