// The packed package as a user has it, in processes of their own.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until, withGraphqlWs } from './servers.mjs';

const installed = fileURLToPath(new URL('../node_modules/wireql', import.meta.url));
const demo = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));
const hasWebSocket = typeof WebSocket === 'function';

const run = async (args, options) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000, ...options });
  return { stdout, stderr };
};

/** A folder with the package installed and nothing else, or with `ws` beside it. */
const inProject = async (packages, body) => {
  const folder = mkdtempSync(join(tmpdir(), 'wireql-'));
  try {
    const modules = join(folder, 'node_modules');
    cpSync(installed, join(modules, 'wireql'), { recursive: true });
    for (const name of packages) symlinkSync(join(installed, '..', name), join(modules, name));
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const script = (url) => `
  const transport = new WebSocketTransport('${url}', { pingInterval: 60000, keepAliveTimeout: 600000 });
  transport.connect()
    .then(() => transport.execute('{ hello }'))
    .then((result) => (console.log(JSON.stringify(result)), transport.close()))
    .catch((error) => console.log(error.name, error.message));
`;

for (const [kind, flags, load] of [
  ['an ES module', ['--input-type=module'], "import { WebSocketTransport } from 'wireql';"],
  ['CommonJS', ['--input-type=commonjs'], "const { WebSocketTransport } = require('wireql');"],
]) {
  test(`${kind} runs a query, and the process ends by itself`, () =>
    withGraphqlWs(({ url }) =>
      inProject(['ws'], async (cwd) => {
        const { stdout, stderr } = await run([...flags, '-e', load + script(url)], { cwd });
        assert.equal(stdout, '{"data":{"hello":"Hello, world!"}}\n');
        assert.equal(stderr, '');
      })));
}

test('without a WebSocket in the host and without `ws`, connect says what to do', () =>
  withGraphqlWs(({ url }) =>
    inProject([], async (cwd) => {
      const code = `import { WebSocketTransport } from 'wireql'; delete globalThis.WebSocket; ${script(url)}`;
      const { stdout } = await run(['--input-type=module', '-e', code], { cwd });
      assert.match(stdout, /^TransportConnectionFailedError .*this host has no WebSocket.*npm package `ws`/);
    })));

test('`ws` is found from any folder, also when the package is linked', () =>
  withGraphqlWs(({ url }) =>
    inProject(['ws'], async (folder) => {
      rmSync(join(folder, 'node_modules/wireql'), { recursive: true });
      symlinkSync(join(installed, '../../../pkg'), join(folder, 'node_modules/wireql'));
      writeFileSync(join(folder, 'app.mjs'), `import { WebSocketTransport } from 'wireql'; ${script(url)}`);
      const { stdout } = await run([join(folder, 'app.mjs')], { cwd: '/' });
      assert.equal(stdout, '{"data":{"hello":"Hello, world!"}}\n');
    })));

test('the classes have their names, and nothing of the machinery', () =>
  inProject([], async (cwd) => {
    const code = `
      const { WebSocketTransport } = await import('wireql');
      const transport = new WebSocketTransport('ws://server/');
      const subscription = transport.subscribe('{ a }');
      console.log(WebSocketTransport.name, transport.constructor.name, subscription.constructor.name);
      console.log(['free', '__destroy_into_raw', Symbol.dispose].some((key) => key in transport || key in subscription));
    `;
    const { stdout } = await run(['--input-type=module', '-e', code], { cwd });
    assert.equal(stdout, 'WebSocketTransport WebSocketTransport Subscription\nfalse\n');
  }));

test('nothing happens at import, and the class throws without `new`', () =>
  inProject([], async (cwd) => {
    const code = `
      globalThis.WebAssembly = undefined;
      const { WebSocketTransport } = await import('wireql');
      try { WebSocketTransport('ws://server/'); } catch (error) { console.log(error.name); }
    `;
    assert.equal((await run(['--input-type=module', '-e', code], { cwd })).stdout, 'TypeError\n');
  }));

test('the package has the files that it should have', () => {
  assert.deepEqual(readdirSync(installed).sort(), [
    'CHANGELOG.md',
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'THIRD-PARTY-LICENSES',
    'apollo.cjs',
    'apollo.d.cts',
    'apollo.d.ts',
    'apollo.js',
    'cli.cjs',
    'docs',
    'graphql-ws.cjs',
    'graphql-ws.d.cts',
    'graphql-ws.d.ts',
    'graphql-ws.js',
    'graphql-ws.react-native.cjs',
    'graphql-ws.react-native.js',
    'graphql-ws.workerd.js',
    'index.cjs',
    'index.d.cts',
    'index.d.ts',
    'index.js',
    'js.cjs',
    'js.d.cts',
    'js.d.ts',
    'js.js',
    'package.json',
    'react.cjs',
    'react.d.cts',
    'react.d.ts',
    'react.js',
    'relay.cjs',
    'relay.d.cts',
    'relay.d.ts',
    'relay.js',
    'slim.cjs',
    'slim.d.cts',
    'slim.d.ts',
    'slim.js',
    'testing.cjs',
    'testing.d.cts',
    'testing.d.ts',
    'testing.js',
    'urql.cjs',
    'urql.d.cts',
    'urql.d.ts',
    'urql.js',
    'web.d.ts',
    'web.js',
    'wireql.wasm',
    'workerd.js',
  ]);
});

test('the notices of the crates that are compiled in, and of what the command contains, come along', () => {
  const notices = readFileSync(join(installed, 'THIRD-PARTY-LICENSES'), 'utf8');
  // These are MIT only, which asks for it.
  for (const crate of ['serde-wasm-bindgen', 'slab']) assert.match(notices, new RegExp(`^${crate} \\d.*\\n\\n[^]*?Copyright`, 'm'));
  assert.doesNotMatch(notices, /NOT FOUND/);
  for (const name of ['graphql', 'graphql-ws', 'ws']) assert.match(notices, new RegExp(`^${name} \\d.*\\n\\n[^]*?Copyright`, 'm'));
});

test('the demo prints its results, outlives a restart of its server, and ends', async () => {
  const { stdout, stderr } = await run([demo]);
  assert.match(stderr, /restarted.*\ninterrupted: .*\nresumed after \d+ ms\n$/);
  assert.deepEqual(stdout.trim().split('\n').map((line) => JSON.parse(line).data), [
    { hello: 'Hello, wireql!' },
    { setMessage: 'set by the demo' },
    { countdown: 3 },
    { countdown: 2 },
    { countdown: 3 },
    { countdown: 2 },
    { countdown: 1 },
    { countdown: 0 },
  ]);
});

test('the demo runs an operation of the user, and Ctrl-C unsubscribes and closes', () =>
  withGraphqlWs(async (server) => {
    const child = spawn(process.execPath, [demo], {
      env: { ...process.env, URL: server.url, QUERY: 'subscription { price(ms: 5) }' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    const exit = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
    await until(() => output.split('\n').length > 3, 'three results');
    assert.equal(server.running.count, 1);
    child.kill('SIGINT');
    assert.deepEqual(await exit, [0, null]);
    assert.match(output, /^\{"data":\{"price":100\}\}\n/);
    await until(() => server.running.count === 0, 'the server has stopped');
  }));

test('the demo ends when the server breaks the operation off', () =>
  withGraphqlWs(async ({ url }) => {
    const env = { ...process.env, URL: url, QUERY: 'subscription { breaking(after: 2) }' };
    const error = await run([demo], { env }).catch((error) => error);
    assert.equal(error.code, 1);
    assert.equal(error.stdout, '{"data":{"breaking":1}}\n{"data":{"breaking":2}}\n');
    assert.equal(error.stderr, 'TransportQueryError: the server ended the operation with an error: this stream breaks\n');
  }));

test('the demo says in a sentence what is wrong with the arguments', async () => {
  for (const [env, expected] of [
    [{ URL: 'ws://127.0.0.1:1' }, /TypeError: give both URL and QUERY/],
    [{ URL: 'ftp://x', QUERY: '{ a }' }, /TypeError: the url's scheme must be/],
    [{ URL: 'ws://127.0.0.1:1', QUERY: '{ a }' }, /TransportConnectionFailedError: could not open/],
  ]) {
    const error = await run([demo], { env: { ...process.env, ...env } }).catch((error) => error);
    assert.equal(error.code, 1);
    assert.match(error.stderr, expected);
    assert.equal(error.stderr.trim().split('\n').length, 1);
  }
});

test(`this Node ${hasWebSocket ? 'has' : 'lacks'} a WebSocket of its own, as its version says`, () => {
  assert.equal(hasWebSocket, Number(process.versions.node.split('.')[0]) >= 22);
});

test('the types list the error codes that there are', () => {
  const rust = readFileSync(new URL('../../src/core/error.rs', import.meta.url), 'utf8');
  const types = readFileSync(join(installed, 'index.d.ts'), 'utf8');
  const [, union] = /type TransportErrorCode =([^;]*);/.exec(types);
  const inRust = [...rust.matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g)].map(([, code]) => code);
  // The first are for Rust apps alone, the others TypeScript's own.
  const expected = new Set(inRust);
  for (const code of ['INVALID_REQUEST', 'ONLY_IN_WEBASSEMBLY', 'WRONG_RESULT']) expected.delete(code);
  const own = ['INCOMPLETE_RESULT', 'INVALID_INCREMENTAL', 'NO_WEB_CRYPTO', 'OPERATION_LEFT', 'PANICKED', 'WEBASSEMBLY_FAILED'];
  for (const code of own) expected.add(code);
  assert.deepEqual([...union.matchAll(/['"](\w+)['"]/g)].map(([, code]) => code).sort(), [...expected].sort());
});

test('an app with any version of an optional library can install it, and no file tells where it was built', () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const [name, range] of Object.entries(peerDependencies)) {
    assert.deepEqual([name, range, peerDependenciesMeta[name]], [name, '*', { optional: true }]);
  }
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const files = readdirSync(installed, { recursive: true }).filter((name) => /\.\w+$/.test(name));
  assert.ok(files.length > 20);
  assert.deepEqual(files.filter((name) => readFileSync(join(installed, name)).includes(root)), []);
});
