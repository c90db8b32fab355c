// A GraphQL-over-WebSocket server for tests: in process, or on a port.

import type { DialectName } from '#glue';
import { ownOptions, wrong } from '../options.js';
import { described, isRecord } from '../values.js';
import { MockConnection, type ConnectionOwner, type Received } from './connection.js';
import { dialectFor, type Handshake } from './dialects.js';
import { listen, type Listening, type ListenOptions } from './listen.js';
import { MockOperation, answer, type OperationHandler } from './operation.js';
import { Player, mismatch, type Mismatch } from './player.js';
import { webSocketClass, type Accepted, type Link, type MockWebSocketClass } from './socket.js';
import { readTranscript, type Recorded } from './transcript.js';

/** Tests may put others in its place. */
const { setTimeout, clearTimeout } = globalThis;

const dialects: readonly DialectName[] = ['graphql-transport-ws', 'graphql-ws', 'appsync', 'phoenix'];

/** The options of {@link mockServer}. An unknown option throws `TypeError`. */
export interface MockServerOptions {
  /**
   * What answers operations, by the name of the operation or else by its first field: results, of which the last is
   * followed by `complete`; or a function, which gets the operation and returns results (also as an async generator),
   * or nothing to answer by hand. Any other operation is refused. Default: none, and the test answers what
   * {@link MockServer.operation} gives.
   */
  operations?: { readonly [name: string]: OperationHandler };
  /** A transcript to play, as the option `trace` and `wireql record` write it. Excludes `operations` and `onConnect`. */
  transcript?: string;
  /** How fast a transcript is played: 1 as it was recorded, 2 in half the time. Default: `Infinity`, which never waits. */
  speed?: number;
  /** Which dialects it speaks. Default: all; which of them is chosen follows from what the client offers. */
  dialects?: readonly DialectName[];
  /**
   * Called with the payload of `connection_init` (`phx_join`): returns the payload of the ack, `false` to refuse the
   * connection, or nothing; or a promise of that. Default: all are accepted.
   */
  onConnect?: (payload: any, connection: MockConnection) => unknown;
  /** How many milliseconds what waits for a client does so, before it rejects. Default: 1,000. */
  timeout?: number;
}

/** What a test waits for: a kind of message, or what a function is true of. */
export type Wanted = Received['kind'] | ((received: Received) => boolean);

/** A server for tests. */
export interface MockServer extends AsyncDisposable {
  /** Its URL: in process, or where {@link MockServer.listen} has it listen. */
  readonly url: string;
  /** The class to give to the client as `webSocket` (`webSocketImpl` of graphql-ws): it connects in this process. */
  readonly WebSocket: MockWebSocketClass;
  /** Listens on a port, in Node with the package `ws`. Resolves with the URL. */
  listen(options?: ListenOptions): Promise<string>;
  /** Connections that are open, oldest first. */
  readonly connections: readonly MockConnection[];
  /** All that clients have sent. */
  readonly received: readonly Received[];
  /** All operations that clients have started. */
  readonly operations: readonly MockOperation[];
  /** The first message that fits, whether it has come or is to come. */
  waitFor(wanted: Wanted): Promise<Received>;
  /** The next operation that this has not given yet; with a name, of that name or first field. */
  operation(name?: string): Promise<MockOperation>;
  /** The next connection that this has not given yet. */
  connection(): Promise<MockConnection>;
  /** Whether new connections are accepted; `false` refuses them, as a server that is down. */
  accepting: boolean;
  /** Has all connections break off: clients see the code 1006. */
  lose(): void;
  /** Closes all connections with this code. */
  disconnect(code?: number, reason?: string): void;
  /** Has the listener called with each client that does not fit the transcript. Returns a function that stops it. */
  on(event: 'mismatch', listener: (mismatch: Mismatch) => void): () => void;
  /** Resolves when all connections of the transcript have been played; rejects if a client did not fit. */
  readonly played: Promise<void>;
  /** Ends it, and all connections. */
  close(): Promise<void>;
}

