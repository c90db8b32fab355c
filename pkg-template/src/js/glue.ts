// wasm-bindgen's glue, bundled by itself, with the stand-ins of `globals.ts` in the place of some globals.

import { __wbg_set_wasm } from '#bindgen';
import { memoryOf, type Memory } from './globals.js';

/** What wasm2js has made: the functions of the core, which the glue calls, and its memory. */
export interface Core {
  readonly memory: Memory;
  __wbindgen_start?(): void;
}

/** To be called once. */
export const connectCore = (core: Core): void => {
  // A copy, as a bundler may make each export a getter.
  __wbg_set_wasm({ ...core, memory: memoryOf(core) });
  core.__wbindgen_start?.();
};

export { WeakRef, references } from './globals.js';
export * from '#bindgen';
