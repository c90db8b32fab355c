// `wireql/graphql-ws` where npm `graphql-ws` is used: under Apollo Client, urql and Relay, and in that package's own
// recipes. Each with a real server, and a connection that is killed midway.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createUrqlClient, subscriptionExchange } from '@urql/core';
import relay from 'relay-runtime';
import { Observable } from 'rxjs';
import { createClient } from 'wireql/graphql-ws';
import { WebSocket } from 'ws';
import { startServer } from '../servers/index.mjs';
import { startProxy } from '../servers/proxy.mjs';
import { until, withAck } from './servers.mjs';

const TICKS = 'subscription Ticks($ms: Int) { ticks(ms: $ms) }';

let server;
before(async () => (server = await startServer('graphql-ws')));
after(() => server.stop());

const healthy = { retryWait: async () => {} };

/** Runs the body with a client behind a proxy, which kills connections. `client` is disposed of whatever happens. */
const withClient = async (options, body) => {
  const proxy = await startProxy(server);
  const client = createClient({ url: proxy.url, webSocketImpl: WebSocket, ...healthy, ...options });
  try {
    await body(client, proxy);
  } finally {
    await client.dispose();
    await proxy.close();
  }
};

/** Asks the server, behind no proxy, again and again until the answer is the one that is waited for. */
const untilAnswer = async (query, isIt) => {
  const observer = createClient({ url: server.url, webSocketImpl: WebSocket, lazyCloseTimeout: 1_000 });
  const deadline = performance.now() + 10_000;
  for (;;) {
    const { data } = (await observer.iterate({ query }).next()).value;
    if (isIt(data)) break;
    assert.ok(performance.now() < deadline, `after 10 s ${query} still gives ${JSON.stringify(data)}`);
  }
  await observer.dispose();
};

/** Resolves when the server works on nothing. */
const untilIdle = () => untilAnswer('{ running }', ({ running }) => running === 0);

/**
 * A subscription that counts from 1, with what starts it and returns the function that leaves it: its connection is
 * killed, each way, and it goes on, which is from 1. Then it is left.
 */
const outlives = async (proxy, start) => {
  const ticks = [];
  let failure;
  const leave = start({
    next: (n) => ticks.push(n),
    error: (error) => (failure = error),
  });
  const goesOn = async (times) => {
    await until(() => failure !== undefined || ticks.filter((n) => n === 3).length === times, `3 for the ${times}th time, but ${ticks}`);
    assert.equal(failure, undefined, String(failure?.reason ?? failure));
  };
  await goesOn(1);
  proxy.cut();
  await goesOn(2);
  proxy.reset();
  await goesOn(3);
  assert.equal(ticks.filter((n) => n === 1).length, 3);
  leave();
  await untilIdle();
};

// ---- libraries --------------------------------------------------------------------------

test("Apollo Client's own link goes on over killed connections", async () => {
  // It looks for the global when it is given an error, and Node 20 has none.
  globalThis.WebSocket ??= WebSocket;
  await withClient({ lazyCloseTimeout: 1_000 }, async (client, proxy) => {
    const apollo = new ApolloClient({ link: new GraphQLWsLink(client), cache: new InMemoryCache() });
    const { data } = await apollo.query({ query: gql('{ hello(name: "Apollo") }') });
    assert.equal(data.hello, 'Hello, Apollo!');
    const { data: set } = await apollo.mutate({ mutation: gql('mutation { setMessage(message: "by Apollo") }') });
    assert.equal(set.setMessage, 'by Apollo');
    await assert.rejects(apollo.query({ query: gql('{ nothing }'), fetchPolicy: 'no-cache' }), /Cannot query field/);
    await outlives(proxy, ({ next, error }) => {
      const observation = apollo.subscribe({ query: gql(TICKS), variables: { ms: 5 } }).subscribe({
        next: (result) => (result.error ? error(result.error) : next(result.data.ticks)),
        error,
      });
      return () => observation.unsubscribe();
    });
    apollo.stop();
  });
});

