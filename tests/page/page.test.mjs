// The page in a real Chromium, against the real server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { until, unusedUrl } from '../e2e/servers.mjs';
import { startServer } from '../servers/index.mjs';
import { withBrowser } from './browser.mjs';

const target = fileURLToPath(new URL('../../target', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs the body with a fresh page; an error in it that nobody caught fails the test. */
const onPage = (body, { viewport = { width: 1400, height: 900 }, hash = '', expected = /^$/, ...options } = {}) =>
  withBrowser(async ({ browser, server }) => {
    const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'], ...options });
    const page = await context.newPage();
    const uncaught = [];
    page.on('pageerror', (error) => uncaught.push(error));
    page.on('console', (message) => message.type() === 'error' && !expected.test(message.text()) && uncaught.push(message.text()));
    await page.goto(server.url + hash);
    await body(page, server);
    assert.deepEqual(uncaught, []);
  });

/** The browser tells of handshakes that are refused. */
const refused = /WebSocket connection to/;

const has = (page, selector, text) => page.locator(selector).filter({ hasText: text }).first().waitFor();
const results = (page) => page.locator('.results li').allTextContents();
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

const run = async (page, document) => {
  await page.fill('#query', document);
  await page.click('#run');
};

const screenshot = async (page, name) => {
  mkdirSync(target, { recursive: true });
  await page.screenshot({ path: `${target}/${name}.png`, fullPage: true });
};

/** What axe finds wrong. */
const violations = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
};

test('the page runs a subscription to its end, connecting by itself, and closes', () =>
  onPage(async (page, server) => {
    await has(page, '#state', 'idle');
    await screenshot(page, 'page-idle');
    await run(page, 'subscription { countdown(from: 5, ms: 20) }');
    await has(page, '.summary', 'Ended: 6 results');
    await has(page, '#state', 'ready');
    assert.deepEqual(await results(page), [0, 1, 2, 3, 4, 5].map((n) => `{"data":{"countdown":${n}}}`));
    await has(page, '#timeline [data-kind=connecting]', 'attempt 1: an operation needs one');
    await has(page, '#timeline [data-kind=ready]', 'connected, graphql-transport-ws');
    await page.click('#close');
    await has(page, '#state', 'closed');
    await has(page, '#timeline [data-kind=closed]', 'closed');
    await until(() => server.graphql.sockets.clients.size === 0, 'the server has no client left');
  }));

test('the page connects when it is told to, and again after it was closed', () =>
  onPage(async (page, server) => {
    for (const _ of ['first', 'again']) {
      await page.click('#connect');
      await has(page, '#state', 'ready');
      assert.equal(server.graphql.sockets.clients.size, 1);
      assert.equal(await page.locator('#connect').isDisabled(), true);
      await page.click('#close');
      await has(page, '#state', 'closed');
    }
    await run(page, '{ hello }');
    await has(page, '.results li', 'Hello, world!');
  }));

test('the server is told the credentials, and changed ones make another connection', () =>
  onPage(async (page, server) => {
    await page.click('summary');
    for (const token of ['one', 'two']) {
      await page.fill('#credentials', JSON.stringify({ token }));
      const init = once(server.graphql.sockets, 'connection').then(([socket]) => once(socket, 'message'));
      await run(page, '{ hello }');
      assert.deepEqual(JSON.parse((await init)[0]), { type: 'connection_init', payload: { token } });
      await has(page, '.summary', 'Ended: 1 result ');
    }
    await until(() => server.graphql.sockets.clients.size === 1, 'the first connection is closed');
  }));

test('several operations run at once, each with its results, and each is stopped by itself', () =>
  onPage(async (page, server) => {
    await page.fill('#variables', '{ "ms": 5 }');
    await run(page, 'subscription P($ms: Int) { price(ms: $ms) }');
    await page.fill('#variables', '');
    await page.fill('#query', 'subscription { silent }');
    await page.locator('#query').press('Control+Enter');
    await has(page, '[aria-label="subscription P"] .results li:nth-child(3)', 'price');
    await has(page, '[aria-label="subscription silent"] .summary', 'Running: 0 results');
    await until(() => server.graphql.running.count === 2, 'both run');
    await page.getByRole('button', { name: 'Stop subscription P' }).click();
    await has(page, '[aria-label="subscription P"] .summary', 'Ended');
    await until(() => server.graphql.running.count === 1, 'one is stopped');
    await page.getByRole('button', { name: 'Stop subscription silent' }).click();
    await until(() => server.graphql.running.count === 0, 'both are stopped');
  }));

test('a cable that is cut is told, and the operation goes on once it is restored', () =>
  onPage(
    async (page, server) => {
      await run(page, 'subscription { price(ms: 20) }');
      await has(page, '.results li:nth-child(3)', 'price');
      await screenshot(page, 'page-live');
      await page.click('#cut');
      await has(page, '#state', 'waiting');
      await has(page, '.results li:first-child.notice', 'connection lost');
      await has(page, '#problem', 'TransportConnectionFailedError');
      await has(page, '#countdown', /^next attempt in \d+ s$/);
      await has(page, '#timeline [data-kind=lost]', 'it is tried again');
      await screenshot(page, 'page-cut');
      await page.click('#cut');
      await page.click('#connect').catch(() => {});
      await has(page, '#state', 'ready');
      await has(page, '.results li.notice', /^resumed after \d+ ms, \d+ attempts?$/);
      await has(page, '.results li:first-child', 'price');
      assert.equal(await page.locator('#problem').isHidden(), true);
      await has(page, '#timeline [data-kind=ready]', 'connected again');
      await screenshot(page, 'page-recovered');
      // A notice has no number, and takes none.
      const numbers = await page.locator('.results li:not(.notice)').evaluateAll((items) => items.map((item) => item.value));
      assert.deepEqual(numbers, numbers.map((_, at) => numbers[0] - at));
      await page.click('.stop');
      await has(page, '.summary', 'Ended');
      await until(() => server.graphql.running.count === 0, 'the server has stopped');
    },
    { expected: refused },
  ));

test('a refused operation shows its error, and the next one runs', () =>
  onPage(async (page) => {
    await run(page, '{ nothing }');
    await has(page, '.problem', 'TransportQueryError: the server ended the operation with an error: Cannot query field "nothing"');
    await screenshot(page, 'page-error');
    await run(page, '{ hello }');
    await has(page, '.results li', 'Hello, world!');
  }));

test('what is wrong with the input is shown, and goes when it is mended', () =>
  onPage(async (page) => {
    await run(page, 'query A { hello } query B { message }');
    await has(page, '#error', 'TypeError: the document has 2 operations: name one of A, B');
    await page.fill('#operation-name', 'B');
    await page.click('#run');
    await has(page, '.results li', '{"data":{"message":"hello"}}');
    assert.equal(await page.locator('#error').isHidden(), true);
    await page.fill('#variables', '{');
    await page.click('#run');
    await has(page, '#error', 'TypeError: the variables are not JSON');
    await page.fill('#url', 'ftp://server');
    await page.click('#connect');
    await has(page, '#error', "TypeError: the url's scheme must be ws, wss, http or https, but is ftp");
    await page.click('summary');
    await page.fill('#credentials', '{');
    await page.click('#connect');
    await has(page, '#error', 'TypeError: the credentials are not JSON');
  }));

test('a server that is not there is an error of the same class and words as in Node', () =>
  onPage(
    async (page) => {
      const url = await unusedUrl();
      await page.fill('#url', url);
      assert.equal(await page.locator('#cut').isHidden(), true);
      await page.click('#connect');
      await has(page, '#problem', `TransportConnectionFailedError: could not open a WebSocket to ${url}/`);
      await has(page, '#state', 'waiting');
      await has(page, '#countdown', /^next attempt in \d+ s$/);
      await has(page, '#connect', 'Try now');
      await page.click('#close');
      await has(page, '#state', 'closed');
    },
    { expected: refused },
  ));

test('frames are shown in both directions, filtered, paused, and copied as a transcript', () =>
  onPage(async (page) => {
    await run(page, '{ hello }');
    await has(page, '#frames li', '"type":"next"');
    await page.selectOption('#direction', '>');
    assert.deepEqual(await page.locator('#frames li').evaluateAll((items) => [...new Set(items.map((item) => item.dataset.mark))]), ['>']);
    await page.selectOption('#direction', '');
    await page.fill('#filter', 'HELLO, w');
    assert.equal(await page.locator('#frames li').count(), 1);
    await page.fill('#filter', '');
    await page.click('#pause');
    const before = await page.locator('#frames li').count();
    await run(page, '{ message }');
    await has(page, '.results li', '"message"');
    assert.equal(await page.locator('#frames li').count(), before);
    await page.click('#pause');
    await has(page, '#frames li', 'message');
    await page.click('#copy');
    await has(page, '#said', /^copied \d+ lines$/);
    assert.match(await clipboard(page), /^# recorded in a page\nat 0 +! options .*\n[^]*> open ws:[^]*< \{"id":"2","type":"next","payload":\{"data":\{"message":"hello"\}\}\}\n/);
  }));

test('a link and the history bring a setting back, without anything secret', () =>
  onPage(async (page, server) => {
    await page.click('summary');
    await page.fill('#credentials', '{ "token": "secret1" }');
    const url = server.graphql.url.replace('ws://', 'ws://user:secret2@');
    await page.fill('#url', `${url}?token=secret3`);
    await page.selectOption('#dialect', 'graphql-transport-ws');
    await page.fill('#variables', '{ "name": "Ada" }');
    await page.fill('#operation-name', 'H');
    await run(page, 'query H($name: String) { hello(name: $name) }');
    await has(page, '.results li', 'Hello, Ada!');
    await page.click('#link');
    await has(page, '#said', 'copied, without credentials');
    const link = await clipboard(page);
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    assert.doesNotMatch(link + kept, /secret/);
    const shown = () => page.evaluate(() => ['url', 'dialect', 'variables', 'operation-name'].map((id) => document.getElementById(id).value));
    const expected = [server.graphql.url, 'graphql-transport-ws', '{ "name": "Ada" }', 'H'];
    await page.goto('about:blank');
    await page.goto(link);
    await has(page, '#query', 'query H($name: String) { hello(name: $name) }');
    assert.deepEqual(await shown(), expected);
    await page.goto('about:blank');
    await page.goto(server.url);
    await has(page, '#query', 'price');
    await page.selectOption('#history', { index: 1 });
    assert.deepEqual(await shown(), expected);
  }));

test('the editor completes once it knows the schema', () =>
  onPage(async (page) => {
    await page.click('#schema');
    await has(page, '#said', /^\d+ types: Ctrl\+Space completes$/);
    await page.fill('#query', 'subscription { ');
    await page.locator('#query').press('Control+Space');
    await has(page, '.cm-tooltip-autocomplete li', 'countdown');
  }));

test('AppSync and Phoenix run in it, with their credentials', async () => {
  for (const [name, credentials] of [
    ['appsync', '{ "apiKey": "da2-good" }'],
    ['phoenix', '{ "token": "x" }'],
  ]) {
    const chosen = await startServer(name);
    try {
      await onPage(async (page) => {
        await page.fill('#url', chosen.url);
        await page.selectOption('#dialect', name);
        await page.click('summary');
        await page.fill('#credentials', credentials);
        await run(page, 'subscription { countdown(from: 1) }');
        await has(page, '.results li', '{"data":{"countdown":0}}');
        assert.doesNotMatch(await page.locator('#frames').textContent(), /da2-good|ZGEyLWdvb2/);
      });
    } finally {
      await chosen.kill();
    }
  }
});

test('20,000 results are counted, and what is drawn and kept of them is bounded', () =>
  onPage(async (page) => {
    await run(page, 'subscription { burst(count: 20000) }');
    await has(page, '.summary', 'Ended: 20,000 results');
    await has(page, '.results li:first-child', '{"data":{"burst":20000}}');
    assert.deepEqual([await page.locator('.results li').count(), await page.locator('#frames li').count()], [100, 50]);
    const numbers = await page.locator('.results li').evaluateAll((items) => items.map(({ value }) => value));
    assert.deepEqual(numbers, Array.from({ length: 100 }, (_, at) => 20_000 - at));
    for (let n = 0; n < 8; n += 1) await run(page, '{ hello }');
    await page.locator('.operation').nth(4).waitFor();
    await has(page, '.operation:first-child .summary', 'Ended');
    assert.ok((await page.locator('.operation').count()) <= 6);
  }));

for (const [name, options] of [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 360, height: 740 } }],
]) {
  test(`axe finds nothing, and nothing is wider than the window: ${name}`, () =>
    onPage(
      async (page) => {
        assert.deepEqual(await violations(page), []);
        await run(page, '{ nothing }');
        await has(page, '.problem', 'TransportQueryError');
        await run(page, 'subscription { price(ms: 50) }');
        await has(page, '.results li:nth-child(3)', 'price');
        await page.click('summary');
        await page.click('#cut');
        await has(page, '#state', 'waiting');
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
        await screenshot(page, `page-${name}`);
      },
      { ...options, expected: refused },
    ));
}

test('20,000 results arrive complete and in order, also in a page', () =>
  onPage(async (page, server) => {
    const outcome = await page.evaluate(async (url) => {
      const { WebSocketTransport } = await import('wireql');
      const transport = new WebSocketTransport(url);
      await transport.connect();
      let expected = 1;
      for await (const { data } of transport.subscribe('subscription { burst(count: 20000) }')) {
        if (data.burst !== expected) return `came ${data.burst}, expected ${expected}`;
        expected += 1;
      }
      await transport.close();
      return expected - 1;
    }, server.graphql.url);
    assert.equal(outcome, 20_000);
  }));

test('headers and other arguments for the socket are refused in a page, with the way that there is', () =>
  onPage(async (page) => {
    const message = await page.evaluate(async () => {
      const { WebSocketTransport } = await import('wireql');
      try {
        new WebSocketTransport('ws://server', { connectArgs: { headers: {} } });
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    });
    assert.match(message, /^TypeError: option `connectArgs`.*initPayload/);
  }));
