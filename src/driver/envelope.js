// The short way for results: which frames take it, and how little of them has to be parsed.

const CLOSING_BRACE = 125;

/** `id` and `type` in any order, then `payload`. */
const ENVELOPE =
  /^(\{\s*(?:"type"\s*:\s*"(\w+)"\s*,\s*)?"id"\s*:\s*")\d+("\s*,\s*(?:"type"\s*:\s*"(\w+)"\s*,\s*)?"payload"\s*:)/;

/** @param {unknown} value */
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A server writes the envelope of its results the same way each time, but for the id. Once it is known,
 * the payload alone has to be parsed. That is sound: if what stands between the envelope's beginning
 * and the last brace is JSON by itself, the frame is that envelope with that payload, and no more.
 */
export class Envelope {
  /**
   * The type of the results that take the short way; undefined for none.
   *
   * @type {string | undefined}
   */
  next;
  /**
   * The same for the ends of operations.
   *
   * @type {string | undefined}
   */
  complete;

  /**
   * What stands before the id, once that is known, and behind it.
   *
   * @type {string | undefined}
   */
  #before;
  #behind = '';
  /**
   * Of the last frame that began so, if there was one: its beginning, the operation, and where the payload begins.
   *
   * @type {string | undefined}
   */
  #last;
  #id = 0;
  #end = 0;
  #lessons = 0;

  /**
   * @param {string | undefined} next
   * @param {string | undefined} complete
   */
  expect(next, complete) {
    this.next = next;
    this.complete = complete;
  }

  /**
   * Hands a frame with a known envelope on by the short way. Returns whether it did.
   *
   * @param {string} data
   * @param {import('./socket.js').SocketEvents} events
   */
  take(data, events) {
    if (this.next === undefined || !this.#opens(data)) return false;
    let payload;
    try {
      payload = JSON.parse(data.slice(this.#end, -1));
    } catch {
      // There is more in the envelope than we know; as a whole it may still be JSON.
      return false;
    }
    if (!isRecord(payload)) return false;
    events.result(this.#id, payload);
    return true;
  }

  /**
   * Hands a frame that is a result, or an operation's end, for an id such as ours on by the short way. Returns whether it
   * did: any other is to be judged by the core.
   *
   * @param {string} data
   * @param {any} frame
   * @param {import('./socket.js').SocketEvents} events
   */
  takeParsed(data, frame, events) {
    if (this.next === undefined) return false;
    const { type, id, payload } = frame ?? {};
    const isResult = type === this.next;
    if (typeof id !== 'string' || !(isResult ? isRecord(payload) : type === this.complete)) return false;
    const number = Number(id) >>> 0;
    if (`${number}` !== id) return false;
    if (isResult) {
      this.#learn(data);
      events.result(number, payload);
    } else {
      events.complete(number);
    }
    return true;
  }

  /**
   * Whether the frame begins as the known envelope does, and ends as one.
   *
   * @param {string} data
   */
  #opens(data) {
    if (data.charCodeAt(data.length - 1) !== CLOSING_BRACE) return false;
    return (this.#last !== undefined && data.startsWith(this.#last)) || this.#opensFor(data);
  }

  /**
   * The same for another operation than the last time.
   *
   * @param {string} data
   */
  #opensFor(data) {
    const before = this.#before;
    if (before === undefined || !data.startsWith(before)) return false;
    let at = before.length;
    let id = 0;
    for (; at < before.length + 10; at += 1) {
      const digit = data.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      id = id * 10 + digit;
    }
    // Ours begin with no zero and have 32 bits.
    if (id === 0 || data[before.length] === '0' || id > 0xffffffff) return false;
    if (!data.startsWith(this.#behind, at)) return false;
    this.#id = id;
    this.#end = at + this.#behind.length;
    // Not a slice of the frame, which would keep all of it in memory.
    this.#last = `${before}${id}${this.#behind}`;
    return true;
  }

  /**
   * Learns the envelope from a result of one of our operations.
   *
   * @param {string} data
   */
  #learn(data) {
    // One that never writes it the same way is not learned from for ever.
    if ((this.#lessons += 1) > 8) return;
    const [, before, typeBefore, behind, typeBehind] = ENVELOPE.exec(data) ?? [];
    if (before === undefined || behind === undefined) return;
    if ((typeBefore ?? typeBehind) !== this.next || (typeBefore && typeBehind)) return;
    // Flat copies: parts of a frame would keep all of it in memory.
    this.#before = JSON.parse(JSON.stringify(before));
    this.#behind = JSON.parse(JSON.stringify(behind));
    this.#last = undefined;
  }
}
