// Users' values as JSON text.

import { described, isRecord, isThenable } from './values.js';
import type { JsonMessageReplacer } from './types.js';
import { messageOf } from '../../src/driver/callbacks.js';

/** The message that a value is the payload of, where the user has a say in how messages are written. */
export interface InMessage {
  readonly type: 'connection_init' | 'subscribe' | 'ping' | 'pong';
  readonly replacer: JsonMessageReplacer | undefined;
}

/** Whether JSON would make `{}` of an object that is not meant as an empty one: a promise, a `Map`, a `File`… */
const isLost = (value: unknown): value is object => {
  if (!isRecord(value) || typeof value.toJSON === 'function' || Object.keys(value).length > 0) return false;
  // JSON unwraps these.
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  // Plain objects of other realms have another `Object.prototype`.
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
};

/** Where such an object is, as one writes it; undefined if there is none. */
const findLost = (value: unknown, place = ''): { place: string; lost: object } | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isLost(value)) return { place, lost: value };
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined;
  for (const [name, part] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${name}]` : place === '' ? name : `.${name}`;
    const found = findLost(part, place + step);
    if (found !== undefined) return found;
  }
  return undefined;
};

const lostError = (name: string, place: string, lost: object): TypeError => {
  const what = isThenable(lost) ? described(lost) : `a ${lost.constructor?.name || 'class instance'}, of which JSON makes {}`;
  return new TypeError(place === '' ? `${name} must be an object, but is ${what}` : `${name}: \`${place}\` is ${what}`);
};

/** The text of the payload alone, of a message that the user's function has a say in. */
const replaced = (payload: unknown, name: string, type: string, replacer: JsonMessageReplacer): string | undefined => {
  const text = JSON.stringify({ type, payload }, function (this: unknown, key, value: unknown): unknown {
    const given: unknown = replacer.call(this, key, value);
    if (isLost(given)) throw lostError(name, key, given);
    return given;
  });
  const before = `{"type":"${type}","payload":`;
  if (text?.startsWith(before)) return text.slice(before.length, -1);
  throw new TypeError('option `jsonMessageReplacer` must leave the `type` and the `payload` of a message');
};

/** JSON text of an user's object; `name` is what the user calls it. */
export const toJson = (value: unknown, name: string, message?: InMessage): string => {
  if (!isRecord(value) || isThenable(value)) throw new TypeError(`${name} must be an object, but is ${described(value)}`);
  let text: string | undefined;
  let found;
  try {
    if (message?.replacer !== undefined) text = replaced(value, name, message.type, message.replacer);
    else {
      text = JSON.stringify(value);
      // Whatever is lost leaves this: so most values are walked but once.
      if (text?.includes('{}')) found = findLost(value);
    }
  } catch (thrown) {
    // For a cycle, a BigInt, or a `toJSON` that throws: the host says which.
    throw new TypeError(`${name} cannot be serialised to JSON: ${messageOf(thrown)}`);
  }
  if (found !== undefined) throw lostError(name, found.place, found.lost);
  // A `Date`, say, is an object, but its JSON is a string.
  if (text?.[0] !== '{') throw new TypeError(`${name} must be an object that is one in JSON too`);
  return text;
};
