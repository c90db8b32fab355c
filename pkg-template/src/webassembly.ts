// How WebAssembly is started: the way of all entries but `wireql/js`. They differ in where it comes from.

import { initSync } from '#glue';
import { TransportError } from './errors.js';
import type { References } from './panic.js';
import { startBy } from './start.js';
import { messageOf } from '../../src/driver/callbacks.js';

type Source = () => WebAssembly.Module | BufferSource;

/** Sets where WebAssembly comes from. */
export const startFrom = (source: Source): void => startBy(() => instantiate(source));

export const webAssemblyFailure = (why: string, cause?: unknown): TransportError =>
  new TransportError(`WebAssembly could not be started: ${why}`, { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause });

const POLYFILL = 'load a polyfill first, such as the npm package `fast-text-encoding`; in Jest with jsdom see hosts.md';

/** What a host may lack, and what helps. */
const NEEDED: { [name: string]: string } = {
  WebAssembly: 'import `wireql/js` in place of this entry, which is the same as JavaScript',
  WeakRef: 'it has been in all hosts since 2021: use a newer one',
  TextDecoder: POLYFILL,
  TextEncoder: POLYFILL,
};

const checkHost = (): void => {
  for (const [name, help] of Object.entries(NEEDED)) {
    if ((globalThis as { [name: string]: unknown })[name] === undefined) {
      throw webAssemblyFailure(`this host has no \`${name}\`: ${help}`);
    }
  }
};

export const instantiate = (give: Source): References => {
  checkHost();
  try {
    const given = give();
    const module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given);
    return initSync({ module }).__wbindgen_externrefs;
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    // Hosts word the refusal differently, and some suggest more than is needed. Some refuse to compile, others
    // to instantiate.
    throw webAssemblyFailure(
      'this host refuses it. If it is a page with a Content-Security-Policy, there are two ways out: allow it by ' +
        "'wasm-unsafe-eval' in its script-src, or import `wireql/js` in place of this entry, which is the same as " +
        `JavaScript. The host says: ${messageOf(cause)}`,
      cause,
    );
  }
};
