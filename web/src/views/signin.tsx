/* signin — by e-mail and password; registering where the server allows it. */

import { useState } from 'preact/hooks';
import * as api from '../api';
import { ApiError } from '../api/client';
import { errorText, t } from '../i18n';
import { go, place } from '../state/route';
import { adopt, session } from '../state/session';
import { Field, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';

function problemText(e: unknown): string {
  if (e instanceof ApiError && e.code === 'auth') return t('signin.wrong');
  if (e instanceof ApiError && e.code === 'rate') {
    return t('signin.tooMany', { count: Math.max(1, Math.ceil(e.retryMs / 60_000)) });
  }
  if (e instanceof ApiError && e.code === 'conflict') return t('signin.taken');
  return errorText(e);
}

/** Only an address of this site: `next` comes from the address bar. */
function nextPage(): string {
  const next = place.peek().query.get('next') ?? '';
  return /^\/(?![/\\])/.test(next) ? next : '/';
}

export function SignIn() {
  const [isNew, setNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const mayRegister = session.value?.server.register ?? false;
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    const word = (k: string): string => String(form.get(k) ?? '');
    setBusy(true);
    setWrong('');
    try {
      const s = isNew
        ? await api.register(word('name').trim(), word('email').trim(), word('password'))
        : await api.signIn(word('email').trim(), word('password'));
      adopt(s);
      go(nextPage(), { replace: true });
    } catch (err) {
      setWrong(problemText(err));
      setBusy(false);
    }
  };
  return (
    <main id="main" class="page narrow">
      <form class="card form signin" onSubmit={(e) => void submit(e)}>
        <Title text={isNew ? t('signin.newTitle') : t('signin.title')} />
        {/* The key keeps it apart from other paragraphs: taken for one of them, it would shift the fields and what is typed. */}
        {wrong !== '' && (
          <p key="wrong" class="note bad" role="alert">
            <Icon name="warn" />
            {wrong}
          </p>
        )}
        {isNew && (
          <Field label={t('signin.name')}>
            {(a) => <input {...a} class="input" name="name" required maxLength={80} autocomplete="name" />}
          </Field>
        )}
        <Field label={t('signin.email')}>
          {(a) => <input {...a} class="input" name="email" type="email" required autocomplete="username" />}
        </Field>
        <Field label={t('signin.password')} hint={isNew ? t('signin.passwordHint') : undefined}>
          {(a) => (
            <input {...a} class="input" name="password" type="password" required minLength={isNew ? 8 : 1}
              autocomplete={isNew ? 'new-password' : 'current-password'} />
          )}
        </Field>
        <button class="btn primary large" type="submit" disabled={busy}>
          {busy ? t('wait') : isNew ? t('signin.create') : t('signin.go')}
        </button>
        {mayRegister && (
          <button class="btn quiet" type="button" onClick={() => setNew(!isNew)}>
            {isNew ? t('signin.haveAccount') : t('signin.noAccount')}
          </button>
        )}
        <p class="soft small">{t('signin.guests')}</p>
      </form>
    </main>
  );
}
