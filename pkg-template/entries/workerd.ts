// The entry `wireql` in workerd (Cloudflare Workers), which does not compile WebAssembly from bytes: it is imported
// there, as a module that the host has compiled.

import module from './wireql.wasm';
import { startFrom } from '../src/webassembly.js';

startFrom(() => module);

/** @internal */
export { internal } from '../src/internal.js';
export * from './public.js';
