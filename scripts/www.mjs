// `make www`: serves the page in www/ with the built package, and a GraphQL server to try it on.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { startServer } from '../tests/servers/demo/server.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
};

/** Where a path of the page's lies: the package under `wireql/`, all else in `www/`. */
const fileOf = (pathname) => {
  const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html');
  if (path === '/uPlot.css') return join(root, 'scripts/node_modules/uplot/dist/uPlot.min.css');
  return path.startsWith('/wireql/') ? join(root, 'pkg', path.slice('/wireql'.length)) : join(root, 'www', path);
};

/** The page's script with its editor and its charts; the package stays a file of its own. */
const bundle = async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'www/page.js')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    external: ['wireql'],
    nodePaths: [join(root, 'scripts/node_modules')],
  });
  return outputFiles[0].contents;
};

/** Starts both servers on loopback; a port 0 is any free one. */
export async function startPage({ port = 0, graphqlPort = 0 } = {}) {
  const graphql = await startServer({ port: graphqlPort });
  const script = await bundle();
  let isCut = false;
  graphql.sockets.options.verifyClient = () => !isCut;
  const server = createServer(async ({ method, url }, response) => {
    try {
      const { pathname } = new URL(url, 'http://localhost');
      // The page asks for it, to show what becomes of operations whose connection is lost.
      if (method === 'POST' && ['/cut', '/restore'].includes(pathname)) {
        isCut = pathname === '/cut';
        if (isCut) for (const socket of graphql.sockets.clients) socket.terminate();
        response.writeHead(204).end();
        return;
      }
      if (pathname === '/page.js') {
        response.writeHead(200, { 'content-type': types['.js'], 'cache-control': 'no-store' }).end(script);
        return;
      }
      if (pathname === '/server.json') {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ url: graphql.url }));
        return;
      }
      const file = fileOf(pathname);
      const content = await readFile(file);
      response
        .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-store' })
        .end(content);
    } catch {
      response.writeHead(404).end('not found\n');
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    graphql,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await graphql.close();
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { PORT: port = 8080, GRAPHQL_PORT: graphqlPort = 4000 } = process.env;
  try {
    const page = await startPage({ port: Number(port), graphqlPort: Number(graphqlPort) });
    console.log(`the page: ${page.url}\na GraphQL server for it: ${page.graphql.url}\nCtrl-C ends both`);
    process.once('SIGINT', () => page.close());
  } catch (error) {
    console.error(`${error.message}. Other ports: make www PORT=… GRAPHQL_PORT=… (0 is any free one)`);
    process.exit(1);
  }
}
