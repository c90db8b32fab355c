// The user's side of the core for `createClient`. Where the rules of npm `graphql-ws` differ from those of `Client`, the
// core asks here: for the verdict on a problem, for the delay, for a socket.

import type { Failure, Handle as CoreHandle, Host, Settings } from '#glue';
import { report } from '../../../src/driver/callbacks.js';
import type { Emitter } from './emitter.js';
import type { Operation } from './operation.js';
import { isCloseLike, isFatal, isNormalClosure, TerminatedCloseEvent } from './problems.js';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from './protocol.js';
import { enter, Failing, Handle, notify } from './shared.js';
import type { ClientOptions } from './types.js';
import { isLimit, type Sent, type SocketClass, Wire, type WireOwner } from './wire.js';

/** A connection that was closed with 1000 sooner is a refusal: the next attempt waits. */
const SHORT_LIFE = 1_000;

/** At least so long, whatever the user's `retryWait` says. */
const LEAST_WAIT = 100;

const RETRY_ATTEMPTS = 5;

/** The default of `retryWait`. */
const backOff = (retries: number): Promise<void> => sleep(2 ** retries * 1_000 + 300 + Math.random() * 2_700);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void globalThis.setTimeout(resolve, ms));

/** The options that the core obeys. `createClient` does the rest, or lets the user do it. */
const settingsOf = ({ lazy, lazyCloseTimeout }: ClientOptions, isFirst: boolean): Settings => ({
  answerPings: false,
  offersSubprotocols: true,
  preferred: GRAPHQL_TRANSPORT_WS_PROTOCOL,
  other: undefined,
  traced: false,
  client: {
    lazy: lazy !== false || !isFirst,
    // What is left and begun in one turn shares a connection, so 0 is a little more.
    idleTimeout: isLimit(lazyCloseTimeout) ? Math.min(Math.ceil(lazyCloseTimeout), 2 ** 31 - 1) : 1,
    waitTimeout: undefined,
    probeTimeout: undefined,
    renewsCredentials: false,
    keepsAttempts: true,
    seed: Math.random(),
    retry: {
      attempts: undefined,
      initialAttempts: undefined,
      // Only for a loss that no operation waited behind: see `AskDelay`.
      baseDelay: 1_000,
      maxDelay: 30_000,
      minUptime: 5_000,
      asksVerdict: true,
      asksDelay: true,
      spacing: 0,
    },
  },
});

export class GraphqlWsHost extends Failing implements Host, WireOwner {
  readonly handle: CoreHandle;
  readonly emitter: Emitter;
  readonly options: ClientOptions;
  readonly socketClass: SocketClass;
  /** What the last connection, or attempt at one, ended with. */
  problem: unknown;
  /** Whether the client is disposed of. */
  isDisposed = false;
  /** Whether an attempt follows a problem that counts, and how many such attempts there were. */
  isRetry = false;
  #retries = 0;
  /** How many connections in a row were closed with 1000 as soon as they were made. */
  #refusals = 0;
  /** How long the last connection lasted, in milliseconds. */
  #lifetime = 0;
  /** Whether `retryWait` failed, so that there is no other attempt. */
  #isFinal = false;
  #url: unknown;
  #wire: Wire | undefined;
  #isBusy = false;
  /** Whether nobody has been told yet that a client which is not lazy has ended for good. */
  #tellsNonLazy: boolean;
  readonly #operations = new Map<string, Operation>();
  readonly #numbers = new Map<number, Operation>();

  /** `before`: the host that was disposed of, if there was one. */
  constructor(options: ClientOptions, socketClass: SocketClass, emitter: Emitter, before?: GraphqlWsHost) {
    super();
    this.options = options;
    this.socketClass = socketClass;
    this.emitter = emitter;
    this.#tellsNonLazy = options.lazy === false && before === undefined;
    if (before !== undefined) this.#wire = before.#wire;
    this.handle = enter(() => new Handle(settingsOf(options, before === undefined), this));
  }

