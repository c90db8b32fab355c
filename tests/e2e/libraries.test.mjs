// The adapters, each with its library and with real servers: what holds for all of them.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createClient, createRequest, fetchExchange, subscriptionExchange } from '@urql/core';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { Client, WebSocketTransport } from 'wireql';
import { WireqlLink } from 'wireql/apollo';
import { createSubscribe } from 'wireql/relay';
import { forwardSubscription, wireqlExchange } from 'wireql/urql';
import { libraries, relay } from './libraries.mjs';
import { lastingPort, startServer } from '../servers/index.mjs';
import { until, withAck, withGraphqlWs } from './servers.mjs';

const impatient = { baseDelay: 10, maxDelay: 40, initialAttempts: Infinity };

/** What a subscription of a library's has told. */
const record = (library, name, onNotice) => {
  const told = { data: [], ends: [] };
  told.leave = library.subscribe(
    name,
    {
      next: (data) => told.data.push(Object.values(data)[0]),
      error: (error) => told.ends.push(error),
      complete: () => told.ends.push('complete'),
    },
    onNotice,
  );
  return told;
};

/** What graphql-js says, and mercurius in place of it. */
const refusal = /"unknown"|^Graphql validation error/;

const last = (list) => list.at(-1);

/** An entry that is given its WebAssembly: here no server has the file. */
const withFile = async (entry) => {
  await entry.init(readFileSync(new URL('../node_modules/wireql/wireql.wasm', import.meta.url)));
  return entry;
};

/** The entries beside the one that all tests use; each has classes of its own. */
const otherEntries = {
  // The tests run once without it.
  ...(typeof WebAssembly === 'object' && {
    'wireql/slim': async () => withFile(await import('wireql/slim')),
    'wireql/web': async () => withFile(await import('wireql/web')),
  }),
  'wireql/js': () => import('wireql/js'),
};

for (const [library, make] of Object.entries(libraries)) {
  for (const [name, subprotocol] of [
    ['graphql-ws', 'graphql-transport-ws'],
    ['subscriptions-transport-ws', 'graphql-ws'],
    ['mercurius', 'graphql-transport-ws'],
  ]) {
    describe(`${library} and ${name}`, { concurrency: 1 }, () => {
      let port;
      let server;
      let client;
      let it;
      let notices;
      const start = async () => (server = await startServer(name, { port }));
      before(async () => {
        port = await lastingPort();
        await start();
        // Relay has no context of operations: there its adapter has the options.
        const onNotice = ({ type }) => notices?.push(type);
        client = new Client(server.url, { subprotocols: [subprotocol], retry: impatient });
        it = library === 'relay' ? make(client, { onNotice }) : make(client);
      });
      after(async () => {
        await client?.close();
        await server?.kill();
      });
      const title = (what) => `${library}, ${name}: ${what}`;

      test(title('queries and mutations give their data'), async () => {
        assert.equal((await it.query('hello')).hello, 'Hello, Ada!');
        assert.equal((await it.mutate('setMessage')).setMessage, 'set');
      });

      test(title('an operation that the server refuses ends with the errors that users of the library catch'), async () => {
        const failed = await it.query('unknown').catch((error) => error);
        assert.match(it.refusalOf(failed)?.[0].message, refusal);
        const told = record(it, 'nothing');
        await until(() => told.ends.length > 0, 'the subscription has ended');
        assert.match(it.refusalOf(told.ends[0])?.[0].message, refusal);
        assert.deepEqual(told.data, []);
      });

      test(title('a subscription gives all its results in order, and ends'), async () => {
        const told = record(it, 'countdown');
        await until(() => last(told.data) === 0, 'its last result');
        assert.deepEqual(told.data, [3, 2, 1, 0]);
        await until(() => told.ends.length > 0, 'its end');
        assert.deepEqual(told.ends, ['complete']);
      });

      test(title('leaving stops the subscription on the server'), async () => {
        const running = async () => (await client.execute('{ running }')).data.running;
        const before = await running();
        const told = record(it, 'ticks');
        await until(() => told.data.length >= 2, 'two results');
        assert.equal(await running(), before + 1);
        told.leave();
        const count = told.data.length;
        while ((await running()) !== before);
        assert.equal(told.data.length, count);
        assert.deepEqual(told.ends, []);
      });

      test(title('a subscription outlives the death of the server, and is told of the gap'), async () => {
        notices = [];
        const told = record(it, 'ticks', ({ type }) => notices.push(type));
        await until(() => last(told.data) >= 3, 'three results');
        await server.kill();
        await until(() => client.status.reconnecting, 'the loss is noticed');
        await start();
        await until(() => notices.includes('resumed') && last(told.data) >= 2, 'it goes on');
        const again = told.data.lastIndexOf(1);
        assert.ok(again > 0, 'the new server counts from 1');
        for (const part of [told.data.slice(0, again), told.data.slice(again)]) {
          assert.deepEqual(part, part.map((_, n) => n + 1));
        }
        assert.deepEqual(notices, ['interrupted', 'resumed']);
        assert.deepEqual(told.ends, []);
        told.leave();
        assert.equal((await it.query('hello')).hello, 'Hello, Ada!');
      });

      test(title('a mutation whose answer the dead server owes ends with an error that says so'), async () => {
        const failing = it.mutate('slowly').catch((error) => error);
        // The mutation sets the message at once.
        while ((await client.execute('{ message }')).data.message !== 'slow');
        await server.kill();
        const error = await failing;
        assert.equal(it.refusalOf(error), undefined);
        assert.equal(it.causeOf(error).code, 'OUTCOME_UNKNOWN');
        await start();
      });
    });
  }

  test(`${library} takes a transport too`, () =>
    withGraphqlWs(async ({ url }) => {
      const transport = new WebSocketTransport(url);
      await transport.connect();
      assert.equal((await make(transport).query('hello')).hello, 'Hello, Ada!');
      await transport.close();
    }));

  for (const [entry, load] of Object.entries(otherEntries)) {
    test(`${library} takes the client of ${entry}`, () =>
      withGraphqlWs(async ({ url }) => {
        const { Client } = await load();
        const client = new Client(url);
        const it = make(client);
        assert.equal((await it.query('hello')).hello, 'Hello, Ada!');
        const told = record(it, 'countdown');
        await until(() => told.ends.length > 0, 'its end');
        assert.deepEqual(told, { data: [3, 2, 1, 0], ends: ['complete'], leave: told.leave });
        const failed = await it.query('unknown').catch((error) => error);
        assert.match(it.refusalOf(failed)?.[0].message, refusal);
        await client.close();
        const error = await it.query('hello').catch((error) => error);
        assert.equal(it.causeOf(error).code, 'TRANSPORT_CLOSED');
      }));
  }
}

