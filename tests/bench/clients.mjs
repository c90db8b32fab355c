// The clients, each loaded only where it is used: by name, with what it is called in the tables.
// `open({ url, WebSocket })` of each connects and gives `observe(request, sink)` and, where the
// client has one, `iterate(request)`.
import { openTransport } from './clients/transport.mjs';

const modules = {
  limit: () => import('./clients/limit.mjs'),
  'limit, many': () => import('./clients/limit-many.mjs'),
  wireql: () => import('./clients/wireql.mjs'),
  'wireql/js': () => import('./clients/wireql-js.mjs'),
  'wireql transport': () => import('./clients/wireql-transport.mjs'),
  'graphql-ws': () => import('./clients/graphql-ws.mjs'),
  'subscriptions-transport-ws': () => import('./clients/subscriptions-transport-ws.mjs'),
  'Apollo Client': () => import('./clients/apollo-client.mjs'),
  urql: () => import('./clients/urql.mjs'),
};

/** Opens a client by its name, or a build of wireql by the URL of its main entry. */
export const openClient = async (name, options) => {
  if (name in modules) return (await modules[name]()).open(options);
  const { WebSocketTransport } = await import(name);
  return openTransport(WebSocketTransport, options);
};

/** What they are, for the reports. */
export const descriptions = {
  limit: 'the same work by hand: JSON.parse, a call of the consumer, and nothing that is not needed, such as errors, timeouts, validation. No client can be much faster.',
  wireql: 'this package: its Client, which reconnects.',
  'wireql/js': 'the same as JavaScript, for hosts without WebAssembly.',
  'wireql transport': 'the WebSocketTransport of this package, which does not.',
  'graphql-ws': 'the reference client of the protocol graphql-transport-ws, by its callback or, with for await, its iterate.',
  'subscriptions-transport-ws': 'the older client, of the older protocol; no longer maintained.',
  'Apollo Client': 'with its GraphQLWsLink over graphql-ws; its cache, which the others do not have, is not used.',
  urql: 'with its subscriptionExchange over graphql-ws.',
  'Python gql': 'the Python client whose WebSocket transport wireql is modelled on.',
};

const observers = ['wireql', 'wireql/js', 'wireql transport', 'graphql-ws', 'subscriptions-transport-ws', 'Apollo Client', 'urql'];

/** Who takes part with a callback: what the table calls it, and which client it is. */
export const withCallback = [['limit', 'limit'], ...observers.map((name) => [name, name])];

/** The same with several operations at once. */
export const withManyCallbacks = [['limit', 'limit, many'], ...observers.map((name) => [name, name])];

/** Who takes part with `for await`. */
export const withIterator = [
  ['limit', 'limit'],
  ['wireql', 'wireql'],
  ['wireql/js', 'wireql/js'],
  ['wireql transport', 'wireql transport'],
  ['graphql-ws iterate', 'graphql-ws'],
];

/** Why others do not take part, for the reports. */
export const noIterator = 'subscriptions-transport-ws, Apollo Client and urql have no async iterator';
export const noPython = 'Python gql takes part where there is a real socket';
