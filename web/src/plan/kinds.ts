/* kinds — in which order kinds of events are offered: the one the staff puts first, those most events are, then the
 * others by their names. */

const USUAL = ['lesson', 'webinar', 'master-class'];

export function usualFirst<T extends { id: string; default?: boolean }>(list: readonly T[], nameOf: (kind: T) => string, locale: string): T[] {
  const rank = (k: T): number => (k.default ? -1 : USUAL.includes(k.id) ? USUAL.indexOf(k.id) : USUAL.length);
  return [...list].sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b), locale));
}
