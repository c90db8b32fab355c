// The types of `wireql`, written by hand. Times are in milliseconds throughout.
/// <reference lib="esnext.disposable" />

// ---- documents and results ----------------------------------------------------

/** The variables of an operation: an object that is one in JSON too. */
export type Variables = object;

/** A GraphQL error as servers send it. GraphQL specification, section 7.1.2. */
export interface GraphQLErrorObject {
  readonly message: string;
  readonly locations?: ReadonlyArray<{ readonly line: number; readonly column: number }>;
  readonly path?: ReadonlyArray<string | number>;
  readonly extensions?: { readonly [name: string]: unknown };
}

/**
 * One result of an operation, as the server sent it. GraphQL errors are part of it and are not
 * thrown. GraphQL specification, section 7.1.
 */
export interface ExecutionResult<Data = unknown> {
  data?: Data | null;
  errors?: ReadonlyArray<GraphQLErrorObject>;
  extensions?: { [name: string]: unknown };
  /** With incremental delivery (`@defer`, `@stream`): whether more of the result follows. */
  hasNext?: boolean;
}

/** A parsed document, such as the package `graphql` or `graphql-tag` makes. */
export interface DocumentNodeLike {
  readonly kind: 'Document';
  readonly definitions: ReadonlyArray<unknown>;
  readonly loc?: { readonly source?: { readonly body: string } };
}

/** What carries the types of a document, as `@graphql-typed-document-node/core` has it. */
export interface DocumentTypes<Data, Vars extends object> {
  /** Never there at run time. */
  __apiType?: (variables: Vars) => Data;
}

/** A parsed document that carries its types: a `TypedDocumentNode` of any package. */
export interface TypedDocumentNodeLike<Data, Vars extends object> extends DocumentNodeLike, DocumentTypes<Data, Vars> {}

/** A document as text that carries its types, such as code generators make: a `String`. */
export interface TypedDocumentString<Data, Vars extends object> extends String, DocumentTypes<Data, Vars> {}

/** A whole request. What it says itself is used unless the options say otherwise. */
export interface RequestObject<Data = unknown, Vars extends object = Variables> {
  /** The document. May be missing if `documentId` or `extensions` stand for it. */
  query?: string | DocumentNodeLike | TypedDocumentNodeLike<Data, Vars> | TypedDocumentString<Data, Vars>;
  variables?: Vars | null;
  operationName?: string | null;
  extensions?: { [name: string]: unknown } | null;
  /** The id of a document that the server has stored. */
  documentId?: string;
}

/**
 * What to ask of the server: text, a `DocumentNode`, a typed document, or a whole request.
 *
 * A `DocumentNode` is printed by the package `graphql` if that is installed and the host is Node.
 * Elsewhere its `loc` has to hold its text: for one that has none, or that was transformed or
 * composed after it was parsed, pass `print(document)`.
 */
export type Document<Data = unknown, Vars extends object = Variables> =
  | string
  | DocumentNodeLike
  | TypedDocumentNodeLike<Data, Vars>
  | TypedDocumentString<Data, Vars>
  | RequestObject<Data, Vars>;

/** The options of one operation. */
export interface OperationOptions<Vars extends object = Variables> {
  /** Default: none. */
  variables?: Vars | null;
  /** Which operation of the document to run. Needed if there are several. Default: none. */
  operationName?: string | null;
  /** The `extensions` of the request. Default: none. */
  extensions?: { [name: string]: unknown } | null;
  /** Whether the server is told when you leave before the end. Default: `true`. */
  sendStop?: boolean;
  /**
   * Leaves when it is aborted: results that are still queued are dropped, and the iterator, or
   * `execute`, rejects once with the signal's reason; an observer is called no more. Default: none.
   */
  signal?: AbortSignal | null;
}

// ---- the transport ---------------------------------------------------------------

/** A value, or a function that gives one, or a promise of one, for each attempt to connect. */
export type Source<Value> = Value | (() => Value | PromiseLike<Value>);

