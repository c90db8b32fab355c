// The entry `wireql`: WebAssembly inline, unpacked and compiled when the first transport is made, so that the
// package needs no plugin, no second download and no `await` before it can be used.

import inline from '#wasm-packed';
import { startFrom } from './start.js';
import { unpack } from './unpack.js';

startFrom(() => unpack(inline));

export * from './public.js';
