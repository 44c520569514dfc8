/* tracks — the captions of a recording, read anew when they are others, and again and again while they grow. */

import { useEffect, useMemo, useRef } from 'preact/hooks';
import * as api from '../api';
import type { CaptionDoc } from '../api/captions';
import { readVtt } from '../protocol/captions';
import { useLoad } from './load';
import type { CaptionTrack } from './transcript';

/* The server answers "nothing new" in a line. */
const LIVE_EVERY_MS = 5_000;
const NONE: CaptionTrack[] = [];

export function useTracks(captions: readonly CaptionDoc[], live: boolean): CaptionTrack[] {
  const read = useLoad(captions.map((c) => c.url).join(' '), (): Promise<CaptionTrack[]> =>
    Promise.all(captions.map(async (c) => ({ lang: c.lang, cues: readVtt(await api.timeline(c.url)) }))));
  const last = useRef(captions);
  useEffect(() => {
    if (last.current !== captions) read.reload();
    last.current = captions;
  }, [captions]);
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(read.reload, LIVE_EVERY_MS);
    return () => clearInterval(timer);
  }, [live, read.reload]);
  /* While others are read, those of before stay where they were: nobody's search is taken from under his hands. */
  const before = useRef({ of: '', tracks: NONE });
  const of = captions[0]?.url.split('/')[2] ?? '';
  if (read.value) before.current = { of, tracks: read.value };
  const tracks = before.current.of === of ? before.current.tracks : NONE;
  return useMemo(() => tracks.filter((x) => x.cues.length > 0 && captions.some((c) => c.lang === x.lang)), [tracks, captions]);
}
