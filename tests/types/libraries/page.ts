// What the types of the libraries that take observables say of those of this package.
import { ApolloLink } from '@apollo/client';
import { createClient, subscriptionExchange } from '@urql/core';
import { Environment, type GraphQLResponse, Network, Observable as RelayObservable, RecordSource, Store } from 'relay-runtime';
import { from, map, type Observable } from 'rxjs';
import { Client, WebSocketTransport } from 'wireql';

interface Data {
  n: number;
}

export const rxjs = (transport: WebSocketTransport, client: Client): Observable<number | undefined>[] => [
  from(transport.observe<Data>('subscription { n }')).pipe(map(({ data }) => data?.n)),
  from(client.observe<Data>('subscription { n }')).pipe(map(({ data }) => data?.n)),
];

export const apollo = (client: Client) =>
  new ApolloLink(({ query, variables, operationName, extensions }) =>
    from(client.observe({ query, variables, operationName, extensions })),
  );

export const apolloOfTransport = (transport: WebSocketTransport) =>
  new ApolloLink(({ query, variables }) => from(transport.observe(query, { variables })));

export const urql = (client: Client, transport: WebSocketTransport) => {
  const exchanges = [
    subscriptionExchange({ forwardSubscription: (request) => client.observe(request) }),
    subscriptionExchange({ forwardSubscription: (request) => transport.observe(request) }),
  ];
  return createClient({ url: '/graphql', exchanges });
};

export const relay = (client: Client, transport: WebSocketTransport) =>
  [client, transport].map((from) => {
    const network = Network.create(
      () => Promise.reject(new Error('none')),
      ({ text, id, name }, variables) =>
        RelayObservable.create((sink) => {
          const request = { query: text, documentId: id, operationName: name, variables };
          const results = from instanceof Client ? client.observe(request) : transport.observe(request);
          // Relay's types say that a result without errors has data, which no client can promise.
          return results.subscribe({ ...sink, next: (result) => sink.next(result as GraphQLResponse) });
        }),
    );
    return new Environment({ network, store: new Store(new RecordSource()) });
  });
