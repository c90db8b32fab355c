// What is left behind: memory, handlers, timers, listeners, and whatever keeps a process alive.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { getEventListeners, once, setMaxListeners } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unusedUrl, until, withAck, withHttp, withScript, withSilence } from './servers.mjs';
import { startTable } from './table.mjs';

// ---- what is measured ------------------------------------------------------------------

/** The package's WebAssembly: its memory is in none of the host's figures. */
const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};

/** Timers that run: those of the package and of `ws`, which both take the global functions. */
const timers = new Set();
const { setTimeout, clearTimeout } = globalThis;
globalThis.setTimeout = (action, ...args) => {
  const timer = setTimeout((...given) => {
    timers.delete(timer);
    action(...given);
  }, ...args);
  timers.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
  clearTimeout(timer);
};

// Imported only now, so that no instance and no timer is missed.
const { WebSocketTransport } = await import('wireql');

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Finalizers run in turns of their own, and let go of what others wait for. */
const collect = async (times) => {
  for (let n = 0; n < times; n += 1) {
    globalThis.gc();
    await turn();
  }
};

/** How many of the host's values the WebAssembly holds: its table has holes where it let go of some. */
const held = (references) => {
  let count = 0;
  for (let n = 0; n < references.length; n += 1) if (references.get(n) != null) count += 1;
  return count;
};

const measure = async () => {
  await collect(3);
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  // The first is the one that unpacks it. The package's names are short ones.
  const exported = Object.values(instances[0].exports);
  const memory = exported.find((value) => value instanceof WebAssembly.Memory);
  const references = exported.find((value) => value instanceof WebAssembly.Table);
  return { heapUsed, external, arrayBuffers, webAssembly: memory.buffer.byteLength, references: held(references) };
};

const table = startTable('leaks', 'How much memory is used after so many rounds, compared with a fifth of them');
const kilobytes = (bytes) => `${bytes >= 0 ? '+' : ''}${Math.round(bytes / 1024)} KB`;

/**
 * Runs the rounds; nothing may grow from a fifth of them to all. A transport that is kept costs about
 * 4 KB; the bound leaves room for the host's caches and compiled code.
 */
const doesNotGrow = async (title, rounds, round) => {
  table.set(title, `${rounds} times`, 'did not end as expected', false);
  let before;
  for (let n = 1; n <= rounds; n += 1) {
    await round(n);
    // WebAssembly gives no memory back, so little may wait for the collector.
    if (n % Math.min(250, rounds / 5) === 0) await collect(1);
    if (n === rounds / 5) before = await measure();
  }
  const now = await measure();
  const grown = Object.fromEntries(Object.entries(now).map(([what, value]) => [what, value - before[what]]));
  const { references, ...bytes } = grown;
  assert.ok(references < 20, `the WebAssembly holds ${references} more of the host's values`);
  const bound = 1024 * (rounds < 10_000 ? 300 : 1000);
  for (const [what, growth] of Object.entries(bytes)) {
    assert.ok(growth < bound, `${what} has grown by ${kilobytes(growth)}`);
  }
  assert.equal(timers.size, 0, 'timers that are left');
  const seen = Object.entries(bytes).map(([what, growth]) => `${what} ${kilobytes(growth)}`);
  table.set(title, `${rounds} times`, `${seen.join(', ')}, references ${references}`);
};

// ---- sockets without a network ------------------------------------------------------------

/** What is asked for decides what the server does; the host of the URL, what becomes of the socket. */
const answers = {
  '{ hello }': (id) => [{ type: 'next', id, payload: { data: { hello: 'world' } } }, { type: 'complete', id }],
  '{ refused }': (id) => [{ type: 'error', id, payload: [{ message: 'no' }] }],
  '{ nothing }': (id) => [{ type: 'complete', id }],
  'subscription { one }': (id) => [{ type: 'next', id, payload: { data: 1 } }],
  'subscription { none }': () => [],
  'subscription { malformed }': () => ['no object'],
};

let sockets = [];

class LocalSocket {
  constructor(url, protocols) {
    sockets.push(this);
    this.host = new URL(url).hostname;
    [this.protocol] = protocols;
    if (this.host === 'refuses') this.#later(() => this.onerror?.({ message: 'refused' }));
    else if (this.host !== 'silent') this.#later(() => this.onopen?.({}));
  }

  #later(action) {
    queueMicrotask(action);
  }

  #say(message) {
    this.#later(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }

  send(text) {
    const { type, id, payload } = JSON.parse(text);
    if (type === 'connection_init' && this.host !== 'mute') this.#say({ type: 'connection_ack' });
    if (type !== 'subscribe') return;
    if (payload.query === '{ vanishes }') this.end(1006);
    else answers[payload.query](id).forEach((message) => this.#say(message));
  }

  close(code) {
    this.end(code);
  }

  end(code) {
    this.#later(() => this.onclose?.({ code, reason: '', wasClean: code !== 1006 }));
  }
}

