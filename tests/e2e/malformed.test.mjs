// What the user is told of frames that no proper server sends, and of every way to be hung up on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransportError, TransportQueryError, WebSocketTransport } from 'wireql';
import { until, withScript } from './servers.mjs';
import { startTable } from './table.mjs';

// ---- what can come of a frame ------------------------------------------------------

const named = (error) => `${error.name} ${error.code}, ends ${error.ends}`;

/** The operation that the frame is about, the one beside it, and how the server sees the end. */
const goesOn = 'goes on';
const ignored = { first: goesOn, second: goesOn, close: [1000, ''] };
const arrives = { ...ignored, first: 'gets it, goes on' };
const completes = { ...ignored, first: 'ends' };
const refused = { ...ignored, first: 'TransportQueryError QUERY_ERROR, ends operation' };
const told = { ...ignored, told: 'TransportServerError SERVER_ERROR, ends nothing' };
/** What is tolerated is told. */
const tolerated = (code) => `TransportProtocolError ${code}, ends nothing`;
const ignoredForm = { ...ignored, told: tolerated('INVALID_MESSAGE') };
const unknown = { ...ignored, told: tolerated('UNKNOWN_MESSAGE_TYPE') };
const unexpected = { ...ignored, told: tolerated('UNEXPECTED_MESSAGE') };
const noResult = { ...ignored, first: 'TransportProtocolError INVALID_MESSAGE, ends operation', stopped: true };
const answered = { ...ignored, answered: true };

const over = (error, close) => ({ first: error, second: error, close });
const broken = (code) => over(`TransportProtocolError ${code}, ends connection`, [4400, 'invalid message']);
const invalid = broken('INVALID_MESSAGE');
const noJson = broken('NOT_JSON');
const binary = broken('BINARY_FRAME');
const rejected = over('TransportServerError CONNECTION_ERROR, ends connection', [1000, '']);

// ---- the dialects --------------------------------------------------------------------

/** What may stand where something else belongs. */
const kinds = {
  missing: undefined,
  null: null,
  'a number': 7,
  'a string': 'text',
  'a boolean': true,
  'an array': [1],
  'an object': {},
};

/** The same outcome for all kinds, but for the exceptions. */
const all = (outcome, exceptions = {}) =>
  Object.fromEntries(Object.keys(kinds).map((kind) => [kind, exceptions[kind] ?? outcome]));

// What comes of each kind of `id` and of `payload` in a message that is right but for it.
const result = {
  id: all(ignoredForm, { 'a string': ignored }),
  payload: all(noResult, { 'an object': arrives }),
  early: unexpected,
};
const error = {
  id: all(told, { 'a string': ignored, 'a number': ignoredForm }),
  payload: all(refused),
  early: rejected,
};
const complete = { id: all(ignoredForm, { 'a string': ignored }), payload: all(completes), early: unexpected };
const connectionError = { id: all(ignored, { missing: told, null: told }), payload: all(told), early: rejected };
const details = (taken) => ({
  id: all(taken),
  payload: all({ ...taken, ...ignoredForm }, { missing: taken, null: taken, 'an object': taken }),
  early: taken,
});

const dialects = {
  'graphql-transport-ws': {
    result: 'next',
    subscribe: 'subscribe',
    stop: 'complete',
    goodbye: [],
    messages: {
      connection_ack: details(ignored),
      connection_error: connectionError,
      ping: details(answered),
      pong: details(ignored),
      ka: { id: all(ignored), payload: all(ignored), early: ignored },
      next: result,
      error,
      complete,
    },
    foreign: ['data', 'start', 'stop', 'connection_terminate', 'subscribe', 'connection_init'],
  },
  'graphql-ws': {
    result: 'data',
    subscribe: 'start',
    stop: 'stop',
    goodbye: [{ type: 'connection_terminate' }],
    messages: {
      connection_ack: details(ignored),
      connection_error: connectionError,
      ka: { id: all(ignored), payload: all(ignored), early: ignored },
      data: result,
      error,
      complete,
    },
    foreign: ['next', 'ping', 'pong', 'subscribe', 'start', 'stop', 'connection_terminate', 'connection_init'],
  },
};

// ---- the frames ------------------------------------------------------------------------

