// The entry `wireql/js`: the core as JavaScript, for hosts without WebAssembly and pages that forbid it.

import { startFrom } from '../src/js/start.js';

// Evaluated when the first transport is made.
startFrom(() => require('#core'));

/** @internal */
export { internal } from '../src/internal.js';
export * from './public.js';
