// The entry `wireql/urql`: exchanges for urql, `@urql/core` 6.

import { subscriptionExchange, type Exchange, type ExecutionResult, type SubscriptionForwarder } from '@urql/core';
import { refusalOf, unlessEmpty, type AdapterOptions, type AnyClient } from '../src/adapters/common.js';

export type { AdapterOptions, AnyClient };

/**
 * The option of that name of urql's `subscriptionExchange`: sends subscriptions over a client of this package, while
 * queries and mutations go another way. Errors with which the server refuses an operation arrive as `graphQLErrors`,
 * and others (the connection's) as `networkError`. It never closes the client.
 *
 * Of an operation's context it reads `wireql` ({@link AdapterOptions}): `onNotice`, `idempotent`, …
 *
 * @example
 * const exchanges = [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription: forwardSubscription(client) })];
 */
export const forwardSubscription =
  (client: AnyClient): SubscriptionForwarder =>
  ({ query, documentId, variables, operationName, extensions }, { kind, context }) => ({
    subscribe(observer) {
      const { wireql } = context as { wireql?: AdapterOptions };
      const isStored = !query;
      // urql takes the errors of one result for those of all that follow, unless they say that they have none.
      let hadErrors = false;
      return client
        .observe(
          { query, documentId, operationName, variables: unlessEmpty(variables), extensions: unlessEmpty(extensions) },
          // Of a document the client sees itself what kind it is.
          isStored && kind !== 'teardown' ? { ...wireql, kind } : { ...wireql },
        )
        .subscribe({
          next(result) {
            observer.next((hadErrors && !result.errors ? { ...result, errors: [] } : result) as ExecutionResult);
            hadErrors = (result.errors?.length ?? 0) > 0;
          },
          error(error) {
            const refusal = refusalOf(error);
            if (refusal === undefined) {
              observer.error(error);
              return;
            }
            // Given as an error, it would leave the subscription running in urql: whoever asks for the same would wait for ever.
            observer.next({ errors: [...refusal.errors], hasNext: false } as ExecutionResult);
            observer.complete();
          },
          complete: () => observer.complete(),
        });
    },
  });

/**
 * An exchange that sends operations of every kind over a client of this package: see {@link forwardSubscription}.
 *
 * @example
 * const urql = createClient({ url: '/graphql', exchanges: [cacheExchange, wireqlExchange(client)] });
 */
export const wireqlExchange = (client: AnyClient): Exchange =>
  subscriptionExchange({ forwardSubscription: forwardSubscription(client), enableAllOperations: true });
