/* lesson — the event's page once it is over: the recording with what was said beside it, and for its host what can
 * be done with it. */

import type { ComponentType } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import * as api from '../api';
import { correctCue, dropCue, lessonShelf, readCue, type CaptionDoc, type CaptionShelf, type CueDoc } from '../api/captions';
import { ApiError } from '../api/client';
import type { EventDoc, Job, LessonDoc, Visibility } from '../api/types';
import { errorText, t } from '../i18n';
import { clock, dateOf, sizeOf } from '../i18n/dates';
import { oneLine, type Cue } from '../protocol/captions';
import type { Mark } from '../protocol/ink';
import { isBoard } from '../protocol/slides';
import type { Notes } from '../protocol/notes';
import { FIND_CHARS, hasWords } from '../protocol/find';
import { readTimeline, type AskMoment, type ChatMoment, type InkMoment, type PollMoment, type SlideMoment, type Timeline } from '../protocol/timeline';
import { formatName, spaceName } from '../state/formats';
import { recall, remember } from '../state/prefs';
import { go, place } from '../state/route';
import { user } from '../state/session';
import { toast } from '../state/notices';
import { Confirm, CopyButton, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Linked } from '../widgets/linked';
import { lazy, Show, useLoad } from '../widgets/load';
import { memo } from '../widgets/memo';
import { OwnMinutes } from '../widgets/mine';
import { Player } from '../widgets/player';
import { Result } from '../widgets/result';
import { BoardStill } from '../widgets/boardstill';
import { InkLayer } from '../widgets/inklayer';
import { SaveBoard } from '../widgets/saveboard';
import { SaveDeck } from '../widgets/savedeck';
import { useTracks } from '../widgets/tracks';
import { Transcript, type CueEditor } from '../widgets/transcript';
import type { FilmReplayProps, Playing } from './lessonfilm';
import { Slide, slideBase, smallPicture } from '../widgets/slide';
import '../styles/talk.css';

const FilmReplay: ComponentType<FilmReplayProps> = lazy(async () => (await import('./lessonfilm')).FilmReplay);
const CaptionFiles: ComponentType<{ shelf: CaptionShelf; hint: string; captions: readonly CaptionDoc[]; onChange: (c: CaptionDoc[]) => void }> =
  lazy(async () => (await import('../widgets/captionfiles')).CaptionFiles);
const NotesCard: ComponentType<{ notes: Notes; title: string }> = lazy(async () => (await import('../widgets/notes')).NotesCard);

const SAVE_EVERY_MS = 10_000;
/* Less is not worth a request while it plays; whoever leaves finds the very moment again. */
const SAVE_STEP_MS = 2000;
const JOBS_EVERY_MS = 3_000;
/* Of a long conversation the last ones before this moment. */
const REPLAY_MAX = 300;
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
    const saveFrom = (step: number): void => {
      const ms = Math.round(at.current * 1000);
      if (Math.abs(ms - saved.current) < (saved.current ? step : SAVE_STEP_MS)) return;
      saved.current = ms;
      if (user.peek()) api.savePosition(id, ms).catch(() => undefined);
      else remember(`position.${id}`, String(ms));
    };
    const leave = (): void => saveFrom(1);
    const timer = setInterval(() => saveFrom(SAVE_STEP_MS), SAVE_EVERY_MS);
    document.addEventListener('visibilitychange', leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', leave);
      leave();
    };
  }, [id]);
  return (s) => (at.current = s);
}

const ReplayLine = memo(({ line: c, onSeek }: { line: ChatMoment; onSeek: (s: number) => void }) => (
  <li class="line">
    <p class="line-head">
      <span class="line-name">{c.name}</span>
      <button type="button" class="text-btn" onClick={() => onSeek(c.t / 1000)} aria-label={t('lesson.seekTo', { at: clock(c.t) })}>
        {clock(c.t)}
      </button>
    </p>
    <Linked text={c.text} />
  </li>
));

