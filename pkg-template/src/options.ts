// The options of the constructor, and what reading options has in common.

import type { Settings, Subprotocol } from '#glue';
import { isDialectObject, type DialectObject } from './dialects.js';
import { toJson } from './json.js';
import type { Attempt, JsonMessageReplacer, JsonMessageReviver, WebSocketClass } from './types.js';
import { websocketUrl } from '../../src/driver/url.js';
import { described, isRecord } from './values.js';
import { hostWebSocket, whyNotTaken, type SocketArgs } from './web-socket.js';

/** The error for an invalid option. */
export const wrong = (name: string, expected: string, value: unknown): TypeError =>
  new TypeError(`option \`${name}\` must be ${expected}, but is ${described(value)}`);

/** Whether a name is another one with one or two letters left out, or in the wrong case. */
const isShorterForm = (name: string, known: string): boolean => {
  let at = -1;
  const letters = known.toLowerCase();
  const follows = (letter: string) => (at = letters.indexOf(letter, at + 1)) >= 0;
  return name.length > 1 && name.length > known.length - 3 && [...name.toLowerCase()].every(follows);
};

/** An object that has what these have of their own: nothing that a program has put into `Object.prototype`. */
export const own = <Parts extends object[]>(...parts: Parts): any => Object.assign(Object.create(null), ...parts);

/** The user's options. An unknown one is an error, as a misspelt one would silently have no effect. */
export const ownOptions = (options: unknown, known: readonly string[], prefix = ''): Record<string, unknown> => {
  if (options === undefined) return own();
  if (!isRecord(options)) throw new TypeError(`options must be an object, but are ${described(options)}`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = known.find((one) => isShorterForm(name, one) || isShorterForm(one, name));
    const named = (one: string) => prefix + one;
    const hint = meant === undefined ? `the options are ${known.map(named).join(', ')}` : `did you mean \`${named(meant)}\`?`;
    throw new TypeError(`unknown option \`${named(name)}\`: ${hint}`);
  }
  return own(options);
};

/** Checks what `on` is given. */
export const checkListener = (events: readonly string[], event: unknown, listener: unknown): void => {
  if (!events.includes(event as string)) throw new TypeError(`unknown event: the events are ${events.join(', ')}`);
  if (typeof listener !== 'function') {
    throw new TypeError(`the listener must be a function, but is ${described(listener)}`);
  }
};

/** An option that is `true` by default, unless it says otherwise. */
export const readFlag = (name: string, value: unknown, byDefault = true): boolean => {
  if (typeof value === 'boolean') return value;
  if (value === undefined) return byDefault;
  throw wrong(name, 'true or false', value);
};

/** An option that is a function, or none. */
export const readFunction = (name: string, value: unknown): Function | undefined => {
  if (value === undefined || typeof value === 'function') return value;
  throw wrong(name, 'a function', value);
};

/** The WebSocket URL for a text or a `URL`. */
export const readUrl = (value: unknown): string => {
  if (typeof value === 'string') return websocketUrl(value);
  if (value instanceof URL) return websocketUrl(value.href);
  throw new TypeError(`the url must be a string, a URL, or a function that returns one, but is ${described(value)}`);
};

/** The payload of `connection_init`: an object, or none. */
export const readInitPayload = (value: unknown, replacer: UserOptions['replacer']): string | undefined => {
  if (value === undefined || value === null) return undefined;
  return toJson(value, 'option `initPayload`', { type: 'connection_init', replacer });
};

/** A user function, which is asked at each attempt to connect; a client says which. */
export type UserFunction = (attempt?: Attempt) => unknown;

export const isFunction = (value: unknown): value is UserFunction => typeof value === 'function';

// ---- times ----------------------------------------------------------------------

const LIMITS = ['connectTimeout', 'ackTimeout', 'closeTimeout'] as const;
/** These may not be 0, which would end every connection at once. */
const INTERVALS = ['keepAliveTimeout', 'pingInterval', 'pongTimeout'] as const;

type TimeOption = (typeof LIMITS)[number] | (typeof INTERVALS)[number] | 'subscribeTimeout';

/** Phoenix' own client has it; its servers hang up after 60 s without a message. */
const HEARTBEAT_INTERVAL = 30_000;

/** The core counts milliseconds in 32 bits. */
export const FOR_EVER = 2 ** 32 - 1;

