// The types of `createClient`: assignable to those of npm `graphql-ws`, and the other way round.

import type {
  ConnectionAckMessage,
  ConnectionInitMessage,
  FormattedExecutionResult,
  ID,
  JSONMessageReplacer,
  JSONMessageReviver,
  Message,
  PingMessage,
  PongMessage,
  SubscribePayload,
} from './protocol.js';

/** What is to be disposed of. */
export interface Disposable {
  /** Closes the connection with 1000, and completes all sinks. A later `subscribe` connects again. Never rejects. */
  dispose: () => void | Promise<void>;
}

/** Who takes the results of an operation. What its methods throw is reported as uncaught, and ends nothing. */
export interface Sink<T = unknown> {
  /** A result. */
  next(value: T): void;
  /**
   * The end by an error: the server's array of GraphQL errors, or the problem that ended the connection for good, which
   * is the host's own `CloseEvent` or error event, a {@link TerminatedCloseEvent}, or the very value that a function of the
   * user's threw.
   */
  error(error: unknown): void;
  /** The end without one. */
  complete(): void;
}

export type EventConnecting = 'connecting';
export type EventOpened = 'opened';
export type EventConnected = 'connected';
export type EventPing = 'ping';
export type EventPong = 'pong';
export type EventMessage = 'message';
export type EventClosed = 'closed';
export type EventError = 'error';

/** The events of a client. */
export type Event =
  | EventConnecting
  | EventOpened
  | EventConnected
  | EventPing
  | EventPong
  | EventMessage
  | EventClosed
  | EventError;

/** An attempt to connect begins. `isRetry`: after a problem that {@link ClientOptions.retryAttempts} counts. */
export type EventConnectingListener = (isRetry: boolean) => void;

/** The socket is open; it is the host's own object. What the listener throws closes it with 4005. */
export type EventOpenedListener = (socket: unknown) => void;

/** The server acknowledged. What the listener throws closes the socket with 4004. */
export type EventConnectedListener = (
  socket: unknown,
  payload: ConnectionAckMessage['payload'],
  wasRetry: boolean,
) => void;

/** A `ping` came, if `received`, or was sent. What the listener throws for one that came closes the socket with 4004. */
export type EventPingListener = (received: boolean, payload: PingMessage['payload']) => void;

/** A `pong` came, if `received`, or was sent. What the listener throws closes the socket with 4004. */
export type EventPongListener = (received: boolean, payload: PongMessage['payload']) => void;

/** A valid message came; sinks have been called. What the listener throws closes the socket with 4004. */
export type EventMessageListener = (message: Message) => void;

/** A socket closed: the host's own `CloseEvent`, or a {@link TerminatedCloseEvent}. */
export type EventClosedListener = (event: unknown) => void;

/** The host's error event of a socket, or what a function of the user's threw. */
export type EventErrorListener = (error: unknown) => void;

/**
 * The listener of an event. A chain and no look-up, in this order: TypeScript finds that one generic function takes the
 * place of another only if such types have one form.
 */
export type EventListener<E extends Event> = E extends EventConnecting
  ? EventConnectingListener
  : E extends EventOpened
    ? EventOpenedListener
    : E extends EventConnected
      ? EventConnectedListener
      : E extends EventPing
        ? EventPingListener
        : E extends EventPong
          ? EventPongListener
          : E extends EventMessage
            ? EventMessageListener
            : E extends EventClosed
              ? EventClosedListener
              : E extends EventError
                ? EventErrorListener
                : never;