/** A class that can stand in for the host's `WebSocket`, such as that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: any, ...args: any[]) => object;

/** The options of a {@link WebSocketTransport}. An unknown one is a `TypeError`. */
export interface TransportOptions {
  /**
   * The dialects to offer to the server, those preferred first; the server picks. If it picks none,
   * it is taken for one that speaks `graphql-ws` if that was offered. If it closes at once (code 1002,
   * 1006 or 4406) in the one that it picked, `connect` tries the other. Default: both, in this order.
   */
  subprotocols?: ReadonlyArray<Subprotocol>;
  /**
   * The payload of `connection_init`, where most servers expect credentials. Asked for at each
   * attempt to connect, before the socket is opened; counts towards `connectTimeout`. `null` and
   * `undefined` send none. Default: none.
   */
  initPayload?: Source<object | null | undefined>;
  /**
   * From `connect()` until the socket is open. `null` and `Infinity` wait for ever, 0 not at all.
   * Default: 10,000.
   */
  connectTimeout?: number | null;
  /**
   * From `connection_init` until `connection_ack`. `null` and `Infinity` wait for ever. Default:
   * 10,000.
   */
  ackTimeout?: number | null;
  /**
   * How long `close()` waits for operations that are not over, and then again for the socket to
   * say goodbye. `null` and `Infinity` wait for ever. Default: 10,000.
   */
  closeTimeout?: number | null;
  /**
   * The longest silence of an acknowledged server that is borne; any message is a sign of life.
   * Set it only if the server sends something regularly. More than 0. Default: `null`, for ever.
   */
  keepAliveTimeout?: number | null;
  /**
   * Between two `ping`s that are sent to the server; more than 0. Finds a half-open connection,
   * and keeps servers that hang up after a silence: 12,000 is a good value then. The dialect
   * `graphql-ws` has no `ping`: there it has no effect. Default: `null`, none is sent.
   */
  pingInterval?: number | null;
  /**
   * How long after a `ping` any message may take to come; more than 0. `null` and `Infinity` wait
   * for ever. Default: half of `pingInterval`.
   */
  pongTimeout?: number | null;
  /** Whether the server's `ping`s are answered with a `pong` of the same payload. Default: `true`. */
  answerPings?: boolean;
  /**
   * The class to make sockets with. Default: the host's `WebSocket`; in Node before version 22 that
   * of the package `ws`, if it is installed.
   */
  webSocket?: WebSocketClass;
  /**
   * The headers of the handshake: an object, a `Headers`, or pairs. In browsers, whose `WebSocket`
   * sends no headers of yours, a `TypeError`: use `initPayload`. Default: none.
   */
  headers?: { [name: string]: string } | Iterable<readonly [string, string]>;
  /**
   * How TLS is done, as `tls.connect` of Node has it: `ca`, `cert`, `key`, `rejectUnauthorized`,
   * `servername`. In Node and Bun; a `TypeError` elsewhere. Default: as the host does it.
   */
  tls?: { [name: string]: unknown };
  /**
   * Handed on to the WebSocket class, over `headers` and `tls`: as third argument for `ws` and classes
   * like it, beside the subprotocols for those of server-side hosts (Node, Deno, Bun). In browsers,
   * whose `WebSocket` takes nothing of the kind, a `TypeError`. Default: none.
   */
  connectArgs?: { [name: string]: unknown };
  /**
   * Is given every frame in both directions and every change of state, one line each, in the form of
   * a transcript: `at 5      < {"type":"connection_ack"}`. What may be secret is not in it: the payload
   * of `connection_init`, headers, and the URL's credentials and query. Your variables and the results
   * are. Results take a longer way while it is set. Default: none.
   */
  trace?: (line: string) => void;
}

/** A dialect of GraphQL over WebSocket: the one of new servers, and the one of older ones. */
export type Subprotocol = 'graphql-transport-ws' | 'graphql-ws';

/** What a transport is doing. */
export type TransportState = 'idle' | 'connecting' | 'ready' | 'closing' | 'closed';

/** The last payloads that the server sent on this connection; `null` if it sent none. */
export interface Payloads {
  connectionAck: { [name: string]: unknown } | null;
  ping: { [name: string]: unknown } | null;
  pong: { [name: string]: unknown } | null;
}

