// The public types: documents, results, options, and what a transport returns.

import type { TransportError } from './errors.js';
import type { AttemptReason, ClientState, DialectName, Outcome, Subprotocol } from '#glue';
import type { AppSyncDialect } from './appsync.js';
import type { PhoenixDialect } from './phoenix.js';
import type { Notice } from './notice.js';

export type { DialectName, Subprotocol, TransportState } from '#glue';

// For users whose `lib` has no explicit resource management: before TypeScript 5.2, or `es2022`.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
    /** As RxJS and others declare it. */
    readonly observable: symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}

// ---- documents and results ----------------------------------------------------

/** An object that serialises to a JSON object. A promise, a `Map`, a `Set` or an array does not. */
export type JsonObject = { [name: string]: unknown; then?: undefined } | (object & { then?: undefined; [Symbol.iterator]?: undefined });

/** The variables of an operation. */
export type Variables = JsonObject;

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
 *
 * With incremental delivery (`@defer`, `@stream`) it is the whole as far as it is known: until `hasNext` is `false`, what
 * was deferred may be missing from `data`, and lists may be shorter.
 */
export interface ExecutionResult<Data = unknown> {
  data?: Data | null;
  errors?: ReadonlyArray<GraphQLErrorObject>;
  extensions?: { [name: string]: unknown };
  /** With incremental delivery: whether more of the result follows. */
  hasNext?: boolean;
}

/** One part of a result as the server sent it, with `incremental: 'raw'`. */
export interface RawExecutionResult<Data = unknown> extends ExecutionResult<Data>, Omit<IncrementalPart, 'data'> {
  /** Of graphql 17: what is to follow. */
  pending?: ReadonlyArray<PendingPart> | null;
  /** What belongs into the results before. */
  incremental?: ReadonlyArray<IncrementalPart> | null;
  /** Of graphql 17: what will not be followed by more. */
  completed?: ReadonlyArray<CompletedPart> | null;
}

/** Announces the `id` that parts refer to. */
export interface PendingPart {
  id: string;
  path: ReadonlyArray<string | number>;
  label?: string | null;
}

/** Data or items, and where they belong: by the `id` of graphql 17, or by the `path` of the older format. */
export interface IncrementalPart {
  id?: string;
  /** Behind the path of the `id`. */
  subPath?: ReadonlyArray<string | number> | null;
  path?: ReadonlyArray<string | number> | null;
  label?: string | null;
  data?: any;
  items?: ReadonlyArray<any> | null;
  errors?: ReadonlyArray<GraphQLErrorObject>;
  extensions?: { [name: string]: unknown };
}

/** Ends an `id`; with errors, if what it stands for has failed as a whole. */
export interface CompletedPart {
  id: string;
  errors?: ReadonlyArray<GraphQLErrorObject>;
}

/** A parsed document, as the package `graphql` or `graphql-tag` makes it. */
export interface DocumentNodeLike {
  readonly kind: 'Document';
  readonly definitions: ReadonlyArray<unknown>;
  readonly loc?: { readonly source?: { readonly body: string } };
}

/** Carries the types of a document, as `@graphql-typed-document-node/core` does. */
export interface DocumentTypes<Data, Vars extends object> {
  /** Never present at run time. */
  __apiType?: (variables: Vars) => Data;
}

/** A parsed document that carries its types: a `TypedDocumentNode` of any package. */
export interface TypedDocumentNodeLike<Data, Vars extends object> extends DocumentNodeLike, DocumentTypes<Data, Vars> {}

/** A document as text that carries its types, as code generators make it: a `String`. */
export interface TypedDocumentString<Data, Vars extends object> extends String, DocumentTypes<Data, Vars> {}

/** A document alone. */
export type DocumentText<Data = unknown, Vars extends object = Variables> =
  | string
  | DocumentNodeLike
  | TypedDocumentNodeLike<Data, Vars>
  | TypedDocumentString<Data, Vars>;

/**
 * A whole request, which is sent as it is. The options of the call take precedence over what it contains. It must have
 * something that can stand for a document: what that is the server knows.
 */
