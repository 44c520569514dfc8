import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Live } from '../../state/live';

export const RoomContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(RoomContext);
  if (!live) throw new Error('outside a room');
  return live;
}
