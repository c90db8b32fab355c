// What the package says of servers that are not there, are none, or break the protocol.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransportError, WebSocketTransport } from 'wireql';
import { until, unusedUrl, withAck, withHttp, withScript, withSilence } from './servers.mjs';

const failsToConnect = async (url, options, expected) => {
  const transport = new WebSocketTransport(url, options);
  const error = await transport.connect().then(
    () => assert.fail('connect resolved'),
    (error) => error,
  );
  assert.ok(error instanceof TransportError, String(error));
  for (const [key, value] of Object.entries(expected)) {
    if (value instanceof RegExp) assert.match(error[key], value);
    else assert.equal(error[key], value, `${key} of ${error}`);
  }
  assert.equal(transport.state, 'closed');
  await transport.waitClosed();
  return error;
};

const refused = { name: 'TransportConnectionFailedError', code: 'CONNECTION_REFUSED', closeCode: 1006, ends: 'connection' };

test('nobody listens', async () => {
  await failsToConnect(await unusedUrl(), {}, { ...refused, message: /could not open a WebSocket to ws:\/\/127/ });
});

test('an HTTP server that is no WebSocket server', () =>
  withHttp(({ url }) => failsToConnect(url, {}, refused)));

test('a server that never opens', () =>
  withSilence(({ url }) =>
    failsToConnect(url, { connectTimeout: 50 }, { name: 'TransportTimeoutError', code: 'CONNECT_TIMEOUT', timeout: 50 })));

test('close while the socket opens ends connect, and no error escapes', () =>
  withSilence(async ({ url }) => {
    const transport = new WebSocketTransport(url);
    const failed = transport.connect().catch((error) => error);
    await transport.close();
    assert.deepEqual([(await failed).name, transport.state], ['TransportClosedError', 'closed']);
  }));

test('a server that never acknowledges', () =>
  withScript(
    async (server) => {
      await failsToConnect(server.url, { ackTimeout: 50 }, { name: 'TransportTimeoutError', code: 'ACK_TIMEOUT', timeout: 50 });
      await until(() => server.closes.length === 1, 'the server sees the close');
      assert.deepEqual(server.closes, [[4504, 'connection acknowledgement timeout']]);
    },
    () => {},
  ));

// Every host refuses this by itself: subprotocols were offered, so one has to be picked.
test('a server that picks no subprotocol', () =>
  withScript(({ url }) => failsToConnect(url, {}, refused), () => {}, { handleProtocols: () => false }));

test('a server that picks another subprotocol', () =>
  withScript(({ url }) => failsToConnect(url, {}, refused), () => {}, { handleProtocols: () => 'mqtt' }));

test('a server that closes before the ack', () =>
  withScript(
    ({ url }) =>
      failsToConnect(url, {}, {
        name: 'TransportConnectionFailedError',
        code: 'HANDSHAKE_REFUSED',
        closeCode: 4401,
        reason: 'who are you?',
        wasClean: true,
      }),
    ({ socket }, message) => message && socket.close(4401, 'who are you?'),
  ));

test('a server that vanishes before the ack', () =>
  withScript(
    ({ url }) => failsToConnect(url, {}, { code: 'HANDSHAKE_REFUSED', closeCode: 1006, wasClean: false }),
    ({ socket }, message) => message && socket.terminate(),
  ));

test('a server that acknowledges twice is borne', () =>
  withAck(async ({ url }) => {
    const transport = new WebSocketTransport(url);
    await transport.connect();
    const answer = await transport.execute('{ n }');
    assert.deepEqual(answer, { data: 1 });
    await transport.close();
  }, ({ send }, message) => {
    if (message?.type !== 'subscribe') return;
    send({ type: 'connection_ack', payload: { again: true } });
    send({ type: 'next', id: message.id, payload: { data: 1 } });
  }));

const malformed = [
  ['text that is no JSON', 'hello', 'NOT_JSON'],
  ['an empty text', '', 'NOT_JSON'],
  ['JSON that is no message', [1, 2], 'INVALID_MESSAGE'],
  ['a binary message', Buffer.from('no JSON'), 'BINARY_FRAME'],
];

