// The types of `wireql/web`: those of `wireql/slim`, where `init` knows an address.
export * from './index.js';
import type { WebAssemblySource } from './slim.js';
export type { WebAssemblySource } from './slim.js';

/** As that of `wireql/slim`. Default: the `wireql.wasm` beside this file, by `import.meta.url`. */
export function init(source?: WebAssemblySource | PromiseLike<WebAssemblySource>): Promise<void>;
