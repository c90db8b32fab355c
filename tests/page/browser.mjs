// Chromium, and the page's servers.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startPage } from '../../scripts/www.mjs';
import { unusedUrl } from '../e2e/servers.mjs';

const find = (name) => {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

const launch = (args = [], options = {}) =>
  chromium.launch({
    executablePath: find('chromium') ?? find('chromium-browser') ?? find('google-chrome'),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', ...args],
    ...options,
  });

/** A browser and the servers of `make www`, which `stop` ends. */
export const startBrowser = async () => {
  const server = await startPage();
  try {
    const browser = await launch();
    const stop = async () => {
      await browser.close();
      await server.close();
    };
    return { browser, server, stop };
  } catch (error) {
    await server.close();
    throw error;
  }
};

/** Opens a page that shows nothing, and that can import the files of `tests` from `/tests`. */
export const openTests = async ({ browser, server: { url } }) => {
  const page = await browser.newPage();
  await page.route(`${url}tests/**`, (route) =>
    route.fulfill({ path: fileURLToPath(new URL(`../..${new URL(route.request().url()).pathname}`, import.meta.url)) }),
  );
  await page.goto(`${url}server.json`);
  return page;
};

/** Runs the body with both, and stops them whatever happens. */
export const withBrowser = async (body) => {
  const { browser, server, stop } = await startBrowser();
  try {
    await body({ browser, server });
  } finally {
    await stop();
  }
};

/** Serves the package, what stands beside this file, and blank pages, which may be kept in the back/forward cache. */
const startBlank = async () => {
  const server = createServer(async ({ url }, response) => {
    if (!url.endsWith('.js')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:," />');
      return;
    }
    const file = url.startsWith('/wireql/') ? `../../pkg${url.slice('/wireql'.length)}` : `.${url}`;
    const script = await readFile(new URL(file, import.meta.url)).catch(() => undefined);
    response.writeHead(script === undefined ? 404 : 200, { 'content-type': 'text/javascript' }).end(script);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/**
 * A browser as users have it, and blank pages for it at `url`. Browsers that a driver starts show all tabs at once, and
 * have no back/forward cache. In `context` tabs are hidden behind each other, can be frozen, and are kept. The name
 * `wireql.test` is of this machine.
 */
export const startWindow = async () => {
  const [pages, port] = [await startBlank(), new URL(await unusedUrl()).port];
  const args = [
    `--remote-debugging-port=${port}`,
    '--enable-features=BackForwardCache',
    // Newer versions close a page's sockets for it; other browsers, and older versions, do not keep such a page.
    '--disable-features=DisconnectWebSocketOnBFCache',
    '--host-resolver-rules=MAP wireql.test 127.0.0.1',
  ];
  const launched = await launch(args, { ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  // The default context alone is left as it is.
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  const stop = async () => {
    await browser.close();
    await launched.close();
    pages.closeAllConnections();
    await new Promise((resolve) => pages.close(resolve));
  };
  return { context: browser.contexts()[0], url: `http://127.0.0.1:${pages.address().port}/`, stop };
};
