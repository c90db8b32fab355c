// `wireql/react` with the real React in Chromium, in StrictMode, and on a server.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { Client } from 'wireql';
import { until, withAck, withGraphqlWs } from '../e2e/servers.mjs';
import { recipe } from '../e2e/recipes.mjs';
import { startServer } from '../servers/demo/server.mjs';
import { startBrowser } from './browser.mjs';

const TICKS = 'subscription { price(ms: 10) }';

const bundle = async (options) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('react-app.jsx', import.meta.url))],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    write: false,
    define: { 'process.env.NODE_ENV': '"development"' },
    ...options,
  });
  return outputFiles[0].text;
};

let started;
let script;
before(async () => {
  [started, script] = await Promise.all([startBrowser(), bundle()]);
});
after(() => started?.stop());

/** A tab with the app's functions; what React or anybody complains of fails the test. */
const inTab = async (body, expected = []) => {
  const page = await started.browser.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  try {
    await page.goto(`${started.server.url}server.json`);
    await page.setContent('<!doctype html><link rel="icon" href="data:," />');
    await page.addScriptTag({ content: script, type: 'module' });
    await page.waitForFunction(() => 'told' in globalThis);
    await body(page);
    // The page's icon may be asked for before the page says that it has none.
    const all = [/Failed to load resource.*404/, ...expected];
    const unexpected = complaints.filter((text) => !all.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, []);
  } finally {
    await page.close();
  }
};

const make = (page, url, options = {}) => page.evaluate(([url, options]) => void makeClient(url, options), [url, options]);
const show = (page, ...parts) => page.evaluate((parts) => show({ parts }), parts);
const shows = (page, id, text) =>
  page.waitForFunction(([id, text]) => new RegExp(text).test(document.getElementById(id)?.textContent), [id, text]);
const told = (page) => page.evaluate(() => told);
const live = (name, document = TICKS, options) => ({ kind: 'Live', name, document, options });

/** Counts the connections that a server gets. */
const counting = ({ sockets }) => {
  const counted = { connections: 0 };
  sockets.on('connection', () => (counted.connections += 1));
  return counted;
};

test('all components share one connection, and each leaves when it is unmounted; nobody closes the client', () =>
  inTab((page) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await make(page, server.url);
      await show(page, live('a'), live('b'), { kind: 'Status' }, { kind: 'Asking' });
      await shows(page, 'a', '^active \\d');
      await shows(page, 'b', '^active \\d');
      await shows(page, 'status', '^ready 0 since');
      assert.equal(server.running.count, 2);
      await page.locator('button').click();
      await page.waitForFunction(() => told.answer?.data.hello === 'Hello, world!');
      await show(page, live('b'), { kind: 'Status' });
      await until(() => server.running.count === 1, 'one has left');
      await shows(page, 'status', '^ready');
      await page.evaluate(() => unmount());
      await until(() => server.running.count === 0, 'both have left');
      assert.equal(counted.connections, 1);
      assert.equal(server.sockets.clients.size, 1);
    }),
  ));

test('StrictMode sends each subscription once', () =>
  inTab((page) =>
    withAck(
      async ({ url, received }) => {
        await make(page, url);
        await show(page, live('a'));
        await shows(page, 'a', '^active 1$');
        assert.deepEqual(received.map(({ type }) => type), ['connection_init', 'subscribe']);
        await page.evaluate(() => unmount());
        await until(() => received.length === 3, 'it is left');
        assert.equal(received[2].type, 'complete');
      },
      ({ send }, message) => message?.type === 'subscribe' && send({ id: message.id, type: 'next', payload: { data: { price: 1 } } }),
    ),
  ));

test('a component outlives the server, and shows what happens', () =>
  inTab(
    (page) =>
      withGraphqlWs(async (server) => {
        const { port } = server.http.address();
        await make(page, server.url, { retry: { baseDelay: 10, maxDelay: 40, initialAttempts: 1000 } });
        await show(page, live('a'), { kind: 'Status' });
        await shows(page, 'a', '^active \\d');
        await server.close();
        await shows(page, 'a', '^interrupted \\d');
        await shows(page, 'status', '^(waiting|connecting)');
        const again = await startServer({ port });
        try {
          await shows(page, 'a', '^active \\d');
          await shows(page, 'status', '^ready 0');
          assert.deepEqual((await told(page)).notices.a, ['interrupted', 'resumed']);
          await page.evaluate(() => unmount());
        } finally {
          await again.close();
        }
        server.close = async () => {};
      }),
    // Chromium writes each attempt that fails on the console.
    [/WebSocket connection to .* failed/],
  ));

