// Runs clients that nobody here wrote against the scripted servers, and compares what they make of them with expected.json,
// beside which tests/e2e/appsync.test.mjs and phoenix.test.mjs set ours: node tests/oracles/run.mjs [--bless].
// WIREQL_ORACLES_PYTHON names a Python with what requirements.txt has.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startServer } from '../servers/index.mjs';

const here = new URL('.', import.meta.url);
const python = process.env.WIREQL_ORACLES_PYTHON ?? 'python3';
const clients = [
  ['gql, AppSync', 'appsync', [python, 'gql_appsync.py']],
  ['aws-appsync-subscription-link', 'appsync', ['node', 'link.mjs']],
  ['aws-amplify', 'appsync', ['node', 'amplify.mjs']],
  ['phoenix and @absinthe/socket', 'phoenix', ['node', 'absinthe.mjs']],
  ['gql, Phoenix', 'phoenix', [python, 'gql_phoenix.py']],
];

/** What a client says of each case, by the case's name. */
const outcomes = async (dialect, [command, program]) => {
  const server = await startServer(dialect);
  const url = dialect === 'appsync' ? server.url.replace('ws:', 'http:') : server.url;
  try {
    const client = spawn(command, [program, url], { cwd: fileURLToPath(here), timeout: 120_000 });
    let complaints = '';
    client.on('error', ({ message }) => (complaints += message));
    client.stderr.on('data', (text) => (complaints += text));
    const told = {};
    for await (const line of createInterface(client.stdout)) {
      if (!line.startsWith('[')) continue;
      // Ports differ from run to run.
      const [name, outcome] = JSON.parse(line.replaceAll(new URL(url).host, 'HOST'));
      told[name] = outcome;
    }
    if (Object.keys(told).length === 0) console.log(complaints);
    return told;
  } finally {
    await server.stop();
  }
};

const file = new URL('expected.json', here);
const expected = JSON.parse(readFileSync(file, 'utf8'));
const all = {};
let [passed, failed] = [0, 0];
for (const [name, dialect, command] of clients) {
  all[name] = await outcomes(dialect, command);
  for (const test of new Set([...Object.keys(all[name]), ...Object.keys(expected[name] ?? {})])) {
    const [was, is] = [expected[name]?.[test], all[name][test]].map((outcome) => JSON.stringify(outcome));
    if (was === is) passed += 1;
    else {
      console.log(`${name}: ${test}\n  expected ${was}\n  now      ${is}`);
      failed += 1;
    }
  }
}
if (process.argv.includes('--bless')) writeFileSync(file, `${JSON.stringify(all, undefined, 1)}\n`);
console.log(`${passed} passed, ${failed} failed, 0 not tested`);
process.exitCode = failed === 0 ? 0 : 1;
