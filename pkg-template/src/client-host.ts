// The user's side of a client, as the core sees it: what a transport's has, and what outlives connections.

import type { Failure, Host, Settings } from '#glue';
import { toError, type TransportError } from './errors.js';
import { followHost } from './host-events.js';
import { closeReasonOf, TransportHost } from './host.js';
import type { RetryFunctions } from './client-options.js';
import { FOR_EVER, type UserFunction, type UserOptions } from './options.js';
import { notify } from './panic.js';
import type { Attempt, ClientStatus, Failure as PublicFailure } from './types.js';
import { report } from '../../src/driver/callbacks.js';

type Verdict = Parameters<Host['askRetry']>[7];

/** States in which there is nothing that the host's events could change. */
const RESTING: readonly ClientStatus['state'][] = ['idle', 'failed', 'closed'];

export class ClientHost extends TransportHost {
  /** Frozen, and the same object until something in it changes. */
  clientStatus: ClientStatus = Object.freeze({
    state: 'idle',
    reconnecting: false,
    since: Date.now(),
    nextAttempt: null,
    lostAt: null,
    failures: 0,
    error: null,
  });
  readonly #retry: RetryFunctions;
  readonly #followsHost: boolean;
  #attempt: Attempt = { number: 1, reason: 'first', error: null };
  /** The last error of a connection, which is told in several places and is one object. */
  #last: { serial: number; error: TransportError } | undefined;
  #unfollow: (() => void) | undefined;

  constructor(settings: Settings, user: UserOptions, retry: RetryFunctions, hostEvents: boolean) {
    super(settings, user);
    this.#retry = retry;
    this.#followsHost = hostEvents;
  }

  protected override toError(failure: Failure): TransportError {
    const { serial } = failure;
    if (serial !== 0 && serial === this.#last?.serial) {
      failure.free();
      return this.#last.error;
    }
    const error = toError(failure);
    if (serial !== 0) this.#last = { serial, error };
    return error;
  }

  #toErrorOrNull(failure: Failure | undefined): TransportError | null {
    return failure === undefined ? null : this.toError(failure);
  }

  override connecting(retry: boolean, number: number, reason: Attempt['reason'], failure: Failure | undefined): void {
    this.closeReason = null;
    const error = this.#toErrorOrNull(failure);
    // The other dialect is a part of the same attempt.
    if (retry) return;
    this.#attempt = Object.freeze({ number, reason, error });
    this.emit('connecting', this.#attempt);
  }

  override connected(payload: object | undefined, reconnected: boolean): void {
    this.#last = undefined;
    this.emit('connected', { payload: (payload ?? null) as { [name: string]: unknown } | null, reconnected });
  }

  override disconnected(
    ...[code, reason, wasClean, sentCode, sentReason, failure, verdict]: Parameters<Host['disconnected']>
  ): void {
    const closeReason = closeReasonOf([code, reason, wasClean, sentCode, sentReason], this.#toErrorOrNull(failure));
    this.closeReason = closeReason;
    this.forgetSocket();
    this.emit('disconnected', { ...closeReason, verdict });
  }

  /** `disconnected` has told it. */
  override closed(): void {}

  override status(...[state, reconnecting, since, nextAttempt, lostAt, failures, failure]: Parameters<Host['status']>): void {
    const whole = (time: number | undefined) => (time === undefined ? null : Math.round(time));
    this.#show({
      state,
      reconnecting,
      since: Math.round(since),
      nextAttempt: whole(nextAttempt),
      lostAt: whole(lostAt),
      failures,
      error: this.#toErrorOrNull(failure),
    });
  }

  #show(status: ClientStatus): void {
    this.clientStatus = Object.freeze(status);
    this.setAlive(!RESTING.includes(status.state));
    if (RESTING.includes(status.state)) {
      this.#unfollow?.();
      this.#unfollow = undefined;
    } else if (this.#followsHost) {
      this.#unfollow ??= followHost(this.weak);
    }
    this.emit('status', this.clientStatus);
  }

  protected override callUser(given: UserFunction): unknown {
    return given(this.#attempt);
  }

  override askRetry(
    ...[ask, question, failure, wasReady, failures, everReady, uptime, proposed, proposedDelay]: Parameters<Host['askRetry']>
  ): void {
    const told: PublicFailure = Object.freeze({
      error: this.toError(failure),
      during: wasReady ? 'ready' : 'connecting',
      failures,
      everReady,
      uptime,
      proposed,
      proposedDelay,
    });
    if (question === 'verdict') {
      notify(() => this.handle.answerVerdict(ask, this.#decide(told)));
      return;
    }
    const { weak } = this;
    const answer = (given: unknown) => answerDelay(weak, ask, given);
    try {
      const given: unknown = this.#retry.delay?.(told);
      if (typeof (given as PromiseLike<unknown> | undefined)?.then !== 'function') answer(given);
      else Promise.resolve(given).then(answer, (thrown) => (report(thrown), answer(undefined)));
    } catch (thrown) {
      report(thrown);
      answer(undefined);
    }
  }

  /** What `retry.when` says; undefined for what was proposed. */
  #decide(failure: PublicFailure): Verdict | undefined {
    try {
      const verdict: unknown = this.#retry.when?.(failure);
      if (verdict === undefined) return undefined;
      if (verdict === 'retry' || verdict === 'retry-now' || verdict === 'stop') return verdict;
      throw new TypeError("`retry.when` must return 'retry', 'retry-now', 'stop' or undefined");
    } catch (thrown) {
      report(thrown);
      return undefined;
    }
  }

  /** WebAssembly has stopped. */
  override fail(error: TransportError): void {
    if (RESTING.includes(this.clientStatus.state)) return;
    this.giveUp();
    this.emit('error', error);
    this.closeReason = { code: null, reason: '', wasClean: false, sent: null, error };
    this.emit('disconnected', { ...this.closeReason, verdict: 'stop' });
    this.#show({ ...this.clientStatus, state: 'failed', reconnecting: false, since: Date.now(), nextAttempt: null, error });
  }
}

/** A function of its own: a closure made in a method could hold the host for as long as the promise is pending. */
const answerDelay = (weak: WeakRef<TransportHost>, ask: number, given: unknown): void => {
  const handle = weak.deref()?.handle;
  if (handle === undefined) return;
  const isDelay = typeof given === 'number' && given >= 0;
  if (!isDelay && given !== undefined) {
    report(new TypeError('`retry.delay` must return milliseconds from 0 up, or a promise of them'));
  }
  const delay = isDelay ? Math.min(Math.ceil(given), FOR_EVER) : undefined;
  notify(() => handle.answerDelay(ask, delay));
};
