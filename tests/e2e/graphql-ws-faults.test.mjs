// What npm `graphql-ws` 6.4.2 does wrong, and `wireql/graphql-ws` does not; and what only the latter has.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { createClient as theirs } from 'graphql-ws';
import * as original from 'graphql-ws/client';
import { Client } from 'wireql';
import * as entry from 'wireql/graphql-ws';
import { WebSocket } from 'ws';
import { serverOf } from './oracle.mjs';
import { until, withAck, withReports, withScript } from './servers.mjs';

const { createClient, TerminatedCloseEvent } = entry;

const at = (is, at = 'subscribe') => ({ at, is });

/** Makes a client that is disposed of whatever happens. */
const using = (t, options, make = createClient) => {
  const client = make({ webSocketImpl: WebSocket, retryWait: async () => {}, ...options });
  t.after(() => client.dispose());
  return client;
};

/** Subscribes, with all that its sink is told. `ended`: the kind of its end, and what came with it. */
const record = (client, payload = { query: 'subscription { n }' }, also = {}) => {
  const results = [];
  let leave;
  const ended = new Promise((resolve) => {
    leave = client.subscribe(payload, {
      next(result) {
        results.push(result);
        also.next?.(result);
      },
      error: (problem) => resolve(['error', problem]),
      complete: () => resolve(['complete']),
    });
  });
  return { results, ended, leave };
};

// ---- a server that closes with 1000 -----------------------------------------------------

test('a server that always closes with 1000 is not connected to again and again', { timeout: 30_000 }, async (t) => {
  const counts = {};
  const begin = performance.now();
  const run = (name, make, body) =>
    withScript(async ({ url, sockets }) => {
      counts[name] = 0;
      sockets.on('connection', () => (counts[name] += 1));
      // The delays that users have who set none.
      const client = make({ url, webSocketImpl: WebSocket });
      const leave = client.subscribe({ query: 'subscription { n }' }, { next() {}, error() {}, complete() {} });
      await body();
      leave();
    }, serverOf({ always: { at: 'ack', is: 1000 } }));
  const hasMany = () => until(() => counts.theirs >= 500, '500 connections of the original');
  await Promise.all([run('theirs', theirs, hasMany), run('ours', createClient, hasMany)]);
  const seconds = ((performance.now() - begin) / 1_000).toFixed(2);
  t.diagnostic(`in ${seconds} s: ${counts.theirs} connections of the original, ${counts.ours} of wireql/graphql-ws`);
  assert.ok(counts.ours <= 3, `${counts.ours} connections`);
});

test('a user function without a delay makes no hot loop either', { timeout: 30_000 }, async (t) => {
  const asked = [];
  let theirConnections = 0;
  let ourConnections = 0;
  const always = serverOf({ always: { at: 'ack', is: 1000 } });
  await withScript(async (server) => {
    server.sockets.on('connection', () => (theirConnections += 1));
    await withScript(async ({ url, sockets }) => {
      sockets.on('connection', () => (ourConnections += 1));
      const retryWait = async (retries) => void asked.push(retries);
      const ours = using(t, { url, retryWait, retryAttempts: 3 });
      // Its dispose rejects.
      const other = record(theirs({ url: server.url, webSocketImpl: WebSocket, retryWait: async () => {} }));
      record(ours);
      await until(() => theirConnections >= 200 && asked.length >= 2, 'both have tried');
      other.leave();
      assert.ok(ourConnections * 10 < theirConnections, `${ourConnections} beside ${theirConnections}`);
      await until(() => asked.length >= 5, 'it goes on');
      // For ever, but with numbers below retryAttempts.
      assert.deepEqual(asked.slice(0, 5), [0, 1, 2, 2, 2]);
    }, serverOf({ always: { at: 'ack', is: 1000 } }));
  }, always);
});

test('a close with 1000 of a connection that has lasted is followed at once', async (t) => {
  const asked = [];
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  await withScript(
    async ({ url, sockets }) => {
      const client = using(t, { url, retryWait: async (retries) => void asked.push(retries) });
      const { results, ended } = record(client);
      await until(() => results.length === 1, 'a result');
      now += 1_000;
      for (const socket of sockets.clients) socket.close(1000);
      assert.deepEqual(await ended, ['complete']);
      assert.deepEqual(asked, []);
    },
    serverOf([at('silent', 'result')]),
  );
});

