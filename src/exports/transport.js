// The classes that users see, made of what WebAssembly exports.

import { Host } from '../driver/host.js';
import { enter, guarded, panicked } from '../driver/panic.js';
import { optionsLine, trace } from '../driver/trace.js';
import { Answer, Observer, Promises } from './consumers.js';
import { OFFERS, described, readOptions, toJson } from './options.js';
import { readConnect, readRequest } from './request.js';

let handleClass;

/** Sets what gives the class `Handle`, by a function, as it may have to be started first. */
export const provide = (given) => {
  handleClass = given;
};

/** What `handle.wait` waits for the end of; `handle.rs` has the same numbers. */
const CONNECT = 0;
const CLOSE = 1;
const CLOSED = 2;

/** What `handle.look` looks at; `handle.rs` has the same numbers. */
const STATE = 0;
const ADDRESS = 1;
const SUBPROTOCOL = 2;
const ACK_PAYLOAD = 3;
const PING_PAYLOAD = 4;
const PONG_PAYLOAD = 5;

/** `handle.rs` takes the largest number for it. */
const FOR_EVER = 0xffffffff;

/** In the order of the core's. */
const STATES = ['idle', 'connecting', 'ready', 'closing', 'closed'];

const EVENTS = ['connecting', 'opened', 'connected', 'ping', 'pong', 'message', 'closed', 'error'];

/** Starts an operation: WebAssembly's part of it, and the user's signal. `held` is the handle and its host. */
const start = ({ handle, host }, request, consumer, wantsOne) => {
  const { payload, type, sendStop, signal } = request;
  if (signal?.aborted) {
    consumer.aborted = [signal.reason];
    return 0;
  }
  const id = enter(() => handle.start(payload, type, sendStop, wantsOne, consumer));
  if (signal !== undefined) consumer.follow(signal, host, id);
  return id;
};

/** The consumer wants no more. */
const leave = ({ handle }, id, consumer) => {
  enter(() => handle.leave(id));
  consumer.over();
};

/** A promise that WebAssembly settles, unless the action throws. */
const promised = (held, action) =>
  new Promise((resolve, reject) => {
    action(new Answer(held, resolve, reject), held);
  });

/** Iterators that the user may lose without an end. The handle is not held: it goes together with them. */
const iterators = new FinalizationRegistry(({ host, id, consumer }) => consumer.abandon(host, id));

const AsyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype,
);

/** The results of one operation. Leaving the iteration early, in whatever way, stops the operation. */
class Subscription {
  #held;
  #consumer = new Promises();
  #id;

