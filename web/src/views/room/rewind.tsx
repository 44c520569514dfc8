/* rewind — looks back in a live event: the recording as it grows, over the live stage. */

import { useEffect } from 'preact/hooks';
import * as api from '../../api';
import { t } from '../../i18n';
import { Player } from '../../widgets/player';
import { useLoad, Show } from '../../widgets/load';
import { useLive } from './context';

export function Rewind({ id, onBack }: { id: string; onBack: () => void }) {
  const live = useLive();
  const data = useLoad(id, () => api.lessonById(id));
  useEffect(() => {
    /* When the event ends, so does looking back in it. */
    if (live.room.value.life === 'ended') onBack();
  }, [live.room.value.life]);
  return (
    <div class="rewind">
      <div class="banner rewind-head">
        <span>{t('rewind.text')}</span>
        <button type="button" class="btn primary" onClick={onBack}>
          {t('rewind.back')}
        </button>
      </div>
      <Show of={data}>
        {(lesson) => (
          <Player recording={lesson.recording} startS={-1} screenSpans={null} title={lesson.event.title} autoplay />
        )}
      </Show>
    </div>
  );
}
