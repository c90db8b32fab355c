// Apollo Client, urql and Relay over a client of this package, each behind the same three functions, for tests of what holds for all.
import { ApolloClient, CombinedGraphQLErrors, InMemoryCache, gql } from '@apollo/client';
import { cacheExchange, createClient } from '@urql/core';
import {
  Environment,
  Network,
  RecordSource,
  Store,
  commitMutation,
  fetchQuery,
  requestSubscription,
} from 'relay-runtime';
import { WireqlLink } from 'wireql/apollo';
import { createFetch, createSubscribe } from 'wireql/relay';
import { wireqlExchange } from 'wireql/urql';

/** The operations of these tests have one field at their root, with values of their own as its arguments. */
const documents = {
  hello: ['query', 'hello', { name: 'Ada' }],
  failing: ['query', 'failing', {}],
  unknown: ['query', 'unknown', {}],
  setMessage: ['mutation', 'setMessage', { message: 'set' }],
  slowly: ['mutation', 'setMessage', { message: 'slow', ms: 3_600_000 }],
  countdown: ['subscription', 'countdown', { from: 3 }],
  ticks: ['subscription', 'ticks', {}],
  breaking: ['subscription', 'breaking', { after: 2 }],
  nothing: ['subscription', 'unknown', {}],
};

const written = (args) => {
  const list = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return list.length === 0 ? '' : `(${list.join(', ')})`;
};

const textOf = (name) => {
  const [kind, field, args] = documents[name];
  return `${kind} ${name} { ${field}${written(args)} }`;
};

// ---- Apollo Client ----------------------------------------------------------------------

const apollo = (client) => {
  const link = new WireqlLink(client);
  const it = new ApolloClient({ cache: new InMemoryCache(), link, devtools: { enabled: false } });
  return {
    query: async (name) => (await it.query({ query: gql(textOf(name)), fetchPolicy: 'no-cache' })).data,
    mutate: async (name) => (await it.mutate({ mutation: gql(textOf(name)) })).data,
    subscribe: (name, { next, error, complete }, onNotice) => {
      const observer = { next: (result) => (result.error ? error(result.error) : next(result.data)), error, complete };
      const running = it.subscribe({ query: gql(textOf(name)), context: { wireql: { onNotice } } }).subscribe(observer);
      return () => running.unsubscribe();
    },
    refusalOf: (error) => (CombinedGraphQLErrors.is(error) ? error.errors : undefined),
    causeOf: (error) => error,
  };
};

// ---- urql -------------------------------------------------------------------------------

const urql = (client) => {
  const it = createClient({ url: '/none', exchanges: [cacheExchange, wireqlExchange(client)], requestPolicy: 'network-only' });
  const settled = async (promise) => {
    const { data, error } = await promise;
    if (error) throw error;
    return data;
  };
  return {
    query: (name) => settled(it.query(textOf(name), {}).toPromise()),
    mutate: (name) => settled(it.mutation(textOf(name), {}).toPromise()),
    subscribe: (name, { next, error, complete }, onNotice) => {
      const results = it.subscription(textOf(name), {}, { wireql: { onNotice } });
      const running = results.subscribe((result) => {
        if (result.error) error(result.error);
        // urql tells the end by the last result once more.
        else if (result.hasNext) next(result.data);
        else complete();
      });
      return () => running.unsubscribe();
    },
    refusalOf: (error) => (error.graphQLErrors?.length > 0 && !error.networkError ? error.graphQLErrors : undefined),
    causeOf: (error) => error.networkError,
  };
};

// ---- Relay ------------------------------------------------------------------------------

/** What Relay's compiler makes of such an operation. */
export const compiled = (name, id = null) => {
  const [operationKind, field, args] = documents[name];
  const literals = Object.entries(args).map(([name, value]) => ({ kind: 'Literal', name, value }));
  const selections = [{ kind: 'ScalarField', alias: null, name: field, args: literals, storageKey: null }];
  const type = operationKind[0].toUpperCase() + operationKind.slice(1);
  const params = { name, operationKind, metadata: {}, ...(id === null ? { id, text: textOf(name), cacheID: name } : { id, text: null }) };
  return {
    kind: 'Request',
    fragment: { kind: 'Fragment', name, type, abstractKey: null, argumentDefinitions: [], metadata: null, selections },
    operation: { kind: 'Operation', name, argumentDefinitions: [], selections },
    params,
  };
};

export const relay = (client, options, ids = {}) => {
  const of = (name) => compiled(name, ids[name]);
  const network = Network.create(createFetch(client, options), createSubscribe(client, options));
  const it = new Environment({ network, store: new Store(new RecordSource()) });
  return {
    query: (name) => fetchQuery(it, of(name), {}).toPromise(),
    mutate: (name) =>
      new Promise((resolve, reject) =>
        commitMutation(it, { mutation: of(name), variables: {}, onCompleted: resolve, onError: reject }),
      ),
    subscribe: (name, { next, error, complete }) => {
      const running = requestSubscription(it, {
        subscription: of(name),
        variables: {},
        onNext: next,
        onError: error,
        onCompleted: complete,
      });
      return () => running.dispose();
    },
    refusalOf: (error) => error.source?.errors,
    causeOf: (error) => error,
  };
};

export const libraries = { apollo, urql, relay };
