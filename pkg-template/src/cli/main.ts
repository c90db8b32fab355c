// The command `wireql`. The first word names a command; without one it runs an operation.

import type { Command } from './command.js';
import { demo } from './demo.js';
import { Failure, codeOf, exit } from './failure.js';
import { help } from './help.js';
import { record, run } from './run.js';
import { serve } from './serve.js';

/** Of package.json. */
declare const VERSION: string;

const commands: Readonly<Record<string, Command>> = { record, serve, demo };

const print = (text: string, code: number): number => {
  // A pager may be left before the end.
  process.stdout.on('error', () => {});
  process.stdout.write(`${text}\n`);
  return code;
};

/** Runs what the arguments say. Resolves with the exit code. */
const main = async (args: string[]): Promise<number> => {
  const [first, ...rest] = args;
  if (first === undefined) throw new Failure(`which server, and which operation?\n\n${help}`);
  // What stands behind `--` is no option.
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (options.includes('--version')) return print(VERSION, exit.ok);
  const command = Object.hasOwn(commands, first) ? commands[first]! : run;
  if (options.includes('--help') || options.includes('-h')) return print(command.usage, exit.ok);
  if (command !== run) return command.run(rest);
  if (/^\w+$/.test(first)) {
    const names = Object.keys(commands).join(', ');
    throw new Failure(`there is no command ${first}: there are ${names}; and a server is named by its URL, such as ws://127.0.0.1:4000/graphql`);
  }
  return run.run(args);
};

main(process.argv.slice(2))
  .catch(codeOf)
  .then((code) => {
    process.exitCode = code;
  });
