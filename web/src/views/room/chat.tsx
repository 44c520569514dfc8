/* chat — the conversation beside the stage. What is typed is shown at once, marked until the room has it, and is not
 * lost when the line is. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t, errorText } from '../../i18n';
import { timeOf } from '../../i18n/dates';
import { FIND_CHARS } from '../../protocol/find';
import type { ChatLine } from '../../protocol/types';
import { Menu, MenuItem } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import { Linked } from '../../widgets/linked';
import { memo } from '../../widgets/memo';
import { Hits, useExcerpt } from './chatfind';
import { useLive } from './context';

const TEXT_MAX = 2000;
const NEAR_END_PX = 80;
const QUOTE_CHARS = 120;
/* From so many on, finding by eye takes longer than typing. */
const SEARCH_FROM = 10;

interface LineProps {
  line: ChatLine;
  mine: boolean;
  leads: 'host' | 'cohost' | null;
  /** Whom a private line is for, in words. */
  to: string;
  quote: string;
  acts: LineActs;
  moderates: boolean;
  /** What was looked for. */
  marked: boolean;
}

interface LineActs {
  drop(n: number): void;
  pin(n: number): void;
  reply(line: ChatLine): void;
  edit(line: ChatLine): void;
  report(n: number): void;
}

function LineMenu({ line, mine, moderates, acts }: Pick<LineProps, 'line' | 'mine' | 'moderates' | 'acts'>) {
  const open = !line.who && !line.hosts && !line.table;
  return (
    <Menu label={t('chat.actions', { name: line.name })} class="line-drop" button={<Icon name="more" />}>
      {(close) => (
        <>
          <MenuItem icon="chat" onClick={() => (close(), acts.reply(line))}>{t('chat.reply')}</MenuItem>
          {mine && <MenuItem icon="send" onClick={() => (close(), acts.edit(line))}>{t('chat.edit')}</MenuItem>}
          {open && moderates && <MenuItem icon="star" onClick={() => (close(), acts.pin(line.seq))}>{t('chat.pin')}</MenuItem>}
          {(mine || (open && moderates)) && (
            <MenuItem icon="trash" danger onClick={() => (close(), acts.drop(line.seq))}>{t('chat.delete')}</MenuItem>
          )}
          {!mine && !moderates && (
            <MenuItem icon="warn" onClick={() => (close(), acts.report(line.seq))}>{t('order.report')}</MenuItem>
          )}
        </>
      )}
    </Menu>
  );
}

const Line = memo(({ line, mine, leads, to, quote, acts, moderates, marked }: LineProps) => (
  <li class={`line${mine ? ' mine' : ''}${to ? ' private' : ''}${marked ? ' marked' : ''}`}>
    <p class="line-head">
      <span class="line-name">{line.name}</span>
      {leads && <span class="chip">{t(`role.${leads}`)}</span>}
      {to && <span class="chip warn">{to}</span>}
      <time dateTime={new Date(line.at).toISOString()}>{timeOf(line.at)}</time>
      {line.edited && <span class="soft">{t('chat.edited')}</span>}
      <LineMenu line={line} mine={mine} moderates={moderates} acts={acts} />
    </p>
    {quote && <p class="line-quote">{quote}</p>}
    <Linked text={line.text} />
  </li>
));

