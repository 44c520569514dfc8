/* sources — what a person can send: nothing of it, what is turned on by itself, and what is wrong with a device. */

import { t } from '../i18n';
import type { DeviceProblem } from '../media/devices';
import type { Source } from '../protocol/types';

export const NO_SOURCES: Record<Source, boolean> = { mic: false, camera: false, screen: false, screen_audio: false, content: false };
/** What is turned on by itself. */
export type Device = Exclude<Source, 'screen_audio'>;

/** Which device, and what is wrong with it. */
export const deviceTrouble = (source: Device, problem: DeviceProblem): string =>
  `${t(source === 'screen' ? 'keys.screen' : `devices.${source}`)}. ${t(`device.${problem}`)}`;
