/* cc — the words of captions. */

import type { ccUk } from './cc.uk';
import type { Message } from './format';

export const ccEn: Record<keyof typeof ccUk, Message> = {
  'cc.title': 'Captions',
  'cc.on': 'Show captions',
  'cc.off': 'Hide captions',
  'cc.look': 'How captions look',
  'cc.size.s': 'Small',
  'cc.size.m': 'Normal',
  'cc.size.l': 'Large',
  'cc.size.xl': 'Very large',
  'cc.colours.dark': 'White on black',
  'cc.colours.light': 'Black on white',
  'cc.colours.yellow': 'Yellow on black',
  'cc.write': 'Write captions',
  'cc.give': 'Let write captions',
  'cc.take': 'Take captions back',
  'cc.named': 'You write the captions now: open them in the side panel.',
  'cc.unnamed': 'You no longer write captions.',
  'cc.written': 'Captions written',
  'cc.none': 'There are no captions yet.',
  'cc.hint': 'Type what you hear. A line goes with Enter, at the end of a sentence or after a pause; while you type, it can be seen already.',
  'cc.lang': 'Language',
  'cc.text': 'Text of the captions',
  'cc.send': 'Finish the line',
  'cc.transcript': 'Transcript',
  'cc.search': 'Search the transcript',
  'cc.found': { one: '{count} line found', other: '{count} lines found' },
};
