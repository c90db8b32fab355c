// Makes pkg/ of pkg-template/ and the glue folder given, and installs the packed package where the
// demo and the tests import it: what they use is what users will install.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { withShortNames } from './glue.mjs';
import { packed } from './packed.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const glue = resolve(process.argv[2]);
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

// ---- the entries ------------------------------------------------------------------

const wasm = join(glue, 'wireql_bg.wasm');
const names = JSON.parse(readFileSync(join(glue, 'names.json'), 'utf8'));
const glueText = withShortNames(readFileSync(join(glue, 'wireql.js'), 'utf8'), names);
/** The crate's own JavaScript, as the glue imports it: a second copy of a module would have other classes. */
const [, snippets] = /from ['"]\.\/(snippets\/[^/]+)\/src\//.exec(glueText);

// WebAssembly and the JavaScript around it are made for each other: both are told which build they are of.
const bytes = readFileSync(wasm);
const inline = packed(bytes, join(glue, 'pack.wasm'), join(glue, 'unpack.wasm'));
const buildId = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const section = Buffer.from(`\x06wireql${buildId}`);
appendFileSync(wasm, Buffer.concat([Buffer.from([0, section.length]), section]));

/** Numbers that have a name for the reader's sake, as numbers: whoever bundles the package does not see that they are. */
const withNumbers = (text) => {
  const numbers = new Map();
  const rest = text.replace(/^const ([A-Z_]+) = (\d+);\n/gm, (_, name, number) => (numbers.set(name, number), ''));
  // Not those in texts, nor members.
  return rest.replace(/(?<![\w.'"`$])[A-Z_]+(?![\w'"`$])/g, (name) => numbers.get(name) ?? name);
};

const entry = (name, format, options = {}) =>
  build({
    entryPoints: [join(template, `${name}.js`)],
    outfile: join(pkg, `${name}.${format === 'cjs' ? 'cjs' : 'js'}`),
    format,
    bundle: true,
    platform: 'neutral',
    target: 'es2022',
    legalComments: 'none',
    external: ['./wireql.wasm'],
    plugins: [
      {
        name: 'parts',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^#glue$/ }, ({ path }) => ({ path, namespace: 'glue' }));
          onLoad({ filter: /.*/, namespace: 'glue' }, () => ({ contents: glueText, resolveDir: glue }));
          onResolve({ filter: /^#src\// }, ({ path }) => ({ path: join(glue, snippets, path.slice(1)) }));
          onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => ({ contents: withNumbers(readFileSync(path, 'utf8')) }));
          onResolve({ filter: /^#wasm-packed$/ }, ({ path }) => ({ path, namespace: 'wasm-packed' }));
          onLoad({ filter: /.*/, namespace: 'wasm-packed' }, () => ({
            contents: `export default ${JSON.stringify(inline)}`,
          }));
        },
      },
    ],
    ...options,
    define: { BUILD: JSON.stringify(buildId), ...options.define },
  });

const commonJs = {
  define: { 'import.meta.url': 'moduleUrl' },
  // Undefined in a bundle; some bundlers warn of `__filename`.
  banner: { js: 'const moduleUrl = module.filename;' },
};

for (const name of ['index', 'slim', 'web', 'workerd']) await entry(name, 'esm');
for (const name of ['index', 'slim']) {
  await entry(name, 'cjs', commonJs);
  const types = readFileSync(join(template, `${name}.d.ts`), 'utf8');
  writeFileSync(join(pkg, `${name}.d.cts`), types.replaceAll(".js'", ".cjs'"));
}
for (const name of ['index', 'slim', 'web']) cpSync(join(template, `${name}.d.ts`), join(pkg, `${name}.d.ts`));
cpSync(wasm, join(pkg, 'wireql.wasm'));
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
  cpSync(join(root, file), join(pkg, file));
}

// ---- packed and installed as for a user ----------------------------------------------

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
  console.log(`${path.slice(root.length + 1)}: ${kib(bytes.length)}, gzipped ${kib(gzipSync(bytes, { level: 9 }).length)}`);
}