/** The options of `createClient`. Times are in milliseconds. Unknown options are ignored, as npm `graphql-ws` does. */
export interface ClientOptions<P extends ConnectionInitMessage['payload'] = ConnectionInitMessage['payload']> {
  /**
   * Where the server is, handed to the WebSocket class as it is. A function is asked at each attempt to connect, behind
   * the event `connecting`. What it throws is told to `error` and to sinks.
   */
  url: string | (() => Promise<string> | string);
  /**
   * The payload of `connection_init`; none if it is falsy. A function is asked at each attempt, behind the event
   * `opened`. What it throws is told to `error`, closes the socket with 4005, and goes to sinks.
   */
  connectionParams?: P | (() => Promise<P> | P);
  /**
   * Whether to connect at the first operation, and to close behind the last. `false` connects in `createClient`, and
   * stays connected. Default: true.
   */
  lazy?: boolean;
  /** Called with what ended a client that is not `lazy` for good; it then does nothing until a `subscribe`. Default: `console.error`. */
  onNonLazyError?: (errorOrCloseEvent: unknown) => void;
  /** How long a connection without operations is kept, if `lazy`. 0 and `Infinity`: closed at once. Default: 0. */
  lazyCloseTimeout?: number;
  /**
   * When to send a `ping`: so long after `connection_init`, and after each `pong`. Nothing is closed by itself if no `pong`
   * comes: see changing-over.md for how to do that, or for `Client`, which does. 0 and `Infinity`: never. Default: 0.
   */
  keepAlive?: number;
  /** How long the server may take from `connection_init` to the ack; then the socket is closed with 4504. 0 and `Infinity`: for ever. Default: 0. */
  connectionAckWaitTimeout?: number;
  /** Whether the server's `ping`s are left to the user to answer. Default: false. */
  disablePong?: boolean;
  /**
   * How many attempts in a row are made after a problem, counted from the last ack. 0: none. Fatal, and told at once, are
   * the close codes 1002–1004, 1007–1011, 1015–1999, 4004, 4005, 4400, 4401, 4406, 4409, 4429 and 4500: see `fatal`. A close
   * with 1000 while there are operations is not counted. Default: 5.
   */
  retryAttempts?: number;
  /**
   * How long to wait before an attempt. `retries`: how many there were, from 0. Default: 2^`retries` seconds, and 300 to
   * 3,000 ms.
   */
  retryWait?: (retries: number) => Promise<void>;
  /** Whether to try again after a problem that is not fatal. Asked once for each. Default: only after close events. */
  shouldRetry?: (errOrCloseEvent: unknown) => boolean;
  /**
   * Whether a problem is fatal that `shouldRetry` would not end. Version 5 of npm `graphql-ws` had it.
   * @deprecated Use {@link shouldRetry}.
   */
  isFatalConnectionProblem?: (errOrCloseEvent: unknown) => boolean;
  /**
   * Overrules which problems are fatal. `proposed`: whether the close code makes it so. Not in npm `graphql-ws`.
   *
   * @example
   * // A server that closes with 4500 when it restarts.
   * fatal: (problem, proposed) => proposed && (problem as CloseEvent).code !== 4500
   */
  fatal?: (errOrCloseEvent: unknown, proposed: boolean) => boolean;
  /**
   * Whether a mutation that was sent and not answered is sent again when the connection is lost, as npm `graphql-ws` does:
   * it may be carried out twice. Otherwise its sink gets the problem. So with an operation whose text does not tell its kind.
   * Default: false. Not in npm `graphql-ws`.
   */
  repeatMutations?: boolean;
  /** Listeners, which are called before those that `on` adds. */
  on?: Partial<{ [event in Event]: EventListener<event> }>;
  /** The WebSocket class. Default: the host's at the time of the call; in Node without one, that of the npm package `ws`. */
  webSocketImpl?: unknown;
  /** Gives an operation its id, which stays the same when it is sent again. Default: a number, unique in each connection. */
  generateID?: (payload: SubscribePayload) => ID;
  /** Called with every value of every message that comes, as by `JSON.parse`. */
  jsonMessageReviver?: JSONMessageReviver;
  /** Called with every value of every message that is sent, as by `JSON.stringify`; but not for the client's own `ping`. */
  jsonMessageReplacer?: JSONMessageReplacer;
}

/** What `createClient` returns: a plain object, whose functions need no `this`. */
export interface Client extends Disposable {
  /** Calls a listener for each event of a kind, until the returned function is called. */
  on<E extends Event>(event: E, listener: EventListener<E>): () => void;
  /**
   * Starts an operation; `sink` takes what comes. Returns the function that leaves it: the server is told, and the sink
   * completed a little later. Without a connection the operation waits for one; when it is lost, the operation is sent
   * again, unless it is a mutation: see {@link ClientOptions.repeatMutations}.
   */
  subscribe<Data = Record<string, unknown>, Extensions = unknown>(
    payload: SubscribePayload,
    sink: Sink<FormattedExecutionResult<Data, Extensions>>,
  ): () => void;
  /** The same as an async iterator, which throws what a sink's `error` gets, behind the results before it. */
  iterate<Data = Record<string, unknown>, Extensions = unknown>(
    payload: SubscribePayload,
  ): AsyncIterableIterator<FormattedExecutionResult<Data, Extensions>>;
  /**
   * Gives the socket up at once, for a connection that hangs: `closed` is called with a {@link TerminatedCloseEvent} before
   * it returns, and another attempt follows as after a loss.
   */
  terminate(): void;
}
