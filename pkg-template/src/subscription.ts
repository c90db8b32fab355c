// The async iterator that `subscribe` returns.

import { IteratorConsumer } from './consumers.js';
import type { TransportHost } from './host.js';
import type { OperationRequest } from './request.js';
import type { LiveSubscription as PublicLiveSubscription, Subscription as PublicSubscription } from './types.js';

/** Users may lose an iterator without ending it. Made at the first use; a host may have no such class. */
let iterators: FinalizationRegistry<IteratorConsumer<unknown>> | undefined;

const watchLoss = (iterator: object, consumer: IteratorConsumer<any>): void => {
  if (typeof FinalizationRegistry !== 'function') return;
  iterators ??= new FinalizationRegistry((lost) => lost.lose());
  iterators.register(iterator, consumer);
};

/** The results of one operation. Leaving the iteration early, in whatever way, stops the operation. */
export class Subscription<Result> implements PublicSubscription<Result> {
  protected readonly host: TransportHost;
  /** Apart from this object, so that WebAssembly can refer to it and this can be collected. */
  protected readonly consumer: IteratorConsumer<Result>;

  constructor(host: TransportHost, request: OperationRequest) {
    this.host = host;
    this.consumer = new IteratorConsumer(host);
    this.consumer.start(host, request, 'subscribe');
    if (this.consumer.id !== undefined) watchLoss(this, this.consumer);
  }

  next(): Promise<IteratorResult<Result, undefined>> {
    return this.consumer.read(this.host);
  }

  async return(value?: any): Promise<IteratorResult<Result, any>> {
    this.consumer.leave(this.host);
    return { value: await value, done: true };
  }

  async throw(error?: any): Promise<IteratorResult<Result, any>> {
    this.consumer.leave(this.host);
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.consumer.leave(this.host);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** That of a client, which tells when the server has the operation. */
export class LiveSubscription<Result> extends Subscription<Result> implements PublicLiveSubscription<Result> {
  get active(): Promise<'confirmed' | 'assumed'> {
    return this.consumer.whenActive(this, this.host);
  }
}

// It has what hosts add to async iterators. Where a compiler has made other functions of async generators (React
// Native), these have no prototype to find that by.
const { prototype } = Object.getPrototypeOf(async function* () {}) as { prototype?: object };
if (prototype !== undefined) Object.setPrototypeOf(Subscription.prototype, Object.getPrototypeOf(prototype));
// Hermes has no such symbol in older versions, and compilers look for this in its place.
if (Symbol.asyncIterator === undefined) {
  Object.defineProperty(Subscription.prototype, '@@asyncIterator', {
    value(this: Subscription<unknown>) {
      return this;
    },
  });
}
