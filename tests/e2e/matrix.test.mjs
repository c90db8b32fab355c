// Every server, in every dialect that it speaks, under the same scenarios.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import {
  TransportConnectionFailedError,
  TransportError,
  TransportQueryError,
  TransportServerError,
  TransportTimeoutError,
  WebSocketTransport,
} from 'wireql';
import { servers, startServer } from '../servers/index.mjs';
import { until } from './servers.mjs';
import { startTable } from './table.mjs';

const modern = 'graphql-transport-ws';
const legacy = 'graphql-ws';

// ---- what is expected --------------------------------------------------------------
//
// What is seen is a list: first what the table shows, then what is only compared, such as messages.

const ok = ['ok'];
const unknownField = (type) => `Cannot query field "nothing" on type "${type}".`;
const syntaxError = 'Syntax Error: Expected Name, found <EOF>.';

/** Each scenario: its title, and what is seen unless the server has its own way. */
const common = {
  accepted: ['connect with good credentials', ok],
  bare: ['connect without an init payload', ok],
  refused: ['connect with refused credentials', ['HANDSHAKE_REFUSED 4403', 'Forbidden']],
  otherDialect: ['only the other dialect is offered', ok],
  query: ['a query by execute', ok],
  iteratedQuery: ['a query by for await', ok],
  mutation: ['a mutation, and a query that sees its effect', ok],
  largeResult: ['a result of 1 MB', ok],
  subscription: ['a subscription to its end', ok],
  many: ['100 operations at once', ok],
  broken: ['a subscription left by break', ok],
  aborted: ['a subscription left by a signal while it waits', ok],
  invalidQuery: ['a query of an unknown field', ['QUERY_ERROR', unknownField('Query'), 'ready']],
  invalidSubscription: ['a subscription to an unknown field', ['QUERY_ERROR', unknownField('Subscription'), 'ready']],
  syntax: ['a syntax error', ['QUERY_ERROR', syntaxError, 'ready']],
  failing: ['a resolver that fails', ['result with errors', 'this resolver fails', 'ready']],
  breaking: ['a stream that throws midway', ['QUERY_ERROR', 'this stream breaks', 'ready']],
  // What the server sends, what our side sends.
  signs: ['signs of life, with pings and without', ['pong', 'ping', 'ready']],
  reconnect: ['close and connect again, three times', ok],
  closed: ['close with a live subscription', ok],
  killed: ['the server is killed midway', ['CONNECTION_LOST 1006']],
  stopped: ['the server is shut down midway', ['CONNECTION_LOST 1001']],
};

// Asked for a subprotocol that it does not speak, graphql-ws picks none, and the WebSocket class gives up.
const picksNone = ['CONNECTION_REFUSED 1006'];

const subscriptionsTransportWs = {
  refused: ['CONNECTION_ERROR', 'wrong token'],
  otherDialect: ['HANDSHAKE_REFUSED 1002'],
  invalidQuery: ['result with errors', unknownField('Query'), 'ready'],
  invalidSubscription: ['result with errors', unknownField('Subscription'), 'ready'],
  signs: ['ka', '', 'ready'],
  stopped: ['CONNECTION_LOST 1006'],
};

const mercurius = {
  refused: ['CONNECTION_ERROR', 'Forbidden'],
  invalidQuery: ['QUERY_ERROR', 'Graphql validation error', 'ready'],
  // Subscriptions are not validated: this comes from their execution.
  invalidSubscription: ['QUERY_ERROR', 'The subscription field "nothing" is not defined.', 'ready'],
  stopped: ['CONNECTION_LOST 1005'],
};

const strawberry = {
  invalidQuery: ['QUERY_ERROR', "Cannot query field 'nothing' on type 'Query'.", 'ready'],
  invalidSubscription: ['QUERY_ERROR', "Cannot query field 'nothing' on type 'Subscription'.", 'ready'],
  breaking: ['result with errors', 'this stream breaks', 'ready'],
  // uvicorn drops the connection right behind its close. Node's own WebSocket then loses the code now and then, by
  // itself too, without us; `ws`, which is taken in Node 20, does not.
  stopped: [globalThis.WebSocket === undefined ? 'CONNECTION_LOST 1012' : 'CONNECTION_LOST 1012 or CONNECTION_LOST 1006'],
};

const queriesRefused = ['QUERY_ERROR', 'queries are not allowed'];

