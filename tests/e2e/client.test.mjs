// A client and servers that do what no real one does again and again; and what becomes of it in its own process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, Notice, TransportError } from 'wireql';
import { WebSocket } from 'ws';
import { scripted } from '../wasm/scripted.js';
import { unusedUrl, until, withAck, withReports, withScript } from './servers.mjs';

const hasty = { baseDelay: 10, maxDelay: 80, initialAttempts: Infinity };

const brief = ({ code, closeCode, message }) => [code ?? message, closeCode ?? []].flat().join(' ');

/** How a promise ends: with the data, or with the error's code. */
const outcome = (promise) => promise.then((result) => result?.data ?? result, brief);

/** Makes a client that is closed whatever happens. */
const using = (t, url, options) => {
  const client = new Client(url, { retry: hasty, ...options });
  t.after(() => client.close());
  return client;
};

/** Everything that a client tells, in its order. */
const listen = (client, events) => {
  const told = [];
  for (const event of events) client.on(event, (detail) => told.push([event, detail]));
  return told;
};

const happens = (client, event, check = () => true) =>
  new Promise((resolve) => {
    const off = client.on(event, (detail) => {
      if (!check(detail)) return;
      off();
      resolve(detail);
    });
  });

const isIn = (client, state) => until(() => client.status.state === state, `it is ${state}, and not ${client.status.state}`);

/** Reads a subscription as long as it lasts; notices stand among its results. */
const record = (client, document = 'subscription { n }', options = {}) => {
  const seen = [];
  const results = client.subscribe(document, { ...options, onNotice: (notice) => seen.push(notice) });
  const read = async () => {
    for await (const { data } of results) seen.push(data.n);
    return 'done';
  };
  return { seen, results, ended: read().catch(brief) };
};

const types = (seen) => seen.map((item) => (item instanceof Notice ? item.type : item));

/** Answers queries and mutations with what they ask for, subscriptions with 1, 2, 3. */
const answer = ({ send }, { id, payload: { query } }) => {
  if (query.startsWith('subscription')) {
    for (const n of [1, 2, 3]) send({ id, type: 'next', payload: { data: { n } } });
    return;
  }
  send({ id, type: 'next', payload: { data: { asked: query } } });
  send({ id, type: 'complete' });
};

// ---- servers that hang up again and again ---------------------------------------------------

/** For each code: what happens to a client with a live subscription. */
const codes = {
  1000: { asks: Infinity, later: false },
  4429: { asks: Infinity, later: true },
  1013: { asks: Infinity, later: true },
  4403: { asks: 2, later: false },
};

for (const [code, { asks, later }] of Object.entries(codes)) {
  for (const [when, closes] of Object.entries({
    'before the ack': (peer) => peer.socket.close(Number(code), 'no'),
    'after the ack': (peer, message) => {
      if (message === undefined) return;
      peer.send({ type: 'connection_ack' });
      peer.socket.close(Number(code), 'no');
    },
  })) {
    test(`a server that always closes ${code} ${when} meets no hot loop`, (t) =>
      withScript(async ({ url, sockets }) => {
        let connections = 0;
        sockets.on('connection', () => (connections += 1));
        // Refused before the ack, credentials that cannot change are refused once.
        const limit = Math.min(12, asks === 2 && when === 'before the ack' ? 1 : asks);
        const client = using(t, url, { retry: { ...hasty, attempts: 12, initialAttempts: 12 } });
        const delays = [];
        client.on('status', ({ state, since, nextAttempt, failures }) => {
          if (state === 'waiting' && nextAttempt !== null) delays.push([failures, nextAttempt - since]);
        });
        const { ended } = record(client);
        assert.equal(await ended, `${when === 'before the ack' ? 'HANDSHAKE_REFUSED' : 'CONNECTION_LOST'} ${code}`);
        assert.equal(client.status.state, 'failed');
        assert.equal(client.status.failures, limit);
        assert.equal(connections, limit);
        if (asks === 2) return;
        assert.equal(delays.length, limit - 1);
        for (const [failures, delay] of delays) {
          const window = Math.min(80, 10 * 2 ** Math.max(failures - 1, later ? 3 : 0));
          // Both times are rounded, and no two attempts begin within 100 ms.
          assert.ok(delay >= window / 10 - 1 && delay <= Math.max(window, 100) + 1, `${delay} after ${failures} failures`);
        }
      }, closes));
  }
}

test('credentials that a function brings are asked for again at once, and then no more', (t) =>
  withScript(
    async ({ url, sockets }) => {
      let connections = 0;
      sockets.on('connection', () => (connections += 1));
      const reasons = [];
      const client = using(t, url, { initPayload: ({ reason }) => (reasons.push(reason), {}) });
      assert.equal(await outcome(client.connect()), 'HANDSHAKE_REFUSED 4401');
      assert.deepEqual(reasons, ['first', 'denied']);
      assert.equal(connections, 2);
    },
    ({ socket }) => socket.close(4401, 'Unauthorized'),
  ));

test('credentials that expire are renewed without a delay, and subscriptions go on', (t) =>
  withAck(
    async ({ url, received }) => {
      const tokens = ['old', 'new'];
      const client = using(t, url, { initPayload: () => ({ token: tokens.shift() }), retry: { baseDelay: 1e6, maxDelay: 1e6 } });
      const { seen } = record(client);
      await until(() => types(seen).join() === '1,2,3,interrupted,resumed,1,2,3', 'it goes on');
      const inits = received.filter(({ type }) => type === 'connection_init').map(({ payload }) => payload.token);
      assert.deepEqual(inits, ['old', 'new']);
      assert.equal(seen[3].error.closeCode, 4401);
    },
    (peer, message) => {
      if (message?.type === 'connection_init') peer.expires = message.payload.token === 'old';
      if (message?.type !== 'subscribe') return;
      answer(peer, message);
      if (peer.expires) peer.socket.close(4401, 'expired');
    },
  ));

