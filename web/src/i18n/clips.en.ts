/* clips — words of videos that are uploaded to an event. */

import type { Message } from './format';
import type { clipsUk } from './clips.uk';

export const clipsEn: Record<keyof typeof clipsUk, Message> = {
  'title': 'Videos to show',
  'hint': 'MP4, MOV, MKV or WebM, up to 2 GB and 4 hours. A video stays with the event and does not go into the catalogue.',
  'own': 'Your videos',
  'choose': 'Video file',
  'add': 'Upload a video',
  'stay': 'Keep this page open while the file is being sent. If the connection is cut, sending goes on by itself.',
  'uploading': 'Uploading: {percent}%',
  'broken': 'Sending stopped at {percent}%. Choose the same file and it goes on from there.',
  'waiting': 'The file is on the server, waiting its turn',
  'making': 'Getting it ready to play: {percent}%',
  'makingLong': 'Getting it ready to play…',
  'ready': 'Ready to play',
  'remove': 'Delete',
  'removeOf': 'Delete video: {title}',
  'removeTitle': 'Delete the video?',
  'removeText': '“{title}” goes from the event, and the recording of the lesson will not show it any more.',
  'show': 'Show to all',
  'showOf': 'Show to all: {title}',
  'captions': 'Captions of the video: {title}',
  'captionsHint': 'A WebVTT or SRT file, up to 1 MB. Everybody chooses for himself whether to see captions.',
  'full': 'This event has too many videos already, or the server is short of space. Delete what is not needed.',
  'tooLarge': 'The file is larger than 2 GB. Make it smaller or split it.',
  'making_now': 'The video is being made ready. It can be deleted as soon as that is done.',
  'why.broken': 'This file could not be read as a video. Save it as MP4 and try again.',
  'why.cut': 'The video breaks off in the middle: the file is not whole. Copy it anew and try again.',
  'why.codec': 'The video is in a format the server does not know. Save it as MP4 (H.264).',
  'why.picture': 'The file has sound but no picture.',
  'why.long': 'The video is longer than 4 hours. Split it.',
  'why.heavy': 'The video is too complex to prepare. Save it in a smaller size.',
  'why.space': 'The server is short of space to prepare this video.',
  'why.server': 'The server could not prepare the video. Try again.',
};
