// What users have reported of other links, exchanges and network layers, tried on the adapters.
import { createClient } from '@urql/core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'wireql';
import { wireqlExchange } from 'wireql/urql';
import { libraries } from './libraries.mjs';
import { until, unusedUrl, withAck } from './servers.mjs';

/** The library on a server that answers each subscription by what `answer` sends. */
const withLibrary = (make, answer, body) =>
  withAck(
    async ({ url, received }) => {
      const client = new Client(url);
      await client.connect();
      const types = () => received.slice(1).map(({ type }) => type);
      await body(make(client), types).finally(() => client.close());
    },
    ({ send }, message) => {
      if (message?.type !== 'subscribe') return;
      const sendOf = (frame) => send({ id: message.id, ...frame });
      if (message.payload.query.startsWith('subscription')) answer(sendOf);
      else [result({ data: { hello: 'x' } }), { type: 'complete' }].forEach(sendOf);
    },
  );

const result = (payload) => ({ type: 'next', payload });

/** Subscribes, and gives what has come: the values of results, and `error` or `complete`. */
const listen = (library) => {
  const came = [];
  const leave = library.subscribe('ticks', {
    next: (data) => came.push(data.ticks),
    error: () => came.push('error'),
    complete: () => came.push('complete'),
  });
  return { came, leave };
};

for (const [library, make] of Object.entries(libraries)) {
  // apollographql/apollo-client#6037, #9664, urql-graphql/urql#541: it was sent twice, or never, in React's StrictMode.
  // rmosolgo/graphql-ruby#4702: the server was told twice of an end.
  test(`${library}: what is left and taken again at once is sent once; leaving it twice is leaving it once`, () =>
    withLibrary(
      make,
      (send) => send(result({ data: { ticks: 1 } })),
      async (it, types) => {
        const first = listen(it);
        first.leave();
        const { came, leave } = listen(it);
        await until(() => came.length > 0, 'its result');
        leave();
        leave();
        first.leave();
        // Whatever it had sent before would have come by now.
        assert.equal((await it.query('hello')).hello, 'x');
        assert.deepEqual(types(), ['subscribe', 'complete', 'subscribe']);
        assert.deepEqual([first.came, came], [[], [1]]);
      },
    ));

  // apollographql/apollo-client#6024, #7982, vuejs/apollo#877: the first result with errors was the last.
  test(`${library}: a result with errors does not end a subscription`, () =>
    withLibrary(
      make,
      (send) => {
        send(result({ data: { ticks: 1 } }));
        send(result({ data: { ticks: null }, errors: [{ message: 'this one fails', path: ['ticks'] }] }));
        send(result({ data: { ticks: 3 } }));
      },
      async (it, types) => {
        const { came, leave } = listen(it);
        await until(() => came.at(-1) === 3, 'the result behind it');
        assert.deepEqual(types(), ['subscribe']);
        // Relay puts errors of fields into its store, and tells of them there.
        assert.deepEqual(came, [1, library === 'relay' ? null : 'error', 3]);
        leave();
      },
    ));

  // vuejs/apollo#1166, rmosolgo/graphql-ruby#5674: the subscription was never told.
  test(`${library}: a subscription is told that nobody listens at the address`, async () => {
    const client = new Client(await unusedUrl(), { retry: { initialAttempts: 2, baseDelay: 1, maxDelay: 1 } });
    const it = make(client);
    const ends = [];
    const end = (error) => ends.push(error);
    it.subscribe('ticks', { next: () => {}, error: end, complete: () => end('complete') });
    await until(() => ends.length > 0, 'its end').finally(() => client.close());
    assert.equal(it.causeOf(ends[0]).code, 'CONNECTION_REFUSED');
  });
}

// urql-graphql/urql#3823, and what is like it: urql took what was refused or broken off for running.
for (const [what, results] of [
  ['refuses', []],
  ['breaks off', [{ ticks: 1 }]],
]) {
  test(`urql: a subscription that the server ${what} is over, and sent again for the next one that wants it`, () =>
    withLibrary(
      (client) => createClient({ url: '/none', exchanges: [wireqlExchange(client)] }),
      (send) => {
        for (const data of results) send(result({ data }));
        send({ type: 'error', payload: [{ message: 'no' }] });
      },
      async (it, types) => {
        const seen = [];
        const subscribe = () =>
          it.subscription('subscription { ticks }', {}).subscribe(({ data, error, hasNext }) => seen.push([data, error?.message, hasNext]));
        const expected = [
          ...results.map((data) => [data, undefined, true]),
          [results.at(-1), '[GraphQL] no', false],
        ];
        const first = subscribe();
        await until(() => seen.length === expected.length, 'its end');
        // The first one still has it, as a component that shows the error.
        const second = subscribe();
        await until(() => seen.length === 2 * expected.length, 'the end of the second');
        assert.deepEqual(seen, [...expected, ...expected]);
        assert.deepEqual(types(), ['subscribe', 'subscribe']);
        first.unsubscribe();
        second.unsubscribe();
      },
    ));
}
