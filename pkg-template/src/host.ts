// The user's side of a transport, as the core sees it: the user's functions, listeners and WebSocket class.

import { Handle, type Consumer, type DialectName, type Failure, type Host, type Settings, type Subprotocol } from '#glue';
import type { Handshake } from './dialects.js';
import { toError, type TransportError } from './errors.js';
import { readInitPayload, readUrl, type UserFunction, type UserOptions } from './options.js';
import { Failing, enter, notify } from './panic.js';
import type { ClientEvents, CloseReason, TransportEvents } from './types.js';
import { call, messageOf } from '../../src/driver/callbacks.js';
import { detach, reviveMessages } from '../../src/driver/socket.js';
import { escaped } from '../../src/driver/untrusted.js';
import { followSignal, type OnAbort, type SignalListeners } from './signals.js';
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

/** How a connection ended, as the core tells it. */
type Told = [code: number | undefined, reason: string, wasClean: boolean, sentCode: number | undefined, sentReason: string];

export const closeReasonOf = ([code, reason, wasClean, sentCode, sentReason]: Told, error: TransportError | null): CloseReason => {
  const sent = sentCode === undefined ? null : { code: sentCode, reason: sentReason };
  return { code: code ?? null, reason, wasClean, sent, error };
};

/** Those that are not to be collected: see {@link TransportHost.setAlive}. */
const kept = new Set<TransportHost>();

/** What the core asks for. */
type Asked = Question | 'authorisation';

const readers: { [Name in Asked]: (value: any, user: UserOptions) => string | undefined } = {
  url: readUrl,
  initPayload: (value, { replacer }) => readInitPayload(value, replacer),
  // The dialects' own.
  handshake: ({ url }: Handshake) => url,
  authorisation: (payload: string) => payload,
};

/**
 * What a transport consists of. WebAssembly refers to it weakly: what WebAssembly refers to is not collected, and a
 * user function or listener may refer to the transport. Whatever else may outlive the transport refers to
 * `weak` too.
 */
export class TransportHost extends Failing implements Host {
  readonly handle: Handle;
  readonly weak = new WeakRef<TransportHost>(this);
  closeReason: CloseReason | null = null;
  /** How often the user has closed it. */
  closings = 0;
  responseHeaders: { readonly [name: string]: string | string[] | undefined } | null = null;
  readonly user: UserOptions;
  readonly #listeners = new Map<Event, Set<{ listener: Listener }>>();
  readonly #signals: SignalListeners = new WeakMap();
  #listening = 0;
  #isAlive = false;
  #socket: WebSocket | undefined;
  /** What the user gave as the URL of this attempt, and what the dialect offers with it. */
  #endpoint = '';
  #subprotocols: readonly string[] = [];
  /** The last questions: what a user's function answers to an earlier one is of an attempt that was given up. */
  readonly #asked: { [Name in Asked]?: number } = {};

  constructor(settings: Settings, user: UserOptions) {
    super();
    this.user = user;
    this.handle = enter(() => new Handle(settings, this));
  }

  // ---- listeners ------------------------------------------------------------------

  /** Whether there is a connection, or is to be one. */
  protected setAlive(alive: boolean): void {
    this.#isAlive = alive;
    this.#keep();
  }

  /** As a host keeps a WebSocket that has listeners. Whoever waits for something keeps this by himself. */
  #keep(): void {
    if (this.#isAlive && this.#listening > 0) kept.add(this);
    else kept.delete(this);
  }

  /**
   * Has `onAbort` called when the signal is aborted, until the returned function is called. However many follow a
   * signal, it has one listener: hosts warn of many, as of a leak.
   */
  follow(signal: AbortSignal, onAbort: OnAbort): () => void {
    return followSignal(this.#signals, signal, onAbort);
  }

  /** Adds a listener, and returns the function that removes it. */
  on(event: Event, listener: Listener): () => void {
    // A function that is added twice is called twice, and each is removed by itself.
    const entry = { listener };
    const entries = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, entries.add(entry));
    this.#count(event, entries, 1);
    return () => {
      if (entries.delete(entry)) this.#count(event, entries, -1);
    };
  }

