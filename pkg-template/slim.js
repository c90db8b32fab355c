// The entry `wireql/slim`: WebAssembly comes from where the user says, so that it can be served and cached
// as a file of its own.

import { TransportError } from '#src/driver/errors.js';
import { failed, start, startFrom } from './start.js';

startFrom(() => {
  throw new TransportError(
    'this entry of the package has to be given its WebAssembly first: await init(…) before the first transport is made',
    { code: 'WEBASSEMBLY_FAILED', ends: 'nothing' },
  );
});

/* global BUILD -- names the build; in `wireql.wasm` it stands in a section of its own */

/** WebAssembly and the JavaScript around it are made for each other. */
const check = (module) => {
  const [build] = WebAssembly.Module.customSections(module, 'wireql');
  if (build === undefined || new TextDecoder().decode(build) !== BUILD) {
    throw failed('it is not that of this version of the package: take the wireql.wasm that lies beside this entry');
  }
};

let starting;

/** Fetches, compiles and starts WebAssembly; the first call counts, unless it fails. */
export const init = (given) => {
  starting ??= load(given).then((module) => start(() => module, check));
  starting.catch(() => {
    starting = undefined;
  });
  return starting;
};

const load = async (given) => {
  let source = await given;
  if (typeof source === 'string' || source instanceof URL) {
    const url = source;
    source = await fetch(url).catch((cause) => {
      throw failed(`could not fetch it: ${cause.message}`, cause);
    });
  }
  if (typeof Response === 'function' && source instanceof Response) {
    if (!source.ok) throw failed(`expected it from the url, received HTTP status ${source.status}`);
    // Not `compileStreaming`: it insists on a content type that not every server sends.
    source = await source.arrayBuffer();
  }
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof ArrayBuffer || ArrayBuffer.isView(source))) {
    throw new TypeError('init takes a url, a Response, bytes or a WebAssembly.Module, or a promise of one');
  }
  if (!WebAssembly.validate(source)) throw failed('these bytes are no WebAssembly');
  return WebAssembly.compile(source);
};

export * from './public.js';
