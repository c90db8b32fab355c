// Makes pkg/ from pkg-template/ and the output of wasm-bindgen in target/glue, and installs the packed package
// where the demo and the tests import it: they use what users will install.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { writeDeclarations } from './declarations.mjs';
import { thirdPartyLicenses } from './licenses.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const glue = join(root, 'target', 'glue');
const wasm2js = join(root, 'target', 'wasm2js');
const template = join(root, 'pkg-template');
const pkg = join(root, 'pkg');

rmSync(pkg, { recursive: true, force: true });
mkdirSync(pkg);

// ---- package.json: what Cargo.toml says, it says once ---------------------------

const metadata = JSON.parse(
  execFileSync('cargo', ['metadata', '--format-version=1', '--no-deps', '--locked'], { cwd: root }),
);
const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
const crate = metadata.packages.find(({ name }) => name === manifest.name);
if (!crate) throw new Error(`pkg-template names the package ${manifest.name}, which is no crate here`);
const { version, description, license, keywords } = crate;
const repository = { type: 'git', url: `git+${crate.repository}.git` };
const { name, ...rest } = manifest;
writeFileSync(
  join(pkg, 'package.json'),
  `${JSON.stringify({ name, version, description, license, repository, keywords, ...rest }, null, 2)}\n`,
);

// ---- JavaScript ------------------------------------------------------------------

for (const project of [template, join(template, 'src', 'cli')]) {
  execFileSync(process.execPath, [join(root, 'scripts/node_modules/typescript/bin/tsc'), '--project', project], {
    stdio: 'inherit',
  });
}

const wasm = join(glue, 'wireql_bg.wasm');
/** WebAssembly and the JavaScript around it are made for each other, so both know which build they belong to. */
const [buildId] = WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(wasm)), 'wireql');
if (buildId === undefined) throw new Error(`${wasm} has no custom section \`wireql\`, which names the build`);

/** wasm-bindgen's glue imports copies of the crate's JavaScript; two copies of a module would have two states. */
const originals = {
  name: 'originals of the snippets',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/snippets\/[^/]+\/src\// }, ({ path }) => ({
      path: join(root, path.replace(/^\.\/snippets\/[^/]+\//, '')),
    }));
  },
};