  // ---- what the user does ---------------------------------------------------------------

  terminate(): void {
    const wire = this.#wire;
    if (wire !== undefined && !wire.isGone) wire.terminate();
    else if (this.#isBusy) this.emitter.emit('closed', new TerminatedCloseEvent());
  }

  dispose(): void {
    this.isDisposed = true;
    const wire = this.#wire;
    // Its end is that of the operations.
    if (wire !== undefined && !wire.isLost) wire.dispose();
    else notify(() => this.handle.close({ complete() {}, error: (failure: Failure) => failure.free() } as never));
  }

  // ---- operations -----------------------------------------------------------------------

  add(operation: Operation): void {
    this.#operations.set(operation.id, operation);
    this.#numbers.set(operation.number, operation);
  }

  remove(operation: Operation): void {
    this.#numbers.delete(operation.number);
    this.mute(operation);
  }

  /** What comes for it is not handed on. */
  mute(operation: Operation): void {
    // The user may have given the id to another one.
    if (this.#operations.get(operation.id) === operation) this.#operations.delete(operation.id);
  }

  operationOf(id: string): Sent | undefined {
    return this.#operations.get(id);
  }

  operationOfNumber(number: number): Sent | undefined {
    return this.#numbers.get(number);
  }

  refuse({ number }: Sent, thrown: unknown): void {
    this.#numbers.get(number)?.refuse(thrown);
  }

  /** Whether what ends now ends as the user wanted it. */
  get endsWithoutError(): boolean {
    return this.isDisposed && !isFatal(this.problem);
  }

  // ---- making a connection --------------------------------------------------------------

  ask(ask: number, question: 'url' | 'initPayload'): void {
    if (question === 'initPayload') {
      // It is asked for when the socket is open.
      notify(() => this.handle.answer(ask, undefined));
    } else if (this.#isFinal) {
      notify(() => this.handle.answerFailed(ask, '', undefined));
    } else if (this.#wire === undefined) {
      this.#announce(ask);
    } else {
      // So that nobody hears of the end of the old connection behind the beginning of the new one.
      this.#wire.whenGone(() => this.#announce(ask));
    }
  }

  #announce(ask: number): void {
    if (this.isDisposed) return;
    const { url } = this.options;
    try {
      this.emitter.emit('connecting', this.isRetry);
      if (typeof url !== 'function') {
        this.#open(ask, url);
        return;
      }
      Promise.resolve(url()).then(
        (url) => this.#open(ask, url),
        (thrown) => this.#refuse(ask, thrown),
      );
    } catch (thrown) {
      this.#refuse(ask, thrown);
    }
  }

  #open(ask: number, url: unknown): void {
    this.#url = url;
    // The core does not need to know where to.
    notify(() => this.handle.answer(ask, 'ws:'));
  }

