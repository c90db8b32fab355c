// What the driver does faster, or only, in JavaScript. The hot path of a result is `onmessage`
// below: one parse, of the payload alone if the envelope is known, and one call into WebAssembly.

import { call, messageOf } from './callbacks.js';
import { FAIL, panicked } from './panic.js';
import { redacted, trace, withoutSecrets } from './trace.js';

/** Milliseconds on a clock that never goes back. */
export const now = () => performance.now();

/** What `dispatch` is called for; `mod.rs` has the same numbers. */
const RESULT = 0;
const FRAME = 1;
const NOT_JSON = 2;
const BINARY = 3;
const OPENED = 4;
const SOCKET_ERROR = 5;
const CLOSED = 6;
const SOCKET_FAILED = 7;
const URL_GIVEN = 8;
const URL_FAILED = 9;
const INIT_PAYLOAD_GIVEN = 10;
const INIT_PAYLOAD_FAILED = 11;
const ABORTED = 12;
const COMPLETE = 13;

const nothing = () => {};

/**
 * The JavaScript side of a driver: what the user gave, the user's listeners, what the socket said.
 *
 * Whatever WebAssembly holds is never collected, and a function of the user's may hold the transport. So
 * this is held by the transport's own object, and by the handlers of a socket; WebAssembly has a WeakRef
 * to it.
 */
export class Host {
  /** Calls the driver: what for, the attempt to connect, a number, a value, a text. */
  dispatch = nothing;
  attempt = 0;
  socket = undefined;
  responseHeaders = undefined;
  closeReason = null;
  /** The `type` of the results that go the short way; undefined for none. */
  resultType = undefined;
  #resultType = undefined;
  #listeners = new Map();
  made = now();

  /**
   * `user`: `url` and `initPayload`, each a text, or a function that gives what `readUrl` or
   * `readInitPayload` turns into one; `webSocket`, which takes the place of the host's class; `args`,
   * which are `headers`, `tls` and `connectArgs`; the function `trace`. What is not given is undefined.
   */
  constructor(user) {
    this.user = user;
  }