for (const [what, frame, code] of malformed) {
  const say = ({ socket, send }) => (Buffer.isBuffer(frame) ? socket.send(frame) : send(frame));

  test(`${what} ends the connection, behind the results that came before`, () =>
    withAck(
      async (server) => {
        const transport = new WebSocketTransport(server.url);
        await transport.connect();
        const results = transport.subscribe('subscription { n }');
        const other = transport.subscribe('subscription { other }').next().catch((error) => error);
        const seen = [];
        const error = await (async () => {
          for await (const result of results) seen.push(result);
        })().catch((error) => error);
        assert.deepEqual(seen, [{ data: 1 }]);
        assert.equal(error.name, 'TransportProtocolError');
        assert.deepEqual([error.code, error.ends], [code, 'connection']);
        assert.equal((await other).code, code);
        await until(() => server.closes.length === 1, 'the server sees the close');
        assert.deepEqual(server.closes, [[4400, 'invalid message']]);
      },
      (peer, message) => {
        if (message?.id !== '2') return;
        peer.send({ type: 'next', id: '1', payload: { data: 1 } });
        say(peer);
      },
    ));

  test(`${what} before the ack fails connect`, () =>
    withScript(
      ({ url }) => failsToConnect(url, {}, { name: 'TransportProtocolError', code }),
      (peer, message) => message && say(peer),
    ));
}

test('a message without a type before the ack fails connect', () =>
  withScript(
    ({ url }) => failsToConnect(url, {}, { name: 'TransportProtocolError', code: 'INVALID_MESSAGE' }),
    ({ send }, message) => message && send({ id: '1' }),
  ));

test('a result before the ack is told, and the ack is waited for', () =>
  withScript(
    async ({ url }) => {
      const transport = new WebSocketTransport(url);
      const told = [];
      transport.on('error', ({ code, ends }) => told.push([code, ends]));
      await transport.connect();
      assert.deepEqual(told, [['UNEXPECTED_MESSAGE', 'nothing']]);
      await transport.close();
    },
    ({ send }, message) => {
      if (message?.type !== 'connection_init') return;
      send({ type: 'next', id: '1', payload: { data: 1 } });
      send({ type: 'connection_ack' });
    },
  ));

test('a server that vanishes ends the operations, behind the results that came before', () =>
  withAck(
    async ({ url }) => {
      const transport = new WebSocketTransport(url);
      await transport.connect();
      const results = transport.subscribe('subscription { n }');
      await transport.waitClosed();
      assert.deepEqual((await results.next()).value, { data: 1 });
      const error = await results.next().catch((error) => error);
      assert.deepEqual([error.code, error.closeCode, error.wasClean], ['CONNECTION_LOST', 1006, false]);
    },
    ({ socket, send }, message) => {
      if (message?.type !== 'subscribe') return;
      send({ type: 'next', id: message.id, payload: { data: 1 } });
      // Behind the frame, so that it is not lost with the socket.
      socket.ping('', false, () => socket.once('pong', () => socket.terminate()));
    },
  ));

test('a half-open connection is found by pings', () =>
  withAck(async ({ url }) => {
    const transport = new WebSocketTransport(url, { pingInterval: 20, pongTimeout: 20 });
    await transport.connect();
    const error = await transport.subscribe('subscription { n }').next().catch((error) => error);
    assert.deepEqual([error.name, error.code], ['TransportTimeoutError', 'PONG_TIMEOUT']);
  }));

test('a silent connection is found by keepAliveTimeout', () =>
  withAck(async ({ url }) => {
    const transport = new WebSocketTransport(url, { keepAliveTimeout: 30 });
    await transport.connect();
    const error = await transport.subscribe('subscription { n }').next().catch((error) => error);
    assert.deepEqual([error.name, error.code], ['TransportTimeoutError', 'KEEP_ALIVE_TIMEOUT']);
  }));

test('a server that never says goodbye is given up after closeTimeout', () =>
  withAck(
    async (server) => {
      const transport = new WebSocketTransport(server.url, { closeTimeout: 30 });
      await transport.connect();
      await transport.close();
      assert.equal(transport.state, 'closed');
    },
    // Stops reading, so that the close is never answered.
    ({ socket }, message) => message?.type === 'connection_init' && socket.pause(),
  ));

test('a server ping is answered with its payload, unless answerPings is false', () =>
  withAck(
    async (server) => {
      for (const answerPings of [true, false]) {
        const transport = new WebSocketTransport(server.url, { answerPings });
        await transport.connect();
        await until(() => transport.payloads.ping?.n === 1, 'the ping');
        await transport.execute('{ n }');
        await transport.close();
      }
      assert.deepEqual(server.received.filter(({ type }) => type === 'pong'), [{ type: 'pong', payload: { n: 1 } }]);
    },
    ({ send }, message) => {
      if (message?.type === 'connection_init') send({ type: 'ping', payload: { n: 1 } });
      if (message?.type === 'subscribe') send({ type: 'next', id: message.id, payload: { data: 1 } });
    },
  ));
