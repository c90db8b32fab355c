// What the driver does faster, or only, in JavaScript. The hot path of a result is `onmessage`
// below: one parse, of the payload alone if the envelope is known, and one call into WebAssembly.

/** Milliseconds on a clock that never goes back. */
export const now = () => performance.now();

/** The kinds of frames for `events.frame`; the driver has the same numbers. */
const JSON_FRAME = 0;
const TEXT_FRAME = 1;
const BINARY_FRAME = 2;

/**
 * Gathers the driver's closures, made once a transport, for all of its sockets and signals, with what
 * the user gave: functions and classes (`url`, `initPayload`, `webSocket`, `args`, `trace`), listeners.
 *
 * Whatever WebAssembly holds is never collected, and a function of the user's may hold the transport.
 * So this is held by the transport's own object, and by the handlers of a socket; WebAssembly has a
 * WeakRef to it.
 */
export const gatherEvents = (opened, result, frame, error, closed, aborted, user) => ({
  opened,
  result,
  frame,
  error,
  closed,
  aborted,
  user,
  resultType: NaN,
  responseHeaders: undefined,
  closeReason: null,
  listeners: new Map(),
});

/** What a transport has whose own object is gone. */
const NOBODYS = gatherEvents();

export const weakly = (events) => new WeakRef(events);
export const deref = (weak) => weak.deref() ?? NOBODYS;

/** What the user gave by this name; undefined if it was nothing. */
export const given = (events, name) => events.user?.[name];

/** Sets the `type` of the frames that may go the short way. NaN equals nothing. */
export const setResultType = (events, resultType) => {
  events.resultType = resultType ?? NaN;
};

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A server writes the envelope of its results the same way each time, but for the id. Once it is known,
 * the payload alone has to be parsed. That is sound: if what stands between the envelope's beginning
 * and the last brace is JSON by itself, the frame is that envelope with that payload, and no more.
 */
class Envelope {
  /** What stands before and behind the id; nothing begins with the first of these. */
  before = '\0';
  behind = '';
  type = '';
  /** Of the last frame that began so: its beginning, the operation, and where the payload begins. */
  last = '\0';
  id = 0;
  end = 0;
  #lessons = 0;

  /** Whether the frame begins as the known envelope does, and ends as one. */
  opens(data) {
    if (data.charCodeAt(data.length - 1) !== CLOSING_BRACE) return false;
    return data.startsWith(this.last) || this.#opensFor(data);
  }

