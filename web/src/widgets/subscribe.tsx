/* subscribe — the address of a calendar for people's own calendar programs: of a space, or one's own and secret. */

import { useState } from 'preact/hooks';
import { dropFeed, feed, newFeed, spaceFeed } from '../api/plan';
import { errorText, t } from '../i18n';
import { tp } from '../i18n/plan';
import { spaceName } from '../state/formats';
import { toast } from '../state/notices';
import { user } from '../state/session';
import { CopyButton, Dialog } from './basic';
import { Icon } from './icons';
import { Show, useLoad } from './load';

function Address({ url }: { url: string }) {
  return (
    <div class="stack">
      <input class="input" readOnly value={url} aria-label={tp('cal.address')} onFocus={(e) => e.currentTarget.select()} />
      <CopyButton text={url} label={tp('cal.copy')} primary />
    </div>
  );
}

function Own() {
  const data = useLoad('feed', async () => ({ url: await feed() }));
  const act = async (what: () => Promise<string | null | void>): Promise<void> => {
    try {
      data.set({ url: (await what()) ?? null });
    } catch (e) {
      toast(errorText(e), 'bad');
    }
  };
  return (
    <Show of={data}>
      {({ url }) => (
        <div class="stack wide">
          <p>{tp('cal.subscribeText')}</p>
          {url && <Address url={url} />}
          <div class="row">
            <button type="button" class={url ? 'btn' : 'btn primary'} onClick={() => void act(newFeed)}>
              {tp(url ? 'cal.renew' : 'cal.make')}
            </button>
            {url && (
              <button type="button" class="btn quiet" onClick={() => void act(dropFeed)}>
                {tp('cal.revoke')}
              </button>
            )}
          </div>
        </div>
      )}
    </Show>
  );
}

export function Subscribe({ space }: { space: string }) {
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <>
      <button type="button" class="btn" onClick={() => setOpen(true)}>
        <Icon name="calendar" />
        {tp('cal.subscribe')}
      </button>
      {open && (
        <Dialog title={tp('cal.subscribe')} onClose={close} actions={
          <button type="button" class="btn" onClick={close}>
            {t('close')}
          </button>
        }>
          {space && (
            <div class="stack wide">
              <p>{tp('cal.subscribeSpace', { name: spaceName(space) })}</p>
              <Address url={spaceFeed(space)} />
            </div>
          )}
          {user.value ? <Own /> : !space && <p>{tp('cal.signin')}</p>}
        </Dialog>
      )}
    </>
  );
}