const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const depthOf = (value) => {
  let depth = 0;
  for (; Array.isArray(value); [value] = value) depth += 1;
  return depth;
};
const long = 'x'.repeat(5_000_000);
const manyMembers = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
const own = { id: '1', payload: { data: { n: 7 } } };

/** A right message of this type; a `connection_error` has no id. */
const message = (type) => ({ type, ...own, ...(type === 'connection_error' && { id: undefined }) });

/** Ids that only resemble those of our two operations. */
const foreignIds = [
  '', '0', '3', '01', '+1', '-1', ' 1', '1 ', '1.0', '1e0', '0x1', '1\u0000', '\u0661', '4294967297', '10000000000', long,
];

const notObjects = (good) => ['[]', `[${good}]`, JSON.stringify(good), '""', '7', 'null', 'true'];
const notJson = (good) => [
  'hello', '', ' ', '\u0000', good.slice(0, -9), good + good, `${good},`, `// a message\n${good}`, '{}}', 'undefined', 'NaN',
];
/** Payloads of an `error`, none of which is a list of GraphQL errors. */
const errorPayloads = [
  [], [null], [[]], [{}], [{ message: 7 }], { errors: [] }, { errors: 7 }, { errors: [null] }, { message: null },
];

/** The standard's hosts decode as UTF-8 with a byte order mark, and drop it; `ws` hands it on. */
const hostDropsMark = globalThis.WebSocket !== undefined;

