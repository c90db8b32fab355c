// The schema of the server that recordings/phoenix.jsonl was made of, as far as the recording asks for it.
import { EventEmitter, on } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { serveAbsinthe } from './absinthe.mjs';

const typeDefs = `
  type Message { id: ID! room: String! text: String! }

  type Query {
    hello: String
    fail: String
    failNonNull: String!
    slow(ms: Int!): String
    crash: String
  }

  type Mutation {
    send(id: ID!, room: String!, text: String!): Message
    echo(text: String!): String
    shutdown: Boolean
  }

  type Subscription {
    onSend(room: String): Message
    countdown(from: Int!, delayMs: Int): Int
    ticks(delayMs: Int): Int
    failField: Int
    big(bytes: Int!): String
  }
`;

const sent = new EventEmitter().setMaxListeners(0);

const fail = (message) => () => {
  throw new Error(message);
};

/** An iterator, not a generator: the `return` of one would wait for the next message. */
const messagesIn = (room) => {
  const messages = on(sent, 'message');
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    return: () => messages.return(),
    async next() {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) return { value: undefined, done };
        const [message] = value;
        if (message.room === room) return { value: { onSend: message }, done };
      }
    },
  };
};

const resolvers = {
  Query: {
    hello: () => 'world',
    fail: fail('boom'),
    failNonNull: fail('boom'),
    slow: (_, { ms }) => pause(ms, 'slow'),
    crash: (_, args, { crash }) => crash(),
  },
  Mutation: {
    send: (_, message) => (sent.emit('message', message), message),
    echo: (_, { text }) => text,
    shutdown(_, args, { crash }) {
      setTimeout(crash, 20);
      return true;
    },
  },
  Subscription: {
    onSend: {
      subscribe(_, { room }) {
        if (room === 'denied') throw new Error('unauthorized room');
        return messagesIn(room);
      },
    },
    countdown: {
      async *subscribe(_, { from, delayMs }) {
        for (let n = from; n >= 0; n -= 1) {
          await pause(delayMs);
          yield { countdown: n };
        }
      },
    },
    ticks: {
      async *subscribe(_, { delayMs }) {
        for (let n = 0; ; n += 1) {
          await pause(delayMs);
          yield { ticks: n };
        }
      },
    },
    failField: {
      async *subscribe() {
        yield* [1, 2, 3].map((failField) => ({ failField }));
      },
      resolve: ({ failField }) => (failField === 2 ? fail('field boom')() : failField),
    },
    big: {
      async *subscribe(_, { bytes }) {
        yield { big: 'x'.repeat(bytes) };
      },
    },
  },
};

serveAbsinthe(makeExecutableSchema({ typeDefs, resolvers }));