// ---- functions of the user's that fail --------------------------------------------------

const failures = {
  'a url that rejects': { url: () => Promise.reject(new Error('mine')) },
  'a url that throws': {
    url() {
      throw new Error('mine');
    },
  },
  'a class that throws': {
    webSocketImpl: class extends WebSocket {
      constructor() {
        throw new Error('mine');
      }
    },
  },
  'a listener of connecting that throws': {
    on: {
      connecting() {
        throw new Error('mine');
      },
    },
  },
};

for (const [name, options] of Object.entries(failures)) {
  test(`${name} is told to the sink and to error`, async (t) => {
    const errors = [];
    const client = using(t, { url: 'ws://127.0.0.1:1', ...options });
    client.on('error', (error) => errors.push(error));
    const [kind, problem] = await record(client).ended;
    assert.equal(kind, 'error');
    assert.equal(problem.message, 'mine');
    assert.deepEqual(errors, [problem]);
    // It hangs in nothing: the next one begins anew.
    assert.equal((await record(client).ended)[1].message, 'mine');
  });
}

test('a url that rejects once is asked again if shouldRetry says so', async (t) => {
  let calls = 0;
  await withScript(async ({ url }) => {
    const client = using(t, {
      url: async () => {
        if ((calls += 1) < 3) throw new Error('mine');
        return url;
      },
      shouldRetry: (problem) => problem.message === 'mine',
    });
    assert.deepEqual(await record(client).ended, ['complete']);
    assert.equal(calls, 3);
  }, serverOf());
});

test('a retryWait that rejects is told to all sinks, and ends them', async (t) => {
  await withScript(
    async ({ url }) => {
      const errors = [];
      const mine = new Error('mine');
      const client = using(t, { url, retryWait: () => Promise.reject(mine), on: { error: (error) => errors.push(error) } });
      const sinks = [record(client), record(client)];
      for (const { ended } of sinks) assert.deepEqual(await ended, ['error', mine]);
      assert.deepEqual(errors, [mine]);
      assert.deepEqual(await record(client).ended, ['complete']);
    },
    serverOf([at('lost')]),
  );
});

test('what a sink throws is reported, and ends nothing', async (t) => {
  await withReports((reports) =>
    withScript(async ({ url, closes }) => {
      const client = using(t, { url });
      const mine = new Error('mine');
      const fail = () => {
        throw mine;
      };
      client.subscribe({ query: '{ a }' }, { next: fail, error: fail, complete: fail });
      const other = record(client);
      assert.deepEqual(await other.ended, ['complete']);
      assert.equal(other.results.length, 1);
      assert.deepEqual(reports, [mine, mine]);
      await until(() => closes.length > 0, 'it is closed');
      assert.deepEqual(closes, [[1000, 'Normal Closure']]);
    }, serverOf()),
  );
});

test('what a sink throws at its error, or at completion, is reported too', async (t) => {
  await withReports((reports) =>
    withScript(
      async ({ url }) => {
        const client = using(t, { url });
        const mine = new Error('mine');
        client.subscribe(
          { query: '{ a }' },
          {
            next() {},
            complete() {},
            error() {
              throw mine;
            },
          },
        );
        await until(() => reports.length > 0, 'a report');
        assert.deepEqual(reports, [mine]);
      },
      serverOf([at(4400)]),
    ),
  );
});

const unsendable = {
  'without a query': [{}, {}, /expects the 'query' property to be a string, but got undefined/],
  'that is no object': [null, {}, /expects the 'payload' property to be an object, but got null/],
  'with a list of variables': [{ query: '', variables: [] }, {}, /expects the 'variables' property/],
  'with a number as its name': [{ query: '', operationName: 1 }, {}, /expects the 'operationName' property/],
  'with a BigInt': [{ query: '', variables: { a: 1n } }, {}, /BigInt/],
  'for which the replacer throws': [
    { query: 'bad' },
    {
      jsonMessageReplacer(_, value) {
        if (value === 'bad') throw new Error('mine');
        return value;
      },
    },
    /mine/,
  ],
  'for which send throws': [
    { query: 'bad' },
    {
      webSocketImpl: class extends WebSocket {
        send(text, ...more) {
          if (text.includes('bad')) throw new Error('mine');
          super.send(text, ...more);
        }
      },
    },
    /mine/,
  ],
};

