/* basic — the small pieces every page uses: states of a page, dialogs, menus, toasts, live regions. */

import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { errorText, t } from '../i18n';
import { typeset } from '../i18n/format';
import { assertiveText, dropToast, politeText, toasts } from '../state/notices';
import { siteName } from '../state/session';
import { Icon, type IconName } from './icons';

export function Loading({ text }: { text?: string }) {
  return (
    <div class="state" role="status">
      <span class="spin" aria-hidden="true" />
      <p>{text ?? t('loading')}</p>
    </div>
  );
}

/** Nothing here, and why. `whole`: it is all the page has to say, so its title is the page's. */
export function Empty(p: { icon: IconName; title: string; whole?: boolean; children?: ComponentChildren }) {
  return (
    <div class="state">
      <Icon name={p.icon} />
      {p.whole ? <Title text={p.title} /> : <h2>{p.title}</h2>}
      {p.children}
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const code = (error as { code?: string } | null)?.code;
  return (
    <div class="state" role="alert">
      <Icon name={code === 'offline' ? 'cloudOff' : 'warn'} />
      <p>{errorText(error)}</p>
      {retry && (
        <button type="button" class="btn" onClick={retry}>
          {t('retry')}
        </button>
      )}
    </div>
  );
}

/** Where focus lands after a change of page. */
export function useFocusHere<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => {
    /* Not on the first page of a visit, and not when something inside already asked for focus. */
    if (history.state === 'first' || document.activeElement !== document.body) return;
    ref.current?.focus({ preventScroll: true });
  }, []);
  return ref;
}

/** A page's title: the document's, the h1, and where focus lands after a change of page. */
export function Title(p: { text: string }) {
  const ref = useFocusHere<HTMLHeadingElement>();
  const site = siteName.value;
  useEffect(() => {
    document.title = `${p.text} — ${site}`;
  }, [p.text, site]);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {typeset(p.text)}
    </h1>
  );
}

