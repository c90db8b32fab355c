// What a client and its operations are given: each option with good values, wrong ones, and a misspelt name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'wireql';
import { scripted } from '../wasm/scripted.js';

const webSocket = scripted();
const url = 'ws://server.test/graphql';
const make = (options) => new Client(url, { webSocket, ...options });
const operate = (options) => make().observe('subscription { n }', options);

const message = (action) => {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error));
    return error.message;
  }
  return assert.fail('it did not throw');
};

const from0 = { good: [0, 1, 0.5, 1e12, Infinity, null, undefined], bad: [-1, NaN, -Infinity, '1', true, {}, [], 1n, () => 1] };
const above0 = { good: [1, 0.5, 1e12, Infinity, null, undefined], bad: [0, ...from0.bad] };
const delay = { good: [1, 0.5, undefined], bad: [0, -1, NaN, Infinity, null, '1', 2 ** 32] };
const count = { good: [0, 1, 1e9, Infinity, undefined], bad: [-1, 0.5, NaN, null, '1', true, {}] };
const flag = { good: [true, false, undefined], bad: [0, 1, null, 'true', {}] };
const callback = { good: [() => {}, undefined], bad: [null, 1, 'f', {}] };

/** What each takes. Times that limit each other are tried with room for all. */
const options = {
  subprotocols: { good: [['graphql-ws'], ['graphql-transport-ws', 'graphql-ws'], [], undefined], bad: ['graphql-ws', ['mqtt'], null, {}] },
  initPayload: { good: [{}, null, undefined, () => {}], bad: [1, 'token', [], true] },
  connectTimeout: from0,
  ackTimeout: from0,
  closeTimeout: from0,
  keepAliveTimeout: above0,
  pingInterval: above0,
  pongTimeout: above0,
  answerPings: flag,
  webSocket: { good: [webSocket, undefined], bad: [1, {}, 'ws', null] },
  trace: callback,
  lazy: { good: [true, undefined], bad: flag.bad },
  idleTimeout: from0,
  waitTimeout: from0,
  probeTimeout: above0,
  hostEvents: flag,
  retry: { good: [false, {}, undefined], bad: [true, null, 1, 'never', [], () => {}] },
};

const retry = {
  attempts: count,
  initialAttempts: count,
  baseDelay: delay,
  maxDelay: { good: [1000, 1e6, undefined], bad: [...delay.bad, 999] },
  minUptime: from0,
  when: callback,
  delay: callback,
};

const operation = {
  variables: { good: [{}, null, undefined], bad: [1, 'n', [], true] },
  operationName: { good: ['A', null, undefined], bad: [1, {}, true] },
  extensions: { good: [{}, null, undefined], bad: [1, 'n', [], true] },
  sendStop: flag,
  signal: { good: [new AbortController().signal, null, undefined], bad: [1, 'signal', true] },
  kind: { good: ['query', 'mutation', 'subscription', undefined], bad: ['Query', '', null, 1, {}] },
  idempotent: flag,
  waitTimeout: from0,
  onNotice: callback,
};

const cursor = () => 1;
const variables = () => ({});
const resume = {
  cursor: { good: [cursor], bad: [undefined, ...callback.bad] },
  variables: { good: [variables], bad: [undefined, ...callback.bad] },
  dedupe: count,
};

/** Each table: where its names stand, what makes something of them, and what has to be there. */
const tables = [
  ['', options, make, {}],
  ['retry.', retry, (given) => make({ retry: given }), {}],
  ['', operation, operate, {}],
  ['resume.', resume, (given) => operate({ resume: given }), { cursor, variables }],
];

for (const [prefix, table, attempt, needed] of tables) {
  const whose = table === operation ? 'an operation' : 'a client';
  for (const [name, { good, bad }] of Object.entries(table)) {
    test(`the option ${prefix}${name} of ${whose}: what it takes, and what it does not`, () => {
      for (const value of good) attempt({ ...needed, [name]: value });
      for (const value of bad) {
        const complaint = message(() => attempt({ ...needed, [name]: value }));
        assert.ok(complaint.includes(`\`${prefix}${name}\``), complaint);
      }
    });

    test(`the option ${prefix}${name} of ${whose}: a misspelt name is told`, () => {
      const misspelt = [name.slice(0, -1), `${name}s`, name.toUpperCase()].filter((word) => word.length > 1 && !(word in table));
      for (const word of misspelt) {
        const complaint = message(() => attempt({ ...needed, [word]: undefined }));
        assert.equal(complaint, `unknown option \`${prefix}${word}\`: did you mean \`${prefix}${name}\`?`);
      }
      assert.match(message(() => attempt({ ...needed, xyzzy: 1 })), new RegExp(`^unknown option \`${prefix}xyzzy\`: the options are .*\\b${name}\\b`));
    });
  }
}

test('options are an object', () => {
  for (const given of [1, 'lazy', null, [], true]) {
    assert.match(message(() => new Client(url, given)), /^options must be an object/);
    assert.match(message(() => make().observe('{ n }', given)), /^options must be an object/);
  }
});

test('the limits of retry.baseDelay and retry.maxDelay go together', () => {
  make({ retry: { baseDelay: 10, maxDelay: 10 } });
  assert.match(message(() => make({ retry: { baseDelay: 11, maxDelay: 10 } })), /`retry.maxDelay` \(10\) must be at least `retry.baseDelay` \(11\)/);
});

test('resume has both of its functions', () => {
  assert.match(message(() => operate({ resume: { cursor } })), /`resume.variables` must be a function, but is undefined/);
  for (const given of [1, null, true, []]) assert.match(message(() => operate({ resume: given })), /`resume` must be an object/);
});

test('execute rejects for what subscribe and observe throw for', async () => {
  const client = make();
  for (const bad of [{ kind: 'mutations' }, { idempotent: 1 }, { resume: {} }, { waitTimout: 1 }]) {
    const complaint = message(() => client.subscribe('{ n }', bad));
    await assert.rejects(client.execute('{ n }', bad), { name: 'TypeError', message: complaint });
  }
  assert.equal(client.status.state, 'idle');
});

test('on takes the events of a client', () => {
  const client = make();
  for (const event of ['status', 'connecting', 'opened', 'connected', 'disconnected', 'ping', 'pong', 'message', 'error']) {
    assert.equal(client.on(event, () => {})(), undefined);
  }
  assert.match(message(() => client.on('closed', () => {})), /^unknown event: the events are status, /);
  assert.match(message(() => client.on('status')), /^the listener must be a function, but is undefined/);
});

test('a url is checked at once, or when a function brings it', async () => {
  for (const bad of [undefined, null, 1, '', 'nonsense', 'ftp://server.test/']) assert.throws(() => new Client(bad), TypeError);
  for (const bad of [undefined, 1, 'nonsense']) {
    const client = new Client(() => bad, { webSocket, retry: false });
    const error = await client.connect().catch((error) => error);
    assert.equal(error.code, 'URL_FAILED');
    assert.ok(error.cause instanceof TypeError);
  }
});
