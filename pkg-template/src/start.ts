// How the core is started, which the entries differ in. It is started when the first transport is made, so that
// importing the package costs nothing.

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
