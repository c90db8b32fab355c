// Results on stdout, a line of JSON each.
import { once } from 'node:events';
import { Failure } from './failure.js';
import { harmless } from './harmless.js';

/** How a result is printed. */
export interface Form {
  readonly select: string | undefined;
  readonly pretty: boolean;
}

/** A field that nobody asked for would be printed as nothing: `undefined`. */
const selected = (value: any, path: string | undefined): unknown =>
  path === undefined ? value : path.split('.').reduce((inner, key) => inner?.[key], value);

export const printed = (result: unknown, { select, pretty }: Form): string => {
  const json = JSON.stringify(selected(result, select) ?? null, null, pretty ? 2 : undefined);
  return `${harmless(json)}\n`;
};

/** Writes to stdout as fast as it is read. `onClosed` is called once nobody reads it any more, as behind `| head`. */
export class Output {
  readonly #gone = new AbortController();

  constructor(onClosed: (failure: Failure | undefined) => void) {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#gone.signal.aborted) return;
      this.#gone.abort();
      onClosed(error.code === 'EPIPE' ? undefined : new Failure(`cannot write to standard output: ${error.code}`, 1));
    });
    // Whoever closed the pipe of stderr does not want to hear of it.
    process.stderr.on('error', () => {});
  }

  /** Resolves when more may be written, or never will be. */
  async write(text: string): Promise<void> {
    const { signal } = this.#gone;
    if (signal.aborted || process.stdout.write(text)) return;
    await once(process.stdout, 'drain', { signal }).catch(() => {});
  }

  /** What waits to be read is given up. */
  abandon(): void {
    this.#gone.abort();
  }
}