export interface RequestObject<Data = unknown, Vars extends object = Variables> {
  /** The document. May be missing or empty if something else identifies it. */
  query?: DocumentText<Data, Vars> | null | undefined;
  variables?: Vars | null | undefined;
  operationName?: string | null | undefined;
  extensions?: { [name: string]: unknown } | null | undefined;
  /** The id of a document that the server has stored. */
  documentId?: string | null | undefined;
}

/** One with the variables that its document requires, if it requires some. */
export type CompleteRequest<Data, Vars extends object> = RequestObject<Data, Vars> &
  ({} extends Vars ? unknown : { variables: Vars });

/**
 * The operation to run: text, a `DocumentNode`, a typed document, or a whole request.
 *
 * A `DocumentNode` is printed by the option `print`, in Node by the package `graphql` if that is installed, and elsewhere
 * by this package. Its source text is taken instead if that says the same.
 */
export type Document<Data = unknown, Vars extends object = Variables> = DocumentText<Data, Vars> | RequestObject<Data, Vars>;

/** Options that have to contain the variables, if the document requires some. */
export type WithVariables<Options extends { variables?: unknown }, Vars extends object> = {} extends Vars
  ? [options?: Options]
  : [options: Options & { variables: Vars }];

/** The options of one operation. */
export interface OperationOptions<Vars extends object = Variables> {
  /** Default: none. */
  variables?: Vars | null | undefined;
  /** Which operation of the document to run; needed if there are several. Default: none. */
  operationName?: string | null | undefined;
  /** The `extensions` of the request. Default: none. */
  extensions?: { [name: string]: unknown } | null | undefined;
  /** Whether to tell the server when you leave before the end. Default: `true`. */
  sendStop?: boolean;
  /**
   * Leaves the operation when it is aborted: queued results are dropped, and the iterator, or
   * `execute`, rejects once with the signal's reason; an observer is not called again. Default: none.
   */
  signal?: AbortSignal | null;
  /**
   * What comes of a result that the server sends in parts (`@defer`, `@stream`). `merge`: each part gives the whole as
   * far as it is known; objects that a part does not change stay the same. `raw`: the parts as they come. Default:
   * `merge`.
   */
  incremental?: 'merge' | 'raw';
}

/** Has results given as the server sends them. */
export type Raw<Vars extends object> = { incremental: 'raw' } & ({} extends Vars ? unknown : { variables: Vars });

// ---- the transport ---------------------------------------------------------------

/** A value, or a function that returns one, or a promise of one, for each attempt to connect. */
export type Source<Value, Reason = void> = Value | ((reason: Reason) => Value | PromiseLike<Value>);

