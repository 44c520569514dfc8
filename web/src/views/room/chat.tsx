/* chat — the conversation beside the stage. What is typed is shown at once, marked until the room has it, and is not
 * lost when the line is. */

import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t, errorText } from '../../i18n';
import { timeOf } from '../../i18n/dates';
import type { ChatLine } from '../../protocol/types';
import { Icon } from '../../widgets/icons';
import { Linked } from '../../widgets/linked';
import { memo } from '../../widgets/memo';
import { useLive } from './context';

const TEXT_MAX = 2000;
const NEAR_END_PX = 80;

interface LineProps {
  line: ChatLine;
  mine: boolean;
  leads: 'host' | 'cohost' | null;
  onDrop: ((seq: number) => void) | null;
}

const Line = memo(({ line, mine, leads, onDrop }: LineProps) => (
  <li class={`line${mine ? ' mine' : ''}`}>
    <p class="line-head">
      <span class="line-name">{line.name}</span>
      {leads && <span class="chip">{t(`role.${leads}`)}</span>}
      <time dateTime={new Date(line.at).toISOString()}>{timeOf(line.at)}</time>
      {onDrop && (
        <button type="button" class="line-drop" aria-label={t('chat.delete')} title={t('chat.delete')}
          onClick={() => onDrop(line.seq)}>
          <Icon name="trash" />
        </button>
      )}
    </p>
    <Linked text={line.text} />
  </li>
));

function Lines({ lines }: { lines: readonly ChatLine[] }) {
  const live = useLive();
  const me = live.me.value.id;
  const moderates = Boolean(live.can.value.moderate);
  const drop = useCallback((n: number) => void live.command('unchat', { n }), [live]);
  const leaders = useMemo(
    () => new Map(live.leaders.value.split('\n').map((x) => x.split(' ') as [string, 'host' | 'cohost'])),
    [live.leaders.value],
  );
  return (
    <>
      {lines.map((l) => (
        <Line key={l.seq} line={l} mine={l.by === me} leads={leaders.get(l.by) ?? null}
          onDrop={moderates || l.by === me ? drop : null} />
      ))}
    </>
  );
}

function Unsent() {
  const live = useLive();
  return (
    <>
      {live.outbox.lines.value.map((l) => (
        <li key={`out-${l.key}`} class="line mine unsent">
          <Linked text={l.text} />
          {l.failed ? (
            <p class="line-state bad">
              {errorText({ code: l.failed })}{' '}
              <button type="button" class="text-btn" onClick={() => void live.outbox.retry(l.key)}>
                {t('retry')}
              </button>{' '}
              <button type="button" class="text-btn" onClick={() => live.outbox.drop(l.key)}>
                {t('chat.forget')}
              </button>
            </p>
          ) : (
            <p class="line-state">{t('chat.sending')}</p>
          )}
        </li>
      ))}
    </>
  );
}

export function ChatPanel() {
  const live = useLive();
  const lines = live.chat.value;
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  const last = `${lines.at(-1)?.seq} ${live.outbox.lines.value.length}`;
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last, follow]);
  const seen = useRef({ top: 0, height: 0 });
  const onScroll = (): void => {
    const b = box.current;
    if (!b) return;
    const was = seen.current;
    seen.current = { top: b.scrollTop, height: b.scrollHeight };
    if (b.scrollHeight - b.scrollTop - b.clientHeight < NEAR_END_PX) setFollow(true);
    /* New lines push the end away by themselves: only who scrolls up wants to stay. */
    else if (b.scrollTop < was.top && b.scrollHeight >= was.height) setFollow(false);
  };
  useEffect(() => {
    live.unread.value = 0;
  }, [last]);
  return (
    <div class="chat">
      <div class="chat-log" ref={box} onScroll={onScroll} role="log" aria-label={t('chat.title')} tabIndex={0}>
        {lines.length === 0 && live.outbox.lines.value.length === 0 && <p class="panel-empty">{t('chat.empty')}</p>}
        <ul>
          <Lines lines={lines} />
          <Unsent />
        </ul>
      </div>
      {!follow && (
        <button type="button" class="btn chat-latest" onClick={() => setFollow(true)}>
          {t('chat.latest')}
        </button>
      )}
      {live.can.value.chat ? <Composer onSent={() => setFollow(true)} /> : <p class="panel-empty">{t('chat.readOnly')}</p>}
    </div>
  );
}

function Composer({ onSent }: { onSent: () => void }) {
  const live = useLive();
  const [text, setText] = useState('');
  const send = (): void => {
    const line = text.trim();
    if (!line) return;
    setText('');
    onSent();
    void live.outbox.add(line, live.serverNow());
  };
  return (
    <form class="composer" onSubmit={(e) => {
      e.preventDefault();
      send();
    }}>
      <textarea class="input" rows={1} value={text} maxLength={TEXT_MAX} placeholder={t('chat.hint')}
        aria-label={t('chat.hint')} enterkeyhint="send" onInput={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.code !== 'Enter' || e.shiftKey || e.isComposing) return;
          e.preventDefault();
          send();
        }} />
      <button class="btn primary icon-only" type="submit" disabled={text.trim() === ''} aria-label={t('chat.send')} title={t('chat.send')}>
        <Icon name="send" />
      </button>
    </form>
  );
}
