// Phoenix's dialect against the scripted server: what real clients were seen to do there, and what ours has to do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocketTransport, phoenix } from 'wireql';
import { WebSocket } from 'ws';
import { lastingPort, startServer } from '../servers/index.mjs';
import { assertRedacted, comparison, named, only, queryError, read, traced, using, withClient, withTransport } from './dialect-cases.mjs';
import { until } from './servers.mjs';

let server;
before(async () => {
  server = await startServer('phoenix');
});
after(() => server.stop());

/** The socket of the server, with parameters that choose what it does. */
const mount = (params = {}) => `${server.url}?${new URLSearchParams(params)}`;

const dialect = (options = {}) => phoenix({ params: { token: 'good' }, ...options });
const ticks = 'subscription { ticks }';

const clients = { '@absinthe/socket': 'phoenix and @absinthe/socket', 'Python gql': 'gql, Phoenix' };
const compare = comparison('phoenix', 'What clients of Phoenix and Absinthe make of the same server', clients);

/** A case with an endpoint that is ready. */
const withOne = (make, params, options, body) =>
  using(make, mount(params), { dialect: dialect(), ...options }, async (made) => {
    await made.ready();
    return body(made.endpoint);
  });

/** Resolves when the server runs so many subscriptions. It ends one a little later than it says so. */
const running = async (endpoint, count) => {
  let now;
  do now = only(await endpoint.execute('{ running }'));
  while (now !== count);
};

// ---- beside other clients -------------------------------------------------------------------

/** A query or a mutation: the result, or the error and what its message has. */
const execute = (title, query, expected, { params, says, request, ...options } = {}, names) =>
  compare(
    title,
    expected,
    (make) =>
      using(make, mount(params), { dialect: dialect(), ...options }, async ({ endpoint, ready }) => {
        try {
          await ready();
          return await endpoint.execute(query, request);
        } catch (error) {
          if (says !== undefined) assert.ok(error.message.includes(says), `${error.message} says ${says}`);
          return { got: [], how: named(error) };
        }
      }),
    names,
  );

const hello = { data: { hello: 'Hello, world!' } };
execute('query', '{ hello(name: "Ada") }', { data: { hello: 'Hello, Ada!' } });
execute('query with variables', 'query A($name: String!) { hello(name: $name) }', { data: { hello: 'Hello, "\u00e9"!' } }, {
  request: { variables: { name: '"\u00e9"' } },
});
execute('mutation', 'mutation { setMessage(message: "hi") }', { data: { setMessage: 'hi' } });
execute('vsn 1.0.0 in the URL', '{ hello }', hello, { params: { vsn: '1.0.0' } }, { 'Python gql': 'without vsn' });
execute('vsn 2.0.0 in the URL', '{ hello }', hello, { params: { vsn: '2.0.0' } }, { 'Python gql': 'vsn 2.0.0, which it does not speak' });
execute('resolver error', '{ failing hello }', {
  data: { failing: null, hello: 'Hello, world!' },
  errors: [{ message: 'this resolver fails', locations: [{ line: 1, column: 3 }], path: ['failing'] }],
});
const refused = { got: [], how: queryError };
execute('no such field', '{ nothing }', refused, { says: 'Cannot query field "nothing"' });
execute('syntax error', '{ hello', refused, { says: 'Syntax Error' });
execute('several operations', 'query A { hello } query B { message }', refused, {
  says: 'Must provide a valid operation name',
  request: { operationName: 'A' },
});
execute('the channel crashes', '{ crash }', { got: [], how: 'TransportServerError CHANNEL_CLOSED, ends connection' }, { says: 'crashed' });
execute(
  'wrong token',
  '{ hello }',
  { got: [], how: 'TransportConnectionFailedError CONNECTION_REFUSED, ends connection' },
  { dialect: dialect({ params: { token: 'wrong' } }) },
);
execute(
  'join refused',
  '{ hello }',
  { got: [], how: 'TransportServerError CONNECTION_ERROR, ends connection' },
  { params: { join: 'refused' }, says: 'unauthorized' },
);
execute(
  'join not answered',
  '{ hello }',
  { got: [], how: 'TransportTimeoutError ACK_TIMEOUT, ends connection' },
  { params: { join: 'silent' }, ackTimeout: 100, says: 'phx_join' },
);

/** A subscription: `params` choose what the server does. */
const subscribe = (title, query, expected, { params, take, says, ...options } = {}, names) =>
  compare(
    title,
    expected,
    (make) =>
      using(make, mount(params), { dialect: dialect(), ...options }, async (made) => {
        const { error, ...seen } = await read(made, query, take);
        if (says !== undefined) assert.ok(error?.message.includes(says), `${error?.message} says ${says}`);
        return seen;
      }),
    names,
  );

