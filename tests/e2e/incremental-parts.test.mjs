// What comes of the parts of a result that no real server sends on demand: bad ones, lost ones, and random ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, TransportProtocolError, WebSocketTransport } from 'wireql';
import { scripted } from '../wasm/scripted.js';
import { until } from './servers.mjs';

const DOCUMENT = '{ a }';

const acknowledged = (socket) => {
  socket.open();
  socket.say({ type: 'connection_ack' });
  socket.sent.length = 0;
};

const connected = async (Class = WebSocketTransport, options = {}) => {
  const webSocket = scripted();
  const transport = new Class('ws://server/graphql', { webSocket, ...options });
  const connecting = transport.connect();
  acknowledged(webSocket.sockets[0]);
  await connecting;
  const [socket] = webSocket.sockets;
  const say = (payload, id = '1') => socket.say({ id, type: 'next', payload });
  return { transport, socket, sockets: webSocket.sockets, say };
};

/** Closes a transport whose socket does nothing by itself. */
const ended = async (transport, socket) => {
  const closed = transport.close();
  socket.end();
  await closed;
};

const sent = ({ sent }) => sent.map((text) => JSON.parse(text)).map(({ type, id }) => `${type} ${id}`);

/** What an iterator gives, and what it ends with. */
const read = async (iterator) => {
  const results = [];
  try {
    for await (const result of iterator) results.push(result);
  } catch (error) {
    return { results, error };
  }
  return { results, error: undefined };
};

/** The same of an observer, so far. */
const observe = (transport, document = DOCUMENT, options = {}) => {
  const seen = { results: [], error: undefined, isOver: false };
  transport.observe(document, options).subscribe({
    next: (result) => seen.results.push(result),
    error: (error) => Object.assign(seen, { error, isOver: true }),
    complete: () => (seen.isOver = true),
  });
  return seen;
};

/** All ways to take an operation's results; each gives them when the frames have come. */
const WAYS = {
  'an iterator that waits': (transport, options) => {
    const reading = read(transport.subscribe(DOCUMENT, options));
    return () => reading;
  },
  'an iterator that is read late': (transport, options) => {
    const iterator = transport.subscribe(DOCUMENT, options);
    return () => read(iterator);
  },
  'an observer': (transport, options) => {
    const seen = observe(transport, DOCUMENT, options);
    return () => seen;
  },
  execute: (transport, options) => {
    const answer = transport.execute(DOCUMENT, options).then(
      (result) => ({ results: [result] }),
      (error) => ({ results: [], error }),
    );
    return () => answer;
  },
};

const INITIAL = { data: { a: { b: [1] }, c: null, s: 'x' }, hasNext: true };
const announced = { ...INITIAL, pending: [{ id: '0', path: ['a'] }, { id: '1', path: ['a', 'b'] }] };
const part = (entry) => ({ incremental: [entry], hasNext: true });
const long = 'x'.repeat(1_000);

