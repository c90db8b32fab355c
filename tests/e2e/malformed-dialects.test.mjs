// What the user is told of frames that neither AppSync nor Phoenix sends, while two subscriptions live.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransportError, WebSocketTransport, appSync, phoenix } from 'wireql';
import { named } from './dialect-cases.mjs';
import { until, withScript } from './servers.mjs';
import { startTable } from './table.mjs';

// ---- what can come of a frame ------------------------------------------------------

/** The operation that the frame is about, the one beside it, and how the server sees the end. */
const goesOn = 'goes on';
const ignored = { first: goesOn, second: goesOn, close: [1000, ''] };
const arrives = { ...ignored, first: 'gets it, goes on' };
const completes = { ...ignored, first: 'ends' };
const refused = { ...ignored, first: 'TransportQueryError QUERY_ERROR, ends operation' };
const told = { ...ignored, told: 'TransportServerError SERVER_ERROR, ends nothing' };
const tolerated = (code) => ({ ...ignored, told: `TransportProtocolError ${code}, ends nothing` });
const ignoredForm = tolerated('INVALID_MESSAGE');
const unknown = tolerated('UNKNOWN_MESSAGE_TYPE');
const noResult = { ...ignored, first: 'TransportProtocolError INVALID_MESSAGE, ends operation' };
const over = (error, close) => ({ first: error, second: error, close });
const broken = (code) => over(`TransportProtocolError ${code}, ends connection`, [4400, 'invalid message']);
const invalid = broken('INVALID_MESSAGE');
const noJson = broken('NOT_JSON');
const binary = broken('BINARY_FRAME');
const channelClosed = over('TransportServerError CHANNEL_CLOSED, ends connection', [1000, '']);

/** What may stand where something else belongs. */
const kinds = {
  null: null,
  'a number': 7,
  'a string': 'text',
  'a boolean': true,
  'an array': [1],
  'an object': {},
};
/** Rows for each kind: the same outcome, but for the exceptions. */
const each = (what, frame, outcome, exceptions = {}) =>
  Object.entries(kinds).map(([kind, value]) => [`${what}: ${kind}`, frame(value), exceptions[kind] ?? outcome]);

const deep = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const long = 'x'.repeat(1_000_000);

// ---- AppSync --------------------------------------------------------------------------

const message = (type, more = {}) => ({ id: '1', type, payload: { data: { n: 7 } }, ...more });
const text = JSON.stringify(message('data'));

const ofAppSync = [
  ...each('data, its id', (id) => message('data', { id }), ignoredForm, { 'a string': ignored }),
  ...each('data, its payload', (payload) => message('data', { payload }), noResult, { 'an object': arrives }),
  ['data without a payload', message('data', { payload: undefined }), noResult],
  ['data without an id', message('data', { id: undefined }), ignoredForm],
  ...each('start_ack again, its id', (id) => message('start_ack', { id }), ignoredForm, { 'a string': ignored }),
  ...each('start_ack again, its payload', (payload) => message('start_ack', { payload }), ignored),
  ['start_ack without an id', message('start_ack', { id: undefined }), ignoredForm],
  ...each('error, its id', (id) => message('error', { id }), told, { 'a string': ignored, 'a number': ignoredForm }),
  ['error without an id', message('error', { id: undefined }), told],
  ['error with an empty id', message('error', { id: '' }), told],
  ...each('error, its payload', (payload) => message('error', { payload }), refused),
  ...[
    { errors: { errorType: 'A', message: 'b' } },
    { errors: [] },
    { errors: [null] },
    { errors: {} },
    { errorType: 'A', message: 'b' },
    { errorType: 7, message: null },
    { errors: [{ errorType: 'a#b#c', errorCode: 'x' }], data: null },
  ].map((payload) => [`error with ${JSON.stringify(payload)}`, message('error', { payload }), refused]),
  ...each('complete, its id', (id) => message('complete', { id }), ignoredForm, { 'a string': ignored }),
  ...each('complete, its payload', (payload) => message('complete', { payload }), completes),
  ...each('connection_error, its payload', (payload) => ({ type: 'connection_error', payload }), told),
  ['connection_error of an operation', message('connection_error'), ignored],
  ...each('a second ack, its payload', (payload) => ({ type: 'connection_ack', payload }), ignoredForm, { null: ignored, 'an object': ignored }),
  ...each('its timeout', (connectionTimeoutMs) => ({ type: 'connection_ack', payload: { connectionTimeoutMs } }), ignored),
  ...[0, -1, 0.5, 1e300].map((connectionTimeoutMs) => [
    `its timeout: ${connectionTimeoutMs}`,
    { type: 'connection_ack', payload: { connectionTimeoutMs } },
    ignored,
  ]),
  ...each('ka, its payload', (payload) => ({ type: 'ka', payload }), ignored),
  ...each('its type', (type) => message(type), ignoredForm, { 'a string': unknown }),
  ...['next', 'ping', 'pong', 'start', 'stop', 'subscribe', 'connection_init', '', 'DATA', 'constructor', '__proto__'].map(
    (type) => [`the type ${JSON.stringify(type)}`, message(type), unknown],
  ),
  ...['0', '3', '01', '1 ', '4294967297', long].map((id) => [
    `an id of nobody: ${id.slice(0, 12)}`,
    message('data', { id }),
    ignored,
  ]),
  ['our id as a number', message('data', { id: 1 }), { ...arrives, told: ignoredForm.told }],
  ['members that nobody knows', message('data', { version: 2 }), arrives],
  ['1 MB of data', message('data', { payload: { data: long } }), arrives],
  ...['[]', `[${text}]`, '""', '7', 'null', 'true', deep(10_000)].map((frame) => [`no object: ${frame.slice(0, 20)}`, frame, invalid]),
  ...['', 'hello', text.slice(0, -1), `${text}}`, text + text, 'NaN'].map((frame) => [`no JSON: ${frame.slice(-30)}`, frame, noJson]),
  ['binary: a message', Buffer.from(text), arrives],
  ['binary: no UTF-8', Buffer.from([0xff, 0xfe]), binary],
];

