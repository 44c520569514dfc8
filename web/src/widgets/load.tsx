/* load — data of a page (with its loading and failed states) and pages that are fetched when first needed. */

import type { ComponentChildren, ComponentType } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Failed, Loading } from './basic';

export interface Loaded<T> {
  value: T | null;
  error: unknown;
  reload: () => void;
  set: (v: T) => void;
}

/** Fetches when `key` changes; answers that come after a newer question are dropped. */
export function useLoad<T>(key: string, fetcher: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  const turn = useRef(0);
  const load = useCallback(() => {
    const mine = ++turn.current;
    setState((s) => ({ value: s.value, error: null }));
    fetcher().then(
      (value) => mine === turn.current && setState({ value, error: null }),
      /* What is shown already is better than an error in its place. */
      (error: unknown) => mine === turn.current && setState((s) => ({ value: s.value, error })),
    );
  }, [key]);
  useEffect(() => {
    setState({ value: null, error: null });
    load();
    return () => void turn.current++;
  }, [load]);
  return { ...state, reload: load, set: (value) => setState({ value, error: null }) };
}

export function Show<T>({ of, children }: { of: Loaded<T>; children: (v: T) => ComponentChildren }) {
  if (of.value !== null) return <>{children(of.value)}</>;
  if (of.error) return <Failed error={of.error} retry={of.reload} />;
  return <Loading />;
}

/** A component that lives in its own file of the build. */
export function lazy<P extends object>(fetcher: () => Promise<ComponentType<P>>): ComponentType<P> {
  let ready: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const loaded = useLoad('', async () => (ready ??= await fetcher().catch(() => Promise.reject({ code: 'offline' }))));
    const View = ready ?? loaded.value;
    if (View) return <View {...props} />;
    return loaded.error ? <Failed error={loaded.error} retry={() => location.reload()} /> : <Loading />;
  };
}
