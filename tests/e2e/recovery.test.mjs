// A client and every real server, in every dialect that it speaks: the server ends and comes back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from 'wireql';
import { lastingPort, servers, startServer } from '../servers/index.mjs';
import { startProxy } from '../servers/proxy.mjs';
import { until } from './servers.mjs';

const modern = 'graphql-transport-ws';
const legacy = 'graphql-ws';

/** Outages of tests are short. The first server may take a while to come, so nothing gives up before. */
const impatient = { baseDelay: 10, maxDelay: 40, initialAttempts: Infinity };

/** How the end of each server's process is seen, if it is told to end. */
const goodbyes = {
  'graphql-ws': [1001],
  yoga: [1001],
  'subscriptions-transport-ws': [1006],
  mercurius: [1005],
  // uvicorn drops the connection right behind its close. Node's own WebSocket then loses the code now and then.
  'strawberry-graphql': [1012, 1006],
};

/** What refuses credentials. */
const denials = {
  [`graphql-ws ${modern}`]: 'HANDSHAKE_REFUSED 4403',
  [`yoga ${modern}`]: 'HANDSHAKE_REFUSED 4403',
  [`strawberry-graphql ${modern}`]: 'HANDSHAKE_REFUSED 4403',
};

/** A document of one character: these servers close the connection for everybody. */
const killers = { 'graphql-ws': 4500, yoga: 4500, [`strawberry-graphql ${modern}`]: 4400 };

const brief = ({ code, closeCode }) => [code, closeCode ?? []].flat().join(' ');

const outcome = (promise) => promise.then(({ data }) => data, brief);

/** What a subscription has told: its results by number, and its notices by type. */
const record = (client, document = 'subscription { ticks }', options = {}) => {
  const seen = [];
  const notices = [];
  const onNotice = (notice) => {
    notices.push(notice);
    seen.push(notice.type);
  };
  const results = client.subscribe(document, { ...options, onNotice });
  const read = async () => {
    for await (const { data } of results) seen.push(Object.values(data)[0]);
    return 'done';
  };
  return { seen, notices, results, ended: read().catch(brief) };
};

const last = (seen) => seen.at(-1);

/** Tells the rounds of a recorded stream apart. */
const rounds = (seen) => {
  const each = [[]];
  for (const item of seen) {
    if (item === 'interrupted') each.push([]);
    else if (item === 'resumed') assert.deepEqual(each.at(-1), [], 'nothing comes between the two notices');
    else each.at(-1).push(item);
  }
  return each;
};

const countsFromOne = (numbers) => assert.deepEqual(numbers, numbers.map((_, n) => n + 1));

