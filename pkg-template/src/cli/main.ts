// The command `wireql`.

import { demo } from './demo.js';
import { UsageError, type Command } from './command.js';

/** Of package.json. */
declare const VERSION: string;

const commands: Readonly<Record<string, Command>> = { demo };

const usage = (): string =>
  [
    'usage: wireql COMMAND [OPTION]…',
    '',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`),
    '',
    'wireql COMMAND --help lists the options of a command.',
  ].join('\n');

/** Runs what the arguments say. Resolves with the exit code. */
const main = async ([name, ...rest]: string[]): Promise<number> => {
  if (name === '--version' || name === '-v') {
    console.log(VERSION);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UsageError(`there is no command ${name}\n\n${usage()}`);
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(command.usage);
    return 0;
  }
  return command.run(rest);
};

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    console.error(`wireql: ${error.message}`);
    process.exitCode = 2;
  },
);
