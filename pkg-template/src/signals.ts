// Users' signals, as all hosts have them.

import { call } from '../../src/driver/callbacks.js';

/** Ends one consumer of a signal that is aborted, and gives what is to follow. */
export type OnAbort = () => (() => void) | undefined;

/** By signal: what is called when it is aborted. */
export type SignalListeners = WeakMap<AbortSignal, { calls: Set<OnAbort>; listener: () => void }>;

/** The reason of an aborted signal. Some hosts' signals (React Native's) have none. */
export const reasonOf = ({ reason }: AbortSignal): unknown => {
  if (reason !== undefined) return reason;
  const message = 'This operation was aborted';
  if (typeof DOMException === 'function') return new DOMException(message, 'AbortError');
  return Object.assign(new Error(message), { name: 'AbortError' });
};

/**
 * Adds to what is called when a signal is aborted, and returns the function that removes it again. Throws what a
 * hand-made signal throws that accepts no listeners.
 */
export const followSignal = (known: SignalListeners, signal: AbortSignal, onAbort: OnAbort): (() => void) => {
  let entry = known.get(signal);
  if (entry === undefined) {
    const calls = new Set<OnAbort>();
    // A copy, as one may remove others. All have ended before anything follows, which may call the user.
    const listener = () => [...calls].map((one) => one()).forEach((follows) => follows !== undefined && call(follows));
    signal.addEventListener('abort', listener, { once: true });
    entry = { calls, listener };
    known.set(signal, entry);
  }
  const { calls, listener } = entry;
  calls.add(onAbort);
  return () => {
    if (!calls.delete(onAbort) || calls.size > 0) return;
    known.delete(signal);
    signal.removeEventListener('abort', listener);
  };
};