/** A class to use in place of the host's `WebSocket`, such as that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: any, ...args: any[]) => object;

/** The options of a {@link WebSocketTransport}. An unknown option throws `TypeError`. */
export interface TransportOptions {
  /**
   * The dialects to offer to the server, preferred first; the server picks. If it picks none, it is
   * taken to speak `graphql-ws`, provided that was offered. If it closes the connection at once (code
   * 1002, 1006 or 4406) in the dialect it picked, `connect` tries the other one. An empty array offers
   * none: see `dialect`. Default: both, in this order.
   */
  subprotocols?: ReadonlyArray<Subprotocol>;
  /**
   * The dialect to speak, without detection. It is needed for a server that picks no subprotocol, where hosts refuse the
   * connection if one was offered: `subprotocols: [], dialect: 'graphql-ws'`. Default: detected; with
   * `subprotocols: []` it is `graphql-transport-ws`.
   *
   * Two dialects cannot be detected, and are chosen by what {@link appSync} and {@link phoenix} return. They have
   * subprotocols of their own, so `subprotocols` beside one throws `TypeError`.
   */
  dialect?: Subprotocol | AppSyncDialect | PhoenixDialect;
  /**
   * The payload of `connection_init`, where most servers expect credentials. Read at each attempt to
   * connect, before the socket is opened; the time this takes counts towards `connectTimeout`. `null`
   * and `undefined` send none. In Phoenix' dialect it is the payload of the join; AppSync has none, and there it throws
   * `TypeError`. Default: none.
   */
  initPayload?: Source<JsonObject | null | undefined>;
  /**
   * Milliseconds from `connect()` until the socket is open. `null` and `Infinity` wait for ever, 0 not
   * at all. Default: 10,000.
   */
  connectTimeout?: number | null;
  /**
   * Milliseconds from `connection_init` until `connection_ack`. `null` and `Infinity` wait for ever.
   * Default: 10,000.
   */
  ackTimeout?: number | null;
  /**
   * How many milliseconds `close()` waits for running operations, and then again for the socket's
   * closing handshake. `null` and `Infinity` wait for ever. Default: 10,000.
   */
  closeTimeout?: number | null;
  /**
   * How many milliseconds the server may stay silent after the ack; any message counts as a sign of
   * life. Set it only if the server sends something regularly. Must be above 0. Default: `null`, for
   * ever.
   */
  keepAliveTimeout?: number | null;
  /**
   * Milliseconds between two `ping`s to the server; above 0. Pings detect a half-open connection, and
   * keep servers from hanging up after a silence: 12,000 is a good value for those. The dialect
   * `graphql-ws` has no `ping`, and neither has AppSync's, so there it has no effect. In Phoenix' dialect it is the
   * interval of heartbeats. Default: `null`, no pings; 30,000 in Phoenix' dialect.
   */
  pingInterval?: number | null;
  /**
   * How many milliseconds after a `ping` the next message may take, of whatever type; above 0. `null`
   * and `Infinity` wait for ever. Default: half of `pingInterval`.
   */
  pongTimeout?: number | null;
  /**
   * How many milliseconds the server may take to say that it has a subscription, from when its credentials are asked for or
   * it is sent; above 0. Only AppSync's dialect and Phoenix' have it say so; a subscription that it does not confirm ends
   * with a {@link TransportTimeoutError}. `null` and `Infinity` wait for ever. Default: 15,000.
   */
  subscribeTimeout?: number | null;
  /** Whether to answer the server's `ping`s with a `pong` of the same payload. Default: `true`. */
  answerPings?: boolean;
  /**
   * The class to make sockets with. Default: the host's `WebSocket`; in Node before version 22 that
   * of the package `ws`, if it is installed.
   */
  webSocket?: WebSocketClass;
  /**
   * The headers of the handshake: an object, a `Headers`, or pairs. Throws `TypeError` in browsers,
   * whose `WebSocket` cannot send them: use `initPayload` there. Default: none.
   */
  headers?: { [name: string]: string } | Iterable<readonly [string, string]>;
  /**
   * TLS options, as for `tls.connect` in Node: `ca`, `cert`, `key`, `rejectUnauthorized`,
   * `servername`. In Node and Bun; throws `TypeError` elsewhere. Default: the host's own.
   */
  tls?: { [name: string]: unknown };
  /**
   * Further arguments for the WebSocket class, taking precedence over `headers` and `tls`: the third
   * argument of `ws` and classes like it, beside the subprotocols for the standard classes of
   * server-side hosts (Node, Deno, Bun). Throws `TypeError` in browsers, whose `WebSocket` takes none.
   * Default: none.
   */
  connectArgs?: { [name: string]: unknown };
  /**
   * Called with every frame in both directions and every change of state, as one line of a
   * transcript: `at 5      < {"type":"connection_ack"}`. Secrets are left out: the payload of
   * `connection_init`, headers, the URL's credentials and query, what {@link appSync} and {@link phoenix} add to the
   * handshake, and the payload of AppSync's `start`. Your variables and the results
   * are included. Results take a slower path while it is set. Default: none.
   */
  trace?: (line: string) => void;
  /**
   * The second argument of `JSON.parse`, which every message of the server's is read with, as a whole: for scalars such
   * as dates or big integers. Results take a slower path while it is set. Default: none.
   */
  jsonMessageReviver?: JsonMessageReviver;
  /**
   * The second argument of `JSON.stringify`, which messages with a payload of yours are written with, as a whole:
   * `connection_init`, `subscribe` (of that type in either dialect, and before it has an id), `ping` and `pong`. It must
   * leave the `type` as it is. Default: none.
   */
  jsonMessageReplacer?: JsonMessageReplacer;
  /**
   * What turns a `DocumentNode` into text: the function `print` of the package `graphql`. Default: that function in Node,
   * if the package is installed; elsewhere the package prints operations and fragments by itself.
   */
  print?: (document: any) => string;
}