/** Rows of: what it is, the frame (text as it is, bytes, or a message), and what comes of it. */
const frames = (dialect) => {
  const { result: type, messages, foreign } = dialects[dialect];
  const good = JSON.stringify({ type, ...own });
  const body = (payload) => `{"type":"${type}","id":"1","payload":${payload}}`;
  const fields = Object.entries(messages).flatMap(([name, judged]) =>
    ['id', 'payload'].flatMap((field) =>
      Object.entries(kinds).map(([kind, value]) => [
        `${name}, its ${field}: ${kind}`,
        { ...message(name), [field]: value },
        judged[field][kind],
      ]),
    ),
  );
  return [
    ...fields,

    ...Object.entries(kinds)
      .filter(([kind]) => kind !== 'a string')
      .map(([kind, value]) => [`its type: ${kind}`, { ...own, type: value }, ignoredForm]),
    ...foreign.map((name) => [`the type ${name}`, { type: name, ...own }, unknown]),
    ...['', 'foo', type.toUpperCase(), ` ${type}`, `${type}\u0000`, 'constructor', '__proto__', 'toString', '\ud800'].map(
      (name) => [`the type ${JSON.stringify(name)}`, { type: name, ...own }, unknown],
    ),
    ['a type of 5 MB', { type: long, ...own }, unknown],

    ...notObjects(good).map((text) => [`no object: ${text}`, text, invalid]),

    ...notJson(good).map((text) => [`no JSON: ${JSON.stringify(text)}`, text, noJson]),
    ["no JSON: JavaScript's quotes", good.replaceAll('"', "'"), noJson],
    ['no JSON: a key without quotes', good.replace('"type"', 'type'), noJson],
    ['no JSON: NaN inside', body('{"data":NaN}'), noJson],
    ['no JSON: 5 MB', long, noJson],
    ['no JSON: 10,000 arrays that do not end', '['.repeat(10_000), noJson],
    // Near the envelope that results have, which need not be parsed as a whole.
    ['no JSON: a brace too few', good.slice(0, -1), noJson],
    ['no JSON: a brace too many', `${good}}`, noJson],
    ['no JSON: an envelope with nothing in it', body(''), noJson],
    ['no JSON: two payloads', body('{}{}'), noJson],
    ['no JSON: a payload and a comma', body('{},'), noJson],
    ['no JSON: what an envelope begins with before one is known', '\u00001{}}', noJson],
    ['members behind the payload', body('{"data":1},"more":{"data":2}'), arrives],
    ['another payload behind the payload', body('{"data":1},"payload":{"data":3}'), arrives],
    ['another type behind the payload', body('{"data":1},"type":"foo"'), unknown],
    ['another id behind the payload', body('{"data":1},"id":"9"'), ignored],
    ['a byte order mark before it', `\ufeff${good}`, hostDropsMark ? arrives : noJson],

    ['binary: empty', Buffer.alloc(0), binary],
    ['binary: a message', Buffer.from(good), arrives],
    ['binary: a message that is no UTF-8', Buffer.from(good.replace('7', '"\u00e9"'), 'latin1'), binary],
    ['binary: a message cut short', Buffer.from(good.slice(0, -1)), binary],
    ['binary: 1 MB', Buffer.alloc(1_000_000), binary],

    ...['error', 'complete', type].flatMap((name) =>
      foreignIds.map((id) => {
        const what = id.length > 20 ? 'of 5 MB' : JSON.stringify(id);
        // An error with an empty id is no operation's.
        return [`${name}, the id ${what}`, { type: name, ...own, id }, name === 'error' && id === '' ? told : ignored];
      }),
    ),
    ['an id in 10,000 arrays', `{"type":"${type}","id":${nested(10_000)},"payload":{}}`, ignoredForm],
    ['an id that is no primitive', { ...own, type, id: { toString: null, valueOf: null } }, ignoredForm],
    ['a type that is no primitive', { ...own, type: { toString: null, valueOf: null } }, ignoredForm],
    ['an id in an array', { ...own, type, id: ['1'] }, ignoredForm],
    ['our id as a number', { ...own, type, id: 1 }, { ...arrives, told: tolerated('INVALID_MESSAGE') }],

    ['blanks around it', `\n\t ${good} \r\n`, arrives],
    ['members that nobody knows', { type, ...own, version: 2, extensions: {} }, arrives],
    ['its members the other way round', `{"payload":{"data":1},"id":"1","type":"${type}"}`, arrives],
    ['its keys escaped', good.replace('"type"', String.raw`"\u0074ype"`).replace('"1"', String.raw`"\u0031"`), arrives],
    ['a type twice: the last counts', `{"type":"foo","type":"${type}","id":"1","payload":{}}`, arrives],
    ['a type twice: the last is unknown', `{"type":"${type}","type":"foo","id":"1","payload":{}}`, unknown],
    ['an id twice: the last counts', `{"type":"${type}","id":"9","id":"1","payload":{}}`, arrives],
    ['an id twice: the last is of none', `{"type":"${type}","id":"1","id":"9","payload":{}}`, ignored],
    ['a payload twice: the last counts', body('7,"payload":{"data":1}'), arrives],
    ['a message in __proto__', `{"__proto__":${good}}`, ignoredForm],
    ['__proto__ beside a message', good.replace('{', '{"__proto__":{"type":"foo","polluted":1},'), arrives],
    ['__proto__ in a payload', body('{"data":{"__proto__":{"polluted":1}}}'), arrives],
    ['a payload whose prototype would be an array', body('{"__proto__":[]}'), arrives],
    ['constructor and toString in a payload', body('{"constructor":1,"toString":2,"then":3}'), arrives],
    ['a half of a surrogate pair', body(String.raw`{"data":"\ud800"}`), arrives],
    ['numbers that are too long', body('{"data":[1e999,-0,12345678901234567890]}'), arrives],
    ['5 MB of data', { ...own, type, payload: { data: long } }, arrives],
    ['100,000 members', { ...own, type, payload: manyMembers }, arrives],
    ['data in 10,000 arrays', body(`{"data":${nested(10_000)}}`), arrives],
    ['errors in 10,000 arrays', `{"type":"error","id":"1","payload":${nested(10_000)}}`, refused],
    ['a message in 10,000 arrays', nested(10_000), invalid],

    ['a second ack that says more', { type: 'connection_ack', payload: { again: true } }, ignored],
    ...errorPayloads.map((payload) => [
      `error with ${JSON.stringify(payload)}`,
      { type: 'error', id: '1', payload },
      refused,
    ]),
  ];
};

