/* cards — an event or a lesson in a list. */

import { t } from '../i18n';
import { typeset } from '../i18n/format';
import { clock, dateOf, dayOf, momentOf, spanOf, timeOf } from '../i18n/dates';
import type { EventDoc, LessonCard } from '../api/types';
import { formatName } from '../state/formats';
import { Icon } from './icons';

export function Poster({ src, title }: { src: string | null; title: string }) {
  if (src) return <img src={src} alt="" loading="lazy" decoding="async" width="320" height="180" />;
  /* A quiet plate whose shade depends on the title, so that a list of lessons without pictures is not all alike. */
  let hash = 0;
  for (const c of title) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) % 5;
  return (
    <span class={`plate plate-${hash}`} aria-hidden="true">
      {[...title.trim()][0]?.toLocaleUpperCase() ?? ''}
    </span>
  );
}

export function LessonTile({ lesson: l }: { lesson: LessonCard }) {
  const part = l.position_ms && l.duration_ms ? Math.min(1, l.position_ms / l.duration_ms) : 0;
  return (
    <li class="tile">
      <a class="tile-link" href={`/e/${l.id}`}>
        <span class="tile-picture">
          <Poster src={l.poster} title={l.title} />
          {l.state === 'live' ? (
            <span class="chip live tile-badge">{t('badge.live')}</span>
          ) : (
            <span class="tile-badge tile-length" aria-hidden="true">{clock(l.duration_ms)}</span>
          )}
          {part > 0.01 && <progress class="tile-progress" max={1} value={part} aria-label={t('card.watched')} />}
        </span>
        <span class="tile-title">
          {typeset(l.title)}
          {l.state !== 'live' && <span class="hidden-text">, {clock(l.duration_ms)}</span>}
        </span>
      </a>
      <p class="tile-about">
        {l.host?.name && <span>{l.host.name}</span>}
        <span>{[formatName(l.format), dateOf(l.recorded_at)].filter(Boolean).join(' · ')}</span>
      </p>
    </li>
  );
}

function Badge({ event: e }: { event: EventDoc }) {
  if (e.state === 'open') {
    return (
      <span class="chip live">
        <span class="dot pulse" aria-hidden="true" />
        {t('badge.live')}
      </span>
    );
  }
  if (e.cancelled) return <span class="chip">{t('badge.off')}</span>;
  if (e.state === 'ended') return <span class="chip">{t('badge.ended')}</span>;
  return null;
}

/* The way into a room is offered beside an event of today, not of next week. */
const SOON_MS = 12 * 3_600_000;
const isSoon = (e: EventDoc): boolean => (e.starts_at ?? 0) < Date.now() + SOON_MS;

export function EventRow({ event: e, owner }: { event: EventDoc; owner?: boolean }) {
  const at = e.starts_at ?? e.created_at;
  return (
    <li class="event-row">
      <time class="event-when" dateTime={new Date(at).toISOString()}>
        <strong>{dayOf(at)}</strong>
        <span>{timeOf(at)}</span>
      </time>
      <div class="event-what">
        <h3>
          <a href={`/e/${e.id}`}>{typeset(e.title)}</a>
        </h3>
        <p class="soft small">
          {[formatName(e.format), e.host?.name, spanOf(e.duration_min * 60_000)].filter(Boolean).join(' · ')}
        </p>
      </div>
      <div class="row">
        <Badge event={e} />
        {e.lesson && e.state === 'ended' && (
          <span class="chip good">
            <Icon name="play" />
            {t('badge.recorded')}
          </span>
        )}
        {owner && e.state === 'scheduled' && isSoon(e) && (
          <a class="btn" href={`/e/${e.id}/join`}>
            {t('event.openRoom')}
          </a>
        )}
      </div>
    </li>
  );
}

export function LiveCard({ event: e }: { event: EventDoc }) {
  return (
    <li class="live-card">
      <div class="row">
        <span class="chip live">
          <span class="dot pulse" aria-hidden="true" />
          {t('badge.live')}
        </span>
        {e.live && <span class="soft small">{t('live.people', { count: e.live.count })}</span>}
      </div>
      <h3>
        <a href={`/e/${e.id}`}>{typeset(e.title)}</a>
      </h3>
      <p class="soft">{[e.host?.name, momentOf(e.opened_at ?? e.starts_at ?? e.created_at)].filter(Boolean).join(' · ')}</p>
      <a class="btn primary" href={`/e/${e.id}/join`}>
        {t('event.join')}
      </a>
    </li>
  );
}
