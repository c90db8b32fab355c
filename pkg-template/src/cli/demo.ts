// `wireql demo`: a GraphQL server to try a client on.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startServer } from '#demo-server';
import type { Command } from './command.js';
import { Failure } from './failure.js';

const usage = `usage: wireql demo [--port PORT]

Runs a GraphQL server on this machine until Ctrl-C.

  --port PORT   where it listens; 0 is any free one (default: 4000)`;

const portOf = (args: string[]): number => {
  let given;
  try {
    given = parseArgs({ args, options: { port: { type: 'string', default: '4000' } } }).values.port;
  } catch (error) {
    throw new Failure(`${(error as Error).message}\n\n${usage}`);
  }
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65_535) return port;
  throw new Failure(`--port takes a number from 0 to 65535, not ${given}`);
};

const start = async (port: number) => {
  try {
    return await startServer({ port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'it is not yours to use' : 'another program listens there';
    throw new Failure(`cannot listen on port ${port} (${message}): ${why}; try wireql demo --port ${port === 4001 ? 4002 : 4001}`);
  }
};

const greeting = (url: string) => `A GraphQL server listens at ${url}

  query ($name: String) { hello(name: $name) }
  mutation { setMessage(message: "set") }
  subscription { countdown(from: 10) }
  subscription { price }

Ctrl-C ends it; start it again to see clients come back.`;

export const demo: Command = {
  summary: 'run a GraphQL server to try a client on',
  usage,
  async run(args) {
    const server = await start(portOf(args));
    console.log(greeting(server.url));
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await server.close();
    return 0;
  },
};