for (const [name, [payload, options, expected]] of Object.entries(unsendable)) {
  test(`an operation ${name} ends alone`, async (t) => {
    await withReports((reports) => withScript(async ({ url, received, closes }) => {
      const client = using(t, { url, ...options });
      const bad = record(client, payload);
      const good = record(client);
      const [kind, problem] = await bad.ended;
      assert.equal(kind, 'error');
      assert.match(problem.message, expected);
      assert.deepEqual(await good.ended, ['complete']);
      // Nothing is left that would keep the connection, and the server heard of nothing.
      await until(() => closes.length > 0, 'it is closed');
      assert.deepEqual(received.map(({ type }) => type), ['connection_init', 'subscribe']);
      assert.deepEqual(reports, []);
    }, serverOf()));
  });
}

// ---- losses -----------------------------------------------------------------------------

test('shouldRetry is asked once for a loss, however many operations there are', async (t) => {
  let asked = 0;
  await withScript(
    async ({ url }) => {
      const client = using(t, { url, shouldRetry: () => (asked += 1) > 0 });
      const sinks = [1, 2, 3].map(() => record(client));
      for (const { ended } of sinks) assert.deepEqual(await ended, ['complete']);
      assert.equal(asked, 1);
    },
    serverOf([at('lost')]),
  );
});

test('an operation behind giving up begins at once', async (t) => {
  const asked = [];
  await withScript(
    async ({ url }) => {
      const client = using(t, { url, retryAttempts: 2, retryWait: async (retries) => void asked.push(retries) });
      assert.equal((await record(client).ended)[0], 'error');
      assert.deepEqual(asked, [0, 1]);
      assert.deepEqual(await record(client).ended, ['complete']);
      assert.deepEqual(asked, [0, 1]);
    },
    serverOf([at(1001, 'init'), at(1001, 'init'), at(1001, 'init')]),
  );
});

test('the end of an old socket does not end the new connection', async (t) => {
  let calls = 0;
  const told = [];
  await withScript(async ({ url }) => {
    const client = using(t, {
      url,
      shouldRetry: () => true,
      connectionParams() {
        if ((calls += 1) === 1) throw new Error('mine');
      },
      on: { connecting: (isRetry) => told.push(['connecting', isRetry]), closed: ({ code }) => told.push(['closed', code]) },
    });
    assert.deepEqual(await record(client).ended, ['complete']);
    assert.deepEqual(told.slice(0, 3), [['connecting', false], ['closed', 4005], ['connecting', true]]);
  }, serverOf());
});

test('an error event of a socket that was open is judged by the close event behind it', async (t) => {
  const errors = [];
  await withScript(
    async ({ url }) => {
      const client = using(t, { url, on: { error: (event) => errors.push(event.type) } });
      const { results, ended } = record(client);
      assert.deepEqual(await ended, ['complete']);
      assert.equal(results.length, 2);
      assert.deepEqual(errors, ['error']);
    },
    // A frame that cannot be: `ws` says so by an error event, as Node's own WebSocket does of any lost connection.
    serverOf([at(({ socket }) => socket._socket.write(Buffer.from([0xff, 0xff])), 'result')]),
  );
});

test("the host's own WebSocket, or ws where there is none, goes on over a lost connection", async (t) => {
  await withScript(
    async ({ url }) => {
      const client = using(t, { url, webSocketImpl: undefined });
      const { results, ended } = record(client);
      assert.deepEqual(await ended, ['complete']);
      assert.equal(results.length, 2);
    },
    serverOf([at('lost', 'result')]),
  );
});

test('an operation that begins in a listener of connecting shares the connection', async (t) => {
  await withScript(async ({ url, received }) => {
    const client = using(t, { url });
    let second;
    const off = client.on('connecting', () => {
      off();
      second = record(client);
    });
    const first = record(client);
    assert.deepEqual(await first.ended, ['complete']);
    assert.deepEqual(await second.ended, ['complete']);
    assert.deepEqual(received.map(({ type }) => type), ['connection_init', 'subscribe', 'subscribe']);
  }, serverOf());
});

