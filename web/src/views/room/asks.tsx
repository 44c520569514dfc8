/* asks — the panel of questions: asked with a name or without, voted for, and for those who answer taken up, answered in
 * words, set aside, merged. A file of its own. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { timeOf } from '../../i18n/dates';
import { asksIn, type Ask } from '../../protocol/asks';
import { Menu, MenuItem } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import { Linked } from '../../widgets/linked';
import { useLive } from './context';

const TEXT_MAX = 500;
const ANSWER_MAX = 2000;
const MERGE_SHOWN = 12;
const STATES = ['open', 'answered', 'dismissed'] as const;

function AskForm() {
  const live = useLive();
  const [text, setText] = useState('');
  const [anonymous, setAnonymous] = useState(false);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    if (await live.talk.ask(text.trim(), anonymous)) setText('');
    setBusy(false);
  };
  return (
    <form class="ask-form" onSubmit={(e) => {
      e.preventDefault();
      if (text.trim() !== '' && !busy) void send();
    }}>
      <textarea class="input" rows={2} maxLength={TEXT_MAX} value={text} placeholder={t('ask.hint')} aria-label={t('ask.hint')}
        onInput={(e) => setText(e.currentTarget.value)} />
      <div class="row spread">
        {live.can.value.anonymous ? (
          <label class="check">
            <input type="checkbox" checked={anonymous} onChange={(e) => setAnonymous(e.currentTarget.checked)} />
            <span>{t('ask.anonymous')}</span>
          </label>
        ) : <span />}
        <button type="submit" class="btn primary" disabled={text.trim() === '' || busy}>{t('ask.send')}</button>
      </div>
    </form>
  );
}

function AnswerForm({ ask, onDone }: { ask: Ask; onDone: () => void }) {
  const live = useLive();
  const [text, setText] = useState(ask.answer);
  const send = async (): Promise<void> => {
    if (await live.command('ask_state', { n: ask.n, state: 'answered', text: text.trim() })) onDone();
  };
  return (
    <form class="ask-form" onSubmit={(e) => {
      e.preventDefault();
      if (text.trim() !== '') void send();
    }}>
      <textarea class="input" rows={2} maxLength={ANSWER_MAX} value={text} aria-label={t('ask.answerHint')}
        placeholder={t('ask.answerHint')} onInput={(e) => setText(e.currentTarget.value)} />
      <div class="row">
        <button type="submit" class="btn primary small-btn" disabled={text.trim() === ''}>{t('ask.publish')}</button>
        <button type="button" class="btn quiet small-btn" onClick={onDone}>{t('cancel')}</button>
      </div>
    </form>
  );
}

function AskMenu({ ask, onWrite }: { ask: Ask; onWrite: () => void }) {
  const live = useLive();
  const others = asksIn(live.asks.value, 'open', true).filter((a) => a.n !== ask.n && !a.waits).slice(0, MERGE_SHOWN);
  const set = (close: () => void, state: string) => () => {
    close();
    void live.command('ask_state', { n: ask.n, state });
  };
  return (
    <Menu label={t('ask.actions')} button={<Icon name="more" />}>
      {(close) => (
        <>
          <MenuItem icon="send" onClick={() => (close(), onWrite())}>{t('ask.write')}</MenuItem>
          {ask.state !== 'open' && <MenuItem icon="rewind" onClick={set(close, 'open')}>{t('ask.reopen')}</MenuItem>}
          {ask.state === 'open' && others.map((o) => (
            <MenuItem key={o.n} icon="link" onClick={() => (close(), void live.command('ask_merge', { n: ask.n, into: o.n }))}>
              {t('ask.merge', { text: o.text.slice(0, 40) })}
            </MenuItem>
          ))}
          {ask.state !== 'dismissed' && <MenuItem icon="close" danger onClick={set(close, 'dismissed')}>{t('ask.dismiss')}</MenuItem>}
        </>
      )}
    </Menu>
  );
}

function OneAsk({ ask }: { ask: Ask }) {
  const live = useLive();
  const [writing, setWriting] = useState(false);
  const answers = Boolean(live.can.value.answer);
  const moderates = Boolean(live.can.value.moderate);
  const own = live.talk.asked.value.has(ask.n);
  const mine = live.talk.votedFor.value.has(ask.n);
  const set = (state: string) => () => void live.command('ask_state', { n: ask.n, state });
  return (
    <li class={`ask${ask.state === 'live' ? ' now' : ''}`} data-ask={ask.n}>
      <button type="button" class="ask-vote" aria-pressed={mine} disabled={own || ask.waits || ask.state !== 'open' || !live.can.value.vote}
        aria-label={t('ask.vote', { count: ask.votes })} onClick={() => void live.talk.voteFor(ask.n, !mine)}>
        <span aria-hidden="true">▲</span>
        <b>{ask.votes}</b>
      </button>
      <div class="ask-body">
        <p class="line-head">
          <span class="line-name">{ask.name || t('ask.nobody')}</span>
          {own && <span class="chip">{t('ask.own')}</span>}
          {ask.waits && <span class="chip warn">{t(ask.state === 'dismissed' ? 'ask.isTurned' : moderates ? 'ask.waits' : 'ask.waitsForHost')}</span>}
          {ask.state === 'live' && <span class="chip good">{t('ask.now')}</span>}
          <time dateTime={new Date(ask.at).toISOString()}>{timeOf(ask.at)}</time>
        </p>
        <Linked text={ask.text} />
        {ask.answer && !writing && <div class="ask-answer"><Linked text={ask.answer} /></div>}
        {writing && <AnswerForm ask={ask} onDone={() => setWriting(false)} />}
        {ask.waits && moderates && (
          <div class="row">
            <button type="button" class="btn primary small-btn" onClick={set('open')}>{t('ask.letThrough')}</button>
            {ask.state === 'open' && <button type="button" class="btn small-btn" onClick={set('dismissed')}>{t('ask.dismiss')}</button>}
          </div>
        )}
        {answers && !ask.waits && !writing && (ask.state === 'open' || ask.state === 'live') && (
          <div class="row">
            <button type="button" class="btn small-btn" onClick={set(ask.state === 'open' ? 'live' : 'answered')}>
              {t(ask.state === 'open' ? 'ask.take' : 'ask.done')}
            </button>
          </div>
        )}
        {own && !answers && ask.state === 'open' && (
          <button type="button" class="text-btn" onClick={set('dismissed')}>{t('ask.withdraw')}</button>
        )}
      </div>
      {answers && !ask.waits && <AskMenu ask={ask} onWrite={() => setWriting(true)} />}
      {!answers && !own && !ask.waits && (
        <Menu label={t('ask.actions')} button={<Icon name="more" />}>
          {(close) => <MenuItem icon="warn" onClick={() => (close(), void live.order.report(ask.n))}>{t('order.report')}</MenuItem>}
        </Menu>
      )}
    </li>
  );
}

export function AsksPanel() {
  const live = useLive();
  const asks = live.asks.value;
  const answers = Boolean(live.can.value.answer);
  const [tab, setTab] = useState<(typeof STATES)[number]>('open');
  const [byVotes, setByVotes] = useState(true);
  const shown = asksIn(asks, tab, byVotes);
  return (
    <div class="polls">
      {live.can.value.ask && <AskForm />}
      {live.can.value.moderate ? (
        <label class="check">
          <input type="checkbox" checked={live.room.value.asksWait}
            onChange={(e) => void live.command('ask_rules', { on: e.currentTarget.checked })} />
          <span>{t('ask.hostsFirst')}</span>
        </label>
      ) : live.room.value.asksWait && live.can.value.ask && <p class="soft small">{t('ask.hostsFirstNote')}</p>}
      <div class="row spread ask-head">
        <div class="segmented" role="group" aria-label={t('ask.show')}>
          {STATES.filter((s) => s !== 'dismissed' || answers || asks.some((a) => a.waits && a.state === 'dismissed')).map((s) => (
            <button type="button" key={s} aria-pressed={tab === s} onClick={() => setTab(s)}>{t(`ask.state.${s}`)}</button>
          ))}
        </div>
        <button type="button" class="btn quiet small-btn" aria-pressed={byVotes} onClick={() => setByVotes(!byVotes)}>
          {t(byVotes ? 'ask.byVotes' : 'ask.byTime')}
        </button>
      </div>
      {shown.length === 0 && <p class="panel-empty">{t(`ask.none.${tab}`)}</p>}
      <ul aria-label={t('ask.title')}>
        {shown.map((a) => <OneAsk key={a.n} ask={a} />)}
      </ul>
    </div>
  );
}
