/* seating — what is said aloud of tables: that they open and close, that one was seated, that one of them calls. */

import { t } from '../i18n';
import type { Room } from '../protocol/room';
import type { RoomEvent } from '../protocol/types';
import type { Live } from './live';
import { say, toast } from './notices';

export function sayOfTables(live: Live, e: RoomEvent, before: Room, name: string): void {
  const mine = e.who === live.me.peek().id;
  const n = live.place.peek();
  if (e.type === 'tables_open' && before.tables.open !== e.on) say(t(e.on ? 'say.tablesOpen' : 'say.tablesClosed'), true);
  if (e.type === 'seated' && mine && n > 0) toast(t('say.seated', { name: live.tables.peek().cards[n - 1]?.name || t('tables.number', { n }) }));
  if (e.type === 'table_help' && e.on && !mine && live.can.peek().tables) toast(t('say.tableHelp', { name }));
}
