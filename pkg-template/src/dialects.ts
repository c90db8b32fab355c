// Dialects that are chosen by an object: what a dialect that needs JavaScript of its own gives to a transport.

import { described } from './values.js';

/** What to open a socket with. */
export interface Handshake {
  readonly url: string;
  readonly subprotocols: readonly string[];
}

/** What a dialect that is chosen by an object does on the JavaScript side. */
export interface DialectObject {
  readonly name: 'appsync' | 'phoenix';
  /** The topic to join, of Phoenix. */
  readonly topic?: string;
  /** Throws what is wrong with a URL that never changes: no attempt could mend it. */
  readonly check?: (url: string) => void;
  /** Makes the handshake of the user's URL. Asked at each attempt, after the user's function for the URL has answered. */
  readonly prepare: (url: string) => Handshake | PromiseLike<Handshake>;
  /**
   * Makes the whole `payload` of a `start` from the request's JSON text, both as text. Asked when the operation is sent,
   * with the user's URL. Of AppSync.
   */
  readonly authorise?: (url: string, request: string) => string | PromiseLike<string>;
  /** Whether the next attempt may have other credentials than the last. */
  readonly renews: boolean;
}

/** By which any entry of the package knows what another has made. */
const MADE = /* @__PURE__ */ Symbol.for('wireql.dialect');

export const makeDialect = (dialect: DialectObject): DialectObject =>
  Object.freeze(Object.defineProperty(dialect, MADE, { value: true }));

export const isDialectObject = (value: unknown): value is DialectObject =>
  typeof value === 'object' && value !== null && MADE in value;

// ---- the options that are read at each attempt --------------------------------------

/** Takes a user's value, or throws what is wrong with it; `what` is how a message names it. */
export type Reader<Value> = (value: unknown, what: string) => Value;

/** The error for a value that a reader does not take. The value itself is never repeated, as it may be secret. */
export const unfit = (what: string, expected: string, value: unknown): TypeError =>
  new TypeError(`${what} must be ${expected}, but is ${value === '' ? 'empty' : described(value)}`);

export const readText: Reader<string> = (value, what) => {
  if (typeof value === 'string' && value !== '') return value;
  throw unfit(what, 'a string', value);
};

/** Asks for an option that is a value, which is checked at once, or a function that returns one or a promise of one. */
export const readSource = <Value>(name: string, given: unknown, read: Reader<Value>): (() => Promise<Value>) => {
  if (typeof given === 'function') return async () => read(await given(), `what \`${name}\` returned`);
  const value = read(given, `option \`${name}\``);
  return async () => value;
};

// ---- text as base64 -------------------------------------------------------------------

/** Base64 of a text's UTF-8, in the standard alphabet. */
export const toBase64 = (text: string): string => {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join(''));
};

/** Without the padding, as `=` cannot stand in a subprotocol. */
export const unpadded = (base64: string): string => base64.replace(/=+$/, '');
