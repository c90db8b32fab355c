// The examples for frameworks, as built by scripts/examples.sh, in Chromium against the real server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { until } from '../e2e/servers.mjs';
import { startServer } from '../servers/demo/server.mjs';
import { lastingPort } from '../servers/index.mjs';
import { startBrowser } from './browser.mjs';

const built = new URL('../../target/examples/web/', import.meta.url);
const page = (name) => `<!doctype html><link rel="icon" href="data:," />
<script type="module">import start from './example-${name}.js'; start();</script>`;
const types = { js: 'text/javascript', wasm: 'application/wasm' };

let browsing;
let pages;

before(async () => {
  pages = createServer(async ({ url }, response) => {
    const [, name] = /^\/(\w+)\/$/.exec(url) ?? [];
    if (name !== undefined) return response.writeHead(200, { 'content-type': 'text/html' }).end(page(name));
    const file = await readFile(new URL(`.${url}`, built));
    return response.writeHead(200, { 'content-type': types[url.split('.').pop()] }).end(file);
  }).listen(0, '127.0.0.1');
  await once(pages, 'listening');
  browsing = await startBrowser();
});

after(async () => {
  await browsing?.stop();
  pages.closeAllConnections();
  pages.close();
});

for (const name of ['leptos', 'yew']) {
  test(`a component of ${name} follows a subscription through a restart, and stops it when it is unmounted`, async () => {
    const port = await lastingPort();
    let server = await startServer({ port });
    const tab = await browsing.browser.newPage();
    const uncaught = [];
    tab.on('pageerror', (error) => uncaught.push(error));
    const shows = (id, text) => tab.locator(id).filter({ hasText: text }).waitFor();
    try {
      await tab.goto(`http://127.0.0.1:${pages.address().port}/${name}/#${server.url}`);
      await shows('#number', /^\d+$/);
      await shows('#state', 'Ready');
      await server.close();
      await shows('#number', 'interrupted');
      await shows('#state', 'Waiting');
      server = await startServer({ port });
      await shows('#number', /^\d+$/);
      await shows('#state', 'Ready');
      assert.equal(server.running.count, 1);
      await tab.click('#toggle');
      await until(() => server.running.count === 0, 'the server has stopped');
      assert.equal(await tab.locator('#number').count(), 0);
      // The connection is kept for a while, and is used again.
      await tab.click('#toggle');
      await shows('#number', /^\d+$/);
      assert.equal(server.sockets.clients.size, 1);
      assert.deepEqual(uncaught, []);
    } finally {
      await tab.close();
      await server.close();
    }
  });
}
