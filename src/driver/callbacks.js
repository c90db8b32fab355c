// What is the user's: functions that throw, and what they throw.

/** What a callback of the user's throws is the user's: reported, as hosts report it of listeners. */
export const call = (callback, ...args) => {
  try {
    callback(...args);
  } catch (error) {
    report(error);
  }
};

export const report = (error) => {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else queueMicrotask(() => { throw error; });
};

/** What a thrown value says of itself. */
export const messageOf = (thrown) => {
  if (typeof thrown === 'string') return thrown;
  try {
    const { message } = thrown;
    if (typeof message === 'string') return message;
  } catch {
    // It has none to give.
  }
  return 'no message';
};
