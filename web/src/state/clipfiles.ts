/* clipfiles — videos of an event on their way to the server and those that are there. What is being sent goes on while the
 * page is open, whatever is looked at meanwhile; what was broken off goes on when the same file is chosen again. */

import { signal } from '@preact/signals';
import { bring, CLIP_BYTES_MAX, dropUpload, follow, titleOf, uploadsOf, type Ticket, type UploadDoc } from '../api/uploads';
import { ApiError } from '../api/client';

export type ClipRow = UploadDoc & { problem?: unknown; sending?: boolean };

export class ClipFiles {
  readonly rows = signal<readonly ClipRow[]>([]);
  /** What has no row: a file that was refused at once. */
  readonly wrong = signal<unknown>(null);
  ticket: () => Promise<Ticket> = () => Promise.resolve(null);
  private readonly at = new Map<string, AbortController>();

  constructor(private readonly event: string) {}

  private put(doc: UploadDoc, more: { problem?: unknown; sending?: boolean } = {}): void {
    const row = { ...doc, ...more };
    const old = this.rows.peek();
    this.rows.value = old.some((r) => r.id === doc.id) ? old.map((r) => (r.id === doc.id ? row : r)) : [...old, row];
  }

  private asked(): { event: string; shelf: 'clips'; ticket: () => Promise<Ticket> } {
    return { event: this.event, shelf: 'clips', ticket: () => this.ticket() };
  }

  async look(): Promise<void> {
    const all = await uploadsOf(this.event, 'clips', await this.ticket());
    this.rows.value = all.map((d) => {
      const mine = this.at.has(d.id) ? this.rows.peek().find((r) => r.id === d.id) : undefined;
      return mine ?? d;
    });
    for (const d of all) if ((d.state === 'waiting' || d.state === 'working') && !this.at.has(d.id)) void this.watch(d);
  }

  private async watch(doc: UploadDoc): Promise<void> {
    const stop = new AbortController();
    this.at.set(doc.id, stop);
    try {
      await follow({ ...this.asked(), on: (d) => this.put(d), stop: stop.signal }, doc);
    } catch {
      /* It is looked at again when somebody opens the list. */
    } finally {
      this.at.delete(doc.id);
    }
  }

  async bring(file: File): Promise<void> {
    this.wrong.value = null;
    if (file.size > CLIP_BYTES_MAX) return void (this.wrong.value = new ApiError('too_large'));
    const begun = this.rows.peek().find((r) => r.state === 'uploading' && r.bytes === file.size && r.title === titleOf(file.name));
    if (begun?.sending) return;
    const stop = new AbortController();
    let last: UploadDoc | undefined = begun;
    const on = (d: UploadDoc): void => {
      this.at.set((last = d).id, stop);
      this.put(d, { sending: d.state === 'uploading' });
    };
    try {
      await bring({ ...this.asked(), file, begun, on, stop: stop.signal });
    } catch (e) {
      if ((e as { code?: string }).code === 'stopped') return;
      if (last) this.put(last, { problem: e });
      else this.wrong.value = e;
    } finally {
      if (last) this.at.delete(last.id);
    }
  }

  async drop(row: ClipRow): Promise<void> {
    this.at.get(row.id)?.abort();
    try {
      await dropUpload(this.event, 'clips', row.id, await this.ticket());
      this.rows.value = this.rows.peek().filter((r) => r.id !== row.id);
    } catch (e) {
      this.put(row, { problem: e });
    }
  }

  captioned(row: ClipRow, captions: UploadDoc['captions']): void {
    this.put({ ...row, captions: captions ?? [] });
  }
}

const all = new Map<string, ClipFiles>();
export function clipFiles(event: string): ClipFiles {
  const there = all.get(event) ?? new ClipFiles(event);
  all.set(event, there);
  return there;
}
