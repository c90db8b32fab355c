// The adapters, against the types of the real libraries.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, InMemoryCache, gql, type TypedDocumentNode } from '@apollo/client';
import {
  cacheExchange,
  createClient,
  fetchExchange,
  subscriptionExchange,
  type Exchange,
  type SubscriptionForwarder,
} from '@urql/core';
import { createElement, type ReactElement } from 'react';
import { Environment, Network, RecordSource, Store, type FetchFunction, type SubscribeFunction } from 'relay-runtime';
import { Client, WebSocketTransport, type ExecutionResult, type Notice } from 'wireql';
import { WireqlLink } from 'wireql/apollo';
import { Client as JsClient, WebSocketTransport as JsTransport } from 'wireql/js';
import { ClientProvider, useClient, useClientStatus, useSubscription } from 'wireql/react';
import { createFetch, createSubscribe } from 'wireql/relay';
import { Client as SlimClient } from 'wireql/slim';
import { forwardSubscription, wireqlExchange } from 'wireql/urql';
import { Client as WebClient } from 'wireql/web';

/** Fails to compile if they differ, also for `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const same = <A, B>(_: Same<A, B>) => {};

const client = new Client('ws://localhost');

// ---- every entry's client, and a transport -------------------------------------------------

const others = [new SlimClient('ws://localhost'), new WebClient('ws://localhost'), new JsClient('ws://localhost')] as const;
const [slim, web, js] = others;
const transports = [new WebSocketTransport('ws://localhost'), new JsTransport('ws://localhost')] as const;

export const links: ApolloLink[] = [client, slim, web, js, ...transports].map((any) => new WireqlLink(any));
export const exchanges: Exchange[] = [client, slim, web, js, ...transports].map((any) => wireqlExchange(any));
export const forwarders: SubscriptionForwarder[] = [client, slim, web, js, ...transports].map((any) => forwardSubscription(any));
export const networks = [client, slim, web, js, ...transports].map((any) => Network.create(createFetch(any), createSubscribe(any)));
export const providers: ReactElement[] = [client, slim, web, js].map((any) => createElement(ClientProvider, { client: any }));
// @ts-expect-error It takes a client, and not its options.
new WireqlLink({ url: 'ws://localhost' });

// ---- Apollo Client --------------------------------------------------------------------------

const apollo = new ApolloClient({ cache: new InMemoryCache(), link: new WireqlLink(client) });
const typed: TypedDocumentNode<{ n: number }, { from: number }> = gql('subscription ($from: Int!) { n(from: $from) }');

export const subscribed = apollo
  .subscribe({
    query: typed,
    variables: { from: 3 },
    context: {
      wireql: {
        onNotice: (notice) => same<typeof notice, Notice>(true),
        idempotent: true,
      },
    },
  })
  .subscribe(({ data, error }) => {
    same<typeof data, { n: number } | undefined>(true);
    if (CombinedGraphQLErrors.is(error)) error.errors satisfies readonly unknown[];
  });

apollo.subscribe({
  query: typed,
  variables: { from: 3 },
  // @ts-expect-error The type of an option is checked.
  context: { wireql: { idempotent: 'yes' } },
});
apollo.subscribe({
  query: typed,
  variables: { from: 3 },
  // @ts-expect-error Leaving is Apollo's own business.
  context: { wireql: { signal: AbortSignal.abort() } },
});

// ---- urql ------------------------------------------------------------------------------------

export const urql = [
  createClient({ url: '/graphql', exchanges: [cacheExchange, wireqlExchange(client)] }),
  createClient({
    url: '/graphql',
    exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription: forwardSubscription(client) })],
  }),
];

// ---- Relay -----------------------------------------------------------------------------------

const fetch: FetchFunction = createFetch(client);
const subscribe: SubscribeFunction = createSubscribe(client, {
  persisted: (id) => ({ doc_id: id }),
  onNotice: (notice) => same<typeof notice, Notice>(true),
});
export const relay = new Environment({ network: Network.create(fetch, subscribe), store: new Store(new RecordSource()) });
// @ts-expect-error A part of a request is an object.
createSubscribe(client, { persisted: (id) => id });

// ---- React -----------------------------------------------------------------------------------

interface Price {
  price: number;
}

export function Prices({ of }: { of: string }): ReactElement {
  const { data, result, error, state } = useSubscription<Price>('subscription { price }', {
    onResult: (result) => same<typeof result, ExecutionResult<Price>>(true),
    onNotice: (notice) => same<typeof notice, Notice>(true),
    perFrame: true,
    skip: of === '',
  });
  same<typeof data, Price | undefined>(true);
  same<typeof result, ExecutionResult<Price> | undefined>(true);
  same<typeof error, Error | undefined>(true);
  same<typeof state, 'skipped' | 'loading' | 'active' | 'interrupted' | 'complete' | 'failed'>(true);

  const counted = useSubscription(typed, { variables: { from: 3 } });
  same<typeof counted.data, { n: number } | undefined>(true);
  // @ts-expect-error The document requires variables.
  useSubscription(typed);
  // @ts-expect-error Of that type.
  useSubscription(typed, { variables: { from: '3' } });
  // @ts-expect-error Without types there is no data to read.
  useSubscription('subscription { n }').data?.n;

  const status = useClientStatus();
  same<typeof status.nextAttempt, number | null>(true);
  const { execute, reconnect } = useClient();
  void [execute, reconnect];
  return createElement('p', null, status.state);
}

export const app = [
  createElement(ClientProvider, { client }, createElement(Prices, { of: 'x' })),
  createElement(ClientProvider, { client: new SlimClient('ws://localhost') }),
  // @ts-expect-error It needs a client.
  createElement(ClientProvider, {}),
];
