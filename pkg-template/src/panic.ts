// The net under a panic. Rust's panics abort, which is a `WebAssembly.RuntimeError` at the boundary, or an `Error` of
// `wireql/js`. The memory is then in an unknown state, and no transport can go on.

import { TransportError } from './errors.js';
import { guard, setNet } from '../../src/driver/panic.js';

/** Told when WebAssembly has stopped. */
export abstract class Failing {
  abstract fail(error: TransportError): void;
}

/** A table of what Rust refers to. */
export interface References {
  readonly length: number;
  get(index: number): unknown;
}

/** wasm-bindgen's: every pending consumer, and a WeakRef to every host, is reachable from it. */
let references: References | undefined;

const tellAll = (error: TransportError): void => {
  // Collected first, as telling one may change what another refers to.
  const all = new Set<Failing>();
  for (let index = 0; index < (references?.length ?? 0); index += 1) {
    const value: unknown = references?.get(index);
    const target: unknown = value instanceof WeakRef ? value.deref() : value;
    if (target instanceof Failing) all.add(target);
  }
  for (const target of all) target.fail(error);
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
    tellAll(failure);
  }
  return failure;
};

/** From now on, what sockets and timers make WebAssembly throw ends here too. */
export const catchPanics = (table: References): void => {
  references = table;
  setNet(panicked);
};

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
