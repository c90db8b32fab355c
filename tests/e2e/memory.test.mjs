// What large payloads and long queues leave behind: in WebAssembly's memory and tables, which never shrink, and in
// JavaScript's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected } from '../wasm/scripted.js';

const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    instances.push(this);
  }
};
// Imported only now, so that no instance is missed.
const { Client, WebSocketTransport } = await import('wireql');

/** The package's own instance, as another may unpack it. */
const exported = (Class) => Object.values(instances.at(-1).exports).find((value) => value instanceof Class);
const megabytes = () => exported(WebAssembly.Memory).buffer.byteLength / 1e6;

const LARGEST = 50_000_000;

/** The same each time, and in no order. */
const scattered = Array.from({ length: 12 }, (_, n) => Math.round(LARGEST * ((n * 0.618) % 1)));
const sizes = {
  rising: [0.5, 0.53, 0.56, 0.6, 0.7, 0.8, 0.9, 1].map((part) => part * LARGEST),
  falling: [1, 0.9, 0.8, 0.7, 0.6, 0.56, 0.53, 0.5].map((part) => part * LARGEST),
  random: scattered,
};

const carriers = {
  async requests(size) {
    const { transport, socket } = await connected(WebSocketTransport);
    const answer = transport.execute('mutation { save }', { variables: { text: 'x'.repeat(size) } });
    await new Promise(setImmediate);
    assert.equal(socket.sent.at(-1).length > size, true);
    socket.say({ id: '1', type: 'next', payload: { data: {} } });
    await answer;
  },
  async 'init payloads'(size) {
    const { socket } = await connected(WebSocketTransport, { initPayload: () => ({ text: 'x'.repeat(size) }) });
    assert.equal(socket.sent[0].length > size, true);
  },
  async "pings of the server's, and their pongs"(size) {
    const { socket } = await connected(WebSocketTransport);
    socket.say(`{"type":"ping","payload":{"text":"${'x'.repeat(size)}"}}`);
    assert.equal(socket.sent.at(-1).length > size, true);
  },
  async 'pings and pongs of our own'(size) {
    const { transport, socket } = await connected(WebSocketTransport);
    transport.sendPing({ text: 'x'.repeat(size) });
    transport.sendPong({ text: 'x'.repeat(size) });
    assert.equal(socket.sent.at(-1).length > size, true);
  },
  async 'results with a trace'(size) {
    const { transport, socket } = await connected(WebSocketTransport, { trace() {} });
    const answer = transport.execute('{ a }');
    await new Promise(setImmediate);
    socket.say(`{"id":"1","type":"next","payload":{"data":"${'x'.repeat(size)}"}}`);
    await answer;
  },
};

for (const [carrier, carry] of Object.entries(carriers)) {
  for (const [order, list] of Object.entries(sizes)) {
    test(`WebAssembly's memory stays below 4 MB: ${carrier} of ${order} sizes up to 50 MB`, async () => {
      for (const size of list) await carry(size);
      assert.ok(megabytes() < 4, `${megabytes()} MB`);
    });
  }
}

for (const Class of [WebSocketTransport, Client]) {
  test(`a backlog of a million results leaves no table of a million entries: ${Class.name}`, async () => {
    const { transport, socket } = await connected(Class);
    const results = transport.subscribe('subscription { n }');
    await new Promise(setImmediate);
    for (let n = 0; n < 1_000_000; n += 1) socket.say(`{"id":"1","type":"next","payload":{"data":${n}}}`);
    socket.say({ id: '1', type: 'complete' });
    let expected = 0;
    for await (const { data } of results) if (data === expected) expected += 1;
    assert.equal(expected, 1_000_000);
    const references = exported(WebAssembly.Table).length;
    assert.ok(references < 20_000, `a table of ${references} entries`);
    assert.ok(megabytes() < 4, `${megabytes()} MB`);
    const closed = transport.close();
    socket.end();
    await closed;
  });
}

test('the first result, from which the form of all is learned, is not kept', async () => {
  const heap = async () => {
    // V8 keeps the last text that was searched.
    /x/.exec('x');
    for (let n = 0; n < 4; n += 1) {
      globalThis.gc();
      await new Promise(setImmediate);
    }
    return process.memoryUsage().heapUsed / 1e6;
  };
  const { transport, socket } = await connected(WebSocketTransport);
  const before = await heap();
  for (const [id, size] of [['1', LARGEST], ['2', 10], ['3', 10]]) {
    const answer = transport.execute('{ a }');
    await new Promise(setImmediate);
    // Flat, as text from a socket is: V8 would keep only the parts of one that is joined.
    socket.say(Buffer.from(`{"id":"${id}","type":"next","payload":{"data":"${'x'.repeat(size)}"}}`).toString());
    socket.say({ id, type: 'complete' });
    await answer;
    socket.sent.length = 0;
  }
  const kept = (await heap()) - before;
  assert.ok(kept < 20, `${kept} MB are kept`);
  assert.equal(transport.state, 'ready');
});