function ChatReplay({ chat, at, onSeek }: { chat: ChatMoment[]; at: number; onSeek: (s: number) => void }) {
  const [find, setFind] = useState('');
  const shown = (find.trim() ? chat.filter((c) => hasWords(find, `${c.name} ${c.text}`)) : chat.filter((c) => c.t <= at * 1000)).slice(-REPLAY_MAX);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.at(-1)?.seq]);
  return (
    <aside class="replay card" aria-label={t('chat.title')}>
      <h2>{t('chat.title')}</h2>
      {chat.length > 0 && (
        <input class="input chat-find" type="search" value={find} placeholder={t('find.lesson')} aria-label={t('find.lesson')}
          autocomplete="off" maxLength={FIND_CHARS} onInput={(e) => setFind(e.currentTarget.value)} />
      )}
      <div class="replay-log" ref={box} tabIndex={0} role="log" aria-live="off" aria-label={t('lesson.chat')}>
        {shown.length === 0 && <p class="soft small">{t(find.trim() ? 'find.none' : chat.length ? 'lesson.chatLater' : 'lesson.noChat')}</p>}
        <ul>
          {shown.map((c) => (
            <ReplayLine key={c.seq} line={c} onSeek={onSeek} />
          ))}
        </ul>
      </div>
    </aside>
  );
}