test('a server that hangs before the ack is given up, and tried again', (t) => {
  let hangs = 3;
  return withScript(
    async ({ url }) => {
      const client = using(t, url, { ackTimeout: 30 });
      const told = listen(client, ['disconnected']);
      const { seen } = record(client);
      await until(() => seen.length === 3, 'the results');
      assert.deepEqual(told.map(([, { error, verdict }]) => [error.code, verdict]), Array(3).fill(['ACK_TIMEOUT', 'retry']));
      assert.deepEqual(seen, [1, 2, 3], 'what was never sent is told of no gap');
    },
    (peer, message) => {
      if (message?.type === 'connection_init' && (hangs -= 1) < 0) peer.send({ type: 'connection_ack' });
      if (message?.type === 'subscribe') answer(peer, message);
    },
  );
});

test('where nobody listens, eight attempts are made', async (t) => {
  const client = using(t, await unusedUrl(), { retry: { baseDelay: 1, maxDelay: 2 } });
  const told = listen(client, ['connecting']);
  const { ended } = record(client);
  assert.equal(await outcome(client.connect()), 'CONNECTION_REFUSED 1006');
  assert.equal(await ended, 'CONNECTION_REFUSED 1006');
  assert.deepEqual(told.map(([, { number, reason }]) => [number, reason]).slice(0, 2), [[1, 'first'], [2, 'failed']]);
  assert.equal(told.length, 8);
});

test('with retry: false a lost connection ends all operations', (t) =>
  withAck(
    async ({ url }) => {
      const client = using(t, url, { retry: false });
      const { seen, ended } = record(client);
      assert.equal(await ended, 'CONNECTION_LOST 1011');
      assert.deepEqual(types(seen), [1, 2, 3]);
      assert.equal(client.status.state, 'failed');
    },
    (peer, message) => {
      if (message?.type !== 'subscribe') return;
      answer(peer, message);
      peer.socket.close(1011);
    },
  ));

// ---- operations that kill -------------------------------------------------------------------------

test('several operations that close the connection end, each by itself, and the innocent go on', (t) =>
  withAck(
    async ({ url, received }) => {
      const client = using(t, url);
      const all = ['good 1', 'bad 1', 'good 2', 'bad 2', 'bad 3', 'good 3'].map((what) => {
        const operation = record(client, `subscription { ${what.replace(' ', '_')} }`);
        return { what, ...operation };
      });
      for (const { what, ended } of all.filter(({ what }) => what.startsWith('bad'))) {
        assert.equal(await ended, 'CONNECTION_LOST 4400', what);
      }
      const good = all.filter(({ what }) => what.startsWith('good'));
      await until(() => good.every(({ seen }) => seen.includes(1)), 'the innocent have results');
      assert.equal(client.status.state, 'ready');
      const sent = (what) => received.filter(({ type, payload }) => type === 'subscribe' && payload.query.includes(what)).length;
      for (const n of [1, 2, 3]) assert.ok(sent(`bad_${n}`) <= 3, `bad ${n} was sent ${sent(`bad_${n}`)} times`);
    },
    (peer, message) => {
      if (message?.type !== 'subscribe' || peer.isClosing) return;
      const { id, payload } = message;
      if (!payload.query.includes('bad')) return peer.send({ id, type: 'next', payload: { data: { n: 1 } } });
      peer.isClosing = true;
      peer.socket.close(4400, 'bad');
    },
  ));

test('a query is sent on three connections at most', (t) =>
  withAck(
    async ({ url, received }) => {
      const client = using(t, url);
      assert.equal(await outcome(client.execute('{ vanishes }')), 'CONNECTION_LOST 1006');
      assert.equal(received.filter(({ type }) => type === 'subscribe').length, 3);
    },
    ({ socket }, message) => message?.type === 'subscribe' && socket.terminate(),
  ));

test('a mutation that was sent and not answered ends as unknown, unless it may be carried out twice', (t) =>
  withAck(
    async ({ url, received }) => {
      const client = using(t, url);
      const once = client.execute('mutation { once }').catch((error) => error);
      const twice = outcome(client.execute('mutation { twice }', { idempotent: true }));
      const error = await once;
      assert.equal(error.code, 'OUTCOME_UNKNOWN');
      assert.equal(error.ends, 'operation');
      assert.equal(error.cause.closeCode, 1012);
      assert.match(error.message, /1012.*restart me/);
      assert.deepEqual(await twice, { asked: 'mutation { twice }' });
      const sent = received.filter(({ type }) => type === 'subscribe').map(({ payload }) => payload.query);
      assert.deepEqual(sent, ['mutation { once }', 'mutation { twice }', 'mutation { twice }']);
    },
    (peer, message) => {
      if (message?.type !== 'subscribe') return;
      peer.operations = (peer.operations ?? 0) + 1;
      if (message.payload.query.includes('twice') && peer.operations === 1) answer(peer, message);
      else if (peer.operations === 2) peer.socket.close(1012, 'restart me');
    },
  ));

test('what waits too long to be sent is not sent later', async (t) => {
  const client = using(t, await unusedUrl(), { waitTimeout: 30 });
  const { ended } = record(client);
  const error = await client.execute('mutation { pay }').catch((error) => error);
  assert.equal(error.code, 'WAIT_TIMEOUT');
  assert.equal(error.option, 'waitTimeout');
  assert.equal(error.timeout, 30);
  assert.equal(error.cause.code, 'CONNECTION_REFUSED');
  assert.equal(await outcome(client.execute('{ hello }', { waitTimeout: 10 })), 'WAIT_TIMEOUT');
  assert.equal(await outcome(client.execute('subscription { n }', { waitTimeout: 10 })), 'WAIT_TIMEOUT');
  await client.close();
  assert.equal(await ended, 'done');
});

// ---- notices ----------------------------------------------------------------------------------------

