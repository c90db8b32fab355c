// What a host can do to the package that no server can: a scripted socket stands in for the host's, so that each event
// comes when the case says so. Run in Node by tests/e2e/scripted.test.mjs, in Chromium by tests/page/scripted.test.mjs;
// each case gets a function that makes a transport.

import { scripted } from '../wasm/scripted.js';

// ---- assertions ---------------------------------------------------------------

const fail = (message) => {
  throw new Error(message);
};
const show = (value) => (typeof value === 'string' ? `\`${value}\`` : JSON.stringify(value) ?? String(value));
const equal = (actual, expected, what = 'value') => {
  if (show(actual) !== show(expected)) fail(`${what}: expected ${show(expected)}, came ${show(actual)}`);
};
const ok = (value, what) => {
  if (!value) fail(`expected ${what}`);
};
const rejected = async (promise) => {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return fail(`expected a rejection, came ${show(value)}`);
};
const thrown = (action) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return fail('expected a throw');
};

/** A transport that is connected, and its socket. */
const connected = async (make, options = {}) => {
  const webSocket = scripted();
  const transport = make('ws://server/graphql', { webSocket, ...options });
  const connecting = transport.connect();
  const socket = webSocket.sockets[0];
  socket.open();
  socket.say({ type: 'connection_ack' });
  await connecting;
  socket.sent.length = 0;
  return { transport, socket, webSocket };
};

/** An AbortController that knows how many listen to its signal. */
const watched = () => {
  const controller = new AbortController();
  const listening = new Set();
  const { signal } = controller;
  for (const [method, change] of [['addEventListener', 'add'], ['removeEventListener', 'delete']]) {
    const original = signal[method];
    signal[method] = (type, listener, ...rest) => {
      listening[change](listener);
      return original.call(signal, type, listener, ...rest);
    };
  }
  return { signal, abort: (reason) => controller.abort(reason), listeners: () => listening.size };
};

/** Resolves when the turn is over, and what was started in it is sent. */
const turnEnd = () => Promise.resolve();

const next = (id, n) => ({ id, type: 'next', payload: { data: { n } } });
const numbers = async (iterator) => {
  const seen = [];
  for await (const { data } of iterator) seen.push(data.n);
  return seen;
};

// ---- the cases ---------------------------------------------------------------------

