// The options that are handed on to the host's WebSocket, checked by a server that looks at them:
// with the class that the host has (its own, or `ws` in Node 20), and with `ws`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { test } from 'node:test';
import { TransportConnectionFailedError, WebSocketTransport } from 'wireql';
import { WebSocket, WebSocketServer } from 'ws';
import { withAck } from './servers.mjs';

const read = (file) => readFileSync(new URL(`tls/${file}`, import.meta.url), 'utf8');
// Self-signed, for 127.0.0.1, made for these tests.
const [cert, key] = ['cert.pem', 'key.pem'].map(read);

/** A server behind TLS that lets in who has the right header. */
const withTls = async (body) => {
  const https = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(https, 'listening');
  const sockets = new WebSocketServer({
    server: https,
    verifyClient: ({ req }, done) => done(req.headers.authorization === 'Bearer right', 401, 'who are you?', { 'x-why': 'header' }),
  });
  sockets.on('headers', (headers) => headers.push('x-served-by: test'));
  sockets.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"connection_ack"}')));
  try {
    return await body(`wss://127.0.0.1:${https.address().port}`);
  } finally {
    for (const socket of sockets.clients) socket.terminate();
    https.closeAllConnections();
    await new Promise((resolve) => https.close(resolve));
  }
};

const refused = async (url, options) => {
  const transport = new WebSocketTransport(url, options);
  const error = await transport.connect().then(() => assert.fail('connected'), (error) => error);
  assert.ok(error instanceof TransportConnectionFailedError, String(error));
  assert.equal(error.code, 'CONNECTION_REFUSED');
  assert.ok(!error.message.includes('Bearer'), error.message);
  return error;
};

const connects = async (url, options) => {
  const transport = new WebSocketTransport(url, options);
  await transport.connect();
  const { responseHeaders } = transport;
  await transport.close();
  return responseHeaders;
};

const headers = { authorization: 'Bearer right' };

for (const [name, webSocket] of [["the host's", undefined], ['ws', WebSocket]]) {
  test(`${name}: a self-signed certificate is refused, unless \`tls\` trusts it`, () =>
    withTls(async (url) => {
      const error = await refused(url, { webSocket, headers });
      // Node's own says less, hence the hint.
      assert.match(error.message, webSocket ? /: self-signed certificate/ : /a certificate that this host trusts\?$/);
      await connects(url, { webSocket, headers, tls: { ca: cert } });
      await connects(url, { webSocket, headers, tls: { rejectUnauthorized: false } });
      await refused(url, { webSocket, headers, tls: { ca: cert, servername: 'elsewhere' } });
    }));

  test(`${name}: a header is sent, and the server's refusal without it is told`, () =>
    withTls(async (url) => {
      const tls = { ca: cert };
      await connects(url, { webSocket, tls, headers: new Headers(headers) });
      await connects(url, { webSocket, tls, headers: new Map([['authorization', 'Bearer right']]) });
      await refused(url, { webSocket, tls });
      await refused(url, { webSocket, tls, headers: { authorization: 'Bearer wrong' } });
    }));

  test(`${name}: connectArgs has the last word`, () =>
    withTls(async (url) => {
      const wrong = { authorization: 'Bearer wrong' };
      await connects(url, { webSocket, tls: { ca: cert }, headers: wrong, connectArgs: { headers } });
      await refused(url, { webSocket, tls: { ca: cert }, headers, connectArgs: { headers: wrong } });
    }));
}

test('the headers of the answer are told by ws', () =>
  withTls(async (url) => {
    const told = await connects(url, { webSocket: WebSocket, headers, tls: { ca: cert } });
    assert.equal(told['x-served-by'], 'test');
  }));

test('subprotocols are offered in the order that was asked for', () =>
  withAck(async ({ url, sockets }) => {
    const offered = [];
    sockets.on('connection', (_, request) => offered.push(request.headers['sec-websocket-protocol']));
    await connects(url, { subprotocols: ['graphql-ws'] });
    await connects(url, { subprotocols: ['graphql-ws', 'graphql-transport-ws'] });
    await connects(url);
    assert.deepEqual(offered.map((list) => list.replace(' ', '')), [
      'graphql-ws',
      'graphql-ws,graphql-transport-ws',
      'graphql-transport-ws,graphql-ws',
    ]);
  }));