/** A client on scripted sockets, which has a connection. */
const connected = async (t, options = {}) => {
  const webSocket = scripted();
  const client = using(t, 'ws://server.test/graphql', { webSocket, closeTimeout: 0, ...options });
  const connecting = client.connect();
  await until(() => webSocket.sockets.length === 1, 'a socket');
  ready(webSocket.sockets[0]);
  await connecting;
  return { client, sockets: webSocket.sockets };
};

const ready = (socket) => {
  socket.readyState = 1;
  socket.open();
  socket.say({ type: 'connection_ack' });
};

const next = (id, n) => ({ id, type: 'next', payload: { data: { n } } });

for (const reader of ['for await', 'an observer', 'next() called ahead']) {
  test(`notices stand between the results before and behind them, read by ${reader}`, async (t) => {
    const { client, sockets } = await connected(t);
    const seen = [];
    const options = { onNotice: (notice) => seen.push(notice.type) };
    const take = ({ data }) => void seen.push(data.n);
    if (reader === 'an observer') client.observe('subscription { n }', options).subscribe(take);
    else {
      const results = client.subscribe('subscription { n }', options);
      if (reader === 'for await') {
        void (async () => {
          for await (const result of results) take(result);
        })();
      } else {
        for (let n = 0; n < 10; n += 1) void results.next().then(({ value }) => value && take(value));
      }
    }
    sockets[0].say(next('1', 1));
    await until(() => seen.length === 1, 'the first result');
    // Each of these in one turn of the host: no reader runs in between.
    const turns = [[2], [3], [4, 5], []];
    for (const [n, turn] of turns.entries()) {
      if (n > 0) ready(sockets[n]);
      for (const number of turn) sockets[n].say(next('1', number));
      sockets[n].end(1006, '', false);
      await until(() => sockets.length === n + 2, 'another socket');
    }
    ready(sockets[4]);
    sockets[4].say(next('1', 6));
    await until(() => seen.at(-1) === 6, 'the last result');
    const gap = ['interrupted', 'resumed'];
    // One that was lost again before the server was known to have it is not told twice.
    assert.deepEqual(seen, [1, 2, ...gap, 3, ...gap, 4, 5, ...gap, 6]);
  });
}

test('notices wait for a reader who comes late', async (t) => {
  const { client, sockets } = await connected(t);
  const seen = [];
  const subscription = client.subscribe('subscription { n }', { onNotice: ({ type }) => seen.push(type) });
  sockets[0].say(next('1', 1));
  sockets[0].end(1006, '', false);
  await until(() => sockets.length === 2, 'another socket');
  ready(sockets[1]);
  sockets[1].say(next('1', 2));
  assert.deepEqual(seen, []);
  for (const n of [1, 2]) seen.push((await subscription.next()).value.data.n);
  assert.deepEqual(seen, [1, 'interrupted', 'resumed', 2]);
});

test('what a notice says of a loss is what the status says', async (t) => {
  const { client, sockets } = await connected(t);
  const statuses = listen(client, ['status']);
  const { seen } = record(client);
  sockets[0].say(next('1', 1));
  sockets[0].end(4499, 'for a test', true);
  await until(() => sockets.length === 2, 'another socket');
  sockets[1].end(1006, '', false);
  await until(() => sockets.length === 3, 'another socket');
  ready(sockets[2]);
  sockets[2].say(next('1', 2));
  await until(() => seen.length === 4, 'it goes on');
  const [, lost, back] = seen;
  assert.ok(lost instanceof Notice && back instanceof Notice);
  assert.deepEqual([lost.error.closeCode, lost.error.reason], [4499, 'for a test']);
  assert.deepEqual(Object.keys(lost).sort(), ['error', 'lostAt', 'type']);
  assert.deepEqual(Object.keys(back).sort(), ['attempts', 'lostAt', 'resumedAt', 'type']);
  assert.equal(back.attempts, 2);
  assert.equal(back.lostAt, lost.lostAt);
  const lostAts = statuses.map(([, { lostAt }]) => lostAt).filter((lostAt) => lostAt !== null);
  assert.deepEqual(lostAts, Array(4).fill(lost.lostAt));
});

test('active tells how it is known that the server has an operation', async (t) => {
  const { client, sockets } = await connected(t);
  const confirmed = client.subscribe('subscription { n }');
  const left = client.subscribe('subscription { n }');
  const failed = client.subscribe('subscription { n }');
  const active = [confirmed, left, failed].map(({ active }) => outcome(active));
  sockets[0].say(next('1', 1));
  assert.equal(await active[0], 'confirmed');
  assert.equal(confirmed.active, confirmed.active);
  await left.return();
  assert.equal(await active[1], 'OPERATION_LEFT');
  sockets[0].say({ id: '3', type: 'error', payload: [{ message: 'no' }] });
  assert.equal(await active[2], 'QUERY_ERROR');
});

test('active of an operation that a closed client never sent rejects, also when it is read later', async () => {
  const client = new Client(await unusedUrl());
  const results = client.subscribe('subscription { n }');
  await client.close();
  assert.deepEqual(await results.next(), { value: undefined, done: true });
  assert.equal(await outcome(results.active), 'OPERATION_LEFT');
});

test('without a word from the server an operation is taken to be active after a second and a pong', (t) =>
  withAck(
    async ({ url, received }) => {
      const client = using(t, url);
      assert.equal(await client.subscribe('subscription { silent }').active, 'assumed');
      assert.deepEqual(received.map(({ type }) => type), ['connection_init', 'subscribe', 'ping']);
    },
    ({ send }, message) => message?.type === 'ping' && send({ type: 'pong' }),
  ));

// ---- going on from a cursor --------------------------------------------------------------------------

/** A log of numbers of which each connection delivers some, from `after` on, and some again that were delivered before. */
const log = ({ socket, send }, message) => {
  if (message?.type !== 'subscribe') return;
  const after = message.payload.variables?.after ?? 0;
  const overlap = Math.max(0, after - 2);
  for (let n = overlap + 1; n <= after + 3; n += 1) send(next(message.id, n));
  if (after < 9) socket.close(1001);
};

