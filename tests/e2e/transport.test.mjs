// The package against the reference server (npm graphql-ws), in Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'graphql';
import {
  TransportClosedError,
  TransportConnectionFailedError,
  TransportError,
  TransportQueryError,
  WebSocketTransport,
} from 'wireql';
import { until, withGraphqlWs } from './servers.mjs';

/** Runs the body with a connected transport, and closes it whatever happens. */
const connected = (body, { server: serverOptions, ...options } = {}) =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url, options);
    await transport.connect();
    try {
      await body(transport, server);
    } finally {
      await transport.close();
    }
  }, { options: serverOptions });

const collect = async (iterator) => {
  const results = [];
  for await (const result of iterator) results.push(result);
  return results;
};

test('a query, a mutation and a subscription run to their end', () =>
  connected(async (transport) => {
    assert.equal(transport.state, 'ready');
    assert.equal(transport.subprotocol, 'graphql-transport-ws');
    assert.deepEqual(await transport.execute('{ hello }'), { data: { hello: 'Hello, world!' } });
    assert.deepEqual(await collect(transport.subscribe('mutation { setMessage(message: "a") }')), [
      { data: { setMessage: 'a' } },
    ]);
    assert.deepEqual(await transport.execute('{ message }'), { data: { message: 'a' } });
    assert.deepEqual(await collect(transport.subscribe('subscription { countdown(from: 2, ms: 1) }')), [
      { data: { countdown: 2 } },
      { data: { countdown: 1 } },
      { data: { countdown: 0 } },
    ]);
  }));

test('variables, an operation name and a DocumentNode reach the server', () =>
  connected(async (transport) => {
    const text = 'query A { hello } query B($name: String) { hello(name: $name) }';
    const options = { operationName: 'B', variables: { name: 'Ada' } };
    const expected = { data: { hello: 'Hello, Ada!' } };
    assert.deepEqual(await transport.execute(text, options), expected);
    assert.deepEqual(await transport.execute(parse(text), options), expected);
    assert.deepEqual(await transport.execute(parse(text, { noLocation: true }), options), expected);
    assert.deepEqual(await transport.execute({ query: text, ...options }), expected);
    // Transformed, it still carries the source that it was parsed from.
    const transformed = { ...parse('{ hello }'), definitions: parse('{ message }').definitions };
    assert.deepEqual(await transport.execute(transformed), { data: { message: 'hello' } });
  }));

test('100,000 results of one subscription arrive complete and in order', () =>
  connected(async (transport) => {
    let expected = 1;
    for await (const { data } of transport.subscribe('subscription { burst(count: 100000) }')) {
      assert.equal(data.burst, expected);
      expected += 1;
    }
    assert.equal(expected, 100_001);
  }));

test('100,000 results wait for a consumer that starts after the last one was sent', () =>
  connected(async (transport, server) => {
    const results = transport.subscribe('subscription { burst(count: 100000) }');
    await until(() => server.running.count === 1, 'the server runs it');
    await until(() => server.running.count === 0, 'the server has sent all');
    // Behind all of them on the same connection, so they have all arrived.
    await transport.execute('{ hello }');
    let expected = 1;
    for await (const { data } of results) {
      assert.equal(data.burst, expected);
      expected += 1;
    }
    assert.equal(expected, 100_001);
  }));

test('a hundred operations at once each get their own results', () =>
  connected(async (transport) => {
    const all = Array.from({ length: 100 }, (_, n) =>
      collect(transport.subscribe('subscription ($n: Int!) { countdown(from: $n, ms: 1) }', { variables: { n } })),
    );
    const results = await Promise.all(all);
    results.forEach((seen, n) => assert.deepEqual(seen.map(({ data }) => data.countdown), countdown(n)));
  }));

const countdown = (from) => Array.from({ length: from + 1 }, (_, n) => from - n);