/** A modal dialog of the browser's own kind: it keeps focus inside, closes by Escape and gives focus back. */
export function Dialog(p: { title: string; onClose: () => void; children: ComponentChildren; actions?: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  /* At once, coming and going: what a quick hand types next is meant for what is there then. */
  useLayoutEffect(() => {
    const d = ref.current;
    const back = document.activeElement;
    d?.showModal();
    return () => {
      d?.close();
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        p.onClose();
      }}
      onClick={(e) => e.target === ref.current && p.onClose()}
    >
      <div class="dialog-body">
        <h2 id={id}>{p.title}</h2>
        {p.children}
        {p.actions && <div class="dialog-actions">{p.actions}</div>}
      </div>
    </dialog>
  );
}

export function Confirm(p: {
  title: string;
  text: string;
  yes: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
  /** A third way, between the two. */
  children?: ComponentChildren;
}) {
  return (
    <Dialog
      title={p.title}
      onClose={p.onNo}
      actions={
        <>
          <button type="button" class="btn" onClick={p.onNo}>
            {t('cancel')}
          </button>
          {p.children}
          <button type="button" class={p.danger ? 'btn danger' : 'btn primary'} onClick={p.onYes}>
            {p.yes}
          </button>
        </>
      }
    >
      <p>{p.text}</p>
    </Dialog>
  );
}

function moveFocus(list: HTMLElement | null, step: number): void {
  const items = [...(list?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
}

const EDGE_PX = 8;

/** Puts a menu beside its button: below where there is room, else above; never past an edge of the screen. */
function placeBeside(menu: HTMLElement, button: HTMLElement): void {
  /* Measured at the edge, where nothing narrows it. */
  menu.style.left = '0';
  const b = button.getBoundingClientRect();
  const below = innerHeight - b.bottom - 2 * EDGE_PX;
  const above = b.top - 2 * EDGE_PX;
  const down = menu.scrollHeight <= below || below >= above;
  menu.style.maxHeight = `${Math.round(down ? below : above)}px`;
  menu.style.top = down ? `${Math.round(b.bottom + EDGE_PX / 2)}px` : 'auto';
  menu.style.bottom = down ? 'auto' : `${Math.round(innerHeight - b.top + EDGE_PX / 2)}px`;
  const left = Math.min(b.right - menu.offsetWidth, innerWidth - menu.offsetWidth - EDGE_PX);
  menu.style.left = `${Math.round(Math.max(EDGE_PX, left))}px`;
}

/** A button that opens a list of actions; arrows move, Escape closes and gives focus back. */
export function Menu(p: {
  label: string;
  class?: string;
  button: ComponentChildren;
  children: (close: () => void) => ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return undefined;
    if (list.current && opener.current) placeBeside(list.current, opener.current);
    moveFocus(list.current, 1);
    const outside = (e: Event): void => {
      if (!box.current?.contains(e.target as Node)) setOpen(false);
    };
    const moved = (): void => setOpen(false);
    document.addEventListener('pointerdown', outside);
    addEventListener('resize', moved);
    return () => {
      document.removeEventListener('pointerdown', outside);
      removeEventListener('resize', moved);
    };
  }, [open]);
  const onKey = (e: KeyboardEvent): void => {
    if (!open) return;
    if (e.code === 'Escape' || e.code === 'Tab') {
      e.stopPropagation();
      close();
    } else if (e.code === 'ArrowDown' || e.code === 'ArrowUp') {
      e.preventDefault();
      moveFocus(list.current, e.code === 'ArrowDown' ? 1 : -1);
    }
  };
  return (
    <div class="menu-box" ref={box} onKeyDown={onKey}>
      <button type="button" ref={opener} class={p.class ?? 'btn quiet icon-only'} aria-haspopup="menu"
        aria-expanded={open} aria-label={p.label} title={p.label} onClick={() => setOpen(!open)}>
        {p.button}
      </button>
      {open && (
        <div ref={list} class="menu" role="menu" aria-label={p.label}>
          {p.children(close)}
        </div>
      )}
    </div>
  );
}

export function MenuItem(p: { icon?: IconName; danger?: boolean; onClick: () => void; children: ComponentChildren }) {
  return (
    <button type="button" role="menuitem" class={p.danger ? 'danger' : undefined} onClick={p.onClick}>
      {p.icon && <Icon name={p.icon} />}
      <span>{p.children}</span>
    </button>
  );
}

export function Toasts() {
  return (
    <>
      <section class="toasts" aria-label={t('toasts.label')}>
        {toasts.value.map((x) => (
          <div key={x.id} class={`toast ${x.tone}`}>
            <span>{x.text}</span>
            <button type="button" aria-label={t('close')} onClick={() => dropToast(x.id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </section>
      <div class="hidden-text" role="status" aria-live="polite">
        {politeText.value}
        {toasts.value.map((x) => (
          <p key={x.id}>{x.text}</p>
        ))}
      </div>
      <div class="hidden-text" role="alert" aria-live="assertive">
        {assertiveText.value}
      </div>
    </>
  );
}

export function Field(p: {
  label: string;
  hint?: string;
  wrong?: string;
  children: (a: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ComponentChildren;
}) {
  const id = useId();
  const about = p.wrong ? `${id}-w` : p.hint ? `${id}-h` : undefined;
  return (
    <div class="field">
      <label for={id}>{p.label}</label>
      {p.children({ id, 'aria-describedby': about, 'aria-invalid': p.wrong ? true : undefined })}
      {p.wrong ? (
        <span class="wrong" id={`${id}-w`}>
          {p.wrong}
        </span>
      ) : (
        p.hint && (
          <span class="hint" id={`${id}-h`}>
            {p.hint}
          </span>
        )
      )}
    </div>
  );
}

/** Copies text; says so. */
export function CopyButton({ text, label, primary }: { text: string; label: string; primary?: boolean }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      /* Without TLS the clipboard is closed to pages: the old way still works. */
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    setDone(true);
    setTimeout(() => setDone(false), 2500);
  };
  return (
    <button type="button" class={primary ? 'btn primary' : 'btn'} onClick={() => void copy()}>
      <Icon name={done ? 'check' : 'link'} />
      <span aria-live="polite">{done ? t('copied') : label}</span>
    </button>
  );
}