/** A server that keeps the payloads of all operations, and answers each with what `answer` makes of it. */
const withPayloads = (answer, body) => {
  const payloads = [];
  return withAck(
    ({ url, received }) => {
      const client = new Client(url);
      return body(client, payloads, received).finally(() => client.close());
    },
    ({ send }, message) => {
      if (message?.type !== 'subscribe') return;
      payloads.push(message.payload);
      for (const payload of [answer(message.payload)].flat()) send({ id: message.id, type: 'next', payload });
      send({ id: message.id, type: 'complete' });
    },
  );
};

// ---- what each library has of its own -------------------------------------------------------

const inApollo = (client, options) =>
  new ApolloClient({ cache: new InMemoryCache(), link: new WireqlLink(client), devtools: { enabled: false }, ...options });

test('apollo: the document is sent as the cache has transformed it, with operationName and no empty parts', () =>
  withPayloads(
    () => ({ data: { me: { __typename: 'User', name: 'Ada' } } }),
    async (client, payloads) => {
      const query = gql('query Me { me { name } }');
      assert.deepEqual((await inApollo(client).query({ query })).data, { me: { __typename: 'User', name: 'Ada' } });
      const [{ query: text, ...others }] = payloads;
      assert.equal(text, 'query Me {\n  me {\n    name\n    __typename\n  }\n}');
      assert.deepEqual(others, { operationName: 'Me' });
    },
  ));

test('apollo: variables and extensions are sent', () =>
  withPayloads(
    () => ({ data: { n: 1 } }),
    async (client, payloads) => {
      await inApollo(client).query({
        query: gql('query ($n: Int) { n(n: $n) }'),
        variables: { n: 1 },
        context: {},
      });
      const results = inApollo(client).subscribe({ query: gql('subscription { n }'), extensions: { trace: 'x' } });
      await new Promise((resolve) => results.subscribe({ next: resolve }));
      assert.deepEqual(payloads.map(({ query: _, ...rest }) => rest), [{ variables: { n: 1 } }, { extensions: { trace: 'x' } }]);
    },
  ));

