/* frame — the head and foot of ordinary pages. */

import { t } from '../i18n';
import { lang, setLang, setTheme, theme, type Theme } from '../state/prefs';
import { go, place } from '../state/route';
import { isStaff, mayCreate, session, signOut, siteName, user } from '../state/session';
import { toast } from '../state/notices';
import { Menu, MenuItem } from './basic';
import { Icon } from './icons';

export function LangSwitch() {
  return (
    <div class="segmented" role="group" aria-label={t('lang.label')}>
      {(['uk', 'en'] as const).map((l) => (
        <button type="button" key={l} aria-pressed={lang.value === l} lang={l} onClick={() => setLang(l)}
          aria-label={l === 'uk' ? 'Українська' : 'English'}>
          {l === 'uk' ? 'УКР' : 'EN'}
        </button>
      ))}
    </div>
  );
}

const NEXT_THEME: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

export function ThemeSwitch() {
  const now = theme.value;
  return (
    <button type="button" class="btn quiet" onClick={() => setTheme(NEXT_THEME[now])}>
      <Icon name={now === 'dark' ? 'moon' : 'sun'} />
      {t(`theme.${now}`)}
    </button>
  );
}

function Account() {
  const u = user.value;
  if (!session.value) return null;
  if (!u) {
    const here = place.value.path;
    const back = here === '/signin' || here === '/' ? '' : `?next=${encodeURIComponent(here)}`;
    return (
      <a class="btn" href={`/signin${back}`}>
        {t('nav.signin')}
      </a>
    );
  }
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      go('/');
    } catch {
      toast(t('error.offline'), 'bad');
    }
  };
  return (
    <Menu label={t('nav.account', { name: u.name })} class="btn" button={
      <>
        <Icon name="user" />
        <span class="account-name">{u.name}</span>
      </>
    }>
      {(close) => (
        <>
          <MenuItem icon="calendar" onClick={() => (close(), go('/my'))}>
            {t('nav.my')}
          </MenuItem>
          {isStaff.value && (
            <MenuItem icon="settings" onClick={() => (close(), go('/admin/formats'))}>
              {t('nav.formats')}
            </MenuItem>
          )}
          <MenuItem icon="door" onClick={() => (close(), void leave())}>
            {t('nav.signout')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

export function Head() {
  const path = place.value.path;
  const current = (to: string): 'page' | undefined => (path === to ? 'page' : undefined);
  return (
    <header class="site-head">
      <a class="brand" href="/" aria-label={t('nav.home', { name: siteName.value })}>
        <img class="brand-mark" src="/favicon.svg" alt="" width="28" height="28" />
        <span class="brand-name">{siteName.value}</span>
      </a>
      <nav class="site-nav" aria-label={t('nav.label')}>
        <a href="/catalogue" aria-current={current('/catalogue')}>
          {t('nav.catalogue')}
        </a>
        <a href="/calendar" aria-current={current('/calendar')}>
          {t('nav.calendar')}
        </a>
        {user.value && (
          <a class="nav-my" href="/my" aria-current={current('/my')}>
            {t('nav.my')}
          </a>
        )}
      </nav>
      {mayCreate.value && (
        <a class="btn primary create" href="/events/new">
          <Icon name="plus" />
          <span class="create-name">{t('nav.create')}</span>
        </a>
      )}
      <Account />
    </header>
  );
}

export function Foot() {
  return (
    <footer class="site-foot">
      <span>{t('foot.text')}</span>
      <span class="row">
        <ThemeSwitch />
        <LangSwitch />
      </span>
    </footer>
  );
}
