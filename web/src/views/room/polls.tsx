/* polls — the panel where questions to the room are answered, and for those who run them made, opened, closed and
 * shown. A file of its own: whoever never opens it never loads it. */

import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { isRight, type Poll, type PollAnswer } from '../../protocol/polls';
import { Icon } from '../../widgets/icons';
import { Linked } from '../../widgets/linked';
import { Result } from '../../widgets/result';
import { useLive } from './context';
import { PollEditor } from './polledit';

function Rank({ poll, order, onOrder }: { poll: Poll; order: number[]; onOrder: (v: number[]) => void }) {
  const move = (i: number, step: number): void => {
    const next = [...order];
    const [x] = next.splice(i, 1);
    next.splice(i + step, 0, x ?? 0);
    onOrder(next);
  };
  return (
    <ol class="poll-rank" aria-label={t('poll.rankHint')}>
      {order.map((o, i) => (
        <li key={o}>
          <span>{poll.options[o]}</span>
          <button type="button" class="btn quiet icon-only" disabled={i === 0} aria-label={t('poll.up', { name: poll.options[o] ?? '' })}
            onClick={() => move(i, -1)}>↑</button>
          <button type="button" class="btn quiet icon-only" disabled={i === order.length - 1}
            aria-label={t('poll.down', { name: poll.options[o] ?? '' })} onClick={() => move(i, 1)}>↓</button>
        </li>
      ))}
    </ol>
  );
}

function Choices({ poll, picks, onPicks }: { poll: Poll; picks: number[]; onPicks: (v: number[]) => void }) {
  const many = poll.kind === 'multiple';
  const scale = poll.kind === 'scale';
  const names = scale ? Array.from({ length: poll.steps }, (_, i) => String(i + 1)) : poll.options;
  const flip = (v: number): void => onPicks(many ? (picks.includes(v) ? picks.filter((x) => x !== v) : [...picks, v]) : [v]);
  return (
    <>
      <div class={scale ? 'poll-scale' : 'poll-choices'}>
        {names.map((name, i) => {
          const v = scale ? i + 1 : i;
          return (
            <label key={i} class="check">
              <input type={many ? 'checkbox' : 'radio'} name={`poll-${poll.n}`} checked={picks.includes(v)} onChange={() => flip(v)} />
              <span>{name}</span>
            </label>
          );
        })}
      </div>
      {scale && poll.options.length === 2 && (
        <p class="row spread soft small"><span>1 — {poll.options[0]}</span><span>{poll.steps} — {poll.options[1]}</span></p>
      )}
    </>
  );
}

function AnswerForm({ poll, given }: { poll: Poll; given: PollAnswer | undefined }) {
  const live = useLive();
  const [picks, setPicks] = useState<number[]>(given?.picks ?? (poll.kind === 'rank' ? poll.options.map((_, i) => i) : []));
  const [text, setText] = useState(given?.text ?? '');
  const [busy, setBusy] = useState(false);
  const ready = poll.kind === 'words' ? text.trim() !== '' : picks.length > 0;
  const send = async (): Promise<void> => {
    setBusy(true);
    await live.talk.answerPoll(poll.kind === 'words' ? { n: poll.n, text: text.trim() } : { n: poll.n, picks });
    setBusy(false);
  };
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      if (ready && !busy) void send();
    }}>
      {poll.kind === 'words' ? (
        <input class="input" value={text} maxLength={200} aria-label={t('poll.yourWords')} placeholder={t('poll.yourWords')}
          autocomplete="off" onInput={(e) => setText(e.currentTarget.value)} />
      ) : poll.kind === 'rank' ? (
        <Rank poll={poll} order={picks} onOrder={setPicks} />
      ) : (
        <Choices poll={poll} picks={picks} onPicks={setPicks} />
      )}
      <p class="soft small">{t(poll.anonymous ? 'poll.anonymous' : 'poll.named')}</p>
      <div class="row">
        <button type="submit" class="btn primary" disabled={!ready || busy}>{t(given ? 'poll.change' : 'poll.answer')}</button>
        {given && <span class="chip good" role="status">{t('poll.taken')}</span>}
      </div>
    </form>
  );
}

