// `createClient`, in the place of that of npm `graphql-ws`.

import { Emitter } from './emitter.js';
import { GraphqlWsHost } from './host.js';
import { iterate } from './iterate.js';
import { Operation } from './operation.js';
import type { ConnectionInitMessage, SubscribePayload } from './protocol.js';
import { enter, hostWebSocket, start } from './shared.js';
import type { Client, ClientOptions, Sink } from './types.js';
import type { SocketClass } from './wire.js';

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];

const readSocketClass = (given: unknown): SocketClass => {
  const Class = given || hostWebSocket();
  if (!Class) {
    throw new Error(
      'this host has no WebSocket. In Node.js before version 22, install the npm package `ws`; elsewhere, give a ' +
        'WebSocket class as the option `webSocketImpl`',
    );
  }
  if (typeof Class !== 'function' || !STATES.every((state) => state in Class)) {
    throw new Error(`the option \`webSocketImpl\` must be a WebSocket class, which has ${STATES.join(', ')}`);
  }
  return Class as unknown as SocketClass;
};

/**
 * Makes a client with the functions, options, events and errors of npm `graphql-ws` 6. It stays connected where that one
 * gives up or does harm: changing-over.md has all that differs.
 *
 * Connects at the first operation, unless `lazy` is `false`.
 *
 * @example
 * const client = createClient({ url: 'wss://example.com/graphql' });
 * const leave = client.subscribe({ query: 'subscription { ticks }' }, { next: console.log, error: console.error, complete() {} });
 *
 * @throws Error if the host has no WebSocket, or `webSocketImpl` is no WebSocket class.
 * @throws TransportError (`WEBASSEMBLY_FAILED`) where the host forbids WebAssembly: a page with a Content-Security-Policy
 *   needs `'wasm-unsafe-eval'` in its `script-src`.
 */
export function createClient<P extends ConnectionInitMessage['payload'] = ConnectionInitMessage['payload']>(
  options: ClientOptions<P>,
): Client {
  const given = { ...options } as ClientOptions;
  const socketClass = readSocketClass(given.webSocketImpl);
  start();
  const emitter = new Emitter(given.on);
  let host = new GraphqlWsHost(given, socketClass, emitter);
  const subscribe = (payload: SubscribePayload, sink: Sink<any>): (() => void) => {
    const id = given.generateID?.(payload);
    if (host.isDisposed) host = new GraphqlWsHost(given, socketClass, emitter, host);
    const operation = new Operation(host, payload, sink, id);
    return () => operation.leave();
  };
  enter(() => host.handle.start());
  return {
    on: (event, listener) => emitter.on(event, listener),
    subscribe,
    iterate: (payload) => iterate((sink) => subscribe(payload, sink)),
    terminate: () => host.terminate(),
    dispose: async () => host.dispose(),
  };
}