/** Those who wait for something, with what is tried again whenever something has come. */
class Waiting {
  readonly #tries = new Set<() => void>();
  readonly #timeout: number;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Resolves with what `find` gives, once it gives something. */
  for<T>(find: () => T | undefined, what: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const found = find();
        if (found === undefined) return false;
        this.#tries.delete(attempt);
        clearTimeout(timer);
        resolve(found);
        return true;
      };
      const timer =
        this.#timeout === Infinity
          ? undefined
          : setTimeout(() => {
              this.#tries.delete(attempt);
              reject(new Error(`after ${this.#timeout} ms there is ${what()}`));
            }, this.#timeout);
      if (!attempt()) this.#tries.add(attempt);
    });
  }

  again(): void {
    for (const attempt of [...this.#tries]) attempt();
  }
}

const readOptions = (options: MockServerOptions): Required<Pick<MockServerOptions, 'speed' | 'dialects' | 'timeout'>> & MockServerOptions => {
  const names = ['operations', 'transcript', 'speed', 'dialects', 'onConnect', 'timeout'] as const;
  const given = ownOptions(options, names) as MockServerOptions;
  if (given.operations !== undefined && !isRecord(given.operations)) throw wrong('operations', 'an object of handlers', given.operations);
  if (given.onConnect !== undefined && typeof given.onConnect !== 'function') throw wrong('onConnect', 'a function', given.onConnect);
  if (given.transcript !== undefined && typeof given.transcript !== 'string') throw wrong('transcript', 'the text of a transcript', given.transcript);
  if (given.transcript !== undefined && (given.operations ?? given.onConnect) !== undefined) {
    throw new TypeError('a `transcript` says all that the server does: leave out `operations` and `onConnect`');
  }
  for (const name of ['speed', 'timeout'] as const) {
    const value = given[name];
    if (value !== undefined && !(typeof value === 'number' && value > 0)) throw wrong(name, 'a number above 0', value);
  }
  for (const name of given.dialects ?? []) {
    if (!dialects.includes(name)) throw new TypeError(`option \`dialects\` has ${described(name)}, but there are ${dialects.join(', ')}`);
  }
  return { speed: Infinity, dialects, timeout: 1_000, ...given };
};

/**
 * Makes a server for tests. It speaks all dialects, and runs in the test's process; `listen` puts it on a port too.
 *
 * ```js
 * const server = mockServer({ operations: { price: [{ data: { price: 1 } }, { data: { price: 2 } }] } });
 * const client = new Client(server.url, { webSocket: server.WebSocket });
 * ```
 *
 * @throws TypeError if an option is invalid or unknown, or the transcript is none.
 */
export const mockServer = (options: MockServerOptions = {}): MockServer => {
  const { operations: handlers, transcript, speed, dialects: allowed, onConnect, timeout } = readOptions(options);
  const recorded = transcript === undefined ? undefined : readTranscript(transcript);
  const waiting = new Waiting(timeout);
  const [connections, received, operations]: [MockConnection[], Received[], MockOperation[]] = [[], [], []];
  const [givenConnections, givenOperations] = [new Set<MockConnection>(), new Set<MockOperation>()];
  const opened: MockConnection[] = [];
  const listeners = new Set<{ listener: (mismatch: Mismatch) => void }>();
  let listening: Listening | undefined;
  let handshakes = 0;
  let toPlay = recorded?.length ?? 0;
  let [settle, fail]: [() => void, (error: Error) => void] = [() => {}, () => {}];
  const played = new Promise<void>((resolve, reject) => ([settle, fail] = [resolve, reject]));
  // Nobody may ask.
  played.catch(() => {});
  if (recorded === undefined) settle();

  const tellMismatch = (found: Mismatch) => {
    fail(new Error(found.message));
    for (const { listener } of [...listeners]) listener(found);
  };
  const onPlayed = () => {
    toPlay -= 1;
    if (toPlay === 0) settle();
  };

  const owner: ConnectionOwner = {
    admit: (payload, connection) => onConnect?.(payload ?? {}, connection),
    received(one) {
      received.push(one);
      // The operation's frame comes before its answer, whoever waits for which.
      if (one.kind === 'start') operations.push(one.operation!);
      waiting.again();
    },
    started(operation) {
      if (handlers === undefined) return;
      const name = [operation.name, operation.field].find((name) => name !== undefined && Object.hasOwn(handlers, name));
      if (name !== undefined) void answer(operation, handlers[name]!);
      else {
        const asked = operation.name ?? operation.field ?? operation.query;
        operation.error(`the mock server has no operation ${asked}: it has ${Object.keys(handlers).join(', ') || 'none'}`);
      }
    },
    over(connection) {
      connections.splice(connections.indexOf(connection), 1);
      waiting.again();
    },
  };

  /** The lines for the next connection; the transcript begins anew behind its last one. */
  const nextRecorded = (): Recorded | undefined => recorded?.[handshakes++ % recorded.length];

  const accept = (handshake: Handshake): Accepted | undefined => {
    if (!server.accepting) return undefined;
    const steps = nextRecorded();
    const [first] = steps ?? [];
    if (first?.type === 'refused') {
      onPlayed();
      return undefined;
    }
    const dialect = dialectFor(handshake, allowed);
    const wanted = first?.type === 'opened' ? first.subprotocol : undefined;
    if (dialect === undefined || (wanted !== undefined && wanted !== dialect.subprotocol && !handshake.subprotocols.includes(wanted ?? ''))) {
      const offered = handshake.subprotocols.join(', ') || 'no subprotocol';
      if (first !== undefined) tellMismatch(mismatch(first.line, `a client that offers ${wanted ?? 'no subprotocol'}`, offered));
      return undefined;
    }
    // The client may offer others, of which another was recorded.
    const spoken = wanted ? dialectFor({ ...handshake, subprotocols: [wanted, ...handshake.subprotocols] }, allowed)! : dialect;
    return {
      subprotocol: wanted === undefined ? spoken.subprotocol : wanted,
      opened(link) {
        const connection = new MockConnection(handshake.url, spoken, link, owner);
        connections.push(connection);
        opened.push(connection);
        waiting.again();
        if (steps !== undefined) {
          const playing: Link = {
            send: (data) => link.send(data),
            close: (code, reason) => connection.close(code, reason),
            lose: () => connection.lose(),
          };
          connection.play(new Player(steps, spoken, playing, { speed, onMismatch: tellMismatch, onPlayed }));
        }
        return {
          received: (text) => connection.received(text),
          closed: (code, reason) => connection.closedByClient(code, reason),
        };
      },
    };
  };

  const isMeant = (name: string | undefined, operation: MockOperation) =>
    name === undefined || operation.name === name || operation.field === name;

  /** The first that has not been given, which then has. */
  const take = <T>(all: readonly T[], given: Set<T>, fits: (one: T) => boolean = () => true): T | undefined => {
    const found = all.find((one) => !given.has(one) && fits(one));
    if (found !== undefined) given.add(found);
    return found;
  };

  const server: MockServer = {
    get url() {
      return listening?.url ?? 'ws://mock.test/graphql';
    },
    WebSocket: webSocketClass(accept),
    async listen(options = {}) {
      listening ??= await listen(accept, options);
      return listening.url;
    },
    connections,
    received,
    operations,
    waitFor(wanted) {
      const fits = typeof wanted === 'function' ? wanted : (one: Received) => one.kind === wanted;
      const what = typeof wanted === 'function' ? 'what the function wants' : `\`${wanted}\``;
      const came = () => received.map(({ kind }) => kind).join(', ') || 'nothing';
      return waiting.for(() => received.find((one) => fits(one)), () => `no message that is ${what}. What came: ${came()}`);
    },
    operation(name) {
      const came = () => operations.map(({ name, field }) => name ?? field ?? '?').join(', ') || 'none';
      const find = () => take(operations, givenOperations, (operation) => isMeant(name, operation));
      return waiting.for(find, () => `no further operation${name === undefined ? '' : ` ${name}`}. Those that came: ${came()}`);
    },
    connection: () => waiting.for(() => take(opened, givenConnections), () => 'no further connection'),
    accepting: true,
    lose: () => [...connections].forEach((connection) => connection.lose()),
    disconnect: (code = 1000, reason = '') => [...connections].forEach((connection) => connection.close(code, reason)),
    on(event, listener) {
      if (event !== 'mismatch') throw new TypeError(`there is no event ${described(event)}: there is \`mismatch\``);
      const entry = { listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    played,
    async close() {
      server.accepting = false;
      server.disconnect(1001, 'the mock server is closed');
      await listening?.close();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return server;
};
