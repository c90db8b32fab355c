// What JSON would lose is refused, and variables that a document requires must be given.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { Client, WebSocketTransport } from 'wireql';

class Filter {
  name = 'a';
}

async function values(transport: WebSocketTransport, client: Client) {
  const promise = Promise.resolve({ token: 'x' });
  // @ts-expect-error: a promise has to be awaited
  new WebSocketTransport('ws://server', { initPayload: promise });
  // @ts-expect-error: a Map has no JSON
  new WebSocketTransport('ws://server', { initPayload: new Map() });
  // @ts-expect-error: nor has a Set
  new Client('ws://server', { initPayload: new Set() });
  // @ts-expect-error: a promise has to be awaited
  new Client('ws://server', { initPayload: promise });
  new Client('ws://server', { initPayload: () => promise });
  // @ts-expect-error: a promise has to be awaited
  transport.execute('{ a }', { variables: promise });
  // @ts-expect-error: a promise has to be awaited
  client.subscribe('{ a }', { variables: promise });
  // @ts-expect-error: a Map has no JSON
  transport.observe('{ a }', { variables: new Map() });
  // @ts-expect-error: an array is no object of JSON
  transport.observe('{ a }', { variables: [1] });
  // @ts-expect-error: a promise has to be awaited
  transport.execute({ query: '{ a }', variables: promise });
  // @ts-expect-error: a promise has to be awaited
  transport.sendPing(promise);
  // @ts-expect-error: a promise has to be awaited
  transport.execute('{ a }', { extensions: promise });
  // @ts-expect-error: a Map has no JSON
  transport.execute('{ a }', { extensions: new Map() });
  const anyhow: Record<string, unknown> = {};
  const whatever: Record<string, any> = {};
  transport.execute('{ a }', { variables: anyhow, extensions: anyhow });
  transport.execute('{ a }', { variables: whatever, extensions: whatever });
  transport.execute('{ a }', { variables: new Filter() });
  transport.sendPing(anyhow);
  new WebSocketTransport('ws://server', { initPayload: whatever });
}

interface Data {
  a: number;
}
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };

function variables(
  transport: WebSocketTransport,
  client: Client,
  required: TypedDocumentNode<Data, { id: string; first?: number }>,
  optional: TypedDocumentNode<Data, { first?: number }>,
  none: TypedDocumentNode<Data, {}>,
  never: TypedDocumentNode<Data, Exact<{ [key: string]: never }>>,
  any: TypedDocumentNode<Data, { [name: string]: any }>,
) {
  const id = { id: '1' };
  for (const to of [transport, client] as const) {
    if (to instanceof Client) continue;
    to.subscribe(required, { variables: id });
  }
  client.subscribe(required, { variables: id, kind: 'query' });
  client.observe(required, { variables: id });
  client.execute(required, { variables: id });
  transport.observe(required, { variables: id });
  transport.execute(required, { variables: id });
  transport.execute({ query: required, variables: id });
  transport.execute({ query: required }, { variables: id });
  // @ts-expect-error: an id is required
  transport.subscribe(required);
  // @ts-expect-error
  transport.observe(required);
  // @ts-expect-error
  transport.execute(required);
  // @ts-expect-error
  transport.execute(required, {});
  // @ts-expect-error
  transport.execute(required, { variables: {} });
  // @ts-expect-error
  transport.execute(required, { variables: null });
  // @ts-expect-error
  transport.execute(required, { sendStop: false });
  // @ts-expect-error
  client.subscribe(required);
  // @ts-expect-error
  client.observe(required, { kind: 'query' });
  // @ts-expect-error
  client.execute(required);
  // @ts-expect-error
  client.execute({ query: required });
  for (const document of [optional, none, never] as const) {
    transport.subscribe(document);
    transport.observe(document, {});
    client.execute(document, { idempotent: true });
    client.observe(document);
  }
  transport.execute(any);
  transport.execute('{ a }');
  transport.execute('{ a }', { variables: { whatever: 1 } });
  client.execute<Data>('{ a }', { variables: { whatever: 1 } });
  client.execute<Data>('{ a }').then(({ data }) => data?.a.toFixed());
  client.execute(required, { variables: id }).then(({ data }) => data?.a.toFixed());
  client.execute(required, { variables: id, incremental: 'raw' }).then(({ pending }) => pending?.[0]?.path.length);
  // @ts-expect-error
  client.observe(required, { incremental: 'raw' });
}

export { values, variables };
