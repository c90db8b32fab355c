// The net under a panic. Rust panics by a trap, which is a `WebAssembly.RuntimeError` here, wherever the host
// called WebAssembly. Its memory is then in no state to go on, for any transport.

/** @type {(cause: unknown) => void} */
let net = (cause) => {
  // A Rust app has its own ways.
  throw cause;
};

/**
 * Sets who is told of what WebAssembly throws.
 *
 * @param {(cause: unknown) => void} given
 */
export const setNet = (given) => {
  net = given;
};

/** @param {unknown} cause */
export const caught = (cause) => net(cause);

/**
 * Calls WebAssembly for the host.
 *
 * @param {() => void} action
 */
export const guard = (action) => {
  try {
    action();
  } catch (cause) {
    net(cause);
  }
};
