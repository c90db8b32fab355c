// The schema of every server here. strawberry-graphql.py has the same, in Python.
import { EventEmitter, on } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';

const typeDefs = `
  type Query {
    hello(name: String): String!
    message: String!
    failing: String
    text(length: Int!): String!
    echo(value: Int!): Int!
    slow(ms: Int!): Int!

    """How many subscriptions the server is working on, over all connections."""
    running: Int!
  }

  type Mutation {
    """Sets the message at once, and answers after \`ms\` milliseconds."""
    setMessage(message: String!, ms: Int = 0): String!
  }

  type Subscription {
    """Counts down to 0, one number each \`ms\` milliseconds."""
    countdown(from: Int!, ms: Int = 10): Int!

    """The numbers from 1 to \`count\`, as fast as they can be sent."""
    burst(count: Int!): Int!

    """Throws after \`after\` numbers."""
    breaking(after: Int!): Int!

    """Never sends anything."""
    silent: Boolean

    """Counts up from 1, one number each \`ms\` milliseconds, for ever."""
    ticks(ms: Int = 10): Int!
  }
`;

let message = 'hello';
let running = 0;
const news = new EventEmitter().setMaxListeners(0);

/** Ends early, without an error, when the signal is aborted. */
const pause = (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {});

/**
 * A field whose source is what `numbers(args, left)` generates. It ends at once when its client
 * leaves, also within a pause: a generator's own `return` would wait for the pause to be over.
 */
export const field = (name, numbers) => ({
  subscribe(_, args) {
    const left = new AbortController();
    const results = (async function* () {
      running += 1;
      try {
        for await (const value of numbers(args, left.signal)) yield { [name]: value };
      } finally {
        running -= 1;
      }
    })();
    const leave = results.return.bind(results);
    results.return = (value) => (left.abort(), leave(value));
    return results;
  },
});

const sources = {
  async *countdown({ from, ms }, left) {
    for (let n = from; n >= 0; n -= 1) {
      yield n;
      if (n > 0) await pause(ms, left);
    }
  },
  async *burst({ count }) {
    for (let n = 1; n <= count; n += 1) yield n;
  },
  async *breaking({ after }) {
    for (let n = 1; n <= after; n += 1) yield n;
    throw new Error('this stream breaks');
  },
  async *silent(_, left) {
    await pause(2 ** 31 - 1, left);
  },
  async *ticks({ ms }, left) {
    for (let n = 1; ; n += 1) {
      yield n;
      await pause(ms, left);
    }
  },
};

const resolvers = {
  Query: {
    hello: (_, { name }) => `Hello, ${name ?? 'world'}!`,
    message: () => message,
    failing: () => {
      throw new Error('this resolver fails');
    },
    text: (_, { length }) => 'x'.repeat(length),
    echo: (_, { value }) => value,
    slow: (_, { ms }) => setTimeout(ms, ms),
    running: () => running,
  },
  Mutation: {
    setMessage(_, { message: given, ms }) {
      message = given;
      news.emit('message', message);
      return ms > 0 ? setTimeout(ms, given) : given;
    },
  },
  Subscription: Object.fromEntries(Object.entries(sources).map(([name, numbers]) => [name, field(name, numbers)])),
};

export const schema = makeExecutableSchema({ typeDefs, resolvers });

// ---- of the scripted servers -----------------------------------------------------------

const pushed = `
  extend type Subscription {
    """Each message that is set from now on."""
    messages: String!

    """1, then an error of the field, then 3."""
    patchy: Int

    """Cannot be subscribed to."""
    refused: Boolean
  }
`;

async function* messages(_, left) {
  try {
    for await (const [text] of on(news, 'message', { signal: left })) yield text;
  } catch (error) {
    if (!left.aborted) throw error;
  }
}

const pushers = {
  Subscription: {
    messages: field('messages', messages),
    patchy: {
      ...field('patchy', () => [1, 2, 3]),
      resolve({ patchy }) {
        if (patchy === 2) throw new Error('this field fails');
        return patchy;
      },
    },
    refused: {
      subscribe() {
        throw new Error('nobody may subscribe to this');
      },
    },
  },
};

/** The schema of a server whose streams are pushed by mutations, with what that server has beside it. */
export const pushingSchema = (more, moreResolvers) =>
  makeExecutableSchema({ typeDefs: [typeDefs, pushed, more], resolvers: [resolvers, pushers, moreResolvers] });
