// Who consumes an operation, or waits for `connect` or `close` to end. WebAssembly refers to a consumer until the
// operation is over.

import { Failure, type Consumer, type Handle } from '#glue';
import { TransportError, toError } from './errors.js';
import type { TransportHost } from './host.js';
import { Merger, incomplete, type Part } from './incremental.js';
import { Failing, enter, failure, notify, panicked } from './panic.js';
import type { LastingOperation } from './lasting.js';
import type { OperationRequest } from './request.js';
import { reasonOf } from './signals.js';
import type { Observer } from './types.js';
import { call, report } from '../../src/driver/callbacks.js';

/** What all consumers have in common: whom they hold, the user's signal, and that they end once. */
export abstract class PendingConsumer extends Failing implements Consumer {
  /** Of the operation; undefined if there is none. */
  id: number | undefined;
  /** What a client's operation needs to outlive its connection. */
  lasting: LastingOperation | undefined;
  isOver = false;
  /**
   * Set while somebody waits, as the user may hold nothing but a promise. At other times a lost transport must
   * be free to go, although WebAssembly refers to this consumer.
   */
  protected held: TransportHost | undefined;
  /** Whether parts of a result are merged. */
  protected merges = false;
  /** Of a result whose last part has not come. */
  #merger: Merger | undefined;
  /** How often the user had closed the connection when it was started. */
  #closings = 0;
  #unfollow: (() => void) | undefined;

  abstract next(result: object): boolean;
  abstract complete(): void;
  abstract error(failure: Failure): void;
  /** The user's signal was aborted. */
  abstract abort(reason: unknown): void;

  interrupted(failure: Failure, lostAt: number): void {
    const error = toError(failure);
    this.lasting?.interrupted(error, lostAt);
  }

  resumed(lostAt: number, resumedAt: number, attempts: number, cursor: unknown): void {
    this.lasting?.resumed(lostAt, resumedAt, attempts, cursor);
  }

  active(confirmed: boolean): void {
    this.lasting?.active(confirmed);
  }

  notActive(failure: Failure | undefined): void {
    this.lasting?.notActive(failure === undefined ? undefined : toError(failure));
  }

  examine(result: object): boolean {
    return this.lasting?.examine(result) ?? true;
  }

  resume(ask: number): void {
    this.lasting?.resume(ask);
  }

  /** Starts the operation, unless the signal is aborted already: then there is none. */
  start(host: TransportHost, request: OperationRequest, method: 'subscribe' | 'execute'): void {
    const { payload, query, operationName, sendStop, signal } = request;
    this.merges = request.merges;
    this.#closings = host.closings;
    const lasting = request.lasting?.(host);
    this.lasting = lasting;
    if (signal?.aborted) {
      this.abort(reasonOf(signal));
      return;
    }
    const id = enter(() => host.handle[method](payload, query, operationName, sendStop, lasting?.settings, this));
    this.id = id;
    if (signal !== undefined) this.follow(host, signal, (handle) => handle.leave(id));
  }

