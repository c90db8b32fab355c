// A GraphQL server on a free loopback port: the npm packages graphql, graphql-ws and ws, with a
// small schema. The demo, the page and the end-to-end tests use it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const int = { type: new GraphQLNonNull(GraphQLInt) };
const string = { type: new GraphQLNonNull(GraphQLString) };
/** Ends early, without an error, when the signal is aborted. */
const pause = (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {});

/**
 * Starts the server. `port` 0 is any free one; `options` go to graphql-ws, such as `onConnect`.
 * `running` counts the subscriptions that the server is working on.
 */
export async function startServer({ port = 0, options = {} } = {}) {
  const running = { count: 0 };
  let message = 'hello';

  /** A source that ends at once when its client leaves, also within a pause. */
  const source = (run) => {
    const left = new AbortController();
    const results = (async function* () {
      running.count += 1;
      try {
        yield* run(left.signal);
      } finally {
        running.count -= 1;
      }
    })();
    const leave = results.return.bind(results);
    results.return = (value) => (left.abort(), leave(value));
    return results;
  };

  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        hello: { ...string, args: { name: { type: GraphQLString } }, resolve: (_, { name }) => `Hello, ${name ?? 'world'}!` },
        message: { ...string, resolve: () => message },
        failing: { type: GraphQLString, resolve: () => { throw new Error('this resolver fails'); } },
        slow: { ...int, args: { ms: int }, resolve: (_, { ms }) => setTimeout(ms, ms) },
        text: { ...string, args: { length: int }, resolve: (_, { length }) => 'x'.repeat(length) },
      },
    }),
    mutation: new GraphQLObjectType({
      name: 'Mutation',
      fields: {
        setMessage: { ...string, args: { message: string }, resolve: (_, args) => (message = args.message) },
      },
    }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        countdown: {
          ...int,
          description: 'Counts down to 0, one number each `ms` milliseconds.',
          args: { from: int, ms: { type: GraphQLInt, defaultValue: 200 } },
          subscribe: (_, { from, ms }) =>
            source(async function* (signal) {
              for (let n = from; n >= 0; n -= 1) {
                yield { countdown: n };
                if (n > 0) await pause(ms, signal);
              }
            }),
        },
        burst: {
          ...int,
          description: 'The numbers from 1 to `count`, as fast as they can be sent.',
          args: { count: int },
          subscribe: (_, { count }) =>
            source(async function* () {
              for (let n = 1; n <= count; n += 1) yield { burst: n };
            }),
        },
        price: {
          type: new GraphQLNonNull(GraphQLFloat),
          description: 'A price that wanders, for ever.',
          args: { ms: { type: GraphQLInt, defaultValue: 100 } },
          subscribe: (_, { ms }) =>
            source(async function* (signal) {
              for (let price = 100; ; price += Math.random() - 0.5) {
                yield { price: Math.round(price * 100) / 100 };
                await pause(ms, signal);
              }
            }),
        },
        breaking: {
          ...int,
          description: 'Throws after `after` numbers.',
          args: { after: int },
          subscribe: (_, { after }) =>
            source(async function* () {
              for (let n = 1; n <= after; n += 1) yield { breaking: n };
              throw new Error('this stream breaks');
            }),
        },
        silent: {
          type: GraphQLBoolean,
          description: 'Never sends anything.',
          subscribe: () =>
            source(async function* (signal) {
              await pause(2 ** 31 - 1, signal);
            }),
        },
      },
    }),
  });

  const http = createServer((_, response) => response.writeHead(426).end('This server speaks WebSocket.\n'));
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const sockets = new WebSocketServer({ server: http, path: '/graphql' });
  const graphql = useServer({ schema, ...options }, sockets);
  return {
    url: `ws://127.0.0.1:${http.address().port}/graphql`,
    http,
    sockets,
    running,
    async close() {
      // A client that does not answer a close frame is not waited for.
      const grace = globalThis.setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), 1000);
      await graphql.dispose();
      await new Promise((resolve) => http.close(resolve));
      clearTimeout(grace);
    },
  };
}
