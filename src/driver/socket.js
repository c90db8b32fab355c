// The handlers of a socket, and what else web-sys cannot do with one. The hot path of a result is `onmessage`
// below: one parse, of the payload alone if the envelope is known, and one call into WebAssembly.

import { caught, guard } from './panic.js';

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
 * Has `events` told what the socket says.
 *
 * @param {WebSocket} socket
 * @param {import('./envelope.js').Envelope} envelope
 * @param {SocketEvents} events
 */
export const listen = (socket, envelope, events) => {
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => guard(() => events.opened(socket.protocol ?? ''));
  socket.onmessage = ({ data }) => {
    try {
      if (typeof data !== 'string') return events.binary();
      if (envelope.take(data, events)) return;
      let frame;
      try {
        frame = JSON.parse(data);
      } catch {
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
    const text = String(message || error?.message || '').trim().replace(/\.+$/, '');
    guard(() => events.error(text, error));
  };
  socket.onclose = ({ code, reason, wasClean }) => {
    guard(() => events.closed(Number(code) || 1006, String(reason ?? ''), wasClean === true));
  };
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
    // Of `ws`: else it waits half a minute for the goodbye of a peer that is gone.
    if (terminate) /** @type {any} */ (socket).terminate?.();
  } catch {
    // A socket that refuses is no longer ours to mend.
  }
};

/**
 * Sends a message that is joined here, as `value` is not to be copied into WebAssembly.
 *
 * @param {WebSocket} socket
 * @param {string} before
 * @param {string} value
 * @param {string} after
 */
export const sendJoined = (socket, before, value, after) => socket.send(before + value + after);