/** As `JSON.parse` takes it. */
export type JsonMessageReviver = (this: any, key: string, value: any) => any;

/** As `JSON.stringify` takes it. */
export type JsonMessageReplacer = (this: any, key: string, value: any) => any;

/** The last payloads that the server sent on this connection; `null` if it sent none. */
export interface Payloads {
  connectionAck: { [name: string]: unknown } | null;
  ping: { [name: string]: unknown } | null;
  pong: { [name: string]: unknown } | null;
}

/** How a connection, or an attempt at one, ended. */
export interface CloseReason {
  /**
   * The WebSocket close code, as the socket reported it: 1006 if the connection was lost. `null` if the socket said
   * nothing: there was none yet, or we closed it (see `sent`) and it was given up or dropped without a close frame,
   * as some servers do after {@link WebSocketTransport.close}.
   */
  code: number | null;
  /** The reason that came with it; may be empty. */
  reason: string;
  /** Whether the closing handshake was completed. */
  wasClean: boolean;
  /** What we closed the socket with: 1000 after {@link WebSocketTransport.close}; `null` if we did not close it. */
  sent: { readonly code: number; readonly reason: string } | null;
  /** What went wrong; `null` after {@link WebSocketTransport.close}. */
  error: TransportError | null;
}

/** What the listeners of {@link WebSocketTransport.on} are called with, by event. */
export interface TransportEvents {
  /** An attempt to connect begins; `retry` if it is the second one, in the other dialect. */
  connecting: { retry: boolean };
  /** The socket is open. */
  opened: {
    /** The dialect that is spoken. */
    dialect: DialectName;
    /** What the server picked; `null` if it picked none. */
    subprotocol: Subprotocol | null;
  };
  /** The server has acknowledged the connection, with this payload. */
  connected: { payload: { [name: string]: unknown } | null };
  /** A `ping` was received or sent. */
  ping: { received: boolean; payload: { [name: string]: unknown } | null };
  /** A `pong` was received or sent. */
  pong: { received: boolean; payload: { [name: string]: unknown } | null };
  /** A message was received; as the server sent it. Results take a slower path while anybody listens. */
  message: unknown;
  /** The connection is over. */
  closed: CloseReason;
  /** The connection failed; or the server reported an error that belongs to no operation and ends nothing. */
  error: TransportError;
}

// ---- the client --------------------------------------------------------------------

/** Why an attempt to connect is made. */
export interface Attempt {
  /** 1 for the first since a connection was last ready. */
  readonly number: number;
  /**
   * - `first`: something needs a connection, and there was none.
   * - `lost`, `failed`: the connection was lost, or the last attempt failed.
   * - `denied`: the server refused the credentials: bring new ones.
   * - `wake`: the host slept, or the page was away.
   * - `reconnect`: {@link Client.reconnect} was called.
   */
  readonly reason: AttemptReason;
  /** What ended the last connection or attempt; `null` if nothing did. */
  readonly error: TransportError | null;
}

/** The options of a {@link Client}: those of a transport, and these. An unknown option throws `TypeError`. */
export interface ClientOptions extends Omit<TransportOptions, 'initPayload' | 'pingInterval'> {
  /**
   * The payload of `connection_init`, where most servers expect credentials. A function is called at each attempt to
   * connect, with the reason of the attempt; the time this takes counts towards `connectTimeout`. `null` and
   * `undefined` stand for none. Default: none.
   */
  initPayload?: Source<JsonObject | null | undefined, Attempt>;
  /**
   * Milliseconds between two `ping`s to the server; above 0; `null` for none. The dialect `graphql-ws` has no `ping`:
   * there a connection is lost after three times the longest gap between the server's `ka` messages, and at least
   * 15,000. Default: 12,000, so `pongTimeout` is 6,000 and a dead connection is found after at most 18,000.
   */
  pingInterval?: number | null;
  /** Whether to connect when something needs a connection, or else at once and for ever. Default: `true`. */
  lazy?: boolean;
  /**
   * How many milliseconds a connection is kept that no operation needs, if `lazy`; 0 closes it at once. After
   * {@link Client.connect} it is kept for at least 1,000. Default: 3,000.
   */
  idleTimeout?: number | null;
  /** When to connect again; `false`: a lost connection ends all operations. Default: see {@link RetryOptions}. */
  retry?: RetryOptions | false;
  /**
   * How many milliseconds a query, a mutation, or whatever `execute` starts may wait to be sent. What else `subscribe` and
   * `observe` start waits for ever. `null` and `Infinity` wait for ever. Default: 30,000.
   */
  waitTimeout?: number | null;
  /**
   * How many milliseconds any message may take after a probe: the `ping` that is sent when the host's network changes
   * and when the host wakes. Above 0. One that fails is a `PONG_TIMEOUT`. Default: 3,000.
   */
  probeTimeout?: number | null;
  /** Whether to follow the browser's events of network, visibility and page. Default: `true`. */
  hostEvents?: boolean;
}

