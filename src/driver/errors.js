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

const classes = {
  TransportError,
  TransportClosedError,
  TransportProtocolError,
  TransportServerError,
  TransportAlreadyConnectedError,
  TransportQueryError,
  TransportConnectionFailedError,
  TransportTimeoutError,
};

// A minifier renames classes, but not these texts.
for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

const make = (name, message, init) => new classes[name](message, init);

export const transportError = (name, message, code, ends, cause) =>
  make(name, message, { code, ends, cause });

export const queryError = (name, message, code, ends, operationId, payload) =>
  make(name, message, { code, ends, operationId, payload });

export const closeError = (name, message, code, ends, cause, closeCode, reason, wasClean) =>
  make(name, message, { code, ends, cause, closeCode, reason, wasClean });

export const timeoutError = (name, message, code, ends, option, timeout) =>
  make(name, message, { code, ends, option, timeout });
