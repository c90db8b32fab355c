// What a client tells an operation of its connection.

import type { TransportError } from './errors.js';

/** Something about the stream of an operation's results, in their order. */
export class Notice {
  /**
   * - `interrupted`: the connection is gone; the operation stays.
   * - `resumed`: the server has it again. Results that fell between `lostAt` and `resumedAt` were missed: refetch now,
   *   unless `cursor` is set and the server honours it.
   */
  readonly type: 'interrupted' | 'resumed';
  /** Of `interrupted`: what ended the connection. */
  declare readonly error?: TransportError;
  /** When the connection was lost, as `Date.now()` tells it. */
  declare readonly lostAt: number;
  /** Of `resumed`: when the server had the operation again. */
  declare readonly resumedAt?: number;
  /** Of `resumed`: how many attempts to connect it took. */
  declare readonly attempts?: number;
  /** Of `resumed`: where it went on, if the operation has `resume` and there was a cursor. */
  declare readonly cursor?: unknown;

  /** @internal */
  constructor(type: Notice['type'], details: Omit<Notice, 'type'>) {
    this.type = type;
    Object.assign(this, details);
  }
}
