// `wireql/testing`: the mock server, with this package's clients and with one that we did not write.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Client, WebSocketTransport, appSync, phoenix } from 'wireql';
import { mockServer } from 'wireql/testing';
import { createClient } from '../servers/node_modules/graphql-ws/dist/index.js';
import { WebSocket as WsWebSocket } from 'ws';

/** The same in process and over TCP. */
const places = [
  ['in process', async (server) => ({ url: server.url, webSocket: server.WebSocket })],
  ['over TCP', async (server) => ({ url: await server.listen(), webSocket: WsWebSocket })],
];

/** Runs the body with a server and what connects to it, and closes the server. */
const withMock = async (place, options, body) => {
  const server = mockServer(options);
  try {
    await body(server, await place(server));
  } finally {
    await server.close();
  }
};

/** Every dialect, as the options of a client. */
const dialects = [
  ['graphql-transport-ws', { subprotocols: ['graphql-transport-ws'] }],
  ['graphql-ws', { subprotocols: ['graphql-ws'] }],
  ['appsync', { dialect: appSync({ auth: { apiKey: 'da2-x' } }) }],
  ['phoenix', { dialect: phoenix({ params: { token: 'x' } }) }],
];

const take = async (results, count) => {
  const taken = [];
  for await (const { data } of results) {
    taken.push(data.price);
    if (taken.length === count) break;
  }
  return taken;
};

