/* find — the words of looking for something in the chat. */

import type { Message } from './format';
import type { findUk } from './find.uk';

export const findEn: Record<keyof typeof findUk, Message> = {
  'find.none': 'There is nothing like that in the chat.',
  'find.older': 'Show older ones',
  'find.busy': 'Searching…',
  'find.show': 'Show in the conversation: {name}, {at}',
  'find.back': 'Back to the chat',
  'find.excerpt': 'The conversation around what was found',
  'find.lesson': 'Find in the chat of the recording',
};
