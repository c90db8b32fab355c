// Who consumes an operation, or waits for the end of `connect` or `close`. WebAssembly refers to a consumer
// until the operation is over, so it is held for as long as something is to come.

import { call, report } from '../driver/callbacks.js';
import { abort } from '../driver/host.js';
import { FAIL } from '../driver/panic.js';

class Consumer {
  /** While somebody waits, the transport is held: the user may hold nothing but the promise. */
  held;
  /** Why the user's signal was aborted, in an array of one, until somebody is told. */
  aborted;
  isOver = false;
  #forget;

  /** Has the signal abort an operation, or `connect`, which has no id but 0. */
  follow(signal, host, id) {
    // A signal is not to hold the transport: only what the consumer is told by.
    const onAbort = () => {
      this.aborted = [signal.reason];
      abort(host, id);
      this.over();
    };
    try {
      signal.addEventListener('abort', onAbort, { once: true });
    } catch {
      // A signal of the user's own making that refuses listeners cannot be heard.
      return;
    }
    this.#forget = () => signal.removeEventListener('abort', onAbort);
  }

  /** There is nothing more to come. */
  over() {
    this.isOver = true;
    this.held = undefined;
    const forget = this.#forget;
    this.#forget = undefined;
    try {
      forget?.();
    } catch {
      // It keeps its listener then.
    }
  }

  /** What was thrown, or why the user has aborted, which is told once. */
  reasonFor(error) {
    const [reason] = this.aborted ?? [error];
    this.aborted = undefined;
    return reason;
  }
}

/** One promise. */
export class Answer extends Consumer {
  constructor(held, resolve, reject) {
    super();
    this.held = held;
    this.resolve = resolve;
    this.reject = reject;
  }

  next(result) {
    this.over();
    this.resolve(result);
  }

  complete() {
    this.over();
    if (this.aborted === undefined) this.resolve();
    else this.reject(this.reasonFor());
  }

  error(error) {
    this.over();
    this.reject(this.reasonFor(error));
  }

  [FAIL](error) {
    this.error(error);
  }
}

/** The promises of an iterator, in their order. */
export class Promises extends Consumer {
  #waiting = [];
  /** What is to be done when nobody waits any more. */
  #last;
  /** Why nothing more can come. */
  #failure;

  wait(held) {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.held = held;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** The iterator is lost: nobody will wait for more. What was promised is kept. */
  abandon(host, id) {
    if (this.isOver) return;
    if (this.#waiting.length > 0) {
      this.#last = () => this.abandon(host, id);
    } else {
      abort(host, id);
      this.over();
    }
  }

  #first() {
    const first = this.#waiting.shift();
    if (this.#waiting.length === 0) {
      this.held = undefined;
      this.#last?.();
    }
    return first;
  }

  next(result) {
    this.#first().resolve({ value: result, done: false });
  }

  complete() {
    this.over();
    if (this.aborted === undefined) this.#first().resolve({ value: undefined, done: true });
    else this.#first().reject(this.reasonFor());
  }

  error(error) {
    this.over();
    this.#first().reject(error);
  }

  [FAIL](error) {
    this.#failure = error;
    while (this.#waiting.length > 0) this.error(error);
  }
}

/** An observer: what it throws is reported. */
export class Observer extends Consumer {
  /** Undefined when it is called no more. */
  #observer;

  constructor(held, observer) {
    super();
    this.held = held;
    this.#observer = observer;
  }

  get closed() {
    return this.#observer === undefined;
  }

  /** It may hold what holds us. */
  over() {
    super.over();
    this.#observer = undefined;
  }

  next(result) {
    // Not by `call`: this is the hot path.
    try {
      this.#observer?.next?.(result);
    } catch (error) {
      report(error);
    }
  }

  complete() {
    const observer = this.#observer;
    this.over();
    if (observer !== undefined) call(() => observer.complete?.());
  }

  error(error) {
    const observer = this.#observer;
    this.over();
    if (observer === undefined) return;
    call(() => {
      // An error that nobody takes is not to be lost.
      if (typeof observer.error !== 'function') throw error;
      observer.error(error);
    });
  }

  [FAIL](error) {
    this.error(error);
  }
}
