// The command `wireql` of the installed package, in a folder that has nothing else.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from 'wireql';

const installed = fileURLToPath(new URL('../node_modules/wireql', import.meta.url));
const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));

let folder;
let command;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wireql-'));
  const copy = join(folder, 'node_modules', 'wireql');
  cpSync(installed, copy, { recursive: true });
  command = join(copy, manifest.bin.wireql);
});
after(() => rmSync(folder, { recursive: true }));

const run = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd: folder, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test('the command can be run, and tells its version and what it can do', async () => {
  assert.ok(statSync(command).mode & 0o100);
  assert.match(readFileSync(command, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  assert.deepEqual(await run('--version'), { code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  const help = await run('--help');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^wireql: GraphQL over WebSocket[^]*\n {2}wireql demo +\w/);
  assert.match((await run('demo', '--help')).stdout, /^usage: wireql demo \[--port PORT\]/);
  assert.equal((await run()).code, 2);
});

test('wrong arguments are told in a sentence, with what to do', async () => {
  for (const [args, expected] of [
    [['dome'], /^wireql: there is no command dome: there are record, serve, demo;/],
    [['toString'], /^wireql: there is no command toString:/],
    [['demo', '--port', '70000'], /^wireql: --port takes a number from 0 to 65535, not 70000\n$/],
    [['demo', '--port', '4e3'], /^wireql: --port takes a number from 0 to 65535, not 4e3\n$/],
    [['demo', '--prot', '1'], /^wireql: Unknown option '--prot'[^]*usage: wireql demo/],
    [['demo', 'now'], /^wireql: Unexpected argument 'now'[^]*usage: wireql demo/],
  ]) {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, expected);
  }
});

test('a port that is taken is told, with another one to try', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  const { code, stderr } = await run('demo', '--port', String(port));
  other.close();
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`^wireql: cannot listen on port ${port} \\(.*\\): another program listens there; try wireql demo --port 4001\n$`));
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`the demo answers what it says, until ${signal}`, async () => {
    const child = spawn(process.execPath, [command, 'demo', '--port', '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    let said = '';
    for await (const text of child.stdout) {
      said += text;
      if (said.includes('Ctrl-C')) break;
    }
    const [, url] = /listens at (ws:\S+)/.exec(said);
    const client = new Client(url, { retry: { initialAttempts: 1, attempts: 1 } });
    const documents = said.split('\n').filter((line) => /^ {2}\w/.test(line));
    assert.equal(documents.length, 4);
    for (const document of documents) {
      const { data, errors } = await client.execute(document.trim());
      assert.equal(errors, undefined);
      assert.equal(Object.keys(data).length, 1);
    }
    const live = client.subscribe('subscription { price }');
    await live.next();
    child.kill(signal);
    assert.deepEqual(await exit, [0, null]);
    await client.close();
  });
}
