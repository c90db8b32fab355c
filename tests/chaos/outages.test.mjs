// Outages as long as real ones, with the options that are the default.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { Client } from 'wireql';
import { WebSocket } from 'ws';
import { until, withScript } from '../e2e/servers.mjs';
import { lastingPort, startServer } from '../servers/index.mjs';
import { startProxy } from '../servers/proxy.mjs';

const sockets = { '`ws`': WebSocket };
if (globalThis.WebSocket !== undefined) sockets["the host's WebSocket"] = undefined;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads `ticks` as long as they last. */
const record = (client) => {
  const seen = [];
  const notices = [];
  const onNotice = (notice) => {
    notices.push(notice);
    seen.push(notice.type);
  };
  const read = async () => {
    for await (const { data } of client.subscribe('subscription { ticks }', { onNotice })) seen.push(data.ticks);
  };
  return { seen, notices, ended: read() };
};

/** As `until`, for what takes long. */
const untilSome = async (condition, what, patience) => {
  const deadline = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`after ${patience / 1000} s still not: ${what}`);
    await pause(10);
  }
};

describe('outages', { concurrency: true }, () => {
  for (const [host, webSocket] of Object.entries(sockets)) {
    for (const seconds of [0.2, 1, 5, 20]) {
      for (const way of ['kill', 'stop']) {
        test(`subscriptions outlive ${seconds} s without a server (${way}), with ${host}`, async (t) => {
          const port = await lastingPort();
          let server = await startServer('graphql-ws', { port });
          t.after(() => server.kill());
          // The outage and the delay after it may take longer together than a query waits by default.
          const client = new Client(server.url, { webSocket, waitTimeout: null });
          t.after(() => client.close());
          let attempts = 0;
          client.on('connecting', () => (attempts += 1));
          const all = Array.from({ length: 10 }, () => record(client));
          await until(() => all.every(({ seen }) => seen.at(-1) >= 3), 'three results of each');
          await server[way]();
          await until(() => all.every(({ seen }) => seen.at(-1) === 'interrupted'), 'the loss');
          const query = client.execute('{ echo(value: 7) }');
          const mutation = client.execute('mutation { setMessage(message: "late") }');
          await pause(seconds * 1000);
          server = await startServer('graphql-ws', { port });
          const back = Date.now();
          // The longest window is 30 s.
          await untilSome(() => all.every(({ seen }) => seen.at(-1) >= 3 && seen.includes('resumed')), 'they go on', 40_000);
          const took = all[0].notices[1].resumedAt - back;
          assert.deepEqual((await query).data, { echo: 7 });
          assert.deepEqual((await mutation).data, { setMessage: 'late' });
          for (const { notices } of all) assert.deepEqual(notices.map(({ type }) => type), ['interrupted', 'resumed']);
          console.log(`${host}: ${way}, ${seconds} s without a server: ${attempts - 1} attempts, back ${took} ms after the server`);
        });
      }
    }

    test(`a half-open connection is noticed with the times that are the default, with ${host}`, async (t) => {
      const server = await startServer('graphql-ws');
      t.after(() => server.kill());
      const proxy = await startProxy(server);
      t.after(() => proxy.close());
      const client = new Client(proxy.url, { webSocket });
      t.after(() => client.close());
      const { seen, notices } = record(client);
      await until(() => seen.length >= 3, 'three results');
      proxy.stall();
      const stalled = Date.now();
      await untilSome(() => notices.length === 1, 'the loss is noticed', 30_000);
      const took = notices[0].lostAt - stalled;
      assert.equal(notices[0].error.code, 'PONG_TIMEOUT');
      // A ping each 12 s, and 6 s for its answer.
      assert.ok(took > 5_000 && took < 20_000, `noticed after ${took} ms`);
      proxy.heal();
      await untilSome(() => seen.at(-1) >= 3 && seen.includes('resumed'), 'it goes on', 30_000);
      console.log(`${host}: half-open, noticed after ${took} ms, back ${notices[1].resumedAt - notices[0].lostAt} ms later`);
    });
  }
});

/** How many connections a client makes in so long to a server that closes each of them with 1000. */
const connectionsIn = (ms, begin) =>
  withScript(
    async ({ url, sockets }) => {
      let connections = 0;
      sockets.on('connection', () => (connections += 1));
      const end = begin(url);
      await pause(ms);
      await end();
      return connections;
    },
    (peer, message) => {
      if (message?.type !== 'connection_init') return;
      peer.send({ type: 'connection_ack' });
      peer.socket.close(1000);
    },
  );

const wireql = (options) => (url) => {
  const client = new Client(url, { webSocket: WebSocket, ...options });
  void client.subscribe('subscription { n }').next();
  return () => client.close();
};

const peer = (url) => {
  const { createClient } = createRequire(new URL('../servers/program.mjs', import.meta.url))('graphql-ws');
  const client = createClient({ url, webSocketImpl: WebSocket });
  client.subscribe({ query: 'subscription { n }' }, { next() {}, error() {}, complete() {} });
  return () => client.dispose();
};

test('a server that closes each connection with 1000 is not flooded', async () => {
  const byDefault = await connectionsIn(10_000, wireql());
  const small = await connectionsIn(10_000, wireql({ retry: { baseDelay: 10, maxDelay: 80 } }));
  const graphqlWs = await connectionsIn(2_000, peer);
  console.log(`always 1000: ${byDefault} connections in 10 s, ${small} with 10 to 80 ms; graphql-ws makes ${graphqlWs} in 2 s`);
  // With each delay as short as can be, the seventh begins after 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3 s.
  assert.ok(byDefault <= 9, `${byDefault} connections`);
  assert.ok(small <= 10_000 / 8, `${small} connections`);
});
