// The line on a terminal that says how it goes: it is rewritten in place, and never among the results.
import type { Client, Notice } from 'wireql';
import { tell } from './failure.js';

/** How often it is rewritten, in milliseconds. */
const PACE = 100;
/** Results per second are those of so many milliseconds. */
const WINDOW = 2_000;

const clear = '\r\x1b[2K';

/** What a notice says, in words. */
const worded = ({ type, error, lostAt, resumedAt, attempts }: Notice): string =>
  type === 'interrupted'
    ? `interrupted: ${error?.message}`
    : `resumed after ${resumedAt! - lostAt} ms, ${attempts} attempt${attempts === 1 ? '' : 's'}; results of that time are missing`;

/** Follows a client. Without a terminal it tells of notices alone, a line each. */
export class Live {
  readonly #client: Client;
  readonly #isShown: boolean;
  readonly #timer: NodeJS.Timeout | undefined;
  #count = 0;
  /** When it was rewritten within the window, and the count of then. */
  #marks: [at: number, count: number][] = [[Date.now(), 0]];
  #isDrawn = false;

  /** `hasLine`: whether nothing else is written to stderr all the time. */
  constructor(client: Client, hasLine: boolean) {
    this.#client = client;
    this.#isShown = hasLine && process.stderr.isTTY === true;
    if (!this.#isShown) return;
    this.#timer = setInterval(() => this.#draw(), PACE);
    this.#draw();
  }

  counted(): void {
    this.#count += 1;
  }

  notice(notice: Notice): void {
    this.tell(worded(notice));
  }

  /** Writes a line above the live one. */
  tell(message: string): void {
    this.hide();
    tell(message);
  }

  /** Takes the line away, for what else is written to the terminal. */
  hide(): void {
    if (this.#isDrawn) process.stderr.write(clear);
    this.#isDrawn = false;
  }

  end(): void {
    clearInterval(this.#timer);
    this.hide();
  }

  #draw(): void {
    const now = Date.now();
    this.#marks.push([now, this.#count]);
    while (this.#marks.length > 2 && now - this.#marks[0]![0] > WINDOW) this.#marks.shift();
    const [since, before] = this.#marks[0]!;
    const rate = now === since ? 0 : ((this.#count - before) * 1_000) / (now - since);
    const { state, reconnecting, nextAttempt, failures } = this.#client.status;
    const parts = [reconnecting && state === 'connecting' ? 'reconnecting' : state];
    if (nextAttempt !== null) parts.push(`next attempt in ${Math.max(0, Math.ceil((nextAttempt - now) / 1_000))} s`);
    if (failures > 0) parts.push(`${failures} failed`);
    parts.push(`${this.#count} result${this.#count === 1 ? '' : 's'}`, `${rate.toFixed(1)}/s`);
    const text = parts.join(' · ');
    // A line that is wrapped could not be taken away. A terminal that does not know its width tells 0.
    process.stderr.write(clear + text.slice(0, (process.stderr.columns || 80) - 1));
    this.#isDrawn = true;
  }
}