for (const [where, place] of places) {
  for (const [name, options] of dialects) {
    test(`${name}, ${where}: results, an error, leaving and a loss, with what the client has sent`, () =>
      withMock(place, {}, async (server, { url, webSocket }) => {
        const client = new Client(url, { ...options, webSocket, retry: { baseDelay: 1, delay: () => 0 } });
        const [notices, closes] = [[], []];
        client.on('disconnected', ({ code, wasClean, sent }) => closes.push([code, wasClean, sent]));
        const results = client.subscribe('subscription Price($of: ID!) { price(of: $of) }', {
          variables: { of: 7 },
          onNotice: ({ type }) => notices.push(type),
        });
        const reading = take(results, 3);
        const first = await server.operation('Price');
        assert.deepEqual([first.kind, first.field, first.variables], ['subscription', 'price', { of: 7 }]);
        first.next({ data: { price: 1 } });
        first.next({ data: { price: 2 } });
        const connection = await server.connection();
        assert.equal(connection.dialect, name);
        server.lose();
        assert.equal(await first.ended, 'lost');
        assert.deepEqual(await connection.closed, { code: 1006, reason: '', by: 'server' });
        const second = await server.operation('Price');
        second.next({ data: { price: 3 } });
        assert.deepEqual(await reading, [1, 2, 3]);
        assert.equal(await second.ended, 'left');
        assert.deepEqual(notices, ['interrupted', 'resumed']);
        assert.deepEqual(closes, [[1006, false, null]]);
        const refused = client.subscribe('subscription { secret }').next();
        (await server.operation('secret')).error('not for you');
        await assert.rejects(refused, { code: 'QUERY_ERROR', errors: [{ message: 'not for you' }] });
        await client.close();
        const kinds = server.received.map(({ kind }) => kind).filter((kind) => !['leave', 'pong'].includes(kind));
        assert.deepEqual(kinds, ['init', 'start', 'init', 'start', 'stop', 'start']);
        assert.equal(server.operations.length, 3);
      }));
  }

  test(`npm graphql-ws, ${where}: scripted operations, a refusal, and leaving`, () =>
    withMock(
      place,
      {
        operations: {
          price: [{ data: { price: 1 } }, { data: { price: 2 } }],
          async *Countdown({ variables }) {
            for (let n = variables.from; n >= 0; n -= 1) yield { data: { countdown: n } };
          },
          failing: () => {
            throw new Error('this handler fails');
          },
          hello: { data: { hello: 'world' } },
          silent: () => {},
        },
        onConnect: ({ token }) => (token === 'x' ? { hello: 1 } : false),
      },
      async (server, { url, webSocket }) => {
        const acks = [];
        const client = createClient({
          url,
          webSocketImpl: webSocket,
          connectionParams: { token: 'x' },
          on: { connected: (_, payload) => acks.push(payload) },
        });
        const all = async (query, variables) => {
          const results = [];
          for await (const result of client.iterate({ query, variables })) results.push(result);
          return results;
        };
        assert.deepEqual(await all('subscription { price }'), [{ data: { price: 1 } }, { data: { price: 2 } }]);
        assert.deepEqual(await all('subscription Countdown($from: Int!) { other(from: $from) }', { from: 1 }), [
          { data: { countdown: 1 } },
          { data: { countdown: 0 } },
        ]);
        assert.deepEqual(await all('{ hello }'), [{ data: { hello: 'world' } }]);
        assert.deepEqual(acks, [{ hello: 1 }, { hello: 1 }, { hello: 1 }]);
        await assert.rejects(all('subscription { failing }'), (errors) => errors[0].message === 'this handler fails');
        await assert.rejects(all('{ unknown }'), (errors) => /has no operation unknown: it has price, Countdown/.test(errors[0].message));
        const silent = client.iterate({ query: 'subscription { silent }' });
        const waiting = silent.next();
        const operation = await server.operation('silent');
        await silent.return();
        await waiting;
        assert.equal(await operation.ended, 'left');
        const refused = createClient({ url, webSocketImpl: webSocket, connectionParams: { token: 'y' }, retryAttempts: 0 });
        await assert.rejects(refused.iterate({ query: '{ hello }' }).next(), { code: 4403, reason: 'Forbidden' });
      },
    ));

  test(`a transcript with a loss is played to npm graphql-ws and to ours, ${where}`, async () => {
    const transcript = [
      'at 0      > open ws://server/graphql graphql-transport-ws,graphql-ws',
      'at 1      < opened graphql-transport-ws',
      'at 1      > {"type":"connection_init","payload":{"redacted":true}}',
      'at 2      < {"type":"connection_ack"}',
      'at 3      > {"id":"7","type":"subscribe","payload":{"query":"subscription { price }"}}',
      'at 4      < {"id":"7","type":"next","payload":{"data":{"price":1}}}',
      'at 5000   < lost',
      'at 5001   > drop',
      'at 9000   > open ws://server/graphql graphql-transport-ws,graphql-ws',
      'at 9000   < error refused',
      'at 9001   < closed 1006 unclean',
      'at 9900   > open ws://server/graphql graphql-transport-ws,graphql-ws',
      'at 9900   < opened graphql-transport-ws',
      'at 9900   > {"type":"connection_init"}',
      'at 9900   < {"type":"connection_ack"}',
      'at 9900   > {"id":"7","type":"subscribe","payload":{"query":"subscription { price }"}}',
      'at 9901   < {"id":"7","type":"next","payload":{"data":{"price":2}}}',
      'at 9902   < {"id":"7","type":"complete"}',
      'at 9903   > close 1000',
    ].join('\n');
    await withMock(place, { transcript }, async (server, { url, webSocket }) => {
      const theirs = createClient({ url, webSocketImpl: webSocket, retryWait: async () => {}, shouldRetry: () => true });
      const results = [];
      for await (const { data } of theirs.iterate({ query: 'subscription {\n  price\n}' })) results.push(data.price);
      assert.deepEqual(results, [1, 2]);
      await server.played;
      // It begins anew.
      const ours = new Client(url, { webSocket, retry: { delay: () => 0 } });
      assert.deepEqual(await take(ours.subscribe('subscription { price }')), [1, 2]);
      await ours.close();
    });
  });
}

