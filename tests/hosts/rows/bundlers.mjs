// Bundlers, each with the settings that a newcomer has, and what they make run in Chromium or Node.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, runStory } from '../browsers.mjs';
import { NotTested, command, nodeBinary, titled, tool } from '../context.mjs';

/**
 * The entries of the package, by the fixtures that use them: each bundler has a row for `wireql`, `wireql/js` and
 * `wireql/graphql-ws`, without any setting, and for the others if it says how it does them: by which `args`, by which
 * `files`, and for `wireql/slim` by which module it learns where the `.wasm` is, or what is in it.
 */
const entriesOf = (fixture, { slim, web }) => [
  { label: '', file: `${fixture}.js`, fixtures: ['story.js'], files: {}, args: [] },
  { label: ', wireql/js', file: `${fixture}-js.js`, fixtures: ['story.js'], files: {}, args: [] },
  { label: ', wireql/graphql-ws', file: `${fixture}-graphql-ws.js`, fixtures: ['story.js'], files: {}, args: [] },
  ...Object.entries({ slim, web })
    .filter(([, way]) => way !== undefined)
    .map(([entry, { label = '', wasm, files, args = [], copied = false }]) => ({
      label: `, wireql/${entry}${label}`,
      file: `${fixture}-${entry}.js`,
      fixtures: ['story.js', ...(fixture === 'page' ? ['page-file.js'] : [])],
      files: { ...files, ...(wasm && { 'wasm.js': wasm }) },
      args,
      copied,
    })),
];

// The ways in which bundlers take a file of a package as it is.
const imported = "export { default as wasm } from 'wireql/wireql.wasm';\n";
const byUrl = "export const wasm = new URL('wireql/wireql.wasm', import.meta.url);\n";
const read = (what) => `import { readFile } from 'node:fs/promises';\n${what}`;
/** Those that leave `new URL('./wireql.wasm', import.meta.url)` as it is. */
const besideBundle = { label: ', copied beside the bundle', copied: true };

/** A bundler that is content with what it cannot resolve only says so: that is part of the result. */
const warnings = (said) => {
  const lines = said.split('\n').filter((line) => /warn|\(!\)/i.test(line));
  return lines.length > 0 ? `with warnings: ${lines.join('\n')}` : undefined;
};

const html = (src, type) => `<!doctype html>\n<title>app</title>\n<script type="${type}" src="${src}"></script>\n`;

// ---- for browsers -------------------------------------------------------------------

/** Plugins by their import, where it is from, and their call. */
const rollupConfig = (...more) => ({
  'rollup.config.js': () => {
    const plugins = [['resolve', '@rollup/plugin-node-resolve', 'resolve({ browser: true })'], ...more];
    const imports = plugins.map(([plugin, from]) => `import ${plugin} from '${tool(from)}';\n`);
    return `${imports.join('')}export default { plugins: [${plugins.map(([, , call]) => call)}] };\n`;
  },
});
const rollup = {
  type: 'module',
  files: rollupConfig(),
  slim: {
    label: ', with plugin-url',
    wasm: imported,
    files: rollupConfig(['url', '@rollup/plugin-url', "url({ include: '**/*.wasm', limit: 0 })"]),
  },
  web: {
    label: ', with import-meta-assets',
    files: rollupConfig(['{ importMetaAssets }', '@web/rollup-plugin-import-meta-assets', 'importMetaAssets()']),
  },
};

const resolvingUrls = {
  label: ', with resolveNewUrlToAsset',
  args: ['--config'],
  files: { 'rolldown.config.js': 'export default { experimental: { resolveNewUrlToAsset: true } };\n' },
};

const ofWebpack = (mode) => (page) => [`--mode=${mode}`, `--entry=./${page}`, '--output-path=dist'];
const webpack = { title: 'webpack', slim: { wasm: byUrl }, web: {} };

/** Those that take a script and make one, which may be a module or not; one that is not has no `import.meta.url`. */
const ofScripts = [
  ['esbuild', 'esm', (page) => [page, '--bundle', '--format=esm', '--outfile=dist/main.js'], {
    type: 'module',
    slim: { wasm: imported, args: ['--loader:.wasm=file'] },
    web: besideBundle,
  }],
  ['esbuild', 'iife', (page) => [page, '--bundle', '--format=iife', '--outfile=dist/main.js'], {
    slim: { wasm: imported, args: ['--loader:.wasm=file'] },
  }],
  ['webpack-cli', 'production', ofWebpack('production'), webpack],
  ['webpack-cli', 'development', ofWebpack('development'), webpack],
  ['@rspack/cli', 'production', (page) => ['build', ...ofWebpack('production')(page)], { ...webpack, title: '@rspack/core' }],
  ['rollup', 'with node-resolve', (page) => ['--config', '--input', page, '--file', 'dist/main.js'], rollup],
  ['rolldown', 'esm', (page) => [page, '--platform', 'browser', '--file', 'dist/main.js'], {
    type: 'module',
    slim: { wasm: imported, args: ['--module-types', '.wasm:asset'] },
    web: resolvingUrls,
  }],
  ['bun', 'build', (page) => ['build', page, '--outdir', 'dist', '--entry-naming', 'main.js'], {
    type: 'module',
    slim: { wasm: imported },
    web: besideBundle,
  }],
];

