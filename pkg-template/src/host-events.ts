// What a browser tells of its network and of the page.

import type { TransportHost } from './host.js';
import { notify } from './panic.js';

type Hint = Parameters<TransportHost['handle']['notify']>[0];

/** What differs between pages, workers and servers. */
const host = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener' | 'navigator' | 'document'>>;

/** Hosts without it (Node, Deno, Bun, workerd) have none of the events. */
const isOnline = (): boolean | undefined => host.navigator?.onLine;

/**
 * Has a client told of them, until the returned function is called. The client is held weakly: whoever waits for
 * something holds it.
 */
export const followHost = (weak: WeakRef<TransportHost>): (() => void) => {
  if (typeof isOnline() !== 'boolean' || typeof host.addEventListener !== 'function') return () => {};
  const tell = (hint: Hint) => {
    const handle = weak.deref()?.handle;
    if (handle !== undefined) notify(() => handle.notify(hint));
    // The client was collected.
    else stopAll();
  };
  const unfollow: (() => void)[] = [];
  const stopAll = () => unfollow.forEach((stop) => stop());
  const follow = (target: Pick<Window, 'addEventListener' | 'removeEventListener'>, event: string, hint: () => Hint) => {
    const listener = () => tell(hint());
    target.addEventListener(event, listener);
    unfollow.push(() => target.removeEventListener(event, listener));
  };
  const all = host as Pick<Window, 'addEventListener' | 'removeEventListener'>;
  follow(all, 'online', () => 'online');
  follow(all, 'offline', () => 'offline');
  const { document } = host;
  if (document !== undefined) {
    follow(all, 'pagehide', () => 'pagehide');
    follow(all, 'pageshow', () => 'pageshow');
    const page = document as unknown as typeof all;
    follow(page, 'visibilitychange', () => (document.visibilityState === 'hidden' ? 'hidden' : 'visible'));
    // A page that was frozen, which timers do not survive.
    follow(page, 'resume', () => 'wake');
  }
  // What happened while nobody listened. That there is a network is no news, and would cut a delay short.
  if (!isOnline()) tell('offline');
  return () => {
    stopAll();
    // Nothing is attempted any more, so this only forgets what may not hold when somebody listens again.
    if (!isOnline()) tell('online');
  };
};
