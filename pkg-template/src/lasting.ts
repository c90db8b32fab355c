// What a client's operation needs to outlive its connection, on the user's side: notices, `active`, `resume`.

import type { LastingSettings } from '#glue';
import { TransportClosedError, type TransportError } from './errors.js';
import type { TransportHost } from './host.js';
import { isContinuation, type Part } from './incremental.js';
import { Notice } from './notice.js';
import { notify } from './panic.js';
import type { ResumeOptions } from './types.js';
import { call, messageOf, report } from '../../src/driver/callbacks.js';

/** The user's functions, checked. */
export interface LastingFunctions {
  readonly onNotice: ((notice: Notice) => void) | undefined;
  readonly resume: (ResumeOptions<any, any> & { dedupe: number }) | undefined;
  readonly variables: object;
  /** Whether parts of a result are merged. */
  readonly merges: boolean;
  /** The request as JSON text, with other variables. */
  readonly withVariables: (variables: unknown) => string;
}

type Active = 'confirmed' | 'assumed';

interface Awaited {
  readonly promise: Promise<Active>;
  resolve(how: Active): void;
  reject(error: unknown): void;
  /** The iterator, until it is settled: who waits may hold nothing else, and a lost iterator leaves the operation. */
  of: object | undefined;
}

const left = (): TransportError =>
  new TransportClosedError('the operation was left, or the client closed, before the server was known to have it', {
    code: 'OPERATION_LEFT',
    ends: 'operation',
  });

/** What one operation remembers. WebAssembly refers to it, so it refers weakly to the host. */
export class LastingOperation {
  readonly settings: LastingSettings | undefined;
  readonly #functions: LastingFunctions;
  readonly #host: WeakRef<TransportHost>;
  #active: Awaited | undefined;
  #isOver = false;
  /** Whether a result has come, and what it ended with. */
  #hasResult = false;
  #error: unknown;
  #cursor: unknown;
  /** Of an incremental result whose last part has not come: its cursor, or that it came before. */
  #open: { cursor: unknown; isKnown: boolean } | undefined;
  /** The last cursors, to find results that come again. */
  readonly #recent: unknown[] = [];

  constructor({ weak }: TransportHost, settings: LastingSettings | undefined, functions: LastingFunctions) {
    this.#host = weak;
    this.settings = settings;
    this.#functions = functions;
  }

  // ---- notices ------------------------------------------------------------------------

  interrupted(error: TransportError, lostAt: number): void {
    this.#notice(new Notice('interrupted', { error, lostAt }));
  }

  resumed(lostAt: number, resumedAt: number, attempts: number, cursor: unknown): void {
    this.#notice(new Notice('resumed', { lostAt, resumedAt, attempts, ...(cursor === undefined ? {} : { cursor }) }));
  }

  #notice(notice: Notice): void {
    const { onNotice } = this.#functions;
    if (onNotice !== undefined) call(onNotice, notice);
  }

  // ---- whether the server has it --------------------------------------------------------

  /**
   * Made when it is first read, as nobody may handle its rejection otherwise. `of`: the iterator. `watch`: has
   * WebAssembly tell.
   */
  whenActive(of: object, watch: () => void): Promise<Active> {
    if (this.#active === undefined) {
      let resolve!: (how: Active) => void;
      let reject!: (error: unknown) => void;
      const promise = new Promise<Active>((...functions) => ([resolve, reject] = functions));
      this.#active = { promise, resolve, reject, of };
      if (!this.#isOver) watch();
      else this.#settleByEnd();
    }
    return this.#active.promise;
  }

  active(confirmed: boolean): void {
    this.#settle((active) => active.resolve(confirmed ? 'confirmed' : 'assumed'));
  }

  notActive(error: TransportError | undefined): void {
    this.#settle((active) => active.reject(error ?? left()));
  }

  #settle(how: (active: Awaited) => void): void {
    if (this.#active === undefined) return;
    how(this.#active);
    this.#active.of = undefined;
  }

  /** It has ended as the consumer is told, by an error or by itself; without either it was left. */
  ended(error?: unknown, hasResult = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#hasResult = hasResult;
    this.#settleByEnd();
  }

  #settleByEnd(): void {
    this.#settle((active) => {
      if (this.#error === undefined && this.#hasResult) active.resolve('confirmed');
      else active.reject(this.#error ?? left());
    });
  }

  // ---- where it goes on -------------------------------------------------------------------

  /**
   * Whether a result is one that did not come before. Results that are merged have the cursor of their first part, and
   * it counts when the last one has come: what is lost within a result is asked for again.
   */
  examine(result: object): boolean {
    const { resume, merges } = this.#functions;
    if (resume === undefined) return true;
    const continues = merges && isContinuation(result as Part, this.#open !== undefined);
    const { cursor, isKnown } = (continues && this.#open) || this.#place(resume, result);
    const isPart = merges && (result as Part).hasNext === true;
    this.#open = isPart ? { cursor, isKnown } : undefined;
    if (isPart || isKnown || cursor === undefined) return !isKnown;
    this.#cursor = cursor;
    if (resume.dedupe > 0 && this.#recent.push(cursor) > resume.dedupe) this.#recent.shift();
    return true;
  }

  /** The cursor of a result, and whether one of the last had the same. */
  #place(resume: NonNullable<LastingFunctions['resume']>, result: object): { cursor: unknown; isKnown: boolean } {
    let cursor: unknown;
    try {
      cursor = resume.cursor(result);
    } catch (thrown) {
      report(thrown);
    }
    return { cursor, isKnown: cursor !== undefined && this.#recent.some((known) => Object.is(known, cursor)) };
  }

  /** Answers with the request to go on with. */
  resume(ask: number): void {
    const { resume, variables, withVariables } = this.#functions;
    const cursor = this.#cursor;
    const host = this.#host;
    const answer = (text: string | undefined) => {
      const handle = host.deref()?.handle;
      if (handle !== undefined) notify(() => handle.answerRequest(ask, text, cursor));
    };
    const fail = (thrown: unknown) => {
      const handle = host.deref()?.handle;
      if (handle !== undefined) notify(() => handle.answerRequestFailed(ask, messageOf(thrown), thrown));
    };
    if (resume === undefined || cursor === undefined) {
      answer(undefined);
      return;
    }
    const begin = () => resume.variables(cursor, variables);
    let given: unknown;
    try {
      given = begin();
      if (typeof (given as PromiseLike<unknown> | undefined)?.then !== 'function') {
        answer(withVariables(given));
        return;
      }
    } catch (thrown) {
      fail(thrown);
      return;
    }
    Promise.resolve(given).then((settled) => answer(withVariables(settled))).catch(fail);
  }
}
