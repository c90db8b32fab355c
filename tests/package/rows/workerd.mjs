// workerd, the runtime of Cloudflare Workers, by miniflare. It compiles no WebAssembly from bytes at
// run time: a worker has to bring it as a module. Bundled as wrangler does it.
import { command, titled, tool, toolNode } from '../context.mjs';

/** The entries of the package, by the fixtures that use them. */
const entries = [
  { label: '', worker: 'fetch.js' },
  { label: ', wireql/slim', worker: 'fetch-slim.js' },
];

/** `.wasm` files become modules of their own beside the bundle. */
const bundle = (worker) => [
  ...command('esbuild'),
  worker,
  '--bundle',
  '--format=esm',
  '--conditions=workerd,worker,browser',
  '--loader:.wasm=copy',
  '--outdir=dist',
];

const start = (worker) => `import { Miniflare } from '${tool('miniflare')}';

const miniflare = new Miniflare({
  modules: true,
  modulesRules: [
    { type: 'ESModule', include: ['**/*.js'] },
    { type: 'CompiledWasm', include: ['**/*.wasm'] },
  ],
  rootPath: 'dist',
  scriptPath: '${worker}',
  compatibilityDate: '2026-01-01',
});
const [, , url, refused] = process.argv;
const answer = await miniflare.dispatchFetch(\`http://worker/?\${new URLSearchParams({ url, refused })}\`);
console.log(await answer.text());
await miniflare.dispose();
`;

export const rows = entries.map(({ label, worker }) => ({
  name: `workerd by ${titled('miniflare')}`,
  what: `bundled by esbuild, answering a request${label}`,
  async run(context) {
    context.project({ fixtures: ['story.js', worker], files: { 'start.js': start(worker) } });
    await context.run(bundle(worker));
    const said = (await context.output([toolNode, 'start.js', context.url, context.refused])).trim();
    if (said !== 'done') throw new Error(said);
  },
}));
