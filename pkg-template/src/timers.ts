// The host's timers, as wasm-bindgen's glue finds them: esbuild puts these in the place of the globals (`inject` in
// scripts/package.mjs), so that a panic falls into the net when a timer has fired, too.

import { guard } from '../../src/driver/panic.js';

export const setTimeout = (callback: () => void, ms: number): unknown =>
  globalThis.setTimeout(() => guard(callback), ms);
