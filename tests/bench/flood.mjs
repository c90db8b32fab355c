// A real server that sends small frames as fast as the client takes them. It builds them before,
// and writes them to the TCP socket itself, so that no client waits for it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { completeFrame, dialects, nextFrames, small } from './frames.mjs';

/** So much is handed to the socket at once. */
const chunk = 1 << 16;

/** The text as a WebSocket frame of a server's, in Latin-1. RFC 6455, section 5.2. */
const encode = (text) => {
  const { length } = text;
  const head = length < 126 ? [length] : [126, length >> 8, length & 255];
  return String.fromCharCode(0x81, ...head) + text;
};

const flood = async (socket, dialect, id, count) => {
  const texts = [...nextFrames(dialect, [id], count, small), completeFrame(id)];
  const bytes = Buffer.from(texts.map(encode).join(''), 'latin1');
  for (let begin = 0; begin < bytes.length && !socket.destroyed; begin += chunk) {
    if (!socket.write(bytes.subarray(begin, begin + chunk))) await once(socket, 'drain');
  }
};

/**
 * Listens on loopback. An operation gets as many results as its variable `n` says, and its end;
 * `sumOf(n, small)` is what they come to.
 */
export async function startFlood() {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => Object.keys(dialects).find((dialect) => offered.has(dialect)) ?? false,
  });
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (connection) => {
      connection.on('error', () => {});
      connection.on('message', (data) => {
        const { type, id, payload } = JSON.parse(data);
        if (type === 'connection_init') connection.send('{"type":"connection_ack"}');
        if (type === 'ping') connection.send('{"type":"pong"}');
        if (type === dialects[connection.protocol].subscribe) {
          // A client that is gone breaks it off.
          flood(socket, connection.protocol, id, payload.variables.n).catch(() => {});
        }
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `ws://127.0.0.1:${http.address().port}/graphql`,
    close() {
      for (const connection of sockets.clients) connection.terminate();
      http.close();
    },
  };
}
