// `wireql/graphql-ws` in the place of npm `graphql-ws`: each takes the types of the other, and libraries take a client.
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient as createUrqlClient, subscriptionExchange } from '@urql/core';
import * as theirs from 'graphql-ws';
import { Observable as RelayObservable } from 'relay-runtime';
import { Observable } from 'rxjs';
import * as ours from 'wireql/graphql-ws';

/** Compiles if a value of the one type can stand where the other is wanted. */
type Fits<From extends To, To> = From;

export type OursForTheirs = [
  Fits<ours.Client, theirs.Client>,
  Fits<ours.ClientOptions, theirs.ClientOptions>,
  Fits<ours.ClientOptions<{ token: string }>, theirs.ClientOptions<{ token: string }>>,
  Fits<ours.Disposable, theirs.Disposable>,
  Fits<ours.Sink<number>, theirs.Sink<number>>,
  Fits<ours.SubscribePayload, theirs.SubscribePayload>,
  Fits<ours.FormattedExecutionResult<{ a: 1 }>, theirs.FormattedExecutionResult<{ a: 1 }>>,
  Fits<ours.Message, theirs.Message>,
  Fits<ours.Message<ours.MessageType.Next>, theirs.Message<theirs.MessageType.Next>>,
  Fits<ours.Event, theirs.Event>,
  Fits<ours.EventListener<'connected'>, theirs.EventListener<'connected'>>,
  Fits<ours.EventMessageListener, theirs.EventMessageListener>,
  Fits<ours.TerminatedCloseEvent, theirs.TerminatedCloseEvent>,
  Fits<ours.CloseCode, theirs.CloseCode>,
  Fits<ours.MessageType, theirs.MessageType>,
  Fits<ours.ID, theirs.ID>,
  Fits<ours.JSONMessageReviver, theirs.JSONMessageReviver>,
  Fits<ours.JSONMessageReplacer, theirs.JSONMessageReplacer>,
  Fits<typeof ours.createClient, typeof theirs.createClient>,
  Fits<typeof ours.parseMessage, typeof theirs.parseMessage>,
  Fits<typeof ours.stringifyMessage, typeof theirs.stringifyMessage>,
  Fits<typeof ours.validateMessage, typeof theirs.validateMessage>,
];

export type TheirsForOurs = [
  Fits<theirs.Client, ours.Client>,
  Fits<theirs.ClientOptions, ours.ClientOptions>,
  Fits<theirs.ClientOptions<{ token: string }>, ours.ClientOptions<{ token: string }>>,
  Fits<theirs.Disposable, ours.Disposable>,
  Fits<theirs.Sink<number>, ours.Sink<number>>,
  Fits<theirs.SubscribePayload, ours.SubscribePayload>,
  Fits<theirs.ExecutionResult, ours.ExecutionResult>,
  Fits<theirs.FormattedExecutionResult<{ a: 1 }>, ours.FormattedExecutionResult<{ a: 1 }>>,
  Fits<theirs.Message, ours.Message>,
  Fits<theirs.Event, ours.Event>,
  Fits<theirs.EventListener<'connected'>, ours.EventListener<'connected'>>,
  Fits<theirs.EventMessageListener, ours.EventMessageListener>,
  Fits<theirs.TerminatedCloseEvent, ours.TerminatedCloseEvent>,
  Fits<theirs.CloseCode, ours.CloseCode>,
  Fits<theirs.MessageType, ours.MessageType>,
  Fits<typeof theirs.createClient, typeof ours.createClient>,
  Fits<typeof theirs.validateMessage, typeof ours.validateMessage>,
];

const options: theirs.ClientOptions = {
  url: async () => 'ws://localhost',
  connectionParams: () => ({ token: 'x' }),
  retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, retries)),
  shouldRetry: (problem) => (problem as CloseEvent).code === 1006,
  on: { connected: (socket, payload, wasRetry) => console.log(socket as WebSocket, payload?.['a'], wasRetry) },
  webSocketImpl: WebSocket,
};

export const client: theirs.Client = ours.createClient(options);

export const own = ours.createClient<{ token: string }>({
  url: 'ws://localhost',
  connectionParams: { token: 'x' },
  repeatMutations: true,
  fatal: (problem, proposed) => proposed && (problem as CloseEvent).code !== ours.CloseCode.InternalServerError,
});

export const link = new GraphQLWsLink(ours.createClient({ url: 'ws://localhost' }));

export const urql = createUrqlClient({
  url: '/graphql',
  exchanges: [
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: client.subscribe({ ...request, query: request.query ?? '' }, sink) }),
      }),
    }),
  ],
});

export const rxjs = (operation: ours.SubscribePayload) =>
  new Observable<ours.FormattedExecutionResult<{ n: number }>>((observer) => own.subscribe(operation, observer));

export const relay = (operation: ours.SubscribePayload) =>
  RelayObservable.create<ours.FormattedExecutionResult<{ n: number }>>((sink) => own.subscribe<{ n: number }>(operation, sink));

export const iterated = async () => {
  for await (const { data, errors } of own.iterate<{ n: number }>({ query: '{ n }' })) {
    const n: number | undefined = data?.n;
    console.log(n, errors?.[0]?.message);
  }
};

own.on('message', (message) => {
  if (message.type === ours.MessageType.Next) console.log(message.id, message.payload.data);
});

// @ts-expect-error There is no such event.
own.on('close', () => {});

// @ts-expect-error Its payload has no query.
own.subscribe({}, { next() {}, error() {}, complete() {} });
