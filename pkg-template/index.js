// The entry `wireql`: WebAssembly inline, compiled when the first transport is made, so that the package
// needs no plugin, no second download and no `await` before it can be used.

import wasm from '#wasm';
import { provide } from './transport.js';

provide(() => Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)));

export * from './public.js';