subscribe('subscription', 'subscription { countdown(from: 2) }', { got: [2, 1, 0], how: 'enough' }, { take: 3 });
subscribe('refused subscription', 'subscription { refused }', refused, { says: 'nobody may subscribe to this' });
subscribe('field error in a subscription', 'subscription { patchy }', { got: [1, null, 3], how: 'enough' }, { take: 3 });
subscribe(
  'data before the reply',
  'subscription { countdown(from: 2) }',
  { got: [2, 1, 0], how: 'enough' },
  { take: 3, params: { early: '1' } },
);
for (const code of ['1000', '1002']) {
  subscribe(
    `no heartbeat within the time of the server: ${code}`,
    'subscription { silent }',
    { got: [], how: 'TransportConnectionFailedError CONNECTION_LOST, ends connection' },
    { params: { timeout: '200', idle: code }, pingInterval: null, says: 'heard nothing' },
    { '@absinthe/socket': 'no heartbeat within the time of the server', 'Python gql': 'no heartbeat within the time of the server' },
  );
}
subscribe(
  'a heartbeat is not answered',
  'subscription { silent }',
  { got: [], how: 'TransportTimeoutError PONG_TIMEOUT, ends connection' },
  { params: { deaf: '1' }, pingInterval: 80 },
);

compare('heartbeats', { got: [hello], how: 'stays' }, (make) =>
  withOne(make, { timeout: '2000' }, { pingInterval: 300 }, async (endpoint) => {
    const silent = endpoint.subscribe('subscription { silent }').next().catch((error) => error);
    let beats = 0;
    endpoint.on('pong', () => (beats += 1));
    // For longer than the server waits.
    await until(() => beats > 8, 'heartbeats are answered');
    const got = [await endpoint.execute('{ hello }')];
    return { got, how: await Promise.race([silent, Promise.resolve('stays')]) };
  }),
);

for (const [title, params] of [
  ['the same subscription twice', {}],
  ['the same subscription twice, with a context', { context: 'global' }],
]) {
  compare(title, { got: [[1, 2, 3], [1, 2, 3], '1 doc', '1 unsubscribe'], how: 'enough' }, (make) => {
    const { lines, trace, has } = traced();
    return withOne(make, params, { trace }, async (endpoint) => {
      const query = 'subscription { ticks(ms: 20) }';
      const streams = [endpoint.subscribe(query), endpoint.subscribe(query)];
      const got = [[], []];
      for (const [n, stream] of streams.entries()) {
        while (got[n].length < 3) got[n].push(only((await stream.next()).value));
      }
      await streams[0].return();
      const goesOn = only((await streams[1].next()).value);
      assert.equal(goesOn > 3, true);
      assert.equal(has('>', '"unsubscribe"'), false, 'the other one still reads');
      await streams[1].return();
      await until(() => has('>', '"unsubscribe"'), 'it is unsubscribed');
      await running(endpoint, 0);
      const count = (event) => lines.filter((line) => line.includes(` > `) && line.includes(event)).length;
      return { got: [...got, `${count('"subscription {')} doc`, `${count('"unsubscribe"')} unsubscribe`], how: 'enough' };
    });
  });
}

compare(
  'token as a subprotocol',
  { got: [hello], how: 'enough' },
  (make) =>
    using(make, `${new URL(server.url).origin}/token`, { dialect: phoenix({ authToken: async () => 'good' }) }, async ({ endpoint, ready }) => {
      await ready();
      return { got: [await endpoint.execute('{ hello }')], how: 'enough' };
    }),
);
for (const [title, path, options] of [
  ['no token as a subprotocol', '/token', { params: { token: 'good' } }],
  ['a wrong token as a subprotocol', '/token', { authToken: 'wrong' }],
  ['a subprotocol that is not answered', '/socket', { authToken: 'good' }],
]) {
  compare(title, 'TransportConnectionFailedError CONNECTION_REFUSED, ends connection', (make) =>
    using(make, `${new URL(server.url).origin}${path}`, { dialect: phoenix(options) }, async ({ endpoint, ready }) => {
      try {
        await ready();
        return await endpoint.execute('{ hello }');
      } catch (error) {
        return named(error);
      }
    }),
  );
}

compare('the server hangs up', { got: [true], how: 'TransportConnectionFailedError CONNECTION_LOST, ends connection' }, (make) =>
  withOne(make, {}, {}, async (endpoint) => {
    const silent = endpoint.subscribe('subscription { silent }').next();
    const [mutation, error] = await Promise.all([
      endpoint.execute('mutation { hangUp(code: 1001) }'),
      silent.catch((error) => error),
    ]);
    return { got: [only(mutation)], how: named(error) };
  }),
);

