// The examples of appsync.md and phoenix.md, as they stand there but for the address and the key.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../servers/index.mjs';

const run = async (name, replaced) => {
  const page = readFileSync(new URL(`../../pkg-template/docs/${name}.md`, import.meta.url), 'utf8');
  let [, example] = /```js\n([^]*?)```/.exec(page);
  const server = await startServer(name);
  try {
    for (const [from, to] of Object.entries(replaced(server.url))) {
      assert.ok(example.includes(from), `the example has ${from}`);
      example = example.replace(from, to);
    }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', example], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      timeout: 20_000,
    });
    return stdout;
  } finally {
    await server.stop();
  }
};

test('the example of appsync.md runs', async () => {
  const replaced = (url) => ({ 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql': url, 'da2-…': 'da2-good' });
  assert.equal(await run('appsync', replaced), '3\n2\n1\n0\n');
});

test('the example of phoenix.md runs', async () => {
  assert.equal(await run('phoenix', (url) => ({ 'wss://example.com/socket': url })), 'Hello, world!\n3\n2\n1\n0\n');
});
