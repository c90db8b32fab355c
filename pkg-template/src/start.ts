// How WebAssembly is started. The entries differ in where it comes from; it is compiled and instantiated when the
// first transport is made, so that importing the package costs nothing.

import { initSync } from '#glue';
import { TransportError } from './errors.js';
import { catchPanics } from './panic.js';
import { messageOf } from '../../src/driver/callbacks.js';

type Source = () => WebAssembly.Module | BufferSource;

let source: Source;

/** Sets where WebAssembly comes from. */
export const startFrom = (given: Source): void => {
  source = given;
};

export const startFailure = (why: string, cause?: unknown): TransportError =>
  new TransportError(`WebAssembly could not be started: ${why}`, { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause });

let started = false;

/** Starts WebAssembly unless it has been started. */
export const start = (give: Source = source): void => {
  if (started) return;
  try {
    const given = give();
    const module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given);
    catchPanics(initSync({ module }).__wbindgen_externrefs);
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    // Hosts word the refusal differently, and some suggest more than is needed. Some refuse to compile, others
    // to instantiate.
    throw startFailure(
      "this host refuses it. A page with a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. " +
        `The host says: ${messageOf(cause)}`,
      cause,
    );
  }
  started = true;
};
