// Operations that outlive connections.

import { connect, promised } from './consumers.js';
import { ClientHost } from './client-host.js';
import { readClientOptions, readClientRequest } from './client-options.js';
import { Endpoint } from './endpoint.js';
import { Observable } from './observable.js';
import { checkListener } from './options.js';
import { enter, notify } from './panic.js';
import { readConnect } from './request.js';
import { start } from './start.js';
import { LiveSubscription } from './subscription.js';
import type {
  Attempt,
  ClientEvents,
  ClientOperationOptions,
  ClientOptions,
  ClientStatus,
  CompleteRequest,
  Document,
  DocumentText,
  ExecutionResult,
  HostEvent,
  LiveSubscription as PublicLiveSubscription,
  Observable as PublicObservable,
  Raw,
  RawExecutionResult,
  RequestObject,
  Source,
  Variables,
  WithVariables,
} from './types.js';

const EVENTS: ReadonlyArray<keyof ClientEvents> = [
  'status',
  'connecting',
  'opened',
  'connected',
  'disconnected',
  'ping',
  'pong',
  'message',
  'error',
];

const HOST_EVENTS: readonly HostEvent[] = ['online', 'offline', 'visible', 'hidden', 'wake'];

/**
 * Operations that outlive connections. It connects when something needs a connection, connects again when that is
 * lost, subscribes again, and tells each operation of the gap.
 *
 * @example
 * const client = new Client('wss://example.com/graphql');
 * for await (const result of client.subscribe('subscription { ticks }')) console.log(result.data);
 */
export class Client extends Endpoint {
  readonly #host: ClientHost;

  /**
   * Checks the arguments; sends nothing, unless `lazy` is `false`.
   *
   * @param url Where the server is. `http` and `https` become `ws` and `wss`. A function is called at
   *   each attempt to connect, with the reason of the attempt.
   * @throws TypeError for an invalid URL or option; it names the option, and for an unknown option the
   *   one with the most similar name.
   * @throws TransportError (`WEBASSEMBLY_FAILED`) where the host forbids WebAssembly: a page with a
   *   Content-Security-Policy needs `'wasm-unsafe-eval'` in its `script-src`.
   */
  constructor(url: Source<string | URL, Attempt>, options?: ClientOptions) {
    start();
    const { settings, user, retry, hostEvents } = readClientOptions(url, options);
    const host = new ClientHost(settings, user, retry, hostEvents);
    super(host);
    this.#host = host;
    enter(() => host.handle.start());
  }

  /** What the client is doing. Frozen, and the same object until something in it changes. */
  get status(): ClientStatus {
    return this.#host.clientStatus;
  }

