// The error classes. JavaScript, as only a class of the host's own has a stack and is an
// `Error` for every tool; the documentation of each stands in index.d.ts.

export class TransportError extends Error {
  constructor(message, { cause, ...details } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }
}

export class TransportClosedError extends TransportError {}
export class TransportProtocolError extends TransportError {}
export class TransportServerError extends TransportError {}
export class TransportAlreadyConnectedError extends TransportError {}
export class TransportConnectionFailedError extends TransportError {}
export class TransportTimeoutError extends TransportError {}

export class TransportQueryError extends TransportError {
  constructor(message, { payload, ...details } = {}) {
    super(message, details);
    const inside = Array.isArray(payload?.errors);
    // Servers send errors as text too, and what is none at all.
    this.errors = (inside ? payload.errors : [payload ?? []].flat())
      .map((error) => (typeof error === 'string' ? { message: error } : error))
      .filter((error) => typeof error === 'object' && error !== null);
    this.data = inside ? payload.data : undefined;
    this.extensions = inside ? payload.extensions : undefined;
  }
}

/** In the order in which the driver numbers them; what no error of the driver's is of comes last. */
const classes = {
  TransportClosedError,
  TransportProtocolError,
  TransportQueryError,
  TransportServerError,
  TransportConnectionFailedError,
  TransportAlreadyConnectedError,
  TransportTimeoutError,
  TransportError,
};

// A minifier renames classes, but not these texts.
for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

const SCOPES = ['nothing', 'operation', 'connection'];

/** What a class has beside the message: the numbers are their places above. */
const DETAILS = {
  2: (number, text, flag, payload) => ({ operationId: String(number), payload }),
  4: (number, text, flag) => number && { closeCode: number, reason: text, wasClean: flag },
  6: (number, text) => ({ option: text, timeout: number }),
};

/** An error of the driver's. `details`: a number, a text, a flag and a payload, as `error.rs` gives them. */
export const makeError = (which, scope, code, message, cause, ...details) =>
  new (Object.values(classes)[which])(message, { code, ends: SCOPES[scope], cause, ...DETAILS[which]?.(...details) });
