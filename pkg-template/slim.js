// The entry `wireql/slim`: WebAssembly comes from where the user says, so that it can be served and cached
// as a file of its own.

import { failed, start } from './start.js';

let starting;

/** Fetches, compiles and starts WebAssembly; the first call counts, unless it fails. */
export const init = (given) => {
  starting ??= load(given).then(start);
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
