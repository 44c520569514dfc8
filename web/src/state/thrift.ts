/* thrift — what this person leaves out so that a weak or dear line lasts: pictures that move (stills come instead), or
 * all pictures. Remembered on this device; a new connection is told anew. */

import { type Signal, signal } from '@preact/signals';
import { recall, remember } from './prefs';

const KEY = 'saver';

/** Whether this device saves data. */
export const saver: Signal<boolean> = signal(recall(KEY) === '1');
export function setSaver(on: boolean): void {
  saver.value = on;
  remember(KEY, on ? '1' : null);
}
const HIDDEN_MS = 20_000;

export class Thrift {
  readonly audioOnly = signal(false);
  readonly saving = saver;
  /* What the server was told; before that nothing is left out. */
  private told: { audio_only?: boolean; save?: boolean } = { audio_only: false, save: false };
  private lookingBack = false;
  private hidden = false;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  /** `tell` gives false where there is nobody to tell yet, or a line that is cut. */
  constructor(private readonly tell: (type: 'audio_only' | 'save', on: boolean) => boolean) {}

  setAudioOnly(on: boolean): void {
    this.audioOnly.value = on;
    this.flush();
  }

  setSaving(on: boolean): void {
    setSaver(on);
    this.flush();
  }

  /** The recording is before the live pictures, and needs line and processor for itself. */
  setLookingBack(on: boolean): void {
    this.lookingBack = on;
    this.flush();
  }

  /** Pictures nobody looks at cost a phone its battery and its data; the sound goes on. */
  look(): void {
    clearTimeout(this.hiddenTimer);
    if (document.visibilityState === 'visible') this.hide(false);
    else this.hiddenTimer = setTimeout(() => this.hide(true), HIDDEN_MS);
  }

  private hide(on: boolean): void {
    this.hidden = on;
    this.flush();
  }

  /** The connection is new or found again, or the line is: what was said last nobody knows. */
  anew(): void {
    this.told = {};
    this.flush();
  }

  stop(): void {
    clearTimeout(this.hiddenTimer);
  }

  private flush(): void {
    this.say('save', this.saving.peek());
    this.say('audio_only', this.audioOnly.peek() || this.lookingBack || this.hidden);
  }

  private say(type: 'audio_only' | 'save', on: boolean): void {
    if (this.told[type] !== on && this.tell(type, on)) this.told[type] = on;
  }
}
