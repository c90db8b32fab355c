// Uses every member of the package, as `tsc --strict` must accept it; what must not compile is
// marked so, and compiling it is the error.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import {
  type Attempt,
  Client,
  type ClientOptions,
  type ClientStatus,
  type CloseReason,
  type ExecutionResult,
  type LiveSubscription,
  Notice,
  type Payloads,
  type RawExecutionResult,
  type Subprotocol,
  type Subscription,
  TransportAlreadyConnectedError,
  TransportClosedError,
  TransportConnectionFailedError,
  TransportError,
  type TransportErrorCode,
  type TransportOptions,
  TransportProtocolError,
  TransportQueryError,
  TransportServerError,
  type TransportState,
  TransportTimeoutError,
  WebSocketTransport,
} from 'wireql';
import { WebSocket as NodeWebSocket } from './ws-like.js';

const is = <Type>(_: Type) => {};
/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

interface Ticks {
  ticks: number;
}
interface Since {
  since: string;
}

const options: TransportOptions = {
  initPayload: { token: 'x' },
  connectTimeout: 1,
  ackTimeout: null,
  closeTimeout: Infinity,
  keepAliveTimeout: null,
  pingInterval: 12_000,
  pongTimeout: 5_000,
  answerPings: true,
  webSocket: WebSocket,
  connectArgs: { headers: { authorization: 'x' } },
  headers: new Map([['authorization', 'x']]),
  tls: { rejectUnauthorized: false },
  subprotocols: ['graphql-ws', 'graphql-transport-ws'],
  trace: (line) => is<string>(line),
};

async function transport() {
  new WebSocketTransport('ws://server');
  new WebSocketTransport(new URL('ws://server'), options);
  new WebSocketTransport(() => 'ws://server', { initPayload: () => ({ a: 1 }) });
  new WebSocketTransport(async () => new URL('ws://server'), { initPayload: async () => null });
  new WebSocketTransport('ws://server', { webSocket: NodeWebSocket });
  // @ts-expect-error: no such option
  new WebSocketTransport('ws://server', { conectTimeout: 1 });
  new WebSocketTransport('ws://server', { headers: { authorization: 'x' } });
  new WebSocketTransport('ws://server', { headers: new Headers() });
  // @ts-expect-error: a dialect that is not known
  new WebSocketTransport('ws://server', { subprotocols: ['mqtt'] });
  // @ts-expect-error: a time is a number
  new WebSocketTransport('ws://server', { connectTimeout: '1' });
  // @ts-expect-error: a URL is needed
  new WebSocketTransport();

  await using transport = new WebSocketTransport('ws://server', options);
  is<void>(await transport.connect());
  is<TransportState>(transport.state);
  is<string | null>(transport.url);
  is<Subprotocol | null>(transport.subprotocol);
  is<CloseReason | null>(transport.closeReason);
  is<string | string[] | undefined>(transport.responseHeaders?.['set-cookie']);
  is<void>(await transport.connect({ signal: new AbortController().signal }));
  const off = transport.on('ping', ({ received, payload }) => is<[boolean, object | null]>([received, payload]));
  same<ReturnType<typeof off>, void>(true);
  transport.on('closed', ({ code, error }) => is<[number | null, TransportError | null]>([code, error]));
  // @ts-expect-error: no such event
  transport.on('close', () => {});
  is<Payloads>(transport.payloads);
  transport.sendPing();
  transport.sendPing({ a: 1 });
  transport.sendPong(null);
  // @ts-expect-error: a payload is an object
  transport.sendPing('x');
  // @ts-expect-error: read only
  transport.state = 'ready';
  is<void>(await transport.waitClosed());
  is<void>(await transport.close());
}

