// The dialect of Phoenix channels with Absinthe: the URL and the subprotocols of its socket.

import { makeDialect, readSource, readText, toBase64, unfit, unpadded, type DialectObject, type Reader } from './dialects.js';
import { isFunction, ownOptions } from './options.js';
import type { Source } from './types.js';
import { isRecord } from './values.js';

/** The options of {@link phoenix}. An unknown option throws `TypeError`. */
export interface PhoenixOptions {
  /**
   * Parameters of the URL, where most applications expect credentials; they take precedence over what the URL has. A
   * function is called at each attempt to connect; the time this takes counts towards `connectTimeout`. `vsn` is added.
   * Default: none.
   */
  params?: Source<{ readonly [name: string]: string }>;
  /**
   * A token for applications of Phoenix 1.8 whose socket has `auth_token: true`: it goes into a subprotocol. Others refuse
   * the handshake of a client that offers one. Read like `params`. Default: none.
   */
  authToken?: Source<string>;
  /** The topic of Absinthe's channel. Default: `__absinthe__:control`. */
  topic?: string;
}

declare const chosen: unique symbol;

/** What {@link phoenix} returns, for the option `dialect`. */
export interface PhoenixDialect {
  readonly [chosen]: 'phoenix';
}

/** The form of messages that is spoken. */
const VERSION = '2.0.0';

const readParams: Reader<[string, string][]> = (value, what) => {
  if (!isRecord(value)) throw unfit(what, 'an object of strings', value);
  if (Symbol.iterator in value) {
    throw new TypeError(`${what} must be an object of strings: make one of pairs by \`Object.fromEntries\``);
  }
  return Object.entries(value).map(([name, text]) => {
    if (typeof text !== 'string') throw unfit(`${what}: \`${name}\``, 'a string', text);
    return [name, text];
  });
};

/** The subprotocol of a token. Phoenix reads the standard alphabet, whatever the prefix says, and no padding. */
const bearer = (token: string): string => {
  const text = unpadded(toBase64(token));
  if (!text.includes('/')) return `base64url.bearer.phx.${text}`;
  throw new TypeError(
    'the base64 of `authToken` has a `/`, which a subprotocol cannot have: the token may have no `?` and nothing beyond ' +
      'ASCII in such a place. Those that Phoenix itself signs have neither',
  );
};

const socketOf = (text: string): URL => {
  const url = new URL(text.replace(/^http/, 'ws'));
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/websocket') ? path : `${path}/websocket`;
  return url;
};

/**
 * The dialect of Phoenix channels with Absinthe: for the option `dialect`, with the URL at which the application mounts
 * its socket as the transport's; `/websocket` is appended unless it is there.
 *
 * ```js
 * const params = async () => ({ token: await token() });
 * new WebSocketTransport('wss://example.com/socket', { dialect: phoenix({ params }) });
 * ```
 *
 * @throws TypeError if an option is invalid or unknown.
 */
export const phoenix = (options: PhoenixOptions = {}): PhoenixDialect => {
  const given = ownOptions(options, ['params', 'authToken', 'topic']);
  const params = readSource('params', given.params === undefined ? {} : given.params, readParams);
  if (typeof given.authToken === 'string') bearer(given.authToken);
  const token = given.authToken === undefined ? undefined : readSource('authToken', given.authToken, readText);
  const topic = given.topic === undefined ? '__absinthe__:control' : readText(given.topic, 'option `topic`');
  const dialect: DialectObject = {
    name: 'phoenix',
    topic,
    renews: [given.params, given.authToken].some(isFunction),
    async prepare(url) {
      const socket = socketOf(url);
      for (const [name, value] of await params()) socket.searchParams.set(name, value);
      socket.searchParams.set('vsn', VERSION);
      // A server that expects no token answers no subprotocol, and a client that offered one gives up.
      const subprotocols = token === undefined ? [] : ['phoenix', bearer(await token())];
      return { url: socket.href, subprotocols };
    },
  };
  return makeDialect(dialect) as unknown as PhoenixDialect;
};
