// The entry `wireql` in workerd (Cloudflare Workers), which starts no WebAssembly from bytes: there it is
// imported, as a module that the host has compiled.

import wasm from './wireql.wasm';
import { startFrom } from './start.js';

startFrom(() => wasm);

export * from './public.js';
