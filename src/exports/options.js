// The options of the constructor, and what is common to all options.

import { messageOf } from '../driver/callbacks.js';
import { hostWebSocket, isRecord, websocketUrl, whyNotTaken } from '../driver/host.js';
import { TIMES } from '../driver/trace.js';

/** What a value of the user's is, with its article. */
export const described = (value) => {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise, which has to be awaited';
  const type = typeof value;
  if (type === 'symbol' || type === 'bigint') return 'a symbol or a bigint';
  return type === 'object' ? 'an object' : `a ${type}`;
};

/** The error for an option that is not what it must be. */
export const wrong = (name, expected, value) =>
  new TypeError(`option \`${name}\` must be ${expected}, but is ${described(value)}`);

/** JSON text for an object of the user's; `name` is what the user calls it. */
export const toJson = (value, name) => {
  if (!isRecord(value)) throw new TypeError(`${name} must be an object, but is ${described(value)}`);
  let text;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    // For a cycle, a BigInt, or a `toJSON` that throws: the host says which.
    throw new TypeError(`${name} cannot be told in JSON: ${messageOf(thrown)}`);
  }
  // A `Date`, say, is an object, but its JSON is a string.
  if (text?.[0] !== '{') throw new TypeError(`${name} must be an object that is one in JSON too`);
  return text;
};

/** Whether a name is another with one or two letters left out, or in the wrong case. */
const leavesOut = (name, known) => {
  let at = -1;
  const letters = known.toLowerCase();
  const follows = (letter) => (at = letters.indexOf(letter, at + 1)) >= 0;
  return name.length > 1 && name.length > known.length - 3 && [...name.toLowerCase()].every(follows);
};

/** An unknown option is an error, since a misspelt one would be lost without a word. */
export const checkOptions = (options, known) => {
  if (options === undefined) return;
  if (!isRecord(options)) throw new TypeError(`options must be an object, but are ${described(options)}`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = known.find((one) => leavesOut(name, one) || leavesOut(one, name));
    const hint = meant === undefined ? `the options are ${known.join(', ')}` : `did you mean \`${meant}\`?`;
    throw new TypeError(`unknown option \`${name}\`: ${hint}`);
  }
};

export const flag = (name, value) => {
  if (typeof value === 'boolean') return value;
  if (value === undefined) return true;
  throw wrong(name, 'true or false', value);
};

/** A WebSocket URL for a text or a `URL`. */
const readUrl = (value) => {
  if (typeof value === 'string') return websocketUrl(value);
  if (value instanceof URL) return websocketUrl(value.href);
  throw new TypeError(`the url must be a string, a URL, or a function that gives one, but is ${described(value)}`);
};

/** The payload of `connection_init`: an object, or nothing. */
const readInitPayload = (value) => (value === undefined || value === null ? undefined : toJson(value, 'option `initPayload`'));

/** A value that is read now, or a function whose value will be. */
const source = (value, read) => (typeof value === 'function' ? value : read(value));

const FROM_0 = 'from 0 up';
/** As 0 would end every connection at once. */
const ABOVE_0 = 'above 0';

/** A length of time in milliseconds: `null` and `Infinity` are for ever. */
const time = (name, value, byDefault, expected) => {
  if (value === undefined) return byDefault;
  if (value === null) return Infinity;
  // A fraction of a millisecond is no reason to fire early.
  if (typeof value === 'number' && (value > 0 || (value === 0 && expected === FROM_0))) return Math.ceil(value);
  const given = typeof value === 'number' ? value : described(value);
  throw new TypeError(`option \`${name}\` must be milliseconds ${expected}, Infinity or null, but is ${given}`);
};

/** What can be offered; `handle.rs` has the same order. Hosts refuse a subprotocol that is offered twice. */
export const OFFERS = [
  'graphql-transport-ws,graphql-ws',
  'graphql-ws,graphql-transport-ws',
  'graphql-transport-ws',
  'graphql-ws',
];

/** The place of what is to be offered. */
const readOffer = (names) => {
  if (names === undefined) return 0;
  const place = Array.isArray(names) ? OFFERS.indexOf(names.map((name) => typeof name === 'string' && name).join()) : -1;
  if (place >= 0) return place;
  throw new TypeError(
    'option `subprotocols` must be an array of one or both of `graphql-transport-ws` and ' +
      '`graphql-ws`, those preferred first',
  );
};

const readClass = (value) => {
  // An arrow function has no prototype, and `new` refuses it.
  if (value === undefined || (typeof value === 'function' && 'prototype' in value)) return value;
  throw wrong('webSocket', 'a WebSocket class, which is a constructor', value);
};

/**
 * An object, or what such an object can be made of (`Headers`, a `Map`). Their values are text, and
 * in no message, as they may be secret.
 */
const readHeaders = (value) => {
  if (!isRecord(value)) return value;
  const headers = Symbol.iterator in value ? Object.fromEntries(value) : value;
  for (const [name, text] of Object.entries(headers)) {
    if (typeof text !== 'string') {
      throw new TypeError(`option \`headers\`: \`${name}\` must be a string, but is ${described(text)}`);
    }
  }
  return headers;
};

/** What is handed on to the host's WebSocket, or undefined if there is nothing. */
const readArgs = ({ headers, tls, connectArgs }, webSocket) => {
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
  return Object.fromEntries(given);
};

const KNOWN = [
  'initPayload',
  ...TIMES,
  'answerPings',
  'webSocket',
  'headers',
  'tls',
  'connectArgs',
  'subprotocols',
  'trace',
];

/** Reads what the constructor is given: for WebAssembly the times, a flag and the dialects, and what is the user's. */
export const readOptions = (url, options = {}) => {
  const text = source(url, readUrl);
  checkOptions(options, KNOWN);
  const { initPayload, answerPings, webSocket, subprotocols, trace } = options;
  const times = [];
  for (const name of TIMES) {
    const isLimit = ['connectTimeout', 'ackTimeout', 'closeTimeout'].includes(name);
    // Behind `pingInterval`, whose half it is.
    const byDefault = name === 'pongTimeout' ? Math.ceil(times.at(-1) / 2) : isLimit ? 10_000 : Infinity;
    times.push(time(name, options[name], byDefault, isLimit ? FROM_0 : ABOVE_0));
  }
  const read = { offer: readOffer(subprotocols), times, answerPings: flag('answerPings', answerPings) };
  readClass(webSocket);
  const args = readArgs(options, webSocket);
  if (trace !== undefined && typeof trace !== 'function') throw wrong('trace', 'a function', trace);
  return {
    ...read,
    user: { url: text, readUrl, initPayload: source(initPayload, readInitPayload), readInitPayload, webSocket, args, trace },
  };
};