/** WebAssembly as hexadecimal text, of which gzip makes a sixth less than of base64. */
const inline = {
  name: 'inline WebAssembly',
  setup({ onResolve, onLoad }) {
    // Comments in the bundle name the path.
    onResolve({ filter: /^#wasm-hex$/ }, () => ({ path: 'wireql.wasm', namespace: 'hex' }));
    onLoad({ filter: /.*/, namespace: 'hex' }, () => ({ contents: readFileSync(wasm, 'hex'), loader: 'text' }));
  },
};

/** What an entry imports from another one is not bundled a second time: a program that imports both has one core. */
const beside = (file) => ({
  name: 'another entry',
  setup({ onResolve }) {
    onResolve({ filter: /\/entries\/index\.js$/ }, () => ({ path: `./${file}`, external: true }));
  },
});

const extension = { esm: 'js', cjs: 'cjs' };

const bundle = (from, to, options) =>
  build({
    entryPoints: [from],
    outfile: to,
    format: 'esm',
    bundle: true,
    platform: 'neutral',
    target: 'es2022',
    legalComments: 'none',
    ...options,
  });

const injected = (...names) => names.map((name) => join(template, 'src', `${name}.ts`));

const entry = (name, format, options) =>
  bundle(join(template, 'entries', `${name}.ts`), join(pkg, `${name}.${extension[format]}`), {
    format,
    alias: { '#glue': join(glue, 'wireql.js') },
    external: ['./wireql.wasm'],
    inject: injected('timers', 'text-coders'),
    plugins: [originals, inline],
    ...options,
    define: { BUILD: JSON.stringify(new TextDecoder().decode(buildId)), ...options?.define },
  });

const adapters = ['apollo', 'urql', 'relay', 'react'];
const libraries = Object.keys(manifest.peerDependencies).flatMap((name) => [name, `${name}/*`]);

const commonJs = {
  define: { 'import.meta.url': 'moduleUrl' },
  // Undefined in a bundle; some bundlers warn of `__filename`.
  banner: { js: 'const moduleUrl = module.filename;' },
};

for (const name of ['index', 'slim', 'web', 'workerd']) await entry(name, 'esm');
for (const name of ['index', 'slim']) await entry(name, 'cjs', commonJs);
for (const [file, format, other] of [
  ['graphql-ws.js', 'esm', 'index.js'],
  ['graphql-ws.cjs', 'cjs', 'index.cjs'],
  ['graphql-ws.workerd.js', 'esm', 'workerd.js'],
  ['graphql-ws.react-native.js', 'esm', 'js.js'],
  ['graphql-ws.react-native.cjs', 'cjs', 'js.cjs'],
]) {
  await entry('graphql-ws', format, { outfile: join(pkg, file), plugins: [beside(other)] });
}
// These take a client of any entry: with them comes nothing of the core.
for (const name of adapters) {
  for (const format of ['esm', 'cjs']) await entry(name, format, { external: libraries, inject: [] });
}
// It is a server: with it comes nothing of the core either.
await entry('testing', 'esm', { inject: [] });
await entry('testing', 'cjs', { ...commonJs, inject: [] });

// ---- JavaScript alone: `wireql/js` -----------------------------------------------

/** The core imports the glue as this file, beside which it lies. */
const jsGlue = join(wasm2js, 'wireql_bg.js');
// By itself, as these stand-ins are for the glue and nothing else. The crate's JavaScript is bundled below.
await bundle(join(template, 'src/js/glue.ts'), jsGlue, {
  alias: { '#bindgen': join(wasm2js, 'bindgen', 'wireql_bg.js') },
  inject: injected('js/globals'),
  external: ['./snippets/*'],
});

/** As wasm2js writes it, a half of it would be white space. */
const core = join(wasm2js, 'core.min.js');
await build({ entryPoints: [join(wasm2js, 'core.js')], outfile: core, minify: true });

const js = {
  alias: { '#glue': jsGlue, '#js-glue': jsGlue, '#core': core },
  inject: injected('timers', 'js/text-coders', 'js/weak-ref'),
  // Where bundlers do not know it (Metro); what it is for is found without it.
  define: { 'import.meta.url': 'undefined' },
};
await entry('js', 'esm', js);
await entry('js', 'cjs', js);

// ---- the command -------------------------------------------------------------------

/** The demo's server comes with what it needs, so that `npx wireql` runs without another installation. */
const server = join(root, 'tests', 'servers', 'demo');

/** What the command imports of the package stands beside it. */
const besides = {
  name: 'entries beside the command',
  setup({ onResolve }) {
    onResolve({ filter: /^wireql(\/|$)/ }, ({ path }) => ({ path: `./${path.split('/')[1] ?? 'index'}.cjs`, external: true }));
  },
};

await build({
  entryPoints: [join(template, 'src', 'cli', 'main.ts')],
  outfile: join(pkg, 'cli.cjs'),
  format: 'cjs',
  bundle: true,
  minify: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  target: 'node20',
  legalComments: 'none',
  alias: { '#demo-server': join(server, 'server.mjs') },
  nodePaths: [join(server, 'node_modules')],
  plugins: [besides],
  // `ws` does without them.
  external: ['bufferutil', 'utf-8-validate'],
  define: { VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' },
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync(join(pkg, 'cli.cjs'), 0o755);

// ---- types -------------------------------------------------------------------------

await writeDeclarations(template, pkg, ['index', 'slim', 'web', 'js', 'graphql-ws', 'testing', ...adapters]);
for (const name of ['index', 'slim', 'js', 'graphql-ws', 'testing', ...adapters]) {
  const types = readFileSync(join(pkg, `${name}.d.ts`), 'utf8');
  writeFileSync(join(pkg, `${name}.d.cts`), types.replaceAll(".js'", ".cjs'"));
}

// ---- all else ------------------------------------------------------------------------

cpSync(wasm, join(pkg, 'wireql.wasm'));
for (const file of ['CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(root, file), join(pkg, file));
writeFileSync(join(pkg, 'THIRD-PARTY-LICENSES'), thirdPartyLicenses(root, server));
// In the package the pages are in docs/, and what else they refer to is in the repository alone.
const inPackage = (text, up) =>
  text
    .replaceAll('](pkg-template/', '](')
    .replaceAll(`](${up}../README.md`, `](${up}README.md`)
    .replace(/\]\((?:\.\.\/)*(CONTRIBUTING\.md|tests\/[^)]*)\)/g, `](${crate.repository}/blob/main/$1)`);
writeFileSync(join(pkg, 'README.md'), inPackage(readFileSync(join(root, 'README.md'), 'utf8'), ''));
const docs = join(template, 'docs');
mkdirSync(join(pkg, 'docs'));
for (const page of readdirSync(docs)) {
  writeFileSync(join(pkg, 'docs', page), inPackage(readFileSync(join(docs, page), 'utf8'), '../'));
}

// ---- packed, and installed as for a user ---------------------------------------------

const target = join(root, 'target');
const [archive] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: pkg,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
);
for (const user of ['scripts', 'tests']) {
  const modules = join(root, user, 'node_modules');
  if (!existsSync(modules)) continue;
  const installed = join(modules, name);
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  execFileSync('tar', ['-xzf', join(target, archive.filename), '-C', installed, '--strip-components=1']);
}

// ---- what it weighs --------------------------------------------------------------------

for (const path of [join(glue, 'wireql_bg.wasm'), join(pkg, 'index.js')]) {
  const bytes = readFileSync(path);
  const kib = (count) => `${(count / 1024).toFixed(1)} KiB`;
  console.log(`${path.slice(root.length + 1)}, not minified: ${kib(bytes.length)}, gzipped ${kib(gzipSync(bytes, { level: 9 }).length)}`);
}
