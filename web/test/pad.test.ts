/* pad — however people write, are cut off and come back, and whoever sends the whole, all pads of a room come to one
 * text, and so does who reads the room alone. The room here is its own fold; random numbers are the same each time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computed, signal } from '@preact/signals';
import { evolve, emptyRoom, type Room } from '../src/protocol/room';
import type { RoomEvent } from '../src/protocol/types';
import { RequestError } from '../src/protocol/types';
import { Pad, textOf } from '../src/state/pad';
import { Clock } from './clock';

const rnd = (seed: number) => (below: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

/** A room whose log everybody who is live is told; who was away gets the room as it is. */
class Hall {
  seq = 0;
  wholes = 0;
  room: Room = emptyRoom;
  readonly seats: Seat[] = [];
  put(e: Omit<RoomEvent, 'seq' | 'at'>): void {
    const event = { ...e, seq: ++this.seq, at: 1 };
    this.room = evolve(this.room, event);
    for (const s of this.seats) if (s.live.peek()) s.room.value = evolve(s.room.peek(), event);
  }
}

class Seat {
  readonly room = signal<Room>(emptyRoom);
  readonly live = signal(true);
  readonly pad: Pad;
  /** Answers do not come back although the room has heard. */
  deaf = false;
  constructor(private readonly hall: Hall, readonly id: string) {
    hall.seats.push(this);
    this.room.value = hall.room;
    this.pad = new Pad({
      notes: computed(() => this.room.value.notes),
      isLive: this.live,
      me: () => id,
      request: (type, fields) => this.ask(type, fields),
      refused: (e) => assert.fail(String(e)),
    });
  }

  private async ask(type: string, fields: Record<string, unknown>): Promise<void> {
    await Promise.resolve();
    if (!this.live.peek()) throw new RequestError('offline');
    const n = fields.n as number | undefined;
    if (type === 'note_whole') {
      if (!this.hall.room.notes.some((u) => !u.whole && u.n === n)) return;
      this.hall.wholes++;
    }
    this.hall.put({ type, by: this.id, update: fields.update as string, ...(n ? { n } : {}) });
    if (this.deaf) throw new RequestError('timeout');
  }

  cut(): void {
    this.live.value = false;
  }

  back(): void {
    this.room.value = { ...this.hall.room, notes: this.hall.room.notes.map((u) => ({ ...u, by: '' })) };
    this.live.value = true;
  }
}

const WORDS = ['план', ' ', '\n', '😀', 'далі', 'x'];

async function pass(clock: Clock, ms: number): Promise<void> {
  clock.tick(ms);
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

for (let h = 1; h <= 12; h++) {
  test(`everybody comes to one text (${h})`, async () => {
    const clock = new Clock();
    clock.install();
    try {
      const next = rnd(h);
      const hall = new Hall();
      const seats = ['a', 'b', 'c'].map((id) => new Seat(hall, id));
      for (let i = 0; i < 1500; i++) {
        const s = seats[next(seats.length)] as Seat;
        const text = s.pad.text.peek();
        const at = Array.from(text).slice(0, next(Array.from(text).length + 1)).join('').length;
        const what = next(20);
        if (what < 12) s.pad.write({ at, removed: 0, inserted: WORDS[next(WORDS.length)] as string });
        else if (what < 14 && text.length > 0) s.pad.write({ at: 0, removed: Array.from(text)[0]?.length ?? 0, inserted: '' });
        else if (what === 14) s.pad.undo();
        else if (what === 15) s.cut();
        else if (what === 16 && !s.live.peek()) s.back();
        else if (what === 17) s.deaf = next(3) === 0;
        await pass(clock, next(300));
      }
      for (const s of seats) {
        s.deaf = false;
        if (!s.live.peek()) s.back();
      }
      for (let i = 0; i < 20; i++) await pass(clock, 1000);
      const text = textOf(hall.room.notes);
      assert.ok(text.length > 50);
      for (const s of seats) {
        assert.equal(s.pad.text.peek(), text, s.id);
        assert.equal(s.pad.state.peek(), 'saved');
      }
      assert.ok(hall.wholes > 0, 'the whole was sent');
      assert.ok(hall.room.notes.length < 260, `${hall.room.notes.length} kept`);
    } finally {
      clock.uninstall();
    }
  });
}

test('who writes is told with the line, and moves along', async () => {
  const clock = new Clock();
  clock.install();
  try {
    const hall = new Hall();
    const [a, b] = [new Seat(hall, 'a'), new Seat(hall, 'b')];
    a.pad.write({ at: 0, removed: 0, inserted: 'one\ntwo' });
    await pass(clock, 600);
    assert.deepEqual(b.pad.writers.peek(), [{ who: 'a', at: 7, line: 2 }]);
    assert.deepEqual(a.pad.writers.peek(), []);
    b.pad.write({ at: 0, removed: 0, inserted: 'zero\n' });
    assert.deepEqual(b.pad.writers.peek(), [{ who: 'a', at: 12, line: 3 }]);
    await pass(clock, 7000);
    assert.deepEqual(b.pad.writers.peek(), []);
  } finally {
    clock.uninstall();
  }
});

test('an update nobody can read changes nothing and stops nothing', () => {
  const good = new Hall();
  good.put({ type: 'note', by: 'x', update: 'AAAA' });
  good.put({ type: 'note', by: 'x', update: '/////w==' });
  const s = new Seat(good, 'a');
  s.pad.write({ at: 0, removed: 0, inserted: 'hello' });
  assert.equal(s.pad.text.peek(), 'hello');
});
