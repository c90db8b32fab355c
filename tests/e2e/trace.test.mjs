// What the option `trace` gives is a transcript as the native tests have them: each of these is left in
// target/traces/, where `cargo test --test transcripts -- --ignored` plays it again.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Client, WebSocketTransport } from 'wireql';
import { startServer } from '../servers/index.mjs';
import { withGraphqlWs, withScript } from './servers.mjs';

const folder = new URL('../../target/traces/', import.meta.url);
mkdirSync(folder, { recursive: true });

/** Runs the body with a transport that is traced, and keeps the trace. */
const traced = async (title, url, options, body, Class = WebSocketTransport) => {
  const lines = [];
  const transport = new Class(url, { ...options, trace: (line) => lines.push(line) });
  await body(transport, lines);
  assert.ok(lines.length > 5 && !lines.join('\n').includes('secret'), lines.join('\n'));
  writeFileSync(new URL(`${title.replaceAll(' ', '-')}.txt`, folder), `# ${title}\n${lines.join('\n')}\n`);
};

const operations = async (transport) => {
  await transport.connect();
  for await (const _ of transport.subscribe('subscription { countdown(from: 2, ms: 1) }'));
  for await (const _ of transport.subscribe('subscription ($n: Int!) { countdown(from: $n) }', { variables: { n: 9 } })) break;
  await transport.execute('query ($name: String) { hello(name: $name) }', { variables: { name: 'Ada' } });
  await transport.execute('subscription { countdown(from: 9) }');
  await transport.execute('{ nothing }').catch(() => {});
  const left = new AbortController();
  const waiting = transport.subscribe('subscription { silent }', { signal: left.signal }).next();
  left.abort();
  await waiting.catch(() => {});
  const observed = transport.observe('subscription { silent }', { sendStop: false }).subscribe({});
  observed.unsubscribe();
  await transport.close();
};

const withReal = async (name, body) => {
  const server = await startServer(name);
  try {
    await body(server);
  } finally {
    await server.kill();
  }
};

test('a modern server', () =>
  withGraphqlWs(({ url }) => {
    const secret = url.replace('ws://', 'ws://user:secret1@') + '?key=secret2';
    return traced('modern', secret, { initPayload: async () => ({ token: 'secret3' }), pingInterval: 60_000 }, operations);
  }));

for (const [title, name, options] of [
  ['legacy', 'mercurius', { subprotocols: ['graphql-ws'], keepAliveTimeout: 60_000 }],
  ['the other dialect is tried', 'subscriptions-transport-ws', {}],
]) {
  test(title, () => withReal(name, ({ url }) => traced(title, url, options, operations)));
}

test('refused credentials', () =>
  withReal('subscriptions-transport-ws', ({ url }) =>
    traced('refused', url, { subprotocols: ['graphql-ws'], initPayload: { token: 'wrong' } }, (transport) =>
      assert.rejects(transport.connect(), { code: 'CONNECTION_ERROR' }),
    ),
  ));

test('a lost connection, and a second one', () =>
  withScript(
    ({ url, sockets }) =>
      traced('lost', url, {}, async (transport) => {
        await transport.connect();
        const waiting = transport.subscribe('subscription { a }').next();
        transport.sendPing({ n: 1 });
        for (const socket of sockets.clients) socket.close(1011, 'oops');
        await assert.rejects(waiting, { code: 'CONNECTION_LOST' });
        await assert.rejects(transport.execute('{ a }'), { code: 'NOT_CONNECTED' });
        await transport.connect();
        await transport.close();
      }),
    ({ send }, message) => {
      if (message?.type === 'connection_init') send({ type: 'connection_ack', payload: { hello: 1 } });
      if (message?.type === 'ping') send({ type: 'pong', payload: message.payload });
    },
  ));

test('a client that outlives a loss', () =>
  withScript(
    ({ url, sockets }) =>
      traced('client', url, { retry: { baseDelay: 10, when: () => undefined, delay: () => 5 } }, async (client) => {
        const kept = client.subscribe('subscription { a }', {
          onNotice: () => {},
          waitTimeout: 60_000,
          resume: { cursor: ({ data }) => data.a, variables: (a) => ({ a }) },
        });
        await kept.next();
        const mutation = client.execute('mutation { a }');
        const active = client.subscribe('subscription { b }').active;
        await client.execute('mutation { b }', { idempotent: true });
        for (const socket of sockets.clients) socket.close(1011, 'oops');
        await assert.rejects(mutation, { code: 'OUTCOME_UNKNOWN' });
        await kept.next();
        await active;
        await client.reconnect();
        client.notify('online');
        await kept.next();
        await client.close();
      }, Client),
    ({ send }, message) => {
      if (message?.type === 'connection_init') send({ type: 'connection_ack' });
      if (message?.type !== 'subscribe' || message.payload.query === 'mutation { a }') return;
      send({ id: message.id, type: 'next', payload: { data: { a: 1 } } });
      if (message.payload.query.startsWith('mutation')) send({ id: message.id, type: 'complete' });
    },
  ));

test('a server that sends no JSON', () =>
  withScript(
    ({ url }) =>
      traced('no JSON', url, {}, async (transport, lines) => {
        await assert.rejects(transport.connect(), { code: 'NOT_JSON' });
        await transport.waitClosed();
        assert.ok(lines.some((line) => line.includes('< <html>\\u000ahello')), lines.join('\n'));
      }),
    ({ send }, message) => message && send('<html>\nhello'),
  ));