/** How a connection, or an attempt at one, ended. */
export interface CloseReason {
  /**
   * The WebSocket close code, as the socket tells it; `null` if there was no socket yet. After
   * {@link WebSocketTransport.close} it is 1000, unless the server closes first with a code of its own,
   * as some do in the dialect `graphql-ws`.
   */
  code: number | null;
  /** The reason that came with it; may be empty. */
  reason: string;
  /** Whether the closing handshake was completed. */
  wasClean: boolean;
  /** What went wrong; `null` after {@link WebSocketTransport.close}. */
  error: TransportError | null;
}

/** What the listeners of {@link WebSocketTransport.on} are called with, by event. */
export interface TransportEvents {
  /** An attempt to connect begins; `retry` if it is the second, in the other dialect. */
  connecting: { retry: boolean };
  /** The socket is open. */
  opened: { subprotocol: Subprotocol };
  /** The server has acknowledged, with this payload. */
  connected: { payload: { [name: string]: unknown } | null };
  /** A `ping` came from the server, or is sent. */
  ping: { received: boolean; payload: { [name: string]: unknown } | null };
  /** A `pong` came from the server, or is sent. */
  pong: { received: boolean; payload: { [name: string]: unknown } | null };
  /** A message came, as the server sent it. Results take a longer way while anybody listens. */
  message: unknown;
  /** The connection is over. */
  closed: CloseReason;
  /** The connection failed; or the server tells of an error that is no operation's, and nothing ends. */
  error: TransportError;
}

/** What {@link Observable.subscribe} calls. */
export interface Observer<Result> {
  next?(result: Result): void;
  /** Without it the error is reported as uncaught. */
  error?(error: unknown): void;
  complete?(): void;
}

/** One run of an observed operation. */
export interface Observation {
  /** Ends it: the observer is called no more, and the server is told, unless `sendStop` is `false`. */
  unsubscribe(): void;
  /** Whether the observer is called no more. */
  readonly closed: boolean;
}

/**
 * An operation that begins anew with each call of `subscribe`, as RxJS, Apollo Client, urql and Relay
 * take it (by `Symbol.observable`). The observer is called as each result comes, and not before
 * `subscribe` has returned. What it throws is reported as uncaught, and ends nothing.
 */
