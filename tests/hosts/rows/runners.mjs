// Test runners: a user's test that runs a subscription, and one with the server for tests.
import { command, documented, folderOf, titled } from '../context.mjs';

const body = (urls, options = '{}') => `
test('the story', async () => {
  expect(await story({ TransportConnectionFailedError, WebSocketTransport }, ...${JSON.stringify(urls)}, ${options})).toBe('done');
});
test('a server for tests', async () => {
  const server = mockServer({ operations: { price: [{ data: { price: 1 } }] } });
  const client = new Client(server.url, { webSocket: server.WebSocket });
  expect(await client.execute('subscription { price }')).toEqual({ data: { price: 1 } });
  expect(await server.waitFor('start')).toMatchObject({ operation: { field: 'price' } });
  await client.close();
  await server.close();
});
`;
const esm = `import { Client, TransportConnectionFailedError, WebSocketTransport } from 'wireql';
import { mockServer } from 'wireql/testing';
import { story } from './story.js';
`;
const cjs = `const { Client, TransportConnectionFailedError, WebSocketTransport } = require('wireql');
const { mockServer } = require('wireql/testing');
const { story } = require('./story.cjs');
`;

const vitest = [
  ['node', esm, '{}'],
  // jsdom's own WebSocket never opens in Vitest: it fires events of Node's class, and finds jsdom's.
  ['jsdom, with the class of ws', `import { WebSocket } from 'ws';\n${esm}`, '{ webSocket: WebSocket }'],
].map(([what, imports, options]) => ({
  name: titled('vitest'),
  what,
  async run(context) {
    const test = imports + body([context.url, context.refused], options);
    context.project({ fixtures: ['story.js'], files: { 'app.test.js': test }, ws: true });
    const [environment] = what.split(',');
    const said = await context.run([...command('vitest'), 'run', '--globals', '--environment', environment]);
    if (!/Tests\s+2 passed/.test(said)) throw new Error(said);
  },
}));

const jest = [
  ['node, CommonJS', 'app.test.cjs', cjs, { testEnvironment: 'node' }],
  ['node, ES modules', 'app.test.mjs', esm, { testEnvironment: 'node' }, { NODE_OPTIONS: '--experimental-vm-modules' }],
  [
    'jsdom, with the setup file of pkg-template/docs/hosts.md',
    'app.test.cjs',
    cjs,
    { testEnvironment: folderOf('jest-environment-jsdom'), setupFiles: ['./decoders.cjs'] },
  ],
].map(([what, file, imports, own, env]) => ({
  name: titled('jest'),
  what,
  async run(context) {
    const files = { [file]: imports + body([context.url, context.refused]), 'decoders.cjs': documented('runners') };
    context.project({ fixtures: ['story.js'], files });
    await context.run([...command('esbuild'), 'story.js', '--format=cjs', '--outfile=story.cjs']);
    // No watchman, no transformation: what is tested is how the package loads.
    const settings = { testMatch: [`**/${file}`], transform: {}, watchman: false, ...own };
    const said = await context.run([...command('jest'), '--config', JSON.stringify(settings)], { env });
    if (!/Tests:\s+2 passed/.test(said)) throw new Error(said);
    return /did not exit.*/.exec(said)?.[0];
  },
}));

export const rows = [...vitest, ...jest];
