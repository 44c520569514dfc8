/* clips — the videos that were uploaded to an event, for who plans it or leads its room: bringing one, what became of it,
 * its captions. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { clipShelf } from '../api/clips';
import type { Ticket } from '../api/uploads';
import { problemText, tv, whyText } from '../i18n/clips';
import { clock, sizeOf } from '../i18n/dates';
import { clipFiles, type ClipFiles, type ClipRow } from '../state/clipfiles';
import '../styles/film.css';
import { Confirm } from './basic';
import { CaptionFiles } from './captionfiles';
import { Icon } from './icons';

const noTicket = (): Promise<Ticket> => Promise.resolve(null);

/** How far a row is; without a number where nobody can know. */
function Working({ id, words, percent }: { id: string; words: string; percent: number | null }) {
  return (
    <div class="job">
      <label for={id}>{words}</label>
      {percent === null ? <progress id={id} /> : <progress id={id} max={100} value={percent} />}
    </div>
  );
}

function State({ row }: { row: ClipRow }) {
  const id = `clip-${row.id}`;
  const sent = Math.floor((row.received / row.bytes) * 100);
  if (row.problem) return <p class="note bad" role="alert">{problemText(row.problem)}</p>;
  switch (row.state) {
    case 'failed':
      return <p class="note bad" role="alert">{whyText(row.why)}</p>;
    case 'uploading':
      return row.sending
        ? <Working id={id} words={tv('uploading', { percent: sent })} percent={sent} />
        : <p class="note">{tv('broken', { percent: sent })}</p>;
    case 'waiting':
      return <Working id={id} words={tv('waiting')} percent={null} />;
    case 'working':
      return row.percent > 0
        ? <Working id={id} words={tv('making', { percent: row.percent })} percent={row.percent} />
        : <Working id={id} words={tv('makingLong')} percent={null} />;
    default:
      return null;
  }
}

function Row({ files, event, row, action }: { files: ClipFiles; event: string; row: ClipRow; action?: ((row: ClipRow) => ComponentChildren) | undefined }) {
  const [asking, setAsking] = useState(false);
  const ready = row.state === 'ready';
  const drop = (): void => {
    setAsking(false);
    void files.drop(row);
  };
  return (
    <li class="clip-row">
      <p class="film-name">{row.title} <span class="soft small">{ready ? clock(row.length_ms ?? 0) : sizeOf(row.bytes)}</span></p>
      <State row={row} />
      <div class="row">
        {ready && action?.(row)}
        {row.state !== 'working' && row.state !== 'waiting' && (
          <button type="button" class="btn quiet" aria-label={tv('removeOf', { title: row.title })} onClick={() => (ready ? setAsking(true) : drop())}>
            <Icon name="trash" />
            {tv('remove')}
          </button>
        )}
      </div>
      {ready && (
        <details class="more">
          <summary>{tv('captions', { title: row.title })}</summary>
          <CaptionFiles shelf={clipShelf(event, row.id, () => files.ticket())} hint={tv('captionsHint')} captions={row.captions ?? []}
            onChange={(c) => files.captioned(row, c)} />
        </details>
      )}
      {asking && (
        <Confirm title={tv('removeTitle')} text={tv('removeText', { title: row.title })} yes={tv('remove')} danger onYes={drop} onNo={() => setAsking(false)} />
      )}
    </li>
  );
}

export function Clips({ event, ticket, action }: { event: string; ticket?: () => Promise<Ticket>; action?: (row: ClipRow) => ComponentChildren }) {
  const files = clipFiles(event);
  const pick = useRef<HTMLInputElement>(null);
  const rows = files.rows.value;
  const wrong = files.wrong.value;
  files.ticket = ticket ?? noTicket;
  useEffect(() => void files.look().catch((e: unknown) => (files.wrong.value = e)), [files]);
  return (
    <div class="films">
      <input ref={pick} class="hidden-text" type="file" accept="video/mp4,video/quicktime,video/webm,video/x-matroska,.mp4,.m4v,.mov,.mkv,.webm"
        tabIndex={-1} aria-label={tv('choose')} onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          e.currentTarget.value = '';
          if (file) void files.bring(file);
        }} />
      <div>
        <button type="button" class="btn" onClick={() => pick.current?.click()}>
          <Icon name="plus" />
          {tv('add')}
        </button>
      </div>
      <p class="soft small">{tv(rows.some((r) => r.sending) ? 'stay' : 'hint')}</p>
      {wrong !== null && <p class="note bad" role="alert">{problemText(wrong)}</p>}
      {rows.length > 0 && (
        <ul class="film-list" aria-label={tv('own')}>
          {rows.map((row) => <Row key={row.id} files={files} event={event} row={row} action={action} />)}
        </ul>
      )}
    </div>
  );
}

/** On the page of an event that is planned or live. */
export function ClipCard({ event }: { event: string }) {
  return (
    <section class="card stack" aria-labelledby="clips">
      <h2 id="clips">{tv('title')}</h2>
      <Clips event={event} />
    </section>
  );
}
