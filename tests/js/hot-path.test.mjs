// What a message costs on `wireql/js`, counted and not timed: calls out of what was Rust, and promises. There is no
// boundary to count at, so V8 counts the calls of the functions that wasm-bindgen makes for Rust. A count that grows is
// a slower package; one that falls is to be written down here.
import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { test } from 'node:test';
import { promiseHooks } from 'node:v8';
import { Client, WebSocketTransport } from 'wireql/js';
import { connected } from '../wasm/scripted.js';

const MESSAGES = 1000;
const frame = (n) => `{"id":"1","type":"next","payload":{"data":{"n":${n}}}}`;

const session = new Session();
session.connect();
await session.post('Profiler.enable');

/** How often each function of the package was called that Rust calls, a message. */
const callsOut = async () => {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const [script] = result.filter(({ url }) => /\/wireql\/js\.js$/.test(url));
  const counts = {};
  for (const { functionName, ranges } of script.functions) {
    const [, name] = /^__wb(?:g|indgen)_(.+?)(?:_[0-9a-f]{16})?$/.exec(functionName) ?? [];
    const count = Math.round(ranges[0].count / MESSAGES);
    if (name !== undefined && count > 0) counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
};

/** What a message costs while `body` handles all of them, behind `before`, which handles the first. */
const cost = async (Class, before, body) => {
  const { transport, socket } = await connected(Class);
  const state = await before(transport, socket);
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  let promises = 0;
  const stop = promiseHooks.onInit(() => (promises += 1));
  await body(state, socket);
  stop();
  const out = await callsOut();
  await session.post('Profiler.stopPreciseCoverage');
  const closed = transport.close();
  socket.end();
  await closed;
  return { out, promises: Math.round(promises / MESSAGES) };
};

const subscribed = async (transport, socket) => {
  const results = transport.subscribe('subscription { n }');
  await null;
  socket.say(frame(0));
  return results;
};

const read = async (results, count) => {
  for (let n = 0; n < count; n += 1) assert.equal((await results.next()).value.data.n, n);
};

for (const Class of [WebSocketTransport, Client]) {
  test(`${Class.name}: a message from the backlog`, async () => {
    const counted = await cost(Class, subscribed, async (results, socket) => {
      for (let n = 1; n < MESSAGES; n += 1) socket.say(frame(n));
      await read(results, MESSAGES);
    });
    assert.deepEqual(counted, { out: {}, promises: 2 });
  });

  test(`${Class.name}: a message that is waited for`, async () => {
    const counted = await cost(Class, subscribed, async (results, socket) => {
      const reading = read(results, MESSAGES);
      for (let n = 1; n < MESSAGES; n += 1) {
        // So that the reader waits again. Four of the six promises below are made here.
        await null;
        await null;
        socket.say(frame(n));
      }
      await reading;
    });
    assert.deepEqual(counted, { out: { next: 1, object_drop_ref: 1 }, promises: 6 });
  });

  test(`${Class.name}: a message for an observer`, async () => {
    let sum = 0;
    const counted = await cost(
      Class,
      async (transport, socket) => {
        transport.observe('subscription { n }').subscribe(({ data }) => (sum += data.n));
        await null;
        socket.say(frame(0));
      },
      async (_, socket) => {
        for (let n = 1; n < MESSAGES; n += 1) socket.say(frame(n));
      },
    );
    assert.equal(sum, (MESSAGES * (MESSAGES - 1)) / 2);
    assert.deepEqual(counted, { out: { next: 1, object_drop_ref: 1 }, promises: 0 });
  });
}
