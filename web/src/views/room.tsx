/* room — the page of a live event: makes the line, shows the waiting room, the room itself, or why it is over. */

import { useEffect, useMemo, useRef } from 'preact/hooks';
import { errorText, t, tIf } from '../i18n';
import { changeEntry, entryOf, ticketFor } from '../state/entry';
import { isPhone, wsUrl } from '../state/place';
import { go, guardLeaving } from '../state/route';
import type { LineState } from '../protocol/socket';
import { Live } from '../state/live';
import { VIDEO_SLOTS_PHONE, VIDEO_SLOTS_WIDE } from '../media/view';
import { Empty, Loading, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { RoomContext } from './room/context';
import { RoomLayout } from './room/layout';
import { useAwake, useLocked } from './room/locked';
import '../styles/room.css';
import '../styles/panel.css';
import '../styles/bars.css';
import '../styles/talk.css';

function Waiting({ title, live, onLeave }: { title: string; live: Live; onLeave: () => void }) {
  const queue = live.look.queue.value;
  return (
    <main id="main" class="page narrow">
      <div class="state" role="status">
        <Icon name="door" />
        <Title text={t('lobby.title')} />
        <p>{t('lobby.text', { title })}</p>
        {queue && queue.count > 1 && <p class="lobby-place">{t('lobby.place', { place: queue.place, count: queue.count })}</p>}
        {queue?.text && <p class="note lobby-message">{queue.text}</p>}
        <span class="spin" aria-hidden="true" />
        <button type="button" class="btn" onClick={onLeave}>
          {t('room.leave')}
        </button>
      </div>
    </main>
  );
}

function Over({ id, reason, recorded, leads }: { id: string; reason: string; recorded: boolean; leads: boolean }) {
  const ended = reason === 'ended';
  const title = tIf(`over.${reason}`) ?? t('over.other');
  const text = ended && recorded ? t(leads ? 'over.recordedHost' : 'over.recorded') : tIf(`over.${reason}.text`);
  const mayReturn = reason === 'left' || reason === 'replaced' || reason === 'expired' || reason === 'auth' || reason === 'invalid';
  return (
    <main id="main" class="page narrow">
      <Empty whole icon={ended ? 'check' : 'door'} title={title}>
        {text && <p>{text}</p>}
        <div class="row">
          {mayReturn && (
            <button type="button" class="btn" onClick={() => location.reload()}>
              {t('over.return')}
            </button>
          )}
          <a class="btn primary" href={`/e/${id}`}>
            {t(ended && recorded ? 'over.lesson' : 'event.page')}
          </a>
        </div>
      </Empty>
    </main>
  );
}

/** On the way in: tried again by itself, but nobody has to stay. */
function Entering({ line, onLeave }: { line: LineState; onLeave: () => void }) {
  const text = line.at !== 'lost' ? t('room.entering') : line.why === 'full' ? t('room.isFull') : line.why ? errorText({ code: line.why }) : t('line.lost');
  return (
    <main id="main" class="page narrow">
      <div class="state">
        <span class="spin" aria-hidden="true" />
        <p role="status">{text}</p>
        {line.at === 'lost' && (
          <button type="button" class="btn" onClick={onLeave}>
            {t('room.leave')}
          </button>
        )}
      </div>
    </main>
  );
}

/** Turns on what was chosen before entering, once. */
function useFirstDevices(live: Live, id: string): void {
  const done = useRef(false);
  const here = live.line.value.at === 'live';
  useEffect(() => {
    if (!here || done.current) return;
    done.current = true;
    const { mic, camera } = entryOf(id);
    void (async () => {
      if (camera && live.mayTurnOn('camera')) await live.toggle('camera');
      if (mic && live.mayTurnOn('mic')) await live.toggle('mic');
      changeEntry(id, { mic: false, camera: false });
    })();
  }, [here]);
}

function Inside({ id }: { id: string }) {
  const live = useMemo(
    () =>
      new Live({
        url: wsUrl(entryOf(id).ticket?.ws),
        ticket: (fresh) => ticketFor(id, fresh),
        videoSlots: isPhone() ? VIDEO_SLOTS_PHONE : VIDEO_SLOTS_WIDE,
      }),
    [id],
  );
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  useFirstDevices(live, id);
  useAwake();
  useLocked(live);
  const leave = (): void => {
    guardLeaving(null);
    live.stop();
    /* Back must not walk into the room again. */
    go(`/e/${id}`, { replace: true });
  };
  const line = live.line.value;
  if (line.at === 'closed') return <Over id={id} reason={line.reason} recorded={live.room.value.recordingAt > 0}
    leads={live.isHost.value} />;
  if (line.at === 'waiting') return <Waiting title={line.title} live={live} onLeave={leave} />;
  if (live.me.value.id === '') return <Entering line={line} onLeave={leave} />;
  return (
    <RoomContext.Provider value={live}>
      <RoomLayout id={id} onGone={leave} />
    </RoomContext.Provider>
  );
}

export function RoomPage({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const ready = entryOf(id).checked === true;
  useEffect(() => {
    if (!ready) go(`/e/${id}/join`, { replace: true });
  }, [ready, id]);
  return ready ? <Inside id={id} /> : <Loading />;
}