function Lines({ lines, acts, marked }: { lines: readonly ChatLine[]; acts: LineActs; marked: number }) {
  const live = useLive();
  const me = live.me.value.id;
  const moderates = Boolean(live.can.value.moderate);
  const all = live.chat.value;
  const bySeq = useMemo(() => new Map(all.map((l) => [l.seq, l])), [all]);
  const leaders = useMemo(
    () => new Map(live.leaders.value.split('\n').map((x) => x.split(' ') as [string, 'host' | 'cohost'])),
    [live.leaders.value],
  );
  const to = (l: ChatLine): string => {
    if (l.table) return t('chat.toTable');
    if (l.hosts) return t('chat.toHosts');
    if (!l.who) return '';
    return l.who === me ? t('chat.toYou') : t('chat.toOne', { name: live.members.peek().get(l.who)?.name ?? l.who });
  };
  const quote = (l: ChatLine): string => {
    const of = l.re ? bySeq.get(l.re) : undefined;
    return of ? `${of.name}: ${of.text.slice(0, QUOTE_CHARS)}` : l.re ? t('chat.quoteGone') : '';
  };
  return (
    <>
      {lines.map((l) => (
        <Line key={l.seq} line={l} mine={l.by === me} leads={leaders.get(l.by) ?? null} to={to(l)} quote={quote(l)} acts={acts}
          moderates={moderates} marked={l.seq === marked} />
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
  const all = live.chat.value;
  const [find, setFind] = useState('');
  const wanted = find.trim();
  const excerpt = useExcerpt();
  const lines = excerpt.lines ?? all;
  const [marked, setMarked] = useState(0);
  const open = (n: number): void => {
    setFind('');
    setFollow(false);
    setMarked(n);
    if (all.some((l) => l.seq === n)) excerpt.close();
    else void excerpt.open(n);
  };
  const toLatest = (): void => {
    excerpt.close();
    setMarked(0);
    setFollow(true);
  };
  const [reply, setReply] = useState<ChatLine | null>(null);
  const [edit, setEdit] = useState<ChatLine | null>(null);
  const acts = useMemo<LineActs>(() => ({
    drop: (n) => void live.command('unchat', { n }),
    pin: (n) => void live.command('chat_pin', { n, on: true }),
    reply: (l) => (setEdit(null), setReply(l)),
    edit: (l) => (setReply(null), setEdit(l)),
    report: (n) => void live.order.report(n),
  }), [live]);
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  const last = `${all.at(-1)?.seq} ${live.outbox.lines.value.length}`;
  useEffect(() => {
    if (!wanted && marked) box.current?.querySelector('.line.marked')?.scrollIntoView({ block: 'center' });
  }, [wanted, marked, excerpt.n]);
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
      <Pinned />
      {live.info.value.keep === 'counts' && <p class="chat-note small soft"><Icon name="lock" />{t('chat.forgets')}</p>}
      {all.length >= SEARCH_FROM && (
        <input class="input chat-find" type="search" value={find} placeholder={t('chat.find')} aria-label={t('chat.find')}
          autocomplete="off" maxLength={FIND_CHARS} onInput={(e) => setFind(e.currentTarget.value)} />
      )}
      <div class="chat-log" ref={box} onScroll={onScroll} role="log" aria-label={t(excerpt.lines ? 'find.excerpt' : 'chat.title')} tabIndex={0}>
        {wanted ? (
          <Hits text={wanted} all={all} onOpen={open} />
        ) : (
          <>
            {lines.length === 0 && live.outbox.lines.value.length === 0 && <p class="panel-empty">{t('chat.empty')}</p>}
            <ul>
              <Lines lines={lines} acts={acts} marked={marked} />
              {!excerpt.lines && <Unsent />}
            </ul>
          </>
        )}
      </div>
      {!follow && !wanted && (
        <button type="button" class="btn chat-latest" onClick={toLatest}>
          {t(excerpt.lines ? 'find.back' : 'chat.latest')}
        </button>
      )}
      {live.can.value.chat ? <Composer reply={reply} edit={edit} onSent={toLatest} onDone={() => (setReply(null), setEdit(null))} /> : <p class="panel-empty">{t(live.order.isOff('chat') ? 'order.chatOff' : 'chat.readOnly')}</p>}
    </div>
  );
}

function Pinned() {
  const live = useLive();
  const pin = live.pin.value;
  if (!pin) return null;
  return (
    <div class="chat-pin" role="note" aria-label={t('chat.pinned')}>
      <Icon name="star" />
      <div><b>{pin.name}</b> <span>{pin.text}</span></div>
      {live.can.value.moderate && (
        <button type="button" class="btn quiet icon-only" aria-label={t('chat.unpin')} title={t('chat.unpin')}
          onClick={() => void live.command('chat_pin', { n: pin.n, on: false })}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

/** Whom what is typed is for: '' = all, '*' = the hosts, else a person. */
function useRecipients(): { value: string; label: string }[] {
  const live = useLive();
  const can = live.can.value;
  const me = live.me.value.id;
  const list = can.moderate || live.place.value || !live.chatRules.value.on ? [{ value: '', label: t(live.place.value ? 'chat.toTable' : 'chat.forAll') }] : [];
  if (can.direct || can.direct_all || can.moderate) list.push({ value: '*', label: t('chat.toHosts') });
  for (const m of live.members.value.values()) {
    const leads = m.role === 'host' || m.role === 'cohost';
    if (m.id !== me && (can.direct_all || can.moderate || (can.direct && leads))) list.push({ value: m.id, label: m.name });
  }
  return list;
}

interface ComposerProps {
  reply: ChatLine | null;
  edit: ChatLine | null;
  onSent: () => void;
  onDone: () => void;
}

/* To a private line one answers privately: whoever wrote it, or the hosts. */
function answerTo(line: ChatLine, me: string): string {
  if (line.hosts) return line.by === me ? '*' : line.by;
  return line.who ? (line.by === me ? line.who : line.by) : '';
}

function Composer({ reply, edit, onSent, onDone }: ComposerProps) {
  const live = useLive();
  const [text, setText] = useState('');
  const [to, setTo] = useState('');
  const box = useRef<HTMLTextAreaElement>(null);
  const choice = useRecipients();
  useEffect(() => {
    if (edit) setText(edit.text);
    if (reply) setTo(answerTo(reply, live.me.peek().id));
    if (edit || reply) box.current?.focus();
  }, [edit, reply]);
  const may = choice.some((c) => c.value === to);
  const send = (): void => {
    const line = text.trim();
    if (!line || !may) return;
    setText('');
    if (edit) {
      void live.command('chat_edit', { n: edit.seq, text: line });
    } else {
      onSent();
      const manner = { ...(reply ? { re: reply.seq } : {}), ...(to === '*' ? { hosts: true } : to ? { who: to } : {}) };
      void live.outbox.add(line, manner);
    }
    onDone();
  };
  const drop = (): void => {
    if (edit) setText('');
    onDone();
  };
  const slow = live.chatRules.value.seconds;
  return (
    <form class="composer" onSubmit={(e) => {
      e.preventDefault();
      send();
    }}>
      {(reply || edit) && (
        <p class="composer-about">
          <span>{edit ? t('chat.editing') : t('chat.replying', { name: reply?.name ?? '' })}</span>
          <button type="button" class="btn quiet icon-only small-btn" aria-label={t('cancel')} onClick={drop}><Icon name="close" /></button>
        </p>
      )}
      {!edit && choice.length > 1 && (
        <label class={`composer-to${to ? ' private' : ''}`}>
          <span class="soft small">{t('chat.to')}</span>
          <select class="input" value={may ? to : ''} onChange={(e) => setTo(e.currentTarget.value)}>
            {!may && <option value="" disabled />}
            {choice.map((c) => <option key={c.value} value={c.value}>{c.label}</option>)}
          </select>
        </label>
      )}
      {slow > 0 && !live.can.value.moderate && <p class="composer-about soft small">{t('chat.slow', { count: slow })}</p>}
      <textarea class="input" ref={box} rows={1} value={text} maxLength={TEXT_MAX} placeholder={t('chat.hint')}
        aria-label={t('chat.hint')} enterkeyhint="send" onInput={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.code === 'Escape' && (reply || edit)) drop();
          if (e.code !== 'Enter' || e.shiftKey || e.isComposing) return;
          e.preventDefault();
          send();
        }} />
      <button class="btn primary icon-only" type="submit" disabled={text.trim() === '' || !may} aria-label={t('chat.send')} title={t('chat.send')}>
        <Icon name="send" />
      </button>
    </form>
  );
}
