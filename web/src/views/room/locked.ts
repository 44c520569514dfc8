/* locked — what a phone shows of the room on its locked screen, where sound and microphone go on; its screen stays on
 * while the room is watched. */

import { useEffect } from 'preact/hooks';
import type { Live } from '../../state/live';
import { siteName } from '../../state/session';

/** Keeps the screen on; a browser forgets it whenever the page is hidden. */
export function useAwake(): void {
  useEffect(() => {
    let lock: { release(): Promise<void> } | null = null;
    const ask = (): void => {
      const nav = navigator as Navigator & { wakeLock?: { request(kind: 'screen'): Promise<typeof lock> } };
      if (document.visibilityState !== 'visible') return;
      nav.wakeLock?.request('screen').then(
        (l) => (lock = l),
        () => undefined,
      );
    };
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      document.removeEventListener('visibilitychange', ask);
      void lock?.release().catch(() => undefined);
    };
  }, []);
}

type Session = MediaSession & { setMicrophoneActive?(on: boolean): void };

/** Pausing there silences the room, with a button to hear it again; it never touches the microphone but by its own key. */
export function useLocked(live: Live): void {
  const session: Session | undefined = 'mediaSession' in navigator ? navigator.mediaSession : undefined;
  const title = live.title.value;
  const mic = live.local.value.mic;
  useEffect(() => {
    if (!session) return undefined;
    const set = (action: string, fn: (() => void) | null): void => {
      try {
        session.setActionHandler(action as MediaSessionAction, fn);
      } catch {
        /* This browser has no such key. */
      }
    };
    const acts: [string, () => void][] = [
      ['play', () => (live.audioBlocked.value = false)],
      ['pause', () => (live.audioBlocked.value = true)],
      ['togglemicrophone', () => live.mayTurnOn('mic') && void live.toggle('mic')],
    ];
    for (const [action, fn] of acts) set(action, fn);
    return () => {
      for (const [action] of acts) set(action, null);
      session.metadata = null;
      session.playbackState = 'none';
    };
  }, [live]);
  const blocked = live.audioBlocked.value;
  useEffect(() => {
    if (!session || !title) return;
    session.metadata = new MediaMetadata({ title, artist: siteName.peek(), artwork: [{ src: '/icon-512.png', sizes: '512x512', type: 'image/png' }] });
    session.playbackState = blocked ? 'paused' : 'playing';
  }, [title, blocked]);
  useEffect(() => void session?.setMicrophoneActive?.(mic), [mic]);
}
