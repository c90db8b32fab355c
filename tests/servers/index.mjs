// Starts the servers of this folder, each in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const modern = 'graphql-transport-ws';
const legacy = 'graphql-ws';

/** Every server, with the subprotocols that it speaks. */
export const servers = [
  { name: 'graphql-ws', dialects: [modern] },
  { name: 'subscriptions-transport-ws', dialects: [legacy] },
  { name: 'mercurius', dialects: [modern, legacy] },
  { name: 'yoga', dialects: [modern] },
  { name: 'strawberry-graphql', dialects: [modern, legacy] },
];

/** Servers of dialects that are chosen, scripted: what they do is chosen by what the client sends. */
const scripted = [
  { name: 'appsync', dialects: ['appsync'] },
  { name: 'phoenix', dialects: ['phoenix'] },
  { name: 'phoenix-recorded', dialects: ['phoenix'] },
];
/** Several in one, at a path for each; they do not have the schema of the others. */
const incremental = { name: 'incremental', dialects: [modern] };

const patience = 20_000;

const command = (name) => {
  const program = (extension) => fileURLToPath(new URL(`${name}.${extension}`, import.meta.url));
  // The clients are tested in other versions of Node too, the servers always run in this one.
  if (name !== 'strawberry-graphql') return [process.env.WIREQL_SERVER_NODE ?? 'node', program('mjs')];
  const python = process.env.WIREQL_PYTHON ?? '';
  if (!existsSync(python)) throw new Error('no Python with strawberry: run scripts/setup.sh test, then . scripts/env.sh');
  return [python, program('py')];
};

/**
 * A port for a server that is to be started again on it. It is below those that systems hand out: one of those could
 * be taken meanwhile, even by the client's own attempt to connect to it.
 */
export async function lastingPort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/**
 * Starts one of them, and resolves when it listens. `port` 0 is any free one. `stop` ends it politely, `kill` as a
 * crash does; both resolve when it has ended.
 */
export async function startServer(name, { port = 0 } = {}) {
  const { dialects } = [...servers, ...scripted, incremental].find((server) => server.name === name);
  const [file, program] = command(name);
  // It exits when its stdin closes, so also when this process ends without a word.
  const child = spawn(file, [program], { stdio: 'pipe', env: { ...process.env, PORT: String(port) } });
  let complaints = '';
  child.stderr.on('data', (text) => (complaints += text));
  const closed = once(child, 'close');
  const died = closed.then(([code]) => Promise.reject(new Error(`it ended with code ${code}`)));
  const said = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(patience) });
  let url;
  try {
    const [line] = await Promise.race([said, died]);
    url = JSON.parse(line).url;
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the server ${name} did not start: ${(error.cause ?? error).message}\n${complaints}`);
  }
  const end = (signal) => async () => {
    child.kill(signal);
    await closed;
  };
  return { name, url, dialects, kill: end('SIGKILL'), stop: end('SIGTERM') };
}
