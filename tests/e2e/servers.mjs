// Servers for the end-to-end tests: the real one of the demo, and some that do what no real one
// does. All listen on a free loopback port.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { startServer } from '../servers/demo/server.mjs';

/** Runs a test's body with a server, and stops the server whatever happens. */
const using = (start) => async (body, ...args) => {
  const server = await start(...args);
  try {
    return await body(server);
  } finally {
    await server.close();
  }
};

/** The npm packages graphql-ws, ws and graphql, with the demo's schema. */
export const withGraphqlWs = using(startServer);

/**
 * A WebSocket server that does what `script(socket, message)` says with each message of the
 * client's, which is parsed; the first call comes with `undefined`, when the socket has opened.
 */
export const withScript = using(async (script, { handleProtocols } = {}) => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols });
  await once(sockets, 'listening');
  const received = [];
  const closes = [];
  sockets.on('connection', (socket) => {
    const send = (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    const peer = { socket, send };
    script(peer, undefined);
    socket.on('message', (text) => {
      const message = JSON.parse(text);
      received.push(message);
      script(peer, message);
    });
    socket.on('close', (code, reason) => closes.push([code, String(reason)]));
  });
  return {
    url: `ws://127.0.0.1:${sockets.address().port}`,
    sockets,
    received,
    closes,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => sockets.close(resolve));
    },
  };
});

/** A server that acknowledges, and then does what the script says. */
export const withAck = (body, script = () => {}) =>
  withScript(body, (peer, message) => {
    if (message?.type === 'connection_init') peer.send({ type: 'connection_ack' });
    script(peer, message);
  });

const listening = async (server, close) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${server.address().port}`, close };
};

/** An HTTP server that knows no WebSocket. */
export const withHttp = using(() => {
  const server = createHttpServer((_, response) => response.writeHead(404).end('not here'));
  return listening(server, () => new Promise((resolve) => server.close(resolve)));
});

/** A server that accepts connections and says nothing. */
export const withSilence = using(() => {
  const open = new Set();
  const server = createTcpServer((socket) => open.add(socket.on('error', () => {})));
  return listening(server, () => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
});

/** A port that nobody listens on. */
export const unusedUrl = async () => {
  const server = createTcpServer();
  const { url, close } = await listening(server, () => new Promise((resolve) => server.close(resolve)));
  await close();
  return url;
};

/** Resolves when the condition has come true; polled, since a server tells of no change. */
export const until = async (condition, what) => {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`after 10 s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

/** Runs the body with what is reported as uncaught. */
export const withReports = async (body) => {
  const { reportError } = globalThis;
  const reports = [];
  globalThis.reportError = (error) => reports.push(error);
  try {
    return await body(reports);
  } finally {
    globalThis.reportError = reportError;
  }
};
