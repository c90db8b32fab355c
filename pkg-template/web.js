// The entry `wireql/web`: as `wireql/slim`, with the `.wasm` file that lies beside this one.

import { init as initFrom } from './slim.js';

export const init = (given = new URL('./wireql.wasm', import.meta.url)) => initFrom(given);

export * from './public.js';
