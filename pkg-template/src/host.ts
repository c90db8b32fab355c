// The user's side of a transport, as the core sees it: the user's functions, listeners and WebSocket class.

import { Handle, type Failure, type Host, type Settings, type Subprotocol } from '#glue';
import { toError, type TransportError } from './errors.js';
import { readInitPayload, readUrl, type UserFunction, type UserOptions } from './options.js';
import { Failing, enter, notify } from './panic.js';
import type { ClientEvents, CloseReason, TransportEvents } from './types.js';
import { call, messageOf } from '../../src/driver/callbacks.js';
import { detach } from '../../src/driver/socket.js';
import { openSocket } from './web-socket.js';

type Question = Parameters<Host['ask']>[1];
/** Of a transport or a client. */
type Events = Omit<TransportEvents, 'connecting' | 'connected'> & Omit<ClientEvents, 'connecting' | 'connected'> & {
  connecting: TransportEvents['connecting'] | ClientEvents['connecting'];
  connected: TransportEvents['connected'] | ClientEvents['connected'];
};
type Event = keyof Events;
type Listener = (detail: any) => void;
type Payload = { [name: string]: unknown };

/**
 * WebAssembly keeps what was thrown, as the `cause` of its error. Until the stack of an error is read, V8 keeps the
 * objects whose methods were running, this host among them: it could not be collected.
 */
const letGoOfFrames = (thrown: unknown): void => {
  try {
    String((thrown as Error).stack);
  } catch {
    // It is no error, or one with a user's getter.
  }
};

/** What we sent when we closed a socket. */
export const sentClose = (code: number | undefined, reason: string): CloseReason['sent'] =>
  code === undefined ? null : { code, reason };

const readers = { url: readUrl, initPayload: readInitPayload };

/**
 * What a transport consists of. WebAssembly refers to it weakly: what WebAssembly refers to is not collected, and a
 * user function or listener may refer to the transport. Whatever else may outlive the transport refers to
 * `weak` too.
 */
export class TransportHost extends Failing implements Host {
  readonly handle: Handle;
  readonly weak = new WeakRef<TransportHost>(this);
  closeReason: CloseReason | null = null;
  responseHeaders: { readonly [name: string]: string | string[] | undefined } | null = null;
  protected readonly user: UserOptions;
  readonly #listeners = new Map<Event, Set<{ listener: Listener }>>();
  #socket: WebSocket | undefined;

  constructor(settings: Settings, user: UserOptions) {
    super();
    this.user = user;
    this.handle = enter(() => new Handle(settings, this));
  }

  // ---- listeners ------------------------------------------------------------------