function HostTools({ poll, onEdit }: { poll: Poll; onEdit: () => void }) {
  const live = useLive();
  const act = (type: string, rest: Record<string, unknown> = {}) => () => void live.command(type, { n: poll.n, ...rest });
  return (
    <div class="row poll-tools">
      {poll.state === 'draft' && (
        <>
          <button type="button" class="btn primary small-btn" onClick={act('poll_open')}>{t('poll.open')}</button>
          <button type="button" class="btn small-btn" onClick={onEdit}>{t('poll.edit')}</button>
          <button type="button" class="btn quiet small-btn" onClick={act('poll_drop')}>{t('poll.drop')}</button>
        </>
      )}
      {poll.state === 'open' && (
        <button type="button" class="btn primary small-btn" onClick={act('poll_close')}>{t('poll.close')}</button>
      )}
      {poll.state === 'closed' && (
        <button type="button" class={`btn small-btn${poll.shown ? '' : ' primary'}`} onClick={act('poll_show', { on: !poll.shown })}>
          {t(poll.shown ? 'poll.unshow' : 'poll.show')}
        </button>
      )}
      {poll.state === 'closed' && poll.right.length > 0 && !poll.anonymous && (
        <button type="button" class="btn small-btn" onClick={() => void live.command('scores')}>{t('poll.scores')}</button>
      )}
    </div>
  );
}

function OnePoll({ poll }: { poll: Poll }) {
  const live = useLive();
  const [editing, setEditing] = useState(false);
  const runs = Boolean(live.can.value.poll);
  const given = live.talk.answers.value.get(poll.n);
  const hide = (text: string): void => void live.command('poll_hide', { n: poll.n, text });
  if (editing && poll.state === 'draft') return <PollEditor poll={poll} onDone={() => setEditing(false)} />;
  const sees = poll.shown || (runs && poll.state !== 'draft');
  return (
    <li class="poll" data-poll={poll.n}>
      <p class="row spread">
        <span class={`chip${poll.state === 'open' ? ' good' : ''}`}>{t(`poll.state.${poll.state}`)}</span>
        {runs && poll.shown && <span class="chip">{t('poll.isShown')}</span>}
      </p>
      <h2><Linked text={poll.text} /></h2>
      {poll.state === 'draft' && poll.options.length > 0 && <p class="soft small">{poll.options.join(' · ')}</p>}
      {poll.state === 'open' && live.can.value.vote && <AnswerForm poll={poll} given={given} />}
      {poll.state === 'closed' && !sees && <p class="soft">{t('poll.wait')}</p>}
      {sees && (
        <Result poll={poll} mine={given?.picks ?? []}
          {...(runs && poll.state === 'open' && poll.kind === 'words' ? { onHide: hide } : {})} />
      )}
      {poll.shown && poll.right.length > 0 && given && (
        <p class={`note ${isRight(poll, given) ? 'good' : 'warn'}`}>
          <Icon name={isRight(poll, given) ? 'check' : 'info'} />
          {isRight(poll, given) ? t('poll.wasRight', { count: poll.points || 1 }) : t('poll.wasWrong')}
        </p>
      )}
      {runs && <HostTools poll={poll} onEdit={() => setEditing(true)} />}
    </li>
  );
}

function Board() {
  const live = useLive();
  const scores = live.room.value.scores;
  if (!scores) return null;
  return (
    <section class="poll" aria-labelledby="scores-title">
      <h2 id="scores-title">{t('poll.scoresTitle')}</h2>
      {scores.names.length === 0 && <p class="soft">{t('poll.noScores')}</p>}
      <ol class="scores">
        {scores.names.map((name, i) => (
          <li key={i}><span>{name}</span> <b>{t('poll.points', { count: scores.counts[i] ?? 0 })}</b></li>
        ))}
      </ol>
    </section>
  );
}

export function PollsPanel() {
  const live = useLive();
  const polls = live.polls.value;
  const [making, setMaking] = useState(false);
  const runs = Boolean(live.can.value.poll);
  return (
    <div class="polls" role="group" aria-label={t('poll.title')} tabIndex={0}>
      {runs && !making && (
        <p class="poll"><button type="button" class="btn" onClick={() => setMaking(true)}><Icon name="plus" />{t('poll.new')}</button></p>
      )}
      {making && <PollEditor onDone={() => setMaking(false)} />}
      <Board />
      {polls.length === 0 && !making && <p class="panel-empty">{t('poll.none')}</p>}
      <ul aria-label={t('poll.title')}>
        {[...polls].reverse().map((p) => <OnePoll key={p.n} poll={p} />)}
      </ul>
    </div>
  );
}
