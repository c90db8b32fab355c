// The entry `wireql/web`: like `wireql/slim`, with the `.wasm` file that lies beside this one.

import { init as initFrom, type WebAssemblySource } from './slim.js';

export type { WebAssemblySource };

/** Like that of `wireql/slim`. Default: the `wireql.wasm` beside this file, by `import.meta.url`. */
export function init(
  source: WebAssemblySource | PromiseLike<WebAssemblySource> = new URL('./wireql.wasm', import.meta.url),
): Promise<void> {
  return initFrom(source);
}

export * from './public.js';
