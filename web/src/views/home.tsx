/* home — what is live now, what comes next, what was recorded last, and a search over it all. */

import { useEffect } from 'preact/hooks';
import * as api from '../api';
import { t } from '../i18n';
import { go } from '../state/route';
import { mayCreate, user } from '../state/session';
import { Empty, Title } from '../widgets/basic';
import { EventRow, LessonTile, LiveCard } from '../widgets/cards';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';

const REFRESH_MS = 30_000;

export function SearchForm({ value = '' }: { value?: string }) {
  const submit = (e: SubmitEvent): void => {
    e.preventDefault();
    const q = String(new FormData(e.currentTarget as HTMLFormElement).get('q') ?? '').trim();
    go(q ? `/catalogue?q=${encodeURIComponent(q)}` : '/catalogue');
  };
  return (
    <form class="search" role="search" action="/catalogue" onSubmit={submit}>
      <label class="hidden-text" for="search-q">
        {t('search.label')}
      </label>
      <input id="search-q" class="input" type="search" name="q" defaultValue={value} placeholder={t('search.hint')}
        autocomplete="off" enterkeyhint="search" />
      <button class="btn" type="submit">
        <Icon name="search" />
        <span class="search-word">{t('search.go')}</span>
      </button>
    </form>
  );
}

async function loadHome() {
  const [live, upcoming, lessons] = await Promise.all([
    api.events({ when: 'live' }),
    api.events({ when: 'upcoming' }),
    api.catalogue({}),
  ]);
  return {
    live: live.events,
    upcoming: upcoming.events.filter((e) => e.state === 'scheduled').slice(0, 6),
    lessons: lessons.lessons.slice(0, 8),
  };
}

export function Home() {
  const who = user.value?.id ?? '';
  const data = useLoad(`home ${who}`, loadHome);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && data.reload(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [data.reload]);
  return (
    <main id="main" class="page">
      <section class="hero">
        <Title text={t('home.title')} />
        <p class="hero-text">{t('home.text')}</p>
        <SearchForm />
      </section>
      <Show of={data}>
        {({ live, upcoming, lessons }) => (
          <>
            {live.length > 0 && (
              <section class="section" aria-labelledby="home-live">
                <h2 id="home-live">{t('home.live')}</h2>
                <ul class="live-cards">
                  {live.map((e) => (
                    <LiveCard key={e.id} event={e} />
                  ))}
                </ul>
              </section>
            )}
            <section class="section" aria-labelledby="home-next">
              <h2 id="home-next">{t('home.upcoming')}</h2>
              {upcoming.length > 0 ? (
                <ul class="event-rows">
                  {upcoming.map((e) => (
                    <EventRow key={e.id} event={e} />
                  ))}
                </ul>
              ) : (
                <p class="soft">{t('home.noUpcoming')}</p>
              )}
            </section>
            <section class="section" aria-labelledby="home-new">
              <div class="row spread">
                <h2 id="home-new">{t('home.recent')}</h2>
                {lessons.length > 0 && <a href="/catalogue">{t('home.all')}</a>}
              </div>
              {lessons.length > 0 ? (
                <ul class="tiles">
                  {lessons.map((l) => (
                    <LessonTile key={l.id} lesson={l} />
                  ))}
                </ul>
              ) : (
                <Empty icon="book" title={t('home.noLessons')}>
                  <p>{t('home.noLessonsText')}</p>
                  {mayCreate.value && (
                    <a class="btn primary" href="/events/new">
                      {t('nav.create')}
                    </a>
                  )}
                </Empty>
              )}
            </section>
          </>
        )}
      </Show>
    </main>
  );
}
