// The dialect of AWS AppSync: where its realtime endpoint is, and what proves to it who asks.

import { makeDialect, readSource, readText, toBase64, unfit, unpadded, type DialectObject, type Reader } from './dialects.js';
import { toJson } from './json.js';
import { isFunction, ownOptions, wrong } from './options.js';
import { sign, webCrypto, type AwsCredentials } from './sigv4.js';
import type { Source } from './types.js';
import { described, isRecord } from './values.js';

export type { AwsCredentials };

/** What a function of yours is asked to sign: a `POST` of the body to the URL. */
export interface SignRequest {
  /** For the handshake, or for one operation. */
  readonly kind: 'connect' | 'start';
  /** The GraphQL endpoint, with `/connect` behind it if `kind` is `connect`; without a query. */
  readonly url: string;
  /** Its host, with a port if there is one: AppSync wants it in the object, as `host`. */
  readonly host: string;
  /** `{}`, or the request as it is sent. */
  readonly body: string;
}

/**
 * Returns the authorization object, or a promise of it: headers by name, such as `{ Authorization: token }`. `host` is
 * added unless it is there. What it throws ends the attempt to connect, or the operation.
 */
export type Sign = (request: SignRequest) => object | PromiseLike<object>;

/** The options of {@link appSync}. An unknown option throws `TypeError`. */
export interface AppSyncOptions {
  /**
   * What authorizes, one of:
   *
   * - `apiKey`: an API key.
   * - `token`: the token of a Cognito user pool or of OpenID Connect, without `Bearer`, or one for your Lambda
   *   authorizer.
   * - `credentials`: keys of AWS, for IAM. Each request is signed by `crypto.subtle`, which browsers have only in pages
   *   that come over HTTPS or from localhost: elsewhere it is a `NO_WEB_CRYPTO` error. The `region` is read from the
   *   endpoint's host, and has to be given for a custom domain.
   * - a function of yours, which returns the authorization object.
   *
   * A function is called for each attempt to connect and for each operation, when it is sent. The time this takes counts
   * towards `connectTimeout`, or towards `subscribeTimeout`.
   */
  auth:
    | { apiKey: Source<string> }
    | { token: Source<string> }
    // Providers of AWS's SDK have an optional parameter, which a `Source` would fill.
    | { credentials: AwsCredentials | (() => AwsCredentials | PromiseLike<AwsCredentials>); region?: string }
    | Sign;
  /**
   * What carries the authorization of the handshake: a second subprotocol, or the URL's query, where access logs show it.
   * Simulators and older servers may know the query alone. Default: `subprotocol`.
   */
  carrier?: 'subprotocol' | 'query';
}

declare const chosen: unique symbol;

/** What {@link appSync} returns, for the option `dialect`. */
export interface AppSyncDialect {
  readonly [chosen]: 'appsync';
}

// ---- where -----------------------------------------------------------------------------

const API = '.appsync-api.';
const REALTIME = '.appsync-realtime-api.';

/** The GraphQL endpoint that is meant by a URL: it may also be that of its socket. */
const endpointOf = (text: string): URL => {
  const url = new URL(text.replace(/^ws/, 'http'));
  url.hostname = url.hostname.replace(REALTIME, API);
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/realtime$/, '');
  return url;
};

/** Where its socket is. A custom domain has one host for both; so has a VPC, where the header `Host` tells them apart. */
const socketOf = (endpoint: URL): URL => {
  const url = new URL(endpoint.href.replace(/^http/, 'ws'));
  if (!url.hostname.includes(API)) url.pathname = below(url, 'realtime');
  else if (!url.hostname.includes('.vpce.')) url.hostname = url.hostname.replace(API, REALTIME);
  return url;
};

const below = ({ pathname }: URL, name: string): string => `${pathname.replace(/\/$/, '')}/${name}`;

const regionOf = ({ hostname }: URL): string => {
  const [, rest] = hostname.split(API);
  if (rest !== undefined) return rest.split('.', 1)[0]!;
  throw new TypeError(
    'the endpoint does not name its AWS region, as a custom domain does not: give it as the option `auth.region`, ' +
      'such as `eu-west-1`',
  );
};

// ---- who asks ------------------------------------------------------------------------------

/** What is to be authorized: a `POST` of the body to the URL. */
interface Post {
  readonly kind: SignRequest['kind'];
  readonly url: URL;
  readonly body: string;
}

/** Makes an authorization object. */
type Authorise = (post: Post) => Promise<object>;

const MODES = ['apiKey', 'token', 'credentials'] as const;

const readCredentials: Reader<AwsCredentials> = (value, what) => {
  if (!isRecord(value)) throw unfit(what, 'an object with AWS keys', value);
  const part = (name: string) => readText(value[name], `${what}: \`${name}\``);
  const keys = { accessKeyId: part('accessKeyId'), secretAccessKey: part('secretAccessKey') };
  return value.sessionToken ? { ...keys, sessionToken: part('sessionToken') } : keys;
};

