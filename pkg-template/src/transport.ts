// One connection at a time, by hand.

import { connect, promised } from './consumers.js';
import { Endpoint } from './endpoint.js';
import { TransportHost } from './host.js';
import { Observable } from './observable.js';
import { checkListener, readOptions } from './options.js';
import { enter } from './panic.js';
import { readConnect, readRequest } from './request.js';
import { start } from './start.js';
import { Subscription } from './subscription.js';
import type {
  CompleteRequest,
  Document,
  DocumentText,
  ExecutionResult,
  Observable as PublicObservable,
  OperationOptions,
  Raw,
  RawExecutionResult,
  RequestObject,
  Source,
  Subscription as PublicSubscription,
  TransportEvents,
  TransportOptions,
  TransportState,
  Variables,
  WithVariables,
} from './types.js';

const EVENTS: ReadonlyArray<keyof TransportEvents> = [
  'connecting',
  'opened',
  'connected',
  'ping',
  'pong',
  'message',
  'closed',
  'error',
];

/**
 * One connection to a GraphQL server at a time, in the dialect that the server speaks, and the
 * operations on it.
 *
 * @example
 * const transport = new WebSocketTransport('wss://example.com/graphql');
 * await transport.connect();
 * for await (const result of transport.subscribe('subscription { ticks }')) console.log(result.data);
 * await transport.close();
 */
export class WebSocketTransport extends Endpoint {
  readonly #host: TransportHost;

  /**
   * Checks the arguments; nothing is sent before {@link connect}.
   *
   * @param url Where the server is. `http` and `https` become `ws` and `wss`. A function is called at
   *   each attempt to connect.
   * @throws TypeError for an invalid URL or option; it names the option, and for an unknown option the
   *   one with the most similar name.
   * @throws TransportError (`WEBASSEMBLY_FAILED`) where the host forbids WebAssembly: a page with a
   *   Content-Security-Policy needs `'wasm-unsafe-eval'` in its `script-src`.
   */
  constructor(url: Source<string | URL>, options?: TransportOptions) {
    start();
    const { settings, user } = readOptions(url, options);
    const host = new TransportHost(settings, user);
    super(host);
    this.#host = host;
  }