/** Each column of the table: what is offered to which server, and how it differs from what is common. */
const columns = [
  {
    server: 'graphql-ws',
    dialect: modern,
    differs: { otherDialect: picksNone, syntax: ['CONNECTION_LOST 4500', syntaxError, 'closed'] },
  },
  {
    server: 'subscriptions-transport-ws',
    dialect: legacy,
    differs: subscriptionsTransportWs,
  },
  {
    server: 'subscriptions-transport-ws',
    dialect: legacy,
    offer: 'default',
    // It takes the first of both, which it does not speak.
    differs: { ...subscriptionsTransportWs, accepted: ['ok, retried'] },
  },
  {
    server: 'mercurius',
    dialect: modern,
    // Pings go both ways, and are answered both ways.
    differs: { ...mercurius, signs: ['ping, pong', 'ping, pong', 'ready'] },
  },
  {
    server: 'mercurius',
    dialect: legacy,
    differs: { ...mercurius, signs: ['ka', '', 'ready'] },
  },
  {
    server: 'yoga',
    dialect: modern,
    differs: {
      otherDialect: picksNone,
      syntax: ['CONNECTION_LOST 4500', syntaxError, 'closed'],
      // It masks what its resolvers throw.
      failing: ['result with errors', 'Unexpected error.', 'ready'],
      breaking: ['QUERY_ERROR', 'Unexpected error.', 'ready'],
    },
  },
  {
    server: 'strawberry-graphql',
    dialect: modern,
    differs: { ...strawberry, syntax: ['CONNECTION_LOST 4400', syntaxError, 'closed'] },
  },
  {
    server: 'strawberry-graphql',
    dialect: legacy,
    // It runs nothing but subscriptions.
    differs: {
      ...strawberry,
      refused: ['CONNECTION_ERROR', 'wrong token'],
      query: queriesRefused,
      iteratedQuery: queriesRefused,
      mutation: ['QUERY_ERROR', 'mutations are not allowed'],
      largeResult: queriesRefused,
      invalidQuery: [...queriesRefused, 'ready'],
      failing: [...queriesRefused, 'ready'],
      // It sends nothing by itself.
      signs: ['KEEP_ALIVE_TIMEOUT', '', 'closed'],
    },
  },
];

/** For each code the class of the error, and what it ends. */
const kinds = {
  CONNECTION_ERROR: [TransportServerError, 'connection'],
  CONNECTION_LOST: [TransportConnectionFailedError, 'connection'],
  CONNECTION_REFUSED: [TransportConnectionFailedError, 'connection'],
  HANDSHAKE_REFUSED: [TransportConnectionFailedError, 'connection'],
  KEEP_ALIVE_TIMEOUT: [TransportTimeoutError, 'connection'],
  QUERY_ERROR: [TransportQueryError, 'operation'],
};

// ---- what is done ------------------------------------------------------------------

const collect = async (iterator) => {
  const results = [];
  for await (const result of iterator) results.push(result);
  return results;
};

const rejection = (promise) =>
  promise.then(
    () => assert.fail('it did not reject'),
    (error) => error,
  );

/** An error in short: its code and the close code that came with it. */
const brief = (error) => {
  if (!(error instanceof TransportError)) throw error;
  assert.ok(error.code in kinds, `${error.code}: ${error.message}`);
  const [kind, ends] = kinds[error.code];
  assert.equal(error.constructor, kind);
  assert.equal(error.ends, ends);
  return [error.code, error.closeCode ?? []].flat().join(' ');
};

const refusal = (error) => [brief(error), error.errors?.[0].message ?? error.reason];

/** The results of an operation, and what the user sees of its failure, if it fails. */
const outcome = async (transport, document) => {
  const results = [];
  try {
    for await (const result of transport.subscribe(document)) results.push(result);
  } catch (error) {
    return { results, failure: refusal(error) };
  }
  const errors = results.at(-1)?.errors;
  return { results, failure: errors && ['result with errors', errors[0].message] };
};

/** What is seen of an operation that fails. A connection that is still there must still serve. */
const failed = async (transport, document, check = () => {}) => {
  const { results, failure } = await outcome(transport, document);
  check(results);
  if (transport.state === 'ready') await assertWorks(transport);
  return [...failure, transport.state];
};

const names = (counts) => Object.keys(counts).sort().join(', ');

const countdown = (transport, from) =>
  collect(transport.subscribe('subscription ($from: Int!) { countdown(from: $from, ms: 1) }', { variables: { from } }));

const assertWorks = async (transport) =>
  assert.deepEqual(await countdown(transport, 1), [{ data: { countdown: 1 } }, { data: { countdown: 0 } }]);

/**
 * Resolves when the server works on so many subscriptions; polled, since it tells of no change. Asked
 * on a connection of its own, in the dialect in which the server answers queries.
 */
