// The host's WebSocket class, and what it takes beside the URL and the subprotocols.

import type { WebSocketClass } from './types.js';

/** The options of those names. */
export type SocketArgs = { [Name in 'headers' | 'tls' | 'connectArgs']?: Record<string, unknown> };

/** What hosts other than browsers have. */
const host = globalThis as any;

const peers = new Map<string, any>();

/**
 * A package that the user may have installed, in Node; undefined elsewhere. Unlike an `import`,
 * no bundler tries to follow it.
 */
export const optionalPeer = (name: string): any => {
  if (!peers.has(name)) peers.set(name, findPeer(name));
  return peers.get(name);
};

const findPeer = (name: string): any => {
  const { process } = host;
  if (!process?.getBuiltinModule) return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  // Where this file is, and where the program is, since a linked package lies elsewhere.
  for (const base of [import.meta.url, process.argv[1]]) {
    try {
      return createRequire(base)(name);
    } catch (error: any) {
      const absent = ['MODULE_NOT_FOUND', 'ERR_INVALID_ARG_VALUE'].includes(error.code);
      if (!absent) throw error;
    }
  }
  return undefined;
};

/** The host's WebSocket, or that of the npm package `ws`; undefined if there is neither. */
export const hostWebSocket = (): WebSocketClass | undefined => host.WebSocket ?? optionalPeer('ws')?.WebSocket;

/** Whether it is the WHATWG's kind of class, as all hosts have it; `ws` is of another. */
const isStandard = (Class: WebSocketClass): boolean => Class.prototype?.[Symbol.toStringTag] === 'WebSocket';

/** Node's own dispatcher, by which its own WebSocket connects; its class cannot be imported. */
const dispatcherClass = (): any => {
  const key = Object.getOwnPropertySymbols(globalThis).find(({ description }) =>
    description?.startsWith('undici.globalDispatcher'),
  );
  return key && host[key]?.constructor;
};

/** What a server-side host's own WebSocket takes in place of the subprotocols. */
const standardArgs = ({ headers, tls }: SocketArgs): object => {
  const args = headers === undefined ? {} : { headers };
  if (tls === undefined) return args;
  if (host.process?.versions?.bun !== undefined) return { ...args, tls };
  const Dispatcher = dispatcherClass();
  return { ...args, dispatcher: new Dispatcher({ connect: tls }) };
};

/**
 * Gives a socket of Node's own the method `terminate` that those of `ws` have. It waits for the close frame of a dead
 * peer for as long as TCP does, and keeps the process alive. Its diagnostics tell which TCP socket it has: one that was
 * connected meanwhile, with the port that is told when it opens.
 */
const terminable = (open: () => any): object => {
  const channels = host.process?.getBuiltinModule?.('node:diagnostics_channel');
  if (channels === undefined) return open();
  let connected: any[] = [];
  let socket: any;
  let lastPort: number | undefined;
  const onConnected = ({ socket }: any) => connected.push(socket);
  // Node 22 tells right before the socket's event, and not of which socket; Node 24 right behind it.
  const onOpened = ({ address, websocket }: any) => {
    if (websocket !== undefined && websocket !== socket) return;
    lastPort = address?.port;
    if (websocket !== undefined) found();
  };
  const found = () => {
    const tcp = connected.find(({ localPort }) => localPort === lastPort && lastPort !== undefined);
    if (tcp !== undefined) socket.terminate = () => tcp.destroy();
    over();
  };
  const over = () => {
    connected = [];
    channels.unsubscribe('undici:client:connected', onConnected);
    channels.unsubscribe('undici:websocket:open', onOpened);
  };
  channels.subscribe('undici:client:connected', onConnected);
  channels.subscribe('undici:websocket:open', onOpened);
  try {
    socket = open();
    if ('terminate' in socket) over();
    else {
      socket.addEventListener('open', () => (lastPort === undefined ? queueMicrotask(over) : found()), { once: true });
      for (const event of ['error', 'close']) socket.addEventListener(event, over, { once: true });
    }
  } catch (thrown) {
    over();
    throw thrown;
  }
  return socket;
};

/**
 * Opens a socket of a class, or of the host's own. Where the class is the standard's, hosts that take further
 * arguments take them in place of the subprotocols; `ws` and its like take them third.
 */
export const openSocket = (
  given: WebSocketClass | undefined,
  url: string,
  subprotocols: string[],
  args: SocketArgs | undefined,
): object => {
  const Class = given ?? hostWebSocket();
  if (Class === undefined) {
    throw (
      'this host has no WebSocket. In Node.js before version 22, install the npm package `ws`; ' +
      'elsewhere, give a WebSocket class as the option `webSocket`'
    );
  }
  if (isStandard(Class)) {
    const given = args && { protocols: subprotocols, ...standardArgs(args), ...args.connectArgs };
    return terminable(() => new Class(url, given ?? subprotocols));
  }
  if (args === undefined) return new Class(url, subprotocols);
  const { headers, tls, connectArgs } = args;
  return new Class(url, subprotocols, { headers, ...tls, ...connectArgs });
};

/** Why this class cannot be given one of these options; undefined if it can. */
export const whyNotTaken = (Class: WebSocketClass, option: string): string | undefined => {
  const { process, Deno, navigator } = host;
  if (Class !== host.WebSocket) return undefined;
  if (navigator?.product === 'ReactNative') {
    return option === 'headers' ? undefined : "React Native's WebSocket takes nothing beside the url, subprotocols and `headers`";
  }
  const server = process?.versions?.node !== undefined || Deno !== undefined;
  if (!server && navigator !== undefined) {
    return (
      "a browser's WebSocket takes nothing beside the url and subprotocols. " +
      (option === 'tls'
        ? 'Certificates are the business of the browser and its user'
        : 'To authenticate, use `initPayload`')
    );
  }
  if (option !== 'tls' || process?.versions?.bun !== undefined) return undefined;
  if (Deno !== undefined) return 'in Deno, use `connectArgs: { client: Deno.createHttpClient(…) }`';
  if (dispatcherClass() !== undefined) return undefined;
  return "this host's WebSocket does not take it: use that of the npm package `ws` as the option `webSocket`";
};
