// What incremental.mjs serves: people with fields that are slow, null or failing in every place. As text and a root
// value, since each version of the package `graphql` makes a schema of its own.
import { setTimeout as pause } from 'node:timers/promises';

export const typeDefs = `
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(if: Boolean! = true, label: String, initialCount: Int! = 0) on FIELD

  type Query {
    person(id: ID! = "1"): Person
    nobody: Person
    people: [Person]
    strictPeople: [Person!]
    numbers: [Int]
    strictNumbers: [Int!]
    matrix: [[Int]]
    nothing: [Int]
  }

  type Mutation {
    rename(name: String!): Person
  }

  type Subscription {
    """The people one after the other."""
    met(count: Int!): Person
  }

  type Person {
    id: ID!
    name: String
    slow(ms: Int = 1): String
    failing(ms: Int = 0): String
    required(ms: Int = 0): String!
    nobody: Person
    friend: Person
    friends: [Person!]
    tags: [String]
    address: Address
  }

  type Address {
    street: String
    city(ms: Int = 1): String
    failing: String
  }
`;

const fail = async (what, ms) => {
  await pause(ms);
  throw new Error(`no ${what}`);
};

/** Items that come one by one, an `Error` among them as a failing one. */
const slowly = (items) =>
  items.map((item, n) => {
    const coming = pause(n).then(() => (item instanceof Error ? Promise.reject(item) : item));
    // Some executors look at a promise long after it was rejected.
    coming.catch(() => {});
    return coming;
  });

const person = (id, depth = 2) => ({
  id: String(id),
  name: `Name ${id}`,
  slow: async ({ ms }) => (await pause(ms), `slow ${id}`),
  failing: ({ ms }) => fail('luck', ms),
  required: ({ ms }) => fail('answer', ms),
  nobody: null,
  friend: () => (depth > 0 ? person(id * 10, depth - 1) : null),
  friends: () => (depth > 0 ? slowly([1, 2, 3].map((n) => person(id * 10 + n, depth - 1))) : []),
  tags: ['a', null, 'c'],
  address: { street: `Street ${id}`, city: async ({ ms }) => (await pause(ms), `City ${id}`), failing: () => fail('house', 1) },
});

export const rootValue = {
  person: ({ id }) => person(Number(id)),
  nobody: null,
  people: () => slowly([person(1), null, person(2), new Error('no person'), person(3)]),
  strictPeople: () => slowly([person(1), person(2), new Error('no person'), person(3)]),
  numbers: () => slowly([1, 2, null, 4, 5]),
  strictNumbers: () => slowly([1, 2, null, 4]),
  matrix: () => slowly([[1, 2], null, [], [3]]),
  nothing: [],
  rename: ({ name }) => ({ ...person(1), name }),
  async *met({ count }) {
    for (let id = 1; id <= count; id += 1) yield { met: person(id) };
  },
};
