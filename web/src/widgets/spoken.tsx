/* spoken — captions over a picture that plays, and the choice of their language: of a recording, of a video watched
 * together. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { langName, t } from '../i18n';
import { cueAt } from '../protocol/captions';
import { Menu } from './basic';
import { CaptionLook, CaptionText } from './captions';
import { Icon } from './icons';
import type { CaptionTrack } from './transcript';

const CUE_MS = 100;

/** Captions over the picture, read off the video's own clock. */
export function Spoken({ video, track }: { video: HTMLVideoElement | null; track: CaptionTrack }) {
  const [text, setText] = useState('');
  useEffect(() => {
    if (!video) return undefined;
    const read = (): void => setText(cueAt(track.cues, video.currentTime)?.text ?? '');
    const every = setInterval(read, CUE_MS);
    video.addEventListener('seeked', read);
    read();
    return () => {
      clearInterval(every);
      video.removeEventListener('seeked', read);
    };
  }, [video, track]);
  return <CaptionText>{text && <p lang={track.lang}><span>{text}</span></p>}</CaptionText>;
}

/** Off, or a language; and how they look. */
export function CaptionChoice({ tracks, shown, onPick, class: look }: { tracks: readonly CaptionTrack[]; shown: CaptionTrack | undefined; onPick: (lang: string) => void; class: string }) {
  const item = (lang: string, word: string): ComponentChildren => (
    <button type="button" key={lang} role="menuitemradio" aria-checked={lang === (shown?.lang ?? '')} onClick={() => onPick(lang)}>
      <span class="tick">{lang === (shown?.lang ?? '') && <Icon name="check" />}</span>
      {word}
    </button>
  );
  return (
    <Menu label={t('cc.title')} class={look} button={<Icon name="captions" />}>
      {(close) => (
        <>
          {item('', t('cc.off'))}
          {tracks.map((x) => item(x.lang, langName(x.lang)))}
          <hr />
          <CaptionLook close={close} />
        </>
      )}
    </Menu>
  );
}
