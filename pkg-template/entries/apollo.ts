// The entry `wireql/apollo`: a link for Apollo Client 4.

import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { ApolloLink } from '@apollo/client/link';
import { Observable, print } from '@apollo/client/utilities';
import type { ExecutionResult } from './public.js';
import { refusalOf, unlessEmpty, type AdapterOptions, type AnyClient } from '../src/adapters/common.js';

export type { AdapterOptions, AnyClient };

declare module '@apollo/client' {
  interface DefaultContext {
    /** What {@link WireqlLink} is to tell this operation: `onNotice`, `idempotent`, … */
    wireql?: AdapterOptions;
  }
}

/** The parts of the context that other links set for `HttpLink`, and that mean the same here. */
interface HttpContext {
  http?: { includeQuery?: boolean; includeExtensions?: boolean };
  fetchOptions?: { signal?: AbortSignal | null };
}

/**
 * Sends operations of any kind over a client of this package. Errors with which the server refuses an operation arrive
 * as `CombinedGraphQLErrors`, and others (the connection's) as they are. It never closes the client.
 *
 * Of the context it reads `wireql` ({@link AdapterOptions}), and what other links and users set for `HttpLink`:
 * `http.includeQuery`, which `PersistedQueryLink` sets, `http.includeExtensions`, and `fetchOptions.signal`.
 *
 * @example
 * const apollo = new ApolloClient({ cache: new InMemoryCache(), link: new WireqlLink(new Client('wss://example.com/graphql')) });
 */
export class WireqlLink extends ApolloLink {
  readonly client: AnyClient;

  constructor(client: AnyClient) {
    super();
    this.client = client;
  }

  override request(operation: ApolloLink.Operation): Observable<ApolloLink.Result> {
    return new Observable((observer) => {
      const { http, fetchOptions, wireql } = operation.getContext() as HttpContext & { wireql?: AdapterOptions };
      const signal = fetchOptions?.signal ?? undefined;
      // Apollo adds the errors of each part to those before, and the client gives those of the whole.
      const given = new Set<unknown>();
      const isStored = http?.includeQuery === false;
      const observation = this.client
        .observe<Record<string, unknown>>(
          {
            // Printed here: the document may be another than the text that it was parsed from.
            query: isStored ? undefined : print(operation.query),
            variables: unlessEmpty(operation.variables),
            operationName: operation.operationName,
            extensions: http?.includeExtensions === false ? undefined : unlessEmpty(operation.extensions),
          },
          // Of a document the client sees itself what kind it is.
          isStored ? { ...wireql, kind: operation.operationType } : { ...wireql },
        )
        .subscribe({
          next: (result) => observer.next(result.hasNext === undefined ? result : withNewErrors(result, given)),
          error: (error) => observer.error(toApollo(error)),
          complete: () => observer.complete(),
        });
      const onAbort = () => observer.error(signal?.reason);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort);
      return () => {
        signal?.removeEventListener('abort', onAbort);
        observation.unsubscribe();
      };
    });
  }
}

/** With those errors alone that have not been given. */
const withNewErrors = <Result extends ExecutionResult>({ errors, ...result }: Result, given: Set<unknown>): ApolloLink.Result => {
  const added = errors?.filter((error) => !given.has(error)) ?? [];
  for (const error of added) given.add(error);
  return (added.length > 0 ? { ...result, errors: added } : result) as ApolloLink.Result;
};

/** The error that Apollo's users expect. */
const toApollo = (error: unknown): unknown => {
  const refusal = refusalOf(error);
  if (refusal === undefined) return error;
  const { errors, data, extensions } = refusal;
  const combined = new CombinedGraphQLErrors({
    errors,
    ...(data === undefined ? undefined : { data: data as Record<string, unknown> | null }),
    ...(extensions === undefined ? undefined : { extensions }),
  });
  combined.cause = error;
  return combined;
};