/** The same of frames that come before the ack. */
const earlyFrames = (dialect) => {
  const { result: type, messages } = dialects[dialect];
  return [
    ...Object.entries(messages)
      .filter(([name]) => name !== 'connection_ack')
      .map(([name, { early }]) => [name, message(name), early]),
    ['error without an id', { type: 'error', payload: [] }, rejected],
    ['error with the id null', { type: 'error', id: null, payload: [] }, rejected],
    ['connection_ack with an array', { type: 'connection_ack', payload: [] }, ignoredForm],
    ['connection_ack with a string', { type: 'connection_ack', payload: 'welcome' }, ignoredForm],
    ['a result without an id', { type, payload: {} }, unexpected],
    ['an unknown type', { type: 'foo' }, unknown],
    ['no type', {}, invalid],
    ['no object', 'null', invalid],
    ['no JSON', 'HTTP/1.1 400 Bad Request', noJson],
    ['an empty text', '', noJson],
    ['binary', Buffer.from('{"type":"connection_ack"}'), ignored],
    ['binary: no JSON', Buffer.from('HTTP/1.1 400 Bad Request'), binary],
  ];
};

// ---- what is seen ------------------------------------------------------------------------

const next = (dialect, id, n) => ({ type: dialects[dialect].result, id, payload: { data: { n } } });

/** What a consumer gets up to the result 2, in words. `sent`: the payload of a frame that arrives. */
const seenBy = async (iterator, sent) => {
  try {
    let { value, done } = await iterator.next();
    let seen = '';
    if (!done && value.data?.n !== 2) {
      assertSame(value, sent);
      seen = 'gets it, ';
      ({ value, done } = await iterator.next());
    }
    if (done) return `${seen}ends`;
    assert.deepEqual(value, { data: { n: 2 } });
    return seen + goesOn;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (error instanceof TransportQueryError) {
      assert.equal(error.operationId, '1');
      assert.ok(Array.isArray(error.errors));
    }
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    return named(error);
  }
};

const assertSame = (value, expected) => {
  const depth = depthOf(expected?.data);
  // Too deep for a comparison that calls itself.
  if (depth > 1000) assert.equal(depthOf(value.data), depth);
  else assert.deepEqual(value, expected);
};

/** Text and bytes are frames already. */
const toFrame = (message) => (typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));

const payloadOf = (frame) => {
  try {
    return JSON.parse(String(frame).replace(/^\ufeff/, '')).payload;
  } catch {
    return undefined;
  }
};

/**
 * Runs the body with a connection on which two subscriptions live. With `early` the server has not
 * acknowledged, and the subscriptions wait for that.
 */
const withTwo = (dialect, early, body) =>
  withScript(
    async (server) => {
      const transport = new WebSocketTransport(server.url, { subprotocols: [dialect] });
      const connected = transport.connect().then(() => 'connects', (error) => error);
      const first = transport.subscribe('subscription { first }');
      const second = transport.subscribe('subscription { second }');
      await until(() => server.received.length === (early ? 1 : 3), 'the client has said what it has to say');
      const [socket] = server.sockets.clients;
      const send = (message) => socket.send(toFrame(message));
      const seen = await body({ transport, server, socket, send, first, second, connected });
      assert.equal({}.polluted, undefined);
      return seen;
    },
    ({ send }, message) => !early && message?.type === 'connection_init' && send({ type: 'connection_ack' }),
    { handleProtocols: () => dialect },
  );

