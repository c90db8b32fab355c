// What stands between the core and one socket of the host's: to the core it is a WebSocket. It does what `createClient`
// does in its own way, and the core in another: it asks for the payload of `connection_init` when the socket is open, writes and
// reads messages with the user's functions, sends pings, and tells listeners of the host's own events.

import { report } from '../../../src/driver/callbacks.js';
import type { Emitter } from './emitter.js';
import { closeReasonOf, TerminatedCloseEvent } from './problems.js';
import {
  CloseCode,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  type Message,
  MessageType,
  parseMessage,
  stringifyMessage,
} from './protocol.js';
import { reviveMessages } from './shared.js';
import type { ClientOptions } from './types.js';

/** The host's WebSocket class, as far as it is used. */
export interface SocketClass {
  new (url: unknown, subprotocol: string): Socket;
  readonly OPEN: number;
}

/** A socket of that class, or of a mock that has no more. */
export interface Socket {
  readonly readyState: number;
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  send(data: string): void;
  close(code: number, reason: string): void;
}

/** An operation as it is on the wire. */
export interface Sent {
  /** Its id in the core. */
  readonly number: number;
  readonly id: string;
  readonly payload: unknown;
}

/** Whose wire it is. */
export interface WireOwner {
  readonly emitter: Emitter;
  readonly options: ClientOptions;
  readonly socketClass: SocketClass;
  /** Whether the event `connecting` has told of a retry. */
  readonly isRetry: boolean;
  operationOf(id: string): Sent | undefined;
  operationOfNumber(number: number): Sent | undefined;
  /** The server acknowledged. */
  ready(): void;
  /** An operation cannot be sent, for this reason. */
  refuse(operation: Sent, thrown: unknown): void;
  /** The connection is lost for this reason, of which the core is about to hear. `lifetime`: since the ack, in milliseconds. */
  lost(problem: unknown, lifetime: number): void;
}

/** How long the server's goodbye is waited for; then the socket counts as closed. */
const GOODBYE = 3_000;

const NORMAL = 1000;

const LOST = { code: 1006, reason: '', wasClean: false };

/** The standard's number of the state. */
const CLOSED = 3;

/** What stands for a message that was read already: see the constructor. */
const READ = { data: '0' };

/** A time that options give: neither 0 nor infinite. */
export const isLimit = (time: unknown): time is number =>
  typeof time === 'number' && Number.isFinite(time) && time > 0;

/** Not the global by its name, which `timers.ts` takes the place of: that takes whatever a callback throws for a panic. */
const later = (callback: () => void, ms: number) => globalThis.setTimeout(callback, ms);

type Timer = ReturnType<typeof globalThis.setTimeout>;

export class Wire {
  // What the driver of the core sets and reads, as of a WebSocket.
  binaryType = 'blob';
  readonly protocol = GRAPHQL_TRANSPORT_WS_PROTOCOL;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: unknown = null;
  onclose: ((event: typeof LOST) => void) | null = null;

  /** Whether the socket has closed, or counts as closed. */
  isGone = false;
  /** Whether the core has been told of the end, or is about to be; or needs it no more. */
  isLost = false;
  readonly #socket: Socket;
  readonly #owner: WireOwner;
  #isOpened = false;
  #acknowledgedAt: number | undefined;
  #isDisposed = false;
  /** The message that the core is given. */
  #message: unknown;
  #ackTimer: Timer | undefined;
  #pingTimer: Timer | undefined;
  #goodbyeTimer: Timer | undefined;
  #onGone: (() => void)[] = [];

