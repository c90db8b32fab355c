// `wireql URL DOCUMENT`: runs one operation, and prints each result. `wireql record FILE URL DOCUMENT` keeps a
// transcript in place of the results.
import { constants } from 'node:os';
import type { ParseArgsConfig } from 'node:util';
import { parsed } from './arguments.js';
import type { Command } from './command.js';
import { Failure, checked, codeOf, exit } from './failure.js';
import { help } from './help.js';
import { Live } from './live.js';
import { Output, printed } from './output.js';
import { checkOperation, readArgument, readNumber, readText, readVariables } from './read.js';
import { printSchema } from './schema.js';
import { clientOf, connecting } from './settings.js';
import { openTrace } from './trace.js';

const running = {
  ...connecting,
  variable: { type: 'string', short: 'v', multiple: true },
  operation: { type: 'string' },
  count: { type: 'string' },
  timeout: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

const printing = {
  ...running,
  trace: { type: 'string' },
  schema: { type: 'boolean' },
  select: { type: 'string' },
  pretty: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

const count = (text: string | undefined): number => {
  if (text === undefined) return Infinity;
  const value = readNumber(text, '--count');
  if (Number.isInteger(value)) return value;
  throw new Failure(`--count takes a whole number above 0, but was given \`${text}\``);
};

/** The longest that a host's timer waits, in seconds. */
const LONGEST = 2_147_483;

/** `keep` names a file for the transcript, and has nothing printed. */
const operate = async (args: string[], keep: boolean): Promise<number> => {
  const { values, positionals } = parsed(args, printing);
  const file = keep ? positionals.shift() : values.trace;
  const [url, given, ...rest] = positionals;
  if (keep && file === undefined) throw new Failure('record takes FILE URL DOCUMENT');
  if (keep && (values.trace ?? values.schema ?? values.select ?? values.pretty) !== undefined) {
    throw new Failure('record prints nothing, and takes no --trace, --schema, --select or --pretty');
  }
  if (url === undefined) throw new Failure('which server? Give its URL, then the document. `wireql --help` has examples');
  if (rest.length > 0) throw new Failure('too many arguments: is the document in quotation marks?');
  if (values.schema ? given !== undefined : given === undefined) {
    throw new Failure(
      values.schema
        ? '--schema runs its own query, and takes no document'
        : 'which operation? Give a document, such as \'subscription { price }\', @FILE, or - for standard input',
    );
  }
  const document = given === undefined ? '' : given === '-' ? readText('-', 'the document') : readArgument(given, 'the document');
  if (given !== undefined && document.trim() === '') throw new Failure('the document is empty');
  checkOperation(document, values.operation);
  const variables = readVariables(values.variable ?? []);
  const most = count(values.count);
  const timeout = values.timeout === undefined ? undefined : readNumber(values.timeout, '--timeout');
  if (timeout !== undefined && timeout > LONGEST) throw new Failure(`--timeout is at most ${LONGEST} seconds`);

  let code: number | undefined;
  const leaving = new AbortController();
  /** The first reason to leave counts. */
  const leave = (reason: number) => {
    code ??= reason;
    leaving.abort();
    output.abandon();
  };
  const fail = (failure: Failure | undefined) => leave(failure === undefined ? exit.ok : codeOf(failure));
  const output = new Output(fail);
  // The file is opened when all else was found right.
  let write: ((line: string) => void) | undefined;
  const client = clientOf(url, values, file === undefined ? undefined : (line) => write?.(line));
  if (file !== undefined) write = openTrace(file, keep, fail);
  const live = new Live(client, file !== '-');

  const onSignal = (signal: NodeJS.Signals) => {
    const reason = 128 + constants.signals[signal];
    // Whoever presses it twice does not want to wait.
    if (leaving.signal.aborted) process.exit(reason);
    leave(reason);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const timer = timeout && setTimeout(() => {
    live.tell(`--timeout: ${timeout} s have passed`);
    leave(exit.timeout);
  }, timeout * 1_000);

  let [results, withErrors] = [0, false];
  try {
    const options = {
      signal: leaving.signal,
      ...(values.variable && { variables }),
      ...(values.operation !== undefined && { operationName: values.operation }),
    };
    if (values.schema) {
      await output.write(await printSchema(client, leaving.signal));
    } else {
      const form = { select: values.select, pretty: values.pretty === true };
      const stream = checked(() => client.subscribe(document, { ...options, onNotice: (notice) => live.notice(notice) }));
      for await (const result of stream) {
        results += 1;
        live.counted();
        if (result.errors?.length) withErrors = true;
        if (!keep) {
          live.hide();
          await output.write(printed(result, form));
        }
        if (values.select !== undefined && result.errors?.length) {
          live.tell(`result ${results} has errors: ${printed(result.errors, { select: undefined, pretty: false }).trim()}`);
        }
        if (results >= most || code !== undefined) break;
      }
    }
  } catch (error) {
    if (code === undefined) {
      live.hide();
      code = codeOf(error);
    }
  } finally {
    clearTimeout(timer);
    await client.close();
    live.end();
    for (const signal of signals) process.off(signal, onSignal);
  }
  return code ?? (withErrors ? exit.errors : exit.ok);
};

export const run: Command = {
  summary: 'run an operation; each result is a line of JSON',
  usage: help,
  run: (args) => operate(args, false),
};

export const record: Command = {
  summary: 'keep what goes over the wire as a transcript',
  usage: help,
  run: (args) => operate(args, true),
};
