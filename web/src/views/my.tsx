/* my — events of the signed-in person: coming, past, and lessons begun. */

import * as api from '../api';
import { t } from '../i18n';
import { place } from '../state/route';
import { mayCreate, session, user } from '../state/session';
import { Empty, Loading, Title } from '../widgets/basic';
import { EventRow, LessonTile } from '../widgets/cards';
import { Show, useLoad } from '../widgets/load';
import { Pager } from '../widgets/pager';

async function loadMine(page: number) {
  const [upcoming, past, lessons] = await Promise.all([
    api.events({ when: 'upcoming', mine: 1 }),
    api.events({ when: 'past', mine: 1, page }),
    api.catalogue({ mine: 1 }),
  ]);
  const begun = lessons.lessons.filter((l) => (l.position_ms ?? 0) > 0 && (l.position_ms ?? 0) < l.duration_ms * 0.95);
  return { upcoming: upcoming.events, past, begun };
}

function Mine() {
  const page = Number(place.value.query.get('page') ?? 1) || 1;
  const data = useLoad(`mine ${page}`, () => loadMine(page));
  const me = user.value?.id;
  return (
    <Show of={data}>
      {({ upcoming, past, begun }) => (
        <>
          {begun.length > 0 && (
            <section class="section">
              <h2>{t('my.begun')}</h2>
              <ul class="tiles">
                {begun.map((l) => (
                  <LessonTile key={l.id} lesson={l} />
                ))}
              </ul>
            </section>
          )}
          <section class="section">
            <h2>{t('my.upcoming')}</h2>
            {upcoming.length === 0 ? (
              <Empty icon="calendar" title={t('my.none')}>
                <p>{mayCreate.value ? t('my.noneHost') : t('my.noneLearner')}</p>
                {mayCreate.value && (
                  <a class="btn primary" href="/events/new">
                    {t('nav.create')}
                  </a>
                )}
              </Empty>
            ) : (
              <ul class="event-rows">
                {upcoming.map((e) => (
                  <EventRow key={e.id} event={e} owner={e.host?.id === me} />
                ))}
              </ul>
            )}
          </section>
          {past.total > 0 && (
            <section class="section">
              <h2>{t('my.past')}</h2>
              <ul class="event-rows">
                {past.events.map((e) => (
                  <EventRow key={e.id} event={e} />
                ))}
              </ul>
              <Pager of={past} href={(n) => `/my?page=${n}`} />
            </section>
          )}
        </>
      )}
    </Show>
  );
}

export function My() {
  const known = session.value !== null;
  return (
    <main id="main" class="page">
      <Title text={t('my.title')} />
      {!known ? (
        <Loading />
      ) : user.value ? (
        <Mine />
      ) : (
        <Empty icon="user" title={t('my.signin')}>
          <a class="btn primary" href="/signin?next=/my">
            {t('nav.signin')}
          </a>
        </Empty>
      )}
    </main>
  );
}
