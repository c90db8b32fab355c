// One subscription as React's `useSyncExternalStore` wants it.

import type {
  Client,
  ClientOperationOptions,
  Document,
  DocumentText,
  ExecutionResult,
  Notice,
} from '../../entries/public.js';

/** What a component renders of a subscription. The same object until something in it changes. */
export interface SubscriptionState<Data = unknown> {
  /**
   * - `skipped`: there is none, because of `skip`.
   * - `loading`: there is no result yet.
   * - `active`: results come.
   * - `interrupted`: the connection is lost; the subscription goes on when there is one again. The last result stays.
   * - `complete`: the server has ended it, or the client was closed.
   * - `failed`: it has ended with `error`.
   */
  readonly state: 'skipped' | 'loading' | 'active' | 'interrupted' | 'complete' | 'failed';
  /** The last result, with its GraphQL errors. */
  readonly result: ExecutionResult<Data> | undefined;
  /** The `data` of the last result. */
  readonly data: Data | undefined;
  /** What ended the subscription. */
  readonly error: Error | undefined;
}

/** What was given at the last rendering. */
export interface Given<Data> {
  readonly document: Document<Data>;
  readonly rest: ClientOperationOptions<Data>;
  readonly perFrame: boolean | undefined;
  readonly onResult: ((result: ExecutionResult<Data>) => void) | undefined;
  readonly onNotice: ((notice: Notice) => void) | undefined;
}

const NOTHING = { result: undefined, data: undefined, error: undefined };
const SKIPPED = Object.freeze({ state: 'skipped', ...NOTHING } as const);
const LOADING = Object.freeze({ state: 'loading', ...NOTHING } as const);

export class SubscriptionStore<Data> {
  readonly #client: Pick<Client, 'observe'>;
  readonly #given: { readonly current: Given<Data> };
  readonly #initial: SubscriptionState<Data>;
  #state: SubscriptionState<Data>;
  /** What is not rendered before the next frame. */
  #pending: SubscriptionState<Data> | undefined;

  constructor(client: Pick<Client, 'observe'>, given: { readonly current: Given<Data> }, skip: boolean) {
    this.#client = client;
    this.#given = given;
    this.#initial = skip ? SKIPPED : LOADING;
    this.#state = this.#initial;
  }

  /** Nothing but the first state before somebody subscribes, so also on a server, and until hydration is over. */
  readonly state = (): SubscriptionState<Data> => this.#state;

  /** Starts anew each time, as React lets go of a store and takes it again: in StrictMode, say. */
  readonly subscribe = (changed: () => void): (() => void) => {
    this.#pending = undefined;
    this.#state = this.#initial;
    if (this.#initial === SKIPPED) return () => {};
    const { document, rest } = this.#given.current;
    let isOver = false;

    const render = () => {
      const next = this.#pending;
      if (isOver || next === undefined) return;
      this.#pending = undefined;
      this.#state = next;
      changed();
    };
    const update = (part: Partial<SubscriptionState<Data>>, waits = false) => {
      const isWaiting = this.#pending !== undefined;
      this.#pending = { ...(this.#pending ?? this.#state), ...part };
      if (!waits) render();
      else if (!isWaiting) requestAnimationFrame(render);
    };

    const observation = this.#client
      // Any document will do: its overloads tell what variables it needs.
      .observe<Data>(document as DocumentText<Data>, {
        ...rest,
        onNotice: (notice) => {
          const { result } = this.#pending ?? this.#state;
          if (notice.type === 'interrupted') update({ state: 'interrupted' });
          else if (notice.type === 'resumed') update({ state: result === undefined ? 'loading' : 'active' });
          this.#given.current.onNotice?.(notice);
        },
      })
      .subscribe({
        next: (result) => {
          const { perFrame, onResult } = this.#given.current;
          const waits = perFrame === true && typeof requestAnimationFrame === 'function';
          update({ state: 'active', result, data: result.data ?? undefined }, waits);
          onResult?.(result);
        },
        error: (error) => update({ state: 'failed', error: error as Error }),
        complete: () => update({ state: 'complete' }),
      });
    return () => {
      isOver = true;
      observation.unsubscribe();
    };
  };
}
