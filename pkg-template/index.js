// The package's entry: WebAssembly inline, compiled at the first use of the class, so that the
// package needs no plugin, no second download and no `await` before it can be used.

import { Observable, Observation, Subscription, Transport, initSync } from '#glue';
import { TransportError } from '#errors';
import wasm from '#wasm';

let loaded = false;

const load = () => {
  if (loaded) return;
  const bytes = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  try {
    initSync({ module: bytes });
  } catch (cause) {
    // Hosts forbid it in their own words, some of which advise more than is needed.
    throw new TransportError(
      "WebAssembly could not be started in this host. A page with a Content-Security-Policy needs 'wasm-unsafe-eval' " +
        `in its script-src. The host says: ${cause.message}`,
      { code: 'WEBASSEMBLY_FAILED', ends: 'nothing', cause },
    );
  }
  // Garbage collection frees what these would; an object freed by hand only throws.
  for (const { prototype } of [Transport, Subscription, Observable, Observation]) {
    for (const key of ['free', '__destroy_into_raw', Symbol.dispose]) delete prototype[key];
  }
  // The bundle has it under another name.
  Object.defineProperty(Subscription, 'name', { value: 'Subscription' });
  loaded = true;
};

export class WebSocketTransport extends Transport {
  // Your functions and listeners: held here they can be collected, held in WebAssembly they could not.
  #held;

  constructor(url, options) {
    load();
    super(url, options);
    this.#held = this.handOver();
  }
}

export {
  TransportAlreadyConnectedError,
  TransportClosedError,
  TransportConnectionFailedError,
  TransportError,
  TransportProtocolError,
  TransportQueryError,
  TransportServerError,
  TransportTimeoutError,
} from '#errors';