  #count(event: Event, entries: ReadonlySet<unknown>, more: number): void {
    this.#listening += more;
    this.#keep();
    if (event === 'message') notify(() => this.handle.watchMessages(entries.size > 0));
  }

  protected emit<Name extends Event>(event: Name, detail: Events[Name]): void {
    const entries = this.#listeners.get(event);
    if (entries === undefined) return;
    // A copy, as those that are added meanwhile are not called; and those that are removed meanwhile are not either.
    for (const entry of [...entries]) if (entries.has(entry)) call(entry.listener, detail);
  }

  connecting(retry: boolean, _number: number, _reason: string, _failure: Failure | undefined): void {
    this.closeReason = null;
    this.setAlive(true);
    this.emit('connecting', { retry });
  }

  opened(dialect: DialectName, subprotocol: Subprotocol | undefined): void {
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
    this.emit('error', this.toError(failure));
  }

  ending(...[code, reason, wasClean, sentCode, sentReason, failure]: Parameters<Host['ending']>): void {
    const error = failure === undefined ? null : this.toError(failure);
    this.closeReason = closeReasonOf([code, reason, wasClean, sentCode, sentReason], error);
  }

  /** One error for all who are told that a connection has ended. */
  protected toError(failure: Failure): TransportError {
    const told = this.closeReason?.error;
    if (!told || failure.ends !== 'connection') return toError(failure);
    failure.free();
    return told;
  }

  // Of a client only.
  status(..._: Parameters<Host['status']>): void {}
  disconnected(..._: Parameters<Host['disconnected']>): void {}
  askRetry(..._: Parameters<Host['askRetry']>): void {}

  closed(...[code, reason, wasClean, sentCode, sentReason, failure]: Parameters<Host['closed']>): void {
    this.forgetSocket();
    const error = failure === undefined ? null : this.toError(failure);
    this.#end(closeReasonOf([code, reason, wasClean, sentCode, sentReason], error));
  }

  #end(reason: CloseReason): void {
    this.setAlive(false);
    this.closeReason = reason;
    this.emit('closed', reason);
  }

  /** Has the consumer told when all is over. */
  close(consumer: Consumer): void {
    this.closings += 1;
    enter(() => this.handle.close(consumer));
  }

  // ---- asking the user ----------------------------------------------------------------

  ask(ask: number, question: Question): void {
    const { dialect } = this.user;
    this.#asked[question] = ask;
    if (question === 'handshake') {
      if (dialect !== undefined) this.#askFor(ask, question, () => dialect.prepare(this.#endpoint));
      return;
    }
    const given = this.user[question];
    if (typeof given !== 'function') {
      if (question === 'url') this.#endpoint = given ?? '';
      this.#answer(ask, given);
      return;
    }
    this.#askFor(ask, question, () => this.callUser(given));
  }

  authorise(ask: number, request: string): void {
    const { authorise } = this.user.dialect ?? {};
    if (authorise !== undefined) this.#askFor(ask, 'authorisation', () => authorise(this.#endpoint, request));
  }

  #askFor(ask: number, about: Asked, given: () => unknown): void {
    try {
      const value = given();
      // Any object may be a promise.
      if (typeof value === 'object' && value !== null) answerLater(this.weak, ask, about, value);
      else this.answer(ask, about, value);
    } catch (thrown) {
      this.answerFailed(ask, thrown);
    }
  }

  /** What a user function returns for this attempt to connect. */
  protected callUser(given: UserFunction): unknown {
    return given();
  }

  /** What the user's function, or the dialect, has returned. */
  answer(ask: number, about: Asked, value: unknown): void {
    let text;
    try {
      text = readers[about](value, this.user);
    } catch (thrown) {
      this.answerFailed(ask, thrown);
      return;
    }
    if (this.#asked[about] === ask) {
      if (about === 'url') this.#endpoint = text ?? '';
      // They carry credentials, and are not the core's to know.
      if (about === 'handshake') this.#subprotocols = (value as Handshake).subprotocols;
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
    const { dialect } = this.user;
    const subprotocols =
      dialect === undefined ? [preferred, other].filter((name) => name !== undefined) : [...this.#subprotocols];
    this.#socket = undefined;
    this.responseHeaders = null;
    const socket = openSocket(webSocket, url, subprotocols, args) as WebSocket;
    this.#socket = socket;
    if (this.user.reviver !== undefined) reviveMessages(socket, this.user.reviver);
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
    const { args, dialect } = this.user;
    return typeof thrown === 'string' || (args === undefined && dialect === undefined)
      ? messageOf(thrown)
      : 'it threw the `cause` of this error';
  }

  trace(before: string, value: string | undefined, after: string): void {
    const { trace } = this.user;
    if (trace === undefined) return;
    // It has to stay one line, and to look like what it is.
    call(trace, escaped(`${before}${value ?? ''}${after}`.trimEnd()));
  }

  // ---- the end of all ----------------------------------------------------------------

  /** WebAssembly has stopped: the socket is given up. */
  fail(error: TransportError): void {
    const socket = this.#socket;
    if (socket === undefined) {
      this.setAlive(false);
      return;
    }
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

const answerLater = (weak: WeakRef<TransportHost>, ask: number, about: Asked, value: object): void => {
  Promise.resolve(value).then(
    (settled) => weak.deref()?.answer(ask, about, settled),
    (thrown) => weak.deref()?.answerFailed(ask, thrown),
  );
};

/** `ws` alone reports the headers of the server's answer. */
const rememberHeaders = (weak: WeakRef<TransportHost>, socket: WebSocket): void => {
  const { once } = socket as { once?: Function };
  once?.call(socket, 'upgrade', ({ headers }: any) => weak.deref()?.upgraded(socket, headers));
};