const check = (dialect, early, message, expected) =>
  withTwo(dialect, early, async ({ transport, server, send, first, second, connected }) => {
    const frame = toFrame(message);
    const sent = payloadOf(frame);
    const heard = [];
    transport.on('error', (error) => error.ends === 'nothing' && heard.push(named(error)));
    if (!early) for (const id of ['1', '2']) send(next(dialect, id, 1));
    send(frame);
    if (early) send({ type: 'connection_ack' });
    for (const id of ['1', '2']) send(next(dialect, id, 2));

    if (!early) {
      assert.deepEqual(await first.next(), { value: { data: { n: 1 } }, done: false });
      assert.deepEqual(await second.next(), { value: { data: { n: 1 } }, done: false });
    }
    const seen = [await seenBy(first, sent), await seenBy(second, sent)];
    assert.deepEqual(seen, [expected.first, expected.second]);
    const survives = expected.second === goesOn;
    const connecting = await connected;
    assert.equal(early && !survives ? named(connecting) : connecting, early && !survives ? expected.first : 'connects');
    assert.equal(transport.state, survives ? 'ready' : 'closed');
    assert.deepEqual(heard, expected.told ? [expected.told] : []);

    await transport.close();
    assert.equal(transport.state, 'closed');
    assert.equal(transport.closeReason.error && named(transport.closeReason.error), survives ? null : expected.first);
    await until(() => server.closes.length === 1, 'the server sees the close');
    assert.deepEqual(server.closes, [expected.close]);
    // An operation that has ended is not stopped, and nothing but a ping is answered.
    const { stop, subscribe, goodbye } = dialects[dialect];
    const pong = { type: 'pong', ...(sent && !expected.told && { payload: sent }) };
    const stops = [['1', expected.first], ['2', expected.second]]
      .filter(([id, seen]) => seen.endsWith(goesOn) || (id === '1' && expected.stopped))
      .map(([id]) => ({ id, type: stop }));
    assert.deepEqual(
    // A result behind the stop has it sent again.
      server.received.filter(({ type }) => type !== 'connection_init' && type !== subscribe),
      [...(expected.answered ? [pong] : []), ...(expected.stopped ? [{ id: '1', type: stop }] : []), ...stops, ...(survives ? goodbye : [])],
    );
    const both = seen[0] === seen[1] ? `both: ${seen[0]}` : `${seen[0]}; the other: ${seen[1]}`;
    const beside = [expected.told && `told ${expected.told}`, expected.answered && 'answered'];
    return [both, ...beside.filter(Boolean), ...(survives ? [] : server.closes)].join('; ');
  });

/** A test whose cell in the table is red until it has passed. `run` says what was seen. */
const tabulated = (table, row, column, run) => {
  const short = row.length > 70 ? `${row.slice(0, 69)}…` : row;
  test(`${column}: ${short}`, async () => {
    table.set(short, column, 'did not end as expected', false);
    table.set(short, column, await run());
  });
};

const frameTable = startTable('malformed-frames', 'What comes of malformed and odd frames while two subscriptions live');
const earlyTable = startTable('malformed-frames-early', 'What comes of frames before the ack');

for (const dialect of Object.keys(dialects)) {
  for (const [what, frame, expected] of frames(dialect)) {
    tabulated(frameTable, what, dialect, () => check(dialect, false, frame, expected));
  }
  for (const [what, frame, expected] of earlyFrames(dialect)) {
    tabulated(earlyTable, what, dialect, () => check(dialect, true, frame, expected));
  }
}

// ---- being hung up on --------------------------------------------------------------------------

const modern = 'graphql-transport-ws';
const codes = [
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4400, 4401, 4403, 4406, 4408, 4409,
  4429, 4499, 4500, 4999,
];
/** The longest is 123 bytes: no more goes into a close frame. */
const reasons = { 'no reason': '', 'a short reason': 'bye', 'a long reason': `${'\u00e9'.repeat(61)}!` };

const hangUp = (socket, code, reason) => {
  // These two are no codes of a close frame: one without a code, and no frame at all.
  if (code === 1005) socket.close();
  else if (code === 1006) socket._socket.destroy();
  else socket.close(code, reason);
};

const failure = (iterator) => iterator.next().then((result) => assert.fail(JSON.stringify(result)), (error) => error);

const checkClose = (early, code, reason) =>
  withTwo(modern, early, async ({ transport, socket, first, second, connected }) => {
    hangUp(socket, code, reason);
    const errors = [await failure(first), await failure(second)];
    if (early) errors.push(await connected);
    const wasClean = code !== 1006;
    for (const error of errors) {
      const { name, ends, closeCode, reason: said, wasClean: clean } = error;
      assert.deepEqual(
        { name, code: error.code, ends, closeCode, said, clean },
        {
          name: 'TransportConnectionFailedError',
          code: early ? 'HANDSHAKE_REFUSED' : 'CONNECTION_LOST',
          ends: 'connection',
          closeCode: code,
          said: reason,
          clean: wasClean,
        },
      );
      assert.ok(error.message.includes(`close code ${code} `), error.message);
    }
    await transport.waitClosed();
    assert.equal(transport.state, 'closed');
    const { error, ...told } = transport.closeReason;
    assert.deepEqual(told, { code, reason, wasClean, sent: null });
    assert.equal(named(error), named(errors[0]));
    return `${named(error)}, closeCode ${error.closeCode}, ${wasClean ? 'clean' : 'not clean'}`;
  });