const untilRunning = async ({ url, dialects }, count) => {
  const transport = new WebSocketTransport(url, { subprotocols: [dialects[0]] });
  await transport.connect();
  try {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const { running } = (await transport.execute('{ running }')).data;
      if (running === count) return;
      if (Date.now() > deadline) throw new Error(`after 10 s still ${running} subscriptions, not ${count}`);
    }
  } finally {
    await transport.close();
  }
};

/** The server ends, in its way, when three results of a subscription have come. */
const ended = (way) => async ({ transport, ownServer, expected }) => {
  const server = await ownServer();
  const it = transport({}, server);
  await it.connect();
  const seen = [];
  let ending;
  const read = async () => {
    for await (const { data } of it.subscribe('subscription { ticks }')) {
      seen.push(data.ticks);
      if (seen.length === 3) ending = server[way]();
    }
  };
  const error = await rejection(read());
  await ending;
  await it.waitClosed();
  assert.ok(seen.length >= 3);
  assert.deepEqual(seen, seen.map((_, n) => n + 1));
  assert.equal(it.state, 'closed');
  assert.equal(it.closeReason.code, error.closeCode);
  assert.deepEqual(it.closeReason.error, error);
  const [either] = expected;
  return [either.split(' or ').includes(brief(error)) ? either : brief(error)];
};

const scenarios = {
  async accepted({ transport, dialect }) {
    const it = transport({ initPayload: { token: 'good' } });
    let retried = false;
    it.on('connecting', ({ retry }) => (retried ||= retry));
    await it.connect();
    assert.equal(it.state, 'ready');
    assert.equal(it.subprotocol, dialect);
    return retried ? ['ok, retried'] : ok;
  },

  async bare({ connected, dialect }) {
    const it = await connected();
    assert.equal(it.subprotocol, dialect);
    await assertWorks(it);
    return ok;
  },

  async refused({ transport }) {
    const it = transport({ initPayload: { token: 'wrong' } });
    const error = await rejection(it.connect());
    assert.equal(it.state, 'closed');
    assert.deepEqual(it.closeReason.error, error);
    return [brief(error), error.reason ?? error.cause?.message];
  },

  async otherDialect({ transport, dialect }) {
    const other = dialect === modern ? legacy : modern;
    const it = transport({ subprotocols: [other] });
    try {
      await it.connect();
    } catch (error) {
      assert.equal(it.state, 'closed');
      return [brief(error)];
    }
    assert.equal(it.subprotocol, other);
    return ok;
  },

  async query({ connected }) {
    const it = await connected();
    const variables = { name: 'Ada' };
    try {
      const result = await it.execute('query ($name: String) { hello(name: $name) }', { variables });
      assert.deepEqual(result, { data: { hello: 'Hello, Ada!' } });
    } catch (error) {
      return refusal(error);
    }
    return ok;
  },

  async iteratedQuery({ connected }) {
    const { results, failure } = await outcome(await connected(), '{ echo(value: 7) }');
    assert.deepEqual(results, failure ? [] : [{ data: { echo: 7 } }]);
    return failure ?? ok;
  },

  async mutation({ connected, title }) {
    const it = await connected();
    const variables = { message: title };
    try {
      const result = await it.execute('mutation ($message: String!) { setMessage(message: $message) }', { variables });
      assert.deepEqual(result, { data: { setMessage: title } });
      assert.deepEqual(await it.execute('{ message }'), { data: { message: title } });
    } catch (error) {
      return refusal(error);
    }
    return ok;
  },

  async largeResult({ connected }) {
    const { results, failure } = await outcome(await connected(), '{ text(length: 1000000) }');
    assert.deepEqual(results, failure ? [] : [{ data: { text: 'x'.repeat(1_000_000) } }]);
    return failure ?? ok;
  },

  async subscription({ connected }) {
    const results = await countdown(await connected(), 3);
    assert.deepEqual(results, [3, 2, 1, 0].map((countdown) => ({ data: { countdown } })));
    return ok;
  },

  async many({ connected }) {
    const it = await connected();
    const all = await Promise.all(Array.from({ length: 100 }, () => countdown(it, 2)));
    for (const results of all) assert.deepEqual(results, [2, 1, 0].map((countdown) => ({ data: { countdown } })));
    return ok;
  },

  async broken({ connected, server }) {
    const it = await connected();
    for await (const { data } of it.subscribe('subscription { ticks }')) {
      assert.equal(data.ticks, 1);
      break;
    }
    await untilRunning(server, 0);
    await assertWorks(it);
    return ok;
  },

  async aborted({ connected, server }) {
    const it = await connected();
    const leaving = new AbortController();
    const reason = new Error('enough');
    const waiting = rejection(it.subscribe('subscription { silent }', { signal: leaving.signal }).next());
    await untilRunning(server, 1);
    leaving.abort(reason);
    assert.equal(await waiting, reason);
    await untilRunning(server, 0);
    await assertWorks(it);
    return ok;
  },

  async invalidQuery({ connected }) {
    return failed(await connected(), '{ nothing }');
  },

  async invalidSubscription({ connected }) {
    return failed(await connected(), 'subscription { nothing }');
  },

  async syntax({ connected }) {
    return failed(await connected(), '{', (results) => assert.deepEqual(results, []));
  },

  async failing({ connected }) {
    return failed(await connected(), '{ failing }', (results) => {
      for (const { data } of results) assert.deepEqual(data, { failing: null });
    });
  },

  async breaking({ connected }) {
    return failed(await connected(), 'subscription { breaking(after: 2) }', (results) => {
      assert.deepEqual(results.slice(0, 2), [{ data: { breaking: 1 } }, { data: { breaking: 2 } }]);
    });
  },

  async signs({ transport, expected }) {
    const keepAliveTimeout = 1000;
    const it = transport({ pingInterval: 20, pongTimeout: null, keepAliveTimeout });
    const received = {};
    const sent = {};
    const count = (counts, name) => (counts[name] = (counts[name] ?? 0) + 1);
    it.on('ping', (ping) => count(ping.received ? received : sent, 'ping'));
    it.on('pong', (pong) => count(pong.received ? received : sent, 'pong'));
    it.on('message', ({ type }) => type === 'ka' && count(received, type));
    await it.connect();
    // So long that a silent server would have been given up.
    const enough = Date.now() + keepAliveTimeout + 200;
    const awaited = expected[0].split(', ');
    const regular = () => Date.now() > enough && awaited.every((name) => received[name] >= 2);
    await until(() => it.state === 'closed' || regular(), `${awaited} from the server`);
    const error = it.closeReason?.error;
    return [error ? brief(error) : names(received), names(sent), it.state];
  },

  async reconnect({ connected }) {
    const it = await connected();
    for (let round = 0; round < 3; round += 1) {
      await assertWorks(it);
      await it.close();
      assert.equal(it.state, 'closed');
      await it.connect();
      assert.equal(it.closeReason, null);
    }
    await assertWorks(it);
    return ok;
  },

  async closed({ connected, server }) {
    const it = await connected();
    const results = it.subscribe('subscription { ticks }');
    assert.deepEqual((await results.next()).value, { data: { ticks: 1 } });
    const rest = collect(results);
    await it.close();
    await rest;
    assert.equal(it.state, 'closed');
    assert.equal(it.closeReason.error, null);
    await untilRunning(server, 0);
    // Not which code is seen: told of the end by `connection_terminate`, servers of the legacy dialect
    // close too, and Node's own WebSocket may say 1006 of a server that drops the connection at once.
    return ok;
  },

  killed: ended('kill'),
  stopped: ended('stop'),
};

