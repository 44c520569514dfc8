/* lesson — the event's page once it is over: the recording with what was said beside it, and for its host what can
 * be done with it. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import * as api from '../api';
import type { EventDoc, Job, LessonDoc, Visibility } from '../api/types';
import { errorText, t } from '../i18n';
import { clock, dateOf, sizeOf } from '../i18n/dates';
import { readTimeline, type ChatMoment, type Timeline } from '../protocol/timeline';
import { formatName, spaceName } from '../state/formats';
import { recall, remember } from '../state/prefs';
import { go, place } from '../state/route';
import { user } from '../state/session';
import { toast } from '../state/notices';
import { Confirm, CopyButton, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Linked } from '../widgets/linked';
import { Show, useLoad } from '../widgets/load';
import { Player } from '../widgets/player';

const SAVE_EVERY_MS = 10_000;
const JOBS_EVERY_MS = 3_000;
/* Nearer to the beginning or the end than this, "continue" would only be in the way. */
const RESUME_FROM_S = 15;
const RESUME_TO_S = 20;

function keptPosition(id: string, lesson: LessonDoc): number {
  const asked = Number(place.peek().query.get('t') ?? NaN);
  if (Number.isFinite(asked) && asked >= 0) return asked;
  const ms = user.peek() ? (lesson.position_ms ?? 0) : Number(recall(`position.${id}`) ?? 0);
  const s = ms / 1000;
  return s > RESUME_FROM_S && s < lesson.recording.duration_ms / 1000 - RESUME_TO_S ? s : 0;
}

/** Remembers where the person is: on the server for an account, in this browser for a guest. */
function usePosition(id: string): (s: number) => void {
  const at = useRef(0);
  const saved = useRef(0);
  useEffect(() => {
    const save = (): void => {
      const ms = Math.round(at.current * 1000);
      if (Math.abs(ms - saved.current) < 2000) return;
      saved.current = ms;
      if (user.peek()) api.savePosition(id, ms).catch(() => undefined);
      else remember(`position.${id}`, String(ms));
    };
    const timer = setInterval(save, SAVE_EVERY_MS);
    document.addEventListener('visibilitychange', save);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', save);
      save();
    };
  }, [id]);
  return (s) => (at.current = s);
}

function ChatReplay({ chat, at, onSeek }: { chat: ChatMoment[]; at: number; onSeek: (s: number) => void }) {
  const shown = chat.filter((c) => c.t <= at * 1000);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.length]);
  return (
    <aside class="replay card" aria-label={t('chat.title')}>
      <h2>{t('chat.title')}</h2>
      <div class="replay-log" ref={box} tabIndex={0} role="log" aria-live="off" aria-label={t('lesson.chat')}>
        {shown.length === 0 && <p class="soft small">{t(chat.length ? 'lesson.chatLater' : 'lesson.noChat')}</p>}
        <ul>
          {shown.map((c) => (
            <li key={c.seq} class="line">
              <p class="line-head">
                <span class="line-name">{c.name}</span>
                <button type="button" class="text-btn" onClick={() => onSeek(c.t / 1000)}
                  aria-label={t('lesson.seekTo', { at: clock(c.t) })}>
                  {clock(c.t)}
                </button>
              </p>
              <Linked text={c.text} />
            </li>
          ))}
        </ul>
      </div>
    </aside>
  );
}

function Download({ lesson }: { lesson: LessonDoc }) {
  const id = lesson.event.id;
  const [jobs, setJobs] = useState<Job[]>(lesson.jobs ?? []);
  const [ready, setReady] = useState(lesson.downloads);
  const mp4 = ready.find((d) => d.kind === 'mp4');
  const job = [...jobs].reverse().find((j) => j.kind === 'mp4');
  const pending = !mp4 && (job?.state === 'running' || job?.state === 'waiting');
  useEffect(() => {
    if (!pending) return undefined;
    const timer = setInterval(() => {
      api.lessonById(id).then((l) => {
        setJobs(l.jobs ?? []);
        setReady(l.downloads);
      }, () => undefined);
    }, JOBS_EVERY_MS);
    return () => clearInterval(timer);
  }, [pending, id]);
  if (mp4) {
    return (
      <a class="btn" href={`${mp4.url}?download=1`} download>
        <Icon name="download" />
        {t('lesson.download', { size: sizeOf(mp4.bytes) })}
      </a>
    );
  }
  if (pending) {
    const percent = Math.round(job?.percent ?? 0);
    return (
      <div class="job">
        <label for="mp4-progress">{t('lesson.making', { percent })}</label>
        <progress id="mp4-progress" max={100} value={percent} />
      </div>
    );
  }
  if (!lesson.event.can.edit) return null;
  const start = (): void => {
    api.startJob(id, 'mp4').then((j) => setJobs([...jobs, j]), (e: unknown) => toast(errorText(e), 'bad'));
  };
  return (
    <button type="button" class="btn" onClick={start}>
      <Icon name="download" />
      {t(job?.state === 'failed' ? 'lesson.makeAgain' : 'lesson.make')}
    </button>
  );
}

