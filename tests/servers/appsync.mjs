// A scripted endpoint of AppSync, as that is known from its clients, recordings and users' reports: GraphQL over HTTP, and
// subscriptions over a WebSocket. The credentials choose how a connection goes, a subscription's field how it goes.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { execute, getOperationAST, parse, subscribe, validate } from 'graphql';
import { WebSocketServer } from 'ws';
import { carried, check } from './appsync-auth.mjs';
import { address, closeAll, isObject, serving } from './program.mjs';
import { field, pushingSchema } from './schema.mjs';

const typeDefs = `
  extend type Subscription {
    denied: Boolean
    tooMany: Boolean
    throttled: Boolean
    broken: Boolean

    """Never gets a start_ack."""
    noAck: Boolean

    """Is begun and acknowledged only after 200 ms: a stop that comes before that stops nothing."""
    lateAck: Int

    """Has its first value before its start_ack."""
    early: Int

    """One value, then the server ends it."""
    invalidated: Int

    """One value, then the credentials have expired."""
    expiring: Int

    """One value, then the server closes the connection."""
    hangUp(code: Int!): Int
  }
`;

const sources = {
  async *lateAck(_, left) {
    while (!left.aborted) {
      yield 1;
      await pause(50, undefined, { signal: left }).catch(() => {});
    }
  },
  early: () => [1],
  invalidated: () => [1],
  expiring: () => [1],
  hangUp: ({ code }) => [code],
};
const schema = pushingSchema(typeDefs, {
  Subscription: Object.fromEntries(Object.entries(sources).map(([name, values]) => [name, field(name, values)])),
});

// ---- what is refused ---------------------------------------------------------------------

const unauthorized = (message = 'You are not authorized to make this call.') => ({
  errorType: 'UnauthorizedException',
  message,
});
const unsupported = (what) => ({
  errorType: 'UnsupportedOperation',
  message: `${what} not supported through the realtime channel`,
});
const tooMany = (max) => ({
  errors: { errorType: 'MaxSubscriptionsReachedError', message: `Max number of ${max} subscriptions reached` },
});

/** The payloads of errors for fields that are refused, as users reported them. Here `errors` may be an object. */
const refused = {
  denied: { errors: [{ errorType: 'Unauthorized', message: 'Not Authorized to access denied on type Subscription' }] },
  tooMany: tooMany(100),
  throttled: { errors: { errorType: 'LimitExceededError', message: 'Rate limit exceeded' } },
  broken: { errors: [{ errorType: 'InternalFailure', message: 'An internal failure occurred while resolving this field.' }] },
};

/** How the server ends a stream, once it is over. Others say nothing: AppSync's never are over. */
const ends = {
  invalidated: { type: 'complete', payload: { message: 'Subscription complete.' } },
  expiring: { type: 'error', payload: { errors: [unauthorized('Token has expired.')] } },
};

// ---- HTTP ---------------------------------------------------------------------------------

/** The result of a query or a mutation; its message, if it is none. */
const answer = async (body) => {
  try {
    const { query, variables } = JSON.parse(body);
    return await execute({ schema, document: parse(query), variableValues: variables });
  } catch (error) {
    return { errors: [{ message: error.message }] };
  }
};

const http = createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/graphql') {
    response.writeHead(404).end();
    return;
  }
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  const { wrong } = await check(request.headers, '/graphql', body, request.headers.host);
  const result = wrong === undefined ? await answer(body) : { errors: [unauthorized(wrong)] };
  response
    .writeHead(wrong === undefined ? 200 : 401, { 'content-type': 'application/json' })
    .end(JSON.stringify(result));
});

// ---- the socket -----------------------------------------------------------------------------

const handleProtocols = (offered) => (offered.has('graphql-ws') ? 'graphql-ws' : [...offered][0]);
const sockets = new WebSocketServer({ noServer: true, handleProtocols });

http.on('upgrade', (request, socket, head) => {
  // The path of a custom domain, or that of AWS's own.
  if (/^\/graphql(\/realtime)?(\?|$)/.test(request.url)) {
    sockets.handleUpgrade(request, socket, head, (opened) => new Connection(opened, request));
  } else {
    socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
  }
});

class Connection {
  #socket;
  #host;
  #habits;
  #beat;
  /** What stops a subscription, by id. */
  #live = new Map();

