// How the program ends, and what it says then.
import { TransportError } from 'wireql';
import { harmless } from './harmless.js';

/** The exit codes; `wireql --help` documents them. */
export const exit = {
  ok: 0,
  /** The server refused or broke off the operation, or a result had errors. */
  errors: 1,
  /** The arguments, or what they refer to, are wrong. */
  usage: 2,
  /** There is no connection, and there will be none. */
  connection: 3,
  /** `--timeout` has passed. */
  timeout: 4,
} as const;

/** What ends the program with this message and this code. */
export class Failure extends Error {
  readonly code: number;

  constructor(message: string, code: number = exit.usage) {
    super(message);
    this.code = code;
  }
}

/** Calls what checks its arguments: what it finds wrong with them is the user's to mend. */
export const checked = <T>(call: () => T): T => {
  try {
    return call();
  } catch (error) {
    if (error instanceof TypeError) throw new Failure(error.message);
    throw error;
  }
};

/** A line on stderr. What came from a server may be in it. */
export const tell = (message: string): void => void process.stderr.write(`wireql: ${harmless(message)}\n`);

/** Tells of an error, and returns the exit code for it. */
export const codeOf = (error: unknown): number => {
  if (error instanceof Failure) {
    tell(error.message);
    return error.code;
  }
  if (!(error instanceof TransportError)) throw error;
  tell(`${error.message} (${error.code})`);
  return error.ends === 'connection' || error.code === 'OUTCOME_UNKNOWN' ? exit.connection : exit.errors;
};