/** Behind the first result, and what the error says. */
const BAD = {
  'a path that is not there': [[INITIAL, part({ path: ['a', 'x'], data: { y: 1 } })], /\["a", "x"\], which is not there/],
  'a path through a scalar': [[INITIAL, part({ path: ['s', 'x'], data: { y: 1 } })], /\["s", "x"\], which is not there/],
  'a path into the prototype': [[INITIAL, part({ path: ['__proto__'], data: { y: 1 } })], /\["__proto__"\], which is not there/],
  'a path into the constructor': [
    [INITIAL, part({ path: ['constructor', 'prototype'], data: { y: 1 } })],
    /\["constructor", "prototype"\], which is not there/,
  ],
  'a path of an index in an object': [[INITIAL, part({ path: ['a', 0], data: { y: 1 } })], /\["a", 0\], which is not there/],
  'a path of a name in a list': [[INITIAL, part({ path: ['a', 'b', 'length'], data: { y: 1 } })], /"length"\], which is not there/],
  'a path behind the end of a list': [[INITIAL, part({ path: ['a', 'b', 2], items: [1] })], /\["a", "b", 2\], which is not there/],
  'a huge index': [[INITIAL, part({ path: ['a', 'b', 4294967294], items: [1] })], /4294967294\], which is not there/],
  'a path of other things': [[INITIAL, part({ path: ['a', {}], data: {} })], /names and indices, received \["a", an object\]/],
  'a negative index': [[INITIAL, part({ path: ['a', 'b', -1], data: {} })], /names and indices, received \["a", "b", -1\]/],
  'a path that is no list': [[INITIAL, part({ path: 'a', data: {} })], /a list as `path`, received a string/],
  'a long path': [
    [INITIAL, part({ path: Array(1_000).fill(long), data: {} })],
    /^expected[^[]{1,80}\["x{60}…"(, "x{60}…"){7}, …\], which is not there[^[]{1,80}$/,
  ],
  'a path to hide': [[INITIAL, part({ path: ['\u202e\u001b[31m'], data: {} })], /\["\\u202e\\u001b\[31m"\]/],
  'a path in the result itself': [[INITIAL, { path: ['x'], data: { y: 1 }, hasNext: true }], /\["x"\], which is not there/],
  'data of the wrong kind': [[INITIAL, part({ path: ['a'], data: [1] })], /data for an object at \["a"\], received an array/],
  'an object for a scalar': [[INITIAL, part({ path: ['s'], data: {} })], /data for a string at \["s"\], received an object/],
  'items for no list': [[INITIAL, part({ path: ['a'], items: [1] })], /\["a"\], which is not there/],
  'items that are no list': [[INITIAL, part({ path: ['a', 'b', 1], items: 1 })], /a list as `items`, received a number/],
  'an unknown id': [[announced, part({ id: '7', data: {} })], /an `id` in `incremental` that is pending, received "7"/],
  'a long id': [[announced, part({ id: long, data: {} })], /that is pending, received "x{60}…" \(/],
  'an id of the prototype': [[announced, part({ id: '__proto__', data: {} })], /that is pending, received "__proto__"/],
  'neither an id nor a path': [[announced, part({ data: {} })], /an `id` or a `path`.*received the id undefined/],
  'an id that is completed': [
    [announced, { completed: [{ id: '0' }], hasNext: true }, part({ id: '0', data: {} })],
    /that is pending, received "0"/,
  ],
  'an unknown id that is completed': [[announced, { completed: [{ id: '7' }], hasNext: true }], /`completed` that is pending, received "7"/],
  'an id that is pending already': [[announced, { pending: [{ id: '0', path: [] }], hasNext: true }], /a new id in `pending`, received "0"/],
  'a pending that is no list': [[announced, { pending: {}, hasNext: true }], /a list as `pending`, received an object/],
  'entries that are no objects': [[INITIAL, { incremental: [7], hasNext: true }], /objects in `incremental`, received a number/],
  'errors that are no list': [[INITIAL, part({ path: ['a'], data: {}, errors: {} })], /a list as `errors`, received an object/],
  'a subPath that is not there': [[announced, part({ id: '0', subPath: ['x'], data: {} })], /\["a", "x"\], which is not there/],
  'an item where a fragment is due': [[announced, part({ id: '1', subPath: [1], data: {} })], /\["a", "b", 1\], which is not there/],
  'a part before the first': [[part({ path: ['a'], data: {} })], /before the parts.*none came before, or it had ended/],
  'a part before the first, in itself': [[{ path: ['a'], data: {}, hasNext: true }], /for the path \["a"\] that belongs to none/],
  'a first part without data': [[{ hasNext: true }, part({ path: [], data: { a: 1 } })], /\[\], which is not there/],
  'an unflattened result': [[{ initialResult: { data: {}, hasNext: true }, subsequentResults: {} }], /one by one/],
};

for (const [way, take] of Object.entries(WAYS)) {
  test(`bad parts: ${way} gets the error behind the results, and the server is told to stop`, async (t) => {
    for (const [what, [payloads, message]] of Object.entries(BAD)) {
      await t.test(what, async () => {
        const { transport, socket, say } = await connected();
        const taken = take(transport);
        const other = observe(transport, '{ other }');
        await null;
        for (const payload of payloads) say(payload);
        const { results, error } = await taken();
        assert.ok(error instanceof TransportProtocolError, String(error));
        assert.deepEqual({ code: error.code, ends: error.ends }, { code: 'INVALID_INCREMENTAL', ends: 'operation' });
        assert.match(error.message, message);
        assert.ok(error.message.length < 900, String(error.message.length));
        assert.equal(results.length, way === 'execute' ? 0 : payloads.length - 1);
        assert.deepEqual(sent(socket), ['subscribe 1', 'subscribe 2', 'complete 1']);
        // What still comes has no effect, and the others go on.
        say(INITIAL);
        say({ data: 1 }, '2');
        assert.deepEqual(other, { results: [{ data: 1 }], error: undefined, isOver: false });
        assert.equal(transport.state, 'ready');
        assert.equal({}.y, undefined);
      });
    }
  });

  test(`after the end: ${way} gets the error, if it still reads`, async () => {
    const { transport, say, socket } = await connected();
    const taken = take(transport);
    await null;
    say(INITIAL);
    say(part({ path: ['a'], data: { y: 1 } }));
    say({ hasNext: false });
    say(part({ path: ['a'], data: { z: 1 } }));
    const { results, error } = await taken();
    const last = { data: { a: { b: [1], y: 1 }, c: null, s: 'x' }, hasNext: false };
    assert.deepEqual(results.at(-1), last);
    if (way === 'execute') assert.equal(error, undefined);
    else assert.match(error.message, /none came before, or it had ended/);
    assert.deepEqual(sent(socket), way === 'execute' ? ['subscribe 1'] : ['subscribe 1', 'complete 1']);
  });

  test(`an end without a last part: ${way} is told that one is missing`, async () => {
    const { transport, socket, say } = await connected();
    const taken = take(transport);
    await null;
    say(INITIAL);
    socket.say({ id: '1', type: 'complete' });
    const { results, error } = await taken();
    assert.ok(error instanceof TransportProtocolError, String(error));
    assert.deepEqual({ code: error.code, ends: error.ends }, { code: 'INCOMPLETE_RESULT', ends: 'operation' });
    assert.deepEqual(results, way === 'execute' ? [] : [INITIAL]);
    assert.deepEqual(sent(socket), ['subscribe 1']);
  });

  test(`raw: ${way} gets what came`, async () => {
    const { transport, socket, say } = await connected();
    const taken = take(transport, { incremental: 'raw' });
    await null;
    const payloads = [announced, part({ id: '9' }), { initialResult: 1 }, part({ path: ['x'] })];
    for (const payload of payloads) say(payload);
    socket.say({ id: '1', type: 'complete' });
    const { results, error } = await taken();
    assert.deepEqual(results, way === 'execute' ? payloads.slice(0, 1) : payloads);
    assert.equal(error, undefined);
  });

  test(`sendStop: false: ${way} gets the error, and the server is told nothing`, async () => {
    const { transport, socket, say } = await connected();
    const taken = take(transport, { sendStop: false });
    await null;
    say(part({ path: [] }));
    assert.equal((await taken()).error.code, 'INVALID_INCREMENTAL');
    assert.deepEqual(sent(socket), ['subscribe 1']);
  });
}

test('parts may tell their errors and extensions everywhere, and what is told twice is there once', async () => {
  const { transport, say } = await connected();
  const seen = observe(transport);
  await null;
  const error = (n) => ({ message: `e${n}`, path: ['a', n] });
  const first = { ...announced, errors: [error(0)], extensions: { e: 1, f: 1 } };
  say(first);
  say({
    incremental: [
      { id: '0', data: { y: 1 }, errors: [error(1), error(0)], extensions: { f: 2 } },
      { id: '1', items: null, errors: [{ message: 'no path' }, { message: 'no path' }] },
    ],
    completed: [{ id: '0', errors: [error(2)] }],
    errors: [error(3)],
    extensions: { __proto__: null, g: 3 },
    hasNext: false,
  });
  const [before, { errors, extensions, hasNext }] = seen.results;
  const messages = errors.map(({ message }) => message).sort();
  assert.deepEqual(messages, ['e0', 'e1', 'e2', 'e3', 'no path', 'no path']);
  assert.deepEqual({ extensions, hasNext }, { extensions: { e: 1, f: 2, g: 3 }, hasNext: false });
  assert.deepEqual([before.errors, before.extensions], [first.errors, first.extensions]);
});

test('errors of no form are handed on as they are', async () => {
  const odd = [null, 7, 'x', [], {}, { message: { toString: 1 }, path: [] }, { message: 'x', path: [{}] }, { message: 'x', path: 'a' }];
  const { transport, say } = await connected();
  const seen = observe(transport);
  await null;
  say({ ...INITIAL, errors: odd });
  say({ ...part({ path: ['a'], errors: odd }), hasNext: false });
  assert.deepEqual(seen.results.map(({ errors }) => errors), [odd, [...odd, ...odd]], String(seen.error));
});

test('null stands for what is not there, as some servers write it', async () => {
  const { transport, say } = await connected();
  const seen = observe(transport);
  await null;
  const none = { path: null, label: null, pending: null, incremental: null, completed: null, errors: null, extensions: null };
  say({ ...none, data: { a: {} }, hasNext: true });
  say({ ...none, data: null, incremental: [{ ...none, id: null, path: ['a'], data: { b: 1 }, items: null }], hasNext: true });
  say({ ...none, data: null, hasNext: false });
  const data = { a: { b: 1 } };
  assert.deepEqual(seen.results, [
    { data: { a: {} }, hasNext: true },
    { data, hasNext: true },
    { data, hasNext: false },
  ]);
  assert.equal(seen.results[1].data, seen.results[2].data);
});

test('below a null nothing is changed, and an id may be a number', async () => {
  const { transport, say } = await connected();
  const seen = observe(transport);
  await null;
  say({ data: { a: null, l: [null] }, pending: [{ id: 0, path: ['a'] }], hasNext: true });
  say({ incremental: [{ id: 0, data: { x: 1 } }, { id: '0', subPath: ['b', 1], items: [1] }], hasNext: true });
  say({ incremental: [{ path: ['l', 0, 'x'], data: { y: 1 } }, { path: ['a'], data: null }], hasNext: false });
  assert.deepEqual(seen.results.map(({ data }) => data), Array(3).fill({ a: null, l: [null] }));
  assert.ok(seen.results.every(({ data }) => data === seen.results[0].data));
});

test('data that is nested too deeply to be merged is an error, and no overflow of the stack', async () => {
  const nested = (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  for (const depth of [400, 5_000]) {
    const { transport, socket } = await connected();
    const seen = observe(transport);
    await null;
    socket.say(`{"id":"1","type":"next","payload":{"data":${nested(depth)},"hasNext":true}}`);
    socket.say(`{"id":"1","type":"next","payload":{"incremental":[{"path":[],"data":${nested(depth)}}],"hasNext":false}}`);
    if (depth === 400) assert.equal(seen.results.length, 2);
    else assert.match(seen.error.message, /nested deeper/);
  }
});

/** What servers were seen to send, and clients to stumble over: in each, the last result's data. */
const REPORTS = {
  // urql-graphql/urql#3122
  'a patch of the root': [[{ data: { s: { a: 1 } } }, part({ path: [], data: { s: { b: 2 } } })], { s: { a: 1, b: 2 } }],
  // apollographql/apollo-client#10406
  'a last part that is empty': [[{ data: { p: [null] } }, { hasNext: false }], { p: [null] }],
  // apollographql/router#2168
  'a failed part below a null': [[{ data: { p: [null] } }, part({ path: ['p', 0], data: null })], { p: [null] }],
  // apollographql/apollo-client#12976
  'data beside the parts': [
    [{ data: { n: [{ id: 1 }] } }, { data: {}, ...part({ path: ['n', 0], data: { x: 1 } }) }],
    { n: [{ id: 1, x: 1 }] },
  ],
  // apollographql/apollo-client#11704, #12660
  'a shorter list of the same field': [
    [{ data: { o: { l: [1, 2, 3], m: [{ a: 1 }, { a: 2 }] } } }, part({ path: ['o'], data: { l: [4], m: [{ b: 1 }] } })],
    { o: { l: [4, 2, 3], m: [{ a: 1, b: 1 }, { a: 2 }] } },
  ],
  // fsprojects/FSharp.Data.GraphQL#609
  'an id that is announced with its first part': [
    [{ data: { a: {} } }, { pending: [{ id: '1', path: ['a'] }], completed: [{ id: '1' }], ...part({ id: '1', data: { b: 1 } }) }],
    { a: { b: 1 } },
  ],
  // graphql/graphql-spec#1203
  'parts beside the first data': [
    [{ data: { a: {} }, pending: [{ id: '1', path: ['a'] }], ...part({ id: '1', data: { b: 1 } }) }],
    { a: { b: 1 } },
  ],
};

test('what other clients stumbled over', async (t) => {
  for (const [what, [payloads, data]] of Object.entries(REPORTS)) {
    await t.test(what, async () => {
      const { transport, say } = await connected();
      const seen = observe(transport);
      await null;
      for (const payload of payloads) say({ hasNext: true, ...payload });
      assert.deepEqual(seen.results.at(-1)?.data, data, String(seen.error));
      assert.equal(seen.results.length, payloads.length);
    });
  }
});

test('what a reviver has made is taken as it is', async () => {
  const reviver = (key, value) => (key === 'at' ? new Date(value) : value);
  const { transport, say } = await connected(WebSocketTransport, { jsonMessageReviver: reviver });
  const seen = observe(transport);
  await null;
  say({ data: { x: { at: 0 } }, hasNext: true });
  say(part({ path: ['x'], data: { at: 1, y: 2 } }));
  const [before, { data }] = seen.results;
  assert.deepEqual([before.data.x.at, data.x.at, data.x.y], [new Date(0), new Date(1), 2]);
});

test('in the dialect graphql-ws, where the answer is the end', async () => {
  const webSocket = scripted();
  class Legacy extends webSocket {
    protocol = 'graphql-ws';
  }
  const transport = new WebSocketTransport('ws://server/', { webSocket: Legacy });
  const connecting = transport.connect();
  const [socket] = webSocket.sockets;
  acknowledged(socket);
  await connecting;
  const ways = [transport.execute('{ a }'), read(transport.subscribe('{ a }'))];
  await null;
  for (const id of ['1', '2']) {
    socket.say({ id, type: 'data', payload: { data: { a: 1 }, hasNext: true } });
    socket.say({ id, type: 'data', payload: { path: [], data: { b: 2 }, hasNext: false } });
  }
  const whole = { data: { a: 1, b: 2 }, hasNext: false };
  const [answer, { results, error }] = await Promise.all(ways);
  assert.deepEqual([answer, results, error], [whole, [{ data: { a: 1 }, hasNext: true }, whole], undefined]);
});

test('close within a result: a subscription ends without an error, and a query has the time to end', async () => {
  const { transport, socket, say } = await connected();
  const events = read(transport.subscribe('subscription { a }'));
  const late = transport.subscribe('subscription { a }');
  const observed = observe(transport, 'subscription { a }');
  const query = read(transport.subscribe('{ a }'));
  await null;
  for (const id of ['1', '2', '3', '4']) say(INITIAL, id);
  const closed = transport.close();
  assert.deepEqual(await events, { results: [INITIAL], error: undefined });
  assert.deepEqual(await read(late), { results: [INITIAL], error: undefined });
  assert.deepEqual(observed, { results: [INITIAL], error: undefined, isOver: true });
  say({ hasNext: false }, '4');
  assert.equal(socket.closed.length, 0);
  socket.say({ id: '4', type: 'complete' });
  assert.deepEqual((await query).results.at(-1), { ...INITIAL, hasNext: false });
  socket.end();
  await closed;
});

for (const [way, take] of Object.entries(WAYS)) {
  test(`a query that is sent again begins anew: ${way}`, async () => {
    const notices = [];
    const { transport, socket, sockets, say } = await connected(Client, { retry: { baseDelay: 1 } });
    const taken = take(transport, { onNotice: ({ type }) => notices.push(type) });
    await null;
    say(announced);
    say(part({ id: '1', items: [2, 3] }));
    socket.end(1006, '', false);
    await until(() => sockets.length === 2, 'another connection');
    const [, again] = sockets;
    acknowledged(again);
    const repeated = (payload) => again.say({ id: '1', type: 'next', payload });
    repeated(announced);
    repeated({ incremental: [{ id: '1', items: [4] }], completed: [{ id: '1' }, { id: '0' }], hasNext: false });
    again.say({ id: '1', type: 'complete' });
    const { results, error } = await taken();
    assert.equal(error, undefined);
    assert.deepEqual(results.at(-1), { data: { a: { b: [1, 4] }, c: null, s: 'x' }, hasNext: false });
    assert.deepEqual(results.map(({ data }) => data.a.b.length), way === 'execute' ? [2] : [1, 3, 1, 2]);
    if (way !== 'execute') assert.deepEqual(notices, ['interrupted', 'resumed']);
    await ended(transport, again);
  });
}

test('resume asks for what was lost within a result, and drops what came before with all its parts', async () => {
  const asked = [];
  const cursors = [];
  const { transport, sockets, say } = await connected(Client, { retry: { baseDelay: 1 } });
  const seen = observe(transport, 'subscription { a }', {
    variables: {},
    resume: {
      cursor: (result) => (cursors.push(result), result.data?.n),
      variables: (cursor) => (asked.push(cursor), { after: cursor }),
      dedupe: 10,
    },
  });
  await null;
  const event = (n) => ({ data: { n }, hasNext: true });
  const rest = (m) => ({ incremental: [{ path: [], data: { m } }], hasNext: false });
  for (const payload of [event(1), rest(1), event(2)]) say(payload);
  sockets[0].end(1006, '', false);
  await until(() => sockets.length === 2, 'another connection');
  acknowledged(sockets[1]);
  await until(() => sent(sockets[1]).length > 0, 'the subscription');
  for (const payload of [event(1), rest(1), event(2), rest(2), { data: { n: 3 } }, { data: { n: 3 } }]) {
    sockets[1].say({ id: '1', type: 'next', payload });
  }
  assert.deepEqual(asked, [1]);
  assert.deepEqual(seen.results.map(({ data: { n, m } }) => [n, m]), [[1, undefined], [1, 1], [2, undefined], [2, undefined], [2, 2], [3, undefined]]);
  // It is called with first parts, never with a rest.
  assert.deepEqual(cursors.map(({ data: { n } }) => n), [1, 2, 1, 2, 3, 3]);
  assert.equal(seen.error, undefined);
  await ended(transport, sockets[1]);
});

// ---- random documents ------------------------------------------------------------------

const SEED = Number(process.env.WIREQL_SEED ?? 17);
const ROUNDS = 400;

/** mulberry32, by hand as it has to be the same everywhere. */
const chance = (seed) => {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(random() * count);
  return { below, is: (probability) => random() < probability, of: (list) => list[below(list.length)] };
};

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const NAMES = ['a', 'b', 'c', 'id', '__proto__', 'constructor', 'length', '0'];
const LEAVES = [0, 1, '', 'x', true, null, null];

const put = (record, name, value) =>
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });

/** A result's data, as a document could select it. */
const randomData = (random, depth) => {
  if (depth === 0 || random.is(0.25)) return random.of(LEAVES);
  if (random.is(0.35)) return Array.from({ length: random.below(5) }, () => randomData(random, depth - 1));
  const record = {};
  for (let n = random.below(5); n >= 0; n -= 1) put(record, random.of(NAMES), randomData(random, depth - 1));
  return record;
};

/**
 * Splits a value into what comes first, and the parts that follow: each with its path, `data` or `items`, and the parts
 * that can come once it has.
 */
const split = (random, value, path) => {
  if (Array.isArray(value)) {
    const count = random.is(0.5) ? random.below(value.length + 1) : value.length;
    const items = value.map((item, n) => split(random, item, [...path, n]));
    const chunk = (from) => {
      if (from >= items.length) return [];
      const to = from + 1 + random.below(items.length - from);
      const some = items.slice(from, to);
      const then = [...some.flatMap(({ parts }) => parts), ...chunk(to)];
      return [{ list: path, from, isLast: to === items.length, items: some.map(({ first }) => first), then }];
    };
    const first = items.slice(0, count);
    return { first: first.map((item) => item.first), parts: [...first.flatMap(({ parts }) => parts), ...chunk(count)] };
  }
  if (!isRecord(value)) return { first: value, parts: [] };
  const groups = [{ first: {}, parts: [] }];
  for (const name of Object.keys(value)) {
    const group = random.is(0.6) ? 0 : 1 + random.below(2);
    groups[group] ??= { first: {}, parts: [] };
    const field = split(random, value[name], [...path, name]);
    put(groups[group].first, name, field.first);
    groups[group].parts.push(...field.parts);
  }
  const [{ first, parts }, ...later] = groups;
  return { first, parts: [...parts, ...later.filter(Boolean).map((group) => ({ path, data: group.first, then: group.parts }))] };
};

/** The parts in an order in which they could come. */
const ordered = (random, parts) => {
  const ready = [...parts];
  const order = [];
  while (ready.length > 0) {
    const [part] = ready.splice(random.below(ready.length), 1);
    order.push(part);
    ready.push(...part.then);
  }
  return order;
};

/** Some of the whole document once more, as fragments overlap in the older format. `undefined` for none. */
const again = (random, part, data) => {
  if (part.data === undefined || !random.is(0.3)) return part.data;
  let whole = data;
  for (const key of part.path) whole = whole[key];
  const more = { ...part.data };
  for (const name of Object.keys(whole)) if (!isRecord(whole[name]) && !Array.isArray(whole[name])) put(more, name, whole[name]);
  return more;
};

/** What a server sends, in one of the formats. */
const FORMATS = {
  result(random, first, parts, data) {
    const entries = parts.flatMap((part) =>
      part.items === undefined
        ? [{ path: part.path, data: again(random, part, data) }]
        : part.items.map((item, n) => ({ path: [...part.list, part.from + n], data: item })),
    );
    return [{ data: first }, ...entries];
  },
  path(random, first, parts, data) {
    const results = [{ data: first }];
    for (const part of parts) {
      if (results.length === 1 || random.is(0.6)) results.push({ incremental: [] });
      const entry =
        part.items === undefined
          ? { path: part.path, data: again(random, part, data) }
          : { path: [...part.list, part.from], items: part.items };
      results.at(-1).incremental.push(entry);
    }
    return results;
  },
  id(random, first, parts) {
    const results = [{ data: first, pending: [] }];
    const lists = new Map();
    let ids = 0;
    for (const part of parts) {
      if (results.length === 1 || random.is(0.6)) results.push({ pending: [], incremental: [], completed: [] });
      const result = results.at(-1);
      const place = part.path ?? part.list;
      const list = part.list && JSON.stringify(part.list);
      let id = list && lists.get(list);
      let cut = place.length;
      if (id === undefined) {
        id = String(ids++);
        if (list === undefined) cut = random.below(place.length + 1);
        // A path may be announced before it is there.
        random.of(results).pending.push({ id, path: place.slice(0, cut) });
        if (list !== undefined) lists.set(list, id);
      }
      const subPath = place.slice(cut);
      const what = part.items === undefined ? { data: part.data } : { items: part.items };
      result.incremental.push({ id, ...(subPath.length > 0 ? { subPath } : {}), ...what });
      if (list === undefined || part.isLast) result.completed.push({ id });
    }
    return results;
  },
};

const program = (seed, format) => {
  const random = chance(seed);
  let data = randomData(random, 5);
  while (!isRecord(data)) data = randomData(random, 5);
  const { first, parts } = split(random, data, []);
  const results = FORMATS[format](random, first, ordered(random, parts), data);
  if (random.is(0.3)) results.push({});
  results.forEach((result, n) => (result.hasNext = n < results.length - 1));
  // Without a second part there is nothing to tell.
  if (results.length === 1) delete results[0].hasNext;
  return { random, data, results: JSON.parse(JSON.stringify(results)) };
};

const frozen = (value) => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
};

