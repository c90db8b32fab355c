// An operation as an async iterator.

import type { Sink } from './types.js';

type End = { readonly error: unknown } | 'done';

/** `subscribe` starts the operation, and returns the function that leaves it. */
export const iterate = <Result>(subscribe: (sink: Sink<Result>) => () => void): AsyncIterableIterator<Result> => {
  const results: Result[] = [];
  let end: End | undefined;
  let wake = (): void => {};
  const finish = (how: End): void => {
    end ??= how;
    wake();
  };
  const leave = subscribe({
    next(result) {
      results.push(result);
      wake();
    },
    error: (error) => finish({ error }),
    complete: () => finish('done'),
  });
  const iterator = (async function* (): AsyncGenerator<Result, undefined> {
    for (;;) {
      while (results.length > 0) yield results.shift() as Result;
      if (end === 'done') return undefined;
      if (end !== undefined) throw end.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  })();
  // Those of a generator would wait for the `next` that waits for a result.
  const stop = async (how: End): Promise<IteratorReturnResult<undefined>> => {
    leave();
    results.length = 0;
    finish(how);
    return { done: true, value: undefined };
  };
  iterator.return = () => stop('done');
  iterator.throw = (error: unknown) => stop({ error });
  return iterator;
};
