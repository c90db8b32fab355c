// The examples for Node of the README and of changing-over.md, as they stand there but for the address.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { differences } from './oracle.mjs';
import { withGraphqlWs } from './servers.mjs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const changingOver = readFileSync(new URL('../../pkg-template/docs/changing-over.md', import.meta.url), 'utf8');

const run = async (text, url) => {
  const [, example] = /```js\n([^]*?)```/.exec(text);
  assert.ok(example.includes('ws://127.0.0.1:4000/graphql'));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', example.replace('ws://127.0.0.1:4000/graphql', url)],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), timeout: 20_000 },
  );
  return stdout;
};

test('the example of the README runs', () =>
  withGraphqlWs(async ({ url }) => {
    assert.equal(await run(readme, url), '3\n2\n1\n0\nHello, Ada!\n');
  }));

test('the example of changing-over.md runs, and its process ends', () =>
  withGraphqlWs(async ({ url }) => {
    assert.equal(await run(changingOver, url), '3\n2\n1\n0\n');
  }));

test('whatever differs from npm graphql-ws stands in changing-over.md', () => {
  for (const difference of Object.keys(differences)) {
    if (difference !== 'equal') assert.ok(changingOver.replaceAll('\n', ' ').includes(`**${difference}**`), difference);
  }
});