  constructor(held, request) {
    this.#held = held;
    this.#id = start(held, request, this.#consumer, false);
    iterators.register(this, { host: held.host, id: this.#id, consumer: this.#consumer });
  }

  next() {
    const consumer = this.#consumer;
    let polled;
    try {
      polled = this.#held.handle.poll(this.#id);
    } catch (thrown) {
      return Promise.reject(panicked(thrown));
    }
    if (polled === undefined) return consumer.wait(this.#held);
    if (polled !== null && !(polled instanceof Error)) return Promise.resolve({ value: polled, done: false });
    consumer.over();
    if (polled !== null || consumer.aborted !== undefined) return Promise.reject(consumer.reasonFor(polled));
    return Promise.resolve({ value: undefined, done: true });
  }

  async return(value) {
    leave(this.#held, this.#id, this.#consumer);
    return { value, done: true };
  }

  async throw(error) {
    leave(this.#held, this.#id, this.#consumer);
    throw error;
  }

  async [Symbol.asyncDispose]() {
    leave(this.#held, this.#id, this.#consumer);
  }
}

// It gives `Symbol.asyncIterator`, and what hosts add to async iterators.
Object.setPrototypeOf(Subscription.prototype, AsyncIteratorPrototype);

/** An operation that begins anew with each call of `subscribe`. */
class Observable {
  #held;
  #request;

  constructor(held, request) {
    this.#held = held;
    this.#request = request;
    // Libraries ask for it by this symbol, which one of them may have made only now.
    const { observable } = Symbol;
    if (observable !== undefined) Observable.prototype[observable] = Observable.prototype['@@observable'];
  }

  /** By this, libraries ask for it where there is no symbol. */
  ['@@observable']() {
    return this;
  }

  subscribe(next, error, complete) {
    const observer = typeof next === 'object' && next !== null ? next : { next, error, complete };
    return new Observation(this.#held, this.#request, observer);
  }
}

/** One run of an observed operation, to be ended by who started it. */
class Observation {
  #held;
  #id;
  #consumer;

  constructor(held, request, observer) {
    this.#held = held;
    this.#consumer = new Observer(held, observer);
    this.#id = start(held, request, this.#consumer, false);
    if (this.#consumer.aborted !== undefined) this.#consumer.over();
    // It is not called before this returns.
    else if (enter(() => held.handle.observe(this.#id))) queueMicrotask(guarded(() => held.handle.serve(this.#id)));
  }

  unsubscribe() {
    leave(this.#held, this.#id, this.#consumer);
  }

  get closed() {
    return this.#consumer.closed;
  }
}

/** The payload of `ping` or `pong`: an object, or nothing. */
const payloadOf = (payload) => (payload === undefined || payload === null ? undefined : toJson(payload, 'the payload'));

/** One connection to a GraphQL server at a time, and the operations on it. */
export class WebSocketTransport {
  #held;

  constructor(url, options) {
    const Handle = handleClass();
    const { times, answerPings, offer, user } = readOptions(url, options);
    const host = new Host(user);
    const millis = times.map((time) => Math.min(time, FOR_EVER));
    const handle = enter(() => new Handle(...millis, answerPings, offer, host, user.trace !== undefined));
    this.#held = { handle, host };
    if (user.trace !== undefined) trace(host, '!', optionsLine(OFFERS[offer], times, answerPings));
  }

  connect(options) {
    return promised(this.#held, (answer, { handle, host }) => {
      const signal = readConnect(options);
      if (signal?.aborted) throw signal.reason;
      if (signal !== undefined) answer.follow(signal, host, 0);
      enter(() => handle.wait(CONNECT, answer));
    });
  }

  subscribe(document, options) {
    return new Subscription(this.#held, readRequest(document, options));
  }

  observe(document, options) {
    return new Observable(this.#held, readRequest(document, options));
  }

  execute(document, options) {
    return promised(this.#held, (answer, held) => {
      start(held, readRequest(document, options), answer, true);
      if (answer.aborted !== undefined) answer.complete();
    });
  }

  on(event, listener) {
    if (!EVENTS.includes(event)) throw new TypeError(`no such event: the events are ${EVENTS.join(', ')}`);
    if (typeof listener !== 'function') {
      throw new TypeError(`the listener must be a function, but is ${described(listener)}`);
    }
    return this.#held.host.on(event, listener);
  }

  #ping(pong, payload) {
    const text = payloadOf(payload);
    const error = enter(() => this.#held.handle.ping(pong, text));
    if (error !== undefined) throw error;
  }

  sendPing(payload) {
    this.#ping(false, payload);
  }

  sendPong(payload) {
    this.#ping(true, payload);
  }

  close() {
    return promised(this.#held, (answer, { handle }) => enter(() => handle.wait(CLOSE, answer)));
  }

  waitClosed() {
    return promised(this.#held, (answer, { handle }) => enter(() => handle.wait(CLOSED, answer)));
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  #look(at) {
    return enter(() => this.#held.handle.look(at)) ?? null;
  }

  get state() {
    return STATES[this.#look(STATE)];
  }

  get url() {
    return this.#look(ADDRESS);
  }

  get subprotocol() {
    return this.#look(SUBPROTOCOL);
  }

  get payloads() {
    return {
      connectionAck: this.#look(ACK_PAYLOAD),
      ping: this.#look(PING_PAYLOAD),
      pong: this.#look(PONG_PAYLOAD),
    };
  }

  get responseHeaders() {
    return this.#held.host.responseHeaders ?? null;
  }

  get closeReason() {
    return this.#held.host.closeReason;
  }
}