test('a subscription goes on from its cursor, and what comes again is dropped', (t) =>
  withAck(
    async ({ url, received }) => {
      const client = using(t, url);
      const cursors = [];
      const resume = {
        cursor: ({ data }) => (cursors.push(data.n), data.n),
        variables: (after, variables) => Promise.resolve({ ...variables, after }),
        dedupe: 3,
      };
      const { seen } = record(client, 'subscription ($after: Int, $room: Int) { n }', { resume, variables: { room: 1 } });
      await until(() => seen.at(-1) === 12, 'all of them');
      const gap = ['interrupted', 'resumed'];
      assert.deepEqual(types(seen), [1, 2, 3, ...gap, 4, 5, 6, ...gap, 7, 8, 9, ...gap, 10, 11, 12]);
      const resumed = seen.filter(({ type }) => type === 'resumed').map(({ cursor }) => cursor);
      assert.deepEqual(resumed, [3, 6, 9]);
      const sent = received.filter(({ type }) => type === 'subscribe').map(({ payload }) => payload.variables);
      assert.deepEqual(sent, [{ room: 1 }, { room: 1, after: 3 }, { room: 1, after: 6 }, { room: 1, after: 9 }]);
      assert.equal(cursors.length, 3 + 5 * 3, 'once for each result');
    },
    log,
  ));

test('without dedupe what comes again is delivered again', (t) =>
  withAck(
    async ({ url }) => {
      const resume = { cursor: ({ data }) => data.n, variables: (after) => ({ after }) };
      const { seen } = record(using(t, url), 'subscription ($after: Int) { n }', { resume });
      await until(() => seen.at(-1) === 12, 'all of them');
      assert.deepEqual(types(seen).slice(0, 10), [1, 2, 3, 'interrupted', 'resumed', 2, 3, 4, 5, 6]);
    },
    log,
  ));

for (const [how, variables] of Object.entries({
  throws: () => {
    throw new Error('no variables');
  },
  rejects: () => Promise.reject(new Error('no variables')),
  'returns nonsense': () => 7,
})) {
  test(`a resume.variables that ${how} ends its operation, and no other`, (t) =>
    withAck(
      async ({ url }) => {
        const client = using(t, url);
        const bad = record(client, 'subscription { n }', { resume: { cursor: ({ data }) => data.n, variables } });
        const good = record(client);
        assert.equal(await bad.ended, 'RESUME_FAILED');
        await until(() => good.seen.length >= 8, 'the other goes on');
        assert.deepEqual(types(bad.seen).slice(0, 4), [1, 2, 3, 'interrupted']);
      },
      (peer, message) => {
        if (message?.type !== 'subscribe') return;
        answer(peer, message);
        peer.operations = (peer.operations ?? 0) + 1;
        if (peer.operations === 2) peer.socket.close(1012);
      },
    ));
}

test('a resume.variables that never answers holds up no other operation', (t) => {
  let closes = 0;
  return withAck(
    async ({ url }) => {
      const client = using(t, url);
      const resume = { cursor: ({ data }) => data.n, variables: () => new Promise(() => {}) };
      const slow = record(client, 'subscription { n }', { resume });
      const good = record(client);
      await until(() => good.seen.length >= 8, 'the other goes on');
      assert.deepEqual(types(slow.seen), [1, 2, 3, 'interrupted']);
      assert.deepEqual(await outcome(client.execute('{ hello }')), { asked: '{ hello }' });
    },
    (peer, message) => {
      if (message?.type !== 'subscribe') return;
      answer(peer, message);
      peer.operations = (peer.operations ?? 0) + 1;
      if (peer.operations === 2 && (closes += 1) === 1) peer.socket.close(1012);
    },
  );
});

test('a resume.cursor that throws is reported, and the last place stays', (t) =>
  withReports((reports) =>
    withAck(
      async ({ url, received }) => {
        const resume = {
          cursor({ data }) {
            if (data.n === 3) throw new Error('no cursor');
            return data.n;
          },
          variables: (after) => ({ after }),
        };
        const { seen } = record(using(t, url), 'subscription ($after: Int) { n }', { resume });
        await until(() => seen.includes(6), 'it goes on');
        const sent = received.filter(({ type }) => type === 'subscribe').map(({ payload }) => payload.variables);
        assert.deepEqual(sent[1], { after: 2 });
        assert.ok(reports.length >= 1 && reports.every(({ message }) => message === 'no cursor'));
      },
      log,
    ),
  ));

test('an onNotice that throws is reported, and ends nothing', (t) =>
  withReports((reports) =>
    withAck(
      async ({ url }) => {
        const seen = [];
        const onNotice = ({ type }) => {
          throw new Error(type);
        };
        for await (const { data } of using(t, url).subscribe('subscription { n }', { onNotice })) {
          if (seen.push(data.n) === 12) break;
        }
        assert.deepEqual(reports.map(({ message }) => message).slice(0, 2), ['interrupted', 'resumed']);
      },
      (peer, message) => {
        if (message?.type !== 'subscribe') return;
        answer(peer, message);
        peer.socket.close(1012);
      },
    ),
  ));

// ---- retry.when, retry.delay -----------------------------------------------------------------------------

/** What follows when one of them misbehaves: the proposal stands. */
const misbehaves = {
  throws: [() => { throw new Error('mine'); }, /mine/],
  'returns nonsense': [() => 'perhaps', /`retry\.(when|delay)` must return/],
  'returns null': [() => null, /`retry\.(when|delay)` must return/],
};
const misbehavesLater = {
  rejects: [() => Promise.reject(new Error('mine')), /mine/],
  'promises nonsense': [() => Promise.resolve(-1), /`retry\.delay` must return/],
  'returns NaN': [() => NaN, /`retry\.delay` must return/],
};

