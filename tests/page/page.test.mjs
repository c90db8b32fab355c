// The page in a real Chromium, against the real server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { until, unusedUrl } from '../e2e/servers.mjs';
import { withBrowser } from './browser.mjs';

const target = fileURLToPath(new URL('../../target', import.meta.url));

/** Runs the body with a fresh page; an error in it that nobody caught fails the test. */
const onPage = (body) =>
  withBrowser(async ({ browser, server }) => {
    const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
    const uncaught = [];
    page.on('pageerror', (error) => uncaught.push(error));
    page.on('console', (message) => message.type() === 'error' && uncaught.push(message.text()));
    await page.goto(server.url);
    await body(page, server);
    assert.deepEqual(uncaught, []);
  });

const has = (page, selector, text) => page.locator(selector).filter({ hasText: text }).waitFor();
const results = (page) => page.locator('#results li').allTextContents();

const screenshot = async (page, name) => {
  mkdirSync(target, { recursive: true });
  await page.screenshot({ path: `${target}/${name}.png` });
};

test('the page runs a subscription to its end, connecting by itself, and closes', () =>
  onPage(async (page, server) => {
    await has(page, '#state', 'idle');
    await page.fill('#query', 'subscription { countdown(from: 5, ms: 20) }');
    await page.click('#run');
    await has(page, '#summary', 'Ended: 6 results');
    await has(page, '#state', 'ready');
    assert.deepEqual(await results(page), [0, 1, 2, 3, 4, 5].map((n) => `{"data":{"countdown":${n}}}`));
    await screenshot(page, 'page');
    await page.click('#close');
    await has(page, '#state', 'closed');
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
    await page.fill('#query', '{ hello }');
    await page.click('#run');
    await has(page, '#results li', 'Hello, world!');
  }));

test('the server is told the initPayload, and a changed one makes another connection', () =>
  onPage(async (page, server) => {
    await page.click('summary');
    for (const token of ['one', 'two']) {
      await page.fill('#init-payload', JSON.stringify({ token }));
      const init = once(server.graphql.sockets, 'connection').then(([socket]) => once(socket, 'message'));
      await page.fill('#query', '{ hello }');
      await page.click('#run');
      assert.deepEqual(JSON.parse((await init)[0]), { type: 'connection_init', payload: { token } });
      await has(page, '#summary', 'Ended: 1 result ');
    }
    await until(() => server.graphql.sockets.clients.size === 1, 'the first connection is closed');
  }));

test('a connection that is cut is told among the results, which go on', () =>
  onPage(async (page, server) => {
    await page.fill('#query', 'subscription { price(ms: 20) }');
    await page.click('#run');
    await has(page, '#results li:nth-child(3)', 'price');
    // The next handshake is answered when the page has been looked at.
    const asked = new Promise((resolve) => (server.graphql.sockets.options.verifyClient = (_, answer) => resolve(answer)));
    await page.click('#drop');
    const answer = await asked;
    await has(page, '#state', 'reconnecting');
    await has(page, '#results li:first-child.notice', 'connection lost');
    await has(page, '#problem', 'TransportConnectionFailedError');
    await screenshot(page, 'page-lost');
    answer(true);
    await has(page, '#state', 'ready');
    await has(page, '#results li.notice', /^connection lost, resumed after \d+ ms, 1 attempt$/);
    await has(page, '#results li:first-child', 'price');
    assert.equal(await page.locator('#problem').isHidden(), true);
    await screenshot(page, 'page-resumed');
    // The notice has no number, and takes none.
    const numbers = await page.locator('#results li:not(.notice)').evaluateAll((items) => items.map((item) => item.value));
    assert.deepEqual(numbers, numbers.map((_, at) => numbers.length - at));
    await page.click('#stop');
    await has(page, '#summary', 'Ended');
    await until(() => server.graphql.running.count === 0, 'the server has stopped');
  }));

test('results show as they arrive, and stopping ends the operation on the server', () =>
  onPage(async (page, server) => {
    await page.fill('#query', 'subscription P($ms: Int) { price(ms: $ms) }');
    await page.fill('#variables', '{ "ms": 5 }');
    await page.click('#run');
    await has(page, '#results li:nth-child(3)', 'price');
    assert.equal(server.graphql.running.count, 1);
    await page.click('#stop');
    await has(page, '#summary', 'Ended');
    await until(() => server.graphql.running.count === 0, 'the server has stopped');
  }));

test('a refused operation shows its error, and the next one runs', () =>
  onPage(async (page) => {
    await page.fill('#query', '{ nothing }');
    await page.click('#run');
    await has(page, '#error', 'TransportQueryError: the server ended the operation with an error: Cannot query field "nothing"');
    await page.fill('#query', '{ hello }');
    await page.click('#run');
    await has(page, '#results li', 'Hello, world!');
    assert.equal(await page.locator('#error').isHidden(), true);
  }));

test('what is wrong with the input is shown', () =>
  onPage(async (page) => {
    await page.fill('#url', 'ftp://server');
    await page.click('#connect');
    await has(page, '#error', "TypeError: the url's scheme must be ws, wss, http or https, but is ftp");
    await page.click('summary');
    await page.fill('#init-payload', '{');
    await page.click('#connect');
    await has(page, '#error', 'TypeError: init-payload is not JSON');
  }));

test('a server that is not there is an error of the same class and words as in Node', () =>
  // The browser writes a refused connection to the console: no concern of `onPage`.
  withBrowser(async ({ browser, server }) => {
    const url = await unusedUrl();
    const page = await browser.newPage();
    await page.goto(`${server.url}?url=${encodeURIComponent(url)}`);
    await page.click('#connect');
    await has(page, '#problem', `TransportConnectionFailedError: could not open a WebSocket to ${url}/`);
    await has(page, '#state', 'waiting');
    await has(page, '#countdown', /^next attempt in \d+ s$/);
    await has(page, '#connect', 'Try now');
    assert.equal(await page.locator('#drop').isHidden(), true);
    await screenshot(page, 'page-refused');
    await page.click('#close');
    await has(page, '#state', 'closed');
  }));

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
