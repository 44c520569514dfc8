/* place — addresses of this server. */

export const wsUrl = (path = '/ws'): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;

const PHONE = '(max-width: 700px), (max-height: 480px)';

export const isPhone = (): boolean => matchMedia(PHONE).matches;

/** Tells when the screen has become a phone's, or is none any more: turned, or a window made narrow. */
export function onPhone(tell: (phone: boolean) => void): () => void {
  const query = matchMedia(PHONE);
  const change = (): void => tell(query.matches);
  query.addEventListener('change', change);
  return () => query.removeEventListener('change', change);
}

/** A finger for a pointer mostly means that no keys are at hand. */
export const hasKeyboard = (): boolean => !matchMedia('(pointer: coarse)').matches;