  /** What the transport is doing. */
  get state(): TransportState {
    return enter(() => this.#host.handle.state);
  }

  /**
   * Opens a socket and resolves when the server has acknowledged the connection. Can be called again
   * after a failure, and after {@link close}.
   *
   * Rejects with
   * - {@link TransportAlreadyConnectedError} unless the transport is idle or closed;
   * - {@link TransportConnectionFailedError} if nobody listens, the server hangs up before it has
   *   acknowledged, or the function for the URL or the `initPayload` fails;
   * - {@link TransportTimeoutError} for `connectTimeout` and `ackTimeout`;
   * - {@link TransportProtocolError} if the server speaks something else;
   * - {@link TransportServerError} if the server refuses by a message;
   * - {@link TransportClosedError} if {@link close} is called meanwhile;
   * - the reason of the `signal`, if that is aborted: the attempt is broken off.
   */
  connect(options?: { signal?: AbortSignal | null }): Promise<void> {
    const host = this.#host;
    return promised(host, (consumer) => connect(host, consumer, readConnect(options)));
  }

  /**
   * Starts an operation of any kind and returns an async iterator of its results. While the transport
   * is connecting, the operation waits; without a connection the first `next()` rejects with
   * {@link TransportClosedError}.
   *
   * The iterator rejects with
   * - {@link TransportQueryError} if the server refuses the operation or breaks it off: the other
   *   operations go on;
   * - {@link TransportProtocolError} if parts of a result do not make a whole (`INVALID_INCREMENTAL`,
   *   `INCOMPLETE_RESULT`): the other operations go on;
   * - the connection's error if the connection ends first.
   *
   * @throws TypeError for an invalid document or option.
   */
  subscribe<Data = any, Vars extends Variables = Variables>(
    document: Document<Data, Vars>,
    options: OperationOptions<Vars> & Raw<Vars>,
  ): PublicSubscription<RawExecutionResult<Data>>;
  subscribe<Data = any, Vars extends Variables = Variables>(
    document: DocumentText<Data, Vars>,
    ...options: WithVariables<OperationOptions<Vars>, Vars>
  ): PublicSubscription<ExecutionResult<Data>>;
  subscribe<Data = any, Vars extends Variables = Variables>(
    request: RequestObject<Data, Vars>,
    options: OperationOptions<Vars> & { variables: Vars },
  ): PublicSubscription<ExecutionResult<Data>>;
  subscribe<Data = any, Vars extends Variables = Variables>(
    request: CompleteRequest<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): PublicSubscription<ExecutionResult<Data>>;
  subscribe<Data>(document: unknown, options?: unknown): PublicSubscription<ExecutionResult<Data>> {
    return new Subscription(this.#host, readRequest(this.#host.user, document, options));
  }

  /**
   * The same as an observable: without an iterator, without a promise for each result, and without a
   * queue, as the observer is called at once. Nothing is sent before its `subscribe` is called.
   *
   * @throws TypeError for an invalid document or option.
   */
  observe<Data = any, Vars extends Variables = Variables>(
    document: Document<Data, Vars>,
    options: OperationOptions<Vars> & Raw<Vars>,
  ): PublicObservable<RawExecutionResult<Data>>;
  observe<Data = any, Vars extends Variables = Variables>(
    document: DocumentText<Data, Vars>,
    ...options: WithVariables<OperationOptions<Vars>, Vars>
  ): PublicObservable<ExecutionResult<Data>>;
  observe<Data = any, Vars extends Variables = Variables>(
    request: RequestObject<Data, Vars>,
    options: OperationOptions<Vars> & { variables: Vars },
  ): PublicObservable<ExecutionResult<Data>>;
  observe<Data = any, Vars extends Variables = Variables>(
    request: CompleteRequest<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): PublicObservable<ExecutionResult<Data>>;
  observe<Data>(document: unknown, options?: unknown): PublicObservable<ExecutionResult<Data>> {
    return new Observable(this.#host, readRequest(this.#host.user, document, options));
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
    options: OperationOptions<Vars> & Raw<Vars>,
  ): Promise<RawExecutionResult<Data>>;
  execute<Data = any, Vars extends Variables = Variables>(
    document: DocumentText<Data, Vars>,
    ...options: WithVariables<OperationOptions<Vars>, Vars>
  ): Promise<ExecutionResult<Data>>;
  execute<Data = any, Vars extends Variables = Variables>(
    request: RequestObject<Data, Vars>,
    options: OperationOptions<Vars> & { variables: Vars },
  ): Promise<ExecutionResult<Data>>;
  execute<Data = any, Vars extends Variables = Variables>(
    request: CompleteRequest<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): Promise<ExecutionResult<Data>>;
  execute<Data>(document: unknown, options?: unknown): Promise<ExecutionResult<Data>> {
    const host = this.#host;
    return promised(host, (consumer) => consumer.start(host, readRequest(host.user, document, options), 'execute'));
  }

  /**
   * Calls a listener for each event of a kind, until the returned function is called. What a listener
   * throws is reported as uncaught.
   *
   * @throws TypeError if the event name is unknown.
   */
  on<Event extends keyof TransportEvents>(event: Event, listener: (detail: TransportEvents[Event]) => void): () => void {
    checkListener(EVENTS, event, listener);
    return this.#host.on(event, listener);
  }

  /**
   * Ends the connection. Subscriptions are stopped and end without an error. Queries, mutations, what
   * `execute` waits for, and subscriptions with `sendStop: false` have `closeTimeout` to finish, and
   * fail with {@link TransportClosedError} if they do not. Then the socket is closed with code 1000
   * (after a `connection_terminate` in the dialect `graphql-ws`). An attempt to connect is broken off.
   *
   * Resolves when the connection is over, at once if there is none. Rejects only with the error of a
   * transport that has stopped (`PANICKED`).
   */
  close(): Promise<void> {
    const host = this.#host;
    return promised(host, (consumer) => host.close(consumer));
  }

  /** Resolves when the connection is over, for whatever reason; at once if there is none. */
  waitClosed(): Promise<void> {
    const host = this.#host;
    return promised(host, (consumer) => enter(() => host.handle.waitClosed(consumer)));
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