  /**
   * What the user gets for a result: itself, or what it makes of the parts before it. `isShown`: whether the user gets
   * the parts too.
   *
   * @throws TransportProtocolError for a part that does not fit
   */
  protected whole(result: Part, isShown = true): object {
    // All that results cost which are whole.
    if (result.hasNext === undefined && result.data !== undefined && this.#merger === undefined) return result;
    if (!this.merges) return result;
    const merger = this.#merger ?? new Merger();
    const whole = merger.add(result, isShown);
    this.#merger = merger.isOpen ? merger : undefined;
    return whole;
  }

  /**
   * What is wrong with an end that the server has told without an error: a last part may be missing. If the user closes
   * the connection within a result, nothing is wrong.
   */
  protected wrongEnd(host: TransportHost | undefined): TransportError | undefined {
    if (this.#merger === undefined || host === undefined) return undefined;
    return host.closings === this.#closings ? incomplete() : undefined;
  }

  /** Whether a last part is missing. */
  protected get isWithinResult(): boolean {
    return this.#merger !== undefined;
  }

  /** Tells the server to stop, after a result that does not fit. */
  protected stop(host: TransportHost | undefined): void {
    const { id } = this;
    if (id !== undefined && host !== undefined) notify(() => host.handle.leave(id));
  }

  /** Resolves when the server has the operation. */
  whenActive(of: object, host: TransportHost): Promise<'confirmed' | 'assumed'> {
    const { id, lasting } = this;
    if (lasting === undefined) return Promise.reject(new TypeError('a transport does not know'));
    return lasting.whenActive(of, () => {
      if (id !== undefined) enter(() => host.handle.watch(id));
    });
  }

  /** Ends this consumer, and calls `stop`, when the signal is aborted. */
  follow(followed: TransportHost, signal: AbortSignal, stop: (handle: Handle) => void): void {
    if (this.isOver) return;
    const { weak } = followed;
    // The signal may outlive the transport, so this refers to it weakly.
    const onAbort = () => {
      if (this.isOver) return undefined;
      this.abort(reasonOf(signal));
      return () => {
        const host = weak.deref();
        if (host !== undefined) notify(() => stop(host.handle));
      };
    };
    try {
      this.#unfollow = followed.follow(signal, onAbort);
    } catch {
      // A hand-made signal that accepts no listeners cannot end anything.
      return;
    }
    // It may have been aborted while the operation was sent.
    if (signal.aborted) onAbort()?.();
  }

  /** The user wants no more. */
  leave(host: TransportHost): void {
    const { id } = this;
    this.over();
    enter(() => id !== undefined && host.handle.leave(id));
  }

  /** Nothing more is to come. */
  over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.held = undefined;
    this.lasting?.ended();
    try {
      this.#unfollow?.();
    } catch {
      // Then the signal keeps its listener, which does nothing any more.
    }
    this.#unfollow = undefined;
  }
}

/** Settles one promise: of `execute`, `connect`, `close` or `waitClosed`. */
export class PromiseConsumer<Value> extends PendingConsumer {
  /** Set when the call that made it has returned. */
  isLate = false;
  readonly #resolve: (value: Value) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(host: TransportHost, resolve: (value: Value) => void, reject: (reason: unknown) => void) {
    super();
    this.held = host;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  next(result: object): boolean {
    let whole;
    try {
      whole = this.whole(result as Part, false);
    } catch (error) {
      const { held } = this;
      this.fail(error as TransportError);
      this.stop(held);
      return false;
    }
    // The answer is the whole.
    if (this.isWithinResult) return true;
    this.over();
    this.#resolve(whole as Value);
    return false;
  }

  complete(): void {
    this.over();
    this.#resolve(undefined as Value);
  }

  error(failure: Failure): void {
    const error = toError(failure);
    this.fail(error.code === 'NO_ANSWER' && this.isWithinResult ? incomplete() : error);
  }

