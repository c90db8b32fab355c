// The host's WebSocket class, and what it takes beside the URL and the subprotocols.

/** @typedef {{ headers?: object, tls?: object, connectArgs?: object }} SocketArgs  the options of those names */
/** @typedef {new (url: string, protocols?: any, ...args: any[]) => object} WebSocketClass */

/** What hosts other than browsers have. */
const host = /** @type {any} */ (globalThis);

/** @type {Map<string, any>} */
const peers = new Map();

/**
 * A package that the user may have installed, in Node; undefined elsewhere. Unlike an `import`,
 * no bundler tries to follow it.
 *
 * @param {string} name
 */
export const optionalPeer = (name) => {
  if (!peers.has(name)) peers.set(name, findPeer(name));
  return peers.get(name);
};

/** @param {string} name */
const findPeer = (name) => {
  const { process } = host;
  if (!process?.getBuiltinModule) return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  // Where this file is, and where the program is, since a linked package lies elsewhere.
  for (const base of [import.meta.url, process.argv[1]]) {
    try {
      return createRequire(base)(name);
    } catch (/** @type {any} */ error) {
      const absent = ['MODULE_NOT_FOUND', 'ERR_INVALID_ARG_VALUE'].includes(error.code);
      if (!absent) throw error;
    }
  }
  return undefined;
};

/**
 * The host's WebSocket, or that of the npm package `ws`; undefined if there is neither.
 *
 * @returns {WebSocketClass | undefined}
 */
export const hostWebSocket = () => host.WebSocket ?? optionalPeer('ws')?.WebSocket;

/**
 * Whether it is the WHATWG's kind of class, as all hosts have it; `ws` is of another.
 *
 * @param {WebSocketClass} WebSocketClass
 */
const isStandard = (WebSocketClass) => WebSocketClass.prototype?.[Symbol.toStringTag] === 'WebSocket';

/** Node's own dispatcher, by which its own WebSocket connects; its class cannot be imported. */
const dispatcherClass = () => {
  const key = Object.getOwnPropertySymbols(globalThis).find(({ description }) =>
    description?.startsWith('undici.globalDispatcher'),
  );
  return key && host[key]?.constructor;
};

/**
 * What a server-side host's own WebSocket takes in place of the subprotocols.
 *
 * @param {SocketArgs} args
 */
const standardArgs = ({ headers, tls }) => {
  const args = headers === undefined ? {} : { headers };
  if (tls === undefined) return args;
  if (host.process?.versions?.bun !== undefined) return { ...args, tls };
  const Dispatcher = dispatcherClass();
  return { ...args, dispatcher: new Dispatcher({ connect: tls }) };
};

/**
 * Opens a socket of a class, or of the host's own. Where the class is the standard's, hosts that take further
 * arguments take them in place of the subprotocols; `ws` and its like take them third.
 *
 * @param {WebSocketClass | undefined} given
 * @param {string} url
 * @param {string[]} subprotocols
 * @param {SocketArgs} [args]
 */
export const openSocket = (given, url, subprotocols, args) => {
  const WebSocketClass = given ?? hostWebSocket();
  if (WebSocketClass === undefined) {
    throw (
      'this host has no WebSocket. In Node.js before version 22, install the npm package `ws`; ' +
      'elsewhere, give a WebSocket class as the option `webSocket`'
    );
  }
  if (args === undefined) return new WebSocketClass(url, subprotocols);
  if (isStandard(WebSocketClass)) {
    return new WebSocketClass(url, { protocols: subprotocols, ...standardArgs(args), ...args.connectArgs });
  }
  const { headers, tls, connectArgs } = args;
  return new WebSocketClass(url, subprotocols, { headers, ...tls, ...connectArgs });
};

/**
 * Why this class cannot be given one of these options; undefined if it can.
 *
 * @param {WebSocketClass} WebSocketClass
 * @param {string} option
 * @returns {string | undefined}
 */
export const whyNotTaken = (WebSocketClass, option) => {
  const { process, Deno, navigator } = host;
  if (WebSocketClass !== host.WebSocket) return undefined;
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
