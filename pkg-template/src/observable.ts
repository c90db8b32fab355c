// The observable that `observe` returns.

import { ObserverConsumer } from './consumers.js';
import type { TransportHost } from './host.js';
import { enter, notify } from './panic.js';
import type { OperationRequest } from './request.js';
import type { Observable as PublicObservable, Observation as PublicObservation, Observer } from './types.js';

/** An operation that starts anew with each call of `subscribe`. */
export class Observable<Result> implements PublicObservable<Result> {
  readonly #host: TransportHost;
  readonly #request: OperationRequest;

  constructor(host: TransportHost, request: OperationRequest) {
    this.#host = host;
    this.#request = request;
    // Libraries look for it by this symbol, which may have been defined since the last time.
    const { observable } = Symbol as { observable?: symbol };
    if (observable !== undefined) {
      Object.defineProperty(Observable.prototype, observable, {
        value: Observable.prototype['@@observable'],
        configurable: true,
        writable: true,
      });
    }
  }

  /** Where there is such a symbol: see the constructor. */
  declare [Symbol.observable]: () => this;

  /** Libraries look for this where there is no such symbol. */
  '@@observable'(): this {
    return this;
  }

  subscribe(
    next?: Observer<Result> | ((result: Result) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): PublicObservation {
    const observer = typeof next === 'object' && next !== null ? next : ({ next, error, complete } as Observer<Result>);
    return new Observation(this.#host, this.#request, observer);
  }
}

/** One run of an observed operation, ended by whoever started it. */
class Observation<Result> implements PublicObservation {
  readonly #consumer: ObserverConsumer<Result>;

  constructor(host: TransportHost, request: OperationRequest, observer: Observer<Result>) {
    const consumer = new ObserverConsumer(host, observer);
    this.#consumer = consumer;
    consumer.start(host, request, 'subscribe');
    const { id } = consumer;
    if (id === undefined || consumer.isOver) return;
    // The observer is not called before `subscribe` has returned.
    if (enter(() => host.handle.observe(id))) queueMicrotask(() => notify(() => host.handle.serve(id)));
  }

  unsubscribe(): void {
    this.#consumer.unsubscribe();
  }

  get closed(): boolean {
    return this.#consumer.isOver;
  }
}