test('recordings of real servers are played, under ids of the client that comes', async () => {
  const of = (file, title) => {
    const blocks = readFileSync(new URL(`../core/transcripts/${file}`, import.meta.url), 'utf8').split('\n\n');
    return blocks.find((block) => block.startsWith(`# ${title}\n`));
  };
  const appsync = mockServer({ transcript: of('recorded-appsync.txt', "recorded of AppSync's simulator: flow") });
  const client = new Client(appsync.url, { dialect: appSync({ auth: { apiKey: 'da2-x' } }), webSocket: appsync.WebSocket });
  await client.connect();
  const { value } = await client.subscribe('subscription { onSend { id room text } }').next();
  assert.deepEqual(value.data, { onSend: { id: '1', room: 'a', text: 't1' } });
  await client.close();
  await appsync.close();

  const channels = mockServer({ transcript: of('recorded-phoenix.txt', 'recorded of Phoenix: flow v2') });
  const transport = new WebSocketTransport(channels.url, { dialect: phoenix(), webSocket: channels.WebSocket });
  await transport.connect();
  // The recorded client began with the query; this one has other ids for all.
  const live = transport.subscribe('subscription { onSend(room: "a") { id room text } }');
  assert.deepEqual(await transport.execute('{ hello }'), { data: { hello: 'world' } });
  const sent = await transport.execute('mutation { send(id: "1", room: "a", text: "hi") { id } }');
  assert.deepEqual(sent, { data: { send: { id: '1' } } });
  assert.deepEqual((await live.next()).value, { data: { onSend: { id: '1', room: 'a', text: 'hi' } } });
  await live.return();
  await transport.close();
  await channels.close();
});

const transcript = [
  '# one subscription',
  'at 0      > open ws://server/graphql graphql-transport-ws',
  'at 0      < opened graphql-transport-ws',
  'at 0      > {"type":"connection_init"}',
  'at 0      < {"type":"connection_ack"}',
  'at 0      > {"id":"1","type":"subscribe","payload":{"query":"subscription ($a: Int) { a(a: $a) }","variables":{"a":1}}}',
  'at 0      < {"id":"1","type":"next","payload":{"data":{"a":1}}}',
].join('\n');

test('a client that does not fit the transcript is told, with the line and both sides', async () => {
  const server = mockServer({ transcript });
  const told = [];
  server.on('mismatch', (mismatch) => told.push(mismatch));
  const client = new Client(server.url, { webSocket: server.WebSocket });
  await assert.rejects(client.execute('subscription ($a: Int) { a(a: $a) }', { variables: { a: 2 } }), {
    errors: [{ message: 'the transcript has no such operation' }],
  });
  await assert.rejects(server.played, /does not fit the transcript at line 6\n {2}expected: .*"a":1.*\n {2}received: .*"a":2/);
  await client.close();
  assert.deepEqual(told.map(({ line }) => line), [6]);
  // Another one offers what was not recorded.
  const legacy = new Client(server.url, { webSocket: server.WebSocket, subprotocols: ['graphql-ws'], retry: false });
  await assert.rejects(legacy.connect(), { code: 'CONNECTION_REFUSED' });
  assert.match(told[1].message, /line 3\n {2}expected: a client that offers graphql-transport-ws\n {2}received: graphql-ws$/);
  // And one leaves before it has said all.
  const hasty = new Client(server.url, { webSocket: server.WebSocket });
  await hasty.connect();
  await hasty.close();
  assert.deepEqual([told[2].line, told[2].received], [6, 'close 1000']);
  await server.close();
});

test('what a client has left is not played to it any more', async () => {
  const later = 'at 5      < {"id":"1","type":"next","payload":{"data":{"a":2}}}\nat 6      < {"type":"ping"}';
  const server = mockServer({ transcript: `${transcript}\n${later}`, speed: 1 });
  const socket = new server.WebSocket(server.url, 'graphql-transport-ws');
  const came = [];
  const pinged = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const { type, id } = JSON.parse(data);
      came.push(type);
      if (type === 'next') socket.send(JSON.stringify({ type: 'complete', id }));
      if (type === 'ping') resolve();
    };
  });
  await new Promise((resolve) => (socket.onopen = resolve));
  socket.send('{"type":"connection_init"}');
  socket.send('{"type":"subscribe","id":"x","payload":{"query":"subscription ($a: Int) { a(a: $a) }","variables":{"a":1}}}');
  await pinged;
  assert.deepEqual(came, ['connection_ack', 'next', 'ping']);
  await server.close();
});