// ---- Phoenix ----------------------------------------------------------------------------

const CONTROL = '__absinthe__:control';
const idOf = (n) => `__absinthe__:doc:${n}:HASH`;
const data = (more = {}, [joinRef, ref, topic] = [null, null, idOf(1)]) => [
  joinRef,
  ref,
  topic,
  'subscription:data',
  { result: { data: { n: 7 } }, subscriptionId: idOf(1), ...more },
];
const at = (index, value, frame = data()) => frame.map((part, n) => (n === index ? value : part));
const reply = (ref, payload, [joinRef, topic] = ['j1', CONTROL]) => [joinRef, ref, topic, 'phx_reply', payload];
const fromChannel = (event, joinRef = 'j1', topic = CONTROL, payload = {}) => [joinRef, joinRef, topic, event, payload];
const array = JSON.stringify(data());

const ofPhoenix = [
  ...each('a result, its join_ref', (value) => at(0, value), arrives),
  ...each('a result, its ref', (value) => at(1, value), arrives),
  ...each('a result, its topic', (value) => at(2, value), arrives),
  ...each('its event', (value) => at(3, value, fromChannel('')), ignoredForm, { 'a string': unknown }),
  ...each('a result, its payload', (value) => at(4, value), noResult),
  ...each('a result, its result', (result) => data({ result }), noResult, { 'an object': arrives }),
  ['a result without a result', data({ result: undefined }), noResult],
  ...each('a result, its subscriptionId', (subscriptionId) => data({ subscriptionId }), arrives, { 'a string': ignored }),
  ['a result without a subscriptionId', data({ subscriptionId: undefined }), arrives],
  ['a result of nobody', data({ subscriptionId: idOf(9) }, [null, null, idOf(9)]), ignored],
  ['an event of another topic', fromChannel('presence_state', null, 'room:lobby'), ignored],
  ...['presence_diff', '', 'PHX_REPLY', 'constructor', '__proto__', long].map((event) => [
    `the event ${event.slice(0, 20)}`,
    fromChannel(event),
    unknown,
  ]),
  ...each('a reply to nobody, its ref', (ref) => reply(ref, { status: 'ok', response: {} }), ignored),
  ...each('a reply, its payload', (payload) => reply('1', payload), ignoredForm),
  ...each('a reply, its status', (status) => reply('1', { status, response: {} }), ignoredForm, { 'a string': ignored }),
  ...each('a second reply, its response', (response) => reply('1', { status: 'ok', response }), ignored),
  ['a second reply with another id', reply('1', { status: 'ok', response: { subscriptionId: idOf(9) } }), ignored],
  ['a second reply that is an error', reply('1', { status: 'error', response: { reason: 'late' } }), ignored],
  ['a second reply to the join', reply('j1', { status: 'ok', response: {} }), ignored],
  ['a reply of another join', reply('1', { status: 'error', response: {} }, ['x7', CONTROL]), ignored],
  ['a reply on another topic', reply('1', { status: 'error', response: {} }, ['j1', 'room:lobby']), ignored],
  ['a reply to an unsubscribe that was not sent', reply('u1', { status: 'ok', response: { subscriptionId: idOf(1) } }), ignored],
  ['a heartbeat that nobody sent', [null, 'h9', 'phoenix', 'phx_reply', { status: 'ok', response: {} }], ignored],
  ...each('a heartbeat, its payload', (payload) => [null, 'h9', 'phoenix', 'phx_reply', payload], ignored),
  ...['phx_error', 'phx_close'].flatMap((event) => [
    [event, fromChannel(event), channelClosed],
    ...each(`${event}, its payload`, (payload) => fromChannel(event, 'j1', CONTROL, payload), channelClosed),
    [`${event} of another join`, fromChannel(event, 'x7'), ignored],
    [`${event} of another topic`, fromChannel(event, 'j1', 'room:lobby'), ignored],
  ]),
  ...[[], [1], data().slice(0, 4), [...data(), 1], Array.from({ length: 10_000 }, () => null)].map((frame) => [
    `an array of ${frame.length}`,
    frame,
    invalid,
  ]),
  ...['{}', '{"topic":"a","event":"b","payload":{},"ref":null}', '""', '7', 'null', 'true'].map((frame) => [
    `no array: ${frame.slice(0, 30)}`,
    frame,
    invalid,
  ]),
  ...['', 'hello', array.slice(0, -1), `${array}]`, array + array, 'NaN'].map((frame) => [`no JSON: ${frame.slice(-30)}`, frame, noJson]),
  ['1 MB of data', data({ result: { data: long } }), arrives],
  ['binary: a message', Buffer.from(array), arrives],
  // A push, as Phoenix writes it in binary, which Absinthe never does.
  ['binary: a push', Buffer.from([0, 2, 1, 5, 0x6a, 0x31, 0x31, 0x72, 0x6f, 0x6f, 0x6d, 0x73, 0x78, 0xff]), binary],
];