const readRegion = (region: unknown, mode: string): string | undefined => {
  if (region === undefined) return undefined;
  if (mode !== 'credentials') throw new TypeError('option `auth.region` is only for `auth.credentials`');
  if (typeof region === 'string' && /^[a-z0-9-]+$/.test(region)) return region;
  throw wrong('auth.region', 'the name of an AWS region, such as `eu-west-1`', region);
};

/** Has the user's function sign. */
const bySigner =
  (signer: Function): Authorise =>
  async ({ kind, url, body }) => {
    const { host } = url;
    const given: unknown = await signer({ kind, url: url.href, host, body });
    if (!isRecord(given)) throw new TypeError(`the function \`auth\` must return an object, but returned ${described(given)}`);
    // Refuses what JSON makes nothing of, such as `Headers`.
    const object: object = JSON.parse(toJson(given, 'what the function `auth` returned'));
    return Object.keys(object).some((name) => name.toLowerCase() === 'host') ? object : { host, ...object };
  };

const readAuth = (auth: unknown): Authorise => {
  if (typeof auth === 'function') return bySigner(auth);
  const expected = 'an object with one of `apiKey`, `token` and `credentials`, or a function';
  if (!isRecord(auth)) throw wrong('auth', expected, auth);
  const given = ownOptions(auth, [...MODES, 'region'], 'auth.');
  const [mode, ...others] = MODES.filter((name) => given[name] !== undefined);
  if (mode === undefined || others.length > 0) {
    const found = mode === undefined ? 'none of them' : [mode, ...others].map((name) => `\`${name}\``).join(' and ');
    throw new TypeError(`option \`auth\` must be ${expected}, but has ${found}`);
  }
  const region = readRegion(given.region, mode);
  const name = `auth.${mode}`;
  if (mode === 'credentials') {
    const credentials = readSource(name, given[mode], readCredentials);
    return async ({ url, body }) => {
      const where = region ?? regionOf(url);
      return sign(url, body, where, await credentials());
    };
  }
  const secret = readSource(name, given[mode], readText);
  const header = mode === 'apiKey' ? 'x-api-key' : 'Authorization';
  return async ({ url: { host } }) => ({ host, [header]: await secret() });
};

/** Whether what authorizes is asked for anew, or signed anew, each time. */
const renewsCredentials = (auth: any): boolean =>
  typeof auth === 'function' || [auth.apiKey, auth.token].some(isFunction) || auth.credentials !== undefined;

// ---- both together ---------------------------------------------------------------------------

const readCarrier = (carrier: unknown): NonNullable<AppSyncOptions['carrier']> => {
  if (carrier === undefined || carrier === 'subprotocol') return 'subprotocol';
  if (carrier === 'query') return carrier;
  throw wrong('carrier', '`subprotocol` or `query`', carrier);
};

/** The `POST` that stands for the handshake, or for an operation. */
const postTo = (endpoint: URL, kind: Post['kind'], body: string): Post => {
  const path = kind === 'connect' ? below(endpoint, 'connect') : endpoint.pathname;
  return { kind, url: new URL(endpoint.origin + path), body };
};

/**
 * The dialect of AWS AppSync's realtime endpoint: for the option `dialect`, with the URL of the GraphQL endpoint as the
 * transport's. It has subscriptions only: queries and mutations go over HTTP.
 *
 * ```js
 * const url = 'https://….appsync-api.eu-west-1.amazonaws.com/graphql';
 * new WebSocketTransport(url, { dialect: appSync({ auth: { apiKey: 'da2-…' } }) });
 * ```
 *
 * The URL of the socket follows from that of the endpoint, on AWS's domains and on custom ones; it may also be given
 * itself.
 *
 * @throws TypeError if an option is invalid or unknown.
 */
export const appSync = (options: AppSyncOptions): AppSyncDialect => {
  const given = ownOptions(options, ['auth', 'carrier']);
  const authorise = readAuth(given.auth);
  const carrier = readCarrier(given.carrier);
  const { credentials, region } = isRecord(given.auth) ? given.auth : {};
  const dialect: DialectObject = {
    name: 'appsync',
    check(url) {
      if (credentials === undefined) return;
      webCrypto();
      if (region === undefined) regionOf(endpointOf(url));
    },
    renews: renewsCredentials(given.auth),
    async prepare(url) {
      const endpoint = endpointOf(url);
      const header = toBase64(JSON.stringify(await authorise(postTo(endpoint, 'connect', '{}'))));
      const socket = socketOf(endpoint);
      if (carrier === 'query') {
        socket.searchParams.set('header', header);
        // `{}`: the payload of the `POST`.
        socket.searchParams.set('payload', toBase64('{}'));
        return { url: socket.href, subprotocols: ['graphql-ws'] };
      }
      const token = unpadded(header).replaceAll('+', '-').replaceAll('/', '_');
      return { url: socket.href, subprotocols: ['graphql-ws', `header-${token}`] };
    },
    async authorise(url, data) {
      const authorization = await authorise(postTo(endpointOf(url), 'start', data));
      return JSON.stringify({ data, extensions: { authorization } });
    },
  };
  return makeDialect(dialect) as unknown as AppSyncDialect;
};
