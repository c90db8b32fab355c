// The class that users see.

import type { Failure } from '#glue';
import { promised } from './consumers.js';
import { toError } from './errors.js';
import { TransportHost } from './host.js';
import { Observable } from './observable.js';
import { described, readOptions, toJson } from './options.js';
import { enter } from './panic.js';
import { readConnect, readRequest } from './request.js';
import { start } from './start.js';
import { Subscription } from './subscription.js';
import type {
  CloseReason,
  Document,
  ExecutionResult,
  Observable as PublicObservable,
  OperationOptions,
  Payloads,
  Source,
  Subprotocol,
  Subscription as PublicSubscription,
  TransportEvents,
  TransportOptions,
  TransportState,
  Variables,
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

/** The payload of a `ping` or `pong` as JSON text. */
const readPayload = (payload: unknown): string | undefined =>
  payload === undefined || payload === null ? undefined : toJson(payload, 'the payload');

const throwIfFailed = (failure: Failure | undefined): void => {
  if (failure !== undefined) throw toError(failure);
};

/** What came from the server as JSON; `null` if nothing came. */
const received = (payload: unknown) => (payload ?? null) as { [name: string]: unknown } | null;

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
export class WebSocketTransport {
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
    this.#host = new TransportHost(settings, user);
  }

  /** What the transport is doing. */
  get state(): TransportState {
    return enter(() => this.#host.handle.state);
  }

  /** The URL of the current or the last attempt to connect; `null` before it is known. */
  get url(): string | null {
    return enter(() => this.#host.handle.url) ?? null;
  }

  /** The subprotocol of the current or the last connection; `null` before there is one. */
  get subprotocol(): Subprotocol | null {
    return enter(() => this.#host.handle.subprotocol) ?? null;
  }

  /** How the last connection, or attempt at one, ended; `null` before the first, and during one. */
  get closeReason(): CloseReason | null {
    return this.#host.closeReason;
  }

  /**
   * The headers of the server's answer to the last handshake, where the host reports them: with `ws` in
   * Node. `null` elsewhere.
   */
  get responseHeaders(): { readonly [name: string]: string | string[] | undefined } | null {
    return this.#host.responseHeaders;
  }

  /** The last payloads of `connection_ack`, `ping` and `pong`. */
  get payloads(): Payloads {
    const { handle } = this.#host;
    return enter(() => ({
      connectionAck: received(handle.ackPayload),
      ping: received(handle.pingPayload),
      pong: received(handle.pongPayload),
    }));
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
    return promised(host, (consumer) => {
      const signal = readConnect(options);
      if (signal?.aborted) throw signal.reason;
      // Before the call, as a user function or a listener may abort the signal during it.
      if (signal !== undefined) consumer.follow(host, signal, (handle) => handle.abortConnect());
      enter(() => host.handle.connect(consumer));
    });
  }

  /**
   * Starts an operation of any kind and returns an async iterator of its results. While the transport
   * is connecting, the operation waits; without a connection the first `next()` rejects with
   * {@link TransportClosedError}.
   *
   * The iterator rejects with
   * - {@link TransportQueryError} if the server refuses the operation or breaks it off: the other
   *   operations go on;
   * - the connection's error if the connection ends first.
   *
   * @throws TypeError for an invalid document or option.
   */
  subscribe<Data = any, Vars extends object = Variables>(
    document: Document<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): PublicSubscription<ExecutionResult<Data>> {
    return new Subscription(this.#host, readRequest(document, options));
  }

  /**
   * The same as an observable: without an iterator, without a promise for each result, and without a
   * queue, as the observer is called at once. Nothing is sent before its `subscribe` is called.
   *
   * @throws TypeError for an invalid document or option.
   */
  observe<Data = any, Vars extends object = Variables>(
    document: Document<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): PublicObservable<ExecutionResult<Data>> {
    return new Observable(this.#host, readRequest(document, options));
  }

  /**
   * Starts an operation, resolves with its first result, and ends it: a subscription is stopped.
   *
   * Rejects as {@link subscribe} does, with a `TypeError` for invalid arguments, and with
   * {@link TransportQueryError} if the server completes the operation without a result.
   */
  execute<Data = any, Vars extends object = Variables>(
    document: Document<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): Promise<ExecutionResult<Data>> {
    const host = this.#host;
    return promised(host, (consumer) => consumer.start(host, readRequest(document, options), 'execute'));
  }

  /**
   * Calls a listener for each event of a kind, until the returned function is called. What a listener
   * throws is reported as uncaught.
   *
   * @throws TypeError if the event name is unknown.
   */
  on<Event extends keyof TransportEvents>(event: Event, listener: (detail: TransportEvents[Event]) => void): () => void {
    if (!EVENTS.includes(event)) throw new TypeError(`unknown event: the events are ${EVENTS.join(', ')}`);
    if (typeof listener !== 'function') {
      throw new TypeError(`the listener must be a function, but is ${described(listener)}`);
    }
    return this.#host.on(event, listener);
  }

  /**
   * Sends a `ping`.
   * @throws TransportClosedError unless the transport is connected.
   * @throws TransportProtocolError if the server speaks `graphql-ws`, which has none.
   */
  sendPing(payload?: object | null): void {
    const text = readPayload(payload);
    throwIfFailed(enter(() => this.#host.handle.sendPing(text)));
  }

  /**
   * Sends a `pong`. With `answerPings`, the server's `ping`s have been answered already.
   * @throws TransportClosedError unless the transport is connected.
   * @throws TransportProtocolError if the server speaks `graphql-ws`, which has none.
   */
  sendPong(payload?: object | null): void {
    const text = readPayload(payload);
    throwIfFailed(enter(() => this.#host.handle.sendPong(text)));
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
    return promised(host, (consumer) => enter(() => host.handle.close(consumer)));
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
