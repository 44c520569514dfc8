/* formats — for the staff: all kinds of events, which are offered, and who changed what. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { dropFormat, formatList, turnFormat, type FormatLine, type KeptFormat } from '../api/formats';
import { locale, named, t } from '../i18n';
import { momentOf } from '../i18n/dates';
import { tf, type FormatsKey } from '../i18n/formats';
import { docOf, meaning } from '../plan/formats';
import { usualFirst } from '../plan/kinds';
import { forgetNames } from '../state/formats';
import { toast } from '../state/notices';
import { go } from '../state/route';
import { isStaff, session } from '../state/session';
import { Confirm, Dialog, Empty, Loading, Menu, MenuItem, Title } from '../widgets/basic';
import { Icon } from '../widgets/icons';
import { Show, useLoad } from '../widgets/load';
import { refusal } from './formatwords';
import '../styles/formats.css';

/** Turns one thing about a format, and says so. */
export async function turn(what: Promise<unknown>, then: () => void): Promise<void> {
  try {
    await what;
    forgetNames();
    toast(tf('done'), 'good');
    then();
  } catch (err) {
    toast(refusal(err), 'bad');
  }
}

export function Badges({ of: f }: { of: KeptFormat }) {
  return (
    <>
      {f.default && <span class="chip good">{tf('default')}</span>}
      {f.hidden && <span class="chip">{tf('hidden')}</span>}
      {!f.shipped && <span class="chip">{tf('own')}</span>}
      {f.shipped && f.changed && <span class="chip">{tf('changed')}</span>}
    </>
  );
}

/** Why it is not deleted, and what can be done instead. */
function Used({ of: f, onNo, onHide }: { of: KeptFormat; onNo: () => void; onHide: () => void }) {
  const title = tf('dropTitle', { name: named(f.name) });
  if (!f.hidden && !f.default) return <Confirm title={title} text={tf('refused.used')} yes={tf('hide')} onNo={onNo} onYes={onHide} />;
  return (
    <Dialog title={title} onClose={onNo} actions={<button type="button" class="btn primary" onClick={onNo}>{t('close')}</button>}>
      <p>{tf('refused.used')}</p>
    </Dialog>
  );
}

/** What can be done with a format besides changing it. */
export function Deeds({ of: f, onDone, onDropped }: { of: KeptFormat; onDone: () => void; onDropped: () => void }) {
  const [ask, setAsk] = useState<'restore' | 'drop' | null>(null);
  const name = named(f.name);
  return (
    <>
      <Menu label={tf('more', { name })} button={<Icon name="more" />}>
        {(close) => (
          <>
            <MenuItem icon="plus" onClick={() => (close(), go(`/admin/formats/new?from=${f.id}`))}>{tf('copy')}</MenuItem>
            {!f.default && !f.hidden && (
              <MenuItem icon="star" onClick={() => (close(), void turn(turnFormat(f.id, f.n, { default: true }), onDone))}>{tf('makeDefault')}</MenuItem>
            )}
            {!f.default && (
              <MenuItem icon={f.hidden ? 'check' : 'close'} onClick={() => (close(), void turn(turnFormat(f.id, f.n, { hidden: !f.hidden }), onDone))}>
                {tf(f.hidden ? 'show' : 'hide')}
              </MenuItem>
            )}
            {f.shipped && f.changed && <MenuItem icon="rewind" onClick={() => (close(), setAsk('restore'))}>{tf('restore')}</MenuItem>}
            {!f.shipped && <MenuItem icon="trash" danger onClick={() => (close(), setAsk('drop'))}>{tf('drop')}</MenuItem>}
          </>
        )}
      </Menu>
      {ask === 'restore' && (
        <Confirm title={tf('restoreTitle', { name })} text={tf('restoreText')} yes={tf('restore')} onNo={() => setAsk(null)}
          onYes={() => (setAsk(null), void turn(turnFormat(f.id, f.n, { restore: true }), onDone))} />
      )}
      {ask === 'drop' && (
        f.events > 0 ? (
          <Used of={f} onNo={() => setAsk(null)} onHide={() => (setAsk(null), void turn(turnFormat(f.id, f.n, { hidden: true }), onDone))} />
        ) : (
        <Confirm title={tf('dropTitle', { name })} text={tf('dropText')} yes={tf('drop')} danger onNo={() => setAsk(null)}
          onYes={() => (setAsk(null), void turn(dropFormat(f.id, f.n), onDropped))} />
        )
      )}
    </>
  );
}

function Row({ of: f, reload }: { of: KeptFormat; reload: () => void }) {
  const name = named(f.name);
  const said = named(f.about) || meaning(docOf(f)).slice(0, 2).map((m) => tf(`mean.${m}` as FormatsKey)).join(' ');
  return (
    <li class={f.hidden ? 'format-row is-hidden' : 'format-row'}>
      <div class="format-what">
        <h2>
          <a href={`/admin/formats/${f.id}`}>{name}</a>
        </h2>
        <p class="soft small">{said}</p>
        <p class="row small">
          <Badges of={f} />
          <span class="soft">{f.events ? tf('events', { count: f.events }) : tf('noEvents')}</span>
        </p>
      </div>
      <a class="btn quiet" href={`/admin/formats/new?from=${f.id}`} aria-label={tf('copyNamed', { name })}>
        {tf('copy')}
      </a>
      <Deeds of={f} onDone={reload} onDropped={reload} />
    </li>
  );
}

/** The last changes, newest first. */
export function Log({ of, names }: { of: readonly FormatLine[]; names?: Map<string, string> }) {
  if (!of.length) return null;
  return (
    <section class="section">
      <h2>{tf('log')}</h2>
      <ul class="format-log small">
        {of.map((l) => (
          <li key={l.n}>
            {names && <strong>{names.get(l.format) ?? l.format}: </strong>}
            {tf(`did.${l.did}`)} <span class="soft">· {l.by} · {momentOf(l.at)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** For the staff alone; the server says so, too. */
export function StaffOnly({ children }: { children: () => ComponentChildren }) {
  if (session.value === null) return <Loading />;
  if (isStaff.value) return <>{children()}</>;
  return (
    <Empty icon="lock" title={tf('notYou')}>
      <a class="btn primary" href="/signin?next=/admin/formats">
        {t('nav.signin')}
      </a>
    </Empty>
  );
}

function Whole() {
  const data = useLoad('formats', formatList);
  return (
    <Show of={data}>
      {({ formats, log }) => (
        <>
          <p class="soft lead">{tf('intro')}</p>
          <ul class="format-rows">
            {usualFirst(formats, (f) => named(f.name), locale()).map((f) => (
              <Row key={f.id} of={f} reload={data.reload} />
            ))}
          </ul>
          <Log of={log ?? []} names={new Map(formats.map((f) => [f.id, named(f.name)]))} />
        </>
      )}
    </Show>
  );
}

export function Formats() {
  return (
    <main id="main" class="page narrow">
      <Title text={tf('title')} />
      <StaffOnly>{() => <Whole />}</StaffOnly>
    </main>
  );
}
