// What a message costs, counted and not timed: calls into WebAssembly, calls out of it, and promises. A
// count that grows is a slower package; one that falls is to be written down here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promiseHooks } from 'node:v8';

const counts = { in: 0, out: 0, promises: 0 };

const counted = (functions, what) =>
  Object.fromEntries(
    Object.entries(functions).map(([name, value]) => [
      name,
      typeof value === 'function' ? (...args) => ((counts[what] += 1), value(...args)) : value,
    ]),
  );

// The package makes its instance by this class.
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    const inside = Object.entries(imports).map(([name, functions]) => [name, counted(functions, 'out')]);
    super(module, Object.fromEntries(inside));
    Object.defineProperty(this, 'exports', { value: counted(super.exports, 'in') });
  }
};
const { Client, WebSocketTransport } = await import('wireql');

let socket;
class LocalSocket {
  protocol = 'graphql-transport-ws';

  constructor() {
    socket = this;
    queueMicrotask(() => this.onopen({}));
  }

  send(text) {
    if (JSON.parse(text).type !== 'connection_init') return;
    queueMicrotask(() => this.onmessage({ data: '{"type":"connection_ack"}' }));
  }

  close() {
    queueMicrotask(() => this.onclose({ code: 1000, reason: '', wasClean: true }));
  }
}

const MESSAGES = 1000;
const frame = (n) => ({ data: `{"id":"1","type":"next","payload":{"data":{"n":${n}}}}` });

/** What a message costs while `body` handles all of them, behind `before`, which handles the first. */
const cost = async (Class, before, body) => {
  const transport = new Class('ws://server/', { webSocket: LocalSocket });
  await transport.connect();
  const state = await before(transport);
  Object.assign(counts, { in: 0, out: 0, promises: 0 });
  const stop = promiseHooks.onInit(() => (counts.promises += 1));
  await body(state);
  stop();
  const { in: into, out, promises } = counts;
  await transport.close();
  // What happens once is spread over all of them, and rounds to nothing.
  return [into, out, promises].map((count) => Math.round(count / MESSAGES));
};

const subscribed = (transport) => {
  const results = transport.subscribe('subscription { n }');
  socket.onmessage(frame(0));
  return results;
};

const read = async (results, count) => {
  for (let n = 0; n < count; n += 1) assert.equal((await results.next()).value.data.n, n);
};

// A client's operation outlives connections, and its results cost no more than a transport's.
for (const Class of [WebSocketTransport, Client]) {
  test(`${Class.name}: a message from the backlog: in with the frame and with next(), never out`, async () => {
    const [into, out, promises] = await cost(Class, subscribed, async (results) => {
      for (let n = 1; n < MESSAGES; n += 1) socket.onmessage(frame(n));
      await read(results, MESSAGES);
    });
    assert.deepEqual({ into, out, promises }, { into: 2, out: 0, promises: 2 });
  });

  test(`${Class.name}: a message that is waited for: in with the frame, out to settle the promise`, async () => {
    const [into, out, promises] = await cost(Class, subscribed, async (results) => {
      const reading = read(results, MESSAGES);
      for (let n = 1; n < MESSAGES; n += 1) {
        // So that the reader waits again. Four of the six promises below are made here.
        await null;
        await null;
        socket.onmessage(frame(n));
      }
      await reading;
    });
    assert.deepEqual({ into, out, promises }, { into: 1, out: 1, promises: 6 });
  });

  test(`${Class.name}: a message for an observer: in with the frame, out to the observer`, async () => {
    let sum = 0;
    const [into, out, promises] = await cost(
      Class,
      (transport) => {
        transport.observe('subscription { n }').subscribe(({ data }) => (sum += data.n));
        socket.onmessage(frame(0));
      },
      async () => {
        for (let n = 1; n < MESSAGES; n += 1) socket.onmessage(frame(n));
      },
    );
    assert.equal(sum, (MESSAGES * (MESSAGES - 1)) / 2);
    assert.deepEqual({ into, out, promises }, { into: 1, out: 1, promises: 0 });
  });
}
