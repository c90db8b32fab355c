// The messages of the subprotocol `graphql-transport-ws`, with the names and texts that npm `graphql-ws` gives them.
// Programs compare those texts, and servers log them: they are the close reason behind 4004.

import { isRecord } from '../values.js';

/** The subprotocol that `createClient` offers. */
export const GRAPHQL_TRANSPORT_WS_PROTOCOL = 'graphql-transport-ws';

/** The subprotocol of older servers, which `createClient` does not speak; `Client` of `wireql` does. */
export const DEPRECATED_GRAPHQL_WS_PROTOCOL = 'graphql-ws';

/** The close codes that the subprotocol and npm `graphql-ws` give a meaning. */
export enum CloseCode {
  /** The server failed. */
  InternalServerError = 4500,
  /** `connectionParams`, or a listener of `opened`, threw. */
  InternalClientError = 4005,
  /** The server could not read a message of the client's. */
  BadRequest = 4400,
  /** The client could not read a message of the server's, or a listener threw. */
  BadResponse = 4004,
  /** An operation came before the ack. */
  Unauthorized = 4401,
  /** The server refuses the credentials. */
  Forbidden = 4403,
  /** The server does not speak the subprotocol. */
  SubprotocolNotAcceptable = 4406,
  /** The server waited too long for `connection_init`. */
  ConnectionInitialisationTimeout = 4408,
  /** The client waited too long for `connection_ack`. */
  ConnectionAcknowledgementTimeout = 4504,
  /** Two operations with one id. */
  SubscriberAlreadyExists = 4409,
  /** `connection_init` came twice. */
  TooManyInitialisationRequests = 4429,
}

/** The `type` of a message. */
export enum MessageType {
  ConnectionInit = 'connection_init',
  ConnectionAck = 'connection_ack',
  Ping = 'ping',
  Pong = 'pong',
  Subscribe = 'subscribe',
  Next = 'next',
  Error = 'error',
  Complete = 'complete',
}

/** The id of an operation. */
export type ID = string;

/** A GraphQL error as servers send it. It is that of npm `graphql`, without a need for that package. */
export interface FormattedError {
  readonly message: string;
  readonly locations?: ReadonlyArray<{ readonly line: number; readonly column: number }>;
  readonly path?: ReadonlyArray<string | number>;
  readonly extensions?: { [attribute: string]: unknown };
}

/** A result as servers send it. With incremental delivery each part comes as it is, and `hasNext` tells of more. */
export interface FormattedExecutionResult<Data = Record<string, unknown>, Extensions = Record<string, unknown>> {
  errors?: ReadonlyArray<FormattedError> | undefined;
  data?: Data | null | undefined;
  hasNext?: boolean | undefined;
  extensions?: Extensions | undefined;
}

/** The same, under the name that npm `graphql-ws` has for a server's. */
export interface ExecutionResult<Data = Record<string, unknown>, Extensions = Record<string, unknown>>
  extends FormattedExecutionResult<Data, Extensions> {}

/** An operation. Further keys are sent as well. */
export interface SubscribePayload {
  readonly operationName?: string | null | undefined;
  readonly query: string;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
}

export interface ConnectionInitMessage {
  readonly type: MessageType.ConnectionInit;
  readonly payload?: Record<string, unknown>;
}

export interface ConnectionAckMessage {
  readonly type: MessageType.ConnectionAck;
  readonly payload?: Record<string, unknown>;
}

export interface PingMessage {
  readonly type: MessageType.Ping;
  readonly payload?: Record<string, unknown>;
}

export interface PongMessage {
  readonly type: MessageType.Pong;
  readonly payload?: Record<string, unknown>;
}

export interface SubscribeMessage {
  readonly id: ID;
  readonly type: MessageType.Subscribe;
  readonly payload: SubscribePayload;
}

export interface NextMessage {
  readonly id: ID;
  readonly type: MessageType.Next;
  readonly payload: FormattedExecutionResult;
}

export interface ErrorMessage {
  readonly id: ID;
  readonly type: MessageType.Error;
  readonly payload: readonly FormattedError[];
}

export interface CompleteMessage {
  readonly id: ID;
  readonly type: MessageType.Complete;
}

