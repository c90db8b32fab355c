// The recipes of pkg-template/docs/libraries.md, as they stand there but for the address, with the real libraries.
import { gql } from '@apollo/client';
import { ROOT_CONTEXT, context, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { QueryObserver } from '@tanstack/query-core';
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile, spawn } from 'node:child_process';
import { after, test } from 'node:test';
import { get } from 'svelte/store';
import { effectScope, nextTick, shallowRef } from 'vue';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer as startReal } from '../servers/index.mjs';
import { startServer } from '../servers/demo/server.mjs';
import { compiled } from './libraries.mjs';
import { importRecipe, moduleOf, titles, written } from './recipes.mjs';
import { until, withAck, withGraphqlWs } from './servers.mjs';

const tested = new Set(['React', 'Next.js']); // in tests/page/react.test.mjs, in tests/hosts/rows/next.mjs

/** Runs a recipe against the demo's server. */
const recipe = (title, body) => {
  tested.add(title);
  test(`the recipe for ${title} runs`, () =>
    withGraphqlWs(async (server) => body(await importRecipe(title, server.url), server)));
};

const cutOff = ({ sockets }) => {
  for (const socket of sockets.clients) socket.terminate();
};

recipe('Apollo Client', async ({ apollo }) => {
  const results = [];
  const ended = new Promise((complete, error) => {
    const query = gql('subscription { countdown(from: 2, ms: 1) }');
    apollo.subscribe({ query }).subscribe({ next: ({ data }) => results.push(data.countdown), complete, error });
  });
  assert.equal((await apollo.query({ query: gql('{ hello }') })).data.hello, 'Hello, world!');
  await ended;
  assert.deepEqual(results, [2, 1, 0]);
});

recipe('urql', async ({ urql }) => {
  assert.equal((await urql.query('{ hello }', {}).toPromise()).data.hello, 'Hello, world!');
});

recipe('Relay', async ({ environment }) => {
  const { fetchQuery } = await import('relay-runtime');
  assert.equal((await fetchQuery(environment, compiled('hello'), {}).toPromise()).hello, 'Hello, Ada!');
});

recipe('TanStack Query', async ({ queries, live }, server) => {
  const seen = [];
  const observer = new QueryObserver(queries, { ...live(['price'], 'subscription { price(ms: 5) }'), retry: false });
  const leave = observer.subscribe(({ data }) => data !== null && seen.push(data?.price));
  try {
    await until(() => seen.length >= 3, 'three results');
    seen.splice(0, seen.findIndex((price) => price !== undefined));
    assert.equal(seen[0], 100);
    cutOff(server);
    const before = seen.length;
    await until(() => seen.slice(before).includes(100), 'it has begun anew on another connection');
    // TanStack/query#9963, #11068: the old stream went on beside the new one.
    const atRefetch = seen.length;
    void queries.invalidateQueries({ queryKey: ['price'] });
    await until(() => seen.slice(atRefetch).includes(100), 'it has begun anew');
    await until(() => server.running.count === 1, 'the old one is left');
    // The last result is shown until then.
    assert.ok(!seen.includes(undefined));
  } finally {
    leave();
  }
  await until(() => server.running.count === 0, 'it is left');
  const failed = new QueryObserver(queries, { ...live(['failing'], '{ failing }'), retry: false });
  await until(() => failed.getCurrentResult().status === 'error' || void failed.subscribe(() => {}), 'an error');
  assert.match(failed.getCurrentResult().error.message, /this resolver fails/);
  queries.clear();
});

recipe('RxJS', async ({ numbers }) => {
  const seen = [];
  const ended = await new Promise((resolve) => numbers.subscribe({ next: (n) => seen.push(n), error: resolve, complete: () => resolve('complete') }));
  assert.equal(ended.code, 'QUERY_ERROR');
  assert.deepEqual(seen, [1, 2, 1, 2, 1, 2]);
});

/** For recipes that do nothing where there is no page. */
const inPage = async (body) => {
  globalThis.window = globalThis;
  try {
    await body();
  } finally {
    delete globalThis.window;
  }
};

recipe('Svelte', ({ live }, server) => inPage(async () => {
  const store = live('subscription { price(ms: 5) }');
  const seen = [];
  const leave = store.subscribe((result) => result && seen.push(result.data.price));
  await until(() => seen.length >= 2, 'two results');
  assert.equal(server.running.count, 1);
  leave();
  await until(() => server.running.count === 0, 'it is left');
  assert.equal(get(store)?.error, undefined);
  const errors = [];
  live('{ unknown }').subscribe((result) => result?.error && errors.push(result.error.code));
  await until(() => errors.length > 0, 'the error');
  assert.deepEqual(errors, ['QUERY_ERROR']);
}));

test('the recipe for SvelteKit: a server that renders the page connects nothing', () =>
  withGraphqlWs(async (server) => {
    let connections = 0;
    server.sockets.on('connection', () => (connections += 1));
    const { live } = await importRecipe('Svelte', server.url);
    const { compile } = await import('svelte/compiler');
    const { render } = await import('svelte/server');
    const source = '<script>let { store } = $props();</script><p>{$store?.data?.price ?? "none"}</p>';
    const { js } = compile(source, { generate: 'server' });
    const { default: Page } = await import(written(js.code).href);
    const { body } = await render(Page, { props: { store: live('subscription { price }') } });
    assert.match(body, /<p>none<\/p>/);
    // Whatever it had begun would have come by now.
    const client = await importRecipe('RxJS', server.url);
    await new Promise((resolve) => client.numbers.subscribe({ error: resolve }));
    assert.equal(connections, 1);
  }));