test('only other content starts a subscription anew, and then nothing of the old one is shown', () =>
  inTab((page) =>
    withAck(
      async ({ url, received }) => {
        await make(page, url);
        const document = 'subscription ($n: Int) { n(n: $n) }';
        const countOf = (type) => received.filter((message) => message.type === type).length;
        await show(page, live('a', document, { variables: { n: 1, m: { x: 1, y: [2] } } }));
        await shows(page, 'a', '^active 1$');
        // The same in another order; then another.
        await show(page, live('a', document, { variables: { m: { y: [2], x: 1 }, n: 1 } }));
        await show(page, live('a', document, { variables: { n: 2 } }));
        await shows(page, 'a', '^active 2$');
        await until(() => countOf('complete') === 1, 'the first is left');
        assert.equal(countOf('subscribe'), 2);
        const renders = (await told(page)).renders.a.map((render) => render.filter(Boolean).join(' '));
        const first = renders.lastIndexOf('active 1');
        assert.equal(renders[first + 1], 'loading');

        await show(page, { kind: 'Parsing', name: 'p', text: '{ a }' }, { kind: 'Status' });
        await shows(page, 'p', '^active');
        await show(page, { kind: 'Parsing', name: 'p', text: '{ a }' });
        await show(page, { kind: 'Parsing', name: 'p', text: '{   a   }' });
        await show(page, { kind: 'Parsing', name: 'p', text: '{ b }' });
        await until(() => countOf('subscribe') === 4, 'the other document');
        await show(page, live('s', document, { variables: { n: 3 }, skip: true }));
        await shows(page, 's', '^skipped$');
        await until(() => countOf('complete') === 4, 'all are left');
        assert.equal(countOf('subscribe'), 4);
      },
      ({ send }, message) => {
        if (message?.type !== 'subscribe') return;
        send({ id: message.id, type: 'next', payload: { data: { n: message.payload.variables?.n ?? 0 } } });
      },
    ),
  ));

// urql-graphql/urql#2330, #2648: the variables of before were sent, and the results of before were shown.
test('what is skipped while its variables change is sent with the last of them', () =>
  inTab((page) =>
    withAck(
      async ({ url, received }) => {
        await make(page, url);
        const set = (n, skip) => show(page, live('a', 'subscription ($n: Int) { n(n: $n) }', { variables: { n }, skip }));
        await set(1, false);
        await shows(page, 'a', '^active 1$');
        await set(1, true);
        await shows(page, 'a', '^skipped$');
        await set(2, true);
        await set(3, true);
        await set(3, false);
        await shows(page, 'a', '^active 3$');
        const sent = received.filter(({ type }) => type === 'subscribe').map(({ payload }) => payload.variables.n);
        assert.deepEqual(sent, [1, 3]);
        const states = (await told(page)).renders.a.map((render) => render.filter(Boolean).join(' '));
        assert.equal(states[states.lastIndexOf('skipped') + 1], 'loading');
      },
      ({ send }, message) => {
        if (message?.type !== 'subscribe') return;
        send({ id: message.id, type: 'next', payload: { data: { n: message.payload.variables.n } } });
      },
    ),
  ));

test('with `perFrame` any number of results is rendered once a frame, and each is told', () =>
  inTab((page) =>
    withGraphqlWs(async (server) => {
      await make(page, server.url);
      await page.evaluate(() => holdFrames());
      await show(page, live('a', 'subscription { burst(count: 1000) }', { perFrame: true }));
      await page.waitForFunction(() => told.results.a?.length === 1000);
      // Its end is shown at once, with the last result.
      await shows(page, 'a', '^complete 1000$');
      const { results, renders } = await told(page);
      assert.deepEqual(results.a, Array.from({ length: 1000 }, (_, n) => n + 1));
      assert.deepEqual([...new Set(renders.a.map(([state]) => state))], ['loading', 'complete']);

      await show(page, live('b', 'subscription { countdown(from: 1000, ms: 0) }', { perFrame: true }));
      await page.waitForFunction(() => told.results.b?.length >= 10);
      assert.deepEqual(new Set((await told(page)).renders.b.map(([state]) => state)), new Set(['loading']));
      const rendered = await page.evaluate(() => {
        const [before, last] = [told.renders.b.length, told.results.b.at(-1)];
        frame();
        return new Promise((resolve) => setTimeout(() => resolve([told.renders.b.slice(before)[0], last])));
      });
      assert.deepEqual(rendered[0], ['active', rendered[1]]);
      await page.evaluate(() => (unmount(), frame()));
    }),
  ));

