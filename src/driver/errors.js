// The error classes. JavaScript, as only a class of the host's own has a stack and is an
// `Error` for every tool; the documentation of each stands in index.d.ts.

export class TransportError extends Error {
  constructor(message, { code, ends, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.ends = ends;
  }
}

export class TransportClosedError extends TransportError {}
export class TransportProtocolError extends TransportError {}
export class TransportServerError extends TransportError {}
export class TransportAlreadyConnectedError extends TransportError {}

export class TransportQueryError extends TransportError {
  constructor(message, init = {}) {
    super(message, init);
    this.operationId = init.operationId;
    const payload = init.payload ?? [];
    const inside = Array.isArray(payload.errors);
    // Servers send errors as text too, and what is none at all.
    this.errors = (inside ? payload.errors : [payload].flat())
      .map((error) => (typeof error === 'string' ? { message: error } : error))
      .filter((error) => typeof error === 'object' && error !== null);
    this.data = inside ? payload.data : undefined;
    this.extensions = inside ? payload.extensions : undefined;
  }
}

export class TransportConnectionFailedError extends TransportError {
  constructor(message, init = {}) {
    super(message, init);
    this.closeCode = init.closeCode;
    this.reason = init.reason;
    this.wasClean = init.wasClean;
  }
}

export class TransportTimeoutError extends TransportError {
  constructor(message, init = {}) {
    super(message, init);
    this.option = init.option;
    this.timeout = init.timeout;
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

/**
 * An error of the driver's. `number`, `text`, `flag` and `value` are what its class has beside the message:
 * close code, reason and whether it was clean; the operation's id and the payload; the option and its value.
 */
export const makeError = (which, scope, code, message, cause, number, text, flag, value) =>
  new (Object.values(classes)[which])(message, {
    code,
    ends: SCOPES[scope],
    cause,
    closeCode: number || undefined,
    reason: number ? text : undefined,
    wasClean: number ? flag : undefined,
    operationId: String(number),
    payload: value,
    option: text,
    timeout: number,
  });