/** Handlers are taken off, but for the one that keeps an `error` from ending the process. */
const checkSockets = () => {
  for (const socket of sockets) assert.deepEqual([socket.onopen, socket.onmessage, socket.onclose], [null, null, null]);
  assert.ok(new Set(sockets.map(({ onerror }) => onerror)).size <= 1, 'one function, made for no socket');
  sockets = [];
};

const local = (host = 'server', options = {}) =>
  new WebSocketTransport(`ws://${host}/`, { webSocket: LocalSocket, ...options });

// ---- memory, handlers and timers --------------------------------------------------------------

test('10,000 connections leave nothing behind', () =>
  withAck(
    async (server) => {
      const reused = { loopback: new WebSocketTransport(server.url), local: local() };
      const made = { loopback: () => new WebSocketTransport(server.url), local };
      let heard = 0;
      await doesNotGrow('connect, execute, close', 10_000, async (n) => {
        const where = n % 10 < 2 ? 'loopback' : 'local';
        const transport = n % 2 === 0 ? reused[where] : made[where]();
        await transport.connect();
        assert.ok((await transport.execute('{ hello }')).data.hello);
        await transport.close();
        checkSockets();
        heard += server.received.splice(0).length;
        server.closes.length = 0;
      });
      assert.equal(heard, 2 * 2000, 'messages to the server');
    },
    ({ send }, message) => message?.type === 'subscribe' && answers[message.payload.query](message.id).forEach(send),
  ));

const fails = async (promise, code) => assert.equal((await promise.then(() => 'no error', (error) => error.code)), code);
const isDone = async (iterator) => assert.deepEqual(await iterator.next(), { value: undefined, done: true });
/** Of a program that runs for as long as the test. */
const lasting = new AbortController();
const { signal } = lasting;
setMaxListeners(0, signal);

/** What one connection is used for, and how it can end. */
const uses = {
  'a subscription that is left by break': async (transport) => {
    for await (const _ of transport.subscribe('subscription { one }', { signal })) break;
  },
  'a subscription that close() ends': async (transport) => {
    const results = transport.subscribe('subscription { none }', { signal }).next();
    await transport.close();
    assert.equal((await results).done, true);
  },
  'a subscription that is never read': async (transport) => {
    transport.subscribe('subscription { one }');
  },
  'a subscription that a signal ends': async (transport) => {
    const left = new AbortController();
    const results = transport.subscribe('subscription { none }', { signal: left.signal }).next();
    left.abort();
    await fails(results, DOMException.ABORT_ERR);
  },
  'an observer that unsubscribes': async (transport) => {
    await new Promise((resolve) => {
      const observation = transport.observe('subscription { one }', { signal }).subscribe(() => {
        observation.unsubscribe();
        resolve();
      });
    });
  },
  'an observer to the end': (transport) =>
    new Promise((complete, error) => transport.observe('{ hello }', { signal }).subscribe({ error, complete })),
  'a query that is refused': (transport) => fails(transport.execute('{ refused }', { signal }), 'QUERY_ERROR'),
  'a query without an answer': (transport) => fails(transport.execute('{ nothing }', { signal }), 'NO_ANSWER'),
  'a server that vanishes': (transport) => fails(transport.execute('{ vanishes }', { signal }), 'CONNECTION_LOST'),
  'a server that breaks the protocol': async (transport) => {
    const results = transport.subscribe('subscription { malformed }', { signal });
    await fails(results.next(), 'INVALID_MESSAGE');
    await isDone(results);
  },
  'an observer that has its own observation': async (transport) => {
    const observer = { next() {} };
    const ended = new Promise((complete) => Object.assign(observer, { complete }));
    observer.observation = transport.observe('{ hello }').subscribe(observer);
    await ended;
  },
  'listeners that are never taken off': async (transport) => {
    for (const event of ['connected', 'message', 'closed', 'error']) transport.on(event, () => {});
    await transport.execute('{ hello }');
  },
  'listeners that have their transport': async (transport) => {
    for (const event of ['connected', 'message', 'closed', 'error']) transport.on(event, () => transport.state);
    await transport.execute('{ hello }');
  },
  'a transport that is never closed': async (transport) => {
    await transport.execute('{ hello }');
    sockets = [];
    return 'open';
  },
};