/** What was asked of the room until now, and what it had come to when that was shown. */
function PollReplay({ polls, at, onSeek }: { polls: PollMoment[]; at: number; onSeek: (s: number) => void }) {
  const put = polls.filter((p) => p.t <= at * 1000);
  if (put.length === 0) return null;
  return (
    <aside class="replay card" aria-label={t('poll.title')}>
      <h2>{t('poll.title')}</h2>
      <ul>
        {put.map(({ t: when, shownAt, poll }) => (
          <li key={poll.n} class="poll">
            <p class="line-head">
              <button type="button" class="text-btn" onClick={() => onSeek(when / 1000)} aria-label={t('lesson.seekTo', { at: clock(when) })}>
                {clock(when)}
              </button>
            </p>
            <h3>{poll.text}</h3>
            {shownAt <= at * 1000 ? <Result poll={poll} /> : <p class="soft small">{poll.options.join(' · ')}</p>}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function AskReplay({ asks, at, onSeek }: { asks: AskMoment[]; at: number; onSeek: (s: number) => void }) {
  const put = asks.filter((a) => a.t <= at * 1000 && a.gone > at * 1000);
  if (put.length === 0) return null;
  return (
    <aside class="replay card" aria-label={t('ask.title')}>
      <h2>{t('ask.title')}</h2>
      <ul>
        {put.map(({ t: when, answeredAt, ask }) => (
          <li key={ask.n} class="poll">
            <p class="line-head">
              <span class="line-name">{ask.name || t('ask.nobody')}</span>
              <button type="button" class="text-btn" onClick={() => onSeek(when / 1000)} aria-label={t('lesson.seekTo', { at: clock(when) })}>
                {clock(when)}
              </button>
            </p>
            <Linked text={ask.text} />
            {answeredAt <= at * 1000 && <div class="ask-answer"><Linked text={ask.answer} /></div>}
          </li>
        ))}
      </ul>
    </aside>
  );
}

/** The page that was shown at this moment, and all of them as chapters. */
function SlideReplay({ event, timeline, now, at, onSeek }: { event: string; timeline: Timeline; now: SlideMoment | null; at: number; onSeek: (s: number) => void }) {
  const { slides } = timeline;
  const marks = (of: InkMoment[]): Mark[] =>
    of.filter((i) => i.mark.deck === now?.deck?.n && i.mark.page === now.page && i.t <= at * 1000 + 999 && i.gone > at * 1000).map((i) => i.mark);
  const last = timeline.ink.filter((i) => i.gone === Infinity).map((i) => i.mark);
  const turns = slides.filter((s) => s.deck !== null);
  if (turns.length === 0) return null;
  return (
    <section class="lesson-slide" aria-label={t('slides.title')}>
      {now?.deck && isBoard(now.deck) && <BoardStill all={timeline.ink.filter((i) => i.mark.deck === now.deck?.n).map((i) => i.mark)} marks={marks(timeline.ink)} />}
      {now?.deck && !isBoard(now.deck) && <Slide base={slideBase(event, now.deck.file)} page={now.page} pages={now.deck.pages} sharp>
        {(shape) => <InkLayer marks={marks(timeline.ink)} shape={shape} />}
      </Slide>}
      {now?.deck && (isBoard(now.deck) ? <SaveBoard deck={now.deck} marks={last} /> : <SaveDeck event={event} deck={now.deck} marks={last} />)}
      <ol class="chapters" aria-label={t('slides.chapters')}>
        {turns.map((s) => s.deck && (
          <li key={`${s.t} ${s.deck.n} ${s.page}`}>
            <button type="button" aria-current={s === now ? 'true' : undefined} onClick={() => onSeek(s.t / 1000)}
              aria-label={t('slides.chapter', { page: s.page, at: clock(s.t) })}>
              {isBoard(s.deck) ? <Icon name="pen" /> : <img src={smallPicture(slideBase(event, s.deck.file), s.page)} alt="" loading="lazy" />}
              <span aria-hidden="true">{clock(s.t)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
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

function OwnerTools({ lesson, onChange }: { lesson: LessonDoc; onChange: (l: LessonDoc) => void }) {
  const e = lesson.event;
  const [asking, setAsking] = useState<'delete' | 'public' | null>(null);
  const setVisibility = (v: Visibility): void => {
    api.changeLesson(e.id, { visibility: v }).then(
      (changed) => {
        toast(t(`visibility.${v}`), 'good');
        onChange(changed);
      },
      (err: unknown) => toast(errorText(err), 'bad'),
    );
  };
  /* A choice of the arrow key must not put anybody's face before everybody: what is to be seen by all is asked first. */
  const pick = (select: HTMLSelectElement): void => {
    const wanted = select.value as Visibility;
    select.value = e.visibility;
    if (wanted === 'public') setAsking('public');
    else setVisibility(wanted);
  };
  const drop = (): void => {
    setAsking(null);
    api.deleteEvent(e.id).then(() => go('/my', { replace: true }), (err: unknown) => toast(errorText(err), 'bad'));
  };
  return (
    <section class="card owner" aria-labelledby="owner-title">
      <h2 id="owner-title">{t('lesson.yours')}</h2>
      <div class="row">
        <label class="field visibility">
          <span class="label">{t('lesson.visibility')}</span>
          <select class="input" value={e.visibility} onChange={(ev) => pick(ev.currentTarget)}>
            {(['private', 'unlisted', 'public'] as const).map((v) => (
              <option key={v} value={v}>{t(`visibility.${v}`)}</option>
            ))}
          </select>
        </label>
        {e.can.attendance && (
          <a class="btn" href={`/e/${e.id}/attendance`}>
            <Icon name="people" />
            {t('event.attendance')}
          </a>
        )}
        <button type="button" class="btn quiet" onClick={() => setAsking('delete')}>
          <Icon name="trash" />
          {t('lesson.delete')}
        </button>
      </div>
      {lesson.recording.state === 'ready' && (
        <CaptionFiles shelf={lessonShelf(e.id)} hint={t('cc.filesHint')} captions={lesson.recording.captions}
          onChange={(captions) => onChange({ ...lesson, recording: { ...lesson.recording, captions } })} />
      )}
      {asking === 'delete' && (
        <Confirm title={t('lesson.deleteTitle')} text={t('lesson.deleteText')} yes={t('lesson.delete')} danger onYes={drop}
          onNo={() => setAsking(null)} />
      )}
      {asking === 'public' && (
        <Confirm title={t('lesson.publicTitle')} text={t('lesson.publicText')} yes={t('lesson.publish')}
          onNo={() => setAsking(null)} onYes={() => {
            setAsking(null);
            setVisibility('public');
          }} />
      )}
    </section>
  );
}

/* A player stands a little before where it was sent. */
const JUST_MS = 60;
const NOTHING: Timeline = { chat: [], asks: [], polls: [], slides: [], ink: [], films: [], notes: [] };

function cueEditor(lesson: LessonDoc, onChange: (l: LessonDoc) => void): CueEditor | null {
  const { event: e, recording } = lesson;
  if (!e.can.edit || recording.state !== 'ready') return null;
  const put = async (asked: Promise<CaptionDoc[]>): Promise<true> => {
    const captions = await asked;
    onChange({ ...lesson, recording: { ...recording, captions } });
    return true;
  };
  const look = (): void => onChange({ ...lesson, recording: { ...recording, captions: [...recording.captions] } });
  /* What somebody else was quicker to make of it. */
  const refused = async (err: unknown, lang: string, n: number): Promise<CueDoc | null> => {
    if (err instanceof ApiError && err.code === 'precondition') return readCue(e.id, lang, n).catch(() => null);
    toast(errorText(err), 'bad');
    return null;
  };
  const meanwhile = (now: CueDoc): void => {
    look();
    toast(now.text ? t('cc.dropMeanwhile', { text: oneLine(now.text) }) : t('cc.dropped'));
  };
  const drop = async (lang: string, cue: Cue): Promise<void> => {
    try {
      const now = await readCue(e.id, lang, cue.n);
      if (oneLine(now.text) !== oneLine(cue.text)) meanwhile(now);
      else if (await put(dropCue(e.id, lang, now))) toast(t('cc.dropped'), 'good');
    } catch (err) {
      const now = await refused(err, lang, cue.n);
      if (now) meanwhile(now);
    }
  };
  return {
    look,
    read: (lang, cue) => readCue(e.id, lang, cue.n).catch((err) => (toast(errorText(err), 'bad'), null)),
    save: (lang, seen, text) => put(correctCue(e.id, lang, seen, text)).catch(async (err) => (await refused(err, lang, seen.n)) ?? false),
    drop: (lang, cue) => void drop(lang, cue),
  };
}

function Watching({ lesson, onChange }: { lesson: LessonDoc; onChange: (l: LessonDoc) => void }) {
  const { event: e, recording: rec } = lesson;
  const start = useMemo(() => keptPosition(e.id, lesson), [e.id]);
  const [at, setAt] = useState(0);
  const [slide, setSlide] = useState<SlideMoment | null>(null);
  const [seekTo, setSeek] = useState<{ s: number } | null>(null);
  const now = useRef<Playing>({ s: 0, plays: false, speed: 1, at: 0 });
  const track = usePosition(e.id);
  const log = useLoad(rec.timeline ?? '', () => (rec.timeline ? api.timeline(rec.timeline) : Promise.resolve('')));
  const timeline = useMemo(() => (log.value ? readTimeline(log.value, rec.takes) : NOTHING), [log.value]);
  const tracks = useTracks(rec.captions, rec.state === 'live');
  const editor = cueEditor(lesson, onChange);
  const gaps = rec.takes.filter((x) => x.gap).map((x) => clock(x.base_ms));
  const seek = useCallback((s: number) => setSeek({ s }), []);
  return (
    <main id="main" class="page lesson">
      <div class="lesson-grid">
        <div class="lesson-main">
          <Player recording={rec} startS={start} title={e.title} seekTo={seekTo} captions={tracks} onTime={(s, plays, speed) => {
              track(s);
              now.current = { s, plays, speed, at: performance.now() };
              setAt(Math.floor(s));
              setSlide(timeline.slides.filter((x) => x.t <= s * 1000 + JUST_MS).at(-1) ?? null);
            }} />
          {timeline.films.length > 0 && <FilmReplay id={e.id} films={timeline.films} at={at} now={now} onSeek={seek} />}
          <SlideReplay event={e.id} timeline={timeline} now={slide} at={at} onSeek={seek} />
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
            {!e.can.attendance && <OwnMinutes id={e.id} />}
            {gaps.length > 0 && <p class="note warn"><Icon name="info" />{t('lesson.gap', { at: gaps.join(', ') })}</p>}
            <div class="row">
              <Download lesson={lesson} />
              <CopyButton text={`${location.origin}/e/${e.id}?t=${at}`} label={t('lesson.share')} />
            </div>
          </div>
          {e.description && <p class="prose">{e.description}</p>}
          {e.can.edit && <OwnerTools lesson={lesson} onChange={onChange} />}
        </div>
        <div class="replays">
          {tracks.length > 0 && <Transcript tracks={tracks} at={at} onSeek={seek} editor={editor} />}
          <ChatReplay chat={timeline.chat} at={at} onSeek={seek} />
          <AskReplay asks={timeline.asks} at={at} onSeek={seek} />
          {timeline.notes.length > 0 && <NotesCard notes={timeline.notes} title={e.title} />}
          <PollReplay polls={timeline.polls} at={at} onSeek={seek} />
        </div>
      </div>
    </main>
  );
}

export function Lesson({ event }: { event: EventDoc }) {
  const data = useLoad(event.id, () => api.lessonById(event.id));
  if (data.value) return <Watching lesson={data.value} onChange={data.set} />;
  return (
    <main id="main" class="page">
      <Show of={data}>{() => null}</Show>
    </main>
  );
}
