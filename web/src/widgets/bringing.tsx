/* bringing — slides on their way to an event: choosing a file, what became of each. Used in the room and on the event's
 * page. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { bring as bringUpload, DECK_BYTES_MAX, dropUpload, titleOf, uploadsOf, type UploadDoc } from '../api/uploads';
import { errorText, t, tIf } from '../i18n';
import { sizeOf } from '../i18n/dates';
import { Icon } from './icons';
import '../styles/slides.css';

export type Row = UploadDoc & { problem?: string };
export interface Bringing {
  rows: Row[];
  wrong: string;
  bring: (file: File) => Promise<void>;
  drop: (row: Row) => Promise<void>;
}

const isOffice = (name: string): boolean => /\.(pptx?|odp|key|docx?)$/i.test(name);

/** `ticket`: how a guest who leads the room shows it. */
export function useBringing(id: string, ticket: () => Promise<string | null>): Bringing {
  const [rows, setRows] = useState<Row[]>([]);
  const [wrong, setWrong] = useState('');
  const stop = useRef(new AbortController());
  const put = (row: Row): void => setRows((all) => [...all.filter((r) => r.id !== row.id), row]);

  useEffect(() => {
    const ended = new AbortController();
    stop.current = ended;
    ticket().then((x) => uploadsOf(id, 'decks', x)).then((all) => ended.signal.aborted || setRows(all), () => undefined);
    return () => ended.abort();
  }, [id]);

  const bring = async (file: File): Promise<void> => {
    setWrong('');
    if (isOffice(file.name)) return setWrong(t('slides.why.office'));
    if (file.size > DECK_BYTES_MAX) return setWrong(t('slides.tooLarge'));
    const head = new TextDecoder('latin1').decode(await file.slice(0, 1024).arrayBuffer());
    if (!head.includes('%PDF-')) return setWrong(t('slides.why.broken'));
    const begun = rows.find((r) => r.state === 'uploading' && r.bytes === file.size && r.title === titleOf(file.name));
    let last: Row | undefined = begun;
    const on = (d: UploadDoc): void => put((last = d));
    try {
      await bringUpload({ event: id, shelf: 'decks', file, ticket, begun, on, stop: stop.current.signal });
    } catch (e) {
      if ((e as { code?: string }).code === 'stopped') return;
      const problem = (e as { code?: string }).code === 'full' ? t('slides.full') : errorText(e);
      if (last) put({ ...last, problem });
      else setWrong(problem);
    }
  };
  const drop = async (row: Row): Promise<void> => {
    try {
      await dropUpload(id, 'decks', row.id, await ticket());
      setRows((all) => all.filter((r) => r.id !== row.id));
    } catch (e) {
      put({ ...row, problem: errorText(e) });
    }
  };
  return { rows, wrong, bring, drop };
}

function State({ row }: { row: Row }) {
  if (row.problem) return <p class="note bad" role="alert">{row.problem}</p>;
  if (row.state === 'failed') return <p class="note bad" role="alert">{tIf(`slides.why.${row.why ?? 'broken'}`) ?? t('slides.why.broken')}</p>;
  const uploading = row.state === 'uploading';
  const percent = uploading ? Math.floor((row.received / row.bytes) * 100) : row.percent;
  const id = `deck-${row.id}`;
  return (
    <div class="job">
      <label for={id}>{t(uploading ? 'slides.uploading' : 'slides.making', { percent })}</label>
      <progress id={id} max={100} value={percent} />
    </div>
  );
}

export function PickFile({ of: b, primary }: { of: Bringing; primary: boolean }) {
  const pick = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={pick} class="hidden-text" type="file" accept="application/pdf,.pdf" tabIndex={-1} aria-label={t('slides.choose')}
        onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          e.currentTarget.value = '';
          if (file) void b.bring(file);
        }} />
      <button type="button" class={primary ? 'btn primary' : 'btn'} onClick={() => pick.current?.click()}>
        <Icon name="plus" />
        {t('slides.add')}
      </button>
    </>
  );
}

/** One that is not in the room yet. */
export function Coming({ of: b, row }: { of: Bringing; row: Row }) {
  return (
    <li>
      <p class="deck-title">{row.title} <span class="soft small">{sizeOf(row.bytes)}</span></p>
      <State row={row} />
      {(row.state === 'failed' || row.state === 'uploading') && (
        <button type="button" class="btn quiet" onClick={() => void b.drop(row)}>{t('slides.forget')}</button>
      )}
    </li>
  );
}
