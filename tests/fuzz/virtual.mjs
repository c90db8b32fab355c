// Time that runs when it is told to, and chance that can be had again. To be imported before the package.

let now = 1_000_000;
let lastTimer = 0;
const timers = new Map();

globalThis.setTimeout = (action, ms = 0) => {
  timers.set((lastTimer += 1), { at: now + ms, action });
  return lastTimer;
};
globalThis.clearTimeout = (timer) => timers.delete(timer);
performance.now = () => now;
Date.now = () => 1_700_000_000_000 + now;

export const time = {
  get now() {
    return now;
  },
  get timers() {
    return timers.size;
  },
  /** Fires what is due, in order; a timer may set others. */
  advance(ms) {
    const end = now + ms;
    for (;;) {
      let first;
      for (const [id, timer] of timers) if (timer.at <= end && !(first?.[1].at <= timer.at)) first = [id, timer];
      if (first === undefined) break;
      now = Math.max(now, first[1].at);
      timers.delete(first[0]);
      first[1].action();
    }
    now = end;
  },
  /** Lets time pass in which no timer can fire. */
  stall(ms) {
    now += ms;
  },
  reset() {
    timers.clear();
  },
};

const { setImmediate } = globalThis;
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Mulberry32. */
export const chance = (seed) => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, maybe: (part) => next() < part, one: (list) => list[below(list.length)] };
};
