// The same in browsers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { browsers, find, show } from '../browsers.mjs';
import { bundle } from '../bundle.mjs';
import { noIterator } from '../clients.mjs';
import { startFlood } from '../flood.mjs';

export const title = 'in browsers';
export const about = `
The cases small and backlog run in a page, and a server that floods the page over TCP: for how long at a
stretch the client keeps the page from doing anything else, and for how long the page does nothing else in
all, where the browser itself has its part.`;
export const absent = [noIterator, 'Python gql does not run there'];

/** Longer than a run takes; a browser that hangs shall not hang us. */
const patience = 600_000;

/** Serves the page, and resolves `figures` with what it found. */
const serve = async (options, progress) => {
  const script = await bundle('page.mjs');
  let found;
  let failed;
  const figures = new Promise((resolve, reject) => {
    found = resolve;
    failed = reject;
  });
  const got = {
    '/': ['text/html', '<!doctype html><title>bench</title><script type="module" src="script.js"></script>'],
    '/script.js': ['text/javascript', script],
    '/options': ['application/json', JSON.stringify(options)],
  };
  const posted = { '/far': progress, '/figures': found, '/failed': (stack) => failed(new Error(stack)) };
  const server = createServer(async (request, response) => {
    const { url, method } = request;
    if (method === 'POST') {
      posted[url](JSON.parse(await text(request)));
      response.writeHead(204).end();
      return;
    }
    const [type, content] = got[url] ?? ['text/plain', ''];
    // Isolated pages have a clock that is not blurred to a millisecond.
    const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
    response.writeHead(got[url] ? 200 : 404, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/`, figures, close: () => server.close() };
};

const measureIn = async (browser, options, progress) => {
  const flood = await startFlood();
  const page = await serve({ ...options, url: flood.url }, (far) => progress(`${browser.name}: ${far}`));
  const shown = show(browser, page.url);
  const late = AbortSignal.timeout(patience);
  try {
    return await Promise.race([
      page.figures,
      shown.ended,
      once(late, 'abort').then(() => Promise.reject(new Error(`${browser.name} took more than ${patience} ms`))),
    ]);
  } finally {
    await shown.stop();
    page.close();
    flood.close();
  }
};

export const measure = async (options, progress) => {
  const figures = [];
  for (const browser of browsers) {
    const { name } = browser;
    if (find(browser)) {
      const found = await measureIn(browser, options, progress);
      figures.push(...found.map((figure) => ({ ...figure, label: `${name}: ${figure.label}` })));
    } else {
      const why = `no ${name} on the PATH`;
      figures.push({ label: `${name}: all`, unit: 'ns', contenders: [{ name: 'wireql', why, values: [] }] });
    }
  }
  return figures;
};
