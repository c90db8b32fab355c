// Incremental delivery (`@defer`, `@stream`): whole results, made of the parts that servers send.
//
// Parts come in two formats, told apart by each part. In that of graphql 17 (the draft of the specification) `pending`
// announces an `id` with a path, `incremental` refers to it, and `completed` ends it. In the older one each entry of
// `incremental` has a `path` of its own; before that, the result itself was the entry.

import { TransportProtocolError } from './errors.js';
import { described, isRecord } from './values.js';
import { escaped } from '../../src/driver/untrusted.js';

type Path = ReadonlyArray<string | number>;
type Fields = { [name: string]: unknown };

/** A result as it came. Nothing in it is known to be as it should. */
export type Part = Fields;

/** How deep two objects are merged into each other; no document selects so deep. */
const DEEPEST = 500;

// ---- errors -----------------------------------------------------------------------

/** How much is shown of what the server sent. */
const SHOWN = 60;
const SHOWN_KEYS = 8;

const shownKey = (key: unknown): string => {
  if (typeof key === 'number') return String(key);
  if (typeof key !== 'string') return described(key);
  if (key.length <= SHOWN) return escaped(JSON.stringify(key));
  // Not between the two halves of a character.
  return escaped(JSON.stringify(key.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, ''))).replace(/"$/, '…"');
};

const shownPath = (path: readonly unknown[]): string => {
  const keys = path.slice(0, SHOWN_KEYS).map(shownKey);
  if (path.length > SHOWN_KEYS) keys.push('…');
  return `[${keys.join(', ')}]`;
};

/** The error of a part that fits nothing. */
const invalid = (expected: string, received: string): TransportProtocolError =>
  new TransportProtocolError(
    `expected from the server ${expected}, received ${received} (\`incremental: 'raw'\` would give you what it sends)`,
    { code: 'INVALID_INCREMENTAL', ends: 'operation' },
  );

/** The error of a server that completed an operation within a result. */
export const incomplete = (): TransportProtocolError =>
  new TransportProtocolError(
    'the server completed the operation within an incremental result: expected a last part with `hasNext: false`',
    { code: 'INCOMPLETE_RESULT', ends: 'operation' },
  );

// ---- reading ------------------------------------------------------------------------

/** Servers in languages where the two are one send `null` for what is not there. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const listOf = (owner: Fields, name: string): readonly unknown[] => {
  const value = owner[name];
  if (!isGiven(value)) return [];
  if (Array.isArray(value)) return value;
  throw invalid(`a list as \`${name}\``, described(value));
};

/** The entries of such a list. */
const entriesOf = (part: Part, name: string): readonly Fields[] =>
  listOf(part, name).map((entry) => {
    if (isRecord(entry)) return entry;
    throw invalid(`objects in \`${name}\``, described(entry));
  });

const isKey = (key: unknown): boolean =>
  typeof key === 'string' || (typeof key === 'number' && Number.isSafeInteger(key) && key >= 0);

const pathOf = (owner: Fields, name: string): Path => {
  const path = listOf(owner, name);
  if (path.every(isKey)) return path as Path;
  throw invalid(`a \`${name}\` of names and indices`, shownPath(path));
};

const idOf = (entry: Fields, name: string): string => {
  const { id } = entry;
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw invalid(`an \`id\` or a \`path\` in each entry of \`${name}\``, `the id ${described(id)}`);
};

const PARTS = ['pending', 'incremental', 'completed'];

/** Whether a result is a part of the one that began before it. `isOpen`: whether one did, and has not ended. */
export const isContinuation = (part: Part, isOpen: boolean): boolean => {
  if (isGiven(part.path)) return true;
  // Some servers repeat `data` beside the parts; a first result beside which there are parts already also has `pending`.
  if (isGiven(part.data)) return isOpen && !isGiven(part.pending) && (isGiven(part.incremental) || isGiven(part.completed));
  if (PARTS.some((name) => isGiven(part[name]))) return isOpen || part.data === undefined;
  // Errors without data are a whole answer, unless they say that they belong to one.
  return isOpen && part.hasNext !== undefined && !(part.data === null && isGiven(part.errors));
};

// ---- changing -----------------------------------------------------------------------

/** Whether it is an object of JSON's, of whatever realm, and not what a user's reviver has made. */
const isPlain = (value: unknown): value is Fields => {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** An alias may be called `__proto__`: then assigning would set the prototype. */
const set = (owner: Fields | unknown[], key: string | number, value: unknown): void => {
  if (key !== '__proto__') (owner as Fields)[key] = value;
  else Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true });
};

/** Whether a key is that of a value there, or of a list's next item. */
const fits = (owner: unknown, key: string | number): owner is Fields | unknown[] => {
  if (Array.isArray(owner)) return typeof key === 'number' && key <= owner.length;
  return isPlain(owner) && typeof key === 'string' && Object.hasOwn(owner, key);
};

