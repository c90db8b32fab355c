// The README's example for Node, as it stands there but for the address.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { withGraphqlWs } from './servers.mjs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, example] = /```js\n([^]*?)```/.exec(readme);

test('the example of the README runs', () =>
  withGraphqlWs(async ({ url }) => {
    assert.ok(example.includes('ws://127.0.0.1:4000/graphql'));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', example.replace('ws://127.0.0.1:4000/graphql', url)],
      { cwd: fileURLToPath(new URL('..', import.meta.url)), timeout: 20_000 },
    );
    assert.equal(stdout, '3\n2\n1\n0\nHello, Ada!\n');
  }));