test('how a subscription ended is shown', () =>
  inTab((page) =>
    withGraphqlWs(async (server) => {
      await make(page, server.url);
      await show(
        page,
        live('done', 'subscription { countdown(from: 1, ms: 1) }'),
        live('broken', 'subscription { breaking(after: 2) }'),
        live('refused', 'subscription { unknown }'),
      );
      await shows(page, 'done', '^complete 0$');
      await shows(page, 'broken', '^failed 2 QUERY_ERROR$');
      await shows(page, 'refused', '^failed QUERY_ERROR$');
    }),
  ));

test('what is hidden by Activity is left, and subscribed again when it is shown', () =>
  inTab((page) =>
    withGraphqlWs(async (server) => {
      await make(page, server.url);
      const set = (hidden) => page.evaluate(([hidden, part]) => show({ parts: [part], hidden }), [hidden, live('a')]);
      await set(false);
      await shows(page, 'a', '^active');
      await set(true);
      await until(() => server.running.count === 0, 'it is left');
      const before = (await told(page)).renders.a.length;
      await set(false);
      await until(() => server.running.count === 1, 'it is subscribed again');
      await shows(page, 'a', '^active');
      // The old result is not passed off as a new one.
      assert.ok((await told(page)).renders.a.slice(before).some(([state]) => state === 'loading'));
    }),
  ));

test('what is missing or wrong is an error that says so, where React brings errors', () =>
  inTab(
    async (page) => {
      await page.evaluate((part) => show({ parts: [part], bare: true }), live('a'));
      await shows(page, 'caught', '^Error: there is no client: put <ClientProvider client={client}> of wireql/react around');
      await page.evaluate(() => unmount());
    },
    [/./],
  ).then(() =>
    inTab(
      async (page) => {
        await make(page, 'ws://127.0.0.1:1/');
        await show(page, live('a', '  '));
        await shows(page, 'caught', '^TypeError: the document is empty$');
      },
      [/./],
    ),
  ));

test('the recipe for React runs', () =>
  inTab((page) =>
    withGraphqlWs(async (server) => {
      const contents = `${recipe('React', server.url)}
        import { createRoot } from 'react-dom/client';
        createRoot(document.body.appendChild(document.createElement('main'))).render(<App />);`;
      const resolveDir = fileURLToPath(new URL('.', import.meta.url));
      const content = await bundle({ entryPoints: [], stdin: { contents, resolveDir, loader: 'jsx' } });
      await page.addScriptTag({ content, type: 'module' });
      await page.waitForFunction(() => document.querySelector('output')?.textContent === '0');
    }),
  ));

// ---- on a server -----------------------------------------------------------------------

/** The app with the React of this process. */
const appOfServer = async () => {
  const code = await bundle({ format: 'cjs', platform: 'node', packages: 'external' });
  const module = { exports: {} };
  new Function('require', 'module', code)(createRequire(import.meta.url), module);
  return module.exports;
};

test('rendering on a server connects nothing, and the page takes over what it has made', () =>
  inTab((page) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      const { App } = await appOfServer();
      const parts = [live('a'), { kind: 'Status' }, live('s', TICKS, { skip: true })];
      const client = new Client(server.url);
      const html = renderToString(createElement(App, { client, parts }));
      assert.equal(html, '<p id="a">loading</p><p id="status">idle 0 </p><p id="s">skipped</p>');
      assert.equal(client.status.state, 'idle');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(client.status.state, 'idle');
      assert.equal(counted.connections, 0);

      // What the server has made is idle, and the client need not be so any more.
      await page.evaluate((url) => makeClient(url).connect(), server.url);
      await page.evaluate(([html, parts]) => hydrate(html, { parts }), [html, parts]);
      await shows(page, 'a', '^active');
      await shows(page, 'status', '^ready');
      assert.deepEqual((await told(page)).recovered, []);
    }),
  ));
