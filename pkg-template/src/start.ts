// How WebAssembly is started. The entries differ in where it comes from; it is compiled and instantiated when the
// first transport is made, so that importing the package costs nothing.

import { initSync } from '#glue';
import { TransportError } from './errors.js';
import { catchPanics } from './panic.js';
import { messageOf } from '../../src/driver/callbacks.js';

type Source = () => WebAssembly.Module | BufferSource;

let source: Source;

/** Sets where WebAssembly comes from. */
export const startFrom = (given: Source): void => {
  source = given;
};

export const startFailure = (why: string, cause?: unknown): TransportError =>
  new TransportError(`WebAssembly could not be started: ${why}`, { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause });

/** What a host may lack, and what helps. */
const NEEDED: { [name: string]: string } = {
  WebAssembly: 'use a host that has it (in React Native an engine other than Hermes), or a package without WebAssembly',
  WeakRef: 'it has been in all hosts since 2021: use a newer one',
  TextDecoder: 'load a polyfill first, such as the npm package `fast-text-encoding`; in Jest with jsdom see hosts.md',
  TextEncoder: 'load a polyfill first, such as the npm package `fast-text-encoding`; in Jest with jsdom see hosts.md',
};

const checkHost = (): void => {
  for (const [name, help] of Object.entries(NEEDED)) {
    if ((globalThis as { [name: string]: unknown })[name] === undefined) {
      throw startFailure(`this host has no \`${name}\`: ${help}`);
    }
  }
};

let started = false;

/** Starts WebAssembly unless it has been started. */
export const start = (give: Source = source): void => {
  if (started) return;
  checkHost();
  try {
    const given = give();
    const module = given instanceof WebAssembly.Module ? given : new WebAssembly.Module(given);
    catchPanics(initSync({ module }).__wbindgen_externrefs);
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    // Hosts word the refusal differently, and some suggest more than is needed. Some refuse to compile, others
    // to instantiate.
    throw startFailure(
      "this host refuses it. A page with a Content-Security-Policy needs 'wasm-unsafe-eval' in its script-src. " +
        `The host says: ${messageOf(cause)}`,
      cause,
    );
  }
  started = true;
};
