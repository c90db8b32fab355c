// Pages and workers of every browser there is, and pages that forbid WebAssembly.
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
  {
    what: 'page, import map',
    make({ project }) {
      project({
        fixtures: ['story.js', 'page.js'],
        files: {
          'index.html': html(`<script type="importmap">{ "imports": { "wireql": "./node_modules/wireql/index.js" } }</script>
<script type="module" src="./page.js"></script>`),
        },
      });
    },
    folder: '.',
  },
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

const withPolicy = async (context, browser, policy) => {
  context.project({
    fixtures: ['story.js', 'page.js'],
    files: { 'dist/index.html': html('<script type="module" src="./main.js"></script>') },
  });
  await bundle(context, 'page.js', 'esm');
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
    what: "script-src 'self': the error says what to add",
    async run(context) {
      const { message } = await withPolicy(context, browser, "script-src 'self'").catch((error) => error) ?? {};
      if (!message?.includes('wasm-unsafe-eval')) throw new Error(`no word about wasm-unsafe-eval: ${message}`);
      return message;
    },
  },
]);

export const rows = [...inBrowsers, ...policies];
