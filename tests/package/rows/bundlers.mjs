// Bundlers, each with the settings that a newcomer has, and what they make run in Chromium or Node.
import { chromium, runStory } from '../browsers.mjs';
import { NotTested, command, nodeBinary, titled, tool } from '../context.mjs';

/** The entries of the package, by the fixtures that use them: each bundler has a row for each. */
const entries = [{ label: '', page: 'page.js', cli: 'cli.js' }];

/** A bundler that is content with what it cannot resolve only says so: that is part of the result. */
const warnings = (said) => {
  const lines = said.split('\n').filter((line) => /warn|\(!\)/i.test(line));
  return lines.length > 0 ? `with warnings: ${lines.join('\n')}` : undefined;
};

const html = (src, type) => `<!doctype html>\n<title>app</title>\n<script type="${type}" src="${src}"></script>\n`;

// ---- for browsers -------------------------------------------------------------------

const rollupConfig = {
  'rollup.config.js': `import resolve from '${tool('@rollup/plugin-node-resolve')}';\nexport default { plugins: [resolve({ browser: true })] };\n`,
};

const ofWebpack = (mode) => (page) => [`--mode=${mode}`, `--entry=./${page}`, '--output-path=dist'];

/** Those that take a script and make one, which may be a module or not. */
const ofScripts = [
  ['esbuild', 'esm', (page) => [page, '--bundle', '--format=esm', '--outfile=dist/main.js'], { type: 'module' }],
  ['esbuild', 'iife', (page) => [page, '--bundle', '--format=iife', '--outfile=dist/main.js']],
  ['webpack-cli', 'production', ofWebpack('production'), { title: 'webpack' }],
  ['webpack-cli', 'development', ofWebpack('development'), { title: 'webpack' }],
  ['@rspack/cli', 'production', (page) => ['build', ...ofWebpack('production')(page)], { title: '@rspack/core' }],
  ['rollup', 'with node-resolve', (page) => ['--config', '--input', page, '--file', 'dist/main.js'], { type: 'module', files: rollupConfig }],
  ['rolldown', 'esm', (page) => [page, '--platform', 'browser', '--file', 'dist/main.js'], { type: 'module' }],
  ['bun', 'build', (page) => ['build', page, '--outfile', 'dist/main.js'], { type: 'module' }],
];

const fromScript = (name, what, args, page, { type = 'text/javascript', title = name, files = {} } = {}) => ({
  name: titled(title),
  what: `${what}, in Chromium`,
  async run(context) {
    context.project({ fixtures: ['story.js', page], files });
    const said = await context.run([...command(name), ...args(page)]);
    context.write('dist/index.html', html('./main.js', type));
    await runStory(context, chromium, await context.serveFolder('dist'));
    return warnings(said);
  },
});

const scripts = ofScripts.flatMap(([name, what, args, settings]) => [
  ...entries.map(({ label, page }) => fromScript(name, what + label, args, page, settings)),
  // Rollup and rolldown take `require` by plugins only, or leave it.
  ...(/^ro/.test(name) ? [] : [fromScript(name, `${what}, require`, args, 'page.cjs', settings)]),
]);

/** Those that take a page, and make one. */
const ofPages = [
  ['vite', 'build', ['build']],
  ['vite-7', 'build', ['build']],
  ['parcel', 'build', ['build', 'index.html', '--no-cache', '--dist-dir', 'dist']],
];

const pages = ofPages.flatMap(([name, what, args]) =>
  entries.map(({ label, page }) => ({
    name: titled(name),
    what: `${what}${label}, in Chromium`,
    async run(context) {
      context.project({ fixtures: ['story.js', page], files: { 'index.html': html(`./${page}`, 'module') } });
      const said = await context.run([...command(name), ...args]);
      await runStory(context, chromium, await context.serveFolder('dist'));
      return warnings(said);
    },
  })),
);

const devServers = ['vite', 'vite-7'].flatMap((name) =>
  entries.map(({ label, page }) => ({
    name: titled(name),
    what: `dev server${label}, in Chromium`,
    async run(context) {
      context.project({ fixtures: ['story.js', page], files: { 'index.html': html(`./${page}`, 'module') } });
      const line = [...command(name), '--host', '127.0.0.1', '--port', String(await context.freePort())];
      await runStory(context, chromium, await context.serve(line, /(http:\/\/127\.0\.0\.1:\d+\/)/));
    },
  })),
);

// ---- for Node -------------------------------------------------------------------------

/** The bundle is run where the package is not installed: it has to have everything but `ws`. */
const ofNode = [
  ['esbuild', '--platform=node, cjs', 'out/main.cjs', (cli, out) => [cli, '--bundle', '--platform=node', '--format=cjs', `--outfile=${out}`]],
  ['esbuild', '--platform=node, esm', 'out/main.mjs', (cli, out) => [cli, '--bundle', '--platform=node', '--format=esm', `--outfile=${out}`]],
  ['webpack-cli', '--target=node', 'out/main.cjs', (cli) => ['--mode=production', '--target=node', `--entry=./${cli}`, '--output-path=out', '--output-filename=main.cjs'], 'webpack'],
  ['rolldown', '--platform node', 'out/main.mjs', (cli, out) => [cli, '--platform', 'node', '--file', out]],
  ['bun', 'build --target=node', 'out/main.mjs', (cli, out) => ['build', cli, '--target=node', '--outfile', out]],
];

const inNode = ofNode.flatMap(([name, what, out, args, title = name]) =>
  entries.map(({ label, cli }) => ({
    name: titled(title),
    what: `${what}${label}, in Node 24 and with ws in 20`,
    async run(context) {
      const nodes = [nodeBinary(24), nodeBinary(20)];
      if (nodes.includes(undefined)) throw new NotTested('there are no npm packages of Node for this platform');
      context.project({ fixtures: ['story.js', cli], ws: true });
      const warned = warnings(await context.run([...command(name), ...args(cli, out)]));
      context.remove('node_modules/wireql');
      for (const node of nodes) {
        const said = (await context.run([node, out, context.url, context.refused])).trim();
        if (said !== 'done') throw new Error(said);
      }
      return warned;
    },
  })),
);

export const rows = [...scripts, ...pages, ...devServers, ...inNode];
