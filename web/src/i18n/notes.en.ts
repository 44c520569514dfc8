/* notes — the words of notes written together. */

import type { Message } from './format';
import type { notesUk } from './notes.uk';

export const notesEn: Record<keyof typeof notesUk, Message> = {
  'notes.title': 'Notes',
  'notes.text': 'Text of the notes',
  'notes.hint': 'Write together: everyone sees these notes at once, and they stay with the recording.',
  'notes.hintCounts': 'Write together: everyone sees these notes at once. They are gone after the end, so download them.',
  'notes.read': 'Hosts write these notes; you can read them.',
  'notes.placeholder': '# Topic\n- first thought',
  'notes.writes': '{name}: line {line}',
  'notes.writing': 'Who is writing',
  'notes.saved': 'Saved',
  'notes.saving': 'Saving…',
  'notes.offline': 'No connection. Go on writing: it is saved as soon as it is back.',
  'notes.full': 'The notes are full: the server takes no more. Download them and shorten the text.',
  'notes.left': { one: '{count} character left', other: '{count} characters left' },
  'notes.download': 'Download',
  'notes.copy': 'Copy',
};
