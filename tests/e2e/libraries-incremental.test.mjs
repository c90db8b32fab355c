// Results in parts in Apollo Client and urql, from servers with every format: the client gives wholes, which both of Apollo's handlers take.
import { ApolloClient, InMemoryCache, gql } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { createClient } from '@urql/core';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from 'wireql';
import { WireqlLink } from 'wireql/apollo';
import { wireqlExchange } from 'wireql/urql';
import { startServer } from '../servers/index.mjs';

const text = `query Person {
  person { id name ... @defer(label: "later") { slow failing address { street ... @defer { city } } } friends @stream(initialCount: 0) { id name } }
}`;

const friends = [11, 12, 13].map((id) => ({ id: String(id), name: `Name ${id}` }));
const address = { street: 'Street 1', city: 'City 1' };
const whole = { person: { id: '1', name: 'Name 1', slow: 'slow 1', failing: null, address, friends } };

/** Without what the libraries ask for in addition. */
const plain = (data) => JSON.parse(JSON.stringify(data, (name, value) => (name === '__typename' ? undefined : value)));

describe('results in parts', { concurrency: 1 }, () => {
  let server;
  before(async () => {
    server = await startServer('incremental');
  });
  after(() => server?.kill());

  for (const path of ['graphql-17', 'graphql-17-legacy', 'graphql-17-alpha', 'graphql-16-experimental', 'yoga']) {
    const make = () => new Client(new URL(`/${path}`, server.url).href);

    for (const Handler of [Defer20220824Handler, GraphQL17Alpha9Handler]) {
      test(`apollo, ${Handler.name}, ${path}: each part is rendered, and the last one has the whole and each error once`, async () => {
        const client = make();
        const options = { cache: new InMemoryCache(), link: new WireqlLink(client), devtools: { enabled: false } };
        const apollo = new ApolloClient({ ...options, incrementalHandler: new Handler() });
        const seen = [];
        const last = await new Promise((resolve, reject) => {
          apollo.watchQuery({ query: gql(text), errorPolicy: 'all' }).subscribe({
            next: (result) => {
              seen.push(result.dataState);
              if (!result.loading) resolve(result);
            },
            error: reject,
          });
        });
        assert.ok(seen.includes('streaming'), seen.join());
        assert.deepEqual(plain(last.data), whole);
        assert.deepEqual(last.error.errors.map(({ message }) => message), ['no luck']);
        await client.close();
      });
    }

    test(`urql, ${path}: each part is given, and the last one has the whole and each error once`, async () => {
      const client = make();
      const urql = createClient({ url: '/none', exchanges: [wireqlExchange(client)] });
      let count = 0;
      const last = await new Promise((resolve) =>
        urql.query(text, {}).subscribe((result) => {
          count += 1;
          if (!result.hasNext) resolve(result);
        }),
      );
      assert.ok(count > 1);
      assert.deepEqual(plain(last.data), whole);
      assert.deepEqual(last.error.graphQLErrors.map(({ message }) => message), ['no luck']);
      await client.close();
    });
  }
});
