/* network — when this device is on another network than before: back online, or from Wi-Fi to mobile data. */

interface NetworkInformation extends EventTarget {
  /** Wi-Fi, cellular …; only phones know, and only this one does not change with the weather. */
  readonly type?: string;
}

/** Calls `moved` at each change, until the function given back is called. */
export function onNetworkChange(moved: () => void): () => void {
  const info = (navigator as Navigator & { connection?: NetworkInformation }).connection;
  let type = info?.type;
  const changed = (): void => {
    if (info?.type === type || info?.type === 'none') return;
    type = info?.type;
    moved();
  };
  addEventListener('online', moved);
  info?.addEventListener('change', changed);
  return () => {
    removeEventListener('online', moved);
    info?.removeEventListener('change', changed);
  };
}
