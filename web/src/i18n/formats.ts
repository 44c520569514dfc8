/* formats — a message of the staff's tables in the language of the page; and a permission in words. */

import { lang } from '../state/prefs';
import { t } from '.';
import { format, type Params } from './format';
import { formatsEn } from './formats.en';
import { formatsUk } from './formats.uk';

export type FormatsKey = keyof typeof formatsUk;

const TABLES = { uk: formatsUk, en: formatsEn };

export const tf = (key: FormatsKey, params: Params = {}): string => format(TABLES[lang.value][key], lang.value, params);
export const isText = (key: string): key is FormatsKey => Object.hasOwn(formatsUk, key);

/* What the host may switch off while live has its words there. */
const SHARED = {
  publish_mic: 'order.mic',
  publish_camera: 'order.camera',
  publish_screen: 'order.screen',
  chat: 'order.chat',
  direct: 'order.private',
  hand: 'order.hand',
  stage_self: 'order.stage',
  react: 'order.react',
  ask: 'order.ask',
  vote: 'order.vote',
} as const;

export function permission(can: string): string {
  const key = `can.${can}`;
  if (isText(key)) return tf(key);
  return Object.hasOwn(SHARED, can) ? t(SHARED[can as keyof typeof SHARED]) : can;
}