const closeTable = startTable('close-codes', 'What comes of close codes before the ack and while two subscriptions live');

for (const code of codes) {
  for (const [what, reason] of Object.entries(reasons)) {
    if (reason !== '' && (code === 1005 || code === 1006)) continue;
    tabulated(closeTable, `${code}, ${what}`, 'before the ack', () => checkClose(true, code, reason));
    tabulated(closeTable, `${code}, ${what}`, 'with live operations', () => checkClose(false, code, reason));
  }
}

const refusedHandshake = 'TransportConnectionFailedError HANDSHAKE_REFUSED, ends connection';

/** A server that takes the first dialect offered, and acknowledges only in those that it speaks. */
const withPicky = (spoken, code, body) =>
  withScript(
    async (server) => {
      const transport = new WebSocketTransport(server.url);
      const tries = [];
      transport.on('connecting', ({ retry }) => tries.push(retry));
      await body(transport, tries);
    },
    ({ socket, send }, message) => {
      if (message?.type !== 'connection_init') return;
      if (spoken.includes(socket.protocol)) send({ type: 'connection_ack' });
      else hangUp(socket, code, '');
    },
    { handleProtocols: (offered) => [...offered][0] },
  );

for (const code of [1002, 1006, 4406]) {
  tabulated(closeTable, `${code}, no reason`, 'with another dialect to try', () =>
    withPicky(['graphql-ws'], code, async (transport, tries) => {
      await transport.connect();
      assert.deepEqual(tries, [false, true]);
      assert.equal(transport.subprotocol, 'graphql-ws');
      await transport.close();
    }).then(() => 'connects in the other'),
  );

  tabulated(closeTable, `${code}, no reason`, 'in both dialects', () =>
    withPicky([], code, async (transport, tries) => {
      const error = await transport.connect().catch((error) => error);
      assert.deepEqual([named(error), error.closeCode], [refusedHandshake, code]);
      assert.deepEqual(tries, [false, true]);
    }).then(() => refusedHandshake),
  );
}

tabulated(closeTable, '4403, no reason', 'with another dialect to try', () =>
  withPicky(['graphql-ws'], 4403, async (transport, tries) => {
    const error = await transport.connect().catch((error) => error);
    assert.deepEqual([named(error), error.closeCode], [refusedHandshake, 4403]);
    assert.deepEqual(tries, [false], 'no other dialect helps who is forbidden');
  }).then(() => refusedHandshake),
);

// ---- below the messages ---------------------------------------------------------------------------

const CONTINUATION = 0x0;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** A frame of a WebSocket. RFC 6455, section 5.2. */
const rawFrame = (opcode, payload = '', { fin = true, reserved = 0, mask = false } = {}) => {
  const body = Buffer.from(payload);
  const length = body.length < 126 ? [body.length] : [126, body.length >> 8, body.length & 0xff];
  if (mask) length[0] |= 0x80;
  // Masked by zeros, the body stays as it is.
  const head = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode, ...length]);
  return Buffer.concat([head, Buffer.alloc(mask ? 4 : 0), body]);
};

const closeFrame = (code, reason = '') =>
  rawFrame(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));

const rows = (values, what, make) => Object.fromEntries(values.map((value) => [`${what} ${value}`, make(value)]));

const text = JSON.stringify({ ...next(modern, '1', 1), note: '\u00e9' });
const whole = rawFrame(TEXT, text);
const thirds = (bytes) => {
  const third = Math.ceil(bytes.length / 3);
  return [bytes.subarray(0, third), bytes.subarray(third, 2 * third), bytes.subarray(2 * third)];
};
const bytes = Buffer.from(text);
const split = bytes.indexOf(0xc3) + 1;
const begin = (payload) => rawFrame(TEXT, payload, { fin: false });
const middle = (payload) => rawFrame(CONTINUATION, payload, { fin: false });
const end = (payload) => rawFrame(CONTINUATION, payload);
const [a, b, c] = thirds(bytes);

