// The entry `wireql`: WebAssembly inline, compiled when the first transport is made, so that the package
// needs no plugin, no second download and no `await` before it can be used.

import text from '#wasm-text';
import { startFrom } from './start.js';
import { bytesOf } from './text.js';

startFrom(() => bytesOf(text));

export * from './public.js';
