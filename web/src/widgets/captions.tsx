/* captions — how they look (size and colours, as the viewer sets them) and where that is set; for the room and for a
 * lesson. Screen readers are told nothing by themselves: who listens hears the voice already. */

import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { captionColours, captionSize, COLOURS, setCaptionColours, setCaptionSize, SIZES } from '../state/captions';
import { Menu } from './basic';
import { Icon } from './icons';
import '../styles/captions.css';

export function CaptionText({ children, class: more = '' }: { children: ComponentChildren; class?: string }) {
  return (
    <div class={`cc cc-${captionSize.value} cc-${captionColours.value} ${more}`} role="region" aria-label={t('cc.title')} aria-live="off">
      {children}
    </div>
  );
}

/** Choices of size and colours, as items of a menu. */
export function CaptionLook({ close }: { close: () => void }) {
  return (
    <>
      {SIZES.map((s) => (
        <button type="button" key={s} role="menuitemradio" aria-checked={s === captionSize.value} onClick={() => (close(), setCaptionSize(s))}>
          <span class="tick">{s === captionSize.value && <Icon name="check" />}</span>
          {t(`cc.size.${s}`)}
        </button>
      ))}
      <hr />
      {COLOURS.map((c) => (
        <button type="button" key={c} role="menuitemradio" aria-checked={c === captionColours.value} onClick={() => (close(), setCaptionColours(c))}>
          <span class="tick">{c === captionColours.value && <Icon name="check" />}</span>
          {t(`cc.colours.${c}`)}
        </button>
      ))}
    </>
  );
}

export function CaptionMenu({ class: look }: { class: string }) {
  return (
    <Menu label={t('cc.look')} class={look} button={<Icon name="settings" />}>
      {(close) => <CaptionLook close={close} />}
    </Menu>
  );
}
