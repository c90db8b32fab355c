// What can be said of the package without a host: its types, its list of files, what it weighs.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { command, folderOf, tarball, titled } from '../context.mjs';

const publint = {
  name: titled('publint'),
  what: '--strict, on the tarball',
  async run(context) {
    context.project();
    const said = await context.run([...command('publint'), '--strict', tarball()]).catch(({ message }) => message);
    // What it found comes last.
    if (!said.includes('All good!')) throw new Error(said.split('Linting...').at(-1).trim().replace(/^\w+:\n/, ''));
  },
};

const attw = {
  name: titled('@arethetypeswrong/cli'),
  what: 'on the tarball',
  async run(context) {
    context.project();
    const args = [tarball(), '--no-emoji', '--format', 'table-flipped'];
    // These have one form by nature: WebAssembly, and what finds it by `import.meta.url`.
    await context.run([...command('@arethetypeswrong/cli'), ...args, '--exclude-entrypoints', './wireql.wasm', './web']);
  },
};

// ---- TypeScript -------------------------------------------------------------------------

const resolutions = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
];

const typescript = ['typescript-5', 'typescript'].flatMap((name) =>
  resolutions.map(([module, moduleResolution]) => ({
    name: titled(name),
    what: `--strict, moduleResolution ${moduleResolution}; for a page, for Node`,
    async run(context) {
      // `import x = require()` is no CommonJS for a bundler.
      const files = moduleResolution === 'bundler' ? ['program.mts'] : ['program.mts', 'program.cts'];
      context.project({ fixtures: files });
      const compilerOptions = { strict: true, noEmit: true, target: 'es2022', module, moduleResolution };
      const ofPage = { lib: ['es2022', 'dom'], types: [] };
      const ofNode = { lib: ['es2022'], types: ['node'], typeRoots: [dirname(folderOf('@types/node'))] };
      for (const library of [ofPage, ofNode]) {
        context.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, ...library }, files }));
        await context.run(command(name));
      }
    },
  })),
);

// ---- size and contents --------------------------------------------------------------------

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

/** Bytes, gzipped: an alarm for what nobody noticed. What counts is how long a user waits: `make bench`, page start. */
const BUDGETS = { wireql: 110 * 1024, 'wireql/js': 140 * 1024 };

const sizes = Object.entries(BUDGETS).map(([entry, budget]) => ({
  name: 'size',
  what: `what a bundler ships for \`import { Client } from '${entry}'\``,
  async run(context) {
    context.project({ files: { 'app.js': `export { Client } from '${entry}';\n` } });
    await context.run([...command('esbuild'), 'app.js', '--bundle', '--minify', '--format=esm', '--outfile=dist/app.js']);
    const bundle = readFileSync(join(context.folder, 'dist', 'app.js'));
    const gzip = gzipSync(bundle, { level: 9 }).length;
    const brotli = brotliCompressSync(bundle, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
    if (gzip > budget) throw new Error(`${gzip} bytes gzipped, where ${budget} are the budget: CONTRIBUTING.md says what it is made of`);
    return `${kib(bundle.length)}, gzip -9 ${kib(gzip)}, brotli 11 ${kib(brotli)}`;
  },
}));

/** What the entry costs a program that has the default one, in bytes, gzipped: an alarm as well. */
const ENTRY_BUDGET = 5 * 1024;

const entrySize = {
  name: 'size of wireql/graphql-ws',
  what: 'by itself, and over the default entry',
  async run(context) {
    const client = "export { Client } from 'wireql';\n";
    const createClient = "export { createClient } from 'wireql/graphql-ws';\n";
    context.project({ files: { 'client.js': client, 'create.js': createClient, 'both.js': client + createClient } });
    const sizes = {};
    for (const name of ['client', 'create', 'both']) {
      await context.run([...command('esbuild'), `${name}.js`, '--bundle', '--minify', '--format=esm', `--outfile=dist/${name}.js`]);
      const bundle = readFileSync(join(context.folder, 'dist', `${name}.js`));
      sizes[name] = { raw: bundle.length, gzip: gzipSync(bundle, { level: 9 }).length };
    }
    const { client: alone, create, both } = sizes;
    const more = { raw: both.raw - alone.raw, gzip: both.gzip - alone.gzip };
    if (more.gzip > ENTRY_BUDGET) throw new Error(`${more.gzip} bytes gzipped over the default entry, where ${ENTRY_BUDGET} are the budget`);
    const told = ({ raw, gzip }) => `${kib(raw)}, gzip -9 ${kib(gzip)}`;
    return `by itself ${told(create)}; over the default entry ${told(more)}`;
  },
};

const contents = {
  name: 'npm pack',
  what: 'the list of files; no install script, no dependency',
  async run(context) {
    context.project();
    const [packed] = JSON.parse(await context.output(['npm', 'pack', '--json', '--dry-run', './node_modules/wireql']));
    const manifest = JSON.parse(readFileSync(join(context.folder, 'node_modules', 'wireql', 'package.json'), 'utf8'));
    const forbidden = ['scripts', 'dependencies', 'optionalDependencies', 'bundleDependencies', 'gypfile'].filter((key) => key in manifest);
    if (forbidden.length > 0) throw new Error(`its package.json has ${forbidden.join(', ')}`);
    const list = packed.files.map(({ path, size: bytes }) => `${path} ${kib(bytes)}`);
    return [`${packed.files.length} files, ${kib(packed.size)} packed, ${kib(packed.unpackedSize)} unpacked`, ...list].join('\n');
  },
};

export const rows = [publint, attw, ...typescript, ...sizes, entrySize, contents];
