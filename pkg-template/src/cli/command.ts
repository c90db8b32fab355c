// What a command is.

export interface Command {
  /** One line, without a full stop. */
  readonly summary: string;
  /** For `--help`. */
  readonly usage: string;
  /** Runs it with the arguments behind its name. Resolves with the exit code. */
  run(args: string[]): Promise<number>;
}
