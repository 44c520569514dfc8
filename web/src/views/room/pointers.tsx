/* pointers — where people point just now: a dot each, gone when it was put away or nothing came of it for a while. */

import { useEffect, useState } from 'preact/hooks';
import { decodeStroke, type Dot } from '../../protocol/ink';
import { useLive } from './context';

/* A hand that rests is not told of again; one that is gone may not have said so. */
const STAY_MS = 5000;

export function Pointers({ deck, page, place }: { deck: number; page: number; place: (dot: Dot) => readonly [number, number] }) {
  const live = useLive();
  const [dots, setDots] = useState<ReadonlyMap<string, Dot>>(new Map());
  useEffect(() => {
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const put = (who: string, dot: Dot | undefined): void => setDots((all) => {
      const next = new Map(all);
      if (dot) next.set(who, dot);
      else next.delete(who);
      return next;
    });
    const old = live.pointing.peek();
    const stop = live.pointing.subscribe((m) => {
      if (!m || m === old || m.n !== deck || m.page !== page) return;
      clearTimeout(timers.get(m.who));
      put(m.who, m.ink ? decodeStroke(m.ink)?.points[0] : undefined);
      timers.set(m.who, setTimeout(() => put(m.who, undefined), STAY_MS));
    });
    return () => {
      stop();
      for (const x of timers.values()) clearTimeout(x);
      setDots(new Map());
    };
  }, [deck, page]);
  return (
    <>
      {[...dots].map(([who, dot]) => {
        const [left, top] = place(dot);
        const name = live.room.value.members.get(who)?.name ?? '';
        return <span key={who} class="ink-laser" style={`left:${left}%;top:${top}%`} aria-hidden="true"><i>{who === live.me.value.id ? '' : name}</i></span>;
      })}
    </>
  );
}