interface Messages {
  [MessageType.ConnectionInit]: ConnectionInitMessage;
  [MessageType.ConnectionAck]: ConnectionAckMessage;
  [MessageType.Ping]: PingMessage;
  [MessageType.Pong]: PongMessage;
  [MessageType.Subscribe]: SubscribeMessage;
  [MessageType.Next]: NextMessage;
  [MessageType.Error]: ErrorMessage;
  [MessageType.Complete]: CompleteMessage;
}

/** A message of the subprotocol. */
export type Message<T extends MessageType = MessageType> = { [Type in T]: Messages[Type] }[T];

/** As `JSON.parse` takes it. It is called with every value of every message that comes. */
export type JSONMessageReviver = (this: any, key: string, value: any) => any;

/** As `JSON.stringify` takes it. It is called with every value of every message that is sent, but for the client's `ping`. */
export type JSONMessageReplacer = (this: any, key: string, value: any) => any;

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/** Throws the error of a message of which something is not `expected`. */
const wrong = (type: string, where: string, expected: string, received: string): never => {
  throw new Error(`"${type}" ${where} expects the ${expected}, but got ${received}`);
};

const checkId = (type: string, id: unknown): void => {
  if (typeof id !== 'string') wrong(type, 'message', "'id' property to be a string", typeOf(id));
  if (id === '') throw new Error(`"${type}" message requires a non-empty 'id' property`);
};

const isErrors = (payload: unknown): boolean =>
  Array.isArray(payload) &&
  payload.length > 0 &&
  payload.every((error) => typeof error === 'object' && error !== null && 'message' in error);

const checkRequest = (type: string, payload: Record<string, unknown>): void => {
  const { query, variables, operationName, extensions } = payload;
  const where = 'message payload';
  if (typeof query !== 'string') wrong(type, where, "'query' property to be a string", typeOf(query));
  const optional = 'property to be a an object or nullish or missing';
  if (variables != null && !isRecord(variables)) wrong(type, where, `'variables' ${optional}`, typeOf(variables));
  if (operationName != null && typeof operationName !== 'string') {
    wrong(type, where, "'operationName' property to be a string or nullish or missing", typeOf(operationName));
  }
  if (extensions != null && !isRecord(extensions)) wrong(type, where, `'extensions' ${optional}`, typeOf(extensions));
};

/**
 * Returns the value if it is a message of the subprotocol.
 * @throws Error that says what was expected and what came.
 */
export function validateMessage(val: unknown): Message {
  if (!isRecord(val)) throw new Error(`Message is expected to be an object, but got ${typeOf(val)}`);
  const { type, id, payload } = val;
  if (!type) throw new Error("Message is missing the 'type' property");
  if (typeof type !== 'string') {
    throw new Error(`Message is expects the 'type' property to be a string, but got ${typeOf(type)}`);
  }
  switch (type) {
    case MessageType.ConnectionInit:
    case MessageType.ConnectionAck:
    case MessageType.Ping:
    case MessageType.Pong:
      if (payload != null && !isRecord(payload)) {
        wrong(type, 'message', "'payload' property to be an object or nullish or missing", `"${String(payload)}"`);
      }
      break;
    case MessageType.Subscribe:
      checkId(type, id);
      if (!isRecord(payload)) wrong(type, 'message', "'payload' property to be an object", typeOf(payload));
      else checkRequest(type, payload);
      break;
    case MessageType.Next:
      checkId(type, id);
      if (!isRecord(payload)) wrong(type, 'message', "'payload' property to be an object", typeOf(payload));
      break;
    case MessageType.Error:
      checkId(type, id);
      if (!isErrors(payload)) {
        wrong(type, 'message', "'payload' property to be an array of GraphQL errors", String(JSON.stringify(payload)));
      }
      break;
    case MessageType.Complete:
      checkId(type, id);
      break;
    default:
      throw new Error(`Invalid message 'type' property "${type}"`);
  }
  return val as unknown as Message;
}

/**
 * Reads what a socket's `message` event carries.
 * @throws SyntaxError for a text that is no JSON; Error for what is no message.
 */
export function parseMessage(data: unknown, reviver?: JSONMessageReviver): Message {
  return validateMessage(typeof data === 'string' ? JSON.parse(data, reviver) : data);
}

/**
 * Writes a message as a socket sends it.
 * @throws Error for what is no message.
 */
export function stringifyMessage<T extends MessageType>(msg: Message<T>, replacer?: JSONMessageReplacer): string {
  validateMessage(msg);
  return JSON.stringify(msg, replacer);
}
