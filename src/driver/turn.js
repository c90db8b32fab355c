// The end of the host's turn.

import { guard } from './panic.js';

/**
 * Calls back when what the host is running has returned. A microtask, as hosts put timers off in hidden pages.
 *
 * @param {() => void} callback
 */
export const atTurnEnd = (callback) => queueMicrotask(() => guard(callback));
