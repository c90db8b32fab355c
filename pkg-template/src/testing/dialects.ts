// The dialects, from the server's side.

import type { DialectName } from '#glue';
import type { ExecutionResult, GraphQLErrorObject, RequestObject } from '../types.js';
import { outlinesOf } from '../outline.js';
import { isRecord } from '../values.js';

/** The request of an operation, as it came. */
export type Request = Omit<RequestObject, 'query'> & { query?: string };

/** What a client's frame says, in whatever dialect. */
export type ClientMessage =
  | { readonly kind: 'init'; readonly payload: unknown }
  | { readonly kind: 'start'; readonly id: string; readonly request: Request }
  | { readonly kind: 'stop'; readonly id: string }
  | { readonly kind: 'ping' | 'pong'; readonly payload: unknown }
  | { readonly kind: 'leave' }
  | { readonly kind: 'unknown' };

type Frame = unknown;

/** One connection's side of the server. A method returns the frame to send, or `undefined` if the dialect has none. */
export interface ServerDialect {
  readonly name: DialectName;
  /** What to answer to what the client has offered; `null` for none. */
  readonly subprotocol: string | null;
  read(frame: unknown): ClientMessage;
  ack(payload: object | undefined): Frame;
  /** What refuses the connection; without one it is closed alone. */
  refusal(payload: object): Frame | undefined;
  /** The code that closes a connection behind a refusal. */
  readonly refusalCode: number;
  /** Acknowledges an operation, before its first result. */
  started(id: string): Frame | undefined;
  next(id: string, result: ExecutionResult): Frame | undefined;
  error(id: string, errors: readonly GraphQLErrorObject[]): Frame;
  complete(id: string): Frame | undefined;
  /** Answers a client that has left an operation. */
  stopped(id: string): Frame | undefined;
  ping(payload: unknown): Frame | undefined;
  pong(payload: unknown): Frame | undefined;
  /** Answers a client that says goodbye. */
  left(): Frame | undefined;
}

const withPayload = (frame: object, payload: unknown) => (payload === undefined ? frame : { ...frame, payload });

const readObject = (
  frame: unknown,
  types: { start: string; stop: string },
  request: (payload: any) => Request | undefined = (payload) => (isRecord(payload) ? (payload as Request) : undefined),
): ClientMessage => {
  if (!isRecord(frame)) return { kind: 'unknown' };
  const { type, id, payload } = frame;
  if (type === 'connection_init') return { kind: 'init', payload };
  if (type === 'ping' || type === 'pong') return { kind: type, payload };
  if (type === 'connection_terminate') return { kind: 'leave' };
  if (typeof id !== 'string') return { kind: 'unknown' };
  if (type === types.stop) return { kind: 'stop', id };
  const asked = type === types.start ? request(payload) : undefined;
  return asked === undefined ? { kind: 'unknown' } : { kind: 'start', id, request: asked };
};

const modern = (): ServerDialect => ({
  name: 'graphql-transport-ws',
  subprotocol: 'graphql-transport-ws',
  read: (frame) => readObject(frame, { start: 'subscribe', stop: 'complete' }),
  ack: (payload) => withPayload({ type: 'connection_ack' }, payload),
  refusal: () => undefined,
  refusalCode: 4403,
  started: () => undefined,
  next: (id, payload) => ({ id, type: 'next', payload }),
  error: (id, payload) => ({ id, type: 'error', payload }),
  complete: (id) => ({ id, type: 'complete' }),
  stopped: () => undefined,
  ping: (payload) => withPayload({ type: 'ping' }, payload),
  pong: (payload) => withPayload({ type: 'pong' }, payload),
  left: () => undefined,
});

const legacy = (): ServerDialect => ({
  ...modern(),
  name: 'graphql-ws',
  subprotocol: 'graphql-ws',
  read: (frame) => readObject(frame, { start: 'start', stop: 'stop' }),
  refusal: (payload) => ({ type: 'connection_error', payload }),
  refusalCode: 1011,
  next: (id, payload) => ({ id, type: 'data', payload }),
  // It is one object here: the first of them.
  error: (id, [payload]) => ({ id, type: 'error', payload }),
  ping: () => ({ type: 'ka' }),
  pong: () => undefined,
});

/** The request within AppSync's `start`, which is text there. */
const readData = (payload: any): Request | undefined => {
  try {
    const request: unknown = JSON.parse(payload.data);
    return isRecord(request) ? (request as Request) : undefined;
  } catch {
    return undefined;
  }
};