test("urql's recipe goes on over killed connections", async () => {
  await withClient({}, async (client, proxy) => {
    const urql = createUrqlClient({
      url: '/graphql',
      exchanges: [
        subscriptionExchange({
          enableAllOperations: true,
          forwardSubscription(request) {
            const payload = { ...request, query: request.query ?? '' };
            return {
              subscribe: (sink) => ({ unsubscribe: client.subscribe(payload, sink) }),
            };
          },
        }),
      ],
    });
    const { data, error } = await urql.query('{ hello }', {}).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.hello, 'Hello, world!');
    const changed = await urql.mutation('mutation { setMessage(message: "by urql") }', {}).toPromise();
    assert.equal(changed.data.setMessage, 'by urql');
    await outlives(proxy, ({ next, error }) => {
      const { unsubscribe } = urql
        .subscription(TICKS, { ms: 5 })
        .subscribe((result) => (result.error ? error(result.error) : next(result.data.ticks)));
      return unsubscribe;
    });
  });
});

test("Relay's network goes on over killed connections", async () => {
  await withClient({}, async (client, proxy) => {
    const fetchOrSubscribe = ({ id, name, text }, variables) =>
      relay.Observable.create((sink) => client.subscribe({ operationName: name, query: text ?? '', variables, extensions: { id } }, sink));
    const network = relay.Network.create(fetchOrSubscribe, fetchOrSubscribe);
    const execute = (operationKind, name, text, variables = {}) =>
      network.execute({ id: null, cacheID: name, metadata: {}, name, operationKind, text }, variables, {});
    const { data } = await execute('query', 'Hello', 'query Hello { hello }').toPromise();
    assert.equal(data.hello, 'Hello, world!');
    const changed = await execute('mutation', 'Change', 'mutation Change { setMessage(message: "by Relay") }').toPromise();
    assert.equal(changed.data.setMessage, 'by Relay');
    await outlives(proxy, ({ next, error }) => {
      const observation = execute('subscription', 'Ticks', TICKS, { ms: 5 }).subscribe({ next: (result) => next(result.data.ticks), error });
      return () => observation.unsubscribe();
    });
  });
});

// ---- the recipes of npm graphql-ws ------------------------------------------------------

test('a promise of a query, by iterate', async () => {
  await withClient({}, async (client) => {
    const { value } = await client.iterate({ query: '{ hello }' }).next();
    assert.deepEqual(value, { data: { hello: 'Hello, world!' } });
  });
});

test('an async iterator goes on over killed connections', async () => {
  await withClient({}, async (client, proxy) => {
    await outlives(proxy, ({ next, error }) => {
      const results = client.iterate({ query: TICKS, variables: { ms: 5 } });
      (async () => {
        for await (const { data } of results) next(data.ticks);
      })().catch(error);
      return () => results.return();
    });
  });
});

test("an observable of RxJS's goes on over killed connections", async () => {
  await withClient({}, async (client, proxy) => {
    const toObservable = (operation) => new Observable((observer) => client.subscribe(operation, observer));
    await outlives(proxy, ({ next, error }) => {
      const observation = toObservable({ query: TICKS, variables: { ms: 5 } }).subscribe({ next: ({ data }) => next(data.ticks), error });
      return () => observation.unsubscribe();
    });
  });
});

test('retryWait waits for a health check', async () => {
  let checks = 0;
  const retryWait = async () => {
    checks += 1;
    assert.ok((await createClient({ url: server.url, webSocketImpl: WebSocket }).iterate({ query: '{ hello }' }).next()).value.data);
  };
  await withClient({ retryWait }, async (client, proxy) => {
    await outlives(proxy, ({ next, error }) => client.subscribe({ query: TICKS, variables: { ms: 5 } }, { next: ({ data }) => next(data.ticks), error, complete() {} }));
    assert.equal(checks, 2);
  });
});

test('a graceful restart closes the socket, and operations go on', async () => {
  let socket;
  const closed = [];
  const restart = () => socket.close(4205, 'Client Restart');
  const on = {
    opened: (opened) => (socket = opened),
    closed: ({ code }) => closed.push(code),
  };
  await withClient({ on }, async (client) => {
    const ticks = [];
    const leave = client.subscribe({ query: TICKS, variables: { ms: 5 } }, { next: ({ data }) => ticks.push(data.ticks), error: assert.fail, complete() {} });
    await until(() => ticks.includes(3), 'results');
    restart();
    await until(() => ticks.filter((n) => n === 3).length === 2, 'results behind the restart');
    assert.deepEqual(closed, [4205]);
    leave();
  });
  await untilIdle();
});