for (const [name, ways] of Object.entries({ when: misbehaves, delay: { ...misbehaves, ...misbehavesLater } })) {
  for (const [how, [misbehave, report]] of Object.entries(ways)) {
    test(`a retry.${name} that ${how} is reported, and the proposal stands`, async (t) =>
      withReports(async (reports) => {
        const client = using(t, await unusedUrl(), { retry: { baseDelay: 1, maxDelay: 2, initialAttempts: 3, [name]: misbehave } });
        assert.equal(await outcome(client.connect()), 'CONNECTION_REFUSED 1006');
        assert.equal(client.status.failures, 3);
        // Asked for a delay only where one follows.
        assert.equal(reports.length, name === 'when' ? 3 : 2);
        for (const error of reports) assert.match(error.message, report);
      }));
  }
}

test('retry.when is told of each failure, and has the last word', (t) =>
  withAck(
    async ({ url }) => {
      const told = [];
      const when = (failure) => {
        told.push(failure);
        return told.length === 2 ? 'stop' : 'retry-now';
      };
      const client = using(t, url, { retry: { ...hasty, when } });
      assert.equal(await record(client).ended, 'CONNECTION_LOST 1012');
      const [first, second] = told;
      assert.ok(Object.isFrozen(first));
      assert.ok(first.error instanceof TransportError);
      const { error, uptime, proposedDelay, ...rest } = second;
      assert.deepEqual(rest, { during: 'ready', failures: 2, everReady: true, proposed: 'retry' });
      assert.ok(proposedDelay >= 2 && proposedDelay <= 20);
      assert.equal(error, client.status.error);
      assert.ok(uptime >= 0);
    },
    ({ socket }, message) => message?.type === 'subscribe' && socket.close(1012),
  ));

test('retry.delay may be a promise, for which the next attempt waits', (t) =>
  withAck(
    async ({ url }) => {
      let healthy;
      const check = new Promise((resolve) => (healthy = resolve));
      const client = using(t, url, { retry: { delay: () => check } });
      const { seen } = record(client);
      await until(() => types(seen).at(-1) === 'interrupted', 'the loss');
      assert.equal(client.status.state, 'waiting');
      assert.equal(client.status.nextAttempt, null);
      healthy(0);
      await until(() => types(seen).length >= 8, 'it goes on');
    },
    (peer, message) => {
      if (message?.type !== 'subscribe') return;
      answer(peer, message);
      peer.socket.close(1012);
    },
  ));

// ---- url and initPayload ------------------------------------------------------------------------------------

for (const what of ['url', 'initPayload']) {
  test(`a function for ${what} that fails is asked again`, (t) =>
    withAck(
      async ({ url }) => {
        let fails = 2;
        const asked = [];
        const ask = (attempt) => {
          asked.push([attempt.number, attempt.reason, attempt.error?.code]);
          if ((fails -= 1) === 1) throw new Error('the token endpoint is down');
          if (fails === 0) return Promise.reject(new Error('still down'));
          return what === 'url' ? url : { token: 'good' };
        };
        const client = using(t, what === 'url' ? ask : url, what === 'url' ? {} : { initPayload: ask });
        await client.connect();
        const code = what === 'url' ? 'URL_FAILED' : 'INIT_PAYLOAD_FAILED';
        assert.deepEqual(asked, [[1, 'first', undefined], [2, 'failed', code], [3, 'failed', code]]);
      },
    ));
}

// ---- what the user does, in each state --------------------------------------------------------------------------

const offlineHost = { webSocket: scripted({ onConstruct: (socket) => queueMicrotask(() => socket.end(1006, '', false)) }) };

/** How a client comes into each state. */
const states = {
  idle: async (t, url) => using(t, url),
  connecting: async (t) => using(t, 'ws://server.test/', { webSocket: scripted(), lazy: false }),
  ready: async (t, url) => {
    const client = using(t, url, { closeTimeout: 30 });
    await client.connect();
    return client;
  },
  waiting: async (t) => using(t, await unusedUrl(), { retry: { baseDelay: 1e6, maxDelay: 1e6 }, lazy: false }),
  offline: async (t) => {
    const client = using(t, 'ws://server.test/', { ...offlineHost, retry: { baseDelay: 1e6, maxDelay: 1e6 }, lazy: false });
    await isIn(client, 'waiting');
    client.notify('offline');
    return client;
  },
  failed: async (t) => {
    const client = using(t, 'ws://server.test/', { ...offlineHost, retry: false });
    await client.connect().catch(() => {});
    return client;
  },
  closing: async (t, url) => {
    const client = using(t, url);
    await client.connect();
    void client.close();
    return client;
  },
  closed: async (t, url) => {
    const client = using(t, url);
    await client.close();
    return client;
  },
};

for (const [state, arrive] of Object.entries(states)) {
  test(`close() while ${state} ends everything`, (t) =>
    withAck(async ({ url }) => {
      const client = await arrive(t, url);
      await isIn(client, state);
      const isOver = ['closing', 'closed'].includes(state);
      // What is made while it is closed fails, and what is made before waits or runs.
      const operations = isOver ? [] : [record(client).ended, outcome(client.execute('{ silent }', { waitTimeout: null }))];
      const connecting = state === 'ready' || isOver ? undefined : outcome(client.connect());
      if (state === 'ready') await client.subscribe('subscription { n }').next();
      const again = [client.close(), client.close(), client[Symbol.asyncDispose]()];
      assert.deepEqual(await Promise.all(again), [undefined, undefined, undefined]);
      assert.deepEqual(await Promise.all(operations), isOver ? [] : ['done', 'TRANSPORT_CLOSED']);
      if (connecting !== undefined) assert.equal(await connecting, 'TRANSPORT_CLOSED');
      assert.equal(client.status.state, 'closed');
      assert.equal(await outcome(client.execute('{ hello }')), 'TRANSPORT_CLOSED');
      assert.equal(await outcome(client.subscribe('subscription { n }').next()), 'TRANSPORT_CLOSED');
    }, (peer, message) => message?.type === 'subscribe' && message.payload.query !== '{ silent }' && answer(peer, message)));
}