// ---- playing --------------------------------------------------------------------------------

const dialects = {
  AppSync: {
    rows: ofAppSync,
    subprotocol: 'graphql-ws',
    make: (url) => new WebSocketTransport(url, { dialect: appSync({ auth: { apiKey: 'da2-key' } }) }),
    script({ send }, frame) {
      if (frame?.type === 'connection_init') send({ type: 'connection_ack' });
      if (frame?.type === 'start') send({ id: frame.id, type: 'start_ack' });
    },
    isStart: ({ type }) => type === 'start',
    next: (id, n) => ({ id, type: 'data', payload: { data: { n } } }),
    stopped: (frames) => frames.filter(({ type }) => type === 'stop').map(({ id }) => id),
  },
  Phoenix: {
    rows: ofPhoenix,
    make: (url) => new WebSocketTransport(url, { dialect: phoenix() }),
    script({ send }, frame) {
      const [, ref, , event] = frame ?? [];
      if (event === 'phx_join') send(reply(ref, { status: 'ok', response: {} }));
      if (event === 'doc') send(reply(ref, { status: 'ok', response: { subscriptionId: idOf(ref) } }));
    },
    isStart: ([, , , event]) => event === 'doc',
    next: (id, n) => [null, null, idOf(id), 'subscription:data', { result: { data: { n } }, subscriptionId: idOf(id) }],
    stopped: (frames) => frames.filter(([, , , event]) => event === 'unsubscribe').map(([, , , , { subscriptionId }]) => subscriptionId.split(':')[2]),
  },
};

/** What a consumer gets up to the result 2, in words. */
const seenBy = async (iterator) => {
  let seen = '';
  try {
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return `${seen}ends`;
      if (value.data?.n === 2) return seen + goesOn;
      seen = 'gets it, ';
    }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return seen + named(error);
  }
};

const check = ({ subprotocol, make, script, isStart, next, stopped }, frame, expected) =>
  withScript(
    async (server) => {
      const transport = make(server.url);
      await transport.connect();
      const heard = [];
      transport.on('error', (error) => error.ends === 'nothing' && heard.push(named(error)));
      const streams = [transport.subscribe('subscription { first }'), transport.subscribe('subscription { second }')];
      await until(() => server.received.filter(isStart).length === 2, 'both are sent');
      const [socket] = server.sockets.clients;
      const send = (message) => socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
      for (const id of ['1', '2']) send(next(id, 1));
      for (const stream of streams) assert.deepEqual((await stream.next()).value, { data: { n: 1 } });
      send(frame);
      for (const id of ['1', '2']) send(next(id, 2));
      const [first, second] = [await seenBy(streams[0]), await seenBy(streams[1])];
      const survives = expected.close[0] === 1000 && expected.second.endsWith(goesOn);
      const { state } = transport;
      await transport.close();
      await until(() => server.closes.length === 1, 'the server sees the close');
      assert.deepEqual(
        { first, second, close: server.closes[0], ...(heard.length > 0 && { told: heard.join() }) },
        { first: expected.first, second: expected.second, close: expected.close, ...(expected.told && { told: expected.told }) },
      );
      assert.equal(state, survives ? 'ready' : 'closed');
      assert.equal({}.polluted, undefined);
      // Who has gone is not stopped, but by whoever gave up a result of a wrong form.
      if (survives && first.endsWith(goesOn)) assert.deepEqual(stopped(server.received), ['1', '2']);
      return [first, second === first ? 'both' : `the other ${second}`, expected.told && 'told'].filter(Boolean).join('; ');
    },
    script,
    { handleProtocols: () => subprotocol ?? false },
  );

for (const [name, dialect] of Object.entries(dialects)) {
  const title = `What comes of malformed and odd frames of ${name}`;
  const table = startTable(`malformed-${name.toLowerCase()}`, title);
  for (const [what, frame, expected] of dialect.rows) {
    test(`${name}: ${what}`, async () => {
      table.set(what, 'what comes of it', 'did not end as expected', false);
      table.set(what, 'what comes of it', await check(dialect, frame, expected));
    });
  }
  test(`${name}: there are at least 40 frames`, () => assert.ok(new Set(dialect.rows.map(([what]) => what)).size >= 40));
}
