// The entry `wireql/slim`, whose WebAssembly comes from where the user says. In this order: once it has been
// started it stays so.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { TransportError, WebSocketTransport, init } from 'wireql/slim';
import { withGraphqlWs } from './servers.mjs';

const require = createRequire(import.meta.url);
const bytes = await readFile(require.resolve('wireql/wireql.wasm'));

/** Bytes, as a server gives them that knows nothing of WebAssembly. */
const serving = async (status, body, run) => {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await run(`http://127.0.0.1:${server.address().port}/wireql.wasm`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const fails = async (given, message) => {
  const error = await init(given).then(() => assert.fail('started'), (error) => error);
  assert.match(error.message, message);
  if (!(error instanceof TypeError)) {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, 'WEBASSEMBLY_FAILED');
  }
};

const used = () => new WebSocketTransport('ws://127.0.0.1/');

test('used before it was started', () => {
  assert.throws(used, { name: 'TransportError', code: 'WEBASSEMBLY_FAILED', message: /await init\(…\) before/ });
});

test('started with what is not there, with what is none, and with that of another build', async () => {
  await serving(404, 'not here', (url) => fails(url, /received HTTP status 404/));
  await serving(200, '<html>', (url) => fails(url, /these bytes are no WebAssembly/));
  await fails('http://127.0.0.1:1/', /could not fetch it/);
  await fails('no url', /could not fetch it/);
  await fails(bytes.subarray(0, 1000), /these bytes are no WebAssembly/);
  await fails(undefined, /init takes a url/);
  await fails(7, /init takes a url/);
  // Valid, and none of ours; then ours with another build's mark.
  await fails(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), /not that of this version/);
  const other = Buffer.from(bytes);
  other[other.length - 1] ^= 1;
  await fails(other, /not that of this version/);
  const mine = new Error('mine');
  await assert.rejects(init(Promise.reject(mine)), mine);
  assert.throws(used, { code: 'WEBASSEMBLY_FAILED' });
});

test('started with a url, more than once, and used', async () => {
  await serving(200, bytes, async (url) => {
    await Promise.all([init(url), init(url), init('never looked at')]);
  });
  await init(bytes);
  await init(undefined);
  await withGraphqlWs(async ({ url }) => {
    const transport = new WebSocketTransport(url);
    await transport.connect();
    assert.deepEqual(await transport.execute('{ hello }'), { data: { hello: 'Hello, world!' } });
    await transport.close();
  });
});

test('by require it is there once more, and takes a module', async () => {
  const slim = require('wireql/slim');
  assert.throws(() => new slim.WebSocketTransport('ws://127.0.0.1/'), { code: 'WEBASSEMBLY_FAILED' });
  await slim.init(WebAssembly.compile(bytes));
  new slim.WebSocketTransport('ws://127.0.0.1/');
});
