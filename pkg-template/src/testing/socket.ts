// A WebSocket class whose connections end in this process.

import type { Handshake } from './dialects.js';

/** What a server does with a connection. */
export interface Link {
  send(data: string | ArrayBuffer): void;
  close(code: number, reason: string): void;
  /** Ends it without a close frame. */
  lose(): void;
}

/** What a server hears of a connection. */
export interface Handlers {
  received(text: string): void;
  closed(code: number, reason: string): void;
}

/** A connection that a server has accepted. */
export interface Accepted {
  readonly subprotocol: string | null;
  /** Called once the client knows that the socket is open. */
  opened(link: Link): Handlers;
}

/** Decides about a connection; `undefined` refuses it. */
export type Accept = (handshake: Handshake) => Accepted | undefined;

/** As a browser's constructor. */
export type MockWebSocketClass = new (url: string | URL, subprotocols?: string | string[]) => WebSocket;

/** In the order of the calls, and whatever a test does to its timers. */
const soon = (call: () => void): void => void Promise.resolve().then(call);

const states = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;
type HandlerName = 'onopen' | 'onmessage' | 'onerror' | 'onclose';

/** Makes the class. It checks what browsers check: tests are to find what they would. */
export const webSocketClass = (accept: Accept): MockWebSocketClass => {
  class MockWebSocket extends EventTarget {
    static readonly CONNECTING = states.CONNECTING;
    static readonly OPEN = states.OPEN;
    static readonly CLOSING = states.CLOSING;
    static readonly CLOSED = states.CLOSED;
    readonly CONNECTING = states.CONNECTING;
    readonly OPEN = states.OPEN;
    readonly CLOSING = states.CLOSING;
    readonly CLOSED = states.CLOSED;
    readonly url: string;
    readonly extensions = '';
    readonly bufferedAmount = 0;
    binaryType = 'blob';
    protocol = '';
    readyState: number = states.CONNECTING;
    onopen: ((event: any) => void) | null = null;
    onmessage: ((event: any) => void) | null = null;
    onerror: ((event: any) => void) | null = null;
    onclose: ((event: any) => void) | null = null;
    #handlers: Handlers | undefined;

    constructor(url: string | URL, subprotocols: string | string[] = []) {
      super();
      this.url = new URL(url).href;
      for (const type of ['open', 'message', 'error', 'close']) {
        this.addEventListener(type, (event) => this[`on${type}` as HandlerName]?.(event));
      }
      soon(() => this.#connect([subprotocols].flat()));
    }

    #connect(subprotocols: string[]): void {
      // It was closed before it was open.
      if (this.readyState !== states.CONNECTING) return this.#end(1006, '', false);
      const accepted = accept({ url: this.url, subprotocols });
      if (accepted === undefined) {
        this.#emit('error', {});
        return this.#end(1006, '', false);
      }
      this.protocol = accepted.subprotocol ?? '';
      this.readyState = states.OPEN;
      this.#emit('open', {});
      this.#handlers = accepted.opened({
        send: (data) => soon(() => this.readyState === states.OPEN && this.#emit('message', { data })),
        close: (code, reason) => soon(() => this.#end(code, reason, true)),
        lose: () => soon(() => this.#end(1006, '', false)),
      });
      // Its listener for `open` may have closed it.
      if ((this.readyState as number) === states.CLOSING) this.#handlers.closed(1000, '');
    }

    send(data: unknown): void {
      if (this.readyState === states.CONNECTING) throw new DOMException('the socket is not open yet', 'InvalidStateError');
      if (this.readyState !== states.OPEN) return;
      const text = String(data);
      // In the order in which they were made.
      soon(() => this.#handlers?.received(text));
    }

    close(code = 1000, reason = ''): void {
      if (code !== 1000 && !(code >= 3000 && code <= 4999)) {
        throw new DOMException(`the code must be 1000, or 3000 to 4999, but is ${code}`, 'InvalidAccessError');
      }
      if (this.readyState >= states.CLOSING) return;
      const wasOpen = this.readyState === states.OPEN;
      this.readyState = states.CLOSING;
      if (!wasOpen) return;
      soon(() => {
        if (this.readyState === states.CLOSED) return;
        this.#handlers?.closed(code, reason);
        this.#end(code, reason, true);
      });
    }

    #end(code: number, reason: string, wasClean: boolean): void {
      if (this.readyState === states.CLOSED) return;
      this.readyState = states.CLOSED;
      this.#handlers = undefined;
      this.#emit('close', { code, reason, wasClean });
    }

    #emit(type: string, detail: object): void {
      this.dispatchEvent(Object.assign(new Event(type), detail));
    }
  }
  return MockWebSocket as unknown as MockWebSocketClass;
};
