// Stand-ins for globals that wasm-bindgen's glue uses, where the core is JavaScript: esbuild puts them in their place
// (`inject` in scripts/package.mjs).

import type { References } from '../panic.js';

// ---- memory that has grown ------------------------------------------------------------

/** The memory of wasm2js. Growing leaves the old buffer as it was, where WebAssembly detaches it. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

let current: Memory;

/** The same for the glue, whose views of an old buffer have to look as if that were detached. */
export const memoryOf = ({ memory }: { readonly memory: Memory }): Memory => {
  current = memory;
  return {
    get buffer() {
      const { buffer } = current;
      // The glue compares buffers where hosts do not tell.
      Object.defineProperty(buffer, 'detached', { value: undefined });
      return buffer;
    },
  };
};

/** A view of the memory, which is empty once that has grown. Like a class, as the glue calls it. */
export const Uint8Array = function (buffer: ArrayBuffer) {
  const byteLength = () => (buffer === current.buffer ? buffer.byteLength : 0);
  return Object.defineProperty(new globalThis.Uint8Array(buffer), 'byteLength', { get: byteLength });
};

// ---- what Rust refers to --------------------------------------------------------------

let table: unknown[] = [];

/** What the glue keeps for Rust, which refers to it by index; see {@link Array}. */
export const references: References = {
  get length() {
    return table.length;
  },
  get: (index) => table[index],
};

/** The glue makes one array of a given length: that of what Rust refers to. */
export const Array = Object.assign(
  function (length?: number) {
    if (length === undefined) return [];
    return (table = new globalThis.Array(length));
  },
  { from: globalThis.Array.from, isArray: globalThis.Array.isArray },
);

// ---- weak references ------------------------------------------------------------------

/** Where hosts lack them (Hermes before version 0.13): what nobody holds is then not collected. */
class StrongRef<Target extends object> {
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  deref(): Target | undefined {
    return this.#target;
  }
}

const { WeakRef: HostWeakRef } = globalThis as Partial<Pick<typeof globalThis, 'WeakRef'>>;

/** Exported for TypeScript too, which makes references that the glue is handed. */
export const WeakRef = HostWeakRef ?? StrongRef;