const fromScript = (name, what, args, { type = 'text/javascript', title = name, files }, entry) => ({
  name: titled(title),
  what: `${what}${entry.label}, in Chromium`,
  async run(context) {
    context.project({ fixtures: [...entry.fixtures, entry.file], files: { ...files, ...entry.files } });
    const said = await context.run([...command(name), ...args(entry.file), ...entry.args]);
    context.write('dist/index.html', html('./main.js', type));
    if (entry.copied) cpSync(join(context.folder, 'node_modules/wireql/wireql.wasm'), join(context.folder, 'dist/wireql.wasm'));
    await runStory(context, chromium, await context.serveFolder('dist'));
    return warnings(said);
  },
});

/** CommonJS of the user's. Rollup and rolldown take `require` by plugins only, or leave it. */
const required = { label: ', require', file: 'page.cjs', fixtures: ['story.js'], args: [] };

const scripts = ofScripts.flatMap(([name, what, args, settings]) =>
  [...entriesOf('page', settings), ...(/^ro/.test(name) ? [] : [required])].map((entry) =>
    fromScript(name, what, args, settings, entry),
  ),
);

const vite = { slim: { wasm: "export { default as wasm } from 'wireql/wireql.wasm?url';\n" }, web: {} };

/** Those that take a page, and make one. */
const ofPages = [
  ['vite', 'build', ['build'], vite],
  ['vite-7', 'build', ['build'], vite],
  ['parcel', 'build', ['build', 'index.html', '--no-cache', '--dist-dir', 'dist'], {
    slim: { wasm: "export { default as wasm } from 'url:wireql/wireql.wasm';\n" },
    web: {},
  }],
];

const ofPage = ({ project }, { file, fixtures, files }) =>
  project({ fixtures: [...fixtures, file], files: { ...files, 'index.html': html(`./${file}`, 'module') } });

const pages = ofPages.flatMap(([name, what, args, settings]) =>
  entriesOf('page', settings).map((entry) => ({
    name: titled(name),
    what: `${what}${entry.label}, in Chromium`,
    async run(context) {
      ofPage(context, entry);
      const said = await context.run([...command(name), ...args]);
      await runStory(context, chromium, await context.serveFolder('dist'));
      return warnings(said);
    },
  })),
);

// Vite 7 moves dependencies for its dev server, and leaves `wireql.wasm` where it was; Vite 8 minds it.
const excluded = {
  label: ', with optimizeDeps.exclude',
  files: { 'vite.config.js': "export default { optimizeDeps: { exclude: ['wireql'] } };\n" },
};

const devServers = [
  ['vite', vite],
  ['vite-7', { ...vite, web: excluded }],
].flatMap(([name, settings]) =>
  entriesOf('page', settings).map((entry) => ({
    name: titled(name),
    what: `dev server${entry.label}, in Chromium`,
    async run(context) {
      ofPage(context, entry);
      const line = [...command(name), '--host', '127.0.0.1', '--port', String(await context.freePort())];
      await runStory(context, chromium, await context.serve(line, /(http:\/\/127\.0\.0\.1:\d+\/)/));
    },
  })),
);

// ---- for Node -------------------------------------------------------------------------

// Its target is the newest of everything, unless it is told.
const ofEsbuild = { slim: { wasm: imported, args: ['--loader:.wasm=binary', '--target=node20'] } };

/**
 * The bundle is run where the package is not installed: it has to have everything but `ws`. There is no row
 * for `wireql/web`, as Node's `fetch` fetches no file.
 */
const ofNode = [
  ['esbuild', '--platform=node, cjs', 'out/main.cjs', (cli, out) => [cli, '--bundle', '--platform=node', '--format=cjs', `--outfile=${out}`], ofEsbuild],
  ['esbuild', '--platform=node, esm', 'out/main.mjs', (cli, out) => [cli, '--bundle', '--platform=node', '--format=esm', `--outfile=${out}`], ofEsbuild],
  ['webpack-cli', '--target=node', 'out/main.cjs', (cli) => ['--mode=production', '--target=node', `--entry=./${cli}`, '--output-path=out', '--output-filename=main.cjs'], {
    title: 'webpack',
    slim: { wasm: read("export const wasm = readFile(new URL('wireql/wireql.wasm', import.meta.url));\n") },
  }],
  ['rolldown', '--platform node', 'out/main.mjs', (cli, out) => [cli, '--platform', 'node', '--file', out], {
    slim: { wasm: imported, args: ['--module-types', '.wasm:binary'] },
  }],
  ['bun', 'build --target=node', 'out/main.mjs', (cli) => ['build', cli, '--target=node', '--outdir', 'out', '--entry-naming', 'main.mjs'], {
    slim: { wasm: read("import path from 'wireql/wireql.wasm';\nexport const wasm = readFile(new URL(path, import.meta.url));\n") },
  }],
];

const inNode = ofNode.flatMap(([name, what, out, args, { title = name, ...ways }]) =>
  entriesOf('cli', ways).map(({ label, file, fixtures, files, args: more }) => ({
    name: titled(title),
    what: `${what}${label}, in Node 24 and with ws in 20`,
    async run(context) {
      const nodes = [nodeBinary(24), nodeBinary(20)];
      if (nodes.includes(undefined)) throw new NotTested('there are no npm packages of Node for this platform');
      context.project({ fixtures: [...fixtures, file], files, ws: true });
      const warned = warnings(await context.run([...command(name), ...args(file, out), ...more]));
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
