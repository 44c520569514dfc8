/* place — addresses of this server. */

export const wsUrl = (path = '/ws'): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;

export const isPhone = (): boolean => matchMedia('(max-width: 700px), (max-height: 480px)').matches;

/** A finger for a pointer mostly means that no keys are at hand. */
export const hasKeyboard = (): boolean => !matchMedia('(pointer: coarse)').matches;