test('a client that was closed connects again when it is told to', (t) =>
  withAck(
    async ({ url }) => {
      const client = using(t, url);
      for (let round = 0; round < 3; round += 1) {
        await client.connect();
        assert.deepEqual(await outcome(client.execute('{ hello }')), { asked: '{ hello }' });
        await client.close();
      }
    },
    (peer, message) => message?.type === 'subscribe' && answer(peer, message),
  ));

const events = ['status', 'connecting', 'opened', 'connected', 'disconnected', 'ping', 'pong', 'message', 'error'];

test('an operation can be started by the listener of each event', (t) => {
  let connections = 0;
  return withAck(
    async ({ url }) => {
      const client = using(t, url);
      const answers = events.map(
        (event) => new Promise((resolve) => {
          const off = client.on(event, () => {
            off();
            resolve(outcome(client.execute(`query ${event} { hello }`)));
          });
        }),
      );
      const { seen } = record(client);
      client.on('connected', ({ reconnected }) => reconnected && client.sendPing());
      for (const [n, answer] of answers.entries()) assert.deepEqual(await answer, { asked: `query ${events[n]} { hello }` });
      assert.deepEqual(types(seen), [1, 2, 3, 'interrupted', 'resumed', 1, 2, 3]);
    },
    (peer, message) => {
      if (message === undefined) connections += 1;
      if (message?.type === 'ping') peer.send({ type: 'pong' });
      if (message?.type === 'connection_init') peer.send({ type: 'ping' });
      if (message?.type !== 'subscribe') return;
      answer(peer, message);
      if (connections === 1 && message.payload.query.startsWith('subscription')) peer.socket.close(1011);
    },
  );
});

test('close() can be called by the listener of each event', (t) =>
  withAck(
    async ({ url }) => {
      for (const event of events) {
        const client = using(t, url);
        const closed = new Promise((resolve) => client.on(event, () => resolve(client.close())));
        const { ended } = record(client);
        await closed;
        assert.equal(await ended, 'done', event);
        assert.equal(client.status.state, 'closed', event);
      }
    },
    (peer, message) => {
      if (message?.type === 'pong') peer.socket.close(1011);
      if (message?.type !== 'subscribe') return;
      answer(peer, message);
      for (const type of ['pong', 'ping']) peer.send({ type });
    },
  ));

test('reconnect() while it waits begins at once and forgets failures', (t) => {
  let isDown = true;
  return withScript(
    async ({ url }) => {
      const client = using(t, url, { retry: { baseDelay: 1e6, maxDelay: 1e6 } });
      const { seen } = record(client);
      await isIn(client, 'waiting');
      isDown = false;
      const told = listen(client, ['connecting']);
      await Promise.all([client.reconnect(), client.reconnect()]);
      assert.equal(client.status.state, 'ready');
      assert.equal(client.status.failures, 0);
      assert.equal(told[0][1].reason, 'reconnect');
      await until(() => seen.length === 3, 'the results');
    },
    (peer, message) => {
      if (message === undefined && isDown) peer.socket.close(1013);
      if (message?.type === 'connection_init') peer.send({ type: 'connection_ack' });
      if (message?.type === 'subscribe') answer(peer, message);
    },
  );
});

test('reconnect() while it connects begins anew', async (t) => {
  const webSocket = scripted();
  const client = using(t, 'ws://server.test/', { webSocket, closeTimeout: 0 });
  const connecting = client.connect();
  await until(() => webSocket.sockets.length === 1, 'a socket');
  const again = client.reconnect();
  await until(() => webSocket.sockets.length === 2, 'another socket');
  // What the first one says is of no interest any more.
  ready(webSocket.sockets[0]);
  assert.equal(client.status.state, 'connecting');
  ready(webSocket.sockets[1]);
  await Promise.all([connecting, again]);
  assert.equal(client.status.state, 'ready');
});

test('reconnect() lets queries and mutations finish, and takes subscriptions along', (t) =>
  withAck(
    async ({ url, received }) => {
      const client = using(t, url);
      const { seen } = record(client);
      const mutation = outcome(client.execute('mutation { slow }'));
      await until(() => received.length === 3, 'both are sent');
      await client.reconnect();
      assert.deepEqual(await mutation, { asked: 'mutation { slow }' });
      await until(() => seen.length >= 8, 'it goes on');
      assert.deepEqual(types(seen), [1, 2, 3, 'interrupted', 'resumed', 1, 2, 3]);
      assert.equal(received.filter(({ payload }) => payload?.query === 'mutation { slow }').length, 1);
    },
    (peer, message) => {
      if (message?.type !== 'subscribe') return;
      if (message.payload.query.includes('slow')) setTimeout(() => answer(peer, message), 30);
      else answer(peer, message);
    },
  ));

test('reconnect() does nothing while idle', async (t) => {
  const webSocket = scripted();
  const client = using(t, 'ws://server.test/', { webSocket });
  await client.reconnect();
  assert.equal(client.status.state, 'idle');
  assert.equal(webSocket.sockets.length, 0);
});

test('the status is frozen, and the same object until it changes', (t) =>
  withAck(
    async ({ url }) => {
      const client = using(t, url, { idleTimeout: 0 });
      const seen = [client.status];
      assert.equal(client.status, client.status);
      client.on('status', (status) => {
        assert.equal(status, client.status, 'a listener sees what the property says');
        seen.push(status);
      });
      await client.execute('{ hello }');
      await isIn(client, 'idle');
      assert.deepEqual(seen.map(({ state }) => state), ['idle', 'connecting', 'ready', 'idle']);
      for (const status of seen) {
        assert.ok(Object.isFrozen(status));
        assert.deepEqual(Object.keys(status), ['state', 'reconnecting', 'since', 'nextAttempt', 'lostAt', 'failures', 'error']);
      }
      assert.equal(client.status, seen.at(-1));
    },
    (peer, message) => message?.type === 'subscribe' && answer(peer, message),
  ));