test('in Phoenix an error of a subscription that has begun is a result', async () => {
  const server = mockServer();
  const client = new Client(server.url, { dialect: phoenix(), webSocket: server.WebSocket });
  const results = client.subscribe('subscription { price }');
  const first = results.next();
  const operation = await server.operation('price');
  operation.next({ data: { price: 1 } });
  await first;
  operation.error('it broke');
  assert.deepEqual((await results.next()).value, { errors: [{ message: 'it broke' }] });
  await client.close();
  await server.close();
});

test('what is waited for and does not come is an error that says what came', async () => {
  const server = mockServer({ timeout: 10 });
  const client = new Client(server.url, { webSocket: server.WebSocket });
  await client.connect();
  await assert.rejects(server.waitFor('start'), /after 10 ms there is no message that is `start`\. What came: init/);
  await assert.rejects(server.operation('price'), /there is no further operation price\. Those that came: none/);
  await server.connection();
  await assert.rejects(server.connection(), /there is no further connection/);
  const { frame } = await server.waitFor(({ frame }) => frame.type === 'connection_init');
  assert.deepEqual(frame, { type: 'connection_init' });
  await client.close();
  await server.close();
});

test('a server that does not accept connections is one that is down, until it does', async () => {
  const server = mockServer({ operations: { a: [{ data: { a: 1 } }] } });
  server.accepting = false;
  const client = new Client(server.url, { webSocket: server.WebSocket, retry: { delay: () => 0 } });
  const disconnected = new Promise((resolve) => client.on('disconnected', resolve));
  const result = client.execute('{ a }');
  assert.equal((await disconnected).error.code, 'CONNECTION_REFUSED');
  server.accepting = true;
  assert.deepEqual(await result, { data: { a: 1 } });
  await client.close();
  await server.close();
});

test('a source is told when the client leaves', async () => {
  let left;
  const isLeft = new Promise((resolve) => (left = resolve));
  const values = [{ done: false, value: { data: { ticks: 1 } } }];
  const source = {
    [Symbol.asyncIterator]: () => source,
    next: () => values.shift() ?? new Promise(() => {}),
    return: async () => left(),
  };
  const server = mockServer({ operations: { ticks: () => source } });
  const client = new Client(server.url, { webSocket: server.WebSocket });
  assert.deepEqual(await client.execute('subscription { ticks }'), { data: { ticks: 1 } });
  await isLeft;
  await client.close();
  await server.close();
});

test('the socket is as strict as a browser\'s', async () => {
  const server = mockServer();
  const socket = new server.WebSocket(server.url, 'graphql-transport-ws');
  assert.throws(() => socket.send('{}'), { name: 'InvalidStateError' });
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  assert.deepEqual([socket.readyState, socket.protocol, socket.url], [1, 'graphql-transport-ws', server.url]);
  assert.throws(() => socket.close(1001), { name: 'InvalidAccessError' });
  const closed = new Promise((resolve) => (socket.onclose = resolve));
  socket.close(4000, 'enough');
  assert.equal(socket.readyState, 2);
  const { code, reason, wasClean } = await closed;
  assert.deepEqual([code, reason, wasClean], [4000, 'enough', true]);
  await server.close();
});

test('invalid options and transcripts throw a sentence', () => {
  for (const [options, expected] of [
    [{ handlers: {} }, /handlers/],
    [{ operations: [] }, /option `operations` must be an object of handlers, but is an array/],
    [{ speed: 0 }, /option `speed` must be a number above 0/],
    [{ dialects: ['mqtt'] }, /option `dialects`/],
    [{ transcript, operations: {} }, /leave out `operations` and `onConnect`/],
    [{ transcript: 'hello' }, /line 1 is no line of a transcript/],
    [{ transcript: 'at 0      ! connect' }, /the transcript has no connection/],
  ]) {
    assert.throws(() => mockServer(options), (error) => error instanceof TypeError && expected.test(error.message), JSON.stringify(options));
  }
});