  #refuse(ask: number, thrown: unknown): void {
    this.#failed(thrown);
    notify(() => this.handle.answerFailed(ask, '', undefined));
  }

  /** A function of the user's failed where npm `graphql-ws` would not hear of it. */
  #failed(thrown: unknown): void {
    this.problem = thrown;
    this.#lifetime = 0;
    this.emitter.tell('error', thrown);
  }

  open(): WebSocket {
    try {
      this.#wire = new Wire(new this.socketClass(this.#url, GRAPHQL_TRANSPORT_WS_PROTOCOL), this);
    } catch (thrown) {
      this.#failed(thrown);
      throw thrown;
    }
    return this.#wire as unknown as WebSocket;
  }

  describe(): string {
    return '';
  }

  ready(): void {
    this.isRetry = false;
    this.#retries = 0;
  }

  // ---- losing one -----------------------------------------------------------------------

  lost(problem: unknown, lifetime: number): void {
    this.problem = problem;
    this.#lifetime = lifetime;
  }

  askRetry(ask: number, question: 'verdict' | 'delay', failure: Failure): void {
    failure.free();
    if (question === 'delay') void this.#wait(ask);
    else this.#judge(ask);
  }

  #judge(ask: number): void {
    const goesOn = this.#goesOn();
    if (!goesOn) this.#reset();
    notify(() => this.handle.answerVerdict(ask, goesOn ? 'retry' : 'stop'));
    if (goesOn || !this.#tellsNonLazy) return;
    this.#tellsNonLazy = false;
    if (!this.endsWithoutError) this.#tellNonLazy();
  }

  /** The verdict, in the order of npm `graphql-ws`. */
  #goesOn(): boolean {
    if (this.#isFinal) return false;
    const { problem } = this;
    const { fatal, retryAttempts = RETRY_ATTEMPTS, shouldRetry = isCloseLike, isFatalConnectionProblem } = this.options;
    try {
      const proposed = isFatal(problem);
      if (fatal === undefined ? proposed : fatal(problem, proposed)) return false;
      if (this.isDisposed) return false;
      // Nobody would ask without an operation.
      if (isNormalClosure(problem)) return true;
      if (!(this.#retries < retryAttempts)) return false;
      if (!shouldRetry(problem) || isFatalConnectionProblem?.(problem)) return false;
    } catch (thrown) {
      this.problem = thrown;
      return false;
    }
    this.isRetry = true;
    return true;
  }

  #reset(): void {
    this.isRetry = false;
    this.#retries = 0;
    this.#refusals = 0;
    this.#isFinal = false;
  }

  #tellNonLazy(): void {
    const { onNonLazyError = console.error } = this.options;
    try {
      onNonLazyError?.(this.problem);
    } catch (thrown) {
      report(thrown);
    }
  }

  /** Has the next attempt begin when the user's function says so. */
  async #wait(ask: number): Promise<void> {
    try {
      await this.#waited();
    } catch (thrown) {
      this.#failed(thrown);
      this.#isFinal = true;
    }
    notify(() => this.handle.answerDelay(ask, 0));
  }

  async #waited(): Promise<void> {
    const { retryWait = backOff, retryAttempts = RETRY_ATTEMPTS } = this.options;
    if (this.isRetry) {
      await retryWait(this.#retries);
      this.#retries += 1;
    } else if (this.#lifetime < SHORT_LIFE) {
      // It may be for ever, so the number stays one that the user's function knows.
      const refusals = Math.min(this.#refusals, Math.max(retryAttempts - 1, 0));
      this.#refusals += 1;
      await Promise.all([retryWait(refusals), sleep(LEAST_WAIT)]);
    } else {
      this.#refusals = 0;
    }
  }

  // ---- what the core tells --------------------------------------------------------------

  status(...[state, , , , , , failure]: Parameters<Host['status']>): void {
    failure?.free();
    this.#isBusy = !['idle', 'failed', 'closed'].includes(state);
    // Nothing waits any more: what comes is no retry.
    if (state === 'idle') this.#reset();
  }

  /** WebAssembly has stopped, of which the operations are told too. */
  fail(error: Error): void {
    this.emitter.tell('error', error);
    this.#wire?.dispose();
  }

  // The wire tells of all this, by the host's own events.
  connecting(...[, , , failure]: Parameters<Host['connecting']>): void {
    failure?.free();
  }
  disconnected(...[, , , , , failure]: Parameters<Host['disconnected']>): void {
    failure?.free();
  }
  ending(...[, , , , , failure]: Parameters<Host['ending']>): void {
    failure?.free();
  }
  closed(...[, , , , , failure]: Parameters<Host['closed']>): void {
    failure?.free();
  }
  error(failure: Failure): void {
    failure.free();
  }
  opened(): void {}
  authorise(): void {}
  connected(): void {}
  ping(): void {}
  pong(): void {}
  message(): void {}
  trace(): void {}
}
