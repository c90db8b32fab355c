// What `subscribe`, `observe` and `execute` are given: a document and options.

import type { TransportHost } from './host.js';
import { toJson } from './json.js';
import type { LastingOperation } from './lasting.js';
import { own, ownOptions, readFlag, wrong, type UserOptions } from './options.js';
import { print as printed } from './print.js';
import { described, isRecord, isThenable } from './values.js';
import { optionalPeer } from './web-socket.js';

/** One operation, read and checked. */
export interface OperationRequest {
  /** The request as JSON text. */
  readonly payload: string;
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly sendStop: boolean;
  readonly signal: AbortSignal | undefined;
  /** Whether parts of a result are merged into the whole. */
  readonly merges: boolean;
  /** Of a client: makes what the operation needs to outlive its connection. */
  readonly lasting?: (host: TransportHost) => LastingOperation;
}

/** An user's object, but neither a text nor a promise. */
const isPlain = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && !(value instanceof String) && !isThenable(value);

/** The option of that name. */
type Print = UserOptions['print'];

const isDocumentNode = (value: unknown): value is Record<string, unknown> => isPlain(value) && value.kind === 'Document';

/** The text of a document: a string, a `String` as code generators make them, or a `DocumentNode`. */
const textOf = (document: unknown, print: Print): string => {
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
  const given: unknown = print === undefined ? undefined : print(document);
  if (print !== undefined && typeof given !== 'string') {
    throw new TypeError(`option \`print\` must return a string, but returned ${described(given)}`);
  }
  const text: unknown = given ?? optionalPeer('graphql')?.print(document) ?? printed(document);
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new TypeError(
    'this DocumentNode has parts that only the package `graphql` can print, which cannot be loaded here: ' +
      'give its `print` as the option `print`, or pass `print(document)` instead',
  );
};

/**
 * A new object for the payload, with what the document says. Of a whole request it is what the user gave: servers know
 * stored documents by names of their own, and some want an empty `query` or `null` beside them.
 */
const payloadOf = (document: unknown, print: Print): Record<string, unknown> => {
  if (!isPlain(document) || isDocumentNode(document)) return own({ query: textOf(document, print) });
  const payload: Record<string, unknown> = own(document);
  const { query } = payload;
  if (query !== undefined && query !== null && query !== '') payload.query = textOf(query, print);
  const isDocument = ([name, value]: [string, unknown]) =>
    name !== 'variables' && name !== 'operationName' && value !== undefined && value !== null && value !== '';
  if (Object.entries(payload).some(isDocument)) return payload;
  throw new TypeError('the request has no `query`, and no `documentId` or `extensions` that could stand for one');
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

/** The option `incremental`, as whether it is `merge`. */
const readIncremental = (incremental: unknown): boolean => {
  if (incremental === undefined || incremental === 'merge') return true;
  if (incremental === 'raw') return false;
  throw wrong('incremental', '`merge` or `raw`', incremental);
};

const PARTS = ['variables', 'operationName', 'extensions'];

/** The options of a transport's operation. */
export const KNOWN: readonly string[] = [...PARTS, 'sendStop', 'signal', 'incremental'];

export const readRequest = (user: UserOptions, document: unknown, options: unknown): OperationRequest =>
  read(user, document, ownOptions(options, KNOWN)).request;

/** Reads an operation whose options are known. Also gives the request's object, for one with other variables. */
export const read = (
  { print, replacer }: UserOptions,
  document: unknown,
  options: Record<string, unknown>,
): { request: OperationRequest; payload: Record<string, unknown> } => {
  const payload = payloadOf(document, print);
  for (const part of PARTS) {
    const value = options[part];
    if (value !== undefined) payload[part] = value;
  }
  const sendStop = readFlag('sendStop', options.sendStop);
  const signal = readSignal(options.signal);
  const merges = readIncremental(options.incremental);
  // Otherwise the server would refuse it, in words of its own or by closing the connection.
  for (const part of ['variables', 'extensions']) {
    const value = payload[part];
    if (value === undefined || value === null) continue;
    if (!isRecord(value) || isThenable(value)) throw wrong(part, 'an object', value);
    if (typeof value.toJSON === 'function') toJson(value, `option \`${part}\``);
  }
  const query = typeof payload.query === 'string' && payload.query !== '' ? payload.query : undefined;
  const operationName = payload.operationName ?? undefined;
  if (operationName !== undefined && typeof operationName !== 'string') {
    throw wrong('operationName', 'a string', operationName);
  }
  const text = toJson(payload, 'the request', { type: 'subscribe', replacer });
  const request = { payload: text, query, operationName, sendStop, signal, merges };
  return { request, payload };
};
