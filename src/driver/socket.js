// The handlers of a socket, and what else web-sys cannot do with one. The hot path of a result is `onmessage`
// below: one parse, of the payload alone if the envelope is known, and one call into WebAssembly.

import { report } from './callbacks.js';
import { caught, guard } from './panic.js';
import { hostText } from './untrusted.js';

/**
 * What Rust exports for it: see `socket.rs`.
 *
 * @typedef {object} SocketEvents
 * @property {(subprotocol: string) => void} opened
 * @property {(id: number, result: object) => void} result
 * @property {(id: number) => void} complete
 * @property {(frame: unknown) => void} frame
 * @property {(beginning: string) => void} notJson
 * @property {() => void} binary
 * @property {(message: string, said: unknown) => void} error
 * @property {(code: number, reason: string, wasClean: boolean) => void} closed
 */

/**
 * The user's functions that messages are read with, by socket.
 *
 * @type {WeakMap<WebSocket, (this: any, key: string, value: any) => any>}
 */
const revivers = new WeakMap();

/**
 * Has the messages of a socket read with a function of the user's, as `JSON.parse` takes it; before {@link listen}.
 *
 * @param {WebSocket} socket
 * @param {(this: any, key: string, value: any) => any} reviver
 */
export const reviveMessages = (socket, reviver) => void revivers.set(socket, reviver);

/** The close code of a socket that ended without a close frame. */
const LOST = 1006;

/** @type {TextDecoder | undefined} */
let decoder;

/**
 * The text of a binary message, which some proxies make of a text; undefined if it is none.
 *
 * @param {unknown} data
 */
const decoded = (data) => {
  try {
    decoder ??= new TextDecoder('utf-8', { fatal: true });
    return decoder.decode(/** @type {ArrayBuffer} */ (data));
  } catch {
    return undefined;
  }
};

/** @param {unknown} value */
const text = (value) => (typeof value === 'string' ? value : '');

/** As long as the protocol lets one be. A user's class may be at odds with that. */
const LONGEST_REASON = 123;

/**
 * Has `events` told what the socket says.
 *
 * @param {WebSocket} socket
 * @param {import('./envelope.js').Envelope} envelope
 * @param {SocketEvents} events
 */
export const listen = (socket, envelope, events) => {
  socket.binaryType = 'arraybuffer';
  const reviver = revivers.get(socket);
  // What the host gives is read outside the net: a user's class may throw, or give anything.
  socket.onopen = () => {
    const subprotocol = text(socket.protocol);
    guard(() => events.opened(subprotocol));
  };
  socket.onmessage = ({ data }) => {
    try {
      const isText = typeof data === 'string';
      if (!isText) data = decoded(data);
      if (data === undefined) return events.binary();
      // A reviver is called with whole messages.
      if (reviver === undefined && envelope.take(data, events)) return;
      let frame;
      try {
        frame = JSON.parse(data, reviver);
      } catch (thrown) {
        // Not the server's fault: that message is lost, and its user told.
        if (reviver !== undefined && isJson(data)) return report(thrown);
        if (!isText) return events.binary();
        // Only the beginning is shown to anybody.
        return events.notJson(data.slice(0, 200));
      }
      if (!envelope.takeParsed(data, frame, events)) events.frame(frame);
    } catch (cause) {
      caught(cause);
    }
  };
  // Hosts put what they know into `error`, into `message`, or say nothing.
  socket.onerror = (/** @type {any} */ { error, message }) => {
    const why = hostText(text(message) || text(error?.message)).trim().replace(/\.+$/, '');
    guard(() => events.error(why, error));
  };
  socket.onclose = (event) => {
    const code = typeof event.code === 'number' && event.code > 0 ? event.code : LOST;
    const reason = text(event.reason).slice(0, LONGEST_REASON);
    const wasClean = event.wasClean === true;
    guard(() => events.closed(code, reason, wasClean));
  };
};

/** @param {string} text */
const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** One for all sockets. */
const ignore = () => {};

/**
 * Nothing that the socket says is heard any more.
 *
 * @param {WebSocket} socket
 * @param {boolean} terminate
 */
export const detach = (socket, terminate) => {
  try {
    socket.onopen = socket.onmessage = socket.onclose = null;
    // In Node an `error` that nobody listens to ends the process.
    socket.onerror = ignore;
    // Of `ws`, which otherwise waits 30 s for a dead peer's close frame.
    if (terminate) /** @type {any} */ (socket).terminate?.();
  } catch {
    // A socket that refuses is no longer ours to mend.
  }
};

/** As the standard numbers the states of a socket. A class of the user's may have none. */
const CLOSING = 2;

/**
 * Sends a message. Returns whether the socket was open: one that is closing takes messages, and drops them.
 *
 * @param {WebSocket} socket
 * @param {string} text
 */
export const send = (socket, text) => {
  const isOpen = !(socket.readyState >= CLOSING);
  socket.send(text);
  return isOpen;
};

/**
 * Sends a message that is joined here, as `value` is not to be copied into WebAssembly.
 *
 * @param {WebSocket} socket
 * @param {string} before
 * @param {string} value
 * @param {string} after
 */
export const sendJoined = (socket, before, value, after) => send(socket, before + value + after);