test('a large result arrives whole', () =>
  connected(async (transport) => {
    const { data } = await transport.execute('{ text(length: 1000000) }');
    assert.equal(data.text, 'x'.repeat(1_000_000));
  }));

for (const [way, leave] of [
  ['break', async (results) => { for await (const _ of results) break; }],
  ['return()', async (results) => { await results.next(); await results.return(); }],
  ['throw()', async (results) => { await results.next(); await results.throw(new Error('mine')).catch(() => {}); }],
  ['Symbol.asyncDispose', async (results) => { await results.next(); await results[Symbol.asyncDispose](); }],
]) {
  test(`leaving a subscription by ${way} ends it on the server`, () =>
    connected(async (transport, server) => {
      const results = transport.subscribe('subscription { price(ms: 1) }');
      await leave(results);
      await until(() => server.running.count === 0, 'the server has stopped');
      assert.deepEqual(await results.next(), { value: undefined, done: true });
      assert.equal((await transport.execute('{ hello }')).data.hello, 'Hello, world!');
    }));
}

// Hosts that do not tell of what was collected let nobody learn of it.
const testWhereTold = typeof FinalizationRegistry === 'function' ? test : () => {};
testWhereTold('a subscription that nobody holds any more ends on the server', () =>
  connected(async (transport, server) => {
    const first = await (() => transport.subscribe('subscription { price(ms: 1) }').next())();
    assert.equal(first.value.data.price, 100);
    await until(() => (globalThis.gc(), server.running.count === 0), 'the server has stopped');
  }));

test('a promise is kept when the user holds nothing else', () =>
  withGraphqlWs(async ({ url }) => {
    const answer = await (async () => {
      const transport = new WebSocketTransport(url);
      await transport.connect();
      return [transport.execute('{ slow(ms: 300) }'), transport.subscribe('subscription { countdown(from: 1) }').next()];
    })();
    const collecting = setInterval(globalThis.gc, 10);
    assert.deepEqual(await answer[0], { data: { slow: 300 } });
    assert.deepEqual((await answer[1]).value, { data: { countdown: 1 } });
    clearInterval(collecting);
  }));

test('execute of a subscription takes the first result and ends it on the server', () =>
  connected(async (transport, server) => {
    assert.deepEqual(await transport.execute('subscription { price }'), { data: { price: 100 } });
    await until(() => server.running.count === 0, 'the server has stopped');
  }));

test('an unknown field ends its operation with an error, and the others go on', () =>
  connected(async (transport) => {
    const lasting = transport.subscribe('subscription { countdown(from: 3, ms: 20) }');
    const error = await transport.execute('{ nothing }').catch((error) => error);
    assert.ok(error instanceof TransportQueryError && error instanceof TransportError && error instanceof Error);
    assert.match(error.message, /Cannot query field "nothing"/);
    assert.equal(error.errors[0].message, 'Cannot query field "nothing" on type "Query".');
    assert.equal(error.ends, 'operation');
    assert.equal((await collect(lasting)).length, 4);
  }));

test('a syntax error closes the socket of this server, and every operation says so', () =>
  connected(async (transport) => {
    const lasting = transport.subscribe('subscription { silent }').next().catch((error) => error);
    for (const error of [await transport.execute('{ hello').catch((error) => error), await lasting]) {
      assert.ok(error instanceof TransportConnectionFailedError);
      assert.equal(error.closeCode, 4500);
      assert.match(error.reason, /Syntax Error/);
      assert.equal(error.ends, 'connection');
    }
    await transport.waitClosed();
    assert.equal(transport.state, 'closed');
  }));

test('the errors of a failing resolver are part of the result', () =>
  connected(async (transport) => {
    const result = await transport.execute('{ failing hello }');
    assert.deepEqual(result.data, { failing: null, hello: 'Hello, world!' });
    assert.equal(result.errors[0].message, 'this resolver fails');
  }));

