// Memory that grows in `wireql/js`: the old buffer is not detached there, as WebAssembly's is, and what still looked at
// it would read and write what nobody else sees.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected } from '../wasm/scripted.js';

/** A page of memory. */
const PAGE = 65536;
const buffers = [];
globalThis.ArrayBuffer = class extends ArrayBuffer {
  constructor(length) {
    super(length);
    if (length >= PAGE) buffers.push(length);
  }
};
// Imported only now, so that no buffer is missed.
const { Client, WebSocketTransport } = await import('wireql/js');

/** Text that has to be encoded. */
const url = 'ws://server/grüße';

test('payloads never go into it', async () => {
  const large = 'ß'.repeat(50_000_000);
  const { transport, socket } = await connected(WebSocketTransport, { url, trace() {} });
  const answer = transport.execute('mutation { save }', { variables: { large } });
  await new Promise(setImmediate);
  assert.ok(socket.sent.at(-1).length > large.length);
  socket.say({ id: '1', type: 'next', payload: { data: { large } } });
  assert.equal((await answer).data.large.length, large.length);
  assert.ok(Math.max(...buffers) < 4e6, `${Math.max(...buffers)} bytes`);
  const closed = transport.close();
  socket.end();
  await closed;
});

const OPERATIONS = 20_000;

for (const Class of [WebSocketTransport, Client]) {
  test(`memory that has grown is the one that all look at: ${Class.name}`, async () => {
    const lines = [];
    const { transport, socket } = await connected(Class, { url, trace: (line) => lines.push(line) });
    const before = buffers.length;
    // Text goes in both ways: of ASCII, and of what is encoded. What Rust makes of it comes out in the trace.
    const documents = Array.from({ length: OPERATIONS }, (_, n) => `subscription { s${n}(text: "${n % 2 ? 'größer' : 'larger'}") }`);
    const subscriptions = documents.map((document) => transport.subscribe(document));
    await new Promise(setImmediate);
    const grown = buffers.length - before;
    assert.ok(grown > 1, `it grew ${grown} times`);
    const sent = socket.sent.map((text) => JSON.parse(text)).filter(({ type }) => type === 'subscribe');
    assert.deepEqual(sent.map(({ payload }) => payload.query), documents);
    assert.deepEqual(sent.map(({ id }) => Number(id)), documents.map((_, n) => n + 1));
    socket.say({ id: '7', type: 'next', payload: { data: { n: 7 } } });
    assert.equal((await subscriptions[6].next()).value.data.n, 7);
    socket.say({ id: '8', type: 'error', payload: [{ message: 'zu groß' }] });
    await assert.rejects(subscriptions[7].next(), { name: 'TransportQueryError', message: /zu groß$/ });
    for (const line of lines) assert.match(line, /^at \d+ +[<>!=]|^#/);
    const closed = transport.close();
    socket.end();
    await closed;
  });
}
