// What `subscribe`, `observe` and `execute` are given: a document and options.

import { described, own, ownOptions, readFlag, toJson, wrong } from './options.js';
import type { TransportHost } from './host.js';
import type { LastingOperation } from './lasting.js';
import { isRecord } from './values.js';
import { optionalPeer } from './web-socket.js';

/** One operation, read and checked. */
export interface OperationRequest {
  /** The request as JSON text. */
  readonly payload: string;
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly sendStop: boolean;
  readonly signal: AbortSignal | undefined;
  /** Of a client: makes what the operation needs to outlive its connection. */
  readonly lasting?: (host: TransportHost) => LastingOperation;
}

/** An user's object, but neither a text nor a promise. */
const isPlain = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && !(value instanceof String) && !(value instanceof Promise);

interface DocumentNode extends Record<string, unknown> {
  loc?: { source?: { body?: unknown } };
}

const isDocumentNode = (value: unknown): value is DocumentNode => isPlain(value) && value.kind === 'Document';

/** The text of a document: a string, a `String` as code generators make them, or a `DocumentNode`. */
const textOf = (document: unknown): string => {
  if (typeof document === 'string' || document instanceof String) {
    const text = document.valueOf();
    // Some servers answer an empty document by closing the connection, which ends all operations on it.
    if (text.trim() === '') throw new TypeError('the document is empty');
    return text;
  }
  if (!isDocumentNode(document)) {
    throw new TypeError(
      `the document must be a string, a DocumentNode or a request with a \`query\`, but is ${described(document)}`,
    );
  }
  // Printing comes first: a document that was transformed or composed still carries its old source text.
  const text: unknown = optionalPeer('graphql')?.print(document) ?? document.loc?.source?.body;
  if (typeof text === 'string') return text;
  throw new TypeError(
    'this DocumentNode does not carry its source text, and the package `graphql` that could print it cannot be loaded ' +
      'here: pass `print(document)` instead',
  );
};

interface Payload extends Record<string, unknown> {
  query?: string;
}

/** A new object for the payload, with what the document says. */
const payloadOf = (document: unknown): Payload => {
  if (!isPlain(document) || isDocumentNode(document)) return own({ query: textOf(document) });
  const payload: Record<string, unknown> = own(document);
  if (payload.query !== undefined) payload.query = textOf(payload.query);
  else if (payload.documentId === undefined && payload.extensions === undefined) {
    throw new TypeError('the request has no `query`, and no `documentId` or `extensions` that could stand for one');
  }
  return payload as Payload;
};

/** The option `signal`: an `AbortSignal`, or none. */
const readSignal = (signal: unknown): AbortSignal | undefined => {
  if (signal === undefined || signal === null) return undefined;
  const { aborted, addEventListener } = signal as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return signal as AbortSignal;
  throw wrong('signal', 'an AbortSignal', signal);
};

/** The signal among the options of `connect`. */
export const readConnect = (options: unknown): AbortSignal | undefined => {
  return readSignal(ownOptions(options, ['signal']).signal);
};

const PARTS = ['variables', 'operationName', 'extensions'];

/** The options of a transport's operation. */
export const KNOWN: readonly string[] = [...PARTS, 'sendStop', 'signal'];

export const readRequest = (document: unknown, options: unknown): OperationRequest => {
  return read(document, ownOptions(options, KNOWN)).request;
};

/** Reads an operation whose options are known. Also gives the request's object, for one with other variables. */
export const read = (
  document: unknown,
  options: Record<string, unknown>,
): { request: OperationRequest; payload: Record<string, unknown> } => {
  const payload = payloadOf(document);
  for (const part of PARTS) {
    const value = options[part];
    if (value !== undefined) payload[part] = value;
  }
  const sendStop = readFlag('sendStop', options.sendStop);
  const signal = readSignal(options.signal);
  // Otherwise the server would refuse it, in words of its own or by closing the connection.
  for (const part of ['variables', 'extensions']) {
    const value = payload[part];
    if (value === undefined || value === null) continue;
    if (!isRecord(value)) throw wrong(part, 'an object', value);
    if (typeof value.toJSON === 'function') toJson(value, `option \`${part}\``);
  }
  const { query } = payload;
  const operationName = payload.operationName ?? undefined;
  if (operationName !== undefined && typeof operationName !== 'string') {
    throw wrong('operationName', 'a string', operationName);
  }
  const request = { payload: toJson(payload, 'the request'), query, operationName, sendStop, signal };
  return { request, payload };
};
