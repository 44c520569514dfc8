/* people — who is here: those waiting at the door, hands in the order they went up, then everybody; for hosts, what
 * can be done about each. */

import { useMemo, useState } from 'preact/hooks';
import { locale, t } from '../../i18n';
import { listed, peopleInOrder } from '../../protocol/room';
import type { Member, Role, Source } from '../../protocol/types';
import { Confirm, Menu, MenuItem } from '../../widgets/basic';
import { Icon } from '../../widgets/icons';
import { memo } from '../../widgets/memo';
import { AtDoor } from './door';
import { Reports } from './reports';
import { useLive } from './context';

const RANK: Record<Role, number> = { host: 3, cohost: 2, speaker: 1, attendee: 0 };
const SHOWN_MAX = 300;
/* From so many on, finding somebody by eye takes longer than typing. */
const SEARCH_FROM = 15;

function PersonMenu({ m }: { m: Member }) {
  const live = useLive();
  const [asking, setAsking] = useState<{ ban: boolean } | null>(null);
  const can = live.can.value;
  const mine = live.self.value?.role ?? 'attendee';
  const below = RANK[m.role] < RANK[mine];
  const act = (close: () => void, type: string, fields: Record<string, unknown>) => () => {
    close();
    void live.command(type, fields);
  };
  if (!can.moderate) return null;
  const spot = live.spotlight.value === m.id;
  return (
    <>
      <Menu label={t('people.actions', { name: m.name })} button={<Icon name="more" />}>
        {(close) => (
          <>
            {!m.stage && m.hand > 0 && (
              <MenuItem icon="mic" onClick={act(close, 'stage', { who: m.id })}>{t('people.give')}</MenuItem>
            )}
            {!m.stage && m.hand === 0 && !m.invited && (
              <MenuItem icon="mic" onClick={act(close, 'invite', { who: m.id })}>{t('people.invite')}</MenuItem>
            )}
            {m.hand > 0 && (
              <MenuItem icon="hand" onClick={act(close, 'lower', { who: m.id })}>{t('people.lower')}</MenuItem>
            )}
            {m.sources.includes('mic') && (
              <MenuItem icon="mic" onClick={act(close, 'mute_ask', { who: m.id })}>{t('people.muteAsk')}</MenuItem>
            )}
            {m.sources.includes('mic') && (
              <MenuItem icon="micOff" onClick={act(close, 'mute', { who: m.id, source: 'mic' })}>{t('people.mute')}</MenuItem>
            )}
            {m.sources.includes('camera') && (
              <MenuItem icon="cameraOff" onClick={act(close, 'mute', { who: m.id, source: 'camera' })}>
                {t('people.stopCamera')}
              </MenuItem>
            )}
            {m.sources.includes('content') && (
              <MenuItem icon="cameraOff" onClick={act(close, 'mute', { who: m.id, source: 'content' })}>
                {t('people.stopContent')}
              </MenuItem>
            )}
            {m.sources.includes('screen') && (
              <MenuItem icon="screen" onClick={act(close, 'mute', { who: m.id, source: 'screen' })}>
                {t('people.stopScreen')}
              </MenuItem>
            )}
            {m.stage && (
              <MenuItem icon="star" onClick={act(close, 'spotlight', { who: spot ? '' : m.id })}>
                {t(spot ? 'people.unspot' : 'people.spot')}
              </MenuItem>
            )}
            {m.stage && (
              <MenuItem icon="headphones" onClick={act(close, 'unstage', { who: m.id })}>{t('people.unstage')}</MenuItem>
            )}
            {(m.role === 'attendee' || m.captioner) && (
              <MenuItem icon="captions" onClick={act(close, 'captioner', { who: m.id, on: !m.captioner })}>
                {t(m.captioner ? 'cc.take' : 'cc.give')}
              </MenuItem>
            )}
            {can.grant && below && m.role !== 'cohost' && (
              <MenuItem icon="people" onClick={act(close, 'role', { who: m.id, role: 'cohost' })}>
                {t('people.makeCohost')}
              </MenuItem>
            )}
            {can.grant && below && m.role === 'attendee' && (
              <MenuItem icon="mic" onClick={act(close, 'role', { who: m.id, role: 'speaker' })}>
                {t('people.makeSpeaker')}
              </MenuItem>
            )}
            {can.grant && below && m.role !== 'attendee' && (
              <MenuItem icon="user" onClick={act(close, 'role', { who: m.id, role: 'attendee' })}>
                {t('people.makeAttendee')}
              </MenuItem>
            )}
            {below && (
              <>
                <hr />
                <MenuItem icon="door" danger onClick={() => (close(), setAsking({ ban: false }))}>{t('people.remove')}</MenuItem>
                <MenuItem icon="lock" danger onClick={() => (close(), setAsking({ ban: true }))}>{t('people.ban')}</MenuItem>
              </>
            )}
          </>
        )}
      </Menu>
      {asking && (
        <Confirm title={t('people.removeTitle', { name: m.name })} text={t(asking.ban ? 'people.banText' : 'people.removeText')}
          yes={t(asking.ban ? 'people.ban' : 'people.remove')} danger onNo={() => setAsking(null)} onYes={() => {
            setAsking(null);
            void live.command('remove', asking.ban ? { who: m.id, ban: true } : { who: m.id });
          }} />
      )}
    </>
  );
}