test('times are kept when they are asked for', async () => {
  const slow = transcript.replace('at 0      < {"id"', 'at 40     < {"id"');
  const server = mockServer({ transcript: slow, speed: 2 });
  const client = new Client(server.url, { webSocket: server.WebSocket });
  const began = performance.now();
  await client.execute('subscription ($a: Int) { a(a: $a) }', { variables: { a: 1 } });
  // A lower bound: it may take longer, however slow the machine.
  assert.ok(performance.now() - began >= 19);
  await client.close();
  await server.close();
});

test('timers that a test puts in place of the host\'s do not stop it', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const server = mockServer({ operations: { a: { data: { a: 1 } } }, timeout: 10 });
  const transport = new WebSocketTransport(server.url, { webSocket: server.WebSocket });
  await transport.connect();
  assert.deepEqual(await transport.execute('{ a }'), { data: { a: 1 } });
  await assert.rejects(server.operation('b'), /after 10 ms/);
  await transport.close();
  await server.close();
});

test('CommonJS has it too, as Jest needs it', async () => {
  const require = createRequire(import.meta.url);
  const server = require('wireql/testing').mockServer({ operations: { a: { data: { a: 1 } } } });
  const client = new Client(await server.listen(), { webSocket: WsWebSocket });
  assert.deepEqual(await client.execute('{ a }'), { data: { a: 1 } });
  await client.close();
  await server.close();
});

test('over TCP it survives what no client sends, and does not wait for one that stays', async () => {
  const server = mockServer({ operations: { a: { data: { a: 1 } } }, onConnect: ({ token }) => token === undefined });
  const { port } = new URL(await server.listen());
  const upgrade = (path) =>
    new Promise((resolve, reject) => {
      const upgrading = 'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
      const headers = `${upgrading}Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
      const socket = connect(port, '127.0.0.1').on('error', reject);
      socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
      socket.once('data', (data) => resolve({ socket, status: String(data).split('\r\n')[0] }));
    });
  assert.equal((await upgrade('//')).status, 'HTTP/1.1 400 Bad Request');
  const staying = await upgrade('/graphql');
  assert.equal(staying.status, 'HTTP/1.1 101 Switching Protocols');
  const client = new Client(server.url, { webSocket: server.WebSocket });
  // Without a payload there is one without keys.
  assert.deepEqual(await client.execute('{ a }'), { data: { a: 1 } });
  await client.close();
  const gone = new Promise((resolve) => staying.socket.once('close', resolve));
  await server.close();
  await gone;
});

test('what is no request starts nothing, in AppSync too', async () => {
  const server = mockServer({ operations: { a: { data: { a: 1 } } }, dialects: ['appsync'] });
  const socket = new server.WebSocket(server.url, ['graphql-ws', 'header-e30']);
  await new Promise((resolve) => (socket.onopen = resolve));
  const frames = ['null', '1', '{'].map((data) => ({ id: '1', type: 'start', payload: { data } }));
  for (const frame of [{ type: 'connection_init' }, ...frames]) socket.send(JSON.stringify(frame));
  // It goes on.
  socket.send(JSON.stringify({ id: '1', type: 'start', payload: { data: '{"query":"{ a }"}' } }));
  await server.operation('a');
  assert.deepEqual(server.received.map(({ kind }) => kind), ['init', 'unknown', 'unknown', 'unknown', 'start']);
  await server.close();
});

test('an operation without a name is known by its first field, not by a directive or a spread', async () => {
  const server = mockServer({ operations: { a: { data: { a: 1 } } } });
  const client = new Client(server.url, { webSocket: server.WebSocket });
  for (const document of ['query @live { a }', '{ ... on Query @include(if: true) { b } a }', '{ ...F @skip(if: true) x: a }']) {
    assert.deepEqual(await client.execute(document), { data: { a: 1 } }, document);
  }
  await client.close();
  await server.close();
});