function OwnerTools({ lesson, onChange }: { lesson: LessonDoc; onChange: () => void }) {
  const e = lesson.event;
  const [asking, setAsking] = useState(false);
  const setVisibility = (v: Visibility): void => {
    api.changeLesson(e.id, { visibility: v }).then(
      () => {
        toast(t(`visibility.${v}`), 'good');
        onChange();
      },
      (err: unknown) => toast(errorText(err), 'bad'),
    );
  };
  const drop = (): void => {
    setAsking(false);
    api.deleteEvent(e.id).then(() => go('/my', { replace: true }), (err: unknown) => toast(errorText(err), 'bad'));
  };
  return (
    <section class="card owner" aria-labelledby="owner-title">
      <h2 id="owner-title">{t('lesson.yours')}</h2>
      <div class="row">
        <label class="field visibility">
          <span class="label">{t('lesson.visibility')}</span>
          <select class="input" value={e.visibility} onChange={(ev) => setVisibility(ev.currentTarget.value as Visibility)}>
            {(['private', 'unlisted', 'public'] as const).map((v) => (
              <option key={v} value={v}>{t(`visibility.${v}`)}</option>
            ))}
          </select>
        </label>
        {e.can.attendance && (
          <a class="btn" href={api.attendanceCsv(e.id)} download>
            <Icon name="people" />
            {t('event.attendance')}
          </a>
        )}
        <button type="button" class="btn quiet" onClick={() => setAsking(true)}>
          <Icon name="trash" />
          {t('lesson.delete')}
        </button>
      </div>
      {asking && (
        <Confirm title={t('lesson.deleteTitle')} text={t('lesson.deleteText')} yes={t('lesson.delete')} danger onYes={drop}
          onNo={() => setAsking(false)} />
      )}
    </section>
  );
}

const NOTHING: Timeline = { chat: [], screen: [] };

function Watching({ lesson, onChange }: { lesson: LessonDoc; onChange: () => void }) {
  const { event: e, recording: rec } = lesson;
  const start = useMemo(() => keptPosition(e.id, lesson), [e.id]);
  const [at, setAt] = useState(0);
  const [seekTo, setSeek] = useState<{ s: number } | null>(null);
  const track = usePosition(e.id);
  const log = useLoad(rec.timeline ?? '', () => (rec.timeline ? api.timeline(rec.timeline) : Promise.resolve('')));
  const timeline = useMemo(() => (log.value ? readTimeline(log.value, rec.takes) : NOTHING), [log.value]);
  const gap = rec.takes.some((x) => x.gap);
  return (
    <main id="main" class="page lesson">
      <div class="lesson-grid">
        <div class="lesson-main">
          <Player recording={rec} startS={start} title={e.title} seekTo={seekTo}
            screenSpans={log.value ? timeline.screen : null} onTime={(s) => {
              track(s);
              setAt(Math.floor(s));
            }} />
          {start > 0 && at < start + 15 && (
            <p class="resume" role="status">
              {t('lesson.resumed', { at: clock(start * 1000) })}{' '}
              <button type="button" class="text-btn" onClick={() => setSeek({ s: 0 })}>{t('lesson.fromStart')}</button>
            </p>
          )}
          <div class="lesson-head">
            <Title text={e.title} />
            <p class="soft">
              {[e.host?.name, formatName(e.format), spaceName(e.space), dateOf(rec.started_at || (e.opened_at ?? e.created_at)),
                clock(rec.duration_ms)].filter(Boolean).join(' · ')}
            </p>
            {gap && <p class="note warn"><Icon name="info" />{t('lesson.gap')}</p>}
            <div class="row">
              <Download lesson={lesson} />
              <CopyButton text={`${location.origin}/e/${e.id}?t=${at}`} label={t('lesson.share')} />
            </div>
          </div>
          {e.description && <p class="prose">{e.description}</p>}
          {e.can.edit && <OwnerTools lesson={lesson} onChange={onChange} />}
        </div>
        <ChatReplay chat={timeline.chat} at={at} onSeek={(s) => setSeek({ s })} />
      </div>
    </main>
  );
}

export function Lesson({ event, onChange }: { event: EventDoc; onChange: () => void }) {
  const data = useLoad(`${event.id} ${event.visibility}`, () => api.lessonById(event.id));
  if (data.value) return <Watching lesson={data.value} onChange={onChange} />;
  return (
    <main id="main" class="page">
      <Show of={data}>{() => null}</Show>
    </main>
  );
}