async function documents(transport: WebSocketTransport) {
  // Untyped: any data.
  const anything = await transport.execute('{ a }');
  is<ExecutionResult<any>>(anything);
  anything.data.whatever;

  // Typed by an argument.
  for await (const result of transport.subscribe<Ticks>('subscription { ticks }')) {
    same<typeof result, ExecutionResult<Ticks>>(true);
    is<number | undefined>(result.data?.ticks);
    is<string | undefined>(result.errors?.[0]?.message);
  }

  // Typed by the document: the result and the variables.
  const node = parse('subscription ($since: String!) { ticks }') as TypedDocumentNode<Ticks, Since>;
  const ticks = transport.subscribe(node, { variables: { since: 'now' } });
  same<typeof ticks, Subscription<ExecutionResult<Ticks>>>(true);
  // @ts-expect-error: the variable is a string
  transport.subscribe(node, { variables: { since: 1 } });
  same<Awaited<ReturnType<typeof ticks.next>>, IteratorResult<ExecutionResult<Ticks>, undefined>>(true);
  const whole = await transport.execute({ query: node, variables: { since: 'now' } });
  same<typeof whole, ExecutionResult<Ticks>>(true);

  transport.subscribe(parse('{ a }'), {
    variables: { a: 1 },
    operationName: 'A',
    extensions: { a: 1 },
    sendStop: false,
    signal: AbortSignal.timeout(1),
  });
  const observation = transport.observe(node, { variables: { since: 'now' } }).subscribe({
    next: (result) => same<typeof result, ExecutionResult<Ticks>>(true),
  });
  is<boolean>(observation.closed);
  observation.unsubscribe();
  transport.observe('{ a }').subscribe((result) => is<ExecutionResult<any>>(result), null, () => {});
  // @ts-expect-error: an observer, or its methods
  transport.observe('{ a }').subscribe(1);
  transport.execute({ documentId: 'x', variables: { a: 1 } });
  transport.execute({ extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } });
  // An interface has no index signature, and is as good as any object.
  const since: Since = { since: 'now' };
  transport.execute<Ticks>('{ ticks }', { variables: since });
  // @ts-expect-error: variables are an object
  transport.execute('{ a }', { variables: 'x' });
  class TypedDocumentString<Data, Vars> extends String {
    declare __apiType?: (variables: Vars) => Data;
  }
  const generated = await transport.execute(new TypedDocumentString<Ticks, Since>('{ ticks }'), { variables: since });
  same<typeof generated, ExecutionResult<Ticks>>(true);
  // Parts as they come.
  for await (const part of transport.subscribe<Ticks>('{ ticks }', { incremental: 'raw' })) {
    same<typeof part, RawExecutionResult<Ticks>>(true);
    is<string | undefined>(part.pending?.[0]?.id);
    is<ReadonlyArray<string | number> | null | undefined>(part.incremental?.[0]?.subPath);
    is<string | undefined>(part.completed?.[0]?.errors?.[0]?.message);
    is<boolean | undefined>(part.hasNext);
  }
  const first = await transport.execute(node, { variables: since, incremental: 'raw' });
  same<typeof first, RawExecutionResult<Ticks>>(true);
  transport.observe('{ a }', { incremental: 'raw' }).subscribe(({ items, path }) => is<unknown>([items, path]));
  const merged = await transport.execute(node, { variables: since, incremental: 'merge' });
  same<typeof merged, ExecutionResult<Ticks>>(true);
  // @ts-expect-error: the variable is required
  transport.execute(node, { incremental: 'raw' });
  // @ts-expect-error: no such way
  transport.execute('{ a }', { incremental: 'merged' });
  // @ts-expect-error: no document
  transport.execute(1);
  // @ts-expect-error: no such option
  transport.execute('{ a }', { variable: {} });
}

async function iterator(results: Subscription<ExecutionResult<Ticks>>) {
  is<AsyncIterableIterator<ExecutionResult<Ticks>>>(results);
  const { value, done } = await results.next();
  if (!done) is<number | undefined>(value.data?.ticks);
  await results.return();
  await results.throw(new Error());
  await results[Symbol.asyncDispose]();
  same<ReturnType<(typeof results)[typeof Symbol.asyncIterator]>, typeof results>(true);
}

