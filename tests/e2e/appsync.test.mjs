// AppSync's dialect against the scripted server: what real clients were seen to do there, and what ours has to do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocketTransport, appSync } from 'wireql';
import { WebSocket } from 'ws';
import { lastingPort, startServer } from '../servers/index.mjs';
import { assertRedacted, comparison, named, only, queryError, read, traced, using, withClient, withTransport } from './dialect-cases.mjs';
import { until, withScript } from './servers.mjs';

let server;
before(async () => {
  server = await startServer('appsync');
});
after(() => server.stop());

/** The GraphQL endpoint of the server. */
const endpoint = () => server.url.replace('ws:', 'http:');

// ---- credentials -----------------------------------------------------------------------

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (seconds = 3600) =>
  [part({ alg: 'none' }), part({ sub: 'ada', exp: Math.floor(Date.now() / 1000) + seconds }), 'signature'].join('.');
const region = 'eu-west-1';
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const temporary = { ...keys, accessKeyId: 'ASIDEXAMPLE', sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//+session/token==' };
const good = { apiKey: 'da2-good' };

const modes = {
  'API key': good,
  IAM: { credentials: keys, region },
  'IAM, session token': { credentials: async () => temporary, region },
  JWT: { token: () => jwt() },
  Lambda: { token: 'lambda-token' },
  'a function': ({ host }) => ({ host, 'x-api-key': 'da2-good' }),
};

const dialect = (auth = good, carrier) => appSync({ auth, ...(carrier && { carrier }) });
const ticks = 'subscription { ticks }';

/** What the server is asked over HTTP. */
const post = async (query) => {
  const headers = { 'x-api-key': 'da2-good', 'content-type': 'application/json' };
  const response = await fetch(endpoint(), { method: 'POST', headers, body: JSON.stringify({ query }) });
  return only(await response.json());
};
/** Resolves when the server runs so many subscriptions. */
const running = async (count) => {
  let now;
  const ask = async () => {
    now = await post('{ running }');
    if (now !== count) await ask();
  };
  await ask();
  assert.equal(now, count);
};

// ---- beside other clients -------------------------------------------------------------------

const clients = { 'aws-amplify': 'aws-amplify', link: 'aws-appsync-subscription-link', 'Python gql': 'gql, AppSync' };
const compare = comparison('appsync', 'What clients of AppSync make of the same server', clients);

/** A case of one subscription. `says`: what the error's message has. */
const one = (title, { auth, carrier, query = ticks, take, options, says }, expected, names) =>
  compare(
    title,
    expected,
    (make) =>
      using(make, endpoint(), { dialect: dialect(auth, carrier), ...options }, async (made) => {
        const { error, ...seen } = await read(made, query, take);
        if (says !== undefined) assert.ok(error?.message.includes(says), `${error?.message} says ${says}`);
        return seen;
      }),
    names,
  );

const enough = { got: [1, 2], how: 'enough' };
for (const [name, auth] of Object.entries(modes)) {
  one(name, { auth }, enough, name === 'JWT' ? { 'aws-amplify': 'Cognito', link: 'Cognito' } : {});
  one(`${name}, in the query`, { auth, carrier: 'query' }, enough);
}

const refusedConnection = { got: [], how: 'TransportServerError CONNECTION_ERROR, ends connection' };
one('wrong API key', { auth: { apiKey: 'da2-wrong' }, says: 'the API key is not known' }, refusedConnection);
one(
  'wrong secret',
  { auth: { credentials: { ...keys, secretAccessKey: 'wrong' }, region }, says: 'the signature does not fit' },
  refusedConnection,
);
one('wrong region', { auth: { credentials: keys, region: 'us-east-1' }, says: 'region us-east-1' }, refusedConnection);
one('expired token', { auth: { token: () => jwt(-1) }, says: 'Token has expired.' }, refusedConnection);
one('refused at connection_init', { auth: { apiKey: 'da2-late' }, says: 'not authorized' }, refusedConnection);
one('refused and hung up', { auth: { apiKey: 'da2-abrupt' }, says: 'not authorized' }, refusedConnection);
one(
  'no connection_ack',
  { auth: { apiKey: 'da2-no-ack' }, options: { ackTimeout: 300 } },
  { got: [], how: 'TransportTimeoutError ACK_TIMEOUT, ends connection' },
);
one(
  'no ka',
  { auth: { apiKey: 'da2-no-ka' }, query: 'subscription { silent }', says: '300' },
  { got: [], how: 'TransportTimeoutError KEEP_ALIVE_TIMEOUT, ends connection' },
);
compare('ka', { got: [], how: 'silence' }, (make) =>
  using(make, endpoint(), { dialect: dialect({ apiKey: 'da2-ka' }) }, async ({ endpoint, ready }) => {
    await ready();
    let beats = 0;
    endpoint.on('message', ({ type }) => (beats += type === 'ka'));
    const next = endpoint.subscribe('subscription { silent }').next().catch((error) => error);
    // Twice as long as the server said that it is silent at most.
    await until(() => beats > 6, 'the server sends its ka');
    const how = await Promise.race([next, Promise.resolve('silence')]);
    return { got: [], how };
  }),
);

for (const field of ['denied', 'broken', 'refused']) {
  one(field, { query: `subscription { ${field} }` }, { got: [], how: queryError });
}
const tooMany = { 'aws-amplify': 'too many', link: 'too many' };
one('tooMany', { query: 'subscription { tooMany }', says: 'Max number of 100 subscriptions reached' }, { got: [], how: queryError }, tooMany);
one('no such field', { query: 'subscription { nothing }', says: 'Cannot query field' }, { got: [], how: queryError });
const throttled = 'throttled, without id';
one(
  'throttled',
  { query: 'subscription { throttled }', options: { subscribeTimeout: 200 }, says: 'Rate limit exceeded' },
  { got: [], how: 'TransportTimeoutError SUBSCRIBE_TIMEOUT, ends operation' },
  { 'aws-amplify': throttled, link: throttled },
);
one(
  'no start_ack',
  { query: 'subscription { noAck }', options: { subscribeTimeout: 200 }, says: 'start_ack' },
  { got: [], how: 'TransportTimeoutError SUBSCRIBE_TIMEOUT, ends operation' },
);
one('data before start_ack', { query: 'subscription { early }', take: 1 }, { got: [1], how: 'enough' });
one('late start_ack', { query: 'subscription { lateAck }' }, { got: [1, 1], how: 'enough' });
one('ended by the server', { query: 'subscription { invalidated }' }, { got: [1], how: 'complete' });
one('credentials expire', { query: 'subscription { expiring }', says: 'Token has expired.' }, { got: [1], how: queryError });
one(
  'the server hangs up',
  { query: 'subscription { hangUp(code: 1001) }', says: '1001' },
  { got: [1001], how: 'TransportConnectionFailedError CONNECTION_LOST, ends connection' },
);
for (const query of ['{ hello }', 'mutation { setMessage(message: "a") }']) {
  one(query, { query, says: 'HTTP' }, { got: [], how: 'TransportProtocolError UNSUPPORTED_OPERATION, ends operation' });
}

// ---- one operation, and the others -----------------------------------------------------------

test('the end of one operation touches no other', () =>
  withTransport(endpoint(), { dialect: dialect(), subscribeTimeout: 100 }, async (transport) => {
    const told = [];
    transport.on('error', (error) => told.push(named(error)));
    const other = transport.subscribe(ticks);
    assert.equal(only((await other.next()).value), 1);
    for (const field of ['denied', 'tooMany', 'throttled', 'broken', 'refused', 'noAck', 'nothing']) {
      await assert.rejects(transport.subscribe(`subscription { ${field} }`).next(), { ends: 'operation' }, field);
      assert.equal(only((await other.next()).value) > 1, true);
    }
    assert.deepEqual(told, ['TransportServerError SERVER_ERROR, ends nothing']);
    assert.equal(transport.state, 'ready');
  }));

test('whoever is refused for too many can subscribe when another has left', () =>
  withTransport(endpoint(), { dialect: dialect({ apiKey: 'da2-max-2' }) }, async (transport) => {
    const [first, second] = [transport.subscribe(ticks), transport.subscribe(ticks)];
    await Promise.all([first.next(), second.next()]);
    await assert.rejects(transport.subscribe(ticks).next(), /Max number of 2 subscriptions reached/);
    await first.return();
    assert.equal(only((await transport.subscribe(ticks).next()).value), 1);
  }));

test('two operations of the same text are two', () =>
  withTransport(endpoint(), { dialect: dialect() }, async (transport) => {
    const [first, second] = [transport.subscribe(ticks), transport.subscribe(ticks)];
    await Promise.all([first.next(), second.next()]);
    await running(2);
    await first.return();
    await running(1);
    assert.equal(only((await second.next()).value), 2);
    await second.return();
    await running(0);
  }));

test('who leaves before the start_ack sends stop behind it', async () => {
  const { lines, trace, at, has } = traced();
  await withTransport(endpoint(), { dialect: dialect(), trace }, async (transport) => {
    const left = transport.subscribe('subscription { lateAck }');
    await until(() => has('>', '"start"'), 'the start is sent');
    await left.return();
    await until(() => has('>', '"stop"'), 'the stop is sent');
    assert.ok(at('<', '"start_ack"') < at('>', '"stop"'), lines.join('\n'));
    await running(0);
  });
});

// ---- credentials, for each connect and each start ------------------------------------------------

/** A source that is asked for the connection first, and then does what each of these says. */
const thenDoes = (...others) => {
  const source = () => (source.asked === 0 ? ((source.asked += 1), 'lambda-token') : others[(source.asked += 1) - 2]());
  source.asked = 0;
  return source;
};

test('credentials that cannot be made end their operation alone', async () => {
  const signedOut = new Error('signed out');
  const fails = [
    () => {
      throw signedOut;
    },
    () => Promise.reject(signedOut),
    () => undefined,
  ];
  const token = thenDoes(() => 'lambda-token', ...fails);
  await withTransport(endpoint(), { dialect: dialect({ token }) }, async (transport) => {
    const other = transport.subscribe(ticks);
    assert.equal(only((await other.next()).value), 1);
    for (const fail of fails) {
      const error = await transport.subscribe(ticks).next().catch((error) => error);
      assert.equal(named(error), 'TransportQueryError CREDENTIALS_FAILED, ends operation', String(fail));
      assert.equal(only((await other.next()).value) > 1, true);
    }
  });
});

test('credentials that cannot be made end the attempt to connect', async () => {
  const signedOut = new Error('signed out');
  const auth = { token: () => Promise.reject(signedOut) };
  const transport = new WebSocketTransport(endpoint(), { dialect: dialect(auth) });
  const error = await transport.connect().catch((error) => error);
  assert.equal(named(error), 'TransportConnectionFailedError CREDENTIALS_FAILED, ends connection');
  assert.equal(error.cause, signedOut);
});

test('credentials that never come are given up in time', async () => {
  const never = () => new Promise(() => {});
  const transport = new WebSocketTransport(endpoint(), { dialect: dialect({ token: never }), connectTimeout: 50 });
  await assert.rejects(transport.connect(), { code: 'CONNECT_TIMEOUT', ends: 'connection' });
  const options = { dialect: dialect({ token: thenDoes(never, () => 'lambda-token') }), subscribeTimeout: 200 };
  await withTransport(endpoint(), options, async (transport) => {
    await assert.rejects(transport.subscribe(ticks).next(), { code: 'SUBSCRIBE_TIMEOUT', ends: 'operation' });
    assert.equal(only((await transport.subscribe(ticks).next()).value), 1);
  });
});

test('who leaves while the credentials are made sends nothing', async () => {
  let settle;
  const token = thenDoes(() => new Promise((resolve) => (settle = resolve)), () => 'lambda-token');
  const { trace, has } = traced();
  await withTransport(endpoint(), { dialect: dialect({ token }), trace }, async (transport) => {
    const left = transport.subscribe(ticks);
    await until(() => settle !== undefined, 'the credentials are asked for');
    await left.return();
    settle('lambda-token');
    assert.equal(only((await transport.subscribe(ticks).next()).value), 1);
    assert.equal(has('>', '"id":"1"'), false);
    await running(0);
  });
});

test('a clock that is off is what the server says it is', async () => {
  const Clock = globalThis.Date;
  globalThis.Date = class extends Clock {
    constructor(...args) {
      super(...(args.length === 0 ? [Clock.now() - 600_000] : args));
    }
  };
  try {
    const transport = new WebSocketTransport(endpoint(), { dialect: dialect({ credentials: keys, region }) });
    await assert.rejects(transport.connect(), /the signature has expired, or is not valid yet/);
  } finally {
    globalThis.Date = Clock;
  }
});

test('the server picks a subprotocol, and the user hears nothing of the one that carries credentials', () =>
  withTransport(endpoint(), { dialect: dialect() }, async (transport) => {
    assert.equal(transport.subprotocol, 'graphql-ws');
    assert.equal(transport.url.includes('da2'), false);
  }));

// ---- a client ---------------------------------------------------------------------------------------

test('an operation of a client is active when the server has acknowledged it', () =>
  withClient(endpoint(), { dialect: dialect() }, async (client) => {
    const late = client.subscribe('subscription { lateAck }');
    assert.equal(await late.active, 'confirmed');
    await assert.rejects(client.subscribe('subscription { denied }').active, { code: 'QUERY_ERROR' });
  }));

test('a client whose server was killed subscribes again, with credentials that are made anew', async () => {
  const port = await lastingPort();
  let mortal = await startServer('appsync', { port });
  const asked = [];
  const starts = [];
  const seen = ({ kind, host }) => {
    asked.push(kind);
    return { host, 'x-api-key': 'da2-good' };
  };
  const options = { dialect: dialect(seen), retry: { baseDelay: 20, maxDelay: 20 } };
  try {
    await withClient(mortal.url.replace('ws:', 'http:'), options, async (client) => {
      client.on('message', ({ type }) => type === 'start_ack' && starts.push(type));
      const one = client.subscribe('subscription { countdown(from: 100000) }');
      const other = client.subscribe(ticks);
      assert.equal(only((await one.next()).value), 100_000);
      assert.equal(only((await other.next()).value), 1);
      assert.deepEqual(asked, ['connect', 'start', 'start']);
      await mortal.kill();
      mortal = await startServer('appsync', { port });
      await until(() => starts.length === 4, 'both have a start_ack again');
      assert.equal(asked.filter((kind) => kind === 'start').length, 4);
      assert.equal(asked.filter((kind) => kind === 'connect').length >= 2, true);
      // What had come before is read first, then the streams begin anew.
      for (const [stream, first] of [[one, 100_000], [other, 1]]) {
        let value;
        do value = only((await stream.next()).value);
        while (value !== first);
      }
    });
  } finally {
    await mortal.stop();
  }
});

test('a client starts an operation once more with fresh credentials when the server denies them', async () => {
  const tokens = thenDoes(() => jwt(-1), () => jwt());
  await withClient(endpoint(), { dialect: dialect({ token: tokens }) }, async (client) => {
    assert.equal(only((await client.subscribe(ticks).next()).value), 1);
    assert.equal(tokens.asked, 3);
  });
  const expired = thenDoes(() => jwt(-1), () => jwt(-1), () => jwt());
  await withClient(endpoint(), { dialect: dialect({ token: expired }) }, async (client) => {
    await assert.rejects(client.subscribe(ticks).next(), /Token has expired/);
    assert.equal(expired.asked, 3);
  });
});

test('a token that expires on a live connection ends its subscription and no other', () =>
  withClient(endpoint(), { dialect: dialect() }, async (client) => {
    const other = client.subscribe(ticks);
    assert.equal(only((await other.next()).value), 1);
    const expiring = client.subscribe('subscription { expiring }');
    assert.equal(only((await expiring.next()).value), 1);
    await assert.rejects(expiring.next().then(() => expiring.next()), /Token has expired/);
    assert.equal(only((await other.next()).value), 2);
    assert.equal(client.status.state, 'ready');
  }));

for (const [what, auth, verdict] of [
  ['credentials that stay the same', { apiKey: 'da2-wrong' }, 'stop'],
  ['a token that was refused twice', { token: () => jwt(-1) }, 'stop'],
]) {
  test(`a client gives up: ${what}`, () =>
    withClient(endpoint(), { dialect: dialect(auth) }, async (client) => {
      const verdicts = [];
      client.on('disconnected', ({ verdict }) => verdicts.push(verdict));
      await assert.rejects(client.subscribe(ticks).next(), { code: 'CONNECTION_ERROR' });
      assert.equal(verdicts.at(-1), verdict, String(verdicts));
      assert.equal(verdicts.length <= 2, true, String(verdicts));
    }));
}

// ---- secrets ------------------------------------------------------------------------------------------

for (const [mode, auth] of Object.entries(modes)) {
  for (const carrier of ['subprotocol', 'query']) {
    test(`no trace has a secret: ${mode}, in the ${carrier}`, async () => {
      const { lines, trace } = traced();
      const wire = [];
      class Seen extends WebSocket {
        constructor(url, subprotocols, ...rest) {
          super(url, subprotocols, ...rest);
          wire.push(String(url), ...subprotocols);
        }
        send(data, ...rest) {
          wire.push(String(data));
          super.send(data, ...rest);
        }
      }
      await withTransport(endpoint(), { dialect: dialect(auth, carrier), trace, webSocket: Seen }, async (transport) => {
        assert.equal(only((await transport.subscribe(ticks).next()).value), 1);
      });
      const carried = wire.map((text) => /^header-(.+)/.exec(text)?.[1] ?? /[?&]header=([^&]+)/.exec(text)?.[1]).find(Boolean);
      const start = wire.find((text) => text.includes('"start"'));
      const { authorization } = JSON.parse(start).payload.extensions;
      const secrets = { carried, 'carried, decoded': decodeURIComponent(carried).replace(/=+$/, ''), 'the secret key': keys.secretAccessKey };
      for (const [name, value] of Object.entries(authorization)) {
        if (/^(authorization|x-api-key|x-amz-security-token)$/i.test(name)) secrets[name] = value;
      }
      const signature = /Signature=(\w+)/.exec(start)?.[1];
      if (signature !== undefined) Object.assign(secrets, { signature, 'the access key': authorization.Authorization.split(/[=/]/)[1] });
      assertRedacted(lines, secrets);
    });
  }
}

test('no trace, no error and no property has a secret that the server gives back', () =>
  // It picks what it was offered last, and says to an operation what that was sent with.
  withScript(
    async ({ url }) => {
      const { lines, trace } = traced();
      const auth = { apiKey: 'da2-given-back' };
      const transport = new WebSocketTransport(`${url}/graphql`, { dialect: dialect(auth), trace, connectTimeout: 1000 });
      transport.on('opened', (detail) => lines.push(JSON.stringify(detail)));
      transport.on('error', (error) => lines.push(JSON.stringify([error, error.message])));
      await transport.connect().catch((error) => lines.push(JSON.stringify([error, error.message])));
      lines.push(`${transport.subprotocol}`);
      await transport.close();
      assertRedacted(lines, { 'the API key': 'da2-given-back', header: 'eyJob3N0' });
    },
    ({ send }, message) => message?.type === 'connection_init' && send({ type: 'connection_ack' }),
    { handleProtocols: (offered) => [...offered].at(-1) },
  ));

test('no error has a secret', async () => {
  const secrets = { 'the API key': 'da2-wrong', token: jwt(-1) };
  const told = [];
  for (const auth of [{ apiKey: secrets['the API key'] }, { token: secrets.token }]) {
    for (const carrier of ['subprotocol', 'query']) {
      const transport = new WebSocketTransport(endpoint(), { dialect: dialect(auth, carrier) });
      const error = await transport.connect().catch((error) => error);
      told.push(JSON.stringify([error, error.message, error.stack]));
      const unreachable = new WebSocketTransport('http://127.0.0.1:1/graphql', { dialect: dialect(auth, carrier) });
      const failed = await unreachable.connect().catch((error) => error);
      told.push(JSON.stringify([failed, failed.message]), String(failed.cause?.message ?? failed.cause));
    }
  }
  assertRedacted(told, { ...secrets, header: 'eyJob3N0' });
});
