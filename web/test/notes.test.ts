/* notes — what a text field's change was, where a caret is after another's, what updates a whole takes the place of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editOf, endOf, fromBase64, lineAt, shifted, toBase64 } from '../src/protocol/notes';
import { emptyRoom, evolve, fromSnapshot } from '../src/protocol/room';
import { readTimeline } from '../src/protocol/timeline';

const done = (s: string, e: ReturnType<typeof editOf>): string => (e ? s.slice(0, e.at) + e.inserted + s.slice(e.at + e.removed) : s);

test('a change is found where the caret is, and done again gives the same', () => {
  assert.equal(editOf('один', 'один', 2), null);
  assert.deepEqual(editOf('aaa', 'aaaa', 2), { at: 1, removed: 0, inserted: 'a' });
  assert.deepEqual(editOf('aaaa', 'aaa', 1), { at: 1, removed: 1, inserted: '' });
  assert.deepEqual(editOf('', 'слово', 5), { at: 0, removed: 0, inserted: 'слово' });
  for (const [old, now, caret] of [['кіт', 'кит', 2], ['абв', '', 0], ['один два', 'один три два', 9], ['ab', 'ba', 1], ['xyx', 'x', 1]] as const) {
    assert.equal(done(old, editOf(old, now, caret)), now);
  }
});

test('a character of two halves is never cut', () => {
  for (const [old, now] of [['😀', '😁'], ['a😀b', 'a😁b'], ['😀😀', '😀😁'], ['\u{1F600}', '\u{2F600}'], ['x', 'x😀']] as const) {
    for (let caret = 0; caret <= now.length; caret++) {
      const e = editOf(old, now, caret);
      assert.ok(e);
      assert.equal(done(old, e), now);
      for (const part of [e.inserted, old.slice(e.at, e.at + e.removed)]) assert.ok(part === part.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ''), JSON.stringify(e));
    }
  }
});

test('a caret stays at its word when others write', () => {
  assert.equal(shifted(5, [{ retain: 2 }, { insert: 'abc' }]), 8);
  assert.equal(shifted(2, [{ retain: 2 }, { insert: 'abc' }]), 2);
  assert.equal(shifted(5, [{ retain: 7 }, { insert: 'abc' }]), 5);
  assert.equal(shifted(5, [{ delete: 3 }]), 2);
  assert.equal(shifted(5, [{ retain: 4 }, { delete: 9 }]), 4);
  assert.equal(shifted(9, [{ retain: 1 }, { delete: 2 }, { insert: 'x' }, { retain: 3 }, { delete: 1 }]), 7);
  assert.equal(endOf([{ retain: 2 }, { insert: 'abc' }]), 5);
  assert.equal(lineAt('a\nb\nc', 4), 3);
});

test('bytes come back from base64', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});

test('a whole takes the place of the updates up to its number', () => {
  let r = emptyRoom;
  for (const seq of [3, 5, 8]) r = evolve(r, { type: 'note', seq, at: 1, by: 'u1', update: `u${seq}` });
  const kept = r.notes[2];
  r = evolve(r, { type: 'note_whole', seq: 9, at: 1, n: 5, update: 'w5' });
  assert.deepEqual(r.notes.map((u) => [u.n, u.update, u.whole]), [[5, 'w5', true], [8, 'u8', false]]);
  assert.equal(r.notes[1], kept, 'known by itself');
  r = evolve(r, { type: 'note_whole', seq: 10, at: 1, n: 8, update: 'w8' });
  assert.deepEqual(r.notes.map((u) => u.update), ['w8']);
  const s = fromSnapshot({ life: 'open', members: [], notes: { n: 5, whole: 'w5', updates: [{ n: 8, update: 'u8' }] } });
  assert.deepEqual(s.notes.map((u) => [u.n, u.update, u.by]), [[5, 'w5', ''], [8, 'u8', '']]);
});

test('a lesson has the notes as they were in the end', () => {
  const lines = [{ type: 'note_whole', seq: 7, at: 2, n: 5, update: 'w' }, { type: 'note', seq: 9, at: 3, update: 'u' }];
  assert.deepEqual(readTimeline(lines.map((l) => JSON.stringify(l)).join('\n'), []).notes.map((u) => u.update), ['w', 'u']);
});