/** What is called if no pong comes in time, as the recipes have it. */
const onSilence = (ms, act) => {
  let timeout;
  let socket;
  return {
    connected: (connected) => (socket = connected),
    ping: (received) => received || (timeout = setTimeout(() => act(socket), ms)),
    pong: (received) => received && clearTimeout(timeout),
    closed: () => clearTimeout(timeout),
  };
};

test('keepAlive finds a connection that hangs, and terminate replaces it', async () => {
  let made;
  await withClient({ keepAlive: 20, on: onSilence(300, () => made.terminate()) }, async (client, proxy) => {
    made = client;
    const closed = [];
    client.on('closed', ({ code }) => closed.push(code));
    const ticks = [];
    const leave = client.subscribe({ query: TICKS, variables: { ms: 5 } }, { next: ({ data }) => ticks.push(data.ticks), error: assert.fail, complete() {} });
    await until(() => ticks.includes(3), 'results');
    proxy.stall();
    await until(() => closed.length > 0, 'the connection is given up');
    proxy.heal();
    await until(() => ticks.filter((n) => n === 3).length === 2, 'results on another connection');
    assert.deepEqual(closed, [4499]);
    leave();
  });
  await untilIdle();
});

test('a server without pongs is closed with 4408, and operations go on', async () => {
  let connections = 0;
  await withAck(
    async ({ url }) => {
      const on = onSilence(5, (socket) => socket.readyState === WebSocket.OPEN && socket.close(4408, 'Request Timeout'));
      const client = createClient({ url, webSocketImpl: WebSocket, ...healthy, keepAlive: 5, on });
      assert.deepEqual((await client.iterate({ query: TICKS }).next()).value, { data: { connections: 2 } });
      await client.dispose();
    },
    ({ send }, message) => {
      if (message === undefined) connections += 1;
      else if (message.type === 'ping' && connections > 1) send({ type: 'pong' });
      else if (message.type === 'subscribe' && connections > 1) send({ id: message.id, type: 'next', payload: { data: { connections } } });
    },
  );
});

test('pings of the user’s own measure the latency, and pongs are answered by hand', async () => {
  const seen = [];
  let socket;
  const on = {
    opened: (opened) => (socket = opened),
    connected: () => socket.send(JSON.stringify({ type: 'ping', payload: { at: 1 } })),
    pong: (received, payload) => seen.push([received, payload]),
  };
  await withClient({ on, disablePong: true }, async (client) => {
    for await (const _ of client.iterate({ query: TICKS, variables: { ms: 5 } })) if (seen.length > 0) break;
    assert.deepEqual(seen, [[true, { at: 1 }]]);
  });
});

test('a class with headers of its own, and params that are renewed', async () => {
  let attempts = 0;
  const headers = { Authorization: 'Let me in!' };
  class WithHeaders extends WebSocket {
    constructor(address, subprotocols) {
      super(address, subprotocols, { headers });
    }
  }
  const connectionParams = async () => ({ token: `token ${(attempts += 1)}` });
  await withClient({ webSocketImpl: WithHeaders, connectionParams }, async (client, proxy) => {
    await outlives(proxy, ({ next, error }) => client.subscribe({ query: TICKS, variables: { ms: 5 } }, { next: ({ data }) => next(data.ticks), error, complete() {} }));
    assert.equal(attempts, 3);
  });
});

test('params that the server refuses end the operation by 4403, once retries are used up', async () => {
  await withClient({ connectionParams: { token: 'wrong' }, retryAttempts: 1 }, async (client, proxy) => {
    await assert.rejects(client.iterate({ query: '{ hello }' }).next(), ({ code, reason }) => code === 4403 && reason === 'Forbidden');
    assert.equal(proxy.accepted, 2);
  });
});

test('without lazy it stays connected over killed connections', async () => {
  let connections = 0;
  await withClient({ lazy: false, on: { connected: () => (connections += 1) } }, async (_, proxy) => {
    for (const times of [1, 2, 3]) {
      await until(() => connections === times, `${times} connections`);
      if (times < 3) proxy.cut();
    }
  });
});

test('a mutation that is killed in flight is carried out once, and its sink hears of it', async () => {
  await withClient({}, async (client, proxy) => {
    const ended = client.iterate({ query: 'mutation { setMessage(message: "once", ms: 100000) }' }).next();
    await untilAnswer('{ message }', ({ message }) => message === 'once');
    proxy.reset();
    await assert.rejects(ended, ({ code }) => code === 1006);
    assert.equal(proxy.accepted, 1);
  });
});