// ---- each with each ------------------------------------------------------------------

const heading = ({ server, dialect, offer }) => `${server}/${offer ?? (dialect === modern ? 'modern' : 'legacy')}`;

const table = startTable(
  'matrix',
  'What the user of wireql sees of each server, by what is offered to it',
  columns.map(heading),
);

/** One scenario on one server: the test, and its cell of the table. */
const run = (key, column, started) => {
  const { server: name, dialect, offer = dialect, differs } = column;
  const [scenario, commonly] = common[key];
  const expected = differs[key] ?? commonly;
  const title = `${name}, ${offer}: ${scenario}`;

  test(title, async (t) => {
    table.set(scenario, heading(column), 'failed', false);
    const server = started();
    const transport = (options, { url } = server) => {
      const it = new WebSocketTransport(url, { ...(offer === dialect && { subprotocols: [dialect] }), ...options });
      t.after(() => it.close());
      return it;
    };
    const connected = async () => {
      const it = transport();
      await it.connect();
      return it;
    };
    const ownServer = async () => {
      const own = await startServer(name);
      t.after(own.kill);
      return own;
    };
    const seen = await scenarios[key]({ title, server, dialect, expected, transport, connected, ownServer });
    table.set(scenario, heading(column), seen[0], isDeepStrictEqual(seen, expected));
    assert.deepEqual(seen, expected);
  });
};

// The servers at once, which takes half the time; the scenarios of one after another, since they count
// what it works on.
describe('each server with each scenario', { concurrency: true }, () => {
  for (const { name } of servers) {
    describe(name, { concurrency: 1 }, () => {
      let server;
      before(async () => {
        server = await startServer(name);
      });
      after(() => server?.stop());

      for (const column of columns.filter((column) => column.server === name)) {
        for (const key of Object.keys(common)) run(key, column, () => server);
      }
    });
  }
});
