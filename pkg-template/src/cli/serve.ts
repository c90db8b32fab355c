// `wireql serve FILE`: plays a transcript to whoever connects.
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { mockServer } from 'wireql/testing';
import { parsed } from './arguments.js';
import type { Command } from './command.js';
import { Failure, checked, exit, tell } from './failure.js';
import { help } from './help.js';
import { Output } from './output.js';
import { readNumber, readText } from './read.js';

const options = {
  port: { type: 'string' },
  host: { type: 'string' },
  speed: { type: 'string' },
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const readPort = (text: string): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new Failure(`--port takes a number from 0 (any free one) to 65535, but was given \`${text}\``);
};

const play = async (args: string[]): Promise<number> => {
  const { values, positionals } = parsed(args, options);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new Failure('serve takes one FILE: a transcript, as `wireql record` writes it');
  const speed = values.speed === 'none' ? Infinity : values.speed === undefined ? 1 : readNumber(values.speed, '--speed');
  const port = readPort(values.port ?? '4000');
  const transcript = readText(file, 'the transcript');
  const server = checked(() => mockServer({ transcript, speed }));
  let mismatches = 0;
  server.on('mismatch', ({ message }) => {
    mismatches += 1;
    tell(message);
  });
  const over = new AbortController();
  const output = new Output(() => over.abort());
  let url;
  try {
    url = await server.listen({ port, WebSocketServer, ...(values.host !== undefined && { host: values.host }) });
  } catch (error: any) {
    if (error.code === 'EADDRINUSE') throw new Failure(`port ${port} is in use: choose another by --port, 0 is any free one`);
    throw new Failure(error.message);
  }
  await output.write(`${url}\n`);
  const ended = [once(process, 'SIGINT', { signal: over.signal }), once(process, 'SIGTERM', { signal: over.signal })];
  await Promise.race([...ended.map((end) => end.catch(() => {})), ...(values.once ? [server.played] : [])]).catch(() => {});
  over.abort();
  await server.close();
  return mismatches > 0 ? exit.errors : exit.ok;
};

export const serve: Command = { summary: 'play a transcript to whoever connects', usage: help, run: play };
