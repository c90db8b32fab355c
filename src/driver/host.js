// What the driver does faster, or only, in JavaScript. The hot path of a result is `onmessage`
// below: one parse, one look at the frame, one call into WebAssembly.

/** Milliseconds on a clock that never goes back. */
export const now = () => performance.now();

/** The kinds of frames for `events.frame`; the driver has the same numbers. */
const JSON_FRAME = 0;
const TEXT_FRAME = 1;
const BINARY_FRAME = 2;

/** Gathers the driver's closures, made once a transport, for all of its sockets. */
export const gatherEvents = (opened, result, frame, error, closed) => ({
  opened,
  result,
  frame,
  error,
  closed,
  resultType: NaN,
});

/** Sets the `type` of the frames that may go the short way. NaN equals nothing. */
export const setResultType = (events, resultType) => {
  events.resultType = resultType ?? NaN;
};

export const attach = (socket, attempt, events) => {
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => events.opened(attempt, socket.protocol ?? '');
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') return events.frame(attempt, BINARY_FRAME, undefined);
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      // Only the beginning is shown to anybody.
      return events.frame(attempt, TEXT_FRAME, data.slice(0, 200));
    }
    if (frame !== null && frame.type === events.resultType) {
      const { id, payload } = frame;
      const number = id >>> 0;
      // What is no result for an id such as ours goes the long way, to be judged there.
      if (
        typeof id === 'string' &&
        `${number}` === id &&
        typeof payload === 'object' &&
        payload !== null &&
        !Array.isArray(payload)
      ) {
        return events.result(attempt, number, payload);
      }
    }
    events.frame(attempt, JSON_FRAME, frame);
  };
  // Hosts put what they know into `error`, into `message`, or say nothing.
  socket.onerror = ({ error, message }) =>
    events.error(attempt, String(message || error?.message || ''), error);
  socket.onclose = ({ code, reason, wasClean }) =>
    events.closed(attempt, Number(code) || 1006, String(reason ?? ''), wasClean === true);
};

const ignore = () => {};

/** Nothing that the socket says is heard any more. */
export const detach = (socket, terminate) => {
  socket.onopen = socket.onmessage = socket.onclose = null;
  // In Node an `error` that nobody listens to ends the process.
  socket.onerror = ignore;
  // Of `ws`: else it waits half a minute for the goodbye of a peer that is gone.
  if (terminate) socket.terminate?.();
};

/** Whether more of this result follows. */
export const hasNext = (result) => result.hasNext === true;

// ---- the host's WebSocket -------------------------------------------------------

/**
 * A package that the user may have installed, in Node; undefined elsewhere. Unlike an `import`,
 * no bundler tries to follow it.
 */
const optionalPeer = (name) => {
  if (!peers.has(name)) peers.set(name, findPeer(name));
  return peers.get(name);
};

const peers = new Map();

const findPeer = (name) => {
  const { process } = globalThis;
  if (!process?.getBuiltinModule) return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  // Where this file is, and where the program is, since a linked package lies elsewhere.
  for (const base of [import.meta.url, process.argv[1]]) {
    try {
      return createRequire(base)(name);
    } catch (error) {
      const absent = ['MODULE_NOT_FOUND', 'ERR_INVALID_ARG_VALUE'].includes(error.code);
      if (!absent) throw error;
    }
  }
  return undefined;
};

/** The host's WebSocket, or that of the npm package `ws`; undefined if there is neither. */
export const hostWebSocket = () => globalThis.WebSocket ?? optionalPeer('ws')?.WebSocket;

/** The WHATWG's kind of class, as all hosts have it; `ws` is of another. */
const isStandard = (WebSocketClass) =>
  WebSocketClass.prototype?.[Symbol.toStringTag] === 'WebSocket';

/**
 * Opens a socket. Where the class is the standard's, hosts that take further arguments take them
 * in place of the subprotocols; `ws` and its like take them third.
 */
export const openSocket = (WebSocketClass, url, subprotocols, connectArgs) => {
  if (connectArgs === undefined) return new WebSocketClass(url, subprotocols);
  if (isStandard(WebSocketClass)) {
    return new WebSocketClass(url, { protocols: subprotocols, ...connectArgs });
  }
  return new WebSocketClass(url, subprotocols, connectArgs);
};

/** Browsers and their workers: their WebSocket takes a URL and subprotocols and nothing else. */
export const takesNoConnectArgs = (WebSocketClass) => {
  const { process, Deno, navigator } = globalThis;
  const server = process?.versions?.node !== undefined || Deno !== undefined;
  return !server && navigator !== undefined && WebSocketClass === globalThis.WebSocket;
};

// ---- documents --------------------------------------------------------------------

/**
 * The text of a GraphQL document: what the package `graphql` prints, else its own source. Printed
 * is better, since a document that was transformed or composed still carries its old source.
 */
export const documentText = (document) => {
  const source = document.loc?.source?.body;
  return optionalPeer('graphql')?.print(document) ?? (typeof source === 'string' ? source : undefined);
};

// ---- the consumer's promises --------------------------------------------------------

/** A promise for an operation's next result, behind those that wait already. */
export const wait = (waiters) =>
  new Promise((resolve, reject) => {
    waiters.push({ resolve, reject });
  });

/** Promises that need not wait. */
export const readyResult = (value) => Promise.resolve({ value, done: false });
export const readyDone = (value) => Promise.resolve({ value, done: true });

/** For the first who waits. */
export const settleResult = (waiters, value) => waiters.shift()?.resolve({ value, done: false });
export const settleDone = (waiters) => waiters.shift()?.resolve({ value: undefined, done: true });
export const settleValue = (waiters, value) => waiters.shift()?.resolve(value);
export const settleError = (waiters, error) => waiters.shift()?.reject(error);

// ---- the iterator's class -------------------------------------------------------------

const AsyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype,
);

/**
 * Makes the class of this object one of the host's async iterators, which gives it
 * `Symbol.asyncIterator` and what hosts add to them.
 */
export const becomeAsyncIterator = (iterator) => {
  const prototype = Object.getPrototypeOf(iterator);
  if (Object.getPrototypeOf(prototype) === Object.prototype) {
    Object.setPrototypeOf(prototype, AsyncIteratorPrototype);
  }
};