test('apollo: PersistedQueryLink sends the hash, and the document only if the server does not know it', () =>
  withPayloads(
    ({ query }) => (query ? { data: { n: 1 } } : { errors: [{ message: 'PersistedQueryNotFound' }] }),
    async (client, payloads) => {
      const link = new PersistedQueryLink({ sha256: async (text) => `hash of ${text.length}` }).concat(new WireqlLink(client));
      const { data } = await inApollo(client, { link }).query({ query: gql('query N { n }') });
      assert.deepEqual(data, { n: 1 });
      const extensions = { persistedQuery: { version: 1, sha256Hash: 'hash of 15' } };
      assert.deepEqual(payloads, [
        { operationName: 'N', extensions },
        { query: 'query N {\n  n\n}', operationName: 'N', extensions },
      ]);
    },
  ));

test('apollo: a query is left when the signal in its context is aborted, and rejects with the reason', () =>
  withGraphqlWs(async (server) => {
    const client = new Client(server.url);
    const aborted = new AbortController();
    const query = gql('query { slow(ms: 1000) }');
    const asked = inApollo(client).query({ query, context: { fetchOptions: { signal: aborted.signal } } });
    await client.execute('{ hello }');
    aborted.abort(new Error('not needed any more'));
    await assert.rejects(asked, /not needed any more/);
    await assert.rejects(
      inApollo(client).query({ query, context: { fetchOptions: { signal: aborted.signal } } }),
      /not needed any more/,
    );
    await client.close();
  }));

test('apollo: an error of the connection is that of the client, also beside the errorPolicy `all`', () =>
  withGraphqlWs(async ({ url }) => {
    const client = new Client(url);
    await client.execute('{ hello }');
    await client.close();
    const error = await inApollo(client).query({ query: gql('{ hello }') }).catch((error) => error);
    assert.equal(error.code, 'TRANSPORT_CLOSED');
    const result = await inApollo(client).query({ query: gql('{ hello }'), errorPolicy: 'all' });
    assert.equal(result.error.code, 'TRANSPORT_CLOSED');
  }));

test('apollo: what a result has beside the errors of a refusal arrives, and the cause', () =>
  withAck(
    async ({ url }) => {
      const client = new Client(url);
      const error = await inApollo(client).query({ query: gql('{ n }') }).catch((error) => error);
      assert.ok(CombinedGraphQLErrors.is(error));
      assert.deepEqual(error.errors, [{ message: 'no', extensions: { code: 'NO' } }]);
      assert.equal(error.cause.code, 'QUERY_ERROR');
      await client.close();
    },
    ({ send }, message) => {
      if (message?.type === 'subscribe') send({ id: message.id, type: 'error', payload: [{ message: 'no', extensions: { code: 'NO' } }] });
    },
  ));

test('urql: the errors of one result are not those of the next', () =>
  withPayloads(
    () => [{ data: { n: 1 } }, { data: { n: null }, errors: [{ message: 'this field fails' }] }, { data: { n: 3 } }],
    async (client, payloads) => {
      const urql = createClient({ url: '/none', exchanges: [wireqlExchange(client)] });
      const seen = [];
      urql.subscription('subscription { n }', {}).subscribe(({ data, error }) => seen.push([data.n, error?.message]));
      await until(() => seen.length === 4, 'its end');
      assert.deepEqual(seen, [
        [1, undefined],
        [null, '[GraphQL] this field fails'],
        [3, undefined],
        [3, undefined],
      ]);
      // urql has an empty object where there are no variables.
      assert.deepEqual(payloads, [{ query: 'subscription {\n  n\n}' }]);
    },
  ));

test('urql: forwardSubscription sends subscriptions alone', () =>
  withPayloads(
    () => ({ data: { n: 1 } }),
    async (client, payloads) => {
      const urql = createClient({
        url: '/none',
        exchanges: [
          subscriptionExchange({ forwardSubscription: forwardSubscription(client) }),
          fetchExchange,
        ],
        fetch: async () => Response.json({ data: { n: 'by HTTP' } }),
        preferGetMethod: false,
      });
      assert.deepEqual((await urql.query('{ n }', {}).toPromise()).data, { n: 'by HTTP' });
      const got = new Promise((resolve) => urql.subscription('subscription { n }', { a: 1 }).subscribe(resolve));
      assert.deepEqual((await got).data, { n: 1 });
      assert.deepEqual(payloads, [{ query: 'subscription {\n  n\n}', variables: { a: 1 } }]);
    },
  ));