  /**
   * Starts an operation of any kind and returns an async iterator of its results. Without a connection it waits for
   * one. What becomes of it when the connection is lost depends on its kind:
   * - a subscription, or a query with `@live`, is sent again on the next one;
   * - a query is sent again, on at most three connections;
   * - a mutation that was sent ends with `OUTCOME_UNKNOWN`, unless `idempotent`.
   *
   * The iterator rejects with
   * - {@link TransportQueryError} if the server refuses the operation or breaks it off: the other
   *   operations go on;
   * - {@link TransportProtocolError} if parts of a result do not make a whole (`INVALID_INCREMENTAL`,
   *   `INCOMPLETE_RESULT`): the other operations go on;
   * - the connection's error when the client gives up;
   * - {@link TransportTimeoutError} (`WAIT_TIMEOUT`) for a query or a mutation that could not be sent in time;
   * - {@link TransportClosedError} after {@link close}.
   *
   * @throws TypeError for an invalid document or option.
   */
  subscribe<Data = any, Vars extends Variables = Variables>(
    document: Document<Data, Vars>,
    options: ClientOperationOptions<Data, Vars> & Raw<Vars>,
  ): PublicLiveSubscription<RawExecutionResult<Data>>;
  subscribe<Data = any, Vars extends Variables = Variables>(
    document: DocumentText<Data, Vars>,
    ...options: WithVariables<ClientOperationOptions<Data, Vars>, Vars>
  ): PublicLiveSubscription<ExecutionResult<Data>>;
  subscribe<Data = any, Vars extends Variables = Variables>(
    request: RequestObject<Data, Vars>,
    options: ClientOperationOptions<Data, Vars> & { variables: Vars },
  ): PublicLiveSubscription<ExecutionResult<Data>>;
  subscribe<Data = any, Vars extends Variables = Variables>(
    request: CompleteRequest<Data, Vars>,
    options?: ClientOperationOptions<Data, Vars>,
  ): PublicLiveSubscription<ExecutionResult<Data>>;
  subscribe<Data>(document: unknown, options?: unknown): PublicLiveSubscription<ExecutionResult<Data>> {
    return new LiveSubscription(this.#host, readClientRequest(this.#host.user, document, options));
  }

  /**
   * The same as an observable: without an iterator, without a promise for each result, and without a
   * queue, as the observer is called at once. Nothing is sent before its `subscribe` is called.
   *
   * @throws TypeError for an invalid document or option.
   */
  observe<Data = any, Vars extends Variables = Variables>(
    document: Document<Data, Vars>,
    options: ClientOperationOptions<Data, Vars> & Raw<Vars>,
  ): PublicObservable<RawExecutionResult<Data>>;
  observe<Data = any, Vars extends Variables = Variables>(
    document: DocumentText<Data, Vars>,
    ...options: WithVariables<ClientOperationOptions<Data, Vars>, Vars>
  ): PublicObservable<ExecutionResult<Data>>;
  observe<Data = any, Vars extends Variables = Variables>(
    request: RequestObject<Data, Vars>,
    options: ClientOperationOptions<Data, Vars> & { variables: Vars },
  ): PublicObservable<ExecutionResult<Data>>;
  observe<Data = any, Vars extends Variables = Variables>(
    request: CompleteRequest<Data, Vars>,
    options?: ClientOperationOptions<Data, Vars>,
  ): PublicObservable<ExecutionResult<Data>>;
  observe<Data>(document: unknown, options?: unknown): PublicObservable<ExecutionResult<Data>> {
    return new Observable(this.#host, readClientRequest(this.#host.user, document, options));
  }

  /**
   * Starts an operation, resolves with its first result, and ends it: a subscription is stopped. With incremental
   * delivery the first result is whole when its last part has come; with `incremental: 'raw'` it is the first part.
   *
   * Rejects as {@link subscribe} does, with a `TypeError` for invalid arguments, and with
   * {@link TransportQueryError} if the server completes the operation without a result.
   */
  execute<Data = any, Vars extends Variables = Variables>(
    document: Document<Data, Vars>,
    options: ClientOperationOptions<Data, Vars> & Raw<Vars>,
  ): Promise<RawExecutionResult<Data>>;
  execute<Data = any, Vars extends Variables = Variables>(
    document: DocumentText<Data, Vars>,
    ...options: WithVariables<ClientOperationOptions<Data, Vars>, Vars>
  ): Promise<ExecutionResult<Data>>;
  execute<Data = any, Vars extends Variables = Variables>(
    request: RequestObject<Data, Vars>,
    options: ClientOperationOptions<Data, Vars> & { variables: Vars },
  ): Promise<ExecutionResult<Data>>;
  execute<Data = any, Vars extends Variables = Variables>(
    request: CompleteRequest<Data, Vars>,
    options?: ClientOperationOptions<Data, Vars>,
  ): Promise<ExecutionResult<Data>>;
  execute<Data>(document: unknown, options?: unknown): Promise<ExecutionResult<Data>> {
    const host = this.#host;
    return promised(host, (consumer) => consumer.start(host, readClientRequest(host.user, document, options), 'execute'));
  }

  /**
   * Connects ahead of the first operation. Resolves when there is a connection, at once if there is one. It does not
   * keep the connection: see `idleTimeout`.
   *
   * Rejects with
   * - the last error when the client gives up;
   * - {@link TransportClosedError} if {@link close} is called meanwhile;
   * - the reason of the `signal`, if that is aborted: the attempt goes on if others need it.
   */
  connect(options?: { signal?: AbortSignal | null }): Promise<void> {
    const host = this.#host;
    return promised(host, (consumer) => connect(host, consumer, readConnect(options)));
  }

  /**
   * Replaces the connection, asking `url` and `initPayload` anew: after a login or a logout. Queries and mutations in
   * flight finish first, up to `closeTimeout`; subscriptions go on with the next connection. Forgets failures, so an
   * attempt begins at once if the client waits for one.
   *
   * Resolves and rejects as {@link connect} does; without a connection that could be replaced (`idle`) it resolves at
   * once, and after the client gave up or was closed it is {@link connect}.
   */
  reconnect(): Promise<void> {
    const host = this.#host;
    return promised(host, (consumer) => enter(() => host.handle.reconnect(consumer)));
  }

  /**
   * Tells the client what browsers tell by events: for hosts that have none, such as React Native (`NetInfo`,
   * `AppState`).
   *
   * @throws TypeError if it is none of `online`, `offline`, `visible`, `hidden` and `wake`.
   */
  notify(event: HostEvent): void {
    if (!HOST_EVENTS.includes(event)) throw new TypeError(`unknown event: the events are ${HOST_EVENTS.join(', ')}`);
    notify(() => this.#host.handle.notify(event));
  }

  /**
   * Calls a listener for each event of a kind, until the returned function is called. What a listener
   * throws is reported as uncaught.
   *
   * @throws TypeError if the event name is unknown.
   */
  on<Event extends keyof ClientEvents>(event: Event, listener: (detail: ClientEvents[Event]) => void): () => void {
    checkListener(EVENTS, event, listener);
    return this.#host.on(event, listener);
  }

  /**
   * Ends the connection, and everything that waits for one. Subscriptions end without an error. Queries and mutations
   * on a connection have `closeTimeout` to finish, as on {@link WebSocketTransport.close}; without one they fail with
   * {@link TransportClosedError}, as does what is started later, until {@link connect}.
   *
   * Resolves when all is over. Never rejects, but with the error of a client that has stopped (`PANICKED`).
   */
  close(): Promise<void> {
    const host = this.#host;
    return promised(host, (consumer) => host.close(consumer));
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
