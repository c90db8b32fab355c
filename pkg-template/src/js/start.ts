// How the core is started where it is JavaScript, which wasm2js has made of the WebAssembly.

import { connectCore, references, type Core } from '#js-glue';
import { startBy } from '../start.js';

/** Sets where the core comes from. */
export const startFrom = (load: () => Core): void =>
  startBy(() => {
    connectCore(load());
    return references;
  });