/**
 * One result, made whole of its parts. What was handed out never changes: what a part changes is copied, with what it
 * stands in, and everything else stays the same object.
 */
export class Merger {
  /** The result so far, with the data at its place; undefined before the first part and after the last. */
  #whole: Fields | undefined;
  readonly #pending = new Map<string, Path>();
  /** The errors so far, each by its place and message. */
  readonly #errors = new Set<string>();
  /** Copies that nobody has seen yet, so that one is enough for any number of changes. */
  readonly #own = new Set<object>();

  /** Whether more of the result is to come. */
  get isOpen(): boolean {
    return this.#whole !== undefined;
  }

  /**
   * Takes the next result, and gives the whole that it makes. `isShown`: whether somebody sees that; else the next part
   * may change it.
   *
   * @throws TransportProtocolError for a part that does not fit
   */
  add(part: Part, isShown: boolean): object {
    if (isGiven(part.initialResult) && part.data === undefined) {
      throw invalid(
        'one result after the other',
        '`{ initialResult, subsequentResults }` as one result: the server has to send what these contain one by one',
      );
    }
    const hasNext = part.hasNext === true;
    if (!isContinuation(part, this.isOpen)) {
      // Whatever was open is given up: on a new connection a query begins anew.
      this.#close();
      if (!hasNext && !PARTS.some((name) => isGiven(part[name]))) return part;
      this.#begin(part);
    } else if (this.#whole === undefined) {
      const where = isGiven(part.path) ? pathOf(part, 'path') : undefined;
      throw invalid(
        'a result with `data`, before the parts that belong to it',
        `a part${where === undefined ? '' : ` for the path ${shownPath(where)}`} that belongs to none: none came before, or it had ended`,
      );
    } else {
      this.#whole = this.#owned(this.#whole);
      if (isGiven(part.path)) this.#apply(part, 'path');
      else this.#note(part);
    }
    for (const entry of entriesOf(part, 'pending')) this.#announce(entry);
    for (const entry of entriesOf(part, 'incremental')) this.#apply(entry, 'incremental');
    for (const entry of entriesOf(part, 'completed')) this.#complete(entry);
    const whole = this.#whole as unknown as Fields;
    whole.hasNext = hasNext;
    if (!hasNext) this.#close();
    else if (isShown) this.#own.clear();
    return whole;
  }

