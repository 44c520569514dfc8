/* films — what a host may show to all: the videos that are in the room already, and the catalogue to look in. */

import { useEffect, useRef, useState } from 'preact/hooks';
import * as api from '../../api';
import { bringClip, bringLesson } from '../../api/clips';
import type { LessonCard } from '../../api/types';
import { errorText, t } from '../../i18n';
import { clock } from '../../i18n/dates';
import { CLIPS_MAX, clipOfLesson, clipOfUpload, filmBase, isFull, lessonOf, uploadOf, type Clip } from '../../protocol/film';
import { tv } from '../../i18n/clips';
import type { ClipRow } from '../../state/clipfiles';
import { user } from '../../state/session';
import { Dialog } from '../../widgets/basic';
import { Clips } from '../../widgets/clips';
import '../../styles/film.css';
import { useLive } from './context';

const TYPING_MS = 300;
const COMES_MS = 10_000;
const LOOK_MS = 50;

export function FilmsDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const live = useLive();
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<LessonCard[] | null>(null);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState('');
  const film = live.cinema.film.value;
  const leads = live.can.value.moderate ?? false;

  useEffect(() => {
    if (!leads) return undefined;
    let over = false;
    const timer = setTimeout(() => {
      api.catalogue(typed.trim() ? { q: typed.trim() } : {}).then(
        (r) => over || setFound(r.lessons.filter((l) => l.state === 'ready' && l.id !== id)),
        (e: unknown) => over || setWrong(errorText(e)),
      );
    }, TYPING_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [typed, leads, id]);

  /* Who closed this shows nothing any more. */
  const over = useRef(false);
  useEffect(() => () => void (over.current = true), []);

  const show = async (n: number): Promise<void> => {
    if (await live.cinema.show(n)) onClose();
  };
  const ticket = async (): Promise<string | null> => (user.peek() ? null : live.ticket());
  const bringIn = async (lesson: string): Promise<void> => {
    await bringLesson(id, lesson, await ticket());
  };
  /** It is in the room when the room says so; undefined: nobody waits for it any more. */
  const comes = (of: () => Clip | undefined): Promise<Clip | undefined> =>
    new Promise((done, fail) => {
      const began = performance.now();
      const timer = setInterval(() => {
        const clip = of();
        if (!clip && !over.current && performance.now() - began < COMES_MS) return;
        clearInterval(timer);
        if (clip || over.current) done(clip);
        else fail({ code: 'timeout' });
      }, LOOK_MS);
    });
  const work = async (lesson: string, does: () => Promise<void>): Promise<void> => {
    setWrong('');
    setBusy(lesson);
    try {
      await does();
    } catch (e) {
      setWrong(isFull(live.cinema.film.peek(), lesson) ? t('film.full', { count: CLIPS_MAX }) : errorText(e));
    }
    setBusy('');
  };
  const bring = (lesson: LessonCard): Promise<void> =>
    work(lesson.id, async () => {
      if (isFull(live.cinema.film.peek(), lesson.id)) throw new Error('full');
      await bringIn(lesson.id);
      const clip = await comes(() => clipOfLesson(live.cinema.film.peek(), lesson.id));
      if (clip && !over.current) await show(clip.n);
    });
  /** An upload is in the room from when it was ready, unless somebody took it out. */
  const showUpload = (row: ClipRow): Promise<void> =>
    work(row.id, async () => {
      const there = (): Clip | undefined => clipOfUpload(live.cinema.film.peek(), row.id);
      if (isFull(live.cinema.film.peek(), row.id)) throw new Error('full');
      if (!there()) await bringClip(id, row.id, await ticket());
      const clip = await comes(there);
      if (clip && !over.current) await show(clip.n);
    });
  /** What was brought long ago the server gives to nobody: who leads brings it again. */
  const showAgain = (c: Clip): Promise<void> =>
    work(lessonOf(c) || uploadOf(c), async () => {
      const refused = uploadOf(c) ? null : leads ? await bringIn(lessonOf(c)).then(() => null, (e: unknown) => e ?? {}) : { code: 'expired' };
      const there = await fetch(`${filmBase(id, c)}/index.m3u8`);
      if (!there.ok) throw refused ?? { code: 'not_found' };
      if (!over.current) await show(c.n);
    });
  /* Who leads has those uploaded in a list of their own. */
  const here = leads ? film.clips.filter((c) => !uploadOf(c)) : film.clips;
  return (
    <Dialog title={t('film.title')} onClose={onClose} actions={
      <button type="button" class="btn" onClick={onClose}>{t('close')}</button>
    }>
      <div class="films">
        {wrong && <p class="note bad" role="alert">{wrong}</p>}
        {leads && (
          <>
            <Clips event={id} ticket={ticket} action={(row) => (film.clips.some((c) => c.n === film.shown && uploadOf(c) === row.id)
              ? <button type="button" class="btn" onClick={() => live.cinema.stop()}>{t('film.stop')}</button>
              : <button type="button" class="btn primary" disabled={busy !== ''} aria-busy={busy === row.id} aria-label={tv('showOf', { title: row.title })}
                  onClick={() => void showUpload(row)}>{tv('show')}</button>)} />
          </>
        )}
        {here.length > 0 && (
          <ul class="film-list" aria-label={t('film.here')}>
            {here.map((c) => (
              <li key={c.n}>
                <p class="film-name">{c.text} <span class="soft small">{clock(c.length)}</span></p>
                <div class="row">
                  {film.shown === c.n
                    ? <button type="button" class="btn" onClick={() => live.cinema.stop()}>{t('film.stop')}</button>
                    : <button type="button" class="btn primary" disabled={busy !== ''} onClick={() => void showAgain(c)}>{t('film.show')}</button>}
                  <button type="button" class="btn quiet" onClick={() => void live.command('clip_drop', { n: c.n })}>{t('film.drop')}</button>
                </div>
              </li>
            ))}
          </ul>
        )}
        {leads && (
          <>
            <label class="field">
              <span class="label">{t('film.search')}</span>
              <input class="input" type="search" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
            </label>
            <p class="soft small">{t('film.hint')}</p>
            {found?.length === 0 && <p class="soft" role="status">{t('film.none')}</p>}
            <ul class="film-list" aria-label={t('film.catalogue')}>
              {(found ?? []).map((l) => (
                <li key={l.id}>
                  <p class="film-name">{l.title} <span class="soft small">{[l.host?.name, clock(l.duration_ms)].filter(Boolean).join(' · ')}</span></p>
                  <button type="button" class="btn" disabled={busy !== ''} aria-busy={busy === l.id} onClick={() => void bring(l)}
                    aria-label={t('film.showThis', { title: l.title })}>{t('film.show')}</button>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Dialog>
  );
}
