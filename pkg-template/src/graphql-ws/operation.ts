// One operation with its sink, as the core sees it.

import type { Consumer, Failure, LastingSettings } from '#glue';
import { call, report } from '../../../src/driver/callbacks.js';
import { isRecord } from '../values.js';
import type { GraphqlWsHost } from './host.js';
import type { SubscribePayload } from './protocol.js';
import { enter, Failing, Handle, notify } from './shared.js';
import type { Sink } from './types.js';
import type { Sent } from './wire.js';

/** What the core is given in the place of a request, which is made when it is sent. */
const NO_REQUEST = 'null';

/** How the core is to treat an operation when its connection is lost. */
const settingsOf = (payload: unknown, repeatMutations: boolean): LastingSettings => {
  const { query, operationName } = isRecord(payload) ? payload : ({} as { [name: string]: unknown });
  const name = typeof operationName === 'string' ? operationName : undefined;
  const kind = typeof query === 'string' ? enter(() => Handle.kindOf(query, name)) : undefined;
  return {
    // A query is sent again as a subscription is: on any number of connections, until the server completes it.
    kind: kind === 'mutation' || kind === undefined ? kind : 'subscription',
    idempotent: repeatMutations,
    resumes: false,
    notices: false,
    limitsWaiting: false,
    waitTimeout: undefined,
  };
};

export class Operation extends Failing implements Consumer, Sent {
  readonly payload: SubscribePayload;
  readonly id: string;
  readonly number: number;
  readonly #host: GraphqlWsHost;
  /** Undefined when it is over. */
  #sink: Sink<any> | undefined;

  /** Starts it. `id`: the user's; by default its number in the core. */
  constructor(host: GraphqlWsHost, payload: SubscribePayload, sink: Sink<any>, id: string | undefined) {
    super();
    this.#host = host;
    this.#sink = sink;
    this.payload = payload;
    const { handle } = host;
    const settings = settingsOf(payload, host.options.repeatMutations === true);
    const number = enter(() => handle.subscribe(NO_REQUEST, undefined, undefined, true, settings, this));
    this.number = number;
    this.id = id ?? String(number);
    host.add(this);
    // The sink is not called before `subscribe` has returned.
    if (enter(() => handle.observe(number))) queueMicrotask(() => notify(() => handle.serve(number)));
  }

  /** The user wants no more. The sink is completed behind what is running. */
  leave(): void {
    if (this.#sink === undefined) return;
    const sink = this.#sink;
    this.#sink = undefined;
    this.#host.mute(this);
    // The core may send the message later, if this is called within a call of its own: for that it is found by its number.
    notify(() => this.#host.handle.leave(this.number));
    queueMicrotask(() => {
      this.#host.remove(this);
      call(() => sink.complete());
    });
  }

  /** It cannot be sent, for this reason. */
  refuse(thrown: unknown): void {
    const sink = this.#over();
    // The server does not know it, so nothing is sent.
    notify(() => this.#host.handle.leave(this.number));
    queueMicrotask(() => call(() => sink?.error(thrown)));
  }

  #over(): Sink<any> | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#host.remove(this);
    return sink;
  }

  // ---- what the core tells --------------------------------------------------------------

  next(result: object): boolean {
    try {
      this.#sink?.next(result);
    } catch (thrown) {
      report(thrown);
    }
    return this.#sink !== undefined;
  }

  complete(): void {
    const sink = this.#over();
    // As behind a server's `complete` in npm `graphql-ws`: when the message has been told to its listeners.
    queueMicrotask(() => call(() => sink?.complete()));
  }

  error(failure: Failure): void {
    const isServers = failure.class === 'TransportQueryError';
    const told = isServers ? failure.payload : this.#host.problem;
    failure.free();
    const sink = this.#over();
    if (isServers || !this.#host.endsWithoutError) call(() => sink?.error(told));
    else call(() => sink?.complete());
  }

  /** WebAssembly has stopped. */
  fail(error: Error): void {
    const sink = this.#over();
    call(() => sink?.error(error));
  }

  // It has none of these: see `settingsOf`.
  interrupted(failure: Failure): void {
    failure.free();
  }
  resumed(): void {}
  active(): void {}
  notActive(failure: Failure | undefined): void {
    failure?.free();
  }
  examine(): boolean {
    return true;
  }
  resume(): void {}
}