test('dispose does not wait for a retry, never rejects, and completes the sinks', async (t) => {
  let waits;
  const waiting = new Promise((resolve) => (waits = resolve));
  await withScript(
    async ({ url }) => {
      const client = using(t, {
        url,
        retryWait() {
          waits();
          return new Promise(() => {});
        },
      });
      const sinks = [record(client), record(client, { query: '{ a }' }), record(client, { query: 'mutation { a }' })];
      await waiting;
      await client.dispose();
      for (const { ended } of sinks) assert.deepEqual(await ended, ['complete']);
      // And a later one connects again, and is retried as any other.
      assert.deepEqual(await record(client).ended, ['complete']);
    },
    serverOf([at(1001, 'init')]),
  );
});

test('a client that was disposed of retries what begins later', async (t) => {
  await withScript(
    async ({ url }) => {
      const client = using(t, { url });
      assert.deepEqual(await record(client).ended, ['complete']);
      await client.dispose();
      const { results, ended } = record(client);
      assert.deepEqual(await ended, ['complete']);
      assert.equal(results.length, 2);
    },
    serverOf([undefined, at('lost', 'result')]),
  );
});

test('a close reason of many bytes in few characters is no error of its own', async (t) => {
  await withScript(async ({ url, closes }) => {
    const mine = new Error('é'.repeat(100));
    const client = using(t, { url, connectionParams: () => Promise.reject(mine) });
    assert.deepEqual(await record(client).ended, ['error', mine]);
    await until(() => closes.length > 0, 'it is closed');
    assert.deepEqual(closes, [[4005, 'Internal client error']]);
  }, serverOf());
});

// ---- a socket that does not do its part -------------------------------------------------

/** A class of the test's own, as mocks are: handlers, and no more. It opens and acknowledges by itself. */
const mockOf = (sockets, { closes = true } = {}) =>
  class Mock {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    readyState = 0;
    sent = [];
    closed = [];
    constructor(url, subprotocol) {
      Object.assign(this, { url, subprotocol });
      sockets.push(this);
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen?.({});
      });
    }
    send(text) {
      const message = JSON.parse(text);
      this.sent.push(message);
      if (message.type === 'connection_init') queueMicrotask(() => this.say({ type: 'connection_ack' }));
    }
    say(message) {
      this.onmessage?.({ data: JSON.stringify(message) });
    }
    close(code, reason) {
      this.closed.push([code, reason]);
      this.readyState = 2;
      if (closes) queueMicrotask(() => this.onclose?.({ code, reason, wasClean: true }));
    }
  };

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a socket that is told to close and does not counts as closed three seconds later', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sockets = [];
  const told = [];
  const client = createClient({ url: 'ws://mock', webSocketImpl: mockOf(sockets, { closes: false }), on: { closed: ({ code, wasClean }) => told.push([code, wasClean]) } });
  const first = record(client);
  await settle();
  assert.deepEqual(sockets[0].sent.map(({ type }) => type), ['connection_init', 'subscribe']);
  sockets[0].say({ id: '1', type: 'nonsense' });
  assert.equal((await first.ended)[0], 'error');
  assert.deepEqual(sockets[0].closed, [[4004, `Invalid message 'type' property "nonsense"`]]);
  const second = record(client);
  await settle();
  assert.equal(sockets.length, 1);
  t.mock.timers.tick(3_000);
  await settle();
  assert.deepEqual(told, [[1006, false]]);
  assert.equal(sockets.length, 2);
  second.leave();
});

test('dispose ends what waits for a retry while the old socket still closes', async () => {
  const sockets = [];
  const mine = new Error('mine');
  let waits = false;
  const client = createClient({
    url: 'ws://mock',
    webSocketImpl: mockOf(sockets, { closes: false }),
    shouldRetry: () => true,
    connectionParams: () => Promise.reject(mine),
    retryWait: () => ((waits = true), new Promise(() => {})),
  });
  const { ended } = record(client);
  await settle();
  assert.ok(waits);
  await client.dispose();
  assert.deepEqual(await ended, ['complete']);
  sockets[0].onclose({ code: 4005, reason: 'mine', wasClean: true });
});

