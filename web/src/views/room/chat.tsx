/* chat — the conversation beside the stage. What is typed is shown at once, marked until the room has it, and is not
 * lost when the line is. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { t, errorText } from '../../i18n';
import { timeOf } from '../../i18n/dates';
import type { ChatLine } from '../../protocol/types';
import { Icon } from '../../widgets/icons';
import { Linked } from '../../widgets/linked';
import { useLive } from './context';

const TEXT_MAX = 2000;
const NEAR_END_PX = 80;

function Line({ line }: { line: ChatLine }) {
  const live = useLive();
  const mine = line.by === live.me.value.id;
  const host = live.room.value.members.get(line.by)?.role;
  return (
    <li class={`line${mine ? ' mine' : ''}`}>
      <p class="line-head">
        <span class="line-name">{line.name}</span>
        {(host === 'host' || host === 'cohost') && <span class="chip">{t(`role.${host}`)}</span>}
        <time dateTime={new Date(line.at).toISOString()}>{timeOf(line.at)}</time>
        {(mine || live.can.value.moderate) && (
          <button type="button" class="line-drop" aria-label={t('chat.delete')} title={t('chat.delete')}
            onClick={() => void live.command('unchat', { n: line.seq })}>
            <Icon name="trash" />
          </button>
        )}
      </p>
      <Linked text={line.text} />
    </li>
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
  const lines = live.room.value.chat;
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  const last = `${lines.at(-1)?.seq} ${live.outbox.lines.value.length}`;
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last, follow]);
  const onScroll = (): void => {
    const b = box.current;
    if (b) setFollow(b.scrollHeight - b.scrollTop - b.clientHeight < NEAR_END_PX);
  };
  useEffect(() => {
    live.unread.value = 0;
  }, [last]);
  return (
    <div class="chat">
      <div class="chat-log" ref={box} onScroll={onScroll} role="log" aria-label={t('chat.title')} tabIndex={0}>
        {lines.length === 0 && live.outbox.lines.value.length === 0 && <p class="panel-empty">{t('chat.empty')}</p>}
        <ul>
          {lines.map((l) => (
            <Line key={l.seq} line={l} />
          ))}
          <Unsent />
        </ul>
      </div>
      {!follow && (
        <button type="button" class="btn chat-latest" onClick={() => setFollow(true)}>
          {t('chat.latest')}
        </button>
      )}
      {live.can.value.chat ? <Composer /> : <p class="panel-empty">{t('chat.readOnly')}</p>}
    </div>
  );
}

function Composer() {
  const live = useLive();
  const [text, setText] = useState('');
  const send = (): void => {
    const line = text.trim();
    if (!line) return;
    setText('');
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