recipe('Vue', async ({ useSubscription }, server) => {
  const from = shallowRef({ from: 2 });
  const scope = effectScope();
  const document = 'subscription ($from: Int!) { countdown(from: $from, ms: 1) }';
  await inPage(async () => {
    const { result } = scope.run(() => useSubscription(document, from));
    await until(() => result.value?.data.countdown === 0, 'its last result');
    from.value = { from: 1000 };
    await nextTick();
    await until(() => result.value.data.countdown > 900, 'the other one');
    scope.stop();
    await until(() => server.running.count === 0, 'it is left');
  });
  assert.equal(effectScope().run(() => useSubscription(document, from)).result.value, undefined);
  assert.equal(server.running.count, 0);
});

tested.add('A service in Node');
test('the recipe for A service in Node runs, outlives its server, and ends by SIGTERM', () =>
  withGraphqlWs(async (server) => {
    const { port } = server.http.address();
    const file = fileURLToPath(moduleOf('A service in Node', server.url));
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaints = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (complaints += text));
    const exit = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
    await until(() => output.includes('998\n'), 'some results');
    await server.close();
    const again = await startServer({ port });
    server.close = () => again.close();
    await until(() => output.split('1000\n').length === 3, 'it begins anew');
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
    assert.match(complaints, /^disconnected 1001 CONNECTION_LOST retry\n/);
    await until(() => again.running.count === 0, 'the server has stopped');
  }));

tested.add('OpenTelemetry');
test('the recipe for OpenTelemetry runs', () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const storage = new AsyncLocalStorage();
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, body, self, ...args) => storage.run(active, () => body.apply(self, args)),
    bind: (_, target) => target,
    enable: () => undefined,
    disable: () => undefined,
  });
  return withAck(
    async ({ url, received, sockets }) => {
      const { execute, client } = await importRecipe('OpenTelemetry', url);
      await execute('{ hello }', { extensions: { own: 1 } });
      const [span] = exporter.getFinishedSpans();
      const { traceId, spanId } = span.spanContext();
      const { extensions } = received.find(({ type }) => type === 'subscribe').payload;
      assert.deepEqual(extensions, { own: 1, traceparent: `00-${traceId}-${spanId}-01` });
      await assert.rejects(execute('{ refused }'), { code: 'QUERY_ERROR' });
      assert.equal(exporter.getFinishedSpans()[1].status.message, 'QUERY_ERROR');
      const live = client.subscribe('subscription { n }');
      await live.next();
      for (const socket of sockets.clients) socket.terminate();
      await until(() => exporter.getFinishedSpans().length === 3, 'the outage is over');
      const outage = exporter.getFinishedSpans()[2];
      assert.equal(outage.name, 'graphql connection lost');
      assert.deepEqual(outage.attributes, { code: 'CONNECTION_LOST' });
      await live.return();
      await client.close();
    },
    ({ send }, message) => {
      if (message?.type !== 'subscribe') return;
      const { id, payload } = message;
      if (payload.query.includes('refused')) send({ id, type: 'error', payload: [{ message: 'no' }] });
      else send({ id, type: 'next', payload: { data: { n: 1 } } });
    },
  );
});

tested.add('Authentication that is refreshed');
test('the recipe for Authentication that is refreshed runs', async () => {
  const tokens = [];
  const options = {
    onConnect: ({ connectionParams: { token } }) => {
      tokens.push(token);
      return token !== 'expired';
    },
  };
  const server = await startServer({ options });
  after(() => server.close());
  const { client, login } = await importRecipe('Authentication that is refreshed', server.url);
  assert.equal((await client.execute('{ hello }')).data.hello, 'Hello, world!');
  await login('of another user');
  await client.execute('{ hello }');
  assert.deepEqual(tokens, ['expired', 'fresh', 'of another user']);
  await client.close();
});

tested.add('From subscriptions-transport-ws');
test('the recipe for subscriptions-transport-ws runs with its server', async () => {
  const server = await startReal('subscriptions-transport-ws');
  after(() => server.kill());
  const { client } = await importRecipe('From subscriptions-transport-ws', server.url);
  const seen = [];
  await new Promise((resolve, reject) =>
    client
      .observe({ query: 'subscription ($from: Int!) { countdown(from: $from) }', variables: { from: 2 } })
      .subscribe({ next: ({ data }) => seen.push(data.countdown), error: reject, complete: resolve }),
  );
  assert.deepEqual(seen, [2, 1, 0]);
  assert.equal(client.subprotocol, 'graphql-ws');
  await client.close();
});

test('the example of getting started runs', () =>
  withGraphqlWs(async ({ url }) => {
    const file = fileURLToPath(moduleOf('A subscription and a query', url, 'getting-started'));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
    assert.equal(stdout, 'Hello, Ada!\n3\n2\n1\n0\n');
  }));

test('every recipe is run', () => {
  assert.deepEqual([...tested].sort(), [...titles].sort());
});
