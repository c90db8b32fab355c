// How WebAssembly comes to the classes, for every entry of the package. The entries differ in where it comes
// from.

import { Handle, initSync, references } from '#glue';
import { TransportError } from '#src/driver/errors.js';
import { watch } from '#src/driver/panic.js';
import { provide } from '#src/exports/transport.js';

/** Gives the bytes, or the module, when the first transport is made. */
let source = () => {
  throw new TransportError(
    'this entry of the package has to be given its WebAssembly first: await init(…) before the first transport is made',
    { code: 'WEBASSEMBLY_FAILED', ends: 'nothing' },
  );
};

/** Sets where WebAssembly comes from. */
export const startFrom = (given) => {
  source = given;
};

/* global BUILD -- names the build; in `wireql.wasm` it stands in a section of its own */

export const failed = (why, cause) =>
  new TransportError(`WebAssembly could not be started: ${why}`, { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause });

let started = false;

/** Starts WebAssembly, once; whatever is given later is not looked at. */
export const start = (given) => {
  if (started) return;
  let module;
  try {
    module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given);
  } catch (cause) {
    // Hosts forbid it in their own words, some of which advise more than is needed.
    throw failed(
      "this host refuses it. A page with a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. " +
        `The host says: ${cause.message}`,
      cause,
    );
  }
  const [build] = WebAssembly.Module.customSections(module, 'wireql');
  if (build === undefined || new TextDecoder().decode(build) !== BUILD) {
    throw failed('it is not that of this version of the package: take the wireql.wasm that lies beside this entry');
  }
  try {
    initSync({ module });
    watch(references());
  } catch (cause) {
    throw failed(`the host says: ${cause.message}`, cause);
  }
  started = true;
};

provide(() => {
  if (!started) start(source());
  return Handle;
});
