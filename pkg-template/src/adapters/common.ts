// What the adapters have in common. They import only types of the rest of the package, so each works with every entry.

import type { Client, ClientOperationOptions, GraphQLErrorObject } from '../../entries/public.js';

/** A `Client` of any entry of this package. */
export type AnyClient = Pick<Client, 'observe'>;

/** What an operation may be told beside what the library says of it. Not `signal`, as libraries have ways of their own to leave; and not `incremental`, as they merge only the format that they know. */
export type AdapterOptions = Omit<
  ClientOperationOptions,
  'variables' | 'operationName' | 'extensions' | 'kind' | 'signal' | 'incremental'
>;

/** What the server said when it refused an operation or broke it off. */
export interface Refusal {
  readonly errors: ReadonlyArray<GraphQLErrorObject>;
  readonly data?: unknown;
  readonly extensions?: { readonly [name: string]: unknown };
}

/** The GraphQL errors in a `TransportQueryError`; undefined for any other error. By its properties, as each entry has classes of its own. */
export const refusalOf = (error: unknown): Refusal | undefined => {
  const { code, errors } = error as Error & { code?: unknown; errors?: unknown };
  return code === 'QUERY_ERROR' && Array.isArray(errors) && errors.length > 0 ? (error as Refusal & Error) : undefined;
};

/** Libraries hold empty objects where they have nothing to send. */
export const unlessEmpty = <Part extends object>(part: Part | null | undefined): Part | undefined =>
  part && Object.keys(part).length > 0 ? part : undefined;
