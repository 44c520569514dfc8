/* event — one address for the whole life of an event: announced, live, and afterwards the lesson. */

import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import * as api from '../api';
import { ApiError } from '../api/client';
import type { EventDoc } from '../api/types';
import { errorText, t } from '../i18n';
import { fromNow, fullMomentOf, spanOf } from '../i18n/dates';
import { changeEntry, entryOf } from '../state/entry';
import { formatName, spaceName } from '../state/formats';
import { go, place } from '../state/route';
import { session, user } from '../state/session';
import { toast } from '../state/notices';
import { Confirm, CopyButton, Empty, Failed, Loading, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { OwnMinutes } from '../widgets/mine';
import { lazy, useLoad, type Loaded } from '../widgets/load';

const Lesson: ComponentType<{ event: EventDoc }> = lazy(async () => (await import('./lesson')).Lesson);

/* What a planned event adds; its words are not in the room's first load. */
const plan = () => import('../widgets/plan');
const WhenMore: ComponentType<{ event: EventDoc }> = lazy(async () => (await plan()).WhenMore);
const Take: ComponentType<{ event: EventDoc; code?: string }> = lazy(async () => (await plan()).Take);
const CalledOff: ComponentType = lazy(async () => (await plan()).CalledOff);
const SignupCard: ComponentType<{ event: EventDoc; onChanged: () => void }> = lazy(async () => (await import('../widgets/signup')).SignupCard);
const InterpretersCard: ComponentType<{ event: EventDoc }> = lazy(async () => (await import('../widgets/interpreters')).InterpretersCard);
const SlidesCard: ComponentType<{ event: EventDoc }> = lazy(async () => (await import('../widgets/slidescard')).SlidesCard);
const PlanTools: ComponentType<{ event: EventDoc; onChanged: (e: EventDoc) => void }> = lazy(async () => (await plan()).PlanTools);

/* Videos for its room: who leads it brings them beforehand. */
const ClipCard: ComponentType<{ event: string }> = lazy(async () => (await import('../widgets/clips')).ClipCard);

/* While an event waits for its host, or for its recording, the page looks again by itself. */
const LOOK_AGAIN_MS = 5_000;

function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

function Countdown({ at }: { at: number }) {
  const now = useNow(1000);
  return (
    <p class="countdown" role="timer">
      {at > now ? t('event.startsIn', { when: fromNow(at, now) }) : t('event.soon')}
    </p>
  );
}

function Facts({ event: e }: { event: EventDoc }) {
  const at = e.starts_at ?? e.opened_at ?? e.created_at;
  const space = spaceName(e.space);
  return (
    <dl class="facts">
      <div>
        <dt>
          <Icon name="calendar" />
          <span class="hidden-text">{t('event.when')}</span>
        </dt>
        <dd>
          <time dateTime={new Date(at).toISOString()}>{fullMomentOf(at)}</time>
          <span class="soft"> · {spanOf(e.duration_min * 60_000)}</span>
        </dd>
      </div>
      {e.host && (
        <div>
          <dt>
            <Icon name="user" />
            <span class="hidden-text">{t('event.host')}</span>
          </dt>
          <dd>{e.host.name}</dd>
        </div>
      )}
      <div>
        <dt>
          <Icon name="people" />
          <span class="hidden-text">{t('event.who')}</span>
        </dt>
        <dd>{t(`access.${e.access}`)}</dd>
      </div>
      <div>
        <dt>
          <Icon name="record" />
          <span class="hidden-text">{t('create.record')}</span>
        </dt>
        <dd>{t(`event.record.${e.record}`)}</dd>
      </div>
      {space && (
        <div>
          <dt>
            <Icon name="book" />
            <span class="hidden-text">{t('create.space')}</span>
          </dt>
          <dd>{space}</dd>
        </div>
      )}
    </dl>
  );
}

function Invite({ event: e }: { event: EventDoc }) {
  const link = `${location.origin}/e/${e.id}`;
  /* Where the bare address does not let strangers in, the link carries the invitation. */
  const open = e.access === 'link' || e.access === 'public';
  const forAll = open || !e.codes ? link : `${link}?code=${encodeURIComponent(e.codes.attendee)}`;
  const share = (): void => {
    navigator.share({ title: e.title, url: forAll }).catch(() => undefined);
  };
  return (
    <section class="card invite" aria-labelledby="invite">
      <h2 id="invite">{t('invite.title')}</h2>
      <p class="soft">{t('invite.text')}</p>
      <div class="invite-link">
        <input class="input" readOnly value={forAll} aria-label={t('invite.link')}
          onFocus={(ev) => ev.currentTarget.select()} />
        <CopyButton text={forAll} label={t('invite.copy')} primary />
        {'share' in navigator && (
          <button type="button" class="btn" onClick={share}>
            <Icon name="share" />
            {t('invite.share')}
          </button>
        )}
      </div>
      {e.codes && (
        <details class="more">
          <summary>{t('invite.more')}</summary>
          <div class="row">
            <CopyButton text={`${link}?code=${encodeURIComponent(e.codes.speaker)}`} label={t('invite.speaker')} />
            <CopyButton text={`${link}?code=${encodeURIComponent(e.codes.cohost)}`} label={t('invite.cohost')} />
          </div>
        </details>
      )}
    </section>
  );
}

function Doors({ event: e }: { event: EventDoc }) {
  const isHost = e.role === 'host' || e.role === 'cohost';
  if (e.state === 'ended' || e.cancelled) return null;
  if (e.needs === 'signin') {
    return (
      <a class="btn primary large" href={`/signin?next=/e/${e.id}`}>
        {t('event.signinToJoin')}
      </a>
    );
  }
  if (e.needs === 'registration' || e.needs === 'pending' || e.needs === 'waiting' || e.needs === 'refused') return <p class="note">{t(`needs.${e.needs}`)}</p>;
  if (!e.can.join) return <p class="note">{t('event.notForYou')}</p>;
  const word = e.state === 'open' ? 'event.join' : isHost ? 'event.openRoom' : 'event.enter';
  return (
    <a class="btn primary large" href={`/e/${e.id}/join`}>
      <Icon name={isHost ? 'camera' : 'door'} />
      {t(word)}
    </a>
  );
}

function HostTools({ event: e }: { event: EventDoc }) {
  const [asking, setAsking] = useState(false);
  const drop = async (): Promise<void> => {
    try {
      await api.deleteEvent(e.id);
      go('/my', { replace: true });
    } catch (err) {
      toast(errorText(err), 'bad');
    }
    setAsking(false);
  };
  return (
    <>
      {e.can.attendance && e.state !== 'scheduled' && (
        <a class="btn" href={`/e/${e.id}/attendance`}>
          <Icon name="people" />
          {t('event.attendance')}
        </a>
      )}
      {e.can.edit && e.state === 'scheduled' && (
        <button type="button" class="btn quiet" onClick={() => setAsking(true)}>
          <Icon name="trash" />
          {t('event.delete')}
        </button>
      )}
      {asking && (
        <Confirm title={t('event.deleteTitle')} text={t('event.deleteText')} yes={t('event.delete')} danger
          onYes={() => void drop()} onNo={() => setAsking(false)} />
      )}
    </>
  );
}

/** The recording could not be finished: nothing of it is deleted, and its host may have it tried again. */
function RecordingFailed({ event: e }: { event: EventDoc }) {
  const [asked, setAsked] = useState(false);
  const again = (): void => {
    api.startJob(e.id, 'finish').then(() => setAsked(true), (err: unknown) => toast(errorText(err), 'bad'));
  };
  return (
    <Empty icon={asked ? 'clock' : 'warn'} title={t('event.over')}>
      <p role="status">{t(asked ? 'event.recordingSoon' : e.can.edit ? 'event.recordingFailedHost' : 'event.recordingFailed')}</p>
      {e.can.edit && !asked && (
        <button type="button" class="btn primary" onClick={again}>
          {t('event.finishRecording')}
        </button>
      )}
    </Empty>
  );
}

function Ended({ event: e }: { event: EventDoc }) {
  if (e.lesson?.state === 'failed') return <RecordingFailed event={e} />;
  return (
    <Empty icon={e.lesson ? 'clock' : 'check'} title={t('event.over')}>
      {!e.can.attendance && <OwnMinutes id={e.id} />}
      <p>{e.lesson ? t('event.recordingSoon') : e.can.watch ? t('event.noRecording') : t('event.noRecordingForYou')}</p>
      {!user.value && !e.can.watch && (
        <a class="btn" href={`/signin?next=/e/${e.id}`}>
          {t('nav.signin')}
        </a>
      )}
    </Empty>
  );
}

function Announced({ event: e, code, onChanged, onReload }: { event: EventDoc; code?: string; onChanged: (e: EventDoc) => void; onReload: () => void }) {
  return (
    <main id="main" class="page">
      <div class="event-page">
        <div class="stack wide event-main">
          <div class="row">
            {e.state === 'open' && (
              <span class="chip live">
                <span class="dot pulse" aria-hidden="true" />
                {t('badge.live')}
              </span>
            )}
            {formatName(e.format) && <span class="chip">{formatName(e.format)}</span>}
          </div>
          <Title text={e.title} />
          {e.cancelled && <CalledOff />}
          {e.state === 'scheduled' && !e.cancelled && e.starts_at !== null && <Countdown at={e.starts_at} />}
          <Facts event={e} />
          {e.starts_at !== null && <WhenMore event={e} />}
          <div class="row">
            <Doors event={e} />
            {e.can.edit && e.state === 'scheduled' && <PlanTools event={e} onChanged={onChanged} />}
            <HostTools event={e} />
          </div>
          {e.starts_at !== null && e.state !== 'ended' && <Take event={e} code={code} />}
          {e.state === 'ended' && <Ended event={e} />}
          {e.state !== 'ended' && !e.cancelled && <SignupCard event={e} onChanged={onReload} />}
          {e.can.edit && e.state === 'scheduled' && !e.cancelled && <SlidesCard event={e} />}
          {e.can.edit && e.state !== 'ended' && !e.cancelled && <InterpretersCard event={e} />}
          {e.state !== 'ended' && !e.cancelled && user.value && (e.role === 'host' || e.role === 'cohost') && <ClipCard event={e.id} />}
          {e.description && <p class="prose">{e.description}</p>}
        </div>
        {e.can.edit && e.state !== 'ended' && !e.cancelled && <Invite event={e} />}
      </div>
    </main>
  );
}

/** What the address cannot show: nothing there, or a door that needs a sign-in. */
function Unseen({ data, id }: { data: Loaded<EventDoc>; id: string }) {
  const code = data.error instanceof ApiError ? data.error.code : '';
  if (code === 'auth' || (code === 'not_found' && !user.value && session.value)) {
    return (
      <Empty whole icon="lock" title={code === 'auth' ? t('event.membersOnly') : t('event.missing')}>
        <p>{code === 'auth' ? t('event.membersText') : t('event.missingText')}</p>
        <a class="btn primary" href={`/signin?next=/e/${id}`}>
          {t('nav.signin')}
        </a>
      </Empty>
    );
  }
  if (code === 'not_found') {
    return (
      <Empty whole icon="search" title={t('event.missing')}>
        <p>{t('event.missingText')}</p>
      </Empty>
    );
  }
  return <Failed error={data.error} retry={data.reload} />;
}

export function EventPage({ params }: { params: Record<string, string> }) {
  const id = params.id ?? '';
  const code = place.value.query.get('code') ?? entryOf(id).code;
  const who = user.value?.id ?? (session.value ? 'guest' : '');
  const data = useLoad(`${id} ${code ?? ''} ${who}`, () => api.eventById(id, code, entryOf(id).reg));
  useEffect(() => {
    if (code) changeEntry(id, { code });
  }, [id, code]);
  const e = data.value;
  const waits = e !== null && (e.state !== 'ended' || (e.lesson !== null && e.lesson.state !== 'ready'));
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && data.reload(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [waits, data.reload]);
  if (!e) {
    return (
      <main id="main" class="page">
        {data.error ? <Unseen data={data} id={id} /> : <Loading />}
      </main>
    );
  }
  if (e.state === 'ended' && e.lesson?.state === 'ready') return <Lesson event={e} />;
  return <Announced event={e} code={code} onChanged={data.set} onReload={data.reload} />;
}