test('a signal ends the wait of one connect(), and the attempt goes on for others', async (t) => {
  const webSocket = scripted();
  const client = using(t, 'ws://server.test/', { webSocket, closeTimeout: 0 });
  const leaving = new AbortController();
  const left = client.connect({ signal: leaving.signal }).catch((reason) => reason);
  const stays = client.connect();
  await until(() => webSocket.sockets.length === 1, 'a socket');
  leaving.abort('enough');
  assert.equal(await left, 'enough');
  assert.equal(client.status.state, 'connecting');
  ready(webSocket.sockets[0]);
  await stays;
  assert.equal(webSocket.sockets.length, 1);
  assert.equal(await client.connect({ signal: AbortSignal.abort('before') }).catch((reason) => reason), 'before');
});

test('a signal that ends the only wait ends the attempt, after the idle time', async (t) => {
  const webSocket = scripted();
  const client = using(t, 'ws://server.test/', { webSocket, idleTimeout: 20 });
  const leaving = new AbortController();
  const left = client.connect({ signal: leaving.signal }).catch((reason) => reason);
  await until(() => webSocket.sockets.length === 1, 'a socket');
  leaving.abort('enough');
  assert.equal(await left, 'enough');
  await isIn(client, 'idle');
  assert.equal(webSocket.sockets[0].closed.length, 1);
});

test('an operation that is left while it waits is never sent', (t) =>
  withScript(
    async ({ url, received }) => {
      let give;
      const client = using(t, () => new Promise((resolve) => (give = () => resolve(url))));
      const leaving = new AbortController();
      const aborted = client.execute('mutation { one }', { signal: leaving.signal }).catch((reason) => reason);
      const broken = client.subscribe('subscription { two }');
      const kept = outcome(client.execute('{ three }'));
      await broken.return();
      leaving.abort('enough');
      assert.equal(await aborted, 'enough');
      give();
      assert.deepEqual(await kept, { asked: '{ three }' });
      assert.deepEqual(received.map(({ type, payload }) => payload?.query ?? type), ['connection_init', '{ three }']);
    },
    (peer, message) => {
      if (message?.type === 'connection_init') peer.send({ type: 'connection_ack' });
      if (message?.type === 'subscribe') answer(peer, message);
    },
  ));

test('two clients have nothing to do with each other', (t) => {
  const peers = [];
  return withAck(
    async ({ url }) => {
      const clients = [using(t, url), using(t, url)];
      const seen = [];
      for (const client of clients) {
        seen.push(record(client).seen);
        await until(() => seen.at(-1).length === 3, 'its results');
      }
      peers[0].socket.terminate();
      await until(() => seen[0].length === 8, 'the first goes on');
      assert.deepEqual(types(seen[1]), [1, 2, 3]);
      await clients[0].close();
      assert.equal(clients[1].status.state, 'ready');
      assert.deepEqual(await outcome(clients[1].execute('{ hello }')), { asked: '{ hello }' });
    },
    (peer, message) => {
      if (message === undefined) peers.push(peer);
      if (message?.type === 'subscribe') answer(peer, message);
    },
  );
});

test('notify takes the five hints and no other', async (t) => {
  const client = using(t, 'ws://server.test/', { webSocket: scripted() });
  for (const hint of ['online', 'offline', 'visible', 'hidden', 'wake']) client.notify(hint);
  for (const hint of ['pagehide', '', undefined, 1]) assert.throws(() => client.notify(hint), TypeError);
  assert.equal(client.status.state, 'idle');
});

test('a hint that the network is back ends a delay', (t) => {
  let isDown = true;
  return withScript(
    async ({ url }) => {
      const client = using(t, url, { retry: { baseDelay: 1e6, maxDelay: 1e6 } });
      const { seen } = record(client);
      await isIn(client, 'waiting');
      isDown = false;
      client.notify('online');
      await until(() => seen.length === 3, 'the results');
    },
    (peer, message) => {
      if (message === undefined && isDown) peer.socket.close(1001);
      if (message?.type === 'connection_init') peer.send({ type: 'connection_ack' });
      if (message?.type === 'subscribe') answer(peer, message);
    },
  );
});

test('a connection that does not answer a probe is replaced', (t) => {
  let connections = 0;
  return withAck(
    async ({ url }) => {
      const client = using(t, url, { probeTimeout: 30 });
      const { seen } = record(client);
      await until(() => seen.length === 3, 'the results');
      client.notify('online');
      await until(() => seen.length === 8, 'it goes on');
      assert.deepEqual(types(seen), [1, 2, 3, 'interrupted', 'resumed', 1, 2, 3]);
      assert.equal(seen[3].error.code, 'PONG_TIMEOUT');
      assert.equal(seen[3].error.option, 'probeTimeout');
    },
    (peer, message) => {
      if (message === undefined) connections += 1;
      if (message?.type === 'ping' && connections > 1) peer.send({ type: 'pong' });
      if (message?.type === 'subscribe') answer(peer, message);
    },
  );
});

// ---- clients that nobody holds -------------------------------------------------------------------------------------

const collected = (condition, what) => until(() => (globalThis.gc(), condition()), what);

/** In hosts that tell of what was collected; in others nobody learns of a loss. */
const testWhereTold = typeof FinalizationRegistry === 'function' ? test : () => {};

testWhereTold('a client that is lost without an operation or a listener closes its connection', () =>
  withAck(
    async ({ url, closes }) => {
      await (async () => {
        const client = new Client(url, { idleTimeout: null });
        // Whoever listens to a connection keeps it; these listen no longer.
        const stop = events.map((event) => client.on(event, () => client.status));
        await client.execute('{ hello }');
        for (const off of stop) off();
      })();
      await collected(() => closes.length === 1, 'the server sees it go');
    },
    (peer, message) => message?.type === 'subscribe' && answer(peer, message),
  ));

