// A GraphQL server of the test's own process that knows what was asked of it: every payment with how often it was
// made, and a log whose entries are numbered, from which a subscription can go on where it was lost.
import { EventEmitter, on, once } from 'node:events';
import { createServer } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';

const typeDefs = `
  type Query {
    echo(value: Int!): Int!
  }

  type Mutation {
    """How often this payment was made, with this one."""
    pay(id: Int!): Int!
  }

  type Subscription {
    """The numbers of the log's entries: those behind \`after\`, or the new ones."""
    entries(after: Int): Int!
  }
`;

/** Starts it on a free loopback port. */
export async function startLedger() {
  const payments = new Map();
  const log = new EventEmitter().setMaxListeners(0);
  let last = 0;
  const running = { count: 0 };

  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: { echo: (_, { value }) => value },
      Mutation: {
        pay(_, { id }) {
          payments.set(id, (payments.get(id) ?? 0) + 1);
          return payments.get(id);
        },
      },
      Subscription: {
        entries: {
          // Its place is taken at once, so that no entry comes in between.
          subscribe(_, { after }) {
            const left = new AbortController();
            const added = on(log, 'added', { signal: left.signal });
            let seen = after ?? last;
            running.count += 1;
            const results = (async function* () {
              try {
                for (;;) {
                  while (seen < last) yield { entries: (seen += 1) };
                  await added.next();
                }
              } catch (error) {
                if (error.name !== 'AbortError') throw error;
              }
            })();
            const leave = results.return.bind(results);
            let isOver = false;
            results.return = (value) => {
              if (!isOver) running.count -= 1;
              isOver = true;
              left.abort();
              return leave(value);
            };
            return results;
          },
        },
      },
    },
  });

  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const sockets = new WebSocketServer({ server: http, path: '/graphql', handleProtocols });
  const graphql = makeServer({ schema });
  // Not by the package's own `useServer`, which prints each connection that is lost: tests lose thousands.
  sockets.on('connection', (socket, request) => {
    const closed = graphql.opened(
      {
        protocol: socket.protocol,
        send: (text) => new Promise((resolve) => socket.send(text, resolve)),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (recv) => socket.on('message', (text) => recv(String(text)).catch(({ message }) => socket.close(4500, message))),
      },
      { socket, request },
    );
    socket.on('error', () => socket.terminate());
    socket.once('close', (code, reason) => void closed(code, String(reason)));
  });
  return {
    url: `ws://127.0.0.1:${http.address().port}/graphql`,
    payments,
    running,
    sockets,
    /** The number of the log's last entry. */
    get last() {
      return last;
    },
    add() {
      last += 1;
      log.emit('added');
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
