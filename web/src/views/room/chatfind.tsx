/* chatfind — looking for something in the chat: at once among what this page has, and by the server in all that was
 * written; and the conversation around what was found. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t, errorText } from '../../i18n';
import { timeOf } from '../../i18n/dates';
import { againMs, merged } from '../../protocol/find';
import type { ChatLine, Found, RequestError } from '../../protocol/types';
import { say, toast } from '../../state/notices';
import { Linked } from '../../widgets/linked';
import { useLive } from './context';

const PAUSE_MS = 500; /* after the last letter */
const LEAST = 2; /* letters the server is asked with */

function Hit({ line, onOpen }: { line: ChatLine; onOpen: (n: number) => void }) {
  const at = timeOf(line.at);
  return (
    <li class="line">
      <p class="line-head">
        <span class="line-name">{line.name}</span>
        <button type="button" class="text-btn" aria-label={t('find.show', { name: line.name, at })} onClick={() => onOpen(line.seq)}>
          <time dateTime={new Date(line.at).toISOString()}>{at}</time>
        </button>
      </p>
      <Linked text={line.text} />
    </li>
  );
}

/** What was found for `text`, the oldest first. */
export function Hits({ text, all, onOpen }: { text: string; all: readonly ChatLine[]; onOpen: (n: number) => void }) {
  const live = useLive();
  const [found, setFound] = useState<readonly ChatLine[]>([]);
  const [next, setNext] = useState(0);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const had = useRef(new Set<number>());
  const here = useRef(all);
  here.current = all;
  /* What is asked for now; an answer to anything else comes too late. */
  const asked = useRef<object | null>(null);
  const ask = async (from: number): Promise<void> => {
    const mine = asked.current;
    setBusy(true);
    setWrong('');
    for (let n = from; ; ) {
      try {
        const f = (await live.request('find', n ? { text, n } : { text })) as Found;
        if (asked.current !== mine) return;
        for (const l of here.current) had.current.add(l.seq);
        setFound((was) => [...was, ...f.lines]);
        setNext(f.next ?? 0);
        if (f.lines.length || !f.next) break;
        n = f.next; /* so far there is nothing, and it is not all */
      } catch (e) {
        if (asked.current !== mine) return;
        const ms = againMs(e as RequestError);
        if (!ms) {
          setWrong(errorText(e));
          break;
        }
        await new Promise((done) => setTimeout(done, ms));
        if (asked.current !== mine) return;
      }
    }
    setBusy(false);
  };
  useEffect(() => {
    asked.current = {};
    had.current = new Set();
    setFound([]);
    setNext(0);
    setWrong('');
    setBusy(text.length >= LEAST);
    const timer = text.length >= LEAST ? setTimeout(() => void ask(0), PAUSE_MS) : undefined;
    return () => {
      clearTimeout(timer);
      asked.current = null;
    };
  }, [text]);
  const lines = useMemo(() => merged(text, all, found, had.current), [all, found, text]);
  return (
    <>
      {next > 0 && (
        <button type="button" class="btn quiet" disabled={busy} onClick={() => void ask(next)}>{t('find.older')}</button>
      )}
      {wrong && <p class="note bad" role="alert">{wrong}</p>}
      {lines.length === 0 && !wrong && <p class="panel-empty" role="status">{t(busy ? 'find.busy' : 'find.none')}</p>}
      <ul>
        {lines.map((l) => <Hit key={l.seq} line={l} onOpen={onOpen} />)}
      </ul>
    </>
  );
}

/** What stands around message `n`, which this page does not have any more. */
export function useExcerpt(): { lines: readonly ChatLine[] | null; n: number; open: (n: number) => Promise<void>; close: () => void } {
  const live = useLive();
  const [state, setState] = useState<{ n: number; lines: readonly ChatLine[] | null }>({ n: 0, lines: null });
  return {
    ...state,
    open: async (n) => {
      try {
        const f = (await live.request('around', { n })) as Found;
        setState({ n, lines: [...f.lines].reverse() });
        say(t('find.excerpt'));
      } catch (e) {
        toast(errorText(e), 'bad');
      }
    },
    close: () => setState({ n: 0, lines: null }),
  };
}
