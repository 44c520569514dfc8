/* decks — the host's slides: bringing a PDF, what became of it, which one is shown. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { bring as bringUpload, DECK_BYTES_MAX, dropUpload, titleOf, uploadsOf, type UploadDoc } from '../../api/uploads';
import { errorText, t, tIf } from '../../i18n';
import { sizeOf } from '../../i18n/dates';
import { isBoard } from '../../protocol/slides';
import { user } from '../../state/session';
import { Dialog } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import '../../styles/slides.css';
import { useLive } from './context';

type Row = UploadDoc & { problem?: string };

const isOffice = (name: string): boolean => /\.(pptx?|odp|key|docx?)$/i.test(name);

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

export function DecksDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const live = useLive();
  const [rows, setRows] = useState<Row[]>([]);
  const [wrong, setWrong] = useState('');
  const pick = useRef<HTMLInputElement>(null);
  const stop = useRef(new AbortController());
  const slides = live.slides.value;
  const put = (row: Row): void => setRows((all) => [...all.filter((r) => r.id !== row.id), row]);
  const ticket = async (): Promise<string | null> => (user.peek() ? null : live.ticket());

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

  const addBoard = async (): Promise<void> => {
    const n = slides.decks.filter(isBoard).length + 1;
    if (!(await live.command('board', { text: t('board.title', { n }) }))) return;
    const made = live.slides.peek().decks.filter(isBoard).at(-1);
    if (made) void live.command('slide', { n: made.n });
    onClose();
  };

  const coming = rows.filter((r) => r.state !== 'ready' && !slides.decks.some((d) => d.file === r.id));
  return (
    <Dialog title={t('slides.title')} onClose={onClose} actions={
      <button type="button" class="btn" onClick={onClose}>{t('close')}</button>
    }>
      <div class="decks">
        <input ref={pick} class="hidden-text" type="file" accept="application/pdf,.pdf" tabIndex={-1} aria-label={t('slides.choose')}
          onChange={(e) => {
            const file = e.currentTarget.files?.[0];
            e.currentTarget.value = '';
            if (file) void bring(file);
          }} />
        <button type="button" class="btn primary" onClick={() => pick.current?.click()}>
          <Icon name="plus" />
          {t('slides.add')}
        </button>
        <button type="button" class="btn" onClick={() => void addBoard()}>
          <Icon name="pen" />
          {t('board.new')}
        </button>
        <p class="soft small">{t('slides.hint')}</p>
        {wrong && <p class="note bad" role="alert">{wrong}</p>}
        <ul class="deck-list">
          {coming.map((row) => (
            <li key={row.id}>
              <p class="deck-title">{row.title} <span class="soft small">{sizeOf(row.bytes)}</span></p>
              <State row={row} />
              {(row.state === 'failed' || row.state === 'uploading') && (
                <button type="button" class="btn quiet" onClick={() => void drop(row)}>{t('slides.forget')}</button>
              )}
            </li>
          ))}
          {slides.decks.map((d) => (
            <li key={d.n}>
              <p class="deck-title">{d.text} <span class="soft small">{isBoard(d) ? t('board.name') : t('slides.pages', { count: d.pages })}</span></p>
              <div class="row">
                {slides.shown === d.n ? (
                  <button type="button" class="btn" onClick={() => void live.command('slide', { n: 0 })}>{t('slides.hide')}</button>
                ) : (
                  <button type="button" class="btn primary" onClick={() => {
                    void live.command('slide', { n: d.n });
                    onClose();
                  }}>{t('slides.show')}</button>
                )}
                <button type="button" class="btn quiet" onClick={() => void live.command('deck_drop', { n: d.n })}>{t('slides.drop')}</button>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
