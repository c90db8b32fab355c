// Programs in processes of their own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const flags = ['--expose-gc', '--conditions=production'];

/** Apollo Client and urql check more unless they are told that this is production. */
export const nodeOptions = { execArgv: flags, env: { ...process.env, NODE_ENV: 'production' } };

const program = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** A command line of Node's for one of the programs. */
export const nodeProgram = (name, ...words) => [process.execPath, ...flags, program(name), ...words];

const python = process.env.WIREQL_BENCH_PYTHON;

/** Why there is no Python with gql; undefined if there is. */
export const noPythonHere = python && existsSync(python) ? undefined : 'set-up found no Python for it';

/** Its version; undefined if it is not there. */
export const pythonVersion = () =>
  noPythonHere ? undefined : execFileSync(python, ['--version'], { encoding: 'utf8' }).trim().split(' ')[1];

export const pythonProgram = (name, ...words) => [python, program(name), ...words];

/** Runs a command line; the line of JSON that it prints, and the milliseconds until that came. */
export async function ask([file, ...words]) {
  const begin = performance.now();
  const child = spawn(file, words.map(String), { stdio: ['ignore', 'pipe', 'inherit'], env: nodeOptions.env });
  const closed = once(child, 'close');
  let text = '';
  let took;
  child.stdout.on('data', (chunk) => {
    took ??= performance.now() - begin;
    text += chunk;
  });
  const [code] = await closed;
  if (code !== 0) throw new Error(`${words.join(' ')} ended with code ${code}`);
  return { took, said: JSON.parse(text) };
}