  #begin({ data, errors, extensions }: Part): void {
    const whole: Fields = {};
    this.#own.add(whole);
    this.#whole = whole;
    if (data !== undefined) whole.data = data;
    if (Array.isArray(errors)) {
      whole.errors = errors;
      for (const error of errors) this.#isNew(error);
    }
    if (isGiven(extensions)) whole.extensions = extensions;
  }

  #close(): void {
    this.#whole = undefined;
    this.#pending.clear();
    this.#errors.clear();
    this.#own.clear();
  }

  #announce(entry: Fields): void {
    // Some draft announced a path without an id; nothing refers to that.
    if (!isGiven(entry.id) && isGiven(entry.path)) return;
    const id = idOf(entry, 'pending');
    if (this.#pending.has(id)) throw invalid('a new id in `pending`', `${shownKey(id)}, which is pending already`);
    this.#pending.set(id, pathOf(entry, 'path'));
  }

  #pathOf(id: string, name: string): Path {
    const path = this.#pending.get(id);
    if (path !== undefined) return path;
    throw invalid(`an \`id\` in \`${name}\` that is pending`, shownKey(id));
  }

  /** An entry of `incremental`, or a part that is one. */
  #apply(entry: Fields, name: string): void {
    this.#note(entry);
    const { data, items } = entry;
    if (!isGiven(entry.id) && isGiven(entry.path)) {
      const path = pathOf(entry, 'path');
      if (isGiven(items)) this.#stream(path, listOf(entry, 'items'), true);
      // Without data a fragment has failed, or an item is null.
      else if (isGiven(data) || (data === null && this.#isNextItem(path))) this.#merge(path, data, true);
      return;
    }
    const path = [...this.#pathOf(idOf(entry, name), name), ...pathOf(entry, 'subPath')];
    if (isGiven(items)) this.#stream(path, listOf(entry, 'items'), false);
    else if (isGiven(data)) this.#merge(path, data, false);
  }

  #complete(entry: Fields): void {
    this.#note(entry);
    if (!isGiven(entry.id) && isGiven(entry.path)) return;
    const id = idOf(entry, 'completed');
    this.#pathOf(id, 'completed');
    this.#pending.delete(id);
  }

  /** Adds the errors and extensions of a part to the whole. */
  #note(entry: Fields): void {
    const whole = this.#whole as Fields;
    const errors = listOf(entry, 'errors').filter((error) => this.#isNew(error));
    if (errors.length > 0) {
      const known = this.#owned(listOf(whole, 'errors') as unknown[]);
      for (const error of errors) known.push(error);
      whole.errors = known;
    }
    if (isRecord(entry.extensions)) {
      const known = this.#owned(isRecord(whole.extensions) ? whole.extensions : {});
      for (const [name, value] of Object.entries(entry.extensions)) set(known, name, value);
      whole.extensions = known;
    }
  }

  /** The older format has a field that two fragments share carried out twice, and its error told twice. */
  #isNew(error: unknown): boolean {
    if (!isRecord(error) || typeof error.message !== 'string') return true;
    if (!Array.isArray(error.path) || !error.path.every(isKey)) return true;
    const key = JSON.stringify([...error.path, error.message]);
    return this.#errors.size < this.#errors.add(key).size;
  }

  /** Merges data into what is at a path. `mayAppend`: it may be a list's next item, as streams once sent them. */
  #merge(path: Path, data: unknown, mayAppend: boolean): void {
    this.#change(path, (old) => {
      if (old === null) return null;
      if (old === undefined) {
        if (mayAppend) return data;
        throw notThere(path);
      }
      if (isPlain(old) !== isPlain(data) || Array.isArray(old) !== Array.isArray(data)) {
        throw invalid(`data for ${described(old)} at ${shownPath(path)}`, described(data));
      }
      return this.#merged(old, data, 0);
    });
  }

  /** Adds items to the list at a path. `isIndexed`: the path may end with the index of the first one. */
  #stream(path: Path, items: readonly unknown[], isIndexed: boolean): void {
    const last = isIndexed ? path.at(-1) : undefined;
    const index = typeof last === 'number' ? last : undefined;
    this.#change(index === undefined ? path : path.slice(0, -1), (old) => {
      if (old === null) return null;
      if (!Array.isArray(old) || (index !== undefined && index > old.length)) throw notThere(path);
      return this.#mergedList(old, items, index ?? old.length, 0);
    });
  }

  /**
   * Changes the value at a path. Below a null nothing is changed: an error has put it there, and the whole result
   * would have nothing else there either.
   */
  #change(path: Path, change: (old: unknown) => unknown): void {
    const keys = ['data', ...path];
    const owners: Array<Fields | unknown[]> = [];
    let old: unknown = this.#whole;
    for (const key of keys) {
      if (old === null) return;
      if (!fits(old, key)) throw notThere(path);
      owners.push(old);
      old = (old as Fields)[key];
    }
    let value = change(old);
    for (let at = owners.length - 1; at >= 0 && value !== old; at -= 1) {
      old = owners[at];
      const owner = this.#owned(owners[at] as Fields);
      set(owner, keys[at] as string | number, value);
      value = owner;
    }
  }

  #isNextItem(path: Path): boolean {
    let is = false;
    const key = path.at(-1);
    if (typeof key === 'number') this.#change(path.slice(0, -1), (list) => ((is = Array.isArray(list) && list.length === key), list));
    return is;
  }

  /** A copy that may be changed. */
  #owned<Owner extends Fields | unknown[]>(owner: Owner): Owner {
    if (this.#own.has(owner)) return owner;
    const copy = Array.isArray(owner) ? (owner.slice() as Owner) : { ...owner };
    this.#own.add(copy);
    return copy;
  }

  /**
   * What two fragments say of the same place. Null prevails, as one of them has failed there; of two lists the longer
   * one, as the other is streamed; of anything else the newer.
   */
  #merged(old: unknown, value: unknown, depth: number): unknown {
    if (old === null || value === null || Object.is(old, value)) return old === null ? old : value;
    if (depth > DEEPEST) throw invalid('data as deep as a document can be', 'data that is nested deeper');
    if (Array.isArray(old) && Array.isArray(value)) return this.#mergedList(old, value, 0, depth);
    if (!isPlain(old) || !isPlain(value)) return value;
    let fields = old;
    for (const name of Object.keys(value)) {
      const isThere = Object.hasOwn(old, name);
      const field = isThere ? this.#merged(old[name], value[name], depth + 1) : value[name];
      if (isThere && field === old[name]) continue;
      fields = this.#owned(fields);
      set(fields, name, field);
    }
    return fields;
  }

  #mergedList(old: unknown[], items: readonly unknown[], from: number, depth: number): unknown[] {
    let list = old;
    items.forEach((item, at) => {
      const index = from + at;
      const value = index < list.length ? this.#merged(list[index], item, depth + 1) : item;
      if (index < list.length && value === list[index]) return;
      list = this.#owned(list);
      list[index] = value;
    });
    return list;
  }
}

const notThere = (path: Path): TransportProtocolError =>
  invalid('parts for paths that are there', `one for ${shownPath(path)}, which is not there`);