// ---- one connection --------------------------------------------------------------------------

test('who leaves unsubscribes, and the server runs nothing more', () =>
  withTransport(mount(), { dialect: dialect() }, async (transport) => {
    const stream = transport.subscribe(ticks);
    await stream.next();
    await stream.return();
    await running(transport, 0);
  }));

test('who leaves before the reply unsubscribes behind it', async () => {
  const { lines, trace, at, has } = traced();
  await withTransport(mount(), { dialect: dialect(), trace }, async (transport) => {
    // The channel handles one message after the other.
    const slow = transport.execute('{ slow(ms: 50) }');
    const stream = transport.subscribe(ticks);
    await until(() => has('>', ticks), 'it is sent');
    await stream.return();
    await slow;
    await until(() => has('>', '"unsubscribe"'), 'it is unsubscribed');
    assert.ok(at('<', '"subscriptionId"') < at('>', '"unsubscribe"'), lines.join('\n'));
    await running(transport, 0);
  });
});

test('a subscription that is left and wanted again is there', () =>
  withTransport(mount(), { dialect: dialect() }, async (transport) => {
    for (let n = 0; n < 3; n += 1) {
      const stream = transport.subscribe(ticks);
      assert.equal(only((await stream.next()).value), 1);
      await stream.return();
    }
    await running(transport, 0);
  }));

test('subscriptions whose ids are the same have each their results, and are unsubscribed together', async () => {
  const { lines, trace } = traced();
  const unsubscribes = () => lines.filter((line) => line.includes(' > ') && line.includes('"unsubscribe"')).length;
  // The server makes one id of these, as it does not look at an operation name: then it sends each result twice.
  await withTransport(mount({ context: 'global' }), { dialect: dialect(), trace }, async (transport) => {
    const query = 'subscription A { ticks(ms: 20) }';
    const streams = [transport.subscribe(query), transport.subscribe(query, { operationName: 'A' })];
    for (const stream of streams) assert.equal(typeof only((await stream.next()).value), 'number');
    await streams[0].return();
    const before = only((await streams[1].next()).value);
    let now;
    do now = only((await streams[1].next()).value);
    while (now <= before + 1);
    assert.equal(unsubscribes(), 0);
    await streams[1].return();
    await running(transport, 0);
    assert.equal(unsubscribes(), 1);
  });
});

test('a result that comes before the answer of its cause is not lost', () =>
  withTransport(mount(), { dialect: dialect() }, async (transport) => {
    const stream = transport.subscribe('subscription { messages }');
    const first = stream.next();
    // The query is answered behind the subscription.
    await transport.execute('{ hello }');
    const [mutation, message] = await Promise.all([transport.execute('mutation { setMessage(message: "now") }'), first]);
    assert.deepEqual([only(mutation), only(message.value)], ['now', 'now']);
  }));

test('variables of a wrong type are an error with the message of the server', () =>
  withTransport(mount(), { dialect: dialect() }, async (transport) => {
    const request = { query: 'query A($n: Int!) { echo(value: $n) }', variables: { n: 'x' } };
    const error = await transport.execute(request).catch((error) => error);
    assert.equal(named(error), queryError);
    assert.match(error.message, /Variable "\$n" got invalid value/);
    assert.equal(error.errors.length, 1);
  }));

test('close leaves the channel, and closes with 1000', async () => {
  const { trace, has } = traced();
  const transport = new WebSocketTransport(mount(), { dialect: dialect(), trace });
  await transport.connect();
  await transport.close();
  assert.equal(has('>', '"phx_leave"'), true);
  assert.equal(transport.closeReason.error, null);
  assert.equal(transport.closeReason.sent.code, 1000);
});

test('the topic and the payload of the join are the user\u2019s', async () => {
  const { lines, trace, has } = traced();
  const options = { dialect: dialect({ topic: 'room:lobby' }), initPayload: { device: 'phone-77' }, trace };
  const transport = new WebSocketTransport(mount(), options);
  // There is no such channel.
  await assert.rejects(transport.connect(), { code: 'CONNECTION_ERROR', message: /unmatched topic/ });
  assert.equal(has('>', '"room:lobby","phx_join"'), true, lines.join('\n'));
  assertRedacted(lines, { 'the payload of the join': 'phone-77' });
});