/** Objects that say the same in the same place are the same. */
const shares = (before, after, text = JSON.stringify) => {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return;
  if (text(before) === text(after)) assert.equal(before, after);
  else for (const key of Object.keys(before)) if (Object.hasOwn(after, key)) shares(before[key], after[key]);
};

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.keys(value).sort().map((name) => [name, sorted(value[name])]);
};

for (const format of Object.keys(FORMATS)) {
  test(`random documents, split at random: by ${format}`, async (t) => {
    let splits = 0;
    for (let n = 0; n < ROUNDS; n += 1) {
      const seed = SEED * 100_000 + n;
      const { data, results } = program(seed, format);
      const { transport, socket, say } = await connected();
      const wholes = [];
      // What was handed out is frozen: to change it would throw.
      transport.observe(DOCUMENT).subscribe({ next: (whole) => wholes.push(frozen(whole)), error: (error) => wholes.push(error) });
      const answer = transport.execute(DOCUMENT);
      await null;
      for (const result of results) {
        say(result);
        say(result, '2');
      }
      const what = `WIREQL_SEED=${SEED}, round ${n}: ${JSON.stringify(results)}`;
      assert.equal(wholes.length, results.length, what);
      assert.deepEqual(sorted(wholes.at(-1).data), sorted(data), what);
      assert.deepEqual(sorted((await answer).data), sorted(data), what);
      for (let at = 1; at < wholes.length; at += 1) shares(wholes[at - 1].data, wholes[at].data);
      splits += results.length - 1;
      await ended(transport, socket);
    }
    t.diagnostic(`${ROUNDS} documents in ${splits} parts`);
    assert.ok(splits > ROUNDS);
  });

  test(`random documents that went wrong on the way: by ${format}`, async (t) => {
    const JUNK = [null, undefined, 0, -1, 1e9, 'x', [], {}, [{}], ['a'], [0], [[]], { id: '0' }, { path: [] }, { __proto__: 1 }, JSON.parse('{"__proto__":{"y":1}}')];
    const told = { whole: 0, INVALID_INCREMENTAL: 0, INCOMPLETE_RESULT: 0 };
    /** Spoils one place, anywhere. */
    const spoil = (random, value) => {
      const keys = Object.keys(value);
      const key = random.of(keys);
      const inner = value[key];
      if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random.is(0.8)) spoil(random, inner);
      else if (random.is(0.3)) delete value[key];
      else put(value, key, structuredClone(random.of(JUNK)));
    };
    for (let n = 0; n < ROUNDS; n += 1) {
      const seed = SEED * 100_000 + n;
      const { random, results } = program(seed, format);
      for (let times = random.below(3); times >= 0; times -= 1) {
        const from = random.below(results.length);
        if (random.is(0.2)) results.splice(from, 1, structuredClone(random.of(results)));
        else if (random.is(0.2)) results.splice(from, 1);
        else spoil(random, results);
        if (results.length === 0) results.push({ hasNext: true });
      }
      const { transport, socket } = await connected();
      const seen = observe(transport);
      await null;
      for (const result of results) {
        const payload = JSON.stringify(isRecord(result) ? result : {});
        socket.say(`{"id":"1","type":"next","payload":${payload}}`);
      }
      socket.say({ id: '1', type: 'complete' });
      const what = `WIREQL_SEED=${SEED}, round ${n}: ${JSON.stringify(results)}`;
      assert.ok(seen.isOver, what);
      if (seen.error !== undefined) assert.ok(seen.error instanceof TransportProtocolError, `${what}: ${seen.error.stack}`);
      told[seen.error?.code ?? 'whole'] += 1;
      assert.equal({}.y, undefined, what);
      assert.equal(transport.state, 'ready', what);
      await ended(transport, socket);
    }
    t.diagnostic(JSON.stringify(told));
    assert.deepEqual(Object.keys(told).length, 3, JSON.stringify(told));
    assert.ok(told.whole > 0 && told.INVALID_INCREMENTAL > 0 && told.INCOMPLETE_RESULT > 0, JSON.stringify(told));
  });
}
