// A WebSocket without a network: what a client costs, and nothing else.
import { turn } from './harness.mjs';
import { dialects } from './frames.mjs';

/** As many frames come in one turn as one read of a real socket brings. */
const batch = 100;

/**
 * A server in this process, and the class of the sockets that lead to it. It acknowledges, and says
 * which operations were begun; what it sends is up to its user. `onSubscribe` is called with the id
 * of each operation.
 */
export function inProcess({ onSubscribe } = {}) {
  let socket;
  let ids = [];
  let arrived = () => {};

  class WebSocket {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    CONNECTING = 0;
    OPEN = 1;
    CLOSING = 2;
    CLOSED = 3;
    binaryType = 'blob';
    bufferedAmount = 0;
    extensions = '';
    readyState = 0;
    onopen = null;
    onmessage = null;
    onerror = null;
    onclose = null;

    constructor(url, protocols) {
      this.url = String(url);
      [this.protocol] = [protocols].flat();
      socket = this;
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen({ type: 'open' });
      });
    }

    // Not parsed: that would be the server's work in the client's time.
    send(text) {
      const [, type] = /"type":"(\w+)"/.exec(text);
      if (type === 'connection_init') queueMicrotask(() => server.send('{"type":"connection_ack"}'));
      if (type === 'ping') queueMicrotask(() => server.send('{"type":"pong"}'));
      if (type !== dialects[this.protocol].subscribe) return;
      const [, id] = /"id":"([^"]+)"/.exec(text);
      if (onSubscribe) {
        onSubscribe(id);
      } else {
        ids.push(id);
        arrived();
      }
    }

    close(code = 1005, reason = '') {
      this.readyState = 3;
      queueMicrotask(() => this.onclose?.({ type: 'close', code, reason, wasClean: true }));
    }
  }

  const server = {
    url: 'ws://in.process/graphql',
    WebSocket,

    get dialect() {
      return socket.protocol;
    },

    /** The ids of the next `count` operations, when all have begun. */
    async subscribed(count) {
      await new Promise((resolve) => {
        arrived = () => ids.length >= count && resolve();
        arrived();
      });
      const taken = ids;
      ids = [];
      return taken;
    },

    send(data) {
      socket.onmessage({ type: 'message', data, target: socket });
    },

    /** Sends the frames, `batch` in a turn. */
    async deliver(frames) {
      for (let begin = 0; begin < frames.length; begin += batch) {
        const end = Math.min(begin + batch, frames.length);
        for (let index = begin; index < end; index += 1) server.send(frames[index]);
        await turn();
      }
    },
  };
  return server;
}
