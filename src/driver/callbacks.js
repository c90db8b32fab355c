// User functions, and what they throw.

import { hostText } from './untrusted.js';

/**
 * Calls a user function. What it throws is reported, as hosts report it of listeners.
 *
 * @param {(...args: any[]) => unknown} callback
 * @param {...unknown} args
 */
export const call = (callback, ...args) => {
  try {
    callback(...args);
  } catch (error) {
    report(error);
  }
};

/** @param {unknown} error */
export const report = (error) => {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else queueMicrotask(() => { throw error; });
};

/**
 * What a thrown value says of itself.
 *
 * @param {any} thrown
 * @returns {string}
 */
export const messageOf = (thrown) => {
  if (typeof thrown === 'string') return hostText(thrown);
  try {
    const { message } = thrown;
    if (typeof message === 'string') return hostText(message);
  } catch {
    // It has none to give.
  }
  return 'no message';
};
