/* context — the room everything in it is drawn from, and the names its parts share. */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Live } from '../../state/live';

export type PanelName = 'chat' | 'people' | 'asks' | 'polls' | 'notes' | 'captions' | 'tables';

export const RoomContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(RoomContext);
  if (!live) throw new Error('outside a room');
  return live;
}
