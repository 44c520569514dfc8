/* stage — the words of the stage, the view and the door. */

import type { Message } from './format';
import type { stageUk } from './stage.uk';

export const stageEn: Record<keyof typeof stageUk, Message> = {
  'look.title': 'View',
  'look.speaker': 'Speaker',
  'look.grid': 'Grid',
  'look.slides': 'Slides and speaker',
  'look.screen': 'Screen only',
  'look.side': 'Side by side',
  'look.forAll': 'The same for everyone',
  'look.fixed': 'The host has chosen the view for everyone.',
  'look.cameras': 'Only hosts see attendees’ cameras',
  'look.camerasHint': 'They are not in the recording either.',
  'control.contentOn': 'Second camera',
  'control.contentOff': 'Turn off the second camera',
  'control.stepDown': 'Step down from the stage',
  'stage.content': 'Close-up: {name}',
  'host.muteAsk': 'Ask everyone to mute',
  'people.muteAsk': 'Ask to mute',
  'people.stopContent': 'Turn off the second camera',
  'mute.asked': '{name} asks you to turn your microphone off',
  'mute.later': 'Not now',
  'golive.green': 'The doors are still closed: only hosts and speakers see and hear you.',
  'lobby.place': 'You are number {place} of {count} in the queue.',
  'door.noMessage': 'There is no message for those who wait.',
  'door.message': 'Message for those who wait',
  'door.write': 'Write',
  'door.save': 'Save',
  'door.admitSome': 'Let in chosen ({count})',
  'door.pick': 'Choose {name}',
  'rec.fails': 'Not recording',
  'rec.again': 'Recording goes on, a piece is missing',
  'rec.gap': 'Recording was interrupted, a piece will be missing',
  'rec.failsHost': 'Recording has stopped: most likely the server’s disk is full. Tell the administrator; once that is mended, recording goes on by itself.',
  'devices.content': 'Second camera',
};
