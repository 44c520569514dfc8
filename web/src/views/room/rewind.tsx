/* rewind — looks back in a live event: the recording as it grows, over the live stage. */

import { useEffect, useMemo } from 'preact/hooks';
import * as api from '../../api';
import type { CaptionDoc } from '../../api/captions';
import { t } from '../../i18n';
import { placeOf } from '../../protocol/missed';
import { toast } from '../../state/notices';
import { Player } from '../../widgets/player';
import { useLoad, Show } from '../../widgets/load';
import { useTracks } from '../../widgets/tracks';
import { useLive } from './context';

const CATCH_UP = 1.5;
const LANGUAGES_EVERY_MS = 8_000;

const NONE: readonly CaptionDoc[] = [];

/** The recording's captions, and those in languages somebody began to write in since. */
function useWritten(id: string, first: readonly CaptionDoc[]): readonly CaptionDoc[] {
  const langs = new Set([...first.map((c) => c.lang), ...useLive().captions.lines.value.map((l) => l.lang)]);
  const all = [...langs].sort().join(' ');
  return useMemo(() => all.split(' ').filter(Boolean).map((lang) => ({ lang, url: `/media/${id}/captions-${lang}.vtt` })), [id, all]);
}

/** from: a moment of the clock to catch up from, quicker than it was; when now is reached, the room is live again. */
export function Rewind({ id, from, onBack }: { id: string; from?: number; onBack: () => void }) {
  const live = useLive();
  const caughtUp = (): void => {
    toast(t('weak.caughtUp'), 'good');
    onBack();
  };
  const tooSlow = (): void => {
    toast(t('weak.tooSlow'));
    onBack();
  };
  const data = useLoad(id, () => api.lessonById(id));
  const tracks = useTracks(useWritten(id, data.value?.recording.captions ?? NONE), true);
  /* A language is in the recording some seconds after its interpreter was first heard. */
  const missing = live.booth.channels.value.langs.some((c) => !data.value?.recording.languages.some((x) => x.lang === c.lang.toLowerCase()));
  useEffect(() => {
    if (!missing) return undefined;
    const timer = setInterval(data.reload, LANGUAGES_EVERY_MS);
    return () => clearInterval(timer);
  }, [missing, data.reload]);
  useEffect(() => {
    /* When the event ends, so does looking back in it. */
    if (live.room.value.life === 'ended') onBack();
  }, [live.room.value.life]);
  useEffect(() => {
    live.thrift.setLookingBack(true);
    return () => live.thrift.setLookingBack(false);
  }, []);
  return (
    <div class="rewind">
      <div class="banner rewind-head">
        <span>{t(from === undefined ? 'rewind.text' : 'weak.catching')}</span>
        <button type="button" class="btn primary" onClick={onBack}>
          {t('rewind.back')}
        </button>
      </div>
      <Show of={data}>
        {(lesson) => (
          <Player recording={lesson.recording} captions={tracks} startS={from === undefined ? -1 : placeOf(lesson.recording.takes, from)}
            title={lesson.event.title} autoplay rate={from === undefined ? undefined : CATCH_UP} onEdge={from === undefined ? undefined : caughtUp}
            onTooSlow={from === undefined ? undefined : tooSlow} />
        )}
      </Show>
    </div>
  );
}