for (const [title, use] of Object.entries(uses)) {
  test(`${title} leaves nothing behind`, async () => {
    await doesNotGrow(title, 250, async () => {
      const transport = local();
      await transport.connect({ signal });
      if ((await use(transport)) === 'open') return;
      await transport.close();
      checkSockets();
    });
    assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners to the signal');
    checkSockets();
  });
}

function refuses() {
  throw new Error('no');
}

const attempts = {
  'nobody listens': () => fails(local('refuses').connect({ signal }), 'CONNECTION_REFUSED'),
  'no ack in time': () => fails(local('mute', { ackTimeout: 0 }).connect({ signal }), 'ACK_TIMEOUT'),
  'no socket in time': () => fails(local('silent', { connectTimeout: 0 }).connect({ signal }), 'CONNECT_TIMEOUT'),
  'a url function that throws': () =>
    fails(new WebSocketTransport(refuses, { webSocket: LocalSocket }).connect({ signal }), 'URL_FAILED'),
  'close() while it connects': async () => {
    const transport = local('silent');
    const connecting = fails(transport.connect({ signal }), 'TRANSPORT_CLOSED');
    await transport.close();
    await connecting;
  },
  'a signal that breaks it off': async () => {
    const left = new AbortController();
    const connecting = local('silent').connect({ signal: left.signal });
    left.abort();
    await fails(connecting, DOMException.ABORT_ERR);
  },
  'a WebSocket class that throws': () => fails(local('server', { webSocket: refuses }).connect({ signal }), 'SOCKET_FAILED'),
  'functions of the options that have their transport': async () => {
    // The trace begins within the constructor.
    let transport;
    const state = () => transport?.state;
    transport = new WebSocketTransport(() => `ws://${state()}/`, {
      webSocket: LocalSocket,
      initPayload: () => ({ state: state() }),
      trace: state,
    });
    await transport.connect({ signal });
    await transport.close();
  },
  'an init payload that comes too late': async () => {
    let come;
    const transport = local('server', { initPayload: () => new Promise((resolve) => { come = resolve; }) });
    const connecting = fails(transport.connect({ signal }), 'TRANSPORT_CLOSED');
    await transport.close();
    come({});
    await connecting;
  },
};

for (const [title, attempt] of Object.entries(attempts)) {
  test(`an attempt to connect leaves nothing behind: ${title}`, async () => {
    await doesNotGrow(`an attempt: ${title}`, 250, async () => {
      await attempt();
      checkSockets();
    });
    assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners to the signal');
  });
}

test('10,000 operations on one connection leave nothing behind', async () => {
  const transport = local();
  await transport.connect();
  await doesNotGrow('an operation on one connection', 10_000, async (n) => {
    if (n % 2 === 0) await transport.execute('{ hello }', { signal });
    else for await (const _ of transport.subscribe('subscription { one }', { signal })) break;
  }).finally(() => transport.close());
  assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners to the signal');
  checkSockets();
});

// ---- iterators that nobody holds any more ----------------------------------------------------------

const listeners = () => getEventListeners(signal, 'abort').length;

for (const [title, begin] of Object.entries({
  'never read': () => {},
  'read once': async (results) => void (await results.next()),
  'read to the last result there is': async (results) => {
    await results.next();
    await results.next();
  },
})) {
  test(`50 iterators that are lost, ${title}, are ended on the server, and the signal is let go`, () =>
    withAck(
      async (server) => {
        const transport = new WebSocketTransport(server.url);
        await transport.connect();
        const ids = Array.from({ length: 50 }, (_, n) => String(n + 1));
        const told = () => server.received.filter(({ type }) => type === 'complete').map(({ id }) => id);
        await Promise.all(ids.map(() => begin(transport.subscribe('subscription { two }', { signal }))));
        await until(() => server.received.length === 51, 'the server has all operations');
        await until(() => (globalThis.gc(), told().length >= 50), 'the server is told of each');
        assert.deepEqual(told().sort((a, b) => a - b), ids);
        assert.equal(listeners(), 0);
        await transport.close();
        assert.equal(told().length, 50, 'each of them once');
      },
      ({ send }, message) => {
        if (message?.type !== 'subscribe') return;
        for (const n of [1, 2]) send({ type: 'next', id: message.id, payload: { data: { n } } });
      },
    ));
}

test('a signal is let go when an operation or an attempt to connect is over', () =>
  withAck(
    async (server) => {
      const transport = new WebSocketTransport(server.url);
      const connecting = transport.connect({ signal });
      assert.equal(listeners(), 1);
      await connecting;
      assert.equal(listeners(), 0);
      const answer = transport.execute('{ hello }', { signal });
      const results = transport.subscribe('{ hello }', { signal });
      assert.equal(listeners(), 1);
      await answer;
      for await (const _ of results);
      assert.equal(listeners(), 0);
      await transport.close();
    },
    ({ send }, message) => message?.type === 'subscribe' && answers['{ hello }'](message.id).forEach(send),
  ));