  constructor(socket: Socket, owner: WireOwner) {
    this.#socket = socket;
    this.#owner = owner;
    // The core reads a message with the reviver of its socket. This one gives what was read before.
    reviveMessages(this as unknown as WebSocket, () => this.#message);
    socket.onopen = () => void this.#opened();
    socket.onmessage = ({ data }: { data: unknown }) => this.#received(data);
    socket.onerror = (event: unknown) => this.#failed(event);
    socket.onclose = (event: unknown) => this.#closed(event);
  }

  // ---- what the core does ---------------------------------------------------------------

  get readyState(): number {
    return this.isLost ? CLOSED : this.#socket.readyState;
  }

  /** A frame of the core's says what to send; what is sent is made here. */
  send(text: string): void {
    const { type, id } = JSON.parse(text) as { type: string; id?: string };
    // Its `connection_init` was sent, and its pings are not wanted.
    if (id === undefined) return;
    const operation = this.#owner.operationOfNumber(Number(id));
    if (operation === undefined) return;
    if (type === MessageType.Subscribe) {
      const { id, payload } = operation;
      try {
        this.#write({ id, type: MessageType.Subscribe, payload } as Message);
      } catch (thrown) {
        this.#owner.refuse(operation, thrown);
      }
    } else if (this.#isOpen) {
      try {
        this.#write({ id: operation.id, type: MessageType.Complete });
      } catch (thrown) {
        report(thrown);
      }
    }
  }

  /** The core needs this connection no more. */
  close(): void {
    this.isLost = true;
    this.#stopTimers();
    this.#closeSocket(NORMAL, 'Normal Closure');
  }

  // ---- what the user does ---------------------------------------------------------------

  /** Gives the socket up. */
  terminate(): void {
    const event = new TerminatedCloseEvent();
    this.#gone();
    try {
      this.#owner.emitter.emit('closed', event);
    } finally {
      this.#detach();
      this.#close(event.code, event.reason);
      this.#lose(event);
      this.#tellGone();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#closeSocket(NORMAL, 'Normal Closure');
  }

  /** Calls back when the socket has closed, or at once. */
  whenGone(callback: () => void): void {
    if (this.isGone) callback();
    else this.#onGone.push(callback);
  }

  // ---- what the host says ---------------------------------------------------------------

  async #opened(): Promise<void> {
    this.#isOpened = true;
    const { emitter, options } = this.#owner;
    const { connectionParams, connectionAckWaitTimeout } = options;
    try {
      emitter.emit('opened', this.#socket);
      const payload = typeof connectionParams === 'function' ? await connectionParams() : connectionParams;
      if (!this.#isOpen || this.isLost) return;
      const type = MessageType.ConnectionInit;
      this.#write(payload ? { type, payload } : { type });
      this.onopen?.();
      if (isLimit(connectionAckWaitTimeout)) {
        const code = CloseCode.ConnectionAcknowledgementTimeout;
        const close = () => this.#closeSocket(code, 'Connection acknowledgement timeout');
        this.#ackTimer = later(close, connectionAckWaitTimeout);
      }
      this.#pingLater();
    } catch (thrown) {
      this.#fail(thrown, CloseCode.InternalClientError, 'Internal client error');
    }
  }

  #received(data: unknown): void {
    // Of a connection that was left, pings are still answered.
    if (this.isGone) return;
    const { emitter, options } = this.#owner;
    try {
      const message = parseMessage(data, options.jsonMessageReviver);
      if ('id' in message && this.#acknowledgedAt !== undefined) this.#hand(message);
      emitter.emit('message', message);
      switch (message.type) {
        case MessageType.Ping:
          emitter.emit('ping', true, message.payload);
          if (!options.disablePong) this.#sendPong(message.payload);
          return;
        case MessageType.Pong:
          emitter.emit('pong', true, message.payload);
          this.#pingLater();
          return;
        default:
          if (this.#acknowledgedAt !== undefined) return;
      }
      if (message.type !== MessageType.ConnectionAck) {
        throw new Error(`First message cannot be of type ${message.type}`);
      }
      clearTimeout(this.#ackTimer);
      this.#acknowledgedAt = performance.now();
      emitter.emit('connected', this.#socket, message.payload, this.#owner.isRetry);
      this.#owner.ready();
      this.#give(message);
    } catch (thrown) {
      this.#fail(thrown, CloseCode.BadResponse, 'Bad response');
    }
  }

  #failed(event: unknown): void {
    // That of a socket which is closed before it has opened says nothing.
    if (this.#isDisposed) return;
    try {
      this.#owner.emitter.emit('error', event);
    } finally {
      // Of a socket that was open, its close event says more, and can be judged.
      if (!this.#isOpened) this.#lose(event);
      this.#awaitGoodbye();
    }
  }

  #closed(event: unknown): void {
    if (this.isGone) return;
    this.#gone();
    try {
      this.#owner.emitter.emit('closed', event);
    } finally {
      this.#lose(event);
      this.#tellGone();
    }
  }

  // ---- messages -------------------------------------------------------------------------

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#owner.socketClass.OPEN;
  }

  #write(message: Message): void {
    this.#socket.send(stringifyMessage(message, this.#owner.options.jsonMessageReplacer));
  }

  /** Hands what came for an operation to the core, under the number that the core knows it by. */
  #hand(message: Message & { readonly id: string }): void {
    const operation = this.#owner.operationOf(message.id);
    if (operation === undefined) return;
    const id = String(operation.number);
    this.#give(id === message.id ? message : { ...message, id });
  }

  #give(message: unknown): void {
    if (this.isLost) return;
    this.#message = message;
    try {
      this.onmessage?.(READ);
    } finally {
      this.#message = undefined;
    }
  }

  #sendPong(payload: Record<string, unknown> | undefined): void {
    const type = MessageType.Pong;
    this.#write(payload ? { type, payload } : { type });
    this.#owner.emitter.emit('pong', false, payload);
  }

  #pingLater(): void {
    const { keepAlive } = this.#owner.options;
    if (!isLimit(keepAlive) || this.isLost) return;
    clearTimeout(this.#pingTimer);
    this.#pingTimer = later(() => {
      if (!this.#isOpen) return;
      this.#socket.send(stringifyMessage({ type: MessageType.Ping }));
      this.#owner.emitter.emit('ping', false, undefined);
    }, keepAlive);
  }

