// Hosts without a page: the package as it is installed, without a bundler.
import { execFileSync } from 'node:child_process';
import { arch, platform } from 'node:os';
import { NotTested, command, nodeBinary, titled } from '../context.mjs';

/** Runs the story by a host's command line. */
const story = async ({ run, url, refused }, line) => {
  const said = (await run([...line, url, refused])).trim();
  if (said !== 'done') throw new Error(said);
};

const bytes = `import { readFile } from 'node:fs/promises';
export const wasm = readFile(new URL(import.meta.resolve('wireql/wireql.wasm')));
`;
const ways = [
  ['import', 'cli.js'],
  ['require', 'cli.cjs'],
  ['import of wireql/graphql-ws', 'cli-graphql-ws.js'],
  ['import of wireql/slim', 'cli-slim.js', { 'wasm.js': bytes }],
];

const inNode = (major) => {
  const node = nodeBinary(major);
  const name = node === undefined ? `Node ${major}` : `Node ${execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()}`;
  const ws = major < 22;
  return ways.map(([way, file, files]) => ({
    name,
    what: ws ? `${way}, with ws` : way,
    async run(context) {
      if (node === undefined) throw new NotTested(`there is no npm package of it for ${platform()} ${arch()}`);
      context.project({ fixtures: ['story.js', file], files, ws });
      await story(context, [node, file]);
    },
  }));
};

/** The host's WebSocket is missing: the error has to say what to do. */
const withoutWebSocket = {
  name: 'Node 20 without ws',
  what: 'the error names what is missing',
  async run(context) {
    const node = nodeBinary(20);
    if (node === undefined) throw new NotTested(`there is no npm package of it for ${platform()} ${arch()}`);
    context.project({ fixtures: ['story.js', 'cli.js'] });
    const error = await context.run([node, 'cli.js', context.url, context.refused]).catch((reason) => reason);
    const [message] = /^\w*Error: .*$/m.exec(error.message ?? '') ?? [];
    if (!/`?ws\b/.test(message ?? '')) throw new Error(`no word about ws: ${error.message ?? error}`);
    return message;
  },
};

const inDeno = ways.map(([way, file, files]) => ({
  name: titled('deno'),
  what: way,
  async run(context) {
    context.project({ fixtures: ['story.js', file], files });
    // No permission that the row does not need itself: the package shall ask for none.
    const permissions = ['--allow-net=127.0.0.1', ...(files ? ['--allow-read=.'] : [])];
    await story(context, [...command('deno'), 'run', '--no-prompt', ...permissions, file]);
  },
}));

const inBun = ways.map(([way, file, files]) => ({
  name: titled('bun'),
  what: way,
  async run(context) {
    context.project({ fixtures: ['story.js', file], files });
    await story(context, [...command('bun'), file]);
  },
}));

export const rows = [...[20, 22, 24, 26].flatMap(inNode), withoutWebSocket, ...inDeno, ...inBun];