/** When a {@link Client} connects again. Times are in milliseconds. */
export interface RetryOptions {
  /** Failures in a row after which the client gives up. Default: `Infinity`. */
  attempts?: number;
  /** The same until a connection has been ready once. Default: 8, which takes about a minute. */
  initialAttempts?: number;
  /**
   * The window of the first delay; it doubles with each failure in a row. The delay is a random part of the window, at
   * least a tenth. Above 0. Default: 1,000.
   */
  baseDelay?: number;
  /** The largest window, at least `baseDelay`. Default: 30,000. */
  maxDelay?: number;
  /** How long a connection has to be ready before failures are forgotten. Default: 5,000. */
  minUptime?: number;
  /**
   * Overrules what the client proposes; `undefined` leaves it. `retry-now` is without a delay, once until failures are
   * forgotten. The limits of attempts still hold. What it throws is reported, and the proposal stands.
   */
  when?: (failure: Failure) => 'retry' | 'retry-now' | 'stop' | undefined;
  /**
   * The delay, or a promise of it, in place of the random one. What it throws is reported, and the delay is as
   * proposed.
   */
  delay?: (failure: Failure) => number | PromiseLike<number>;
}

/** A connection, or an attempt at one, that has failed, and what the client proposes to do about it. */
export interface Failure {
  readonly error: TransportError;
  /** Whether the server had acknowledged the connection. */
  readonly during: 'connecting' | 'ready';
  /** Failures in a row, with this one. */
  readonly failures: number;
  /** Whether a connection was ever ready. */
  readonly everReady: boolean;
  /** How many milliseconds this connection was ready. */
  readonly uptime: number;
  readonly proposed: 'retry' | 'retry-now' | 'stop';
  /** In milliseconds. */
  readonly proposedDelay: number;
}

/** The options of one operation of a {@link Client}: those of a transport's, and these. */
export interface ClientOperationOptions<Data = unknown, Vars extends object = Variables> extends OperationOptions<Vars> {
  /**
   * What a document without text (a persisted one) is. Default: unknown, which is treated as a mutation until a second
   * result has come.
   */
  kind?: 'query' | 'mutation' | 'subscription';
  /** Whether a mutation may be carried out twice: then it is sent again like a query. Default: `false`. */
  idempotent?: boolean;
  /** In place of the client's; for a subscription too. */
  waitTimeout?: number | null;
  /**
   * Called with each notice in its place: after you took the results before it, and before those behind it. Default:
   * none.
   */
  onNotice?: (notice: Notice) => void;
  /** To go on where the operation was lost, on servers that can. Default: it starts anew. */
  resume?: ResumeOptions<Data, Vars>;
}

/** How an operation goes on where it was lost. */
export interface ResumeOptions<Data = unknown, Vars extends object = Variables> {
  /**
   * The place of a result; `undefined` keeps the last one. Called once for each result as it arrives; of a result that
   * comes in parts with the first one, and its place counts when the last one has come. With `incremental: 'raw'` called
   * for each part.
   */
  cursor: (result: ExecutionResult<Data>) => unknown;
  /**
   * The variables to subscribe again with, or a promise of them. Called if there is a cursor. What it throws ends the
   * operation (`RESUME_FAILED`).
   */
  variables: (cursor: any, variables: Vars) => Vars | PromiseLike<Vars>;
  /** Results whose cursor is one of the last so many (by `Object.is`) are dropped. Default: 0. */
  dedupe?: number;
}

