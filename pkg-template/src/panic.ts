// The net under a panic. Rust's panics abort, which is a `WebAssembly.RuntimeError` at the boundary. The memory
// is then in an unknown state, and no transport can go on.

import { TransportError } from './errors.js';
import { guard, setNet } from '../../src/driver/panic.js';

/** Told when WebAssembly has stopped. */
export interface Watched {
  fail(error: TransportError): void;
}

const watched = new Set<WeakRef<Watched>>();
let sweepAt = 64;

/**
 * Has `fail` called on a panic, if the target still lives then. References to what has been collected are swept out
 * now and then: a FinalizationRegistry would put off the collection of what the target refers to.
 */
export const watch = (target: WeakRef<Watched>): void => {
  if (watched.size >= sweepAt) {
    for (const reference of watched) if (reference.deref() === undefined) watched.delete(reference);
    sweepAt = Math.max(64, 2 * watched.size);
  }
  watched.add(target);
};

/** The error that every call ends with, once WebAssembly has stopped. */
export let failure: TransportError | undefined;

/** Ends all that is open, the first time, and returns the error to end with. */
export const panicked = (cause: unknown): TransportError => {
  if (failure === undefined) {
    failure = new TransportError(
      'wireql has stopped because of a bug of its own, which is the `cause` of this error, and every transport has ' +
        'ended. Please report it, and reload the page or restart the program',
      { code: 'PANICKED', ends: 'connection', cause },
    );
    for (const reference of watched) reference.deref()?.fail(failure);
  }
  return failure;
};

/** From now on, what sockets and timers make WebAssembly throw ends here too. */
export const catchPanics = (): void => setNet(panicked);

/** Calls WebAssembly for a caller who can be told that it has stopped. */
export const enter = <Value>(action: () => Value): Value => {
  if (failure !== undefined) throw failure;
  try {
    return action();
  } catch (thrown) {
    throw panicked(thrown);
  }
};

/** Calls WebAssembly from where nobody could be told: a finalizer, a signal, a microtask. */
export const notify = (action: () => void): void => {
  if (failure === undefined) guard(action);
};
