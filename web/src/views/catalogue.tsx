/* catalogue — all lessons a person may watch, searched and narrowed; the question lives in the address. */

import { useEffect } from 'preact/hooks';
import * as api from '../api';
import { named, t } from '../i18n';
import { formats, loadNames, spaces } from '../state/formats';
import { go, place } from '../state/route';
import { Empty, Title } from '../widgets/basic';
import { LessonTile } from '../widgets/cards';
import { Show, useLoad } from '../widgets/load';
import { Pager } from '../widgets/pager';
import { SearchForm } from './home';

function href(change: Record<string, string>): string {
  const q = new URLSearchParams(place.peek().query);
  for (const [k, v] of Object.entries(change)) {
    if (v) q.set(k, v);
    else q.delete(k);
  }
  const s = q.toString();
  return s ? `/catalogue?${s}` : '/catalogue';
}

function Narrow(p: { label: string; name: string; value: string; options: { id: string; name: { uk: string; en: string } }[] }) {
  return (
    <label class="narrow">
      <span class="hidden-text">{p.label}</span>
      <select class="input" value={p.value} onChange={(e) => go(href({ [p.name]: e.currentTarget.value, page: '' }))}>
        <option value="">{p.label}</option>
        {p.options.map((o) => (
          <option key={o.id} value={o.id}>
            {named(o.name)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Catalogue() {
  const query = place.value.query;
  const ask = {
    q: query.get('q') ?? '',
    space: query.get('space') ?? '',
    format: query.get('format') ?? '',
    page: Number(query.get('page') ?? 1) || 1,
  };
  const data = useLoad(JSON.stringify(ask), () => api.catalogue(ask));
  useEffect(() => void loadNames(), []);
  return (
    <main id="main" class="page">
      <Title text={ask.q ? t('catalogue.found', { q: ask.q }) : t('catalogue.title')} />
      <div class="filters" key={ask.q}>
        <SearchForm value={ask.q} />
        <div class="row">
          <Narrow label={t('catalogue.anySpace')} name="space" value={ask.space} options={[...spaces.value]} />
          <Narrow label={t('catalogue.anyFormat')} name="format" value={ask.format} options={[...formats.value]} />
        </div>
      </div>
      <Show of={data}>
        {(found) =>
          found.lessons.length === 0 ? (
            <Empty icon="search" title={t('catalogue.none')}>
              <p>{ask.q ? t('catalogue.noneFor') : t('home.noLessonsText')}</p>
              {(ask.q || ask.space || ask.format) && (
                <a class="btn" href="/catalogue">
                  {t('catalogue.clear')}
                </a>
              )}
            </Empty>
          ) : (
            <>
              <p class="soft" role="status">
                {t('catalogue.count', { count: found.total })}
              </p>
              <ul class="tiles">
                {found.lessons.map((l) => (
                  <LessonTile key={l.id} lesson={l} />
                ))}
              </ul>
              <Pager of={found} href={(page) => href({ page: String(page) })} />
            </>
          )
        }
      </Show>
    </main>
  );
}
