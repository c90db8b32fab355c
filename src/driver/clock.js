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