export const cases = {
  async results_arrive_in_order(make) {
    const { transport, socket } = await connected(make);
    const seen = numbers(transport.subscribe('subscription { n }'));
    for (let n = 1; n <= 100; n += 1) socket.say(next('1', n));
    socket.say({ id: '1', type: 'complete' });
    equal(await seen, Array.from({ length: 100 }, (_, n) => n + 1));
    equal(socket.sent.map(JSON.parse), [
      { id: '1', type: 'subscribe', payload: { query: 'subscription { n }' } },
    ]);
  },

  async several_next_calls_wait_at_once(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    const waiting = [iterator.next(), iterator.next(), iterator.next()];
    socket.say(next('1', 1));
    socket.say(next('1', 2));
    socket.say(next('1', 3));
    socket.say(next('1', 4));
    const results = await Promise.all([...waiting, iterator.next()]);
    equal(results.map(({ value, done }) => [value.data.n, done]), [1, 2, 3, 4].map((n) => [n, false]));
  },

  async results_wait_for_a_late_reader(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    socket.say(next('1', 1));
    socket.say(next('1', 2));
    socket.say({ id: '1', type: 'error', payload: [{ message: 'broken' }] });
    socket.end(1006, '', false);
    equal((await iterator.next()).value.data.n, 1);
    equal((await iterator.next()).value.data.n, 2);
    equal((await rejected(iterator.next())).name, 'TransportQueryError');
    equal(await iterator.next(), { done: true });
  },

  async the_end_reaches_all_who_wait(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    const waiting = [iterator.next(), iterator.next()];
    socket.say({ id: '1', type: 'complete' });
    equal(await Promise.all(waiting), [{ done: true }, { done: true }]);
    equal(await iterator.next(), { done: true });
  },

  async an_error_reaches_the_first_who_waits(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    const [first, second] = [rejected(iterator.next()), iterator.next()];
    socket.end(4500, 'oops');
    const error = await first;
    equal([error.name, error.closeCode, error.reason, error.ends], ['TransportConnectionFailedError', 4500, 'oops', 'connection']);
    equal(await second, { done: true });
  },

  async return_ends_the_iteration_and_stops_the_operation_once(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    socket.say(next('1', 1));
    equal((await iterator.next()).value.data.n, 1);
    socket.say(next('1', 2));
    const iterator2 = transport.subscribe('subscription { n }');
    const waiting = iterator2.next();
    await turnEnd();
    equal(await iterator.return('gone'), { value: 'gone', done: true });
    equal(await iterator.return(), { done: true });
    equal(await iterator.next(), { done: true });
    equal(await iterator2.return(), { done: true });
    equal(await waiting, { done: true });
    equal(socket.sent.slice(2).map(JSON.parse), [
      { id: '1', type: 'complete' },
      { id: '2', type: 'complete' },
    ]);
  },

  async what_is_left_in_the_same_turn_is_never_sent(make) {
    const { transport, socket } = await connected(make);
    const controller = new AbortController();
    for (let n = 0; n < 3; n += 1) transport.subscribe('subscription { n }').return();
    transport.observe('subscription { n }').subscribe(() => {}).unsubscribe();
    const answer = rejected(transport.execute('mutation { n }', { signal: controller.signal }));
    transport.subscribe('subscription { kept }');
    controller.abort();
    await answer;
    equal(socket.sent.map((text) => JSON.parse(text).payload.query), ['subscription { kept }']);
  },

  async what_is_left_by_a_listener_of_the_ack_is_never_sent(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    const controller = new AbortController();
    transport.on('connected', () => controller.abort());
    const connecting = transport.connect();
    const answer = rejected(transport.execute('mutation { pay }', { signal: controller.signal }));
    transport.execute('{ balance }').catch(() => {});
    const [socket] = webSocket.sockets;
    socket.open();
    socket.say({ type: 'connection_ack' });
    await connecting;
    await answer;
    equal(socket.sent.slice(1).map((text) => JSON.parse(text).payload.query), ['{ balance }']);
  },

  async a_message_that_begins_with_nul_is_no_result(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    const frame = (n) => `{"id":"1","type":"next","payload":{"data":${n}}}`;
    socket.onmessage({ data: frame(1) });
    // The envelope is learned anew, and none of its frames has come.
    socket.onmessage({ data: '{"type":"next","id":"1","payload":{"data":2}}' });
    socket.onmessage({ data: `\0${'x'.repeat(frame('').indexOf('{"data"') - 1)}{"data":666}}` });
    equal(transport.state, 'closed');
    const results = [(await iterator.next()).value.data, (await iterator.next()).value.data];
    equal(results, [1, 2]);
    equal((await rejected(iterator.next())).code, 'NOT_JSON');
  },

  async throw_gives_the_error_back(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }', { sendStop: false });
    const mine = new Error('mine');
    await turnEnd();
    ok((await rejected(iterator.throw(mine))) === mine, 'the same error');
    equal(socket.sent.length, 1, 'messages, with sendStop false');
  },

  async break_stops_the_operation(make) {
    const { transport, socket } = await connected(make);
    socket.send = ((send) => function (text) {
      send.call(this, text);
      if (JSON.parse(text).type === 'subscribe') for (const n of [1, 2, 3]) this.say(next('1', n));
    })(socket.send);
    for await (const { data } of transport.subscribe('subscription { n }')) if (data.n === 2) break;
    equal(JSON.parse(socket.sent.at(-1)), { id: '1', type: 'complete' });
  },

  async the_iterator_is_the_hosts_kind_of_async_iterator(make) {
    const { transport } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    ok(iterator[Symbol.asyncIterator]() === iterator, 'an iterator that is its own iterable');
    const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})()));
    ok(Object.getPrototypeOf(AsyncIterator).isPrototypeOf(iterator), 'the prototype of async iterators');
    for (const method of ['next', 'return', 'throw']) equal(typeof iterator[method], 'function', method);
    for (const promise of [iterator.next(), iterator.return()]) ok(promise instanceof Promise, 'a promise');
  },

  async await_using_stops_the_operation_and_closes_the_transport(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    if (!Symbol.asyncDispose) return;
    await turnEnd();
    await iterator[Symbol.asyncDispose]();
    equal(JSON.parse(socket.sent.at(-1)), { id: '1', type: 'complete' });
    const disposed = transport[Symbol.asyncDispose]();
    equal(socket.closed, [[1000, '']]);
    socket.end();
    await disposed;
    equal(transport.state, 'closed');
  },

  async execute_resolves_with_the_first_answer(make) {
    const { transport, socket } = await connected(make);
    const answers = [
      transport.execute('{ n }'),
      transport.execute('subscription { n }'),
      rejected(transport.execute('mutation { n }')),
      rejected(transport.execute('{ n }')),
    ];
    socket.say(next('1', 1));
    socket.say(next('2', 2));
    socket.say({ id: '3', type: 'complete' });
    socket.say({ id: '4', type: 'error', payload: [{ message: 'no' }] });
    const [first, second, third, fourth] = await Promise.all(answers);
    equal([first.data.n, second.data.n], [1, 2]);
    equal([third.name, third.code, third.operationId], ['TransportQueryError', 'NO_ANSWER', '3']);
    equal([fourth.name, fourth.code], ['TransportQueryError', 'QUERY_ERROR']);
    equal(socket.sent.slice(4).map(JSON.parse), [{ id: '2', type: 'complete' }], 'stops');
  },

  async errors_are_errors_of_our_classes(make) {
    const { transport, socket } = await connected(make);
    const payloads = [
      [{ message: 'a' }, { message: 'b' }],
      { message: 'c' },
      { errors: [{ message: 'd' }], data: { x: null }, extensions: { e: 1 } },
      undefined,
    ];
    const errors = payloads.map(() => rejected(transport.execute('{ n }')));
    payloads.forEach((payload, at) => socket.say({ id: `${at + 1}`, type: 'error', payload }));
    const [list, object, whole, none] = await Promise.all(errors);
    for (const error of [list, object, whole, none]) {
      ok(error instanceof Error, 'an Error');
      equal(error.name, 'TransportQueryError');
      equal(String(error.stack).includes('TransportQueryError') || !error.stack.includes('Error'), true, 'a stack');
      const parents = [];
      for (let p = Object.getPrototypeOf(error); p; p = Object.getPrototypeOf(p)) parents.push(p.name);
      equal(parents.slice(0, 3), ['TransportQueryError', 'TransportError', 'Error'], 'classes');
      equal([error.code, error.ends], ['QUERY_ERROR', 'operation']);
    }
    equal(list.errors, [{ message: 'a' }, { message: 'b' }]);
    equal([list.operationId, list.data, list.extensions], ['1', undefined, undefined]);
    equal(object.errors, [{ message: 'c' }]);
    equal([whole.errors, whole.data, whole.extensions], [[{ message: 'd' }], { x: null }, { e: 1 }]);
    equal(none.errors, []);
    equal(transport.state, 'ready');
  },

  async an_error_in_the_handshake_carries_code_and_reason(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    const failed = rejected(transport.connect());
    webSocket.sockets[0].open();
    webSocket.sockets[0].end(4403, 'Forbidden');
    const error = await failed;
    equal(
      [error.name, error.code, error.closeCode, error.reason, error.wasClean],
      ['TransportConnectionFailedError', 'HANDSHAKE_REFUSED', 4403, 'Forbidden', true],
    );
    ok(/4403.*forbidden.*Forbidden/.test(error.message), error.message);
    // Hosts that only say `error`, with or without what it was.
    const refused = rejected(transport.connect());
    const cause = new Error('connect ECONNREFUSED');
    webSocket.sockets[1].onerror({ error: cause, message: 'connect ECONNREFUSED' });
    const second = await refused;
    equal([second.code, second.closeCode, second.wasClean], ['CONNECTION_REFUSED', 1006, false]);
    ok(second.cause === cause && second.message.includes('ECONNREFUSED'), 'the cause');
    const third = rejected(transport.connect());
    webSocket.sockets[2].onerror({});
    equal((await third).cause, undefined);
  },

  a_bad_url_is_refused_by_the_constructor(make) {
    for (const [url, expected] of [
      ['not a url', 'not a valid URL'],
      ['', 'not a valid URL'],
      ['/graphql', 'not a valid URL'],
      ['ftp://server/graphql', 'but is ftp'],
      ['javascript:alert(1)', 'but is javascript'],
      [undefined, 'but is undefined'],
      [null, 'but is null'],
      [1, 'but is a number'],
      [{}, 'but is an object'],
    ]) {
      const error = thrown(() => make(url));
      ok(error instanceof TypeError && error.message.includes(expected), `${expected} in ${error}`);
    }
    for (const [url, expected] of [
      ['http://server', 'ws://server/'],
      ['HTTPS://server:8443/a?b=c#d', 'wss://server:8443/a?b=c'],
      [new URL('wss://server/graphql'), 'wss://server/graphql'],
      ['ws://[::1]:4000/', 'ws://[::1]:4000/'],
    ]) {
      const webSocket = scripted();
      const transport = make(url, { webSocket });
      transport.connect().catch(() => {});
      equal(webSocket.sockets[0].args[0], expected);
      equal(transport.url, expected);
    }
  },

  a_bad_option_is_refused_by_the_constructor(make) {
    const times = ['connectTimeout', 'ackTimeout', 'closeTimeout', 'keepAliveTimeout', 'pingInterval', 'pongTimeout'];
    for (const name of times) {
      for (const [value, what] of [
        [-1, 'but is -1'],
        [-Infinity, 'but is -Infinity'],
        [NaN, 'NaN'],
        ['10', 'a string'],
        [true, 'a boolean'],
        [{}, 'an object'],
        [[], 'an array'],
        [() => 1, 'a function'],
        [10n, 'a symbol or a bigint'],
        [Symbol('s'), 'a symbol or a bigint'],
      ]) {
        const error = thrown(() => make('ws://server/', { [name]: value }));
        ok(error instanceof TypeError, `a TypeError for ${name}`);
        ok(error.message.includes(`\`${name}\``) && error.message.includes(what), `${name}, ${what} in ${error}`);
      }
    }
    for (const [options, expected] of [
      [{ pingInterval: 0 }, '`pingInterval` must be milliseconds above 0, Infinity or null, but is 0'],
      [{ answerPings: 1 }, '`answerPings` must be true or false, but is a number'],
      [{ webSocket: {} }, '`webSocket` must be a WebSocket class'],
      [{ webSocket: () => {} }, '`webSocket` must be a WebSocket class'],
      [{ webSocket: 'ws' }, '`webSocket` must be a WebSocket class'],
      [{ connectArgs: [] }, '`connectArgs` must be an object, but is an array'],
      [{ initPayload: 'token' }, 'option `initPayload` must be an object, but is a string'],
      [{ initPayload: [] }, 'option `initPayload` must be an object, but is an array'],
      [{ initPayload: new Date() }, 'an object that is one in JSON too'],
      [{ initPayload: Object.create({}, { toJSON: { value: () => undefined } }) }, 'an object that is one in JSON too'],
      [{ initpayload: {} }, 'unknown option `initpayload`: did you mean `initPayload`?'],
      [{ conectTimeout: 1 }, 'did you mean `connectTimeout`?'],
      [{ ping: 1 }, 'unknown option `ping`: the options are initPayload, connectTimeout,'],
      [{ header: {} }, 'did you mean `headers`?'],
      [{ pingIntervall: 1 }, 'did you mean `pingInterval`?'],
      [{ t: {} }, 'unknown option `t`: the options are initPayload,'],
      [{ headers: [], webSocket: scripted() }, '`headers` must be an object, but is an array'],
      [{ headers: 'x', webSocket: scripted() }, '`headers` must be an object, but is a string'],
      [{ headers: { a: 1 }, webSocket: scripted() }, '`headers`: `a` must be a string, but is a number'],
      [{ tls: true, webSocket: scripted() }, '`tls` must be an object, but is a boolean'],
      [{ dialect: 'mqtt' }, '`dialect` must be `graphql-transport-ws`, `graphql-ws`, `appSync(…)` or `phoenix(…)`'],
      [{ dialect: null }, '`dialect` must be `graphql-transport-ws`, `graphql-ws`, `appSync(…)` or `phoenix(…)`'],
      [{ dialect: 'graphql-ws', subprotocols: ['graphql-transport-ws'] }, '`subprotocols` must be empty or `dialect` alone'],
      [{ subprotocols: 'graphql-ws' }, '`subprotocols` must be an array'],
      [{ subprotocols: ['mqtt'] }, '`subprotocols` must be an array'],
      [{ subprotocols: [1] }, '`subprotocols` must be an array'],
      [{ subprotocols: ['graphql-ws', 'graphql-ws'] }, '`subprotocols` must be an array'],
      [{ trace: 'all' }, '`trace` must be a function, but is a string'],
      [{ jsonMessageReviver: 1 }, '`jsonMessageReviver` must be a function, but is a number'],
      [{ jsonMessageReplacer: ['a'] }, '`jsonMessageReplacer` must be a function, but is an array'],
      [{ print: 'all' }, '`print` must be a function, but is a string'],
      [{ keepAliveTimeout: 0 }, '`keepAliveTimeout` must be milliseconds above 0'],
      [{ pongTimeout: 0 }, '`pongTimeout` must be milliseconds above 0'],
      ['options', 'options must be an object'],
      [null, 'options must be an object, but are null'],
      [[], 'options must be an object, but are an array'],
    ]) {
      const error = thrown(() => make('ws://server/', options));
      ok(error instanceof TypeError && error.message.includes(expected), `${expected} in ${error}`);
    }
    const cycle = {};
    cycle.self = cycle;
    ok(thrown(() => make('ws://server/', { initPayload: cycle })) instanceof TypeError, 'a TypeError');
  },

  good_options_are_taken(make) {
    for (const time of [0, 1, 0.5, 1e300, Infinity, null, undefined]) {
      make('ws://server/', {
        connectTimeout: time,
        ackTimeout: time,
        closeTimeout: time,
        keepAliveTimeout: time || null,
        pongTimeout: time || null,
        pingInterval: time || null,
      });
    }
    make('ws://server/', { answerPings: false, initPayload: null, webSocket: undefined });
    make('ws://server/', undefined);
    make(() => 'ws://server/', { initPayload: async () => ({}) });
  },

  async a_bad_document_is_refused(make) {
    const { transport, socket } = await connected(make);
    const bad = [
      [[undefined], 'but is undefined'],
      [[null], 'but is null'],
      [[1], 'but is a number'],
      [[[]], 'but is an array'],
      [[{}], 'has no `query`'],
      [[{ variables: { a: 1 } }], 'has no `query`'],
      [[{ query: 1 }], 'but is a number'],
      [[''], 'the document is empty'],
      [[' \n'], 'the document is empty'],
      [[Promise.resolve('{ n }')], 'a promise, which has to be awaited'],
      [['{ n }', { variables: new Date() }], 'option `variables` must be an object that is one in JSON too'],
      [['{ n }', { variables: [] }], '`variables` must be an object, but is an array'],
      [['{ n }', { variables: 'x' }], '`variables` must be an object, but is a string'],
      [['{ n }', { operationName: 1 }], '`operationName` must be a string, but is a number'],
      [['{ n }', { extensions: 1 }], '`extensions` must be an object, but is a number'],
      [['{ n }', { sendStop: 'no' }], '`sendStop` must be true or false, but is a string'],
      [['{ n }', { incremental: 'merged' }], '`incremental` must be `merge` or `raw`, but is a string'],
      [['{ n }', { variable: {} }], 'unknown option `variable`: did you mean `variables`?'],
      [[{ query: '{ n }', variables: 1 }], '`variables` must be an object, but is a number'],
    ];
    for (const [args, expected] of bad) {
      const error = thrown(() => transport.subscribe(...args));
      ok(error instanceof TypeError && error.message.includes(expected), `${expected} in ${error}`);
      equal((await rejected(transport.execute(...args))).message, error.message);
    }
    const error = thrown(() => transport.subscribe('{ n }', { variables: { big: 10n } }));
    ok(error instanceof TypeError && error.message.startsWith('the request cannot be serialised to JSON'), String(error));
    const mine = new Error('mine');
    const getter = { get query() { throw mine; } };
    ok(thrown(() => transport.subscribe(getter)) === mine, 'the error of the getter');
    ok((await rejected(transport.execute(getter))) === mine, 'the error of the getter');
    equal(socket.sent, []);
  },

  async what_json_would_lose_is_refused_by_its_place(make) {
    const { transport, socket } = await connected(make);
    class Filter {
      #hidden = 1;
      get hidden() { return this.#hidden; }
    }
    const lost = [
      [Promise.resolve(1), 'a promise, which has to be awaited'],
      [new Map([['a', 1]]), 'a Map, of which JSON makes {}'],
      [new Set([1]), 'a Set, of which JSON makes {}'],
      [new Filter(), 'a Filter, of which JSON makes {}'],
      [new ArrayBuffer(1), 'a ArrayBuffer, of which JSON makes {}'],
      [/x/, 'a RegExp, of which JSON makes {}'],
      [(async function* () {})(), 'of which JSON makes {}'],
    ];
    for (const [value, what] of lost) {
      for (const [act, place] of [
        [() => transport.subscribe('{ n }', { variables: value }), ''],
        [() => transport.subscribe('{ n }', { variables: { user: value } }), '`variables.user`'],
        [() => transport.subscribe('{ n }', { variables: { list: [{}, { user: value }] } }), '`variables.list[1].user`'],
        [() => transport.subscribe({ query: '{ n }', variables: { user: value } }), '`variables.user`'],
        [() => transport.observe('{ n }', { extensions: { user: value } }), '`extensions.user`'],
        [() => transport.sendPing(value), 'the payload'],
        [() => transport.sendPong({ user: value }), 'the payload: `user`'],
        [() => make('ws://server/', { initPayload: value }), 'option `initPayload`'],
        [() => make('ws://server/', { initPayload: { user: value } }), 'option `initPayload`: `user`'],
      ]) {
        const error = thrown(act);
        ok(error instanceof TypeError && error.message.includes(what) && error.message.includes(place), `${place} ${what} in ${error}`);
      }
    }
    const asked = make('ws://server/', { webSocket: scripted(), initPayload: async () => ({ user: new Map() }) });
    const failed = await rejected(asked.connect());
    ok(failed.code === 'INIT_PAYLOAD_FAILED' && failed.cause.message.includes('`user` is a Map'), String(failed));
    equal(socket.sent, []);
    // These have JSON of their own, or are meant as they are.
    class Told { toJSON() { return { told: true }; } }
    class Row { n = 1; }
    transport.subscribe('{ n }', {
      variables: { told: new Told(), row: new Row(), none: {}, bare: Object.create(null), date: new Date(0), text: '{}', list: [] },
    });
    await turnEnd();
    equal(JSON.parse(socket.sent[0]).payload.variables, {
      told: { told: true }, row: { n: 1 }, none: {}, bare: {}, date: '1970-01-01T00:00:00.000Z', text: '{}', list: [],
    });
  },

  async a_whole_request_is_sent_as_it_is(make) {
    const { transport, socket } = await connected(make);
    for (const request of [
      { query: '', extensions: { persistedQuery: 'hash' } },
      { query: null, extensions: { persistedQuery: 'hash' } },
      { id: 'stored', variables: { a: 1 } },
      { queryId: 7, query: '' },
      { documentId: 'd', query: null, operationName: null },
      { query: '{ n }', whatever: [1] },
    ]) {
      transport.subscribe(request);
      await turnEnd();
      equal(JSON.parse(socket.sent.at(-1)).payload, request);
    }
    for (const request of [{}, { query: '' }, { query: null, variables: { a: 1 } }, { operationName: 'A' }, { id: undefined }]) {
      const error = thrown(() => transport.subscribe(request));
      ok(error instanceof TypeError && error.message.includes('has no `query`'), String(error));
    }
  },

  async a_document_is_printed_by_the_option_print(make) {
    const node = { kind: 'Document', definitions: [], loc: { source: { body: '{ old }' } } };
    const { transport, socket } = await connected(make, { print: (document) => (document === node ? '{ new }' : '') });
    transport.subscribe(node);
    transport.subscribe({ query: node });
    await turnEnd();
    equal(socket.sent.map((text) => JSON.parse(text).payload), [{ query: '{ new }' }, { query: '{ new }' }]);
    const { transport: wrong } = await connected(make, { print: () => 1 });
    const error = thrown(() => wrong.subscribe(node));
    ok(error instanceof TypeError && error.message.includes('`print` must return a string, but returned a number'), String(error));
  },

  async messages_are_read_and_written_with_functions_of_the_users(make) {
    const seen = [];
    const { transport, socket } = await connected(make, {
      jsonMessageReviver(key, value) {
        if (key === '') seen.push(value.type);
        return key === 'at' ? new Date(value) : value;
      },
      jsonMessageReplacer(key, value) {
        if (key === '') seen.push(value.type);
        return typeof this[key] === 'bigint' ? `${value}n` : value instanceof Set ? [...value] : value;
      },
    });
    const iterator = transport.subscribe('subscription { at }', { variables: { id: 2n ** 60n, in: new Set([1]) } });
    await turnEnd();
    transport.sendPing({ big: 1n });
    equal(socket.sent.map(JSON.parse), [
      { id: '1', type: 'subscribe', payload: { query: 'subscription { at }', variables: { id: '1152921504606846976n', in: [1] } } },
      { type: 'ping', payload: { big: '1n' } },
    ]);
    // Each of them, though their beginning is known after the first.
    for (const at of [1, 2, 3]) {
      socket.say({ id: '1', type: 'next', payload: { data: { at } } });
      equal((await iterator.next()).value.data.at.getTime(), at);
    }
    equal(seen, ['connection_ack', 'subscribe', 'ping', 'next', 'next', 'next']);
    const lost = thrown(() => transport.execute.call(transport, '{ n }', {}) && transport.sendPing({ user: new Map() }));
    ok(lost instanceof TypeError && lost.message.includes('`user` is a Map'), String(lost));
    const { transport: odd } = await connected(make, { jsonMessageReplacer: () => ({}) });
    ok(thrown(() => odd.sendPing({})).message.includes('`jsonMessageReplacer` must leave'), 'what it must leave');
  },

  async an_init_payload_is_written_with_the_users_function(make) {
    const webSocket = scripted({ onConstruct: (socket) => queueMicrotask(() => socket.open()) });
    const jsonMessageReplacer = (key, value) => (key === 'token' ? 'replaced' : value);
    for (const initPayload of [{ token: 'x' }, async () => ({ token: 'x' })]) {
      const transport = make('ws://server/', { webSocket, initPayload, jsonMessageReplacer });
      const sent = new Promise((resolve) => (webSocket.prototype.send = (text) => resolve(JSON.parse(text))));
      const failed = rejected(transport.connect());
      equal(await sent, { type: 'connection_init', payload: { token: 'replaced' } });
      webSocket.sockets.at(-1).end(4403);
      await failed;
    }
  },

  async a_removed_listener_is_not_called_and_an_added_one_not_yet(make) {
    const { transport, socket } = await connected(make);
    const called = [];
    let off;
    transport.on('ping', () => {
      called.push('first');
      off();
      transport.on('ping', () => called.push('added'));
    });
    off = transport.on('ping', () => called.push('removed'));
    transport.on('ping', () => called.push('last'));
    socket.say({ type: 'ping' });
    equal(called, ['first', 'last']);
    equal(typeof off(), 'undefined', 'a second removal');
  },

  async return_awaits_its_value_as_generators_do(make) {
    const { transport } = await connected(make);
    equal(await transport.subscribe('{ n }').return(Promise.resolve(5)), { value: 5, done: true });
    const mine = new Error('mine');
    ok((await rejected(transport.subscribe('{ n }').return(Promise.reject(mine)))) === mine, 'the error of the promise');
  },

  async a_signal_without_a_reason_gives_an_abort_error(make) {
    const { transport } = await connected(make);
    const polyfilled = (aborted) => Object.assign(new EventTarget(), { aborted });
    const signal = polyfilled(false);
    const waiting = [transport.subscribe('{ n }', { signal }).next(), transport.execute('{ n }', { signal })].map(rejected);
    signal.aborted = true;
    signal.dispatchEvent(new Event('abort'));
    const errors = await Promise.all([
      ...waiting,
      rejected(transport.execute('{ n }', { signal: polyfilled(true) })),
      rejected(make('ws://server/', { webSocket: scripted() }).connect({ signal: polyfilled(true) })),
    ]);
    equal(errors.map((error) => [error instanceof Error, error?.name]), errors.map(() => [true, 'AbortError']));
  },

  async errors_can_be_inspected(make) {
    const { transport, socket } = await connected(make);
    const failed = rejected(transport.execute('{ n }'));
    socket.say({ id: '1', type: 'error', payload: { errors: [{ message: 'no' }] } });
    const error = await failed;
    for (const name of ['data', 'extensions', 'cause']) ok(!(name in error) || name === 'cause' && error.cause, `no ${name}`);
    const { name, code, message, ends, errors } = JSON.parse(JSON.stringify({ error })).error;
    equal([name, code, message, ends, errors], [error.name, error.code, error.message, 'operation', [{ message: 'no' }]]);
    const heard = [];
    transport.observe('{ n }').subscribe({ error: () => heard.push(transport.closeReason?.code) });
    transport.on('error', (told) => heard.push(transport.closeReason?.code, transport.closeReason?.error === told));
    const over = new Promise((resolve) => transport.on('closed', ({ error }) => resolve(error)));
    socket.end(4500, 'oops');
    const last = await over;
    equal(heard, [4500, 4500, true]);
    equal(JSON.parse(JSON.stringify(last)).closeCode, 4500);
    ok(transport.closeReason.error === last, 'one error for all');
    const absent = Object.entries(last).filter(([, value]) => value === undefined);
    equal(absent, [], 'undefined properties');
  },

  async good_documents_are_sent(make) {
    const { transport, socket } = await connected(make);
    // As it is printed: where the package `graphql` is installed, that is asked.
    const source = 'query Q {\n  n\n}';
    const named = (value) => ({ kind: 'Name', value });
    const selectionSet = { kind: 'SelectionSet', selections: [{ kind: 'Field', name: named('n') }] };
    const definitions = [{ kind: 'OperationDefinition', operation: 'query', name: named('Q'), selectionSet }];
    const node = { kind: 'Document', definitions, loc: { source: { body: source } } };
    class TypedDocumentString extends String {}
    for (const [args, expected] of [
      [[source], { query: source }],
      [[node], { query: source }],
      [[new TypedDocumentString(source)], { query: source }],
      [
        [node, { variables: { a: 1 }, operationName: 'Q', extensions: { e: true } }],
        { query: source, variables: { a: 1 }, operationName: 'Q', extensions: { e: true } },
      ],
      [[{ query: node, variables: { a: 1 } }, { variables: { a: 2 } }], { query: source, variables: { a: 2 } }],
      [[{ extensions: { persistedQuery: { sha256Hash: 'x' } } }], { extensions: { persistedQuery: { sha256Hash: 'x' } } }],
      [[{ documentId: 'd' }, { variables: { a: 1 } }], { documentId: 'd', variables: { a: 1 } }],
      [[source, { variables: null, operationName: null }], { query: source, variables: null, operationName: null }],
      [['"ü\ud83d\ude00\\'], { query: '"ü\ud83d\ude00\\' }],
    ]) {
      transport.subscribe(...args);
      await turnEnd();
      equal(JSON.parse(socket.sent.at(-1)).payload, expected);
    }
  },

  async the_init_payload_is_asked_for_each_attempt(make) {
    let asked = 0;
    for (const initPayload of [() => ({ asked: (asked += 1) }), async () => ({ asked: (asked += 1) })]) {
      const webSocket = scripted({ onConstruct: (socket) => queueMicrotask(() => socket.open()) });
      const transport = make('ws://server/', { webSocket, initPayload });
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        const sent = new Promise((resolve) => (webSocket.prototype.send = (text) => resolve(JSON.parse(text))));
        const failed = rejected(transport.connect());
        equal(await sent, { type: 'connection_init', payload: { asked } });
        webSocket.sockets.at(-1).end(4403);
        await failed;
      }
    }
    equal(asked, 4);
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket, initPayload: () => null, connectTimeout: null });
    const failed = rejected(transport.connect());
    webSocket.sockets[0].open();
    equal(webSocket.sockets[0].sent, ['{"type":"connection_init"}']);
    await transport.close();
    await failed;
  },

  async an_init_payload_that_fails_fails_the_attempt(make) {
    const mine = new Error('no token');
    for (const [initPayload, message, cause] of [
      [() => { throw mine; }, 'the initPayload function failed: no token', mine],
      [async () => { throw mine; }, 'the initPayload function failed: no token', mine],
      [() => Promise.reject('text'), 'the initPayload function failed: text', 'text'],
      [() => 'text', 'the initPayload function failed: option `initPayload` must be an object, but is a string', undefined],
      [async () => [], 'the initPayload function failed: option `initPayload` must be an object, but is an array', undefined],
    ]) {
      const webSocket = scripted();
      const transport = make('ws://server/', { webSocket, initPayload });
      const error = await rejected(transport.connect());
      equal([error.name, error.code, error.message], ['TransportConnectionFailedError', 'INIT_PAYLOAD_FAILED', message]);
      if (cause !== undefined) ok(error.cause === cause, 'the cause');
      equal(webSocket.sockets.length, 0, 'sockets');
      equal(transport.state, 'closed');
    }
    const never = make('ws://server/', { webSocket: scripted(), initPayload: () => new Promise(() => {}), connectTimeout: 5 });
    const error = await rejected(never.connect());
    equal([error.name, error.code, error.option, error.timeout], ['TransportTimeoutError', 'CONNECT_TIMEOUT', 'connectTimeout', 5]);
  },

  async the_url_is_asked_for_each_attempt(make) {
    const urls = ['http://one/', new URL('wss://two/'), Promise.resolve('ws://three/')];
    const webSocket = scripted({ onConstruct: (socket) => queueMicrotask(() => socket.end(1006)) });
    const transport = make(() => urls.shift(), { webSocket });
    for (const expected of ['ws://one/', 'wss://two/', 'ws://three/']) {
      await rejected(transport.connect());
      equal(transport.url, expected);
    }
    const error = await rejected(transport.connect());
    equal([error.code, error.cause instanceof TypeError], ['URL_FAILED', true]);
    equal(webSocket.sockets.length, 3);
  },

  async a_user_function_may_come_back_at_once(make) {
    const transport = make(() => (transport.close(), 'ws://server/'), { webSocket: scripted() });
    equal((await rejected(transport.connect())).code, 'TRANSPORT_CLOSED');
    const again = make('ws://server/', {
      webSocket: scripted(),
      connectTimeout: null,
      initPayload: () => (again.connect().catch((error) => errors.push(error.code)), {}),
    });
    const errors = [];
    again.connect();
    await Promise.resolve();
    await Promise.resolve();
    equal(errors, ['ALREADY_CONNECTED']);
  },

  async a_socket_may_answer_within_send(make) {
    const webSocket = scripted({
      onConstruct: (socket) => queueMicrotask(() => socket.open()),
      onSend(socket, { type, id }) {
        if (type === 'connection_init') socket.say({ type: 'connection_ack' });
        if (type === 'subscribe') {
          socket.say(next(id, 1));
          socket.say({ id, type: 'complete' });
        }
      },
    });
    const transport = make('ws://server/', { webSocket });
    await transport.connect();
    equal(await numbers(transport.subscribe('subscription { n }')), [1]);
    equal((await transport.execute('{ n }')).data.n, 1);
  },

  async a_constructor_that_throws_fails_the_attempt(make) {
    const mine = new Error('not on a secure page');
    const webSocket = scripted({ onConstruct: () => { throw mine; } });
    const error = await rejected(make('ws://server/', { webSocket }).connect());
    equal([error.name, error.code], ['TransportConnectionFailedError', 'SOCKET_FAILED']);
    ok(error.cause === mine && error.message.includes('not on a secure page'), 'the cause');
  },

  async a_socket_that_refuses_handlers_fails_the_attempt(make) {
    const webSocket = scripted({ onConstruct: Object.freeze });
    const transport = make('ws://server/', { webSocket });
    equal((await rejected(transport.connect())).code, 'SOCKET_FAILED');
    equal(transport.state, 'closed');
  },

  async what_was_handed_on_to_the_socket_is_in_no_message(make) {
    const mine = new Error('"Bearer secret" is an invalid header value');
    const webSocket = scripted({ onConstruct: () => { throw mine; } });
    const connectArgs = { headers: { authorization: 'Bearer secret' } };
    const error = await rejected(make('ws://server/', { webSocket, connectArgs }).connect());
    ok(!error.message.includes('secret') && error.cause === mine, error.message);
  },

  async what_is_done_within_send_comes_after_what_is_sent(make) {
    const { transport, socket } = await connected(make);
    const { send } = socket;
    socket.send = function (text) {
      if (text.includes('subscribe')) transport.sendPing();
      send.call(this, text);
    };
    transport.subscribe('subscription { n }');
    await turnEnd();
    equal(socket.sent.map((text) => JSON.parse(text).type), ['subscribe', 'ping']);
  },

  async a_socket_may_connect_again_within_close(make) {
    let again;
    const webSocket = scripted({ onConstruct: (socket) => queueMicrotask(() => socket.open()) });
    webSocket.prototype.close = () => (again ??= transport.connect());
    const transport = make('ws://server/', { webSocket, ackTimeout: 5 });
    equal((await rejected(transport.connect())).code, 'ACK_TIMEOUT');
    queueMicrotask(() => webSocket.sockets[1].say({ type: 'connection_ack' }));
    await again;
    equal(transport.state, 'ready');
  },

  async execute_takes_the_whole_of_an_incremental_query(make) {
    const { transport, socket } = await connected(make);
    const answer = transport.execute('{ n ... @defer { m } }');
    const closed = transport.close();
    socket.say({ id: '1', type: 'next', payload: { data: { n: 1 }, hasNext: true } });
    equal(socket.closed, [], 'closed within the answer');
    socket.say({ id: '1', type: 'next', payload: { incremental: [{ path: [], data: { m: 2 } }], hasNext: false } });
    equal(await answer, { data: { n: 1, m: 2 }, hasNext: false });
    equal(socket.sent.length, 1, 'messages, as the server ends it');
    equal(socket.closed, [[1000, '']]);
    socket.end();
    await closed;
  },

  async execute_of_raw_results_stops_an_incremental_query(make) {
    const { transport, socket } = await connected(make);
    const answer = transport.execute('{ n ... @defer { m } }', { incremental: 'raw' });
    socket.say({ id: '1', type: 'next', payload: { data: { n: 1 }, hasNext: true } });
    equal(await answer, { data: { n: 1 }, hasNext: true });
    equal(JSON.parse(socket.sent.at(-1)), { id: '1', type: 'complete' });
  },

  async a_failure_is_remembered(make) {
    const { transport, socket } = await connected(make);
    socket.end(4500, 'Syntax Error');
    const error = await rejected(transport.execute('{ n }'));
    equal(error.name, 'TransportClosedError');
    ok(/not connected any more.*4500.*Syntax Error/.test(error.message), error.message);
  },

  async a_constructor_may_close_the_transport(make) {
    const webSocket = scripted({ onConstruct: () => transport.close() });
    const transport = make('ws://server/', { webSocket });
    equal((await rejected(transport.connect())).code, 'TRANSPORT_CLOSED');
    const [socket] = webSocket.sockets;
    equal(socket.closed.length, 1);
    ok(socket.onmessage === null, 'no onmessage');
  },

  async a_send_that_throws_ends_the_connection(make) {
    const { transport, socket } = await connected(make);
    const lasting = rejected(transport.subscribe('subscription { n }').next());
    socket.send = () => { throw new Error('out of memory'); };
    const error = await rejected(transport.execute('{ n }'));
    equal([error.code, (await lasting).code, transport.state], ['SOCKET_FAILED', 'SOCKET_FAILED', 'closed']);
  },

  async no_handler_is_left_on_a_socket_that_is_done_with(make) {
    const { transport, socket } = await connected(make);
    const { onerror } = socket;
    transport.close();
    socket.end();
    for (const handler of ['onopen', 'onmessage', 'onclose']) ok(socket[handler] === null, `no ${handler}`);
    // In Node an error that nobody hears ends the process.
    ok(socket.onerror !== onerror && typeof socket.onerror === 'function', 'another onerror');
    socket.onerror({});
  },

  async a_stale_socket_says_nothing(make) {
    const { transport, socket, webSocket } = await connected(make);
    const { onmessage, onclose, onerror, onopen } = socket;
    socket.end(1006);
    const connecting = transport.connect();
    onopen({});
    onmessage({ data: '{"type":"connection_ack"}' });
    onmessage({ data: JSON.stringify(next('1', 1)) });
    onmessage({ data: 'no JSON' });
    onerror({ message: 'late' });
    onclose({ code: 1000, reason: '', wasClean: true });
    equal(transport.state, 'connecting');
    webSocket.sockets[1].open();
    webSocket.sockets[1].say({ type: 'connection_ack' });
    await connecting;
  },

  async binary_messages_are_asked_for_as_array_buffers(make) {
    const { transport, socket } = await connected(make);
    equal(socket.binaryType, 'arraybuffer');
    const failed = rejected(transport.subscribe('subscription { n }').next());
    socket.onmessage({ data: new ArrayBuffer(2) });
    equal([(await failed).code, socket.closed], ['BINARY_FRAME', [[4400, 'invalid message']]]);
  },

  async a_timeout_rejects(make) {
    const opens = { onConstruct: (socket) => queueMicrotask(() => socket.open()) };
    for (const [script, option, code] of [
      [{}, 'connectTimeout', 'CONNECT_TIMEOUT'],
      [opens, 'ackTimeout', 'ACK_TIMEOUT'],
    ]) {
      const error = await rejected(make('ws://server/', { webSocket: scripted(script), [option]: 5 }).connect());
      equal([error.name, error.code, error.option, error.timeout], ['TransportTimeoutError', code, option, 5]);
    }
    const { transport } = await connected(make, { keepAliveTimeout: 5 });
    equal((await rejected(transport.subscribe('subscription { n }').next())).code, 'KEEP_ALIVE_TIMEOUT');
    const pinging = await connected(make, { pingInterval: 5 });
    equal((await rejected(pinging.transport.subscribe('subscription { n }').next())).code, 'PONG_TIMEOUT');
    equal(JSON.parse(pinging.socket.sent.at(-1)), { type: 'ping' });
  },

  async long_times_do_not_fire_at_once(make) {
    const delays = [];
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (action, delay, ...args) => (delays.push(delay), setTimeout(action, delay, ...args));
    try {
      // The second is longer than the core counts, which is for ever.
      for (const connectTimeout of [4e9, 1e12]) {
        const transport = make('ws://server/', { webSocket: scripted(), connectTimeout });
        const failed = rejected(transport.connect());
        equal(delays, [2 ** 31 - 1]);
        await transport.close();
        await failed;
      }
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  },

  async no_timer_is_left_after_the_end(make) {
    const running = new Set();
    const { setTimeout, clearTimeout } = globalThis;
    globalThis.setTimeout = (...args) => {
      const timer = setTimeout(...args);
      running.add(timer);
      return timer;
    };
    globalThis.clearTimeout = (timer) => (running.delete(timer), clearTimeout(timer));
    try {
      const { transport, socket } = await connected(make, { pingInterval: 1e6, keepAliveTimeout: 1e6 });
      ok(running.size > 0, 'a timer while it runs');
      const closed = transport.close();
      socket.end();
      await closed;
      equal(running.size, 0, 'timers');
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
    }
  },

  async connect_twice_is_refused(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    const first = transport.connect();
    equal((await rejected(transport.connect())).name, 'TransportAlreadyConnectedError');
    webSocket.sockets[0].open();
    webSocket.sockets[0].say({ type: 'connection_ack' });
    await first;
    equal((await rejected(transport.connect())).code, 'ALREADY_CONNECTED');
    equal([transport.state, webSocket.sockets.length], ['ready', 1]);
  },

  async close_is_idempotent(make) {
    const idle = make('ws://server/', { webSocket: scripted() });
    await idle.close();
    equal(idle.state, 'idle');
    const early = idle.subscribe('subscription { n }');
    equal((await rejected(early.next())).name, 'TransportClosedError');
    equal(await early.next(), { done: true });
    const { transport, socket } = await connected(make);
    const closes = [transport.close(), transport.close(), transport.waitClosed()];
    equal(socket.closed.length, 1);
    socket.end();
    await Promise.all([...closes, transport.close()]);
    equal((await rejected(transport.execute('{ n }'))).name, 'TransportClosedError');
    const connecting = make('ws://server/', { webSocket: scripted() });
    const failed = rejected(connecting.connect());
    await connecting.close();
    equal((await failed).name, 'TransportClosedError');
  },

  async a_close_resolves_everybody_who_waits(make) {
    const { transport, socket } = await connected(make);
    const waiting = [transport.waitClosed(), transport.waitClosed()];
    socket.end(1001, 'going away');
    await Promise.all(waiting);
    await transport.waitClosed();
  },

  connect_args_are_handed_on(make) {
    const webSocket = scripted();
    const both = ['graphql-transport-ws', 'graphql-ws'];
    for (const connectArgs of [{ maxPayload: 1 }, undefined]) {
      make('ws://server/', { webSocket, connectArgs }).connect().catch(() => {});
    }
    equal(webSocket.sockets[0].args, ['ws://server/', both, { maxPayload: 1 }]);
    equal(webSocket.sockets[1].args, ['ws://server/', both]);
    class Standard extends scripted() {
      get [Symbol.toStringTag]() {
        return 'WebSocket';
      }
    }
    make('ws://server/', { webSocket: Standard, connectArgs: { headers: { a: 'b' } } }).connect().catch(() => {});
    equal(Standard.sockets[0].args, ['ws://server/', { protocols: both, headers: { a: 'b' } }]);
    // `ws` and its like take them third, and `connectArgs` has the last word.
    const third = scripted();
    make('ws://server/', {
      webSocket: third,
      headers: new Map([['a', '1'], ['b', '2']]),
      tls: { ca: 'x', rejectUnauthorized: false },
      connectArgs: { rejectUnauthorized: true },
    }).connect().catch(() => {});
    equal(third.sockets[0].args[2], { headers: { a: '1', b: '2' }, ca: 'x', rejectUnauthorized: true });
    if (typeof document !== 'undefined') {
      for (const name of ['connectArgs', 'headers', 'tls']) {
        const error = thrown(() => make('ws://server/', { [name]: {} }));
        const hint = name === 'tls' ? 'the business of the browser' : 'use `initPayload`';
        ok(error instanceof TypeError && error.message.includes(hint), String(error));
      }
    }
  },

  async pings_and_pongs_carry_payloads(make) {
    const { transport, socket } = await connected(make);
    transport.sendPing();
    transport.sendPing({ n: 1 });
    transport.sendPong({ n: 2 });
    socket.say({ type: 'ping', payload: { n: 3 } });
    socket.say({ type: 'pong', payload: { n: 4 } });
    equal(socket.sent.map(JSON.parse), [
      { type: 'ping' },
      { type: 'ping', payload: { n: 1 } },
      { type: 'pong', payload: { n: 2 } },
      { type: 'pong', payload: { n: 3 } },
    ]);
    equal(transport.payloads, { connectionAck: null, ping: { n: 3 }, pong: { n: 4 } });
    ok(thrown(() => transport.sendPing('text')) instanceof TypeError, 'a TypeError');
    socket.end();
    equal(thrown(() => transport.sendPing()).name, 'TransportClosedError');
  },

  async the_state_is_told(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    const states = [transport.state];
    equal([transport.url, transport.subprotocol], [null, null]);
    const connecting = transport.connect();
    const [socket] = webSocket.sockets;
    states.push(transport.state);
    socket.open();
    socket.say({ type: 'connection_ack', payload: { a: 1 } });
    await connecting;
    states.push(transport.state);
    equal([transport.url, transport.subprotocol], ['ws://server/', 'graphql-transport-ws']);
    equal(transport.payloads.connectionAck, { a: 1 });
    const closed = transport.close();
    states.push(transport.state);
    socket.end();
    await closed;
    states.push(transport.state);
    equal(states, ['idle', 'connecting', 'ready', 'closing', 'closed']);
  },

  // ---- dialects ----

  async the_legacy_dialect_is_spoken(make) {
    const webSocket = scripted();
    webSocket.prototype.protocol = undefined;
    const transport = make('ws://server/', { webSocket, subprotocols: ['graphql-ws'] });
    const connecting = transport.connect();
    const [socket] = webSocket.sockets;
    equal(socket.args[1], ['graphql-ws']);
    socket.protocol = 'graphql-ws';
    socket.open();
    socket.say({ type: 'ka' });
    socket.say({ type: 'connection_ack' });
    socket.say({ type: 'ka' });
    await connecting;
    equal(transport.subprotocol, 'graphql-ws');
    const seen = numbers(transport.subscribe('subscription { n }'));
    const answer = transport.execute('{ n }');
    const query = numbers(transport.subscribe('{ n }'));
    for (const id of ['1', '1', '2', '3']) socket.say({ id, type: 'data', payload: { data: { n: Number(id) } } });
    socket.say({ id: '1', type: 'complete', payload: null });
    equal([await seen, (await answer).data.n, await query], [[1, 1], 2, [3]]);
    equal(thrown(() => transport.sendPing()).code, 'NO_PING');
    const closed = transport.close();
    equal(socket.sent.map((text) => JSON.parse(text).type), [
      'connection_init', 'start', 'start', 'start', 'connection_terminate',
    ]);
    socket.end();
    await closed;
  },

  async a_dialect_that_fails_is_followed_by_the_other(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    const retries = [];
    transport.on('connecting', ({ retry }) => retries.push(retry));
    const connecting = transport.connect();
    webSocket.sockets[0].open();
    webSocket.sockets[0].end(1002);
    const [, socket] = webSocket.sockets;
    equal(socket.args[1], ['graphql-ws']);
    socket.protocol = 'graphql-ws';
    socket.open();
    socket.say({ type: 'connection_ack' });
    await connecting;
    equal([retries, transport.subprotocol], [[false, true], 'graphql-ws']);
  },

  // ---- signals ----

  async an_aborted_signal_ends_connect(make) {
    const reason = new Error('too slow');
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    ok((await rejected(transport.connect({ signal: AbortSignal.abort(reason) }))) === reason, 'the reason');
    equal([transport.state, webSocket.sockets.length], ['idle', 0], 'before');
    const controller = watched();
    const failed = rejected(transport.connect({ signal: controller.signal }));
    const waiting = transport.subscribe('subscription { n }').next();
    webSocket.sockets[0].open();
    controller.abort(reason);
    ok((await failed) === reason, 'the reason');
    equal((await rejected(waiting)).name, 'TransportClosedError');
    equal([transport.state, webSocket.sockets[0].closed], ['closed', [[1000, '']]], 'during');
    equal(controller.listeners(), 0, 'listeners');
    const late = watched();
    const connecting = transport.connect({ signal: late.signal });
    webSocket.sockets[1].open();
    webSocket.sockets[1].say({ type: 'connection_ack' });
    await connecting;
    equal(late.listeners(), 0, 'listeners');
    late.abort();
    equal(transport.state, 'ready', 'after');
    for (const options of [{ signal: 1 }, { signal: {} }, { timeout: 1 }, 1]) {
      ok((await rejected(transport.connect(options))) instanceof TypeError, 'a TypeError');
    }
  },

  async an_aborted_signal_ends_an_operation(make) {
    const { transport, socket } = await connected(make);
    const reason = new Error('enough');
    const aborted = AbortSignal.abort(reason);
    const early = transport.subscribe('subscription { n }', { signal: aborted });
    ok((await rejected(early.next())) === reason, 'the reason, before');
    equal(await early.next(), { done: true });
    ok((await rejected(transport.execute('{ n }', { signal: aborted }))) === reason, 'the reason, before');
    equal(socket.sent, [], 'sent for what was aborted before');

    const controller = watched();
    const options = { signal: controller.signal };
    const iterators = [0, 1, 2].map(() => transport.subscribe('subscription { n }', options));
    const answer = rejected(transport.execute('{ n }', options));
    socket.say(next('1', 1));
    socket.say(next('2', 2));
    equal((await iterators[0].next()).value.data.n, 1);
    // One waits, one has a result unread, one is over.
    const waiting = [rejected(iterators[0].next()), iterators[0].next()];
    socket.say({ id: '3', type: 'complete' });
    equal(await iterators[2].next(), { done: true });
    equal(controller.listeners(), 1, 'listeners, one for all');
    controller.abort(reason);
    ok((await waiting[0]) === reason, 'the reason, to the first who waits');
    equal(await waiting[1], { done: true });
    ok((await rejected(iterators[1].next())) === reason, 'the reason, to who comes next');
    ok((await answer) === reason, 'the reason, of execute');
    for (const iterator of iterators) equal(await iterator.next(), { done: true });
    equal(socket.sent.slice(4).map(JSON.parse), ['1', '2', '4'].map((id) => ({ id, type: 'complete' })), 'stops');
    equal(controller.listeners(), 0, 'listeners');
    equal(transport.state, 'ready');
  },

  async iterators_of_a_signal_are_read_while_the_first_is_stopped(make) {
    const { transport, socket } = await connected(make);
    const controller = new AbortController();
    const { signal } = controller;
    const iterators = [0, 1].map(() => transport.subscribe('subscription { n }', { signal }));
    await turnEnd();
    const reads = [];
    // The server is told of the first before WebAssembly has heard of the second.
    socket.send = () => {
      delete socket.send;
      reads.push(rejected(iterators[1].next()), iterators[1].next(), iterators[1].next());
    };
    controller.abort('enough');
    const told = [await reads[0], await reads[1], await reads[2]];
    equal(told, ['enough', { done: true }, { done: true }]);
  },

  async a_signal_is_let_go_when_the_operation_is_over(make) {
    const { transport, socket } = await connected(make);
    const controller = watched();
    const options = { signal: controller.signal };
    const [left, over, unread] = [0, 1, 2].map(() => transport.subscribe('subscription { n }', options));
    const answers = [transport.execute('{ n }', options), rejected(transport.execute('{ n }', options))];
    await turnEnd();
    await left.return();
    socket.say({ id: '2', type: 'complete' });
    await over.next();
    socket.say({ id: '3', type: 'complete' });
    socket.say(next('4', 4));
    socket.say({ id: '5', type: 'error' });
    await Promise.all(answers);
    equal(controller.listeners(), 1, 'listeners, for the one whose end is unread');
    await unread.next();
    equal(controller.listeners(), 0, 'listeners');
    controller.abort();
    equal(socket.sent.length, 6, 'messages: five operations, one left');
    ok(thrown(() => transport.subscribe('{ n }', { signal: {} })) instanceof TypeError, 'a TypeError');
  },

  async a_signal_that_refuses_listeners_ends_nothing(make) {
    const { transport, socket } = await connected(make);
    const refuse = () => {
      throw new Error('no listeners here');
    };
    const reported = [];
    const { reportError } = globalThis;
    globalThis.reportError = (error) => reported.push(error);
    try {
      for (const addEventListener of [refuse, () => {}]) {
        const signal = { aborted: false, addEventListener, removeEventListener: refuse };
        const iterator = transport.subscribe('subscription { n }', { signal });
        await turnEnd();
        const [{ id }] = socket.sent.slice(-1).map(JSON.parse);
        socket.say(next(id, 1));
        socket.say({ id, type: 'complete' });
        equal(await numbers(iterator), [1]);
      }
    } finally {
      globalThis.reportError = reportError;
    }
    equal(reported.length, 0, 'errors that nobody can mend');
  },

  async without_subprotocols_a_dialect_is_spoken_unasked(make) {
    for (const [options, offered, dialect] of [
      [{ subprotocols: [] }, [], 'graphql-transport-ws'],
      [{ subprotocols: [], dialect: 'graphql-ws' }, [], 'graphql-ws'],
      [{ dialect: 'graphql-ws' }, ['graphql-ws'], 'graphql-ws'],
      [{ dialect: 'graphql-transport-ws', subprotocols: ['graphql-transport-ws'] }, ['graphql-transport-ws'], 'graphql-transport-ws'],
    ]) {
      const webSocket = scripted();
      const transport = make('ws://server/', { webSocket, ...options });
      const opened = [];
      transport.on('opened', (detail) => opened.push(detail));
      const connecting = transport.connect();
      const [socket] = webSocket.sockets;
      equal(socket.args[1], offered, 'subprotocols');
      socket.protocol = '';
      socket.onopen({});
      socket.say({ type: 'connection_ack' });
      await connecting;
      equal(opened, [{ dialect, subprotocol: null }]);
      transport.execute('{ n }').catch(() => {});
      await turnEnd();
      equal(JSON.parse(socket.sent.at(-1)).type, dialect === 'graphql-ws' ? 'start' : 'subscribe');
    }
  },

  async a_binary_message_that_holds_json_is_read(make) {
    const { transport, socket } = await connected(make);
    const iterator = transport.subscribe('subscription { n }');
    const bytes = (text) => new TextEncoder().encode(text).buffer;
    for (const n of ['"\u00e9"', 2, 3]) {
      socket.onmessage({ data: bytes(`{"id":"1","type":"next","payload":{"data":{"n":${n}}}}`) });
    }
    socket.onmessage({ data: bytes('{"id":"1","type":"next"') });
    equal([(await iterator.next()).value.data.n, (await iterator.next()).value.data.n], ['\u00e9', 2]);
    equal((await iterator.next()).value.data.n, 3);
    equal((await rejected(iterator.next())).code, 'BINARY_FRAME');
  },

  async errors_of_any_form_have_messages(make) {
    const { transport, socket } = await connected(make);
    const cyclic = (depth) => (depth === 0 ? 'deep' : [cyclic(depth - 1)]);
    for (const [payload, messages, text] of [
      [[{ message: 'a' }, { message: 'b' }], ['a', 'b'], 'a (the first of 2 errors)'],
      [[{ errors: [{ message: 'boom' }] }], ['boom'], 'boom'],
      [{ errors: { message: 'one' } }, ['one'], 'one'],
      [{ errors: [{ errors: ['x', 'y'] }] }, ['x', 'y'], 'x (the first of 2 errors)'],
      [{ message: 'one' }, ['one'], 'one'],
      [{ message: { en: 'no' } }, ['{"en":"no"}'], '{"en":"no"}'],
      [[{ message: 7 }], ['7'], '7'],
      [{ errors: [], code: 42 }, ['{"errors":[],"code":42}'], ''],
      ['text', ['text'], 'text'],
      [7, ['7'], '7'],
      [false, ['false'], 'false'],
      [[], [], 'it gave no reason'],
      [null, [], 'it gave no reason'],
      [cyclic(20), [JSON.stringify(cyclic(12))], JSON.stringify(cyclic(12))],
    ]) {
      const answer = rejected(transport.execute('{ n }'));
      await turnEnd();
      const { id } = JSON.parse(socket.sent.at(-1));
      socket.say({ id, type: 'error', payload });
      const error = await answer;
      equal(error.errors.map(({ message }) => message), messages, JSON.stringify(payload));
      ok(error.message.endsWith(text), `${error.message} to end with ${text}`);
      equal(error.cause, payload, 'the cause');
    }
  },

  async the_close_reason_keeps_what_was_sent_apart_from_what_came(make) {
    for (const [end, expected] of [
      [(socket) => socket.end(), { code: 1000, reason: '', wasClean: true, sent: { code: 1000, reason: '' }, error: null }],
      [(socket) => socket.end(1006, '', false), { code: null, reason: '', wasClean: false, sent: { code: 1000, reason: '' }, error: null }],
    ]) {
      const { transport, socket } = await connected(make);
      const closing = transport.close();
      end(socket);
      await closing;
      equal(transport.closeReason, expected);
    }
    const { transport, socket } = await connected(make);
    socket.end(1006, '', false);
    const { error, ...lost } = transport.closeReason;
    equal(lost, { code: 1006, reason: '', wasClean: false, sent: null });
    const webSocket = scripted();
    const refused = make('ws://server/', { webSocket });
    const connecting = rejected(refused.connect());
    webSocket.sockets[0].open();
    webSocket.sockets[0].say({ type: 'connection_error', payload: { message: 'no' } });
    await connecting;
    const { code, sent } = refused.closeReason;
    equal([code, sent], [null, { code: 1000, reason: '' }]);
  },

  // ---- observables ----

  async an_observer_is_told(make) {
    const { transport, socket } = await connected(make);
    const observable = transport.observe('subscription { n }');
    ok(observable['@@observable']() === observable, 'what libraries ask for');
    equal(socket.sent, [], 'nothing is sent before somebody subscribes');
    const told = [];
    const observer = {
      next: ({ data }) => told.push(data.n),
      error: (error) => told.push(error.code),
      complete: () => told.push('complete'),
    };
    const first = observable.subscribe(observer);
    const second = observable.subscribe(observer.next, observer.error, observer.complete);
    await turnEnd();
    equal(socket.sent.map((text) => JSON.parse(text).id), ['1', '2']);
    for (const id of ['1', '2', '1']) socket.say(next(id, Number(id)));
    equal(told.splice(0), [1, 2, 1]);
    equal([first.closed, second.closed], [false, false]);
    socket.say({ id: '1', type: 'complete' });
    socket.say({ id: '2', type: 'error', payload: [{ message: 'no' }] });
    equal(told.splice(0), ['complete', 'QUERY_ERROR']);
    equal([first.closed, second.closed], [true, true]);
    first.unsubscribe();
    const third = observable.subscribe(observer);
    await turnEnd();
    third.unsubscribe();
    third.unsubscribe();
    equal(socket.sent.slice(3).map(JSON.parse), [{ id: '3', type: 'complete' }]);
    socket.say(next('3', 3));
    equal(told, []);
  },

  async an_observer_may_unsubscribe_within_a_call(make) {
    const { transport, socket } = await connected(make);
    const seen = [];
    const run = transport.observe('subscription { n }').subscribe(({ data }) => {
      seen.push(data.n);
      run.unsubscribe();
    });
    socket.say(next('1', 1));
    socket.say(next('1', 2));
    equal([seen, run.closed], [[1], true]);
    equal(socket.sent.slice(1).map(JSON.parse), Array(2).fill({ id: '1', type: 'complete' }), 'the second for a late result');
  },

  async an_observer_is_not_called_before_subscribe_returns(make) {
    const transport = make('ws://server/', { webSocket: scripted() });
    const told = [];
    transport.observe('subscription { n }').subscribe({ error: (error) => told.push(error.code) });
    equal(told, []);
    await Promise.resolve();
    await Promise.resolve();
    equal(told, ['NOT_CONNECTED']);
    const unsubscribed = transport.observe('subscription { n }').subscribe({ error: () => told.push('late') });
    unsubscribed.unsubscribe();
    await Promise.resolve();
    await Promise.resolve();
    equal(told, ['NOT_CONNECTED']);
  },

  async what_a_reviver_throws_is_reported_and_loses_that_message_alone(make) {
    const reported = [];
    const { reportError } = globalThis;
    globalThis.reportError = (error) => reported.push(error);
    try {
      const jsonMessageReviver = (key, value) => (value === 'odd' ? fail('no such value') : value);
      const { transport, socket } = await connected(make, { jsonMessageReviver });
      const iterator = transport.subscribe('subscription { n }');
      await turnEnd();
      socket.say({ id: '1', type: 'next', payload: { data: { n: 'odd' } } });
      socket.say({ id: '1', type: 'next', payload: { data: { n: 2 } } });
      equal((await iterator.next()).value, { data: { n: 2 } });
      equal(transport.state, 'ready');
      equal(reported.map(({ message }) => message), ['no such value']);
    } finally {
      globalThis.reportError = reportError;
    }
  },

  async what_an_observer_throws_is_reported_and_ends_nothing(make) {
    const { transport, socket } = await connected(make);
    const reported = [];
    const { reportError } = globalThis;
    globalThis.reportError = (error) => reported.push(error.message ?? error);
    try {
      const seen = [];
      transport.observe('subscription { n }').subscribe(({ data }) => {
        seen.push(data.n);
        throw new Error(`at ${data.n}`);
      });
      socket.say(next('1', 1));
      socket.say(next('1', 2));
      socket.say({ id: '1', type: 'error', payload: [{ message: 'nobody takes this' }] });
      equal(seen, [1, 2]);
      equal(reported, ['at 1', 'at 2', 'the server ended the operation with an error: nobody takes this']);
    } finally {
      globalThis.reportError = reportError;
    }
    equal(transport.state, 'ready');
  },

  async a_signal_ends_an_observation(make) {
    const { transport, socket } = await connected(make);
    const told = [];
    const observer = { next: () => told.push('next'), error: () => told.push('error'), complete: () => told.push('complete') };
    const controller = watched();
    const run = transport.observe('subscription { n }', { signal: controller.signal }).subscribe(observer);
    socket.say(next('1', 1));
    controller.abort();
    equal([told, run.closed, controller.listeners()], [['next'], true, 0]);
    equal(JSON.parse(socket.sent.at(-1)), { id: '1', type: 'complete' });
    const never = transport.observe('subscription { n }', { signal: controller.signal }).subscribe(observer);
    equal([never.closed, socket.sent.length], [true, 2]);
  },

  // ---- events, close reason, trace ----

  async listeners_are_told_of_events(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    const told = [];
    const offs = ['connecting', 'opened', 'connected', 'ping', 'pong', 'message', 'closed', 'error'].map((event) =>
      transport.on(event, (detail) => told.push([event, detail.code ?? detail])),
    );
    const connecting = transport.connect();
    const [socket] = webSocket.sockets;
    socket.open();
    socket.say({ type: 'connection_ack', payload: { a: 1 } });
    await connecting;
    equal(told.splice(0), [
      ['connecting', { retry: false }],
      ['opened', { dialect: 'graphql-transport-ws', subprotocol: 'graphql-transport-ws' }],
      ['message', { type: 'connection_ack', payload: { a: 1 } }],
      ['connected', { payload: { a: 1 } }],
    ]);
    socket.say({ type: 'ping', payload: { n: 1 } });
    transport.sendPing({ n: 2 });
    socket.say({ type: 'pong' });
    equal(told.splice(0), [
      ['message', { type: 'ping', payload: { n: 1 } }],
      ['ping', { received: true, payload: { n: 1 } }],
      ['pong', { received: false, payload: { n: 1 } }],
      ['ping', { received: false, payload: { n: 2 } }],
      ['message', { type: 'pong' }],
      ['pong', { received: true, payload: null }],
    ]);
    // Results too, which go another way when nobody listens.
    const iterator = transport.subscribe('subscription { n }');
    socket.say(next('1', 1));
    socket.say({ type: 'error', payload: [{ message: 'whose?' }] });
    equal(told.splice(0), [
      ['message', next('1', 1)],
      ['message', { type: 'error', payload: [{ message: 'whose?' }] }],
      ['error', 'SERVER_ERROR'],
    ]);
    equal((await iterator.next()).value.data.n, 1);
    socket.end(1011, 'oops', true);
    equal(told.splice(0), [['error', 'CONNECTION_LOST'], ['closed', 1011]]);
    for (const off of offs) (off(), off());
    transport.connect().catch(() => {});
    equal(told, []);
    for (const args of [['open', () => {}], [undefined, () => {}], ['closed'], ['closed', {}]]) {
      ok(thrown(() => transport.on(...args)) instanceof TypeError, 'a TypeError');
    }
  },

  async a_listener_may_throw_and_call_back(make) {
    const reported = [];
    const { reportError } = globalThis;
    globalThis.reportError = (error) => reported.push(error.message);
    try {
      const webSocket = scripted();
      const transport = make('ws://server/', { webSocket });
      transport.on('connected', () => {
        throw new Error('mine');
      });
      let answer;
      transport.on('connected', () => (answer = transport.execute('{ n }')));
      const connecting = transport.connect();
      webSocket.sockets[0].open();
      webSocket.sockets[0].say({ type: 'connection_ack' });
      await connecting;
      equal(reported, ['mine']);
      webSocket.sockets[0].say(next('1', 1));
      equal((await answer).data.n, 1);
    } finally {
      globalThis.reportError = reportError;
    }
  },

  async the_close_reason_is_told(make) {
    const webSocket = scripted();
    const transport = make('ws://server/', { webSocket });
    equal(transport.closeReason, null);
    const failed = rejected(transport.connect());
    webSocket.sockets[0].open();
    webSocket.sockets[0].end(4403, 'Forbidden');
    await failed;
    const { code, reason, wasClean, error } = transport.closeReason;
    equal([code, reason, wasClean, error.code], [4403, 'Forbidden', true, 'HANDSHAKE_REFUSED']);
    ok(transport.closeReason === transport.closeReason, 'the same each time');
    const connecting = transport.connect();
    equal(transport.closeReason, null);
    webSocket.sockets[1].open();
    webSocket.sockets[1].say({ type: 'connection_ack' });
    await connecting;
    const closed = transport.close();
    webSocket.sockets[1].end(1000);
    await closed;
    equal(transport.closeReason, { code: 1000, reason: '', wasClean: true, sent: { code: 1000, reason: '' }, error: null });
    const unready = make(() => { throw new Error('no url'); }, { webSocket });
    await rejected(unready.connect());
    equal([unready.closeReason.code, unready.closeReason.error.code], [null, 'URL_FAILED']);
  },

  async response_headers_are_told(make) {
    const webSocket = scripted();
    webSocket.prototype.once = function (event, listener) {
      this[event] = listener;
    };
    const transport = make('ws://server/', { webSocket });
    equal(transport.responseHeaders, null);
    transport.connect().catch(() => {});
    webSocket.sockets[0].upgrade({ headers: { 'x-served-by': 'a' } });
    equal(transport.responseHeaders, { 'x-served-by': 'a' });
    webSocket.sockets[0].open();
    webSocket.sockets[0].end(1002);
    equal(transport.responseHeaders, null, 'of the next attempt');
    webSocket.sockets[0].upgrade({ headers: { 'x-served-by': 'stale' } });
    equal(transport.responseHeaders, null, 'of the next attempt');
  },

  async a_trace_is_a_transcript_without_secrets(make) {
    const lines = [];
    const webSocket = scripted();
    const transport = make('wss://user:secret1@server/graphql?key=secret2#secret3', {
      webSocket,
      trace: (line) => lines.push(line),
      initPayload: { token: 'secret4' },
      headers: { authorization: 'secret5' },
      connectArgs: { auth: 'secret6' },
      ackTimeout: null,
      pingInterval: 60_000,
    });
    const connecting = transport.connect();
    const [socket] = webSocket.sockets;
    ok(socket.args[0].includes('secret1') && socket.args[0].includes('secret2'), 'the whole url for the socket');
    socket.open();
    ok(socket.sent[0].includes('secret4'), 'the payload for the server');
    socket.say({ type: 'connection_ack' });
    await connecting;
    const iterator = transport.subscribe('subscription {\n n\n}', { variables: { a: 1 } });
    await turnEnd();
    socket.say(next('1', 1));
    await iterator.next();
    transport.execute('mutation { n }', { sendStop: false }).catch(() => {});
    await turnEnd();
    await iterator.return();
    transport.sendPing({ n: 1 });
    socket.onmessage({ data: 'no\njson' });
    ok(!lines.join().includes('secret'), lines.join('\n'));
    const [first] = lines;
    ok(lines.every((line) => /^at \d+ +[!<>=] \S/.test(line)), lines.join('\n'));
    equal(
      first.slice(10),
      '! options url=function initPayload=function subprotocols=graphql-transport-ws,graphql-ws connectTimeout=10000 ' +
        'ackTimeout=null closeTimeout=10000 keepAliveTimeout=null pingInterval=60000 pongTimeout=30000 answerPings=true',
    );
    equal(lines.slice(1).map((line) => line.slice(10)), [
      '! connect',
      '! url wss://server/graphql',
      '! init-payload {"redacted":true}',
      '> open wss://server/graphql graphql-transport-ws,graphql-ws',
      '< opened graphql-transport-ws',
      '> {"type":"connection_init","payload":{"redacted":true}}',
      '< {"type":"connection_ack"}',
      '= connected',
      '! subscribe {"query":"subscription {\\n n\\n}","variables":{"a":1}}',
      '> {"id":"1","type":"subscribe","payload":{"query":"subscription {\\n n\\n}","variables":{"a":1}}}',
      '< {"id":"1","type":"next","payload":{"data":{"n":1}}}',
      '! execute-without-stop {"query":"mutation { n }"}',
      '> {"id":"2","type":"subscribe","payload":{"query":"mutation { n }"}}',
      '! leave 1',
      '> {"id":"1","type":"complete"}',
      '! ping {"n":1}',
      '> {"type":"ping","payload":{"n":1}}',
      '< no\\u000ajson',
      '> close 4400 invalid message',
      '> drop',
      '= closed',
    ]);
  },

  async odd_values_of_a_socket_stop_nothing(make) {
    const odd = [
      ['protocol', 5],
      ['code', Symbol('code')],
      ['reason', { toString() { throw new Error('odd'); } }],
    ];
    for (const [name, value] of odd) {
      const webSocket = scripted();
      const transport = make('ws://server/graphql', { webSocket, subprotocols: ['graphql-transport-ws'] });
      const ended = transport.connect().catch((error) => error.code);
      const [socket] = webSocket.sockets;
      if (name === 'protocol') socket.protocol = value;
      socket.open();
      socket.onclose?.({ code: 4403, reason: 'Forbidden', wasClean: true, [name]: value });
      equal(await ended, 'HANDSHAKE_REFUSED', name);
    }
    const { transport } = await connected(make);
    equal(transport.state, 'ready', 'another transport');
  },

  async a_trace_goes_on_when_a_listener_goes(make) {
    const lines = [];
    const { transport, socket } = await connected(make, { trace: (line) => lines.push(line) });
    transport.on('message', () => {})();
    const iterator = transport.subscribe('subscription { n }');
    socket.say(next('1', 1));
    await iterator.next();
    ok(lines.some((line) => line.includes('< {"id":"1","type":"next"')), lines.join('\n'));
  },

  async a_connect_within_a_callback_settles_as_every_other(make) {
    const webSocket = scripted();
    const transport = make('ws://server/graphql', { webSocket });
    let second;
    transport.on('opened', () => {
      if (second !== undefined) return;
      transport.close();
      second = transport.connect();
    });
    const first = rejected(transport.connect());
    webSocket.sockets[0].open();
    equal((await first).code, 'TRANSPORT_CLOSED', 'the first');
    webSocket.sockets[1].open();
    webSocket.sockets[1].say({ type: 'connection_ack' });
    await second;
    equal(transport.state, 'ready');
  },

  async waiting_for_the_end_within_a_callback_waits_for_that_connection(make) {
    const { transport, socket, webSocket } = await connected(make);
    let over = false;
    let ended;
    let again;
    transport.on('error', () => {
      again = transport.connect();
      ended = transport.waitClosed().then(() => (over = true));
    });
    socket.end(1011, 'oops', true);
    webSocket.sockets[1].open();
    webSocket.sockets[1].say({ type: 'connection_ack' });
    await again;
    ok(!over, 'the second connection to be open');
    const closing = transport.close();
    webSocket.sockets[1].end();
    await Promise.all([closing, ended]);
  },

  async a_message_listener_is_called_before_the_message_has_effect(make) {
    const webSocket = scripted();
    const transport = make('ws://server/graphql', { webSocket });
    const states = [];
    transport.on('message', () => states.push(transport.state));
    const connecting = transport.connect();
    webSocket.sockets[0].open();
    webSocket.sockets[0].say({ type: 'connection_ack' });
    await connecting;
    equal(states, ['connecting']);
  },

  async an_abort_within_a_callback_ends_connect(make) {
    const reason = new Error('mine');
    for (const throws of [false, true]) {
      const controller = new AbortController();
      const webSocket = scripted();
      const initPayload = () => {
        controller.abort(reason);
        if (throws) throw new Error('late');
      };
      const transport = make('ws://server/graphql', { webSocket, initPayload });
      ok((await rejected(transport.connect({ signal: controller.signal }))) === reason, 'the reason');
      equal([transport.state, webSocket.sockets.length], ['closed', 0], 'in initPayload');
    }
    const late = new AbortController();
    const webSocket = scripted();
    const transport = make('ws://server/graphql', { webSocket });
    transport.on('connected', () => late.abort(reason));
    const failed = rejected(transport.connect({ signal: late.signal }));
    webSocket.sockets[0].open();
    webSocket.sockets[0].say({ type: 'connection_ack' });
    ok((await failed) === reason, 'the reason');
    equal([transport.state, webSocket.sockets[0].closed], ['closing', [[1000, '']]], 'in the listener');
    webSocket.sockets[0].end();
  },

  async listeners_that_come_and_go_leave_the_short_way_short(make) {
    const { transport, socket } = await connected(make);
    for (let time = 0; time < 10; time += 1) transport.on('message', () => {})();
    const iterator = transport.subscribe('subscription { n }');
    socket.say(next('1', 1));
    const { parse } = JSON;
    const parsed = [];
    JSON.parse = (text) => (parsed.push(text), parse(text));
    try {
      socket.say(next('1', 2));
    } finally {
      JSON.parse = parse;
    }
    equal(parsed, ['{"data":{"n":2}}']);
    await iterator.return();
  },

  async a_frame_that_begins_with_nul_is_no_result(make) {
    const modern = (n) => `{"id":"1","type":"next","payload":{"data":${n}}}`;
    const other = '{"type":"next","id":"1","payload":{"data":3}}';
    for (const [said, frame] of [
      // What was taken for the beginning of results before the first, and after they were learned anew.
      [[], '\u00001{"data":666}}'],
      [[modern(1), modern(2), other], `\u0000${'x'.repeat(modern(0).indexOf('{"data"') - 1)}{"data":666}}`],
    ]) {
      const { transport, socket } = await connected(make);
      const iterator = transport.subscribe('subscription { n }');
      for (const text of said) socket.say(text);
      socket.say(frame);
      for (const _ of said) await iterator.next();
      equal((await rejected(iterator.next())).code, 'NOT_JSON');
    }
  },

  async a_trace_bears_frames_that_are_nested_deep(make) {
    const lines = [];
    const { transport, socket } = await connected(make, { trace: (line) => lines.push(line) });
    const iterator = transport.subscribe('subscription { n }');
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    socket.say(`{"id":"1","type":"next","payload":{"data":${deep}}}`);
    socket.say(`{"type":"ping","payload":{"deep":${deep}}}`);
    socket.say(next('1', 2));
    ok(Array.isArray((await iterator.next()).value.data), 'the deep one');
    equal((await iterator.next()).value.data.n, 2);
    ok(lines.some((line) => line.includes('< {"id":"1","type":"next","payload":{"data":{"n":2}}}')), 'a trace that goes on');
    equal(transport.state, 'ready');
  },

  async what_the_host_says_reveals_no_secret_of_the_url(make) {
    const url = 'wss://user:secret1@server/graphql?token=secret2';
    const long = `${'x'.repeat(10_000_000)}`;
    const said = [
      `WebSocket connection to '${url}' failed: Expected 101`,
      `user:secret1@server refused /graphql?token=secret2\u001b[2J\u202egnp.exe\n${long}`,
    ];
    for (const text of said) {
      const throwing = (at) => ({ onConstruct: () => at === 'constructor' && fail(text), onSend: () => at === 'send' && fail(text) });
      for (const at of ['constructor', 'send', 'error', 'url', 'initPayload']) {
        const lines = [];
        const webSocket = scripted(throwing(at));
        const asked = at === 'url' ? () => fail(text) : url;
        const initPayload = at === 'initPayload' ? () => fail(text) : undefined;
        const transport = make(asked, { webSocket, initPayload, trace: (line) => lines.push(line) });
        const errors = [];
        transport.on('error', (error) => errors.push(error));
        const connecting = rejected(transport.connect());
        const [socket] = webSocket.sockets;
        if (at === 'send') socket.open();
        if (at === 'error') socket.onerror({ message: text });
        const first = await connecting;
        const later = await rejected(transport.execute('{ a }'));
        for (const error of [first, later, ...errors, transport.closeReason.error]) {
          const seen = `${error.message} ${error.stack}`;
          // The stack names this case.
          ok(!/secret\d/.test(seen), `no secret: ${at}: ${seen}`);
          ok(error.message.length < 1000, 'a message that is not long');
          ok(!/[\u001b\u202e\n]/.test(error.message), 'a message without controls');
        }
        const trace = lines.join('\n');
        ok(!/secret\d/.test(trace) && trace.length < 5000 && !/[\u001b\u202e]/.test(trace), `a trace without them: ${trace.slice(0, 5000)}`);
      }
    }
  },

  async what_the_server_says_is_escaped_where_it_is_shown(make) {
    const odd = 'a\u001b[2J\u202egnp.exe\u2066\n\u009b';
    const plain = 'a\\u001b[2J\\u202egnp.exe\\u2066\\u000a\\u009b';
    const lines = [];
    const options = { trace: (line) => lines.push(line) };
    const { transport, socket } = await connected(make, options);
    const failed = rejected(transport.execute('{ a }'));
    socket.say({ id: '1', type: 'error', payload: [{ message: odd }] });
    const error = await failed;
    ok(error.message.includes(plain), error.message);
    equal(error.errors[0].message, odd, 'what is no message of ours');
    const lost = rejected(transport.execute('{ a }'));
    socket.end(4500, odd);
    const { message, reason } = await lost;
    ok(message.includes(plain), message);
    equal(reason, odd);
    const { transport: other, socket: another } = await connected(make, options);
    const broken = rejected(other.execute('{ a }'));
    another.say(`${odd} is no JSON`);
    ok((await broken).message.includes(plain), 'NOT_JSON');
    ok(lines.every((line) => !/[\u001b\u202e\u2066\n\u009b]/.test(line)), lines.join('|'));
    // The frame in the trace is still the same JSON.
    const frame = lines.find((line) => line.includes('"type":"error"'));
    equal(JSON.parse(frame.slice(frame.indexOf('{'))).payload[0].message, odd);
  },

  async options_are_their_own(make) {
    const names = ['webSocket', 'headers', 'initPayload', 'trace', 'pingInterval', 'connectTimeout', 'subprotocols', 'signal', 'sendStop', 'extensions', 'operationName', 'variables', 'client', 'documentId', 'query'];
    const webSocket = scripted();
    try {
      for (const name of names) Object.prototype[name] = { polluted: name };
      const transport = make('ws://server/graphql', Object.assign(Object.create(null), { webSocket }));
      const connecting = transport.connect();
      const [socket] = webSocket.sockets;
      equal(socket.args[1], ['graphql-transport-ws', 'graphql-ws']);
      socket.open();
      socket.say('{"type":"connection_ack"}');
      await connecting;
      const iterator = transport.subscribe('{ a }', {});
      await Promise.resolve();
      equal(socket.sent, ['{"type":"connection_init"}', '{"id":"1","type":"subscribe","payload":{"query":"{ a }"}}']);
      await iterator.return();
      const { message } = thrown(() => transport.subscribe({ operationName: 'a' }));
      ok(message.includes('query'), message);
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
  },
};