test('the url, the subprotocol as text, and the very objects of the host are handed on', async () => {
  const sockets = [];
  const told = [];
  const on = Object.fromEntries(['opened', 'connected', 'closed', 'error'].map((event) => [event, (...args) => told.push([event, args[0]])]));
  const url = new URL('ws://mock/x?y#z');
  const client = createClient({ url, webSocketImpl: mockOf(sockets), on, retryAttempts: 0 });
  const { ended } = record(client);
  await settle();
  const [socket] = sockets;
  assert.equal(socket.url, url);
  assert.equal(socket.subprotocol, 'graphql-transport-ws');
  const event = { code: 1006, reason: '', wasClean: false };
  socket.onclose(event);
  assert.deepEqual(told.map(([name]) => name), ['opened', 'connected', 'closed']);
  assert.equal(told[0][1], socket);
  assert.equal(told[2][1], event);
  assert.equal((await ended)[1], event);
});

test('terminate gives a socket up that says nothing, and goes on with another one', async () => {
  const sockets = [];
  const told = [];
  const client = createClient({ url: 'ws://mock', webSocketImpl: mockOf(sockets, { closes: false }), retryWait: async () => {}, on: { closed: (event) => told.push(event) } });
  const { results, leave } = record(client);
  await settle();
  client.terminate();
  assert.equal(told.length, 1);
  assert.ok(told[0] instanceof TerminatedCloseEvent);
  assert.deepEqual(sockets[0].closed, [[4499, 'Terminated']]);
  await settle();
  assert.equal(sockets.length, 2);
  const [{ id }] = sockets[1].sent.filter(({ type }) => type === 'subscribe');
  // What the old one says is heard no more.
  sockets[0].say({ id, type: 'next', payload: { data: 'old' } });
  sockets[1].say({ id, type: 'next', payload: { data: 'new' } });
  assert.deepEqual(results, [{ data: 'new' }]);
  leave();
});

test('terminate while the socket opens tells no error, and goes on', async (t) => {
  await withScript(async ({ url }) => {
    const told = [];
    const client = using(t, { url, on: { error: (event) => told.push(event), closed: ({ code }) => told.push(code) } });
    const { ended } = record(client);
    client.terminate();
    assert.deepEqual(await ended, ['complete']);
    assert.deepEqual(told, [4499]);
  }, serverOf());
});

test('connectionParams that come when the socket has closed are sent to nobody', async () => {
  await withReports(async (reports) => {
    const sockets = [];
    let give;
    const client = createClient({ url: 'ws://mock', webSocketImpl: mockOf(sockets), retryAttempts: 0, connectionParams: () => new Promise((resolve) => (give = resolve)) });
    const { ended } = record(client);
    await settle();
    const [socket] = sockets;
    socket.readyState = 3;
    socket.onclose({ code: 4408, reason: '', wasClean: true });
    assert.equal((await ended)[1].code, 4408);
    give({});
    await settle();
    assert.deepEqual(socket.sent, []);
    assert.deepEqual(reports, []);
  });
});

test('a lost mutation gets the problem that a subscription goes on behind', async () => {
  const sockets = [];
  const client = createClient({ url: 'ws://mock', webSocketImpl: mockOf(sockets), retryWait: async () => {} });
  const subscription = record(client);
  const mutation = record(client, { query: 'mutation { pay }' });
  const unknown = record(client, { query: '', extensions: { persistedQuery: {} } });
  await settle();
  client.terminate();
  for (const { ended } of [mutation, unknown]) {
    const [kind, problem] = await ended;
    assert.equal(kind, 'error');
    assert.ok(problem instanceof TerminatedCloseEvent);
  }
  await settle();
  assert.equal(sockets[1].sent.filter(({ type }) => type === 'subscribe').length, 1);
  subscription.leave();
});

// ---- options of its own -----------------------------------------------------------------

test('fatal overrules which problems are fatal, in both directions', async (t) => {
  const asked = [];
  await withScript(
    async ({ url }) => {
      const fatal = ({ code }, proposed) => {
        asked.push([code, proposed]);
        return code === 1001;
      };
      const client = using(t, { url, fatal });
      const [kind, problem] = await record(client).ended;
      assert.equal(kind, 'error');
      assert.equal(problem.code, 1001);
      assert.deepEqual(asked, [[4500, true], [1001, false]]);
    },
    serverOf([at(4500), at(1001)]),
  );
});