/** Milliseconds; `null` and `Infinity` are for ever. */
export const readTime = (name: string, value: unknown, byDefault: number, least: 'from 0 up' | 'above 0'): number => {
  if (value === undefined) return byDefault;
  if (value === null) return Infinity;
  // Rounded up, so that a fraction of a millisecond does not fire early.
  if (typeof value === 'number' && (value > 0 || (value === 0 && least === 'from 0 up'))) return Math.ceil(value);
  const given = typeof value === 'number' ? value : described(value);
  throw new TypeError(`option \`${name}\` must be milliseconds ${least}, Infinity or null, but is ${given}`);
};

/** What differs between a transport and a client. */
export interface Defaults {
  pingInterval: number;
}

/** For the core, which waits for ever where it has no time. */
const readTimes = (options: Record<string, unknown>, byDefault: Defaults): { [Name in TimeOption]?: number } => {
  const times: { [Name in TimeOption]?: number } = own();
  const read = (name: TimeOption, byDefault: number, least: 'from 0 up' | 'above 0') => {
    const time = readTime(name, options[name], byDefault, least);
    if (time < FOR_EVER) times[name] = time;
    return time;
  };
  for (const name of LIMITS) read(name, 10_000, 'from 0 up');
  read('subscribeTimeout', 15_000, 'above 0');
  read('keepAliveTimeout', Infinity, 'above 0');
  const pingInterval = read('pingInterval', byDefault.pingInterval, 'above 0');
  read('pongTimeout', Math.ceil(pingInterval / 2), 'above 0');
  return times;
};

// ---- dialects and sockets -----------------------------------------------------------

const SUBPROTOCOLS: readonly Subprotocol[] = ['graphql-transport-ws', 'graphql-ws'];

const CHOSEN: readonly DialectObject['name'][] = ['appsync', 'phoenix'];

const readDialect = (given: unknown): Subprotocol | DialectObject | undefined => {
  if (given === undefined || isDialectObject(given) || SUBPROTOCOLS.includes(given as Subprotocol)) {
    return given as Subprotocol | DialectObject | undefined;
  }
  const expected = '`graphql-transport-ws`, `graphql-ws`, `appSync(…)` or `phoenix(…)`';
  // A factory that was not called is the likeliest mistake.
  if (typeof given === 'function') throw new TypeError(`option \`dialect\` must be ${expected}, but is a function: call it`);
  throw wrong('dialect', expected, given);
};

/** An object says all that these options could. */
const readChosen = (dialect: DialectObject, source: string | UserFunction, given: Record<string, unknown>): DialectObject => {
  // Another version of this package may know more.
  if (!CHOSEN.includes(dialect.name)) throw wrong('dialect', 'one of this version of the package', dialect);
  if (typeof source === 'string') dialect.check?.(source);
  for (const name of dialect.name === 'appsync' ? ['subprotocols', 'initPayload'] : ['subprotocols']) {
    // `null` is no payload.
    if (given[name] === undefined || (given[name] === null && name === 'initPayload')) continue;
    throw new TypeError(`option \`${name}\` cannot be given together with this \`dialect\`, which has its own`);
  }
  return dialect;
};

/** What to offer; empty for nothing. `dialect`: the only one that is spoken. */
const readSubprotocols = (names: unknown, dialect: Subprotocol | undefined): Subprotocol[] => {
  if (names === undefined) return dialect === undefined ? [...SUBPROTOCOLS] : [dialect];
  // Hosts refuse a subprotocol that is offered twice.
  if (Array.isArray(names) && new Set(names).size === names.length) {
    if (names.every((name) => SUBPROTOCOLS.includes(name))) {
      if (dialect === undefined || names.every((name) => name === dialect)) return [...names];
      throw new TypeError('option `subprotocols` must be empty or `dialect` alone, if that is given');
    }
  }
  throw new TypeError(
    'option `subprotocols` must be an array of one or both of `graphql-transport-ws` and ' +
      '`graphql-ws`, those preferred first, or an empty array to offer none',
  );
};

const readClass = (value: unknown): WebSocketClass | undefined => {
  if (value === undefined) return undefined;
  // An arrow function has no prototype, and `new` refuses it.
  if (typeof value === 'function' && 'prototype' in value) return value as unknown as WebSocketClass;
  throw wrong('webSocket', 'a WebSocket class, which is a constructor', value);
};

