/* app — which page is shown at which address. Pages that not everybody opens are files of their own. */

import type { ComponentChildren, ComponentType } from 'preact';
import { t } from '../i18n';
import { match, place } from '../state/route';
import { Empty, Toasts } from '../widgets/basic';
import { lazy } from '../widgets/load';
import { Foot, Head } from '../widgets/frame';
import { Home } from './home';

type Params = Record<string, string>;
type View = ComponentType<{ params: Params }>;

const Catalogue: View = lazy(async () => (await import('./catalogue')).Catalogue);
const SignIn: View = lazy(async () => (await import('./signin')).SignIn);
const NewEvent: View = lazy(async () => (await import('./create')).Create);
const EventPage: View = lazy(async () => (await import('./event')).EventPage);
const Join: View = lazy(async () => (await import('./join')).Join);
const RoomPage: View = lazy(async () => (await import('./room')).RoomPage);
const AttendancePage: View = lazy(async () => (await import('./attendance')).AttendancePage);
const ModerationPage: View = lazy(async () => (await import('./moderation')).ModerationPage);
const Calendar: View = lazy(async () => (await import('./calendar')).Calendar);
const Roster: View = lazy(async () => (await import('./roster')).Roster);
const Registered: View = lazy(async () => (await import('./registered')).Registered);
const Edit: View = lazy(async () => (await import('./edit')).Edit);
const Formats: View = lazy(async () => (await import('./formats')).Formats);
const FormatPage: View = lazy(async () => (await import('./formatedit')).FormatPage);
const My: View = lazy(async () => (await import('./my')).My);

const PAGES: { pattern: string; view: View; bare?: boolean }[] = [
  { pattern: '/', view: Home },
  { pattern: '/catalogue', view: Catalogue },
  { pattern: '/signin', view: SignIn },
  { pattern: '/events/new', view: NewEvent },
  { pattern: '/calendar', view: Calendar },
  { pattern: '/e/:id', view: EventPage },
  { pattern: '/e/:id/edit', view: Edit },
  { pattern: '/e/:id/registered', view: Roster },
  { pattern: '/r/:code', view: Registered },
  { pattern: '/e/:id/join', view: Join },
  { pattern: '/e/:id/room', view: RoomPage, bare: true },
  { pattern: '/e/:id/attendance', view: AttendancePage },
  { pattern: '/e/:id/moderation', view: ModerationPage },
  { pattern: '/my', view: My },
  { pattern: '/admin/formats', view: Formats },
  { pattern: '/admin/formats/:id', view: FormatPage },
];

function Missing() {
  return (
    <main id="main" class="page">
      <Empty whole icon="search" title={t('missing.title')}>
        <p>{t('missing.text')}</p>
        <a class="btn primary" href="/">
          {t('missing.home')}
        </a>
      </Empty>
    </main>
  );
}

function Frame({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <Head />
      {children}
      <Foot />
    </>
  );
}

export function App() {
  const { path } = place.value;
  for (const page of PAGES) {
    const params = match(page.pattern, path);
    if (!params) continue;
    const View = page.view;
    const view = <View key={path} params={params} />;
    return (
      <>
        {page.bare ? view : <Frame>{view}</Frame>}
        <Toasts />
      </>
    );
  }
  return (
    <>
      <Frame>
        <Missing />
      </Frame>
      <Toasts />
    </>
  );
}
