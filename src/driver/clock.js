// The clock. `performance.now()` never goes back, but in some hosts it stands still while the machine sleeps; the wall
// clock does not, but can be set. So sleep is what the wall clock has run ahead at once.

/** A shorter lead is a clock that is being adjusted. */
const SHORTEST_SLEEP = 1000;

let slept = 0;
let lastOffset = Infinity;

/** Milliseconds on a clock that never goes back, and that counts sleep. */
export const now = () => {
  const monotonic = performance.now();
  const offset = Date.now() - monotonic;
  if (offset - lastOffset > SHORTEST_SLEEP) slept += offset - lastOffset;
  lastOffset = offset;
  return monotonic + slept;
};

let epoch = -Infinity;

/**
 * A time of this clock as `Date.now()` tells times: the same one whenever it is asked for, unless the wall clock is set
 * meanwhile. The two clocks are not read at once, and the host may do something else in between.
 *
 * @param {number} instant
 */
export const wallTime = (instant) => {
  const measured = Date.now() - now();
  if (Math.abs(measured - epoch) > SHORTEST_SLEEP) epoch = measured;
  return Math.round(epoch + instant);
};