/** What a {@link Client} is doing, for a user interface. Times are those of `Date.now()`. */
export interface ClientStatus {
  /**
   * - `idle`: there is no connection, and none is needed.
   * - `connecting`, `ready`
   * - `waiting`: for the next attempt; `nextAttempt` says when.
   * - `offline`: the host says that it has no network; attempts are rare.
   * - `failed`: the client has given up, because of `error`; the next operation or `connect()` begins anew.
   * - `closing`, `closed`: {@link Client.close} was called.
   */
  readonly state: ClientState;
  /** Whether a connection was ready before, and is to be again. */
  readonly reconnecting: boolean;
  /** When the state began. */
  readonly since: number;
  /** In `waiting` and `offline`: when the next attempt begins; `null` if nobody can say. */
  readonly nextAttempt: number | null;
  /** Since when the connection is lost; `null` while there is one, and if none was. */
  readonly lostAt: number | null;
  /** Failures in a row. */
  readonly failures: number;
  /** What ended the last connection or attempt; `null` once there is a connection. */
  readonly error: TransportError | null;
}

/** What {@link Client.notify} takes. */
export type HostEvent = 'online' | 'offline' | 'visible' | 'hidden' | 'wake';

/** What the listeners of {@link Client.on} are called with, by event. */
export interface ClientEvents extends Omit<TransportEvents, 'connecting' | 'connected' | 'closed'> {
  /** The status has changed: the only event that a user interface needs. */
  status: ClientStatus;
  /** An attempt to connect begins. */
  connecting: Attempt;
  /** The server has acknowledged the connection; `reconnected` if one was lost or replaced since one was last needed. */
  connected: { payload: { [name: string]: unknown } | null; reconnected: boolean };
  /** A connection, or an attempt at one, has ended, and what follows. */
  disconnected: CloseReason & { readonly verdict: Outcome };
}

// ---- what operations return ----------------------------------------------------------

/** What {@link Observable.subscribe} calls. */
export interface Observer<Result> {
  next?(result: Result): void;
  /** Without it the error is reported as uncaught. */
  error?(error: unknown): void;
  complete?(): void;
}

/** One run of an observed operation. */
export interface Observation {
  /** Ends it: the observer is not called again, and the server is told, unless `sendStop` is `false`. */
  unsubscribe(): void;
  /** Whether the observer will not be called again. */
  readonly closed: boolean;
}

/**
 * An operation that starts anew with each call of `subscribe`, as RxJS, Apollo Client, urql and Relay
 * accept it (by `Symbol.observable`). The observer is called as each result comes, but never before
 * `subscribe` has returned. What it throws is reported as uncaught, and ends nothing.
 */
export interface Observable<Result> {
  subscribe(
    next?: ((result: Result) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Observation;
  // The last one, which is what the types of RxJS and others infer from.
  subscribe(observer: Observer<Result>): Observation;
  [Symbol.observable](): Observable<Result>;
  '@@observable'(): Observable<Result>;
}

/**
 * The results of one operation.
 *
 * Its queue exists before the operation is sent: nothing is lost, however late you read. An error, the
 * server's or the connection's, comes after the results that came before it. Leaving early (`break`,
 * `return()`, `throw()`, `await using`, an aborted `signal`, or losing the iterator to garbage
 * collection) tells the server once, unless `sendStop` is `false`.
 */
export interface Subscription<Result> extends AsyncIterableIterator<Result> {
  /** The next result. Several calls may wait at once; they are served in order. */
  next(): Promise<IteratorResult<Result, undefined>>;
  /** Leaves. Waiting calls of `next` resolve as done. */
  return(value?: any): Promise<IteratorResult<Result, any>>;
  /** Leaves, and rejects with the error. */
  throw(error?: any): Promise<IteratorResult<Result, any>>;
  [Symbol.asyncIterator](): Subscription<Result>;
  /** Leaves. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The results of one operation of a {@link Client}. */
export interface LiveSubscription<Result> extends Subscription<Result> {
  /**
   * Resolves when the server has the operation: `confirmed` by a message for it, or `assumed` because it was on the wire
   * for a second and the server has been heard of since. Rejects with what ends the operation before.
   */
  readonly active: Promise<'confirmed' | 'assumed'>;
}