  /** Adds a listener, and returns the function that removes it. */
  on(event: Event, listener: Listener): () => void {
    // A function that is added twice is called twice, and each is removed by itself.
    const entry = { listener };
    const entries = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, entries.add(entry));
    if (event === 'message') this.#watchMessages(entries.size);
    return () => {
      entries.delete(entry);
      if (event === 'message') this.#watchMessages(entries.size);
    };
  }

  #watchMessages(listeners: number): void {
    notify(() => this.handle.watchMessages(listeners > 0));
  }

  protected emit<Name extends Event>(event: Name, detail: Events[Name]): void {
    const entries = this.#listeners.get(event);
    // A copy, as a listener may remove itself or add others.
    if (entries !== undefined) for (const { listener } of [...entries]) call(listener, detail);
  }

  connecting(retry: boolean, _number: number, _reason: string, _failure: Failure | undefined): void {
    this.closeReason = null;
    this.emit('connecting', { retry });
  }

  opened(dialect: Subprotocol, subprotocol: Subprotocol | undefined): void {
    this.emit('opened', { dialect, subprotocol: subprotocol ?? null });
  }

  connected(payload: object | undefined, _reconnected: boolean): void {
    this.emit('connected', { payload: (payload ?? null) as Payload | null });
  }

  ping(received: boolean, payload: object | undefined): void {
    this.emit('ping', { received, payload: (payload ?? null) as Payload | null });
  }

  pong(received: boolean, payload: object | undefined): void {
    this.emit('pong', { received, payload: (payload ?? null) as Payload | null });
  }

  message(frame: unknown): void {
    this.emit('message', frame);
  }

  error(failure: Failure): void {
    this.emit('error', toError(failure));
  }

  // Of a client only.
  status(..._: Parameters<Host['status']>): void {}
  disconnected(..._: Parameters<Host['disconnected']>): void {}
  askRetry(..._: Parameters<Host['askRetry']>): void {}

  closed(...[code, reason, wasClean, sentCode, sentReason, failure]: Parameters<Host['closed']>): void {
    this.forgetSocket();
    const error = failure === undefined ? null : toError(failure);
    this.#end({ code: code ?? null, reason, wasClean, sent: sentClose(sentCode, sentReason), error });
  }

  #end(reason: CloseReason): void {
    this.closeReason = reason;
    this.emit('closed', reason);
  }

  // ---- asking the user ----------------------------------------------------------------

  ask(ask: number, question: Question): void {
    const given = this.user[question];
    if (typeof given !== 'function') {
      this.#answer(ask, given);
      return;
    }
    try {
      const value = this.callUser(given);
      // Any object may be a promise.
      if (typeof value === 'object' && value !== null) answerLater(this.weak, ask, question, value);
      else this.answer(ask, question, value);
    } catch (thrown) {
      this.answerFailed(ask, thrown);
    }
  }

  /** What a user function returns for this attempt to connect. */
  protected callUser(given: UserFunction): unknown {
    return given();
  }

  /** What the user's function has returned. */
  answer(ask: number, question: Question, value: unknown): void {
    let text;
    try {
      text = readers[question](value);
    } catch (thrown) {
      this.answerFailed(ask, thrown);
      return;
    }
    this.#answer(ask, text);
  }

  #answer(ask: number, text: string | undefined): void {
    notify(() => this.handle.answer(ask, text));
  }

  answerFailed(ask: number, thrown: unknown): void {
    letGoOfFrames(thrown);
    notify(() => this.handle.answerFailed(ask, messageOf(thrown), thrown));
  }

  // ---- the socket --------------------------------------------------------------------

  open(url: string, preferred: Subprotocol | undefined, other: Subprotocol | undefined): WebSocket {
    const { webSocket, args } = this.user;
    const subprotocols = [preferred, other].filter((name) => name !== undefined);
    this.#socket = undefined;
    this.responseHeaders = null;
    const socket = openSocket(webSocket, url, subprotocols, args) as WebSocket;
    this.#socket = socket;
    rememberHeaders(this.weak, socket);
    return socket;
  }

  /** The server's answer to the handshake of this socket, if that is still the current one. */
  upgraded(socket: WebSocket, headers: NonNullable<TransportHost['responseHeaders']>): void {
    if (this.#socket === socket) this.responseHeaders = headers;
  }

  describe(thrown: unknown): string {
    letGoOfFrames(thrown);
    // The host's message may repeat what was passed to it, and credentials may be among that. What this package
    // throws itself is a string.
    return typeof thrown === 'string' || this.user.args === undefined
      ? messageOf(thrown)
      : 'it threw the `cause` of this error';
  }

  trace(before: string, value: string | undefined, after: string): void {
    const { trace } = this.user;
    if (trace === undefined) return;
    // It has to stay one line.
    call(trace, `${before}${value ?? ''}${after}`.trimEnd().replace(/\p{Cc}/gu, ' '));
  }

  // ---- the end of all ----------------------------------------------------------------

  /** WebAssembly has stopped: the socket is given up. */
  fail(error: TransportError): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.giveUp(socket);
    this.emit('error', error);
    this.#end({ code: null, reason: '', wasClean: false, sent: null, error });
  }

  /** It is gone. */
  protected forgetSocket(): void {
    this.#socket = undefined;
  }

  protected giveUp(socket: WebSocket | undefined = this.#socket): void {
    if (socket === undefined) return;
    this.#socket = undefined;
    detach(socket, true);
    try {
      socket.close();
    } catch {
      // Nothing more can be done about this socket.
    }
  }
}

// Functions of their own: closures made in a method could hold the host for as long as the promise is pending.

const answerLater = (weak: WeakRef<TransportHost>, ask: number, question: Question, value: object): void => {
  Promise.resolve(value).then(
    (settled) => weak.deref()?.answer(ask, question, settled),
    (thrown) => weak.deref()?.answerFailed(ask, thrown),
  );
};

/** `ws` alone reports the headers of the server's answer. */
const rememberHeaders = (weak: WeakRef<TransportHost>, socket: WebSocket): void => {
  const { once } = socket as { once?: Function };
  once?.call(socket, 'upgrade', ({ headers }: any) => weak.deref()?.upgraded(socket, headers));
};