  /** Adds a listener, and gives what takes it away again. */
  on(type, listener) {
    // A function that is added twice is called twice, and each is taken away by itself.
    const entry = { listener };
    const entries = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, entries.add(entry));
    this.expect();
    return () => {
      entries.delete(entry);
      this.expect();
    };
  }

  emit(type, detail) {
    for (const { listener } of [...(this.#listeners.get(type) ?? [])]) call(listener, detail);
  }

  /** Results of this `type` go the short way, unless somebody wants to see the frames. */
  expect(resultType = this.#resultType) {
    this.#resultType = resultType;
    const seen = this.user.trace !== undefined || this.#listeners.get('message')?.size > 0;
    this.resultType = seen ? undefined : resultType;
  }

  ended(code, reason, wasClean, error) {
    this.closeReason = { code, reason, wasClean, error };
    this.emit('closed', this.closeReason);
  }

  /** WebAssembly has stopped: whatever is still open is given up. */
  [FAIL](error) {
    this.dispatch = nothing;
    const { socket } = this;
    if (socket === undefined) return;
    detach(socket, true);
    try {
      socket.close();
    } catch {
      // Nor is it ours to mend.
    }
    this.emit('error', error);
    this.ended(null, '', false, error);
  }
}

// ---- between driver and host ------------------------------------------------------

/** What a driver has whose host object is gone: nobody can hear of it. */
const NOBODYS = new Host({ url: '' });

const deref = (weak) => weak.deref() ?? NOBODYS;

/** Joins the two; the driver gets a WeakRef. */
export const begin = (host, dispatch) => {
  host.dispatch = (what, attempt, number, value, text) => {
    try {
      dispatch(what, attempt, number, value, text);
    } catch (thrown) {
      panicked(thrown);
    }
  };
  return new WeakRef(host);
};

/** The driver is gone. */
export const end = (weak) => {
  deref(weak).dispatch = nothing;
};

export const abort = (host, id) => host.dispatch(ABORTED, 0, id);

/** Has a function of the user's answer, which may give a promise or throw. */
const ask = (source, read = (given) => given, answer, fail) => {
  const settle = (given) => {
    let text;
    try {
      text = read(given);
    } catch (thrown) {
      return fail(thrown);
    }
    answer(text);
  };
  if (typeof source !== 'function') return answer(source);
  try {
    const given = source();
    if (typeof given !== 'object' || given === null) settle(given);
    else Promise.resolve(given).then(settle, fail);
  } catch (thrown) {
    fail(thrown);
  }
};

/**
 * Finds out what stands in `user` under `name`, by `reader` if it is a function. `line` and `told` are for the trace:
 * what is found out, and how a text is told there.
 */
const asker = (name, reader, line, told, given, failed) => (weak, attempt) => {
  const host = deref(weak);
  ask(
    host.user[name],
    host.user[reader],
    (text) => {
      trace(host, '!', text === undefined ? line : `${line} ${told(text)}`);
      host.dispatch(given, attempt, 0, undefined, text);
    },
    (thrown) => {
      trace(host, '!', `${line}-fails`);
      host.dispatch(failed, attempt, 0, thrown, messageOf(thrown));
    },
  );
};

export const askUrl = asker('url', 'readUrl', 'url', withoutSecrets, URL_GIVEN, URL_FAILED);

export const askInitPayload = asker(
  'initPayload',
  'readInitPayload',
  'init-payload',
  () => redacted,
  INIT_PAYLOAD_GIVEN,
  INIT_PAYLOAD_FAILED,
);

export const connecting = (weak, retry) => {
  const host = deref(weak);
  if (retry) trace(host, '=', 'tries again');
  host.closeReason = null;
  host.emit('connecting', { retry });
};

export const opened = (weak, subprotocol, resultType) => {
  const host = deref(weak);
  host.expect(resultType);
  host.emit('opened', { subprotocol });
};

export const connected = (weak, payload = null) => {
  const host = deref(weak);
  trace(host, '=', 'connected');
  host.emit('connected', { payload });
};

/** A `ping`, or a `pong`. */
export const pinged = (weak, isPong, received, payload = null) =>
  deref(weak).emit(isPong ? 'pong' : 'ping', { received, payload });

export const erred = (weak, error) => {
  const host = deref(weak);
  if (error.ends === 'nothing') trace(host, '=', 'told of', error);
  host.emit('error', error);
};

/** `code` is 0 if there was no socket, `error` undefined after `close()`. */
export const closed = (weak, code, reason, wasClean, error = null) => {
  const host = deref(weak);
  trace(host, '=', 'closed');
  host.ended(code || null, reason, wasClean, error);
};

export const note = (weak, mark, what, error) => trace(deref(weak), mark, what, error);

// ---- a socket ---------------------------------------------------------------------

export const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

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

/** Has the host make a socket; undefined if it would not. */
export const open = (weak, attempt, url, first, second) => {
  const host = deref(weak);
  const { webSocket, args } = host.user;
  host.attempt = attempt;
  host.responseHeaders = undefined;
  const subprotocols = [first, second].filter(Boolean);
  trace(host, '>', `open ${withoutSecrets(url)} ${subprotocols}`);
  try {
    const Class = webSocket ?? hostWebSocket();
    if (Class === undefined) {
      throw (
        'this host has no WebSocket. In Node.js before version 22, install the npm package `ws`; ' +
        'elsewhere, give a WebSocket class as the option `webSocket`'
      );
    }
    return openSocket(Class, url, subprotocols, args);
  } catch (thrown) {
    refused(weak, attempt, thrown);
  }
};

/** The host would not make a socket, take our handlers, or send. */
export const refused = (weak, attempt, thrown) => {
  const host = deref(weak);
  // The host may repeat what was handed on to it, and credentials may be among it. What we throw
  // ourselves is a text.
  const message =
    typeof thrown === 'string' || host.user.args === undefined
      ? messageOf(thrown)
      : 'it throws what is the `cause` of this error';
  trace(host, '<', `refuses ${message}`);
  host.dispatch(SOCKET_FAILED, attempt, 0, thrown, message);
};

export const attach = (weak, attempt, socket) => {
  const host = deref(weak);
  host.socket = socket;
  try {
    listen(host, attempt, socket);
  } catch (thrown) {
    refused(weak, attempt, thrown);
  }
};

const listen = (host, attempt, socket) => {
  socket.binaryType = 'arraybuffer';
  // Of `ws`: no other host tells the headers of the server's answer.
  socket.once?.('upgrade', ({ headers }) => {
    if (host.attempt === attempt) host.responseHeaders = headers;
  });
  socket.onopen = () => {
    const subprotocol = socket.protocol ?? '';
    trace(host, '<', `opened ${subprotocol}`);
    host.dispatch(OPENED, attempt, 0, undefined, subprotocol);
  };
  const envelope = new Envelope();
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') {
      trace(host, '<', 'binary');
      return host.dispatch(BINARY, attempt, 0);
    }
    const { resultType } = host;
    if (envelope.opens(data)) {
      let payload;
      try {
        payload = JSON.parse(data.slice(envelope.end, -1));
      } catch {
        // There is more in the envelope than we know; as a whole it may still be JSON.
      }
      if (isRecord(payload) && envelope.type === resultType) {
        return host.dispatch(RESULT, attempt, envelope.id, payload);
      }
    }
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      // Only the beginning is shown to anybody.
      const text = data.slice(0, 200);
      trace(host, '<', text);
      return host.dispatch(NOT_JSON, attempt, 0, undefined, text);
    }
    const { type, id, payload } = frame ?? {};
    const short = resultType !== undefined;
    const isResult = type === resultType;
    // Both dialects call it so. What is no result, and no end, for an id such as ours goes the long way, to be
    // judged there, and all that somebody wants to see.
    if (typeof id === 'string' && short && (isResult ? isRecord(payload) : type === 'complete')) {
      const number = id >>> 0;
      if (`${number}` === id) {
        if (!isResult) return host.dispatch(COMPLETE, attempt, number);
        envelope.learn(data, resultType);
        return host.dispatch(RESULT, attempt, number, payload);
      }
    }
    trace(host, '<', frame);
    host.emit('message', frame);
    host.dispatch(FRAME, attempt, 0, frame);
  };
  // Hosts put what they know into `error`, into `message`, or say nothing.
  socket.onerror = ({ error, message }) => {
    const text = String(message || error?.message || '').trim().replace(/\.+$/, '');
    trace(host, '<', `error ${text}`);
    host.dispatch(SOCKET_ERROR, attempt, 0, error, text);
  };
  socket.onclose = (event) => {
    const code = Number(event.code) || 1006;
    const reason = String(event.reason ?? '');
    const wasClean = event.wasClean === true;
    trace(host, '<', `closed ${code}${wasClean ? '' : ' unclean'} ${reason}`);
    host.dispatch(CLOSED, attempt, code, wasClean, reason);
  };
};

