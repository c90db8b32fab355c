// How WebAssembly comes to the classes, for every entry of the package. The entries differ in where it comes
// from.

import { Handle, instantiate, references } from '#glue';
import { TransportError } from '#src/driver/errors.js';
import { watch } from '#src/driver/panic.js';
import { provide } from '#src/exports/transport.js';

/** Gives the bytes, or the module, when the first transport is made. */
let source;

/** Sets where WebAssembly comes from. */
export const startFrom = (given) => {
  source = given;
};

export const failed = (why, cause) =>
  new TransportError(`WebAssembly could not be started: ${why}`, { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause });

let started = false;

/** Starts WebAssembly, once; whatever is given later is not looked at. `check` throws if it is not ours. */
export const start = (give, check = () => {}) => {
  if (started) return;
  try {
    const given = give();
    const module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given);
    check(module);
    instantiate(module);
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    // Hosts forbid it in their own words, some of which advise more than is needed; some forbid the first of
    // these, some the last.
    throw failed(
      "this host refuses it. A page with a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. " +
        `The host says: ${cause.message}`,
      cause,
    );
  }
  watch(references());
  started = true;
};

provide(() => {
  start(source);
  return Handle;
});
