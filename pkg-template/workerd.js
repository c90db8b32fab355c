// The entry `wireql` in workerd (Cloudflare Workers), which starts no WebAssembly from bytes: there it is
// imported, as a module that the host has compiled.

import wasm from './wireql.wasm';
import { provide } from './transport.js';

provide(() => wasm);

export * from './public.js';