export interface Observable<Result> {
  subscribe(observer: Observer<Result>): Observation;
  subscribe(
    next?: ((result: Result) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Observation;
  '@@observable'(): Observable<Result>;
}

/**
 * The results of one operation.
 *
 * The queue behind it is there from before the operation is sent: nothing is lost, however late
 * you read. An error, the server's or the connection's, comes behind the results that came before
 * it. Leaving early (`break`, `return()`, `throw()`, `await using`, an aborted `signal`, or losing the
 * iterator to garbage collection) tells the server once, unless `sendStop` is `false`.
 */
export interface Subscription<Result> extends AsyncIterableIterator<Result> {
  /** The next result. Several calls may wait at once; they are served in their order. */
  next(): Promise<IteratorResult<Result, undefined>>;
  /** Leaves. Calls of `next` that wait resolve as done. */
  return(value?: any): Promise<IteratorResult<Result, any>>;
  /** Leaves, and rejects with the error. */
  throw(error?: any): Promise<IteratorResult<Result, any>>;
  [Symbol.asyncIterator](): Subscription<Result>;
  /** Leaves. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * One connection to a GraphQL server at a time, in the dialect that it speaks, and the operations on
 * it.
 *
 * @example
 * const transport = new WebSocketTransport('wss://example.com/graphql');
 * await transport.connect();
 * for await (const result of transport.subscribe('subscription { ticks }')) console.log(result.data);
 * await transport.close();
 */
export class WebSocketTransport {
  /**
   * Checks the arguments; nothing is sent before {@link connect}.
   *
   * @param url Where the server is. `http` and `https` are turned into `ws` and `wss`. A function is
   *   asked at each attempt to connect.
   * @throws TypeError for a URL or an option that cannot be; it names the option, and for an unknown
   *   one the closest that there is.
   * @throws TransportError (`WEBASSEMBLY_FAILED`) where the host forbids WebAssembly: a page with a
   *   Content-Security-Policy needs `'wasm-unsafe-eval'` in its `script-src`.
   */
  constructor(url: Source<string | URL>, options?: TransportOptions);

  /** What the transport is doing. */
  readonly state: TransportState;

  /** The URL of the current or the last attempt to connect; `null` before it is known. */
  readonly url: string | null;

  /** The subprotocol of the current or the last connection; `null` before there is one. */
  readonly subprotocol: Subprotocol | null;

  /** How the last connection, or attempt at one, ended; `null` while there has been none, or is one. */
  readonly closeReason: CloseReason | null;

  /**
   * The headers of the server's answer to the last handshake, where the host tells them: with `ws` in
   * Node. `null` elsewhere.
   */
  readonly responseHeaders: { readonly [name: string]: string | string[] | undefined } | null;

  /** The last payloads of `connection_ack`, `ping` and `pong`. */
  readonly payloads: Payloads;

  /**
   * Opens a socket and resolves when the server has acknowledged. After a failure, and after
   * {@link close}, it can be called again.
   *
   * Rejects with
   * - {@link TransportAlreadyConnectedError} unless the transport is idle or closed;
   * - {@link TransportConnectionFailedError} if nobody listens, the server hangs up before it has
   *   acknowledged, or the function for the URL or the `initPayload` fails;
   * - {@link TransportTimeoutError} for `connectTimeout` and `ackTimeout`;
   * - {@link TransportProtocolError} if the server speaks something else;
   * - {@link TransportServerError} if it refuses by a message;
   * - {@link TransportClosedError} if {@link close} is called meanwhile;
   * - the reason of the `signal`, if that is aborted: the attempt is broken off.
   */
  connect(options?: { signal?: AbortSignal | null }): Promise<void>;

  /**
   * Makes an operation of any kind and gives an async iterator of its results. While the transport
   * connects the operation waits; without a connection the first `next()` rejects with
   * {@link TransportClosedError}.
   *
   * The iterator rejects with
   * - {@link TransportQueryError} if the server refuses the operation or breaks it off: the others
   *   go on;
   * - the connection's error if that ends first.
   *
   * @throws TypeError for a document or an option that cannot be.
   */
  subscribe<Data = any, Vars extends object = Variables>(
    document: Document<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): Subscription<ExecutionResult<Data>>;

  /**
   * The same as an observable: no iterator, no promise for each result, and no queue either, as the
   * observer is called at once. Nothing is sent before its `subscribe` is called.
   *
   * @throws TypeError for a document or an option that cannot be.
   */
  observe<Data = any, Vars extends object = Variables>(
    document: Document<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): Observable<ExecutionResult<Data>>;

  /**
   * Makes an operation, resolves with its first result, and ends it: a subscription is stopped.
   *
   * Rejects as {@link subscribe} does, with a `TypeError` for arguments that cannot be, and with
   * {@link TransportQueryError} if the server completes the operation without a result.
   */
  execute<Data = any, Vars extends object = Variables>(
    document: Document<Data, Vars>,
    options?: OperationOptions<Vars>,
  ): Promise<ExecutionResult<Data>>;

  /**
   * Has a listener called for each event of a kind, until the function that it gives is called. What
   * a listener throws is reported as uncaught.
   *
   * @throws TypeError for an event that there is none of.
   */
  on<Event extends keyof TransportEvents>(event: Event, listener: (detail: TransportEvents[Event]) => void): () => void;

  /**
   * Sends a `ping`.
   * @throws TransportClosedError unless the transport is connected.
   * @throws TransportProtocolError if the server speaks `graphql-ws`, which has none.
   */
  sendPing(payload?: object | null): void;

  /**
   * Sends a `pong`. With `answerPings`, the server's `ping`s have been answered already.
   * @throws TransportClosedError unless the transport is connected.
   * @throws TransportProtocolError if the server speaks `graphql-ws`, which has none.
   */
  sendPong(payload?: object | null): void;

  /**
   * Ends the connection. Subscriptions are stopped and end without an error; queries, mutations,
   * what `execute` waits for, and subscriptions with `sendStop: false` have `closeTimeout` to
   * finish, and fail with {@link TransportClosedError} if they do not; then the socket is closed with
   * code 1000 (after a `connection_terminate` in the dialect `graphql-ws`). An attempt to connect is broken off.
   *
   * Resolves when the connection is over, at once if there is none. Never rejects.
   */
  close(): Promise<void>;

  /** Resolves when the connection is over, by whatever cause; at once if there is none. */
  waitClosed(): Promise<void>;

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

// ---- errors --------------------------------------------------------------------

/** What exactly went wrong. */
export type TransportErrorCode =
  | 'ACK_TIMEOUT'
  | 'ALREADY_CONNECTED'
  | 'BINARY_FRAME'
  | 'CONNECTION_ERROR'
  | 'CONNECTION_LOST'
  | 'CONNECTION_REFUSED'
  | 'CONNECT_TIMEOUT'
  | 'HANDSHAKE_REFUSED'
  | 'INIT_PAYLOAD_FAILED'
  | 'INVALID_MESSAGE'
  | 'KEEP_ALIVE_TIMEOUT'
  | 'NOT_CONNECTED'
  | 'NOT_JSON'
  | 'NO_ANSWER'
  | 'NO_PING'
  | 'PANICKED'
  | 'PONG_TIMEOUT'
  | 'QUERY_ERROR'
  | 'SERVER_ERROR'
  | 'SOCKET_FAILED'
  | 'TRANSPORT_CLOSED'
  | 'UNEXPECTED_MESSAGE'
  | 'UNKNOWN_MESSAGE_TYPE'
  | 'URL_FAILED'
  | 'WEBASSEMBLY_FAILED'
  | 'WRONG_SUBPROTOCOL';

/** The class of all errors of this package but the `TypeError`s for arguments. */
export class TransportError extends Error {
  /** What exactly went wrong. */
  readonly code: TransportErrorCode;
  /**
   * What the error ends: one `operation` (or one call), after which the connection goes on, or the
   * `connection` with every operation on it. `nothing` for what is only told to a listener.
   */
  readonly ends: 'nothing' | 'operation' | 'connection';
  /** What one of your functions threw, or what the host or the server said. */
  readonly cause?: unknown;
}

/** There is no connection, or {@link WebSocketTransport.close} has ended it. */
export class TransportClosedError extends TransportError {}

/** The server sent what the dialect does not allow; or it was asked for what the dialect does not have. */
export class TransportProtocolError extends TransportError {}

/** The server refused the connection, or told of an error, by a message whose payload is the `cause`. */
export class TransportServerError extends TransportError {}

/** `connect` was called on a transport that is neither idle nor closed. Nothing else happens. */
export class TransportAlreadyConnectedError extends TransportError {}

/** The server refused the operation, broke it off, or did not answer it. Ends this operation only. */
export class TransportQueryError extends TransportError {
  /** The operation's id on the wire. */
  readonly operationId: string;
  /** The GraphQL errors that the server sent; may be empty. */
  readonly errors: ReadonlyArray<GraphQLErrorObject>;
  /** Sent beside the errors by some servers. */
  readonly data?: unknown;
  /** Sent beside the errors by some servers. */
  readonly extensions?: { readonly [name: string]: unknown };
}

/**
 * No connection could be made, or it was lost. Ends the connection. Where the socket told how it
 * ended, `closeCode`, `reason` and `wasClean` say so.
 */
export class TransportConnectionFailedError extends TransportError {
  /** The WebSocket close code, such as 1006 (lost) or 4403 (forbidden). */
  readonly closeCode?: number;
  /** The server's reason; may be empty. */
  readonly reason?: string;
  /** Whether the closing handshake was completed. */
  readonly wasClean?: boolean;
}

/** Something took longer than an option allows. Ends the connection. */
export class TransportTimeoutError extends TransportError {
  /** The option that set the time. */
  readonly option: 'connectTimeout' | 'ackTimeout' | 'pongTimeout' | 'keepAliveTimeout';
  /** Its value in milliseconds. */
  readonly timeout: number;
}
