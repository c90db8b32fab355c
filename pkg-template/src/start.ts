// How the core is started, which the entries differ in. It is started when the first transport is made, so that
// importing the package costs nothing.

import { TransportError } from './errors.js';
import { catchPanics, type References } from './panic.js';

/** Starts the core, and gives what it refers to. */
export type Starter = () => References;

let starter: Starter;

/** Sets how the core is started. */
export const startBy = (given: Starter): void => {
  starter = given;
};

let started = false;

/** Starts the core unless it has been started. */
export const start = (by: Starter = starter): void => {
  if (started) return;
  catchPanics(by());
  started = true;
};

export const startFailure = (why: string, cause?: unknown): TransportError =>
  new TransportError(why, { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause });

/** Throws if the host lacks one of these, with what helps. */
export const checkHost = (needed: { readonly [name: string]: string }): void => {
  for (const [name, help] of Object.entries(needed)) {
    if ((globalThis as { [name: string]: unknown })[name] === undefined) {
      throw startFailure(`wireql cannot be started, as this host has no \`${name}\`: ${help}`);
    }
  }
};

/** The help for hosts that lack it. */
export const WEAK_REF = 'it has been in all hosts since 2021: use a newer one';
