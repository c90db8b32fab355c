// The entry `wireql/slim`: the user says where WebAssembly comes from, so that it can be served and cached as a
// file of its own.

import { messageOf } from '../../src/driver/callbacks.js';
import { TransportError } from '../src/errors.js';
import { start } from '../src/start.js';
import { instantiate, startFrom, webAssemblyFailure } from '../src/webassembly.js';

startFrom(() => {
  throw new TransportError(
    'this entry of the package has to be given its WebAssembly first: await init(…) before the first transport is made',
    { code: 'WEBASSEMBLY_FAILED', ends: 'nothing' },
  );
});

// Node's types have no `WebAssembly`: a program there cannot name the type of a module.
type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : never;

/**
 * Where WebAssembly comes from: the URL of the package's `wireql.wasm`, a `Response` with it, its bytes,
 * or a `WebAssembly.Module` of it.
 */
export type WebAssemblySource = string | URL | Response | ArrayBuffer | ArrayBufferView | Module;

/** The id of the build that this JavaScript belongs to; `wireql.wasm` has it in a custom section. */
declare const BUILD: string;

/** WebAssembly and the JavaScript around it have to come from the same build. */
const check = (module: WebAssembly.Module): void => {
  const [build] = WebAssembly.Module.customSections(module, 'wireql');
  if (build === undefined || new TextDecoder().decode(build) !== BUILD) {
    throw webAssemblyFailure('it is not that of this version of the package: take the wireql.wasm that lies beside this entry');
  }
};

const load = async (given: WebAssemblySource | PromiseLike<WebAssemblySource>): Promise<WebAssembly.Module> => {
  let source = await given;
  if (typeof source === 'string' || source instanceof URL) {
    source = await fetch(source).catch((cause: unknown) => {
      throw webAssemblyFailure(`could not fetch it: ${messageOf(cause)}`, cause);
    });
  }
  if (typeof Response === 'function' && source instanceof Response) {
    if (!source.ok) throw webAssemblyFailure(`expected it from the url, received HTTP status ${source.status}`);
    // Not `compileStreaming`, which insists on a content type that not every server sends.
    source = await source.arrayBuffer();
  }
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof ArrayBuffer || ArrayBuffer.isView(source))) {
    throw new TypeError('init takes a url, a Response, bytes or a WebAssembly.Module, or a promise of one');
  }
  const bytes = source as BufferSource;
  if (!WebAssembly.validate(bytes)) throw webAssemblyFailure('these bytes are no WebAssembly');
  return WebAssembly.compile(bytes);
};

let starting: Promise<void> | undefined;

/**
 * Starts WebAssembly; to be awaited before the first transport is made. Further calls wait for the first,
 * and their argument is ignored; after a failure it can be called again.
 *
 * Rejects with a {@link TransportError} (`WEBASSEMBLY_FAILED`) if the file cannot be fetched, is not
 * WebAssembly or belongs to another version, or if the host forbids WebAssembly.
 */
export function init(source: WebAssemblySource | PromiseLike<WebAssemblySource>): Promise<void> {
  starting ??= load(source).then((module) => {
    check(module);
    start(() => instantiate(() => module));
  });
  starting.catch(() => {
    starting = undefined;
  });
  return starting;
}

export * from './public.js';