testWhereTold('a client that is lost while it waits for the next attempt makes none', async () => {
  let attempts = 0;
  const lost = new Set();
  const registry = new FinalizationRegistry((what) => lost.add(what));
  const url = await unusedUrl();
  await (async () => {
    const client = new Client(url, { lazy: false, retry: hasty });
    registry.register(client, 'client');
    const off = client.on('connecting', () => (attempts += 1));
    await happens(client, 'disconnected');
    off();
  })();
  await collected(() => lost.has('client'), 'it is collected');
});

testWhereTold('an iterator that is lost ends its operation, and the client goes with it', () =>
  withAck(
    async ({ url, received, closes }) => {
      await (async () => {
        const client = new Client(url, { idleTimeout: null });
        await client.subscribe('subscription { n }').next();
      })();
      await collected(() => closes.length === 1, 'the server sees it go');
      assert.ok(received.length >= 2);
    },
    (peer, message) => message?.type === 'subscribe' && answer(peer, message),
  ));

test('an observer keeps its client, through a loss too', () => {
  const peers = [];
  return withAck(
    async ({ url }) => {
      const seen = [];
      let observation;
      (() => {
        const client = new Client(url, { retry: hasty });
        observation = client.observe('subscription { n }', { onNotice: ({ type }) => seen.push(type) }).subscribe(({ data }) => seen.push(data.n));
      })();
      await collected(() => seen.length === 3, 'the first results');
      for (let n = 0; n < 5; n += 1) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      peers[0].socket.terminate();
      await collected(() => seen.length === 8, 'it goes on');
      assert.deepEqual(seen, [1, 2, 3, 'interrupted', 'resumed', 1, 2, 3]);
      observation.unsubscribe();
      await collected(() => peers.at(-1).socket.readyState > 1, 'the connection goes when nobody needs it');
    },
    (peer, message) => {
      if (message === undefined) peers.push(peer);
      if (message?.type === 'subscribe') answer(peer, message);
    },
  );
});

// ---- processes that have nothing more to do ---------------------------------------------------------------------------

/** Runs a program in a process of its own until it ends by itself; gives what it prints. */
const runs = async (program, ...args) => {
  const prelude = `
    import { Client } from 'wireql';
    import { WebSocket } from 'ws';
    const [, url] = process.argv;
    const never = { closeTimeout: 1e9, connectTimeout: 1e9, ackTimeout: 1e9, pingInterval: 1e9 };
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + program, '--', ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
    killSignal: 'SIGKILL',
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => output.push(text));
  const [code, killedBy] = await once(child, 'close');
  assert.deepEqual([code, killedBy], [0, null], output.join(''));
  return output.join('').trim();
};

const programs = {
  'has asked its question': [
    `const client = new Client(url, { ...never, idleTimeout: 20 });
    console.log((await client.execute('{ hello }')).data.asked);`,
    '{ hello }',
  ],
  'has asked its question, with the times that are the default,': [
    `console.log((await new Client(url).execute('{ hello }')).data.asked);`,
    '{ hello }',
  ],
  'has left a subscription by break': [
    `const client = new Client(url, { ...never, idleTimeout: 0 });
    for await (const { data } of client.subscribe('subscription { n }')) { console.log(data.n); break; }`,
    '1',
  ],
  'has connected ahead and needed nothing': [
    `const client = new Client(url, { ...never, idleTimeout: 0 }); await client.connect(); console.log(client.status.state);`,
    'ready',
  ],
  'makes a client and nothing else': [`new Client(url, never);`, ''],
  'closes its client while it waits for the next attempt': [
    `const client = new Client('ws://127.0.0.1:1/', { ...never, lazy: false, retry: { baseDelay: 1e9, maxDelay: 1e9 } });
    client.on('status', ({ state }) => state === 'waiting' && client.close().then(() => console.log(client.status.state)));`,
    'closed',
  ],
  'has a client that gave up': [
    `const client = new Client(() => { throw new Error('no') }, { ...never, retry: false });
    await client.execute('{ hello }').catch(({ code }) => console.log(code));`,
    'URL_FAILED',
  ],
};

for (const [what, [program, printed]] of Object.entries(programs)) {
  test(`a process that ${what} exits by itself`, () =>
    withAck(
      async ({ url }) => assert.equal(await runs(program, url), printed),
      (peer, message) => message?.type === 'subscribe' && answer(peer, message),
    ));
}

test('a connection that nothing needs is closed with 1000, and made again when something does', (t) =>
  withAck(
    async ({ url, closes }) => {
      const client = using(t, url, { idleTimeout: 0 });
      const told = listen(client, ['connected', 'disconnected']);
      for (let round = 1; round <= 3; round += 1) {
        assert.deepEqual(await outcome(client.execute('{ hello }')), { asked: '{ hello }' });
        await until(() => closes.length === round, 'the server sees it go');
      }
      assert.deepEqual(closes.map(([code]) => code), [1000, 1000, 1000]);
      assert.deepEqual(told.map(([event, { verdict, reconnected }]) => verdict ?? reconnected), [false, 'idle', false, 'idle', false, 'idle']);
    },
    (peer, message) => message?.type === 'subscribe' && answer(peer, message),
  ));

test('with lazy: false a connection is made at once and again, without an operation', (t) => {
  const peers = [];
  return withAck(
    async ({ url }) => {
      const client = using(t, url, { lazy: false, idleTimeout: 0, webSocket: WebSocket });
      await happens(client, 'connected');
      peers[0].socket.terminate();
      await happens(client, 'connected', ({ reconnected }) => reconnected);
    },
    (peer, message) => message === undefined && peers.push(peer),
  );
});
