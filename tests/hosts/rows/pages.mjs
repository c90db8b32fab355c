// Pages and workers of every browser there is, and pages that forbid WebAssembly.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { browsers, runStory } from '../browsers.mjs';
import { command } from '../context.mjs';

const html = (script) => `<!doctype html>\n<title>app</title>\n${script}\n`;

/** Hands the story to a worker, and its answer to the page. */
const viaWorker = (start, port) =>
  html(`<script type="module">
globalThis.runStory = (...urls) =>
  new Promise((resolve) => {
    const worker = ${start};
    worker.onerror = ({ message }) => resolve(\`the worker failed: \${message}\`);
    ${port}.onmessage = ({ data }) => resolve(data);
    ${port}.postMessage(urls);
  });
</script>`);

const bundle = ({ run }, entry, format) =>
  run([...command('esbuild'), entry, '--bundle', `--format=${format}`, '--outfile=dist/main.js']);

/** Each is made in `dist/` of the row's project. */
const kinds = [
  ...[
    ['page, import map', 'wireql', 'index.js', ['page.js']],
    ['page, import map, wireql/js', 'wireql/js', 'js.js', ['page-js.js']],
    ['page, import map, wireql/web', 'wireql/web', 'web.js', ['page-web.js', 'page-file.js']],
  ].map(([what, specifier, entry, [page, ...others]]) => ({
    what,
    make({ project }) {
      const imports = { [specifier]: `./node_modules/wireql/${entry}` };
      project({
        fixtures: ['story.js', page, ...others],
        files: {
          'index.html': html(`<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="./${page}"></script>`),
        },
      });
    },
    folder: '.',
  })),
  ...[
    ['dedicated worker, module', 'esm', "new Worker('./main.js', { type: 'module' })", 'worker'],
    ['dedicated worker, classic', 'iife', "new Worker('./main.js')", 'worker'],
    ['SharedWorker, module', 'esm', "new SharedWorker('./main.js', { type: 'module' })", 'worker.port'],
    ['SharedWorker, classic', 'iife', "new SharedWorker('./main.js')", 'worker.port'],
  ].map(([what, format, start, port]) => ({
    what,
    folder: 'dist',
    async make(context) {
      context.project({ fixtures: ['story.js', 'worker.js'], files: { 'dist/index.html': viaWorker(start, port) } });
      await bundle(context, 'worker.js', format);
    },
  })),
];

const inBrowsers = browsers.flatMap((browser) =>
  kinds.map(({ what, folder, make }) => ({
    name: browser.name,
    what,
    async run(context) {
      await make(context);
      await runStory(context, browser, await context.serveFolder(folder));
    },
  })),
);

// ---- Content-Security-Policy ------------------------------------------------------------

const withPolicy = async (context, browser, policy, page = 'page.js') => {
  context.project({
    fixtures: ['story.js', 'page-file.js', page],
    files: { 'dist/index.html': html('<script type="module" src="./main.js"></script>') },
  });
  await bundle(context, page, 'esm');
  cpSync(join(context.folder, 'node_modules/wireql/wireql.wasm'), join(context.folder, 'dist/wireql.wasm'));
  await runStory(context, browser, await context.serveFolder('dist', { 'content-security-policy': policy }));
};

const policies = browsers.flatMap((browser) => [
  {
    name: `${browser.name} with a Content-Security-Policy`,
    what: "script-src 'self' 'wasm-unsafe-eval'",
    run: (context) => withPolicy(context, browser, "script-src 'self' 'wasm-unsafe-eval'"),
  },
  {
    name: `${browser.name} with a Content-Security-Policy`,
    what: "wireql/web, nothing allowed but script-src as before and connect-src 'self' ws://…",
    run(context) {
      const servers = [context.url, context.refused].map((url) => new URL(url).origin).join(' ');
      const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${servers}`;
      return withPolicy(context, browser, policy, 'page-web.js');
    },
  },
  {
    name: `${browser.name} with a Content-Security-Policy`,
    what: "script-src 'self': the error says both ways out",
    async run(context) {
      const { message } = await withPolicy(context, browser, "script-src 'self'").catch((error) => error) ?? {};
      for (const way of ['wasm-unsafe-eval', 'wireql/js']) {
        if (!message?.includes(way)) throw new Error(`no word about ${way}: ${message}`);
      }
      return message;
    },
  },
  {
    name: `${browser.name} with a Content-Security-Policy`,
    what: "wireql/js, script-src 'self'",
    run: (context) => withPolicy(context, browser, "script-src 'self'", 'page-js.js'),
  },
]);

export const rows = [...inBrowsers, ...policies];
