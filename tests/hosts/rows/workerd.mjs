// Cloudflare Workers: wrangler bundles a worker and runs it in workerd, which compiles no WebAssembly from
// bytes at run time: a worker has to bring it as a module.
import { command, documented, titled } from '../context.mjs';

/** The entries of the package, by the fixtures that use them. */
const entries = [
  { label: '', worker: 'fetch.js' },
  { label: ', wireql/graphql-ws', worker: 'fetch-graphql-ws.js' },
  { label: ', wireql/slim', worker: 'fetch-slim.js' },
];

/** What the worker answers. */
const ask = async ({ serve, freePort, url, refused }, worker) => {
  const settings = ['--name=app', '--compatibility-date=2026-01-01', '--ip=127.0.0.1', '--inspector-port=0'];
  const line = [...command('wrangler'), 'dev', worker, ...settings, `--port=${await freePort()}`];
  const request = new URL(await serve(line, /Ready on (http:\S+)/));
  request.searchParams.set('url', url);
  request.searchParams.set('refused', refused);
  return (await fetch(request)).text();
};

const stories = entries.map(({ label, worker }) => ({
  name: titled('wrangler'),
  what: `dev${label}: workerd, answering a request`,
  async run(context) {
    context.project({ fixtures: ['story.js', worker] });
    const said = await ask(context, worker);
    if (said !== 'done') throw new Error(said);
  },
}));

const example = {
  name: titled('wrangler'),
  what: 'dev, the example of pkg-template/docs/hosts.md',
  async run(context) {
    context.project({ files: { 'worker.js': documented('workerd', context.url) } });
    const said = await ask(context, 'worker.js');
    if (said !== '{"data":{"hello":"Hello, world!"}}') throw new Error(said);
  },
};

export const rows = [...stories, example];