test('a ping is a heartbeat, and a pong cannot be sent', () =>
  withTransport(mount(), { dialect: dialect() }, async (transport) => {
    const pongs = [];
    transport.on('pong', ({ received }) => pongs.push(received));
    transport.sendPing();
    await until(() => pongs.length === 1, 'the heartbeat is answered');
    assert.throws(() => transport.sendPong(), { code: 'NO_PING' });
  }));

// ---- a client -----------------------------------------------------------------------------------

const quickly = { retry: { baseDelay: 20, maxDelay: 20 } };

test('an operation of a client is active when the server has named it', () =>
  withClient(mount(), { dialect: dialect() }, async (client) => {
    assert.equal(await client.subscribe(ticks).active, 'confirmed');
    assert.equal(await client.subscribe(ticks).active, 'confirmed', 'one that shares it');
    await assert.rejects(client.subscribe('subscription { refused }').active, { code: 'QUERY_ERROR' });
  }));

test('a client whose channel crashed joins anew and subscribes again, and asks no mutation twice', async () => {
  const { lines, trace } = traced();
  await withClient(mount(), { dialect: dialect(), trace, ...quickly }, async (client) => {
    const stream = client.subscribe(ticks);
    assert.equal(only((await stream.next()).value), 1);
    const crash = client.execute('{ crash }').catch((error) => error);
    let value;
    do value = only((await stream.next()).value);
    while (value !== 1);
    const error = await crash;
    assert.equal(error instanceof Error, true, JSON.stringify(error));
    // A query that crashes the channel each time is not asked for ever.
    assert.equal(lines.filter((line) => line.includes(' > ') && line.includes('{ crash }')).length <= 3, true);
  });
});

test('a client whose server was killed joins and subscribes again, with parameters that are asked anew', async () => {
  const port = await lastingPort();
  let mortal = await startServer('phoenix', { port });
  let asked = 0;
  const params = async () => ({ token: `good-${(asked += 1)}` });
  try {
    await withClient(mortal.url, { dialect: dialect({ params }), ...quickly }, async (client) => {
      const stream = client.subscribe(ticks);
      assert.equal(only((await stream.next()).value), 1);
      assert.equal(asked, 1);
      await mortal.kill();
      mortal = await startServer('phoenix', { port });
      let value;
      do value = only((await stream.next()).value);
      while (value !== 1);
      assert.equal(asked >= 2, true);
    });
  } finally {
    await mortal.stop();
  }
});

for (const code of ['1000', '1002']) {
  test(`a client that was hung up on for its silence with ${code} connects again`, () =>
    withClient(mount({ timeout: '200', idle: code }), { dialect: dialect(), pingInterval: null, ...quickly }, async (client) => {
      const verdicts = [];
      client.on('disconnected', ({ verdict }) => verdicts.push(verdict));
      const stream = client.subscribe('subscription { silent }');
      stream.next().catch(() => {});
      await until(() => verdicts.length === 2, 'it was hung up on twice');
      assert.equal(verdicts.includes('stop'), false, String(verdicts));
    }));
}

test('heartbeats are sent every 30 seconds, unless the user says otherwise', async () => {
  for (const [make, pingInterval, expected] of [
    [withTransport, undefined, 30_000],
    [withClient, undefined, 30_000],
    [withTransport, null, null],
    [withClient, 12_000, 12_000],
  ]) {
    const { lines, trace } = traced();
    await make(mount(), { dialect: dialect(), pingInterval, trace }, async (endpoint) => endpoint.execute('{ hello }'));
    assert.ok(lines[0].includes(` pingInterval=${expected} `), lines[0]);
  }
});

// ---- secrets --------------------------------------------------------------------------------------

for (const [what, path, options] of [
  ['a parameter', '/socket', { params: { token: 'good-secret' } }],
  ['a token in a subprotocol', '/token', { authToken: 'good-secret' }],
]) {
  test(`no trace has a secret: ${what}`, async () => {
    const { lines, trace } = traced();
    const wire = [];
    class Seen extends WebSocket {
      constructor(url, subprotocols, ...rest) {
        super(url, subprotocols, ...rest);
        wire.push(String(url), ...subprotocols);
      }
    }
    const url = `${new URL(server.url).origin}${path}`;
    const initPayload = { password: 'join-secret' };
    await withTransport(url, { dialect: phoenix(options), initPayload, trace, webSocket: Seen }, async (transport) => {
      await transport.execute('{ hello }');
    });
    const base64 = Buffer.from('good-secret').toString('base64').replace(/=+$/, '');
    assert.equal(wire.some((text) => text.includes('good-secret') || text.includes(base64)), true);
    assertRedacted(lines, { secret: 'good-secret', base64, 'payload of the join': 'join-secret' });
  });
}