/** Nothing that the socket says is heard any more. */
export const detach = (socket, terminate) => {
  try {
    socket.onopen = socket.onmessage = socket.onclose = null;
    // In Node an `error` that nobody listens to ends the process.
    socket.onerror = nothing;
    // Of `ws`: else it waits half a minute for the goodbye of a peer that is gone.
    if (terminate) socket.terminate?.();
  } catch {
    // A socket that refuses is no longer ours to mend.
  }
};

export const drop = (weak, socket, terminate) => {
  const host = deref(weak);
  host.socket = undefined;
  detach(socket, terminate);
};

// ---- the host's WebSocket -------------------------------------------------------

/**
 * A package that the user may have installed, in Node; undefined elsewhere. Unlike an `import`,
 * no bundler tries to follow it.
 */
export const optionalPeer = (name) => {
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
const openSocket = (WebSocketClass, url, subprotocols, args) => {
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

// ---- JSON values, for the core to look into ---------------------------------------

/** The numbers of the kinds, as `json.rs` has them. */
export const kindOf = (value) => {
  if (value === null || value === undefined) return 0;
  if (Array.isArray(value)) return 4;
  return { boolean: 1, number: 2, string: 3 }[typeof value] ?? 5;
};

/** Undefined for what is not there. */
export const member = (value, key) => value?.[key];

/** The value of a JSON text; undefined for what is none. */
export const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What came from JSON can be told in JSON, unless it is nested too deep: for that there is `null`. */
export const toJson = (value) => {
  try {
    return JSON.stringify(value);
  } catch {
    return 'null';
  }
};

// ---- URLs ---------------------------------------------------------------------------

/**
 * A WebSocket URL for the text of a URL, as users write it: `http(s)` becomes `ws(s)`, and the fragment,
 * which no WebSocket URL may have, goes. What it throws does not repeat the text, as a password may
 * stand in it.
 */
export const websocketUrl = (text) => {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError('the url is not a valid URL: expected one like `wss://example.com/graphql`');
  }
  const { protocol } = url;
  const scheme = protocol.replace('http', 'ws');
  if (!/^wss?:$/.test(scheme)) {
    throw new TypeError(
      `the url's scheme must be ws, wss, http or https, but is ${protocol.slice(0, -1)}: ` +
        'expected a url like `wss://example.com/graphql`',
    );
  }
  url.hash = '';
  // Setting `protocol` would do, were it not that `URL` refuses to go from http to ws.
  return scheme + url.href.slice(protocol.length);
};