/** What somebody sends, as signs and in words. */
function SourceMark({ m }: { m: Member }) {
  const has = (s: Source): boolean => m.sources.includes(s);
  const words = [has('camera') ? t('people.cameraOn') : '', has('screen') ? t('people.sharing') : '',
    has('mic') ? t('people.micOn') : m.stage ? t('stage.micOff') : ''].filter(Boolean);
  if (words.length === 0) return null;
  return (
    <span class="someone-marks" title={words.join(', ')}>
      {has('screen') && <Icon name="screen" />}
      {has('camera') && <Icon name="camera" />}
      {has('mic') ? <Icon name="mic" /> : m.stage && <Icon name="micOff" />}
      <span class="hidden-text">{words.join(', ')}</span>
    </span>
  );
}

/** In words, for who moderates: what is wrong with somebody's line. */
function LineMark({ m }: { m: Member }) {
  const live = useLive();
  const w = live.weakLines.value.get(m.id);
  if (!w || !live.can.value.moderate) return null;
  const words = [w.loss >= 0.03 ? t('people.lineLoss', { n: Math.round(w.loss * 100) }) : '',
    w.rtt_ms >= 400 ? t('people.lineLate', { n: w.rtt_ms }) : '',
    w.freeze_ms >= 500 ? t('people.lineFrozen', { n: Math.round(w.freeze_ms / 100) / 10 }) : ''].filter(Boolean);
  const title = [t(`people.line.${w.line}`), words.join(', ')].filter(Boolean).join(': ');
  return (
    <span class={`someone-line line-${w.line}`} title={title}>
      <Icon name="signal" />
      <span class="small">{t(`people.line.${w.line}`)}</span>
      <span class="hidden-text">{words.join(', ')}</span>
    </span>
  );
}

/** Being on stage says something only where some listeners are not. */
const stageTells = (all: readonly Member[]): boolean => all.some((m) => m.role === 'attendee' && !m.stage);

const Person = memo(({ m, place, tells }: { m: Member; place: number; tells: boolean }) => {
  const live = useLive();
  const self = m.id === live.me.value.id;
  return (
    <li class={`someone${m.hand > 0 ? ' raised' : ''}`} data-who={m.id}>
      {m.hand > 0 && (
        <span class="hand-mark" title={t('people.handNo', { n: place })}>
          <Icon name="hand" />
          <span class="hidden-text">{t('people.handNo', { n: place })}</span>
        </span>
      )}
      <span class="someone-name">
        <span>{self ? t('stage.you', { name: m.name }) : m.name}</span>
        <span class="soft small">
          {[m.role === 'attendee' ? '' : t(`role.${m.role}`), m.stage && m.role === 'attendee' && tells ? t('people.onStage') : '',
            m.invited ? t('people.invited') : ''].filter(Boolean).join(' · ')}
        </span>
      </span>
      <LineMark m={m} />
      <SourceMark m={m} />
      {!self && <PersonMenu m={m} />}
      {m.hand > 0 && live.can.value.moderate && (
        <button type="button" class="btn small-btn someone-act"
          onClick={() => void live.command(m.stage ? 'lower' : 'stage', { who: m.id })}>
          {t(m.stage ? 'people.lower' : 'people.give')}
        </button>
      )}
    </li>
  );
});

export function PeoplePanel() {
  const live = useLive();
  const room = live.room.value;
  const you = live.me.value.id, moderates = live.can.value.moderate === true;
  const members = useMemo(() => listed(room, you, moderates), [room.members, room.partial, you, moderates]);
  const hands = live.hands.value;
  const [find, setFind] = useState('');
  const all = useMemo(() => peopleInOrder(members, hands, locale()), [members, hands, locale()]);
  const tells = stageTells(all);
  const wanted = find.trim().toLocaleLowerCase(locale());
  const found = wanted ? all.filter((m) => m.name.toLocaleLowerCase(locale()).includes(wanted)) : all;
  return (
    <div class="people">
      <Reports />
      <AtDoor />
      <div class="row spread people-head">
        <p class="soft small">{t('people.count', { count: live.count.value })}</p>
        {hands.length > 0 && live.can.value.moderate && (
          <button type="button" class="btn quiet small-btn" onClick={() => void live.command('lower', { who: '*' })}>
            {t('people.lowerAll')}
          </button>
        )}
      </div>
      {all.length >= SEARCH_FROM && (
        <div class="people-find">
          <input class="input" type="search" value={find} placeholder={t('people.find')} aria-label={t('people.find')}
            autocomplete="off" onInput={(e) => setFind(e.currentTarget.value)} />
        </div>
      )}
      {found.length === 0 && <p class="panel-empty" role="status">{t('people.noneFound')}</p>}
      <ul aria-label={t('people.title')}>
        {found.slice(0, SHOWN_MAX).map((m) => (
          <Person key={m.id} m={m} place={hands.indexOf(m.id) + 1} tells={tells} />
        ))}
      </ul>
      {found.length > SHOWN_MAX && <p class="panel-empty">{t('people.more', { count: found.length - SHOWN_MAX })}</p>}
      {live.partial.value && <p class="panel-empty">{t('people.partial')}</p>}
    </div>
  );
}
