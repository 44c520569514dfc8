/* route — where the person is: history addresses, links handled without reloading, focus moved to the new page. */

import { signal } from '@preact/signals';

export interface Place {
  path: string;
  query: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

const addressOf = (p: Place): string => {
  const q = p.query.toString();
  return q ? `${p.path}?${q}` : p.path;
};

export const place = signal<Place>(here());
/** Asked before a page that holds something alive (a room, words not saved yet) is left, with where to if that is known;
 * false keeps the person there. */
type Guard = (to: string | null) => boolean;
let guard: Guard | null = null;

export function guardLeaving(fn: Guard | null): void {
  guard = fn;
}

export function go(to: string, o: { replace?: boolean } = {}): void {
  if (guard && !guard(to)) return;
  if (o.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  place.value = here();
  scrollTo(0, 0);
}

/** The path's parts as parameters of a pattern such as `/e/:id/room`, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/').filter(Boolean);
  const have = path.split('/').filter(Boolean);
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (const [i, w] of want.entries()) {
    const h = have[i] ?? '';
    if (w.startsWith(':')) params[w.slice(1)] = h;
    else if (w !== h) return null;
  }
  return params;
}

function onClick(ev: MouseEvent): void {
  if (ev.defaultPrevented || ev.button !== 0 || ev.metaKey || ev.ctrlKey || ev.shiftKey || ev.altKey) return;
  const a = (ev.target as Element | null)?.closest?.('a');
  if (!a || a.target || a.hasAttribute('download') || a.origin !== location.origin) return;
  if (a.pathname.startsWith('/api/') || a.pathname.startsWith('/media/')) return;
  if (a.pathname === location.pathname && a.hash) return;
  ev.preventDefault();
  go(a.pathname + a.search);
}

export function startRouting(): void {
  addEventListener('popstate', () => {
    if (guard && !guard(null)) history.pushState(null, '', addressOf(place.peek()));
    else place.value = here();
  });
  document.addEventListener('click', onClick);
}
