// What is left behind on `wireql/js`, in a host without FinalizationRegistry. The memory that wasm2js makes of
// WebAssembly's is among the host's array buffers, and the table of what Rust refers to is on the host's heap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'wireql/js';
import { scripted } from '../wasm/scripted.js';

const used = async () => {
  for (let n = 0; n < 5; n += 1) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024;
};

/** The kilobytes that each round leaves, once the first ones have been. */
const left = async (rounds, round) => {
  for (let n = 0; n < rounds / 4; n += 1) await round();
  const before = await used();
  for (let n = 0; n < rounds; n += 1) await round();
  return ((await used()) - before) / rounds;
};

const webSocket = scripted({
  onSend(socket, { type, id, payload }) {
    if (type === 'connection_init') socket.say({ type: 'connection_ack' });
    if (type !== 'subscribe') return;
    socket.say({ id, type: 'next', payload: { data: { n: 1 } } });
    if (payload.query.startsWith('{')) socket.say({ id, type: 'complete' });
  },
});
const opened = async () => {
  const client = new Client('ws://server/', { webSocket });
  const connecting = client.connect();
  await new Promise(setImmediate);
  const socket = webSocket.sockets.pop();
  socket.open();
  await connecting;
  return { client, socket };
};

test('operations leave nothing, however they end', async () => {
  const { client, socket } = await opened();
  const kilobytes = await left(4000, async () => {
    await client.execute('{ n }');
    for await (const _ of client.subscribe('subscription { n }')) break;
    const controller = new AbortController();
    const aborted = client.subscribe('subscription { n }', { signal: controller.signal });
    await aborted.next();
    controller.abort();
    await aborted.next().catch(() => {});
    await new Promise((next) => {
      const observation = client.observe('subscription { n }').subscribe(() => (observation.unsubscribe(), next()));
    });
    socket.sent.length = 0;
  });
  assert.ok(kilobytes < 0.2, `${kilobytes} KB a round`);
  const closed = client.close();
  socket.end();
  await closed;
});

test('a client that is closed and dropped leaves a kilobyte or two', async () => {
  const kilobytes = await left(1000, async () => {
    const { client, socket } = await opened();
    const closed = client.close();
    socket.end();
    await closed;
  });
  assert.ok(kilobytes < 4, `${kilobytes} KB a client`);
});
