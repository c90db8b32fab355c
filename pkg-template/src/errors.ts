// The error classes.

import type { Ends, ErrorClass, Failure } from '#glue';
import type { GraphQLErrorObject } from './types.js';
import { isRecord } from './values.js';

/** What exactly went wrong. */
export type TransportErrorCode =
  | 'ACK_TIMEOUT'
  | 'ALREADY_CONNECTED'
  | 'BINARY_FRAME'
  | 'CHANNEL_CLOSED'
  | 'CONNECTION_ERROR'
  | 'CONNECTION_LOST'
  | 'CONNECTION_REFUSED'
  | 'CONNECT_TIMEOUT'
  | 'CREDENTIALS_FAILED'
  | 'HANDSHAKE_REFUSED'
  | 'INCOMPLETE_RESULT'
  | 'INIT_PAYLOAD_FAILED'
  | 'INVALID_INCREMENTAL'
  | 'INVALID_MESSAGE'
  | 'KEEP_ALIVE_TIMEOUT'
  | 'NOT_CONNECTED'
  | 'NOT_JSON'
  | 'NO_ANSWER'
  | 'NO_PING'
  | 'NO_WEB_CRYPTO'
  | 'OPERATION_LEFT'
  | 'OUTCOME_UNKNOWN'
  | 'PANICKED'
  | 'PONG_TIMEOUT'
  | 'QUERY_ERROR'
  | 'RESUME_FAILED'
  | 'SERVER_ERROR'
  | 'SOCKET_FAILED'
  | 'SUBSCRIBE_TIMEOUT'
  | 'TRANSPORT_CLOSED'
  | 'UNEXPECTED_MESSAGE'
  | 'UNKNOWN_MESSAGE_TYPE'
  | 'UNSUPPORTED_OPERATION'
  | 'URL_FAILED'
  | 'WAIT_TIMEOUT'
  | 'WEBASSEMBLY_FAILED'
  | 'WRONG_SUBPROTOCOL';

/** What an error is made of, beside its message. */
interface Details {
  code?: TransportErrorCode;
  ends?: Ends;
  cause?: unknown;
  [detail: string]: unknown;
}

/** The class of all errors of this package, except the `TypeError`s for invalid arguments. */
export class TransportError extends Error {
  /** What exactly went wrong. */
  declare readonly code: TransportErrorCode;
  /**
   * What the error ends: one `operation` (or one call), after which the connection goes on, or the
   * `connection` with every operation on it. `nothing` for an error that is only told to listeners.
   */
  declare readonly ends: Ends;
  /** What one of your functions threw, or what the host or the server said. */
  declare readonly cause?: unknown;

  /** @internal */
  constructor(message?: string, { cause, ...details }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    // What is absent is no property at all.
    for (const [name, value] of Object.entries(details)) {
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
  }

  /** For logs: the name, the message, and all else but the stack and the `cause`. */
  toJSON(): { [name: string]: unknown } {
    const details: object = { ...this };
    return { name: this.name, message: this.message, ...details };
  }
}

/** There is no connection, or {@link WebSocketTransport.close} has ended it. */
export class TransportClosedError extends TransportError {}

/**
 * The server sent what the dialect does not allow; or parts of a result that do not make a whole, which ends this
 * operation only; or the dialect does not have what was asked for.
 */
export class TransportProtocolError extends TransportError {}

/** The server refused the connection, or reported an error, by a message whose payload is the `cause`. */
export class TransportServerError extends TransportError {}

/** `connect` was called on a transport that is neither idle nor closed. Nothing else happens. */
export class TransportAlreadyConnectedError extends TransportError {}

/** How deep servers may nest `{ errors }` and lists. What is deeper is told as text. */
const NESTED = 8;

/** What a server means by the payload of an `error`: GraphQL errors in whatever form. */
const errorsOf = (said: unknown, depth = 0): GraphQLErrorObject[] => {
  if (said === undefined || said === null) return [];
  if (typeof said === 'string') return [{ message: said }];
  if (depth < NESTED) {
    if (Array.isArray(said)) return said.flatMap((one) => errorsOf(one, depth + 1));
    const inner = isRecord(said) ? errorsOf(said.errors, depth + 1) : [];
    if (inner.length > 0) return inner;
  }
  if (!isRecord(said)) return [{ message: textOf(said) }];
  // Phoenix has the last two.
  const message = said.message ?? said.error ?? said.reason;
  if (typeof said.message === 'string') return [said as unknown as GraphQLErrorObject];
  return [{ ...said, message: textOf(message ?? said) }];
};

const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch {
    return 'the server told it in a form that is nested too deeply';
  }
};

