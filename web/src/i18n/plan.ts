/* plan — a message of the calendar's tables in the language of the page. Kept out of the room's first load. */

import { lang } from '../state/prefs';
import { format, type Params } from './format';
import { plan, type PlanKey } from './plantexts';

export type { PlanKey };

export const tp = (key: PlanKey, params: Params = {}): string => format(plan[lang.value][key], lang.value, params);