  fail(error: TransportError): void {
    // It may have been aborted.
    if (this.isOver) return;
    this.over();
    // Within the call, its stack is the caller's.
    if (this.isLate) rejectTraced(this.#resolve, this.#reject, error);
    else this.#reject(error);
  }

  abort(reason: unknown): void {
    this.over();
    this.#reject(reason);
  }
}

/** V8's. */
const { captureStackTrace } = Error as { captureStackTrace?(error: Error): void };

/**
 * Rejects a promise with an error whose stack names those who await it, where the host can tell them: V8 follows the
 * chain of promises from where it captures a stack, and an event of the socket is in no such chain. It costs successes
 * nothing.
 */
const rejectTraced = (
  resolve: (value: any) => void,
  reject: (reason: unknown) => void,
  error: unknown,
): Promise<never> | undefined => {
  if (error instanceof TransportError && error !== failure && captureStackTrace !== undefined) {
    const rejection = traced(error);
    resolve(rejection);
    return rejection;
  }
  reject(error);
  return undefined;
};

/** The end that an iterator tells behind its error, whose promise may be rejected a little later. */
const endBehind = async (rejection: Promise<never>): Promise<IteratorResult<never, undefined>> => {
  try {
    await rejection;
  } catch {
    // Another promise tells it, and joins this one in the next step.
    await undefined;
  }
  return { value: undefined, done: true };
};

const traced = async (error: TransportError): Promise<never> => {
  // Once so that `resolve` is called, and once so that it has joined the two promises.
  await undefined;
  await undefined;
  captureStackTrace?.(error);
  throw error;
};

/** Has a promise settled when there is a connection. */
export const connect = (host: TransportHost, consumer: PromiseConsumer<void>, signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw reasonOf(signal);
  const { handle } = host;
  const id = enter(() => handle.nextConnect);
  // Before the call, as a user function or a listener may abort the signal during it.
  if (signal !== undefined) consumer.follow(host, signal, (handle) => handle.abandonConnect(id));
  enter(() => handle.connect(consumer));
};

/** A promise that WebAssembly settles, unless `begin` throws. */
export const promised = <Value>(host: TransportHost, begin: (consumer: PromiseConsumer<Value>) => void): Promise<Value> =>
  new Promise((resolve, reject) => {
    const consumer = new PromiseConsumer<Value>(host, resolve, reject);
    begin(consumer);
    consumer.isLate = true;
  });

interface Waiter<Result> {
  resolve(result: IteratorResult<Result, undefined> | PromiseLike<IteratorResult<Result, undefined>>): void;
  reject(reason: unknown): void;
}

/**
 * Serves the promises of an iterator, in order.
 *
 * Results queue in WebAssembly. When the reader finds the queue empty, WebAssembly starts to hand results over as
 * they come, which spares a call for each; until one comes for which nobody waits. That one is kept here.
 */
export class IteratorConsumer<Result> extends PendingConsumer {
  #waiters: Waiter<Result>[] = [];
  /** Whether WebAssembly hands results over. The end comes the same way. */
  #isHanded = false;
  /** The result for which nobody waited. */
  #slot: Result | undefined;
  /** Whether a result has come, which only a server that has the operation sends. */
  #hasResult = false;
  /** An error for which nobody waited. */
  #unread: { error: unknown } | undefined;
  /** Of the error that the reader was told. */
  #rejection: Promise<never> | undefined;
  #isLost = false;
  /** Notices that came while nobody waited: the reader may not have seen the result before them. */
  readonly #notices: (() => void)[] = [];
  readonly #host: WeakRef<TransportHost>;

  constructor({ weak }: TransportHost) {
    super();
    this.#host = weak;
  }

  override interrupted(failure: Failure, lostAt: number): void {
    const error = toError(failure);
    this.#tell(() => this.lasting?.interrupted(error, lostAt));
  }

  override resumed(...told: Parameters<PendingConsumer['resumed']>): void {
    this.#tell(() => super.resumed(...told));
  }

  /** Calls for a notice when the reader has the results before it, which promises deliver later than they settle. */
  #tell(notice: () => void): void {
    if (this.#waiters.length > 0) queueMicrotask(notice);
    else this.#notices.push(notice);
  }