/** The server refused the operation, broke it off, or did not answer it. Ends this operation only. */
export class TransportQueryError extends TransportError {
  /** The operation's id on the wire; absent if it failed before it was sent again. */
  declare readonly operationId?: string;
  /**
   * The GraphQL errors that the server sent; may be empty. Each has a `message`: what is no GraphQL error is the
   * message of one, as text. The server's payload as it came is the `cause`.
   */
  readonly errors: ReadonlyArray<GraphQLErrorObject>;
  /** Sent beside the errors by some servers. */
  declare readonly data?: unknown;
  /** Sent beside the errors by some servers. */
  declare readonly extensions?: { readonly [name: string]: unknown };

  /** @internal */
  constructor(message?: string, { payload, ...details }: Details = {}) {
    const whole = isRecord(payload) && Array.isArray(payload.errors) ? payload : undefined;
    const told = payload === undefined ? details : { ...details, cause: payload };
    super(message, whole === undefined ? told : { ...told, data: whole.data, extensions: whole.extensions });
    this.errors = errorsOf(payload);
  }
}

/**
 * No connection could be made, or it was lost. Ends the connection, but for `OUTCOME_UNKNOWN`: that ends a mutation of
 * a client's that was sent and not answered, and its `cause` is the connection's error. `closeCode`, `reason` and
 * `wasClean` are present if the socket reported how it ended.
 */
export class TransportConnectionFailedError extends TransportError {
  /** The WebSocket close code, such as 1006 (lost) or 4403 (forbidden). */
  declare readonly closeCode?: number;
  /** The server's reason; may be empty. */
  declare readonly reason?: string;
  /** Whether the closing handshake was completed. */
  declare readonly wasClean?: boolean;
}

/**
 * Something took longer than an option allows. Ends the connection, but for `waitTimeout` and `subscribeTimeout`: these
 * end the operation.
 */
export class TransportTimeoutError extends TransportError {
  /** The option that set the limit. */
  declare readonly option: 
    | 'connectTimeout'
    | 'ackTimeout'
    | 'pongTimeout'
    | 'keepAliveTimeout'
    | 'probeTimeout'
    | 'waitTimeout'
    | 'subscribeTimeout';
  /** Its value in milliseconds. */
  declare readonly timeout: number;
}

const classes: Record<ErrorClass | 'TransportError', typeof TransportError> = {
  TransportError,
  TransportClosedError,
  TransportProtocolError,
  TransportServerError,
  TransportAlreadyConnectedError,
  TransportQueryError,
  TransportConnectionFailedError,
  TransportTimeoutError,
};

// A minifier renames the classes, but not these keys.
for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

/** What only errors of this class have. */
const detailsOf = (failure: Failure): Details => {
  switch (failure.class) {
    case 'TransportQueryError':
      return failure.operationId === undefined
        ? {}
        : { operationId: String(failure.operationId), payload: failure.payload };
    case 'TransportConnectionFailedError': {
      const { closeCode, reason, wasClean } = failure;
      return closeCode === undefined ? {} : { closeCode, reason, wasClean };
    }
    case 'TransportTimeoutError':
      return { option: failure.option, timeout: failure.timeout };
    default:
      return {};
  }
};

/** The error that users see, made of the core's, which is freed. */
export const toError = (failure: Failure): TransportError => {
  const { connectionFailure } = failure;
  const error = new classes[failure.class](failure.message, {
    code: failure.code as TransportErrorCode,
    ends: failure.ends,
    cause: connectionFailure === undefined ? failure.cause : toError(connectionFailure),
    ...detailsOf(failure),
  });
  failure.free();
  return error;
};