test('isFatalConnectionProblem of version 5 is asked behind shouldRetry', async (t) => {
  const asked = [];
  await withScript(
    async ({ url }) => {
      const client = using(t, {
        url,
        shouldRetry: ({ code }) => asked.push(['shouldRetry', code]),
        isFatalConnectionProblem({ code }) {
          asked.push(['isFatalConnectionProblem', code]);
          return code === 1012;
        },
      });
      const [, problem] = await record(client).ended;
      assert.equal(problem.code, 1012);
      assert.deepEqual(asked, [1001, 1012].flatMap((code) => [['shouldRetry', code], ['isFatalConnectionProblem', code]]));
    },
    serverOf([at(1001), at(1012)]),
  );
});

// ---- the entry --------------------------------------------------------------------------

test('the entry exports what the client of npm graphql-ws does', () => {
  assert.deepEqual(Object.keys(entry).sort(), Object.keys(original).sort());
  for (const name of ['CloseCode', 'MessageType', 'GRAPHQL_TRANSPORT_WS_PROTOCOL', 'DEPRECATED_GRAPHQL_WS_PROTOCOL']) {
    assert.deepEqual(entry[name], original[name], name);
  }
  const [ours, its] = [entry, original].map(({ TerminatedCloseEvent }) => new TerminatedCloseEvent());
  assert.ok(ours instanceof Error);
  assert.deepEqual({ ...ours }, { ...its });
  assert.deepEqual(Object.keys(createClient({ url: '', webSocketImpl: WebSocket })).sort(), Object.keys(theirs({ url: '', webSocketImpl: WebSocket })).sort());
});

test('a client of this entry and one of the default entry share one WebAssembly', async () => {
  // In a process of its own, as here it has started.
  const { execFileSync } = await import('node:child_process');
  const program = `
    import { WebSocket } from 'ws';
    let instances = 0;
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance { constructor(...args) { super(...args); instances += 1; } };
    const { Client } = await import('wireql');
    const { createClient } = await import('wireql/graphql-ws');
    createClient({ url: 'ws://127.0.0.1:1', webSocketImpl: WebSocket });
    new Client('ws://127.0.0.1:1', { webSocket: WebSocket });
    console.log(instances);
  `;
  const cwd = new URL('..', import.meta.url);
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd, encoding: 'utf8' }), '1\n');
  assert.equal(typeof Client, 'function');
});

test('the entry can be required', async (t) => {
  const required = createRequire(import.meta.url)('wireql/graphql-ws');
  await withScript(async ({ url }) => {
    assert.deepEqual(await record(using(t, { url }, required.createClient)).ended, ['complete']);
  }, serverOf());
});

test('the functions of a client need no this, and can be spread', async (t) => {
  await withScript(async ({ url }) => {
    const { subscribe, iterate, on, terminate, dispose } = { ...using(t, { url }) };
    const told = [];
    on('connected', () => told.push('connected'));
    for await (const { data } of iterate({ query: '{ n }' })) told.push(data.n);
    assert.deepEqual(told, ['connected', 1]);
    assert.deepEqual(await record({ subscribe }).ended, ['complete']);
    terminate();
    await dispose();
  }, serverOf());
});

test("an iterator's return can be replaced", async (t) => {
  await withAck(
    async ({ url, received }) => {
      const iterator = using(t, { url }).iterate({ query: '{ n }' });
      const original = iterator.return;
      let calls = 0;
      iterator.return = (value) => {
        calls += 1;
        return original(value);
      };
      for await (const _ of iterator) break;
      assert.equal(calls, 1);
      await until(() => received.some(({ type }) => type === 'complete'), 'the server is told');
    },
    ({ send }, message) => message?.type === 'subscribe' && send({ id: message.id, type: 'next', payload: {} }),
  );
});

test('what is no WebSocket class, and an unknown event, throw', () => {
  for (const webSocketImpl of [{}, 'WebSocket', () => {}, class {}]) {
    assert.throws(() => createClient({ url: '', webSocketImpl }), /`webSocketImpl` must be a WebSocket class, which has CONNECTING/);
  }
  const client = createClient({ url: '', webSocketImpl: WebSocket });
  assert.throws(() => client.on('close', () => {}), /unknown event: the events are connecting, opened/);
});