// ---- processes that have nothing more to do ------------------------------------------------------------

/** Times that no process would wait out: what is left running keeps it until it is ended by force. */
const patient = { connectTimeout: 1e9, ackTimeout: 1e9, closeTimeout: 1e9 };

const prelude = `
  import { WebSocketTransport } from 'wireql';
  import { WebSocket } from 'ws';
  const [, url] = process.argv;
`;

/** Runs a program in a process of its own until it ends by itself; gives what it prints. */
const runs = async (program, ...args) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + program, '--', ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
    killSignal: 'SIGKILL',
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => output.push(text));
  const [code, killedBy] = await once(child, 'close');
  assert.deepEqual([code, killedBy], [0, null], output.join(''));
  return output.join('').trim();
};

const make = (options) => `const transport = new WebSocketTransport(url, ${options});`;
const patiently = make(JSON.stringify(patient));
const codeOf = (promise) => `console.log(await ${promise}.then(() => 'no error', (error) => error.code));`;
const useAndClose = `
  await transport.connect();
  console.log((await transport.execute('{ hello }')).data.hello);
  await transport.close();
`;

/** Programs on a server that answers, and what they print. */
const programs = {
  'runs an operation and closes': [patiently + useAndClose, 'world'],
  'runs an operation and closes, with `ws`,': [
    make(`{ ...${JSON.stringify(patient)}, webSocket: WebSocket }`) + useAndClose,
    'world',
  ],
  'leaves a subscription by break and closes': [
    `${patiently} await transport.connect();
    for await (const { data } of transport.subscribe('subscription { one }')) { console.log(data); break; }
    await transport.close();`,
    '1',
  ],
  'closes without waiting for it': [
    `${patiently} await transport.connect(); transport.subscribe('subscription { none }'); transport.close();`,
    '',
  ],
  'pings and closes': [
    make(JSON.stringify({ ...patient, pingInterval: 1e9, keepAliveTimeout: 1e9 })) + useAndClose,
    'world',
  ],
  'closes while it connects': [
    `${patiently} const failed = transport.connect(); transport.close(); ${codeOf('failed')}`,
    'TRANSPORT_CLOSED',
  ],
  'loses the connection': [
    `${patiently} await transport.connect(); ${codeOf("transport.execute('{ vanishes }')")}`,
    'CONNECTION_LOST',
  ],
  'makes a transport and nothing else': [patiently, ''],
};

for (const [what, [program, printed]] of Object.entries(programs)) {
  test(`a process that ${what} exits by itself`, () =>
    withAck(
      async ({ url }) => assert.equal(await runs(program, url), printed),
      ({ socket, send }, message) => {
        if (message?.type !== 'subscribe') return;
        if (message.payload.query === '{ vanishes }') socket.terminate();
        else answers[message.payload.query](message.id).forEach(send);
      },
    ));
}

const connect = codeOf('transport.connect()');

test('a process that finds nobody listening exits by itself', async () =>
  assert.equal(await runs(patiently + connect, await unusedUrl()), 'CONNECTION_REFUSED'));

test('a process that finds no WebSocket server exits by itself', () =>
  withHttp(async ({ url }) => assert.equal(await runs(patiently + connect, url), 'CONNECTION_REFUSED')));

for (const [host, webSocket] of Object.entries({ "the host's WebSocket": 'undefined', '`ws`': 'WebSocket' })) {
  const impatiently = (option) => make(`{ ...${JSON.stringify({ ...patient, [option]: 20 })}, webSocket: ${webSocket} }`);

  test(`a process whose socket never opens exits by itself, with ${host}`, () =>
    withSilence(async ({ url }) =>
      assert.equal(await runs(impatiently('connectTimeout') + connect, url), 'CONNECT_TIMEOUT')));

  test(`a process that is never acknowledged exits by itself, with ${host}`, () =>
    withScript(
      async ({ url }) => assert.equal(await runs(impatiently('ackTimeout') + connect, url), 'ACK_TIMEOUT'),
      () => {},
    ));
}

// With `ws`: the standard's class can end no connection whose server keeps silent.
test('a process whose server never says goodbye exits by itself', () =>
  withAck(
    async ({ url }) => {
      const options = `{ ...${JSON.stringify({ ...patient, closeTimeout: 20 })}, webSocket: WebSocket }`;
      const program = `${make(options)} await transport.connect(); await transport.close(); console.log(transport.state);`;
      assert.equal(await runs(program, url), 'closed');
    },
    ({ socket }, message) => message?.type === 'connection_init' && socket.pause(),
  ));