  // ---- the end --------------------------------------------------------------------------

  /** A function of the user's, or a message of the server's, ends the connection. */
  #fail(thrown: unknown, code: CloseCode, otherwise: string): void {
    if (this.isLost) return report(thrown);
    this.#socket.onmessage = null;
    this.#owner.emitter.tell('error', thrown);
    this.#closeSocket(code, closeReasonOf(thrown, otherwise));
    this.#lose(thrown);
  }

  /** The core hears of it a microtask later, and sinks from the core. */
  #lose(problem: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    this.#stopTimers();
    const acknowledgedAt = this.#acknowledgedAt;
    const lifetime = acknowledgedAt === undefined ? 0 : performance.now() - acknowledgedAt;
    queueMicrotask(() => {
      if (this.onclose === null) return;
      this.#owner.lost(problem, lifetime);
      this.onclose(LOST);
    });
  }

  #closeSocket(code: number, reason: string): void {
    this.#close(code, reason);
    this.#awaitGoodbye();
  }

  #close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch (thrown) {
      report(thrown);
    }
  }

  /** A dead server says none, and some mocks do not either. */
  #awaitGoodbye(): void {
    if (this.isGone) return;
    this.#goodbyeTimer ??= later(() => {
      this.#detach();
      this.#closed(LOST);
    }, GOODBYE);
  }

  #gone(): void {
    this.isGone = true;
    clearTimeout(this.#goodbyeTimer);
    this.#stopTimers();
  }

  #tellGone(): void {
    for (const callback of this.#onGone.splice(0)) callback();
  }

  #detach(): void {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // In Node an `error` that nobody listens to ends the process.
    socket.onerror = () => {};
  }

  #stopTimers(): void {
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#pingTimer);
  }
}