/**
 * An object, or what one can be made from (`Headers`, a `Map`). The values are strings, and appear in no message,
 * as they may be secret.
 */
const readHeaders = (value: unknown): unknown => {
  if (!isRecord(value)) return value;
  const headers = Symbol.iterator in value ? Object.fromEntries(value as Iterable<[string, unknown]>) : value;
  for (const [name, text] of Object.entries(headers)) {
    if (typeof text !== 'string') {
      throw new TypeError(`option \`headers\`: \`${name}\` must be a string, but is ${described(text)}`);
    }
  }
  return headers;
};

const readArgs = (options: Record<string, unknown>, webSocket: WebSocketClass | undefined): SocketArgs | undefined => {
  const { headers, tls, connectArgs } = options;
  const given = Object.entries({ headers: readHeaders(headers), tls, connectArgs }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length === 0) return undefined;
  const Class = webSocket ?? hostWebSocket();
  for (const [name, value] of given) {
    if (!isRecord(value)) throw wrong(name, 'an object', value);
    const why = Class && whyNotTaken(Class, name);
    if (why !== undefined) throw new TypeError(`option \`${name}\`: ${why}`);
  }
  return Object.fromEntries(given) as SocketArgs;
};

// ---- all of them ----------------------------------------------------------------------

/** The options of a transport. */
export const KNOWN: readonly string[] = [
  'initPayload',
  ...LIMITS,
  ...INTERVALS,
  'subscribeTimeout',
  'answerPings',
  'webSocket',
  'headers',
  'tls',
  'connectArgs',
  'subprotocols',
  'jsonMessageReviver',
  'jsonMessageReplacer',
  'print',
  'dialect',
  'trace',
];

/** The options that the core knows nothing of. */
export interface UserOptions {
  readonly url: string | UserFunction;
  /** JSON text, unless it is a function. */
  readonly initPayload: string | UserFunction | undefined;
  /** Chosen by an object. */
  readonly dialect: DialectObject | undefined;
  readonly webSocket: WebSocketClass | undefined;
  readonly args: SocketArgs | undefined;
  readonly reviver: JsonMessageReviver | undefined;
  readonly replacer: JsonMessageReplacer | undefined;
  readonly print: ((document: any) => string) | undefined;
  readonly trace: ((line: string) => void) | undefined;
}

/** Reads what a transport's constructor is given. */
export const readOptions = (url: unknown, options: unknown): { settings: Settings; user: UserOptions } => {
  const source = isFunction(url) ? url : readUrl(url);
  return readCommon(source, ownOptions(options, KNOWN), { pingInterval: Infinity });
};

/** Reads what a transport and a client have in common. */
export const readCommon = (
  source: string | UserFunction,
  given: Record<string, unknown>,
  byDefault: Defaults,
): { settings: Settings; user: UserOptions } => {
  const dialect = readDialect(given.dialect);
  const chosen = typeof dialect === 'object' ? readChosen(dialect, source, given) : undefined;
  const named = typeof dialect === 'object' ? undefined : dialect;
  const times = readTimes(given, chosen?.name === 'phoenix' ? { pingInterval: HEARTBEAT_INTERVAL } : byDefault);
  const [first, other] = readSubprotocols(given.subprotocols, named);
  const preferred = first ?? named ?? 'graphql-transport-ws';
  const answerPings = readFlag('answerPings', given.answerPings);
  const webSocket = readClass(given.webSocket);
  const args = readArgs(given, webSocket);
  const trace = readFunction('trace', given.trace) as UserOptions['trace'];
  const reviver = readFunction('jsonMessageReviver', given.jsonMessageReviver) as UserOptions['reviver'];
  const replacer = readFunction('jsonMessageReplacer', given.jsonMessageReplacer) as UserOptions['replacer'];
  const print = readFunction('print', given.print) as UserOptions['print'];
  const initPayload = isFunction(given.initPayload) ? given.initPayload : readInitPayload(given.initPayload, replacer);

  const traced = trace !== undefined;
  const settings: Settings = own(times, {
    offersSubprotocols: first !== undefined && chosen === undefined,
    preferred,
    other,
    chosen: chosen?.name,
    topic: chosen?.topic,
    answerPings,
    traced,
    client: undefined,
  });
  const user = { url: source, initPayload, dialect: chosen, webSocket, args, reviver, replacer, print, trace };
  return { settings, user };
};
