// One client's connection to a mock server.

import type { DialectName } from '#glue';
import { isRecord } from '../values.js';
import type { ClientMessage, ServerDialect } from './dialects.js';
import { MockOperation } from './operation.js';
import type { Player } from './player.js';
import type { Link } from './socket.js';

/** Tests may put another in its place. */
const { setTimeout } = globalThis;

/** One frame that a client has sent. */
export interface Received {
  /**
   * The same in every dialect: `init` (`connection_init`, `phx_join`), `start` (`subscribe`, `start`, `doc`), `stop`
   * (`complete`, `stop`, `unsubscribe`), `ping` (`heartbeat` too), `pong`, `leave` (`connection_terminate`,
   * `phx_leave`), or `unknown`.
   */
  readonly kind: ClientMessage['kind'];
  /** The frame, parsed; its text if it is no JSON. */
  readonly frame: any;
  readonly connection: MockConnection;
  /** Of `start` and `stop`. */
  readonly operation?: MockOperation | undefined;
}

/** What a server does for its connections. */
export interface ConnectionOwner {
  /** What `init` is answered with: the payload of the ack; `false` refuses. */
  admit(payload: unknown, connection: MockConnection): unknown;
  received(received: Received): void;
  started(operation: MockOperation): void;
  over(connection: MockConnection): void;
}

/** How a connection ended: the code and reason that closed it, or 1006 if it was lost. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
  /** Who ended it. */
  readonly by: 'client' | 'server';
}

/** One connection. */
export class MockConnection {
  /** The URL of the handshake. */
  readonly url: string;
  /** Resolves when it is over. */
  readonly closed: Promise<Closed>;
  /** The payload of `connection_init`, once that has come. */
  initPayload: unknown;
  readonly #dialect: ServerDialect;
  readonly #link: Link;
  readonly #owner: ConnectionOwner;
  /** The operations that are live, by id. */
  readonly #operations = new Map<string, MockOperation>();
  readonly #unacknowledged = new Set<string>();
  #close!: (closed: Closed) => void;
  #isOpen = true;
  /** Plays a transcript in place of the server's own answers. */
  #player: Player | undefined;

  /** @internal */
  constructor(url: string, dialect: ServerDialect, link: Link, owner: ConnectionOwner) {
    this.url = url;
    this.#dialect = dialect;
    this.#link = link;
    this.#owner = owner;
    this.closed = new Promise((resolve) => (this.#close = resolve));
  }

  get dialect(): DialectName {
    return this.#dialect.name;
  }

  /** @internal */
  play(player: Player): void {
    this.#player = player;
  }

  /** Sends a frame: text as it is, anything else as JSON. */
  send(frame: unknown): void {
    if (this.#isOpen && frame !== undefined) this.#link.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Sends a `ping`, where the dialect has one; a `ka` in `graphql-ws`. */
  ping(payload?: object): void {
    this.send(this.#dialect.ping(payload));
  }

  /** Closes it with a code and a reason. */
  close(code = 1000, reason = ''): void {
    if (this.#over({ code, reason, by: 'server' })) this.#link.close(code, reason);
  }

  /** Has it break off: the client sees the code 1006. */
  lose(): void {
    if (this.#over({ code: 1006, reason: '', by: 'server' })) this.#link.lose();
  }

  /** @internal */
  received(text: string): void {
    if (!this.#isOpen) return;
    let frame: unknown = text;
    try {
      frame = JSON.parse(text);
    } catch {
      // Its text stands for it.
    }
    const message = this.#dialect.read(frame);
    this.#take(message, frame, text);
  }

  /** @internal */
  closedByClient(code: number, reason: string): void {
    this.#over({ code, reason, by: 'client' });
  }

  #over(closed: Closed): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    for (const operation of this.#operations.values()) operation.ends('lost');
    this.#operations.clear();
    this.#player?.closed(closed.by === 'client' ? `close ${closed.code} ${closed.reason}`.trim() : undefined);
    this.#owner.over(this);
    this.#close(closed);
    return true;
  }

  #take(message: ClientMessage, frame: unknown, text: string): void {
    const tell = (operation?: MockOperation) => this.#owner.received({ kind: message.kind, frame, connection: this, operation });
    switch (message.kind) {
      case 'init':
        this.initPayload = message.payload;
        tell();
        if (this.#player !== undefined) this.#player.init(frame);
        else void this.#admit(message.payload);
        break;
      case 'start': {
        const operation = this.#start(message);
        tell(operation);
        if (this.#player === undefined) {
          // What is refused at once is refused in place of an acknowledgement, as the reply of Phoenix is one of both.
          setTimeout(() => this.#acknowledge(message.id), 0);
          this.#owner.started(operation);
        } else {
          this.#player.start(message.id, message.request, text);
        }
        break;
      }
      case 'stop': {
        const operation = this.#operations.get(message.id);
        this.#operations.delete(message.id);
        operation?.ends('left');
        tell(operation);
        if (this.#player === undefined) this.send(this.#dialect.stopped(message.id));
        else this.#player.stop(message.id);
        break;
      }
      case 'ping':
        tell();
        this.send(this.#dialect.pong(message.payload));
        break;
      case 'leave':
        tell();
        this.send(this.#dialect.left());
        break;
      default:
        tell();
    }
  }

  #start({ id, request }: Extract<ClientMessage, { kind: 'start' }>): MockOperation {
    const over = () => this.#operations.delete(id);
    const operation = new MockOperation(id, request, {
      next: (result) => (this.#acknowledge(id), this.send(this.#dialect.next(id, result))),
      error: (errors) => (over(), this.send(this.#dialect.error(id, errors))),
      complete: () => (this.#acknowledge(id), over(), this.send(this.#dialect.complete(id))),
    });
    this.#operations.set(id, operation);
    if (this.#player === undefined) this.#unacknowledged.add(id);
    return operation;
  }

  /** Tells that an operation has begun, once; and not one that is over. */
  #acknowledge(id: string): void {
    if (this.#unacknowledged.delete(id) && this.#operations.has(id)) this.send(this.#dialect.started(id));
  }

  async #admit(payload: unknown): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.#owner.admit(payload, this);
    } catch (error: any) {
      this.close(4500, String(error?.message ?? error).slice(0, 100));
      return;
    }
    if (answer !== false) {
      this.send(this.#dialect.ack(isRecord(answer) ? answer : undefined));
      return;
    }
    const refusal = this.#dialect.refusal({ message: 'Forbidden' });
    this.send(refusal);
    this.close(this.#dialect.refusalCode, 'Forbidden');
  }
}