test('a stream that breaks fails behind the results that came before', () =>
  connected(async (transport) => {
    const seen = [];
    const error = await (async () => {
      for await (const { data } of transport.subscribe('subscription { breaking(after: 3) }')) seen.push(data.breaking);
    })().catch((error) => error);
    assert.deepEqual(seen, [1, 2, 3]);
    assert.ok(error instanceof TransportQueryError);
    assert.match(error.message, /this stream breaks/);
  }));

test('an accepted initPayload reaches the server, and its answer is in payloads', () =>
  connected(
    async (transport) => assert.deepEqual(transport.payloads.connectionAck, { welcome: 'Ada' }),
    { initPayload: async () => ({ name: 'Ada' }), server: { onConnect: ({ connectionParams }) => ({ welcome: connectionParams.name }) } },
  ));

test('a refused initPayload fails connect with the code and the reason', () =>
  withGraphqlWs(
    async (server) => {
      const transport = new WebSocketTransport(server.url, { initPayload: { token: 'wrong' } });
      const error = await transport.connect().catch((error) => error);
      assert.ok(error instanceof TransportConnectionFailedError);
      assert.deepEqual([error.code, error.closeCode, error.reason], ['HANDSHAKE_REFUSED', 4403, 'Forbidden']);
      assert.ok(!error.message.includes('wrong'), 'no token in the message');
      assert.equal(transport.state, 'closed');
    },
    { options: { onConnect: ({ connectionParams }) => connectionParams.token === 'right' } },
  ));

test('close ends subscriptions without an error and lets a query finish', () =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url);
    await transport.connect();
    const results = collect(transport.subscribe('subscription { price(ms: 1) }'));
    const answer = transport.execute('{ slow(ms: 50) }');
    await until(() => server.running.count === 1, 'the server runs it');
    await transport.close();
    await results;
    assert.deepEqual(await answer, { data: { slow: 50 } });
    assert.equal(transport.state, 'closed');
    await until(() => server.sockets.clients.size === 0, 'the server has no client left');
  }));

test('close fails a query that does not finish in time', () =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url, { closeTimeout: 20 });
    await transport.connect();
    const answer = transport.execute('{ slow(ms: 400) }').catch((error) => error);
    await transport.close();
    assert.ok((await answer) instanceof TransportClosedError);
  }));

test('a transport connects again and again', () =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url);
    for (let round = 0; round < 20; round += 1) {
      await transport.connect();
      assert.deepEqual(await transport.execute('{ hello }'), { data: { hello: 'Hello, world!' } });
      await transport.close();
    }
  }));

test('a server that shuts down ends the operations with its code', () =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url);
    await transport.connect();
    const error = transport.subscribe('subscription { silent }').next().catch((error) => error);
    await until(() => server.running.count === 1, 'the server runs it');
    await server.close();
    assert.equal((await error).closeCode, 1001);
    // The server is stopped already.
    server.close = async () => {};
  }));

test('subscribe before connect and after close says that there is no connection', () =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url);
    await assert.rejects(transport.subscribe('{ hello }').next(), TransportClosedError);
    await transport.connect();
    await transport.close();
    await assert.rejects(transport.execute('{ hello }'), { name: 'TransportClosedError', code: 'NOT_CONNECTED' });
  }));

test('an operation made while connecting is sent when the server has acknowledged', () =>
  withGraphqlWs(async (server) => {
    const transport = new WebSocketTransport(server.url);
    const connecting = transport.connect();
    assert.deepEqual(await transport.execute('{ hello }'), { data: { hello: 'Hello, world!' } });
    await connecting;
    await transport.close();
  }));

test('pings of ours are answered, and keep the connection', () =>
  connected(
    async (transport) => {
      transport.sendPing({ sent: 1 });
      await until(() => transport.payloads.pong?.sent === 1, 'the pong');
      await collect(transport.subscribe('subscription { countdown(from: 5, ms: 20) }'));
      assert.equal(transport.state, 'ready');
    },
    { pingInterval: 10 },
  ));
