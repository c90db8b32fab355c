// The crate in a Rust app of its own, `tests/rust-app`, against the real server.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { WebSocket } from 'ws';
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
      'WRONG_RESULT, WRONG_RESULT, true this resolver fails [Field("failing")], QUERY_ERROR, NOT_CONNECTED, connected again',
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

test('the classes of the npm package are not in the app', () => {
  assert.deepEqual(Object.keys(glue).sort(), ['default', 'errors', 'everything', 'initSync', 'left_early', 'outlives']);
});