describe('each server, in each dialect', { concurrency: true }, () => {
  for (const { name, dialects } of servers) {
    describe(name, { concurrency: 1 }, () => {
      let port;
      let server;
      const start = async () => (server = await startServer(name, { port }));
      before(async () => {
        port = await lastingPort();
        await start();
      });
      after(() => server?.kill());

      for (const dialect of dialects) {
        const answersQueries = name !== 'strawberry-graphql' || dialect === modern;
        const make = (t, options, { url } = server) => {
          const client = new Client(url, { subprotocols: [dialect], retry: impatient, ...options });
          t.after(() => client.close());
          return client;
        };
        const title = (what) => `${name}, ${dialect}: ${what}`;

        for (const [way, signal] of Object.entries({ kill: 'SIGKILL', stop: 'SIGTERM' })) {
          test(title(`subscriptions go on in a new process after ${signal}, each told of its gap`), async (t) => {
            const client = make(t);
            const ended = [];
            client.on('disconnected', ({ code, verdict }) => ended.push([code, verdict]));
            const all = Array.from({ length: 5 }, () => record(client));
            await until(() => all.every(({ seen }) => last(seen) >= 3), 'three results of each');
            const status = client.status;
            assert.equal(status.state, 'ready');
            await server[way]();
            await until(() => all.every(({ seen }) => last(seen) === 'interrupted'), 'each is told of the loss');
            assert.equal(client.status.reconnecting, true);
            await start();
            await until(() => all.every(({ seen }) => last(seen) >= 3 && seen.includes('resumed')), 'each goes on');
            for (const { seen, notices } of all) {
              assert.deepEqual(notices.map(({ type }) => type), ['interrupted', 'resumed']);
              const each = rounds(seen);
              assert.equal(each.length, 2);
              each.forEach(countsFromOne);
              const [lost, back] = notices;
              assert.equal(lost.error.code, 'CONNECTION_LOST');
              assert.equal(back.lostAt, lost.lostAt, 'the two notices of one loss say the same of it');
              assert.ok(back.resumedAt >= lost.lostAt);
              assert.ok(back.attempts >= 1);
              assert.equal('cursor' in back, false);
            }
            assert.ok((way === 'kill' ? [1006] : goodbyes[name]).includes(ended[0][0]), `close code ${ended[0][0]}`);
            assert.ok(ended.every(([, verdict]) => verdict === 'retry'));
            assert.equal(client.status.reconnecting, false);
            assert.equal(client.status.error, null);
            await client.close();
            for (const { ended } of all) assert.equal(await ended, 'done');
          });
        }

        test(title('what is asked while it is down is sent once when it is back'), async (t) => {
          const sent = [];
          const client = make(t, { trace: (line) => / > .*"(subscribe|start)"/.test(line) && sent.push(line) });
          const { seen } = record(client);
          await until(() => seen.length > 0, 'a first result');
          await server.kill();
          await until(() => last(seen) === 'interrupted', 'the loss');
          sent.length = 0;
          const query = outcome(client.execute('{ echo(value: 7) }'));
          const mutation = outcome(client.execute('mutation { setMessage(message: "late") }'));
          const silent = client.subscribe('subscription { countdown(from: 1) }');
          await start();
          assert.deepEqual(await query, answersQueries ? { echo: 7 } : 'QUERY_ERROR');
          assert.deepEqual(await mutation, answersQueries ? { setMessage: 'late' } : 'QUERY_ERROR');
          assert.equal(await silent.active, 'confirmed');
          for await (const _ of silent);
          await until(() => last(seen) >= 3, 'the subscription goes on');
          const documents = sent.map((line) => /"query":"(\w*) ?{ (\w+)/.exec(line).slice(1).join(' '));
          // Those that were sent before come first, then the new ones in their order.
          assert.deepEqual(documents, ['subscription ticks', ' echo', 'mutation setMessage', 'subscription countdown']);
        });

        if (answersQueries) {
          test(title('of what was in flight a query is answered by the new process, a mutation ends as unknown'), async (t) => {
            const client = make(t);
            const other = make(t);
            const mutation = client.execute('mutation { setMessage(message: "in flight", ms: 600000) }');
            const query = outcome(client.execute('{ slow(ms: 200) }'));
            const unknown = mutation.then(() => assert.fail('it was answered'), (error) => error);
            for (;;) {
              const { message } = (await other.execute('{ message }')).data;
              if (message === 'in flight') break;
            }
            await server.kill();
            const error = await unknown;
            assert.equal(error.code, 'OUTCOME_UNKNOWN');
            assert.equal(error.ends, 'operation');
            assert.equal(error.cause.code, 'CONNECTION_LOST');
            assert.match(error.message, /1006/);
            await start();
            assert.deepEqual(await query, { slow: 200 });
            assert.deepEqual((await client.execute('{ message }')).data, { message: 'hello' }, 'it is not carried out again');
          });

          test(title('an idempotent mutation in flight is carried out again'), async (t) => {
            const client = make(t);
            const other = make(t);
            // The process to come is told apart by its port's new message.
            const document = 'mutation ($ms: Int) { setMessage(message: "twice", ms: $ms) }';
            const options = { variables: { ms: 600_000 }, idempotent: true };
            const mutation = client.subscribe(document, options);
            const waiting = mutation.next();
            for (;;) {
              if ((await other.execute('{ message }')).data.message === 'twice') break;
            }
            await server.kill();
            await start();
            for (;;) {
              if ((await other.execute('{ message }')).data.message === 'twice') break;
            }
            await mutation.return();
            assert.deepEqual(await waiting, { value: undefined, done: true });
          });
        }

        const denial = denials[`${name} ${dialect}`] ?? 'CONNECTION_ERROR';

        test(title('credentials that are refused are asked for once more, and are good then'), async (t) => {
          const attempts = [];
          const initPayload = (attempt) => {
            attempts.push(attempt);
            return { token: attempt.reason === 'denied' ? 'good' : 'wrong' };
          };
          const client = make(t, { initPayload });
          const { results } = record(client);
          assert.equal(await results.active, 'confirmed');
          assert.deepEqual(attempts.map(({ number, reason }) => [number, reason]), [[1, 'first'], [2, 'denied']]);
          assert.equal(attempts[0].error, null);
          assert.equal(brief(attempts[1].error), denial);
        });

        test(title('credentials that are refused twice end everything, and may be good later'), async (t) => {
          let token = 'wrong';
          let asked = 0;
          const client = make(t, { initPayload: () => ((asked += 1), { token }) });
          const { ended } = record(client);
          assert.equal(await outcome(client.connect()), denial);
          assert.equal(await ended, denial);
          assert.equal(asked, 2);
          assert.equal(client.status.state, 'failed');
          assert.equal(brief(client.status.error), denial);
          token = 'good';
          const { results } = record(client);
          assert.equal(await results.active, 'confirmed');
          assert.equal(asked, 3);
        });

        test(title('credentials that cannot change are refused once'), async (t) => {
          const client = make(t, { initPayload: { token: 'wrong' } });
          let attempts = 0;
          client.on('connecting', () => (attempts += 1));
          assert.equal(await outcome(client.connect()), denial);
          assert.equal(attempts, 1);
        });

        test(title('reconnect() brings new credentials, and the subscriptions along'), async (t) => {
          const tokens = [];
          const client = make(t, { initPayload: ({ reason }) => (tokens.push(reason), { token: 'good' }) });
          const { seen } = record(client);
          await until(() => last(seen) >= 2, 'two results');
          await client.reconnect();
          assert.equal(client.status.state, 'ready');
          await until(() => last(seen) >= 2 && seen.includes('resumed'), 'it goes on');
          assert.equal(rounds(seen).length, 2);
          assert.deepEqual(tokens, ['first', 'reconnect']);
        });

        test(title('a half-open connection is noticed and replaced'), async (t) => {
          const proxy = await startProxy(server);
          t.after(() => proxy.close());
          // The older dialect has no ping; there the server's messages are missed.
          const signs = dialect === modern ? { pingInterval: 30, pongTimeout: 200 } : { keepAliveTimeout: 400 };
          const client = make(t, { ...signs, connectTimeout: 200, ackTimeout: 2_000 }, proxy);
          const { seen, notices } = record(client);
          await until(() => last(seen) >= 2, 'two results');
          proxy.stall();
          await until(() => last(seen) === 'interrupted', 'the loss is noticed');
          assert.equal(notices[0].error.code, dialect === modern ? 'PONG_TIMEOUT' : 'KEEP_ALIVE_TIMEOUT');
          proxy.heal();
          await until(() => last(seen) >= 2 && seen.includes('resumed'), 'it goes on');
          rounds(seen).forEach(countsFromOne);
        });

        test(title('an operation that closes the connection for everybody ends alone'), async (t) => {
          const closes = killers[`${name} ${dialect}`] ?? killers[name];
          const client = make(t);
          const lost = [];
          client.on('disconnected', ({ code }) => lost.push(code));
          const before = record(client);
          await until(() => before.seen.length > 0, 'it is settled');
          // Sent together: each of these could be the one.
          const culprits = [client.execute('{'), client.execute('subscription {')].map(outcome);
          const innocents = [record(client), record(client, 'subscription { burst(count: 3) }'), record(client)];
          const query = outcome(client.execute('{ echo(value: 3) }'));
          for (const culprit of culprits) {
            const end = await culprit;
            if (closes) assert.equal(end, `CONNECTION_LOST ${closes}`);
            else if (end !== undefined) assert.ok(end === 'QUERY_ERROR' || end === null, String(end));
          }
          assert.deepEqual(await query, answersQueries ? { echo: 3 } : 'QUERY_ERROR');
          await until(() => [before, innocents[0], innocents[2]].every(({ seen }) => last(seen) >= 2), 'the innocent go on');
          assert.equal(await innocents[1].ended, 'done');
          assert.deepEqual(innocents[1].seen.slice(-3), [1, 2, 3]);
          assert.equal(client.status.state, 'ready');
          if (!closes) assert.deepEqual(lost, []);
          // One for both together, then at most two more for each by itself.
          else assert.ok(lost.length >= 3 && lost.length <= 5 && lost.every((code) => code === closes), String(lost));
        });
      }
    });
  }
});