  /** The same for another operation than the last time. */
  #opensFor(data) {
    const { before, behind } = this;
    if (!data.startsWith(before)) return false;
    let at = before.length;
    let id = 0;
    for (; at < before.length + 10; at += 1) {
      const digit = data.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      id = id * 10 + digit;
    }
    // Ours begin with no zero and have 32 bits.
    if (id === 0 || data[before.length] === '0' || id > 0xffffffff) return false;
    if (!data.startsWith(behind, at)) return false;
    this.id = id;
    this.end = at + behind.length;
    // Not a slice of the frame, which would keep all of it in memory.
    this.last = `${before}${id}${behind}`;
    return true;
  }

  /** Takes the envelope of a frame that is a result for an operation of ours. */
  learn(data, type) {
    // One that never writes it the same way is not learned from for ever.
    if ((this.#lessons += 1) > 8) return;
    const [, before, typeBefore, behind, typeBehind] = ENVELOPE.exec(data) ?? [];
    if (before === undefined || (typeBefore ?? typeBehind) !== type || (typeBefore && typeBehind)) return;
    Object.assign(this, { before, behind, type, last: '\0' });
  }
}

const CLOSING_BRACE = 125;

/** `id` and `type` in any order, then `payload`. */
const ENVELOPE =
  /^(\{\s*(?:"type"\s*:\s*"(\w+)"\s*,\s*)?"id"\s*:\s*")\d+("\s*,\s*(?:"type"\s*:\s*"(\w+)"\s*,\s*)?"payload"\s*:)/;

export const attach = (socket, attempt, events) => {
  socket.binaryType = 'arraybuffer';
  // Of `ws`: no other host tells the headers of the server's answer.
  socket.once?.('upgrade', ({ headers }) => {
    if (events.attempt === attempt) events.responseHeaders = headers;
  });
  socket.onopen = () => events.opened(attempt, socket.protocol ?? '');
  const envelope = new Envelope();
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') return events.frame(attempt, BINARY_FRAME, undefined);
    const { resultType } = events;
    if (envelope.opens(data)) {
      let payload;
      try {
        payload = JSON.parse(data.slice(envelope.end, -1));
      } catch {
        // There is more in the envelope than we know; as a whole it may still be JSON.
      }
      if (isRecord(payload) && envelope.type === resultType) {
        return events.result(attempt, envelope.id, payload);
      }
    }
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      // Only the beginning is shown to anybody.
      return events.frame(attempt, TEXT_FRAME, data.slice(0, 200));
    }
    if (frame !== null && frame.type === resultType) {
      const { id, payload } = frame;
      // What is no result for an id such as ours goes the long way, to be judged there.
      if (typeof id === 'string' && isRecord(payload)) {
        const number = id >>> 0;
        if (`${number}` === id) {
          envelope.learn(data, resultType);
          return events.result(attempt, number, payload);
        }
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

/** Begins an attempt: whatever the socket of the last one said is forgotten. */
export const beginAttempt = (events, attempt) => {
  events.attempt = attempt;
  events.responseHeaders = undefined;
};

export const responseHeaders = (events) => events.responseHeaders;

export const closeReason = (events) => events.closeReason;
export const setCloseReason = (events, reason) => {
  events.closeReason = reason;
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

/** Node's own dispatcher, by which its own WebSocket connects; its class cannot be imported. */
const dispatcherClass = () => {
  const key = Object.getOwnPropertySymbols(globalThis).find(({ description }) =>
    description?.startsWith('undici.globalDispatcher'),
  );
  return globalThis[key]?.constructor;
};

/** What a server-side host's own WebSocket takes in place of the subprotocols. */
const standardArgs = ({ headers, tls }) => {
  const args = headers === undefined ? {} : { headers };
  if (tls === undefined) return args;
  if (globalThis.process?.versions?.bun !== undefined) return { ...args, tls };
  const Dispatcher = dispatcherClass();
  return { ...args, dispatcher: new Dispatcher({ connect: tls }) };
};

/**
 * Opens a socket. `args`: the options `headers`, `tls` and `connectArgs`. Where the class is the
 * standard's, hosts that take further arguments take them in place of the subprotocols; `ws` and
 * its like take them third.
 */
export const openSocket = (WebSocketClass, url, subprotocols, args) => {
  if (args === undefined) return new WebSocketClass(url, subprotocols);
  if (isStandard(WebSocketClass)) {
    return new WebSocketClass(url, {
      protocols: subprotocols,
      ...standardArgs(args),
      ...args.connectArgs,
    });
  }
  const { headers, tls, connectArgs } = args;
  return new WebSocketClass(url, subprotocols, { headers, ...tls, ...connectArgs });
};

/** Why this class cannot be given an option of `args`; undefined if it can. */
export const whyNotTaken = (WebSocketClass, option) => {
  const { process, Deno, navigator } = globalThis;
  if (WebSocketClass !== globalThis.WebSocket) return undefined;
  const server = process?.versions?.node !== undefined || Deno !== undefined;
  if (!server && navigator !== undefined) {
    return (
      "a browser's WebSocket takes nothing beside the url and subprotocols. " +
      (option === 'tls'
        ? 'Certificates are the business of the browser and its user'
        : 'To authenticate, use `initPayload`')
    );
  }
  if (option !== 'tls' || process?.versions?.bun !== undefined) return undefined;
  if (Deno !== undefined) return 'in Deno, use `connectArgs: { client: Deno.createHttpClient(…) }`';
  if (dispatcherClass() !== undefined) return undefined;
  return "this host's WebSocket does not take it: use that of the npm package `ws` as the option `webSocket`";
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

// ---- observers and listeners --------------------------------------------------------

/** What a callback of the user's throws is the user's: reported, as hosts report it of listeners. */
const report = (error) => {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else queueMicrotask(() => { throw error; });
};

const call = (callback, ...args) => {
  try {
    callback(...args);
  } catch (error) {
    report(error);
  }
};

/** The observer that `subscribe(observer)` or `subscribe(next, error, complete)` is given. */
export const toObserver = (next, error, complete) =>
  typeof next === 'object' && next !== null ? next : { next, error, complete };

// Not by `call`: this is the hot path of an observer.
export const notifyNext = (observer, value) => {
  try {
    observer.next?.(value);
  } catch (error) {
    report(error);
  }
};
export const notifyComplete = (observer) => call(() => observer.complete?.());
export const notifyError = (observer, error) =>
  call(() => {
    // An error that nobody takes is not to be lost.
    if (typeof observer.error !== 'function') throw error;
    observer.error(error);
  });

/** Makes the object an observable for libraries: they ask for it by one of these. */
export const becomeObservable = (observable) => {
  const prototype = Object.getPrototypeOf(observable);
  for (const key of [Symbol.observable ?? '@@observable', '@@observable']) {
    prototype[key] ??= function () {
      return this;
    };
  }
};

/** Adds a listener, and gives what takes it away again. */
export const addListener = (events, type, listener) => {
  // A function that is added twice is called twice, and each is taken away by itself.
  const entry = { listener };
  const entries = events.listeners.get(type) ?? new Set();
  events.listeners.set(type, entries.add(entry));
  return () => void entries.delete(entry);
};

export const hasListener = (events, type) => (events.listeners.get(type)?.size ?? 0) > 0;

export const emit = (events, type, detail) => {
  for (const { listener } of [...(events.listeners.get(type) ?? [])]) call(listener, detail);
};

export const callTrace = (events, line) => call(() => events.user?.trace(line));

// ---- the user's AbortSignal -----------------------------------------------------------

export const isAbortSignal = (signal) =>
  typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function';

/** Why the signal has been aborted, in an array of one; undefined if it has not. */
export const abortReason = (signal) => (signal.aborted ? [signal.reason] : undefined);

/** Tells of the signal's abort, and gives what ends that. */
export const listenAbort = (signal, events, id) => {
  const abort = () => events.aborted(id, signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
};

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
