// What `subscribe`, `observe` and `execute` are given: a document and options.

import { operationType } from '../driver/document.js';
import { isRecord, optionalPeer } from '../driver/host.js';
import { checkOptions, described, flag, toJson, wrong } from './options.js';

/** An object of the user's that is no text and no promise. */
const isPlain = (value) => isRecord(value) && !(value instanceof String) && !(value instanceof Promise);

const isDocumentNode = (value) => isPlain(value) && value.kind === 'Document';

/** The text of a document: a string, a `String` as code generators make them, or a `DocumentNode`. */
const textOf = (document) => {
  if (typeof document === 'string' || document instanceof String) {
    const text = document.valueOf();
    // Servers answer an empty document by closing the connection of everybody.
    if (text.trim() === '') throw new TypeError('the document is empty');
    return text;
  }
  if (!isDocumentNode(document)) {
    throw new TypeError(
      `the document must be a string, a DocumentNode or a request with a \`query\`, but is ${described(document)}`,
    );
  }
  // Printed is better than its own source, which a document that was transformed or composed still
  // carries.
  const text = optionalPeer('graphql')?.print(document) ?? document.loc?.source?.body;
  if (typeof text === 'string') return text;
  throw new TypeError(
    'this DocumentNode does not carry its source text, and the package `graphql` that could print it cannot be loaded ' +
      'here: pass `print(document)` instead',
  );
};

/** A new object for the payload, with what the document says. */
const payloadOf = (document) => {
  if (!isPlain(document) || isDocumentNode(document)) return { query: textOf(document) };
  const payload = { ...document };
  if (payload.query !== undefined) payload.query = textOf(payload.query);
  else if (payload.documentId === undefined && payload.extensions === undefined) {
    throw new TypeError(
      'the request has no `query`, and no `documentId` or `extensions` that could stand for one',
    );
  }
  return payload;
};

/** The option `signal`: an `AbortSignal`, or nothing. */
const readSignal = (signal) => {
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal.aborted === 'boolean' && typeof signal.addEventListener === 'function') return signal;
  throw wrong('signal', 'an AbortSignal', signal);
};

/** The signal among the options of `connect`. */
export const readConnect = (options) => {
  checkOptions(options, ['signal']);
  return readSignal(options?.signal);
};

const PARTS = ['variables', 'operationName', 'extensions'];
const KNOWN = [...PARTS, 'sendStop', 'signal'];

/** Reads them: the payload of `subscribe` as JSON, and what else has to be known of it. */
export const readRequest = (document, options) => {
  checkOptions(options, KNOWN);
  const payload = payloadOf(document);
  for (const part of PARTS) {
    const value = options?.[part];
    if (value !== undefined) payload[part] = value;
  }
  const sendStop = flag('sendStop', options?.sendStop);
  const signal = readSignal(options?.signal);
  // What the server would refuse otherwise, in its own words or with a closed socket.
  for (const part of ['variables', 'extensions']) {
    const value = payload[part];
    if (value === undefined || value === null) continue;
    if (!isRecord(value)) throw wrong(part, 'an object', value);
    if (typeof value.toJSON === 'function') toJson(value, `option \`${part}\``);
  }
  const { query, operationName } = payload;
  if (typeof (operationName ?? '') !== 'string') throw wrong('operationName', 'a string', operationName);
  return {
    payload: toJson(payload, 'the request'),
    type: operationType(query ?? '', operationName ?? undefined),
    sendStop,
    signal,
  };
};
