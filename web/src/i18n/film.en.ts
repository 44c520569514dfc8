/* film — words of watching together. */

import type { Message } from './format';
import type { filmUk } from './film.uk';

export const filmEn: Record<keyof typeof filmUk, Message> = {
  'film.title': 'Video',
  'film.shown': 'Watching together: {title}',
  'film.here': 'Videos of this room',
  'film.catalogue': 'Lessons of the catalogue',
  'film.search': 'Find a lesson in the catalogue',
  'film.hint': 'It plays for everybody at once, and you lead. Everybody in the room will see the lesson, even if it is not public.',
  'film.none': 'No such lesson was found.',
  'film.full': 'The room has {count} videos already. Remove one to add this.',
  'film.show': 'Show to all',
  'film.showThis': 'Show to all: {title}',
  'film.drop': 'Remove',
  'film.stop': 'Stop showing',
  'film.play': 'Play for all',
  'film.pause': 'Pause for all',
  'film.paused': 'The host has paused the video',
  'film.seek': 'Wind for all',
  'film.own': 'For you alone',
  'film.volume': 'Volume of the video',
  'film.unlock': 'Turn on the video’s sound',
  'film.loading': 'The video is loading',
  'film.failed': 'The video could not be loaded. Reload the page.',
  'film.stalls': { one: 'Loading for {count} person', other: 'Loading for {count} people' },
  'film.lesson': 'A video watched together',
  'film.gone': 'This video was deleted and is no longer here.',
  'film.closed': 'This video’s recording is not open to you.',
};