test('relay: a persisted document is sent by its id, in the name that the server has for it', () =>
  withPayloads(
    () => ({ data: { hello: 'x', countdown: 1 } }),
    async (client, payloads) => {
      const ids = { hello: 'abc', countdown: 'def' };
      assert.equal((await relay(client, {}, ids).query('hello')).hello, 'x');
      const doc = relay(client, { persisted: (id) => ({ doc_id: id }) }, ids);
      const told = record(doc, 'countdown');
      await until(() => told.ends.length > 0, 'its end');
      assert.deepEqual(payloads, [
        { documentId: 'abc', operationName: 'hello' },
        { doc_id: 'def', operationName: 'countdown' },
      ]);
    },
  ));

// ---- stored documents -----------------------------------------------------------------------

/** Each sends a stored document of that kind, and tells its results and its end. */
const storing = {
  apollo: (client, kind, { next, error, complete }) => {
    const operation = { query: gql(`${kind} { n }`), extensions: { id: 'abc' }, context: { http: { includeQuery: false } } };
    ApolloLink.execute(new WireqlLink(client), operation, { client: inApollo(client) }).subscribe({
      next: ({ data }) => next(data),
      error,
      complete,
    });
  },
  urql: (client, kind, { next, error, complete }) => {
    const request = createRequest(gql(`${kind} { n }`), {}, { persistedQuery: { version: 1, sha256Hash: 'abc' } });
    const urql = createClient({ url: '/none', exchanges: [wireqlExchange(client)] });
    urql.executeRequestOperation(urql.createRequestOperation(kind, request)).subscribe((result) => {
      if (result.error) error(result.error.networkError);
      else next(result.data);
      if (!result.hasNext) complete();
    });
  },
  relay: (client, kind, observer) => {
    const params = { id: 'abc', text: null, name: 'N', operationKind: kind, metadata: {} };
    createSubscribe(client)(params, {}, {}).subscribe({ ...observer, next: ({ data }) => observer.next(data) });
  },
};

for (const [library, send] of Object.entries(storing)) {
  test(`${library}: of a stored document the client knows whether it may be sent again`, () => {
    let subscribes = 0;
    let isSubscription = false;
    return withAck(
      async ({ url }) => {
        for (const [kind, count, outcome] of [
          ['subscription', 2, [1, 2]],
          ['query', 2, [2]],
          ['mutation', 1, ['OUTCOME_UNKNOWN']],
        ]) {
          const client = new Client(url, { retry: impatient });
          await client.connect();
          [subscribes, isSubscription] = [0, kind === 'subscription'];
          const seen = [];
          const add = (item) => seen.push(item);
          send(client, kind, { next: ({ n }) => add(n), error: ({ code }) => add(code), complete: () => {} });
          await until(() => seen.length === outcome.length, `what comes of the ${kind}`);
          assert.deepEqual([kind, seen, subscribes], [kind, outcome, count]);
          await client.close();
        }
      },
      ({ send, socket }, message) => {
        if (message?.type !== 'subscribe') return;
        const { id, payload } = message;
        assert.equal(payload.query, undefined);
        subscribes += 1;
        const isLast = !isSubscription && subscribes > 1;
        // Of what it is one result says nothing.
        if (isSubscription || subscribes > 1) send({ id, type: 'next', payload: { data: { n: subscribes } } });
        if (isLast) send({ id, type: 'complete' });
        if (subscribes === 1) setImmediate(() => socket.terminate());
      },
    );
  });
}

// ---- what the files are -----------------------------------------------------------------

for (const name of ['apollo', 'urql', 'relay', 'react']) {
  for (const extension of ['js', 'cjs']) {
    test(`${name}.${extension} has nothing of the core`, () => {
      const text = readFileSync(new URL(`../node_modules/wireql/${name}.${extension}`, import.meta.url), 'utf8');
      assert.doesNotMatch(text, /WebAssembly|WebSocket\b|from ['"]\.|require\(['"]\./);
      assert.ok(text.length < 8192, `${text.length} bytes`);
    });
  }
}
