// What a transport and a client have in common.

import type { Failure } from '#glue';
import { toError } from './errors.js';
import type { TransportHost } from './host.js';
import { toJson } from './json.js';
import { enter } from './panic.js';
import type { CloseReason, JsonObject, Payloads, Subprotocol } from './types.js';

/** The payload of a `ping` or `pong` as JSON text. */
const readPayload = ({ user }: TransportHost, type: 'ping' | 'pong', payload: unknown): string | undefined => {
  if (payload === undefined || payload === null) return undefined;
  return toJson(payload, 'the payload', { type, replacer: user.replacer });
};

const throwIfFailed = (failure: Failure | undefined): void => {
  if (failure !== undefined) throw toError(failure);
};

/** What came from the server as JSON; `null` if nothing came. */
const received = (payload: unknown) => (payload ?? null) as { [name: string]: unknown } | null;

/** What {@link WebSocketTransport} and {@link Client} have in common. */
export abstract class Endpoint {
  readonly #host: TransportHost;

  /** @internal */
  constructor(host: TransportHost) {
    this.#host = host;
  }

  /** The URL of the current or the last attempt to connect; `null` before it is known. */
  get url(): string | null {
    return enter(() => this.#host.handle.url) ?? null;
  }

  /** The subprotocol of the current or the last connection; `null` before there is one. */
  get subprotocol(): Subprotocol | null {
    return enter(() => this.#host.handle.subprotocol) ?? null;
  }

  /** How the last connection, or attempt at one, ended; `null` before the first, and during one. */
  get closeReason(): CloseReason | null {
    return this.#host.closeReason;
  }

  /**
   * The headers of the server's answer to the last handshake, where the host reports them: with `ws` in
   * Node. `null` elsewhere.
   */
  get responseHeaders(): { readonly [name: string]: string | string[] | undefined } | null {
    return this.#host.responseHeaders;
  }

  /** The last payloads of `connection_ack`, `ping` and `pong`. */
  get payloads(): Payloads {
    const { handle } = this.#host;
    return enter(() => ({
      connectionAck: received(handle.ackPayload),
      ping: received(handle.pingPayload),
      pong: received(handle.pongPayload),
    }));
  }

  /**
   * Sends a `ping`.
   * @throws TransportClosedError unless there is a connection.
   * @throws TransportProtocolError if the server speaks `graphql-ws`, which has none.
   */
  sendPing(payload?: JsonObject | null): void {
    const text = readPayload(this.#host, 'ping', payload);
    throwIfFailed(enter(() => this.#host.handle.sendPing(text)));
  }

  /**
   * Sends a `pong`. With `answerPings`, the server's `ping`s have been answered already.
   * @throws TransportClosedError unless there is a connection.
   * @throws TransportProtocolError if the server speaks `graphql-ws`, which has none.
   */
  sendPong(payload?: JsonObject | null): void {
    const text = readPayload(this.#host, 'pong', payload);
    throwIfFailed(enter(() => this.#host.handle.sendPong(text)));
  }
}
