/* pad — the notes of one room as a document: what the room has is put into it, what this person types goes to the room,
 * gathered for a moment and one update at a time. What a cut left unanswered is sent again: an update that comes twice
 * changes nothing. A file of its own, for it brings Yjs. */

import { effect, signal, type ReadonlySignal } from '@preact/signals';
import * as Y from 'yjs';
import { endOf, fromBase64, lineAt, NOTE_BYTES_MAX, shifted, toBase64, type Edit, type Notes, type NoteUpdate, type Step } from '../protocol/notes';
import { RequestError } from '../protocol/types';

const GATHER_MS = 500;
const RETRY_MS = 1_000;
const WRITER_MS = 6_000;
/* The whole is sent in the place of so many updates, or of so much base64. */
const WHOLE_AFTER = 200;
const WHOLE_AFTER_CHARS = 64 << 10;
/* One update is never more than a message may have. */
const INSERT_CHARS = 10_000;
const NAME = 'notes';

/** What a pad knows of its room. */
export interface PadRoom {
  notes: ReadonlySignal<Notes>;
  isLive: ReadonlySignal<boolean>;
  me(): string;
  request(type: string, fields: Record<string, unknown>): Promise<unknown>;
  /** Something written will never be taken. */
  refused(e: unknown): void;
}

export interface Writer {
  who: string;
  /** The place in the text, and its line from 1. */
  at: number;
  line: number;
}

/** Puts an update into a document. One that is broken is nobody's loss but its author's. */
function apply(doc: Y.Doc, u: NoteUpdate): void {
  try {
    Y.applyUpdate(doc, fromBase64(u.update), u);
  } catch {
    /* It was made by no page of ours. */
  }
}

/** The text that updates come to. */
export function textOf(updates: Notes): string {
  const doc = new Y.Doc();
  for (const u of updates) apply(doc, u);
  const text = doc.getText(NAME).toString();
  doc.destroy();
  return text;
}

export class Pad {
  readonly text = signal('');
  readonly writers = signal<readonly Writer[]>([]);
  /** Whether all that was typed is on the server; `full`: it takes no more. */
  readonly state = signal<'saved' | 'saving' | 'full'>('saved');
  /** Somebody else changed the text, or an undo did. */
  changed: (steps: readonly Step[]) => void = () => undefined;

  private readonly doc = new Y.Doc();
  private readonly body = this.doc.getText(NAME);
  private readonly history = new Y.UndoManager(this.body, { trackedOrigins: new Set([this]) });
  private readonly known = new WeakSet<NoteUpdate>();
  private unsent: Uint8Array[] = [];
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly clocks = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly o: PadRoom) {
    this.doc.on('update', (u: Uint8Array, origin: unknown) => {
      if (origin !== this && origin !== this.history) return;
      this.unsent.push(u);
      this.state.value = 'saving';
      this.later(GATHER_MS);
    });
    this.body.observe((e, t) => this.onChange(e.delta as Step[], t.origin));
    effect(() => this.take(o.notes.value));
    effect(() => {
      if (o.isLive.value) this.later(0);
    });
  }

  write(edit: Edit): void {
    if (edit.removed) this.doc.transact(() => this.body.delete(edit.at, edit.removed), this);
    for (let i = 0; i < edit.inserted.length;) {
      let to = Math.min(edit.inserted.length, i + INSERT_CHARS);
      if ((edit.inserted.charCodeAt(to) & 0xfc00) === 0xdc00) to--;
      this.doc.transact(() => this.body.insert(edit.at + i, edit.inserted.slice(i, to)), this);
      i = to;
    }
  }

  undo(): void {
    this.history.undo();
  }

  redo(): void {
    this.history.redo();
  }

  private take(notes: Notes): void {
    for (const u of notes) {
      if (this.known.has(u)) continue;
      this.known.add(u);
      apply(this.doc, u);
    }
  }

  private onChange(steps: readonly Step[], origin: unknown): void {
    this.text.value = this.body.toString();
    const by = (origin as Partial<NoteUpdate> | null)?.by ?? '';
    this.moved(steps, by === this.o.me() ? '' : by);
    if (origin !== this) this.changed(steps);
  }

  /** `who` writes there; who writes elsewhere moves along. */
  private moved(steps: readonly Step[], who: string): void {
    const text = this.text.peek();
    const put = (w: string, at: number): Writer => ({ who: w, at, line: lineAt(text, at) });
    const others = this.writers.peek().filter((w) => w.who !== who).map((w) => put(w.who, shifted(w.at, steps)));
    if (who || others.length > 0) this.writers.value = who ? [...others, put(who, endOf(steps))] : others;
    if (!who) return;
    clearTimeout(this.clocks.get(who));
    this.clocks.set(who, setTimeout(() => (this.writers.value = this.writers.peek().filter((w) => w.who !== who)), WRITER_MS));
  }

  private later(ms: number): void {
    if (this.timer === undefined && !this.sending) this.timer = setTimeout(() => void this.flush(), ms);
  }

  /** As many of the oldest as one message takes. */
  private gather(): Uint8Array {
    let merged = this.unsent.shift() as Uint8Array;
    while (this.unsent.length > 0) {
      const more = Y.mergeUpdates([merged, this.unsent[0] as Uint8Array]);
      if (more.length > NOTE_BYTES_MAX) break;
      merged = more;
      this.unsent.shift();
    }
    return merged;
  }

  /** What is gathered goes now. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.sending || this.unsent.length === 0 || !this.o.isLive.peek()) return;
    this.sending = true;
    const update = this.gather();
    let wait = GATHER_MS;
    try {
      await this.o.request('note', { update: toBase64(update) });
      await this.shorten(WHOLE_AFTER, WHOLE_AFTER_CHARS);
    } catch (e) {
      wait = await this.refused(e, update);
    }
    this.sending = false;
    if (this.unsent.length > 0) this.later(wait);
    else if (this.state.peek() === 'saving') this.state.value = 'saved';
  }

  /** Kept and tried again, but for what will never be taken. */
  private async refused(e: unknown, update: Uint8Array): Promise<number> {
    const { code, retryMs } = e instanceof RequestError ? e : new RequestError('unknown');
    if (code === 'denied' || code === 'invalid') {
      this.o.refused(e);
      return GATHER_MS;
    }
    this.unsent.unshift(update);
    if (code === 'full') {
      this.state.value = 'full';
      if (await this.shorten(1, 0)) this.state.value = 'saving';
    }
    return Math.max(retryMs, RETRY_MS);
  }

  /** The whole in the place of many updates; false: there was no need, or it is too large for one message. */
  private async shorten(updates: number, chars: number): Promise<boolean> {
    const list = this.o.notes.peek().filter((u) => !u.whole);
    const last = list.at(-1);
    const size = list.reduce((sum, u) => sum + u.update.length, 0);
    if (!last || (list.length < updates && size < chars)) return false;
    const whole = Y.encodeStateAsUpdate(this.doc);
    if (whole.length > NOTE_BYTES_MAX) return false;
    /* Refused or cut off, it is tried again after the next update. */
    return this.o.request('note_whole', { n: last.n, update: toBase64(whole) }).then(() => true, () => false);
  }
}
