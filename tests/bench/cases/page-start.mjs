// How long a page takes from the navigation to its first result, with empty caches.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from '../bundle.mjs';
import { launch, loadCold, noChromium, profiles } from '../cold.mjs';
import { startFlood } from '../flood.mjs';
import { small } from '../frames.mjs';
import { check } from '../harness.mjs';

export const title = 'a page that wants one result';
export const about = `
What a first visit costs: the time from the navigation to the first result of a subscription, in Chromium with empty
caches, and the longest task of the page's main thread meanwhile, the browser's own set-up of the document excluded.
The page loads one bundle, minified by esbuild and served gzipped from the same machine. Profile "mobile" has a
processor 4 times slower, 10 Mbit/s and 40 ms of latency. wireql/web is the entry whose WebAssembly is a separate
file, which the page preloads. Every load is traced, which adds a few percent to all times.`;
export const absent = ['Apollo Client and urql run over graphql-ws', 'Python gql does not run there'];

const applications = [
  { name: 'wireql', path: '/wireql/', client: 'wireql.mjs' },
  { name: 'graphql-ws', path: '/graphql-ws/', client: 'graphql-ws.mjs' },
  { name: 'wireql/js', path: '/wireql-js/', client: 'wireql-js.mjs' },
  { name: 'wireql/web', path: '/wireql-web/', client: 'wireql-web.mjs', wasm: true },
];

const preload = '<link rel="preload" href="wireql.wasm" as="fetch" type="application/wasm" crossorigin>';

/** The icon keeps the browser from requesting one. */
const html = (wasm) => `<!doctype html><title>bench</title><link rel="icon" href="data:,">${wasm ? preload : ''}
<script type="module" src="script.js"></script>`;

/** The files of an application by path: type, and gzipped content. */
const filesOf = async ({ path, client, wasm }) => ({
  [path]: ['text/html; charset=utf-8', gzipSync(html(wasm))],
  [`${path}script.js`]: ['text/javascript; charset=utf-8', gzipSync(await bundle('page-start.mjs', client))],
  ...(wasm && {
    [`${path}wireql.wasm`]: [
      'application/wasm',
      gzipSync(readFileSync(fileURLToPath(import.meta.resolve('wireql/wireql.wasm')))),
    ],
  }),
});

/** Serves the files on loopback. Gives the server's address. */
const serve = async (files) => {
  const server = createServer(({ url }, response) => {
    const [type, content] = files[new URL(url, 'http://localhost').pathname] ?? [];
    if (!type) return response.writeHead(404).end();
    return response
      .writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', 'content-length': content.length })
      .end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
};

export const groups = async ({ quick }) => {
  const built = await Promise.all(applications.map(filesOf));
  const address = await serve(Object.assign({}, ...built));
  const { url } = await startFlood();
  const browser = noChromium ? undefined : await launch();
  const load = (path, profile) => async () => {
    const page = `${address}${path}?url=${encodeURIComponent(url)}`;
    const { said, longestTask } = await loadCold(browser, page, { profile, mark: 'first result' });
    const { result, took } = JSON.parse(said);
    check('the result', small.read(result), 100_000);
    return [took, longestTask];
  };
  return [
    {
      warmups: 0,
      rounds: 1,
      figures: [{ label: 'transferred, gzipped', unit: 'bytes' }],
      contenders: applications.map(({ name }, index) => ({
        name,
        round: () => Object.values(built[index]).reduce((sum, [, content]) => sum + content.length, 0),
      })),
    },
    ...Object.entries(profiles).map(([label, profile]) => ({
      rounds: quick ? 1 : 15,
      figures: [
        { label: `${label}: navigation to first result`, unit: 'ms' },
        { label: `${label}: longest task`, unit: 'ms' },
      ],
      contenders: applications.map(({ name, path }) => ({ name, why: noChromium, round: load(path, profile) })),
    })),
  ];
};
