// One operation of a client's, for a test to answer.

import { outlinesOf, type Outline } from '../outline.js';
import type { ExecutionResult, GraphQLErrorObject } from '../types.js';
import type { Request } from './dialects.js';

/** What became of an operation. */
export type OperationState = 'live' | 'completed' | 'failed' | 'left' | 'lost';

/** How the frames of an operation's answers are sent. */
export interface Answers {
  next(result: ExecutionResult): void;
  error(errors: readonly GraphQLErrorObject[]): void;
  complete(): void;
}

/** What answers an operation: its results, or a function that gives them or answers by hand. */
export type OperationHandler =
  | Iterable<ExecutionResult>
  | ExecutionResult
  | ((operation: MockOperation) => Answer | PromiseLike<Answer>);
type Answer = Iterable<ExecutionResult> | AsyncIterable<ExecutionResult> | ExecutionResult | void;

/** One operation that a client has started. */
export class MockOperation {
  /** Its id on the wire. */
  readonly id: string;
  readonly kind: Outline['kind'] | undefined;
  /** `operationName`, or the operation's name in the document; `undefined` without one. */
  readonly name: string | undefined;
  /** The first field that it selects. */
  readonly field: string | undefined;
  readonly query: string;
  readonly variables: { readonly [name: string]: unknown };
  readonly extensions: { readonly [name: string]: unknown };
  /** Resolves when it is over: by you, by the client, or with the connection. */
  readonly ended: Promise<OperationState>;
  #state: OperationState = 'live';
  #end!: (state: OperationState) => void;
  readonly #answers: Answers;

  /** @internal */
  constructor(id: string, request: Request, answers: Answers) {
    this.id = id;
    this.query = String(request.query ?? '');
    const outlines = outlinesOf(this.query);
    const outline = outlines.find(({ name }) => name === (request.operationName ?? undefined)) ?? outlines[0];
    this.kind = outline?.kind;
    this.name = request.operationName ?? outline?.name;
    this.field = outline?.field;
    this.variables = (request.variables as { [name: string]: unknown } | undefined) ?? {};
    this.extensions = request.extensions ?? {};
    this.#answers = answers;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  get state(): OperationState {
    return this.#state;
  }

  /** Sends a result. What is sent once it is over goes nowhere, as with a server whose client has left meanwhile. */
  next(result: ExecutionResult): void {
    if (this.#state === 'live') this.#answers.next(result);
  }

  /** Ends it with errors, or with one of this message. */
  error(errors: string | readonly GraphQLErrorObject[]): void {
    if (this.#state !== 'live') return;
    this.#answers.error(typeof errors === 'string' ? [{ message: errors }] : errors);
    this.ends('failed');
  }

  /** Ends it. */
  complete(): void {
    if (this.#state !== 'live') return;
    this.#answers.complete();
    this.ends('completed');
  }

  /** @internal */
  ends(state: OperationState): void {
    if (this.#state !== 'live') return;
    this.#state = state;
    this.#end(state);
  }
}

const isIterable = (answer: any): answer is Iterable<ExecutionResult> | AsyncIterable<ExecutionResult> =>
  typeof answer?.[Symbol.iterator] === 'function' || typeof answer?.[Symbol.asyncIterator] === 'function';

/** Has a handler answer. What it throws ends the operation with an error, as a resolver's does. */
export const answer = async (operation: MockOperation, handler: OperationHandler): Promise<void> => {
  try {
    const given = typeof handler === 'function' ? await handler(operation) : handler;
    // It answers by hand.
    if (given === undefined) return;
    if (!isIterable(given)) operation.next(given);
    else {
      const results = (given as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]?.() ?? (given as Iterable<ExecutionResult>)[Symbol.iterator]();
      // A generator that waits is told when the client leaves.
      void operation.ended.then((state) => state !== 'completed' && void results.return?.());
      for (;;) {
        const { done, value } = await results.next();
        if (done || operation.state !== 'live') break;
        operation.next(value);
      }
    }
    operation.complete();
  } catch (error: any) {
    operation.error(String(error?.message ?? error));
  }
};
