// A connection that was given up: its TCP socket goes at once, and no other's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, WebSocketTransport } from 'wireql';
import { WebSocket as Ws } from 'ws';
import { until, withAck, withScript } from './servers.mjs';

const sockets = { ws: Ws, ...(globalThis.WebSocket && { "the host's": globalThis.WebSocket }) };

/** From now on the server hears nothing, and answers nothing. */
const deafen = ({ socket }) => socket._socket.removeAllListeners('data').resume();

const REASONS = {
  PONG_TIMEOUT: { pingInterval: 50, pongTimeout: 50 },
  ACK_TIMEOUT: { ackTimeout: 100 },
  KEEP_ALIVE_TIMEOUT: { keepAliveTimeout: 100 },
  'close()': { closeTimeout: 50 },
};

for (const [kind, webSocket] of Object.entries(sockets)) {
  for (const [why, options] of Object.entries(REASONS)) {
    test(`${why} lets go of the TCP socket, with the WebSocket of ${kind}`, () =>
      withScript(
        async ({ url, sockets }) => {
          let open = 0;
          sockets.on('connection', (_, { socket }) => {
            open += 1;
            socket.on('close', () => (open -= 1));
          });
          const transport = new WebSocketTransport(url, { webSocket, ...options });
          const connecting = transport.connect().catch((error) => error.code);
          if (why !== 'ACK_TIMEOUT') await connecting;
          if (why === 'close()') await transport.close();
          await transport.waitClosed();
          assert.equal(transport.closeReason.error?.code ?? 'close()', why);
          // Less than the half minute of `ws`, and the minutes of TCP.
          await until(() => open === 0, 'the TCP socket is gone');
        },
        (peer, message) => {
          if (message?.type !== 'connection_init') return;
          if (why !== 'ACK_TIMEOUT') peer.send({ type: 'connection_ack' });
          deafen(peer);
        },
      ));
  }

  test(`of many that open at once, the right ones are let go of, with the WebSocket of ${kind}`, () =>
    withAck(async ({ url, sockets }) => {
      const open = new Set();
      sockets.on('connection', (_, request) => {
        open.add(request.url);
        request.socket.on('close', () => open.delete(request.url));
      });
      const clients = Array.from({ length: 20 }, (_, n) => {
        const isDeaf = n % 2 === 1;
        const options = isDeaf ? { pingInterval: 50, pongTimeout: 50 } : { pingInterval: null };
        return new Client(`${url}/${isDeaf ? 'deaf' : 'alive'}/${n}`, { webSocket, idleTimeout: null, retry: false, ...options });
      });
      // Others connect by the same means.
      const http = fetch(url.replace('ws', 'http')).catch(() => {});
      await Promise.all(clients.map((client) => client.connect()));
      await until(() => open.size === 10, 'those that are deaf are gone');
      assert.ok([...open].every((path) => path.startsWith('/alive')), [...open].join());
      assert.ok(clients.every(({ status }, n) => (status.state === 'ready') === (n % 2 === 0)));
      await Promise.all(clients.map((client) => client.close()));
      await http;
    }));
}