const appSync = (): ServerDialect => ({
  ...legacy(),
  name: 'appsync',
  read: (frame) => readObject(frame, { start: 'start', stop: 'stop' }, readData),
  ack: (payload) => ({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000, ...payload } }),
  refusalCode: 1000,
  refusal: (payload) => ({ type: 'connection_error', payload: { errors: [{ errorType: 'UnauthorizedException', ...payload }] } }),
  started: (id) => ({ id, type: 'start_ack' }),
  error: (id, errors) => ({ id, type: 'error', payload: { errors } }),
  stopped: (id) => ({ id, type: 'complete' }),
});

/** Phoenix channels with Absinthe, in the serialisation 2.0.0: `[join_ref, ref, topic, event, payload]`. */
const phoenix = (offered: readonly string[]): ServerDialect => {
  let join: { ref: unknown; topic: unknown } = { ref: null, topic: '__absinthe__:control' };
  let [leaving, unsubscribing]: unknown[] = [];
  let unsubscribed: string | undefined;
  /** By id, which is the ref: the subscription's id; `undefined` for what is answered once. */
  const subscriptions = new Map<string, string | undefined>();
  const acknowledged = new Set<string>();
  const reply = (ref: unknown, status: string, response: object, topic = join.topic, joinRef = join.ref) => [
    joinRef, ref, topic, 'phx_reply', { status, response },
  ];
  return {
    name: 'phoenix',
    subprotocol: offered.includes('phoenix') ? 'phoenix' : null,
    read(frame) {
      if (!Array.isArray(frame) || frame.length < 5) return { kind: 'unknown' };
      const [joinRef, ref, topic, event, payload] = frame;
      if (event === 'heartbeat') return { kind: 'ping', payload: ref };
      if (event === 'phx_join') {
        join = { ref: joinRef, topic };
        return { kind: 'init', payload };
      }
      if (event === 'phx_leave') {
        leaving = ref;
        return { kind: 'leave' };
      }
      if (event === 'doc' && isRecord(payload)) {
        const [outline] = outlinesOf(String(payload.query));
        subscriptions.set(ref, outline?.kind === 'subscription' ? `__absinthe__:doc:${ref}` : undefined);
        return { kind: 'start', id: ref, request: payload as Request };
      }
      if (event !== 'unsubscribe' || typeof payload?.subscriptionId !== 'string') return { kind: 'unknown' };
      [unsubscribing, unsubscribed] = [ref, payload.subscriptionId];
      // A transcript has ids of its own.
      const [id = ''] = [...subscriptions].find(([, name]) => name === unsubscribed) ?? [];
      return { kind: 'stop', id };
    },
    ack: () => reply(join.ref, 'ok', {}),
    refusal: (payload) => reply(join.ref, 'error', payload),
    refusalCode: 1000,
    started(id) {
      const subscriptionId = subscriptions.get(id);
      if (subscriptionId === undefined) return undefined;
      acknowledged.add(id);
      return reply(id, 'ok', { subscriptionId });
    },
    next(id, result) {
      const subscriptionId = subscriptions.get(id);
      if (subscriptionId === undefined) return reply(id, 'ok', result);
      return [null, null, subscriptionId, 'subscription:data', { subscriptionId, result }];
    },
    // Nothing ends a subscription that has begun.
    error(id, errors) {
      return acknowledged.has(id) ? this.next(id, { errors }) : reply(id, 'error', { errors });
    },
    // Absinthe has none: a subscription never is over.
    complete: () => undefined,
    stopped: () => reply(unsubscribing, 'ok', { subscriptionId: unsubscribed }),
    ping: () => undefined,
    pong: (ref) => reply(ref, 'ok', {}, 'phoenix', null),
    left: () => reply(leaving, 'ok', {}),
  };
};

/** What a client asks for when it opens a socket. */
export interface Handshake {
  readonly url: string;
  readonly subprotocols: readonly string[];
}

/** The dialect that the client means, of those that are allowed; `undefined` if it is none of them. */
export const dialectFor = ({ url, subprotocols }: Handshake, allowed: readonly DialectName[]): ServerDialect | undefined => {
  const { pathname, searchParams } = new URL(url);
  const withHeader = searchParams.has('header') || subprotocols.some((name) => name.startsWith('header-'));
  const isPhoenix = subprotocols.includes('phoenix') || (pathname.endsWith('/websocket') && searchParams.has('vsn'));
  const meant: ServerDialect[] = [
    ...(isPhoenix ? [phoenix(subprotocols)] : []),
    ...(withHeader && subprotocols.includes('graphql-ws') ? [appSync()] : []),
    // As the client prefers.
    ...subprotocols.flatMap((name) => (name === 'graphql-transport-ws' ? [modern()] : name === 'graphql-ws' ? [legacy()] : [])),
  ];
  return meant.find(({ name }) => allowed.includes(name));
};