  constructor(socket, request) {
    this.#socket = socket;
    this.#host = request.headers.host;
    // Frames are handled one by one, behind the check of the handshake.
    let handled = this.#admit(request);
    socket.on('message', (data) => (handled = handled.then(() => this.#isOpen() && this.#receive(String(data)))));
    socket.on('close', () => {
      clearInterval(this.#beat);
      for (const stop of this.#live.values()) stop();
    });
  }

  #isOpen() {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #send(message) {
    if (this.#isOpen()) this.#socket.send(JSON.stringify(message));
  }

  async #admit(request) {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */).filter(Boolean);
    if (offered.length === 0) return this.#refuse({ message: 'NoProtocolError', errorCode: 400 });
    if (!offered.includes('graphql-ws')) return this.#refuse({ message: 'SubProtocolNotSupportedError', errorCode: 400 });
    const given = carried(request, offered);
    if (given === undefined) {
      return this.#refuse({ errorType: 'BadRequestException', message: 'the header cannot be read', errorCode: 400 });
    }
    const { wrong, habits } = await check(given, '/graphql/connect', '{}', this.#host);
    this.#habits = habits;
    if (wrong !== undefined) return this.#refuse({ ...unauthorized(wrong), errorCode: 401 });
    if (habits.abrupt) this.#refuse({ ...unauthorized(), errorCode: 401 }, 0);
  }

  /** The client may finish what it was saying, for so many milliseconds; nothing of it is heard. */
  #refuse(error, patience = 100) {
    const socket = this.#socket;
    this.#send({ payload: { errors: [error] }, type: 'connection_error' });
    const close = () => socket.close();
    if (patience === 0) return close();
    const timer = setTimeout(close, patience);
    socket.removeAllListeners('message').once('message', close).once('close', () => clearTimeout(timer));
  }

  async #receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      // It is answered like any other that is of no known form.
    }
    const { id, type, payload } = isObject(message) ? message : {};
    if (type === 'connection_init') this.#acknowledge();
    else if (type === 'start' && typeof id === 'string' && typeof payload?.data === 'string') await this.#start(id, payload);
    else if (type === 'stop') this.#stop(id);
    else this.#send({ type: 'error', payload: { errors: [unsupported('unknown')] } });
  }

  #acknowledge() {
    const { late, ack, timeout, ka } = this.#habits;
    if (late) return this.#refuse({ ...unauthorized(), errorCode: 401 });
    if (!ack) return;
    this.#send({ type: 'connection_ack', payload: { connectionTimeoutMs: timeout } });
    if (ka === Infinity) return;
    this.#send({ type: 'ka' });
    this.#beat = setInterval(() => this.#send({ type: 'ka' }), ka);
  }

  #stop(id) {
    this.#live.get(id)?.();
    this.#live.delete(id);
    this.#send({ id, type: 'complete' });
  }

  async #start(id, { data, extensions }) {
    const fail = (payload) => this.#send({ id, type: 'error', payload });
    if (this.#live.has(id)) {
      return fail({ errors: [{ errorType: 'DuplicatedOperationError', message: `the id ${id} is in use` }] });
    }
    const { wrong } = await check(extensions?.authorization, '/graphql', data, this.#host);
    if (wrong !== undefined) return fail({ errors: [unauthorized(wrong)] });
    if (this.#live.size >= this.#habits.max) return fail(tooMany(this.#habits.max));
    let asked;
    let document;
    try {
      asked = JSON.parse(data);
      document = parse(asked.query);
    } catch (error) {
      return fail({ errors: [{ message: error.message }] });
    }
    const operation = getOperationAST(document, asked.operationName);
    if (operation?.operation !== 'subscription') return fail({ errors: [unsupported(operation?.operation ?? 'unknown')] });
    const errors = validate(schema, document);
    if (errors.length > 0) return fail({ errors });
    const name = operation.selectionSet.selections[0].name.value;
    // What is throttled has no id.
    if (name === 'throttled') return this.#send({ type: 'error', payload: refused[name] });
    if (Object.hasOwn(refused, name)) return fail(refused[name]);
    if (name === 'noAck') return;
    const { variables: variableValues, operationName } = asked;
    const results = await subscribe({ schema, document, variableValues, operationName });
    if (results.errors) return fail({ errors: results.errors });
    const begin = () => {
      const stop = () => void results.return();
      if (!this.#isOpen()) return stop();
      this.#live.set(id, stop);
      void this.#deliver(id, name, results, stop);
    };
    if (name === 'lateAck') setTimeout(begin, 200);
    else begin();
  }

  async #deliver(id, name, results, stop) {
    // It may have been stopped, and the id be in use again.
    const isLive = () => this.#live.get(id) === stop;
    const acknowledge = () => this.#send({ id, type: 'start_ack' });
    if (name !== 'early') acknowledge();
    for await (const result of results) {
      if (!isLive()) return;
      this.#send({ id, type: 'data', payload: result });
      if (name === 'early') acknowledge();
      if (name === 'hangUp') return this.#socket.close(result.data.hangUp);
    }
    if (!isLive() || ends[name] === undefined) return;
    this.#live.delete(id);
    this.#send({ id, ...ends[name] });
  }
}

http.listen(address, () => serving(http, () => closeAll(sockets, 1001)));