function errors(error: unknown) {
  if (error instanceof TransportError) {
    is<Error>(error);
    is<TransportErrorCode>(error.code);
    is<'nothing' | 'operation' | 'connection'>(error.ends);
    is<unknown>(error.cause);
  }
  if (error instanceof TransportQueryError) {
    is<string | undefined>(error.operationId);
    is<string | undefined>(error.errors[0]?.message);
    is<unknown>([error.data, error.extensions]);
  }
  if (error instanceof TransportConnectionFailedError) {
    is<number | undefined>(error.closeCode);
    is<string | undefined>(error.reason);
    is<boolean | undefined>(error.wasClean);
  }
  if (error instanceof TransportTimeoutError) {
    is<string>(error.option);
    is<number>(error.timeout);
  }
  return [TransportClosedError, TransportProtocolError, TransportServerError, TransportAlreadyConnectedError];
}

const clientOptions: ClientOptions = {
  ...options,
  initPayload: async ({ number, reason, error }) => ({ number, reason, code: error?.code }),
  lazy: false,
  idleTimeout: null,
  waitTimeout: Infinity,
  probeTimeout: 1_000,
  hostEvents: false,
  retry: {
    attempts: 3,
    initialAttempts: Infinity,
    baseDelay: 10,
    maxDelay: 100,
    minUptime: 0,
    when: ({ error, during, proposed }) => (error.code === 'NOT_JSON' && during === 'ready' ? 'stop' : proposed),
    delay: async ({ proposedDelay, failures, uptime, everReady }) => (everReady ? proposedDelay : failures * uptime),
  },
};

async function client() {
  const client = new Client('ws://server', clientOptions);
  new Client(({ reason }) => `ws://server/${reason}`, { retry: false });
  new Client(async (attempt: Attempt) => new URL(`ws://server/${attempt.number}`));
  // The functions of a transport are not told why they are called.
  // @ts-expect-error
  new WebSocketTransport((attempt: Attempt) => 'ws://server');
  // @ts-expect-error
  new Client('ws://server', { retry: true });
  // @ts-expect-error
  new Client('ws://server', { retry: { tries: 3 } });
  is<ClientStatus>(client.status);
  // @ts-expect-error
  client.status.state = 'idle';
  const off: () => void = client.on('status', ({ state, nextAttempt, lostAt, error }) => {
    if (state === 'waiting') is<number | null>(nextAttempt ?? lostAt);
    is<string | undefined>(error?.message);
  });
  off();
  client.on('connecting', ({ number }) => is<number>(number));
  client.on('connected', ({ reconnected }) => is<boolean>(reconnected));
  client.on('disconnected', ({ verdict, code }) => is<'retry' | 'stop' | 'idle' | number | null>(verdict ?? code));
  // @ts-expect-error
  client.on('closed', () => {});
  client.notify('online');
  // @ts-expect-error
  client.notify('pagehide');
  const live = client.subscribe<Ticks, Since>('subscription', {
    variables: { since: 'now' },
    kind: 'subscription',
    onNotice: (notice) => is<'interrupted' | 'resumed'>(notice.type),
    resume: {
      cursor: ({ data }) => data?.ticks,
      variables: async (cursor, variables) => ({ ...variables, since: String(cursor) }),
      dedupe: 10,
    },
  });
  is<LiveSubscription<ExecutionResult<Ticks>>>(live);
  is<'confirmed' | 'assumed'>(await live.active);
  for await (const { data } of live) is<number | undefined>(data?.ticks);
  // @ts-expect-error
  client.subscribe('subscription', { resume: { cursor: () => 1 } });
  client.observe<Ticks>('{ ticks }', { idempotent: true, waitTimeout: null }).subscribe(({ data }) => is<number | undefined>(data?.ticks));
  is<ExecutionResult<Ticks>>(await client.execute<Ticks>('{ ticks }'));
  await client.connect({ signal: new AbortController().signal });
  await client.reconnect();
  await client.close();
  is<boolean>((client as object) instanceof Notice);
}

export { client, documents, errors, iterator, transport };
