// The crate in a Rust app of its own, `tests/rust-app`, against the real server.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { startServer } from '../servers/index.mjs';
import { until, withGraphqlWs } from './servers.mjs';

// What `npm install ws` and one line do for a Rust app in Node before version 22.
globalThis.WebSocket ??= WebSocket;

const app = new URL('../../target/rust-app/', import.meta.url);
const glue = await import(new URL('rust_app.js', app));
glue.initSync({ module: await readFile(new URL('rust_app_bg.wasm', app)) });

test('a subscription to its end, a query, and close', () =>
  withGraphqlWs(async ({ url }) => {
    assert.equal(await glue.everything(url), '2 1 0 Hello, Ada! 1000');
  }));

test('a stream that is dropped is stopped, and a transport that is dropped closes', () =>
  withGraphqlWs(async ({ url, running, sockets }) => {
    assert.equal(await glue.left_early(url), '[1000, 999] Hello, world!');
    await until(() => running.count === 0, 'the server has stopped');
    await until(() => sockets.clients.size === 0, 'the socket is closed');
  }));

test('errors can be told apart', () =>
  withGraphqlWs(async ({ url }) => {
    assert.equal(
      await glue.errors(url),
      'WRONG_RESULT, WRONG_RESULT, true this resolver fails (at failing), QUERY_ERROR Cannot query field "nothing" on type "Query"., NOT_CONNECTED, connected again',
    );
  }));

test('a subscription outlives its connection', () =>
  withGraphqlWs(async ({ url, sockets }) => {
    const lose = () => sockets.clients.forEach((socket) => socket.terminate());
    assert.equal(await glue.outlives(url, lose), 'CONNECTION_LOST resumed 1000');
  }));

test('nobody listens', async () => {
  await assert.rejects(glue.everything('ws://127.0.0.1:1/'), /CONNECTION_REFUSED: could not open a WebSocket/);
});

test('typed operations of graphql_client are requests', () =>
  withGraphqlWs(async ({ url }) => {
    assert.equal(await glue.of_graphql_client(url), '2 1 0 Hello, world!');
  }));

test('typed operations of cynic are requests', () =>
  withGraphqlWs(async ({ url }) => {
    assert.equal(await glue.of_cynic(url), '2 1 0 Hello, Ada! typed');
  }));

/** Runs the body with one of the servers of a dialect that is chosen. */
const withChosen = async (name, body) => {
  const server = await startServer(name);
  try {
    await body(server.url);
  } finally {
    await server.stop();
  }
};

test('a Rust app speaks the dialect of AppSync', () =>
  withChosen('appsync', async (url) => {
    assert.equal(await glue.of_app_sync(url, 'da2-good'), '1 2 UNSUPPORTED_OPERATION');
    await assert.rejects(glue.of_app_sync(url, 'da2-wrong'), /CONNECTION_ERROR: .*the API key is not known/);
  }));

test('a Rust app speaks the dialect of Phoenix', () =>
  withChosen('phoenix', async (url) => {
    assert.equal(await glue.of_phoenix(url, 'good'), '1 2 Hello, world!');
    await assert.rejects(glue.of_phoenix(url, 'wrong'), /CONNECTION_REFUSED/);
  }));

test('the classes of the npm package are not in the app', () => {
  assert.deepEqual(Object.keys(glue).sort(), [
    'default',
    'errors',
    'everything',
    'initSync',
    'left_early',
    'of_app_sync',
    'of_cynic',
    'of_graphql_client',
    'of_phoenix',
    'outlives',
  ]);
});