  /** What `next()` of the iterator returns. */
  read(host: TransportHost): Promise<IteratorResult<Result, undefined>> {
    const result = this.#read(host);
    // Told before the promise delivers what stands behind them, and after the reader has it: it may read on in the call.
    for (const notice of this.#notices.splice(0)) queueMicrotask(notice);
    return result;
  }

  #read(host: TransportHost): Promise<IteratorResult<Result, undefined>> {
    if (this.#isHanded) return this.#wait(host);
    if (this.#slot !== undefined) {
      const value = this.#slot;
      this.#slot = undefined;
      return Promise.resolve({ value, done: false });
    }
    if (this.#unread !== undefined) {
      const { error } = this.#unread;
      this.over();
      return new Promise((resolve, reject) => {
        this.#rejection = rejectTraced(resolve, reject, error);
      });
    }
    if (failure !== undefined) return Promise.reject(failure);
    // WebAssembly may hear only later that it was aborted: of a signal that others follow, they are first.
    if (this.isOver) return new Promise((resolve) => this.#resolveEnd(resolve));
    let taken;
    try {
      taken = this.id === undefined ? null : host.handle.take(this.id);
    } catch (thrown) {
      return Promise.reject(panicked(thrown));
    }
    if (taken === undefined) {
      this.#isHanded = true;
      return this.#wait(host);
    }
    let error;
    if (taken !== null && !(taken instanceof Failure)) {
      this.#hasResult = true;
      try {
        return Promise.resolve({ value: this.whole(taken as Part) as Result, done: false });
      } catch (thrown) {
        error = thrown;
        this.stop(host);
      }
    } else {
      error = taken === null ? this.wrongEnd(host) : toError(taken);
    }
    this.lasting?.ended(error, this.#hasResult);
    this.over();
    // A promise that joins another takes as long for each.
    return error === undefined ? new Promise((resolve) => this.#resolveEnd(resolve)) : Promise.reject(error);
  }

  #wait(host: TransportHost): Promise<IteratorResult<Result, undefined>> {
    this.held = host;
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  next(result: object): boolean {
    this.#hasResult = true;
    let whole;
    try {
      whole = this.whole(result as Part);
    } catch (error) {
      this.abort(error);
      this.stop(this.#host.deref());
      return false;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#slot = whole as Result;
      this.#isHanded = false;
      return false;
    }
    waiter.resolve({ value: whole as Result, done: false });
    if (this.#waiters.length === 0) {
      this.held = undefined;
      if (this.#isLost) this.lose();
    }
    return true;
  }

  complete(): void {
    const error = this.wrongEnd(this.#host.deref());
    this.lasting?.ended(error, this.#hasResult);
    if (!this.isOver) this.#end(error && { error });
  }

  error(failure: Failure): void {
    const error = toError(failure);
    this.lasting?.ended(error);
    if (!this.isOver) this.#end({ error });
  }

  override leave(host: TransportHost): void {
    this.#notices.length = 0;
    this.#end(undefined);
    super.leave(host);
  }

  abort(reason: unknown): void {
    this.lasting?.ended(reason);
    this.#slot = undefined;
    this.#notices.length = 0;
    this.#end({ error: reason });
    // The reason may still be unread.
    super.over();
  }

  fail(error: TransportError): void {
    const waiters = this.#waiters;
    this.over();
    for (const { reject } of waiters) reject(error);
  }

  /** Tells all who wait: the first one the error, if there is one, the others that it is over. */
  #end(unread: { error: unknown } | undefined): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) {
      this.#isHanded = false;
      this.#unread = unread;
      return;
    }
    this.over();
    waiters.forEach(({ resolve, reject }, at) => {
      if (at === 0 && unread !== undefined) this.#rejection = rejectTraced(resolve, reject, unread.error);
      else this.#resolveEnd(resolve);
    });
  }

  #resolveEnd(resolve: Waiter<Result>['resolve']): void {
    resolve(this.#rejection === undefined ? { value: undefined, done: true } : endBehind(this.#rejection));
  }

  /** What has not been read is dropped. */
  override over(): void {
    super.over();
    this.#waiters = [];
    this.#isHanded = false;
    this.#slot = undefined;
    this.#unread = undefined;
  }

  /** The iterator was collected: nobody can ask for more, but promises made before are kept. */
  lose(): void {
    if (this.isOver) return;
    this.#isLost = true;
    if (this.#waiters.length > 0) return;
    const { id } = this;
    const host = this.#host.deref();
    this.over();
    if (id !== undefined && host !== undefined) notify(() => host.handle.leave(id));
  }
}

/** Calls an observer; what that throws is reported. */
export class ObserverConsumer<Result> extends PendingConsumer {
  #observer: Observer<Result> | undefined;

  constructor(host: TransportHost, observer: Observer<Result>) {
    super();
    this.held = host;
    this.#observer = observer;
  }

  override over(): void {
    super.over();
    // It may refer to what refers to this.
    this.#observer = undefined;
  }

  unsubscribe(): void {
    // It is held until this is over.
    if (this.held !== undefined) this.leave(this.held);
  }

  next(result: object): boolean {
    let whole;
    try {
      whole = this.whole(result as Part);
    } catch (error) {
      const { held } = this;
      this.fail(error as TransportError);
      this.stop(held);
      return false;
    }
    // Not by `call`, which would make a closure for each result.
    try {
      this.#observer?.next?.(whole as Result);
    } catch (thrown) {
      report(thrown);
    }
    return !this.isOver;
  }

  complete(): void {
    const error = this.wrongEnd(this.held);
    if (error !== undefined) {
      this.fail(error);
      return;
    }
    const observer = this.#observer;
    this.over();
    if (observer !== undefined) call(() => observer.complete?.());
  }

  error(failure: Failure): void {
    this.fail(toError(failure));
  }

  fail(error: TransportError): void {
    const observer = this.#observer;
    this.over();
    if (observer === undefined) return;
    call(() => {
      // An error that nobody handles must not be lost.
      if (typeof observer.error !== 'function') throw error;
      observer.error(error);
    });
  }

  abort(): void {
    this.over();
  }
}
