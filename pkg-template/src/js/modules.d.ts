// What the modules of this folder are bundled with: see scripts/package.mjs.

/** wasm-bindgen's glue for bundlers. */
declare module '#bindgen' {
  export * from '#glue';
  export function __wbg_set_wasm(core: object): void;
}

declare const require: (name: '#core') => import('./glue.js').Core;
