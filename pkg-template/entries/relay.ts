// The entry `wireql/relay`: functions for a network layer of Relay.

import {
  Observable,
  type FetchFunction,
  type GraphQLResponse,
  type RequestParameters,
  type SubscribeFunction,
  type Variables,
} from 'relay-runtime';
import { refusalOf, unlessEmpty, type AdapterOptions, type AnyClient } from '../src/adapters/common.js';

export type { AdapterOptions, AnyClient };

/** What {@link createFetch} and {@link createSubscribe} may be told. */
export interface RelayOptions extends AdapterOptions {
  /**
   * The part of a request that names a persisted document by its id: servers have different names for it. Default:
   * `(id) => ({ documentId: id })`.
   */
  persisted?: (id: string) => { [name: string]: unknown };
}

/** What both functions need of their arguments. */
type Execute = (request: RequestParameters, variables: Variables) => Observable<GraphQLResponse>;

const executing =
  (client: AnyClient, { persisted = (documentId) => ({ documentId }), ...options }: RelayOptions = {}): Execute =>
  ({ id, text, name, operationKind }, variables) =>
    Observable.create((sink) => {
      const document = id === null || id === undefined ? { query: text } : persisted(id);
      return client
        .observe(
          { ...document, operationName: name, variables: unlessEmpty(variables) },
          // Of a document the client sees itself what kind it is.
          text ? options : { ...options, kind: operationKind },
        )
        .subscribe({
          // Relay's types say that a result without errors has data, which no client can promise.
          next: (result) => sink.next(result as GraphQLResponse),
          error(error) {
            const refusal = refusalOf(error);
            if (refusal === undefined) {
              sink.error(error as Error);
              return;
            }
            // Relay makes the error that its users expect, with `source`, of a result without data.
            sink.next({ data: null, errors: [...refusal.errors] } as unknown as GraphQLResponse);
            sink.complete();
          },
          complete: () => sink.complete(),
        });
    });

/**
 * The first argument of Relay's `Network.create`: sends queries and mutations over a client of this package. Errors with
 * which the server refuses an operation become Relay's own error for a result without data; others (the connection's) are as they
 * are. It never closes the client.
 *
 * @example
 * const network = Network.create(createFetch(client), createSubscribe(client));
 */
export const createFetch = (client: AnyClient, options?: RelayOptions): FetchFunction => executing(client, options);

/** The second argument of Relay's `Network.create`: the same as {@link createFetch}, for subscriptions. */
export const createSubscribe = (client: AnyClient, options?: RelayOptions): SubscribeFunction => executing(client, options);