/** What is written piece by piece: each when the one before has gone and the client has spoken since. */
const unusual = {
  'a frame in three packets': thirds(whole),
  'a frame byte by byte': [...whole].map((byte) => Buffer.from([byte])),
  'a message in three frames': [begin(a), middle(b), end(c)],
  'a message in three frames of one packet': [Buffer.concat([begin(a), middle(b), end(c)])],
  'a message in frames, some of them empty': [begin(''), middle(a), middle(''), middle(b), middle(c), end('')],
  'a ping and a pong between the frames of a message': [begin(a), rawFrame(PING, 'x'), middle(b), rawFrame(PONG), end(c)],
  'a letter whose bytes are in two frames': [begin(bytes.subarray(0, split)), end(bytes.subarray(split))],
  'a pong that nobody asked for': [rawFrame(PONG, 'x'.repeat(125)), whole],
  'pings with nothing and with 125 bytes': [rawFrame(PING), rawFrame(PING, 'x'.repeat(125)), whole],
};

const wrong = {
  'a close with a reason that is no UTF-8': closeFrame(1000, Buffer.from([0xff, 0xfe])),
  'a close of one byte': rawFrame(CLOSE, 'x'),
  'a close with a reason of 124 bytes': closeFrame(1000, 'x'.repeat(124)),
  'a close in two frames': rawFrame(CLOSE, '', { fin: false }),
  ...rows([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535], 'a close with the code', (code) => closeFrame(code)),
  ...rows([0x3, 0x7, 0xb, 0xf], 'the reserved opcode', (opcode) => rawFrame(opcode, 'x')),
  ...rows([1, 2, 4], 'the reserved bit', (reserved) => rawFrame(TEXT, text, { reserved })),
  'a masked frame': rawFrame(TEXT, text, { mask: true }),
  'a continuation of nothing': rawFrame(CONTINUATION, text),
  'a message inside another': Buffer.concat([begin(a), whole]),
  'a ping in two frames': rawFrame(PING, 'x', { fin: false }),
  'a ping of 126 bytes': rawFrame(PING, 'x'.repeat(126)),
  'a text that is no UTF-8': rawFrame(TEXT, Buffer.from([0x22, 0xff, 0x22])),
  'a frame of 2^63 bytes': Buffer.from([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
  'HTTP in place of frames': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
};

const rawTable = startTable('raw-frames', 'What comes of unusual and wrong WebSocket frames while two subscriptions live');
const lost = 'TransportConnectionFailedError CONNECTION_LOST, ends connection';

for (const [what, pieces] of Object.entries(unusual)) {
  tabulated(rawTable, what, 'what comes of it', () =>
    withTwo(modern, false, async ({ transport, server, socket, send, first, second }) => {
      for (const [n, piece] of pieces.entries()) {
        socket._socket.write(piece);
        transport.sendPing({ n });
        await until(() => server.received.at(-1).payload?.n === n, 'the client has spoken');
      }
      assert.deepEqual((await first.next()).value, { data: { n: 1 } });
      for (const id of ['1', '2']) send(next(modern, id, 2));
      assert.deepEqual([await seenBy(first), await seenBy(second)], [goesOn, goesOn]);
      await transport.close();
      return 'arrives';
    }),
  );
}

for (const [what, piece] of Object.entries(wrong)) {
  tabulated(rawTable, what, 'what comes of it', () =>
    withTwo(modern, false, async ({ transport, socket, first, second }) => {
      socket._socket.write(piece);
      assert.deepEqual([await seenBy(first), await seenBy(second)], [lost, lost]);
      await transport.waitClosed();
      const { code, error, wasClean } = transport.closeReason;
      assert.deepEqual([named(error), error.closeCode], [lost, code]);
      return `${lost}, closeCode ${code}, ${wasClean ? 'clean' : 'not clean'}`;
    }),
  );
}

for (const [what, piece] of Object.entries({
  'half a frame, and the end': whole.subarray(0, 9),
  'half a message, and the end': begin(a),
})) {
  tabulated(rawTable, what, 'what comes of it', () =>
    withTwo(modern, false, async ({ transport, socket, first, second }) => {
      socket._socket.end(piece);
      assert.deepEqual([await seenBy(first), await seenBy(second)], [lost, lost]);
      await transport.waitClosed();
      assert.deepEqual([transport.closeReason.code, transport.closeReason.wasClean], [1006, false]);
      return `${lost}, closeCode 1006, not clean`;
    }),
  );
}
