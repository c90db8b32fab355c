// Cloudflare Workers: wrangler bundles a worker and runs it in workerd, which compiles no WebAssembly from
// bytes at run time: a worker has to bring it as a module.
import { command, titled } from '../context.mjs';

/** The entries of the package, by the fixtures that use them. */
const entries = [
  { label: '', worker: 'fetch.js' },
  { label: ', wireql/slim', worker: 'fetch-slim.js' },
];

export const rows = entries.map(({ label, worker }) => ({
  name: titled('wrangler'),
  what: `dev${label}: workerd, answering a request`,
  async run(context) {
    context.project({ fixtures: ['story.js', worker] });
    const settings = ['--name=app', '--compatibility-date=2026-01-01', '--ip=127.0.0.1', '--inspector-port=0'];
    const line = [...command('wrangler'), 'dev', worker, ...settings, `--port=${await context.freePort()}`];
    const url = new URL(await context.serve(line, /Ready on (http:\S+)/));
    url.searchParams.set('url', context.url);
    url.searchParams.set('refused', context.refused);
    const said = await (await fetch(url)).text();
    if (said !== 'done') throw new Error(said);
  },
}));
