// The net under a panic. The package's WebAssembly is built to stop where Rust would panic, which is a
// `WebAssembly.RuntimeError` here. Its memory is then in no state to go on, for any transport.

import { TransportError } from './errors.js';

/** The method that ends an object which WebAssembly refers to. */
export const FAIL = Symbol('fail');

/** The table of what WebAssembly refers to: whoever waits for it is there. */
let references;
let failure;

export const watch = (table) => {
  references = table;
};

/** Ends whatever is still open, and gives the error that says so. */
export const panicked = (cause) => {
  // A Rust app has its own ways.
  if (references === undefined) throw cause;
  if (failure === undefined) {
    failure = new TransportError(
      'wireql has stopped because of a mistake of its own, which is the `cause` of this error, and every transport here ' +
        'has ended. Please report it, and load the page or start the program again',
      { code: 'PANICKED', ends: 'connection', cause },
    );
    const ended = new Set();
    for (let index = 0; index < references.length; index += 1) {
      const value = references.get(index);
      ended.add(value instanceof WeakRef ? value.deref() : value);
    }
    for (const value of ended) value?.[FAIL]?.(failure);
  }
  return failure;
};

/** Calls WebAssembly, unless it has stopped. */
export const enter = (action) => {
  if (failure !== undefined) throw failure;
  try {
    return action();
  } catch (thrown) {
    throw panicked(thrown);
  }
};

/** The same for what the host calls by itself. */
export const guarded = (callback) => () => {
  try {
    callback();
  } catch (thrown) {
    panicked(thrown);
  }
};
