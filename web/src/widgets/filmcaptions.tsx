/* filmcaptions — captions of an uploaded video, over its picture; who watches chooses. What was brought meanwhile is there
 * with the next thing somebody presses. */

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { shownClip } from '../api/clips';
import type { CaptionDoc } from '../api/captions';
import { captionsOn, setCaptionsOn } from '../state/captions';
import { CaptionChoice, Spoken } from './spoken';
import { useTracks } from './tracks';

const NONE: CaptionDoc[] = [];

export function FilmCaptions({ base, mark, video }: { base: string; mark: string; video: RefObject<HTMLVideoElement | null> }) {
  const [there, setThere] = useState(NONE);
  const [lang, setLang] = useState('');
  useEffect(() => {
    let over = false;
    shownClip(base).then((c) => over || setThere(c.captions), () => undefined);
    return () => void (over = true);
  }, [base, mark]);
  const tracks = useTracks(there, false);
  if (tracks.length === 0) return null;
  const shown = captionsOn.value ? (tracks.find((x) => x.lang === lang) ?? tracks[0]) : undefined;
  const pick = (l: string): void => {
    setCaptionsOn(l !== '');
    setLang(l);
  };
  return (
    <>
      {shown && <div class="film-cc"><Spoken video={video.current} track={shown} /></div>}
      <CaptionChoice tracks={tracks} shown={shown} onPick={pick} class="btn quiet icon-only" />
    </>
  );
}
