// The entry `wireql/react`: hooks for React 19.
'use client';

import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react';
import type {
  Client,
  ClientOperationOptions,
  ClientStatus,
  CompleteRequest,
  Document,
  DocumentText,
  ExecutionResult,
  RequestObject,
  Variables,
  WithVariables,
} from './public.js';
import { SubscriptionStore, type SubscriptionState } from '../src/adapters/subscription-store.js';
import { keyOf } from '../src/adapters/key.js';

export type { SubscriptionState };

/** A `Client` of any entry of this package. */
export type AnyClient = Pick<Client, keyof Client>;

/** The options of {@link useSubscription}: those of the client's `subscribe` but `signal` and `incremental`, and these. */
export interface UseSubscriptionOptions<Data = unknown, Vars extends object = Variables>
  extends Omit<ClientOperationOptions<Data, Vars>, 'signal' | 'incremental'> {
  /** Whether to do nothing. Default: `false`. */
  skip?: boolean;
  /**
   * Whether to render at most once a frame, for results that come faster than that: what is rendered then is the last
   * one. `onResult` is called with each. Default: `false`.
   */
  perFrame?: boolean;
  /** Called with every result, also with one that is not rendered as the next came too soon. Default: none. */
  onResult?: (result: ExecutionResult<Data>) => void;
}

const ClientContext = createContext<AnyClient | undefined>(undefined);

/**
 * Gives a client to the components in it, all of which share its connection. It neither connects nor closes it.
 *
 * @example
 * const client = new Client('wss://example.com/graphql');
 * root.render(<ClientProvider client={client}><App /></ClientProvider>);
 */
export function ClientProvider({ client, children }: { client: AnyClient; children?: ReactNode }): ReactElement {
  return createElement(ClientContext, { value: client }, children);
}

/**
 * The client of the nearest {@link ClientProvider}.
 *
 * @throws Error if there is none.
 */
export function useClient(): AnyClient {
  const client = useContext(ClientContext);
  if (client === undefined) {
    throw new Error('there is no client: put <ClientProvider client={client}> of wireql/react around this component');
  }
  return client;
}

/** What the client is doing, for a user interface. On a server, and until hydration is over, it is idle. */
export function useClientStatus(): ClientStatus {
  const client = useClient();
  const subscribe = useMemo(() => (changed: () => void) => client.on('status', changed), [client]);
  return useSyncExternalStore(
    subscribe,
    () => client.status,
    () => IDLE,
  );
}

const IDLE: ClientStatus = Object.freeze({
  state: 'idle',
  reconnecting: false,
  since: 0,
  nextAttempt: null,
  lostAt: null,
  failures: 0,
  error: null,
});

/**
 * Subscribes as long as the component is mounted, and renders each result. It starts anew when the client, the document,
 * `variables`, `operationName` or `extensions` change, each compared by what is in it. On a server nothing is sent.
 *
 * @throws Error if there is no {@link ClientProvider}. Invalid documents and options throw `TypeError`.
 * @example
 * const { data, error } = useSubscription('subscription ($of: ID!) { price(of: $of) }', { variables: { of } });
 */
export function useSubscription<Data = unknown, Vars extends Variables = Variables>(
  document: DocumentText<Data, Vars>,
  ...options: WithVariables<UseSubscriptionOptions<Data, Vars>, Vars>
): SubscriptionState<Data>;
export function useSubscription<Data = unknown, Vars extends Variables = Variables>(
  request: RequestObject<Data, Vars>,
  options: UseSubscriptionOptions<Data, Vars> & { variables: Vars },
): SubscriptionState<Data>;
export function useSubscription<Data = unknown, Vars extends Variables = Variables>(
  request: CompleteRequest<Data, Vars>,
  options?: UseSubscriptionOptions<Data, Vars>,
): SubscriptionState<Data>;
export function useSubscription<Data>(
  document: Document<Data>,
  options: UseSubscriptionOptions<Data> = {},
): SubscriptionState<Data> {
  const client = useClient();
  const { skip, perFrame, onResult, onNotice, ...rest } = options;
  const { variables, operationName, extensions } = rest;
  const key = [useMemo(() => keyOf(document), [document]), keyOf([variables, operationName, extensions])].join();
  const current = useRef({ document, rest, perFrame, onResult, onNotice });
  useEffect(() => {
    current.current = { document, rest, perFrame, onResult, onNotice };
  });
  // The key stands for the parts that are read from `current`.
  const store = useMemo(() => new SubscriptionStore<Data>(client, current, skip === true), [client, key, skip === true]);
  return useSyncExternalStore(store.subscribe, store.state, store.state);
}
