// A scripted socket, and what the tests in Rust need of JavaScript.

// ---- the scripted socket ----------------------------------------------------------

/** A class of sockets that do what the case says; `sockets` are those made so far. */
export const scripted = ({ onConstruct, onSend } = {}) => {
  const sockets = [];
  return class ScriptedSocket {
    static sockets = sockets;
    sent = [];
    closed = [];
    protocol = 'graphql-transport-ws';

    constructor(...args) {
      this.args = args;
      sockets.push(this);
      onConstruct?.(this);
    }

    send(text) {
      this.sent.push(text);
      onSend?.(this, JSON.parse(text));
    }

    close(...args) {
      this.closed.push(args);
    }

    open() {
      this.onopen?.({});
    }

    say(message) {
      this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
    }

    end(code = 1000, reason = '', wasClean = true) {
      this.onclose?.({ code, reason, wasClean });
    }
  };
};

/** A transport or a client, in Node, that is connected by a scripted socket. */
export const connected = async (Class, { url = 'ws://server/graphql', ...options } = {}) => {
  const webSocket = scripted();
  const transport = new Class(url, { webSocket, ...options });
  const connecting = transport.connect();
  await new Promise(setImmediate);
  const [socket] = webSocket.sockets;
  socket.open();
  socket.say({ type: 'connection_ack' });
  await connecting;
  return { transport, socket };
};

const next = (id, n) => ({ id, type: 'next', payload: { data: { n } } });

// ---- for the comparison of the two ways -----------------------------------------------

export const scriptedSocket = () => new (scripted())();

/** Hands a message to the socket's handler. */
export const say = (socket, text) => socket.say(text);

/** Stands in for what Rust exports to the handlers of a socket: keeps what it is told. */
export const recorder = () => {
  const told = [];
  return {
    told,
    result: (id, result) => told.push(['result', id, result]),
    complete: (id) => told.push(['complete', id]),
    frame: (frame) => told.push(['frame', 0, frame]),
  };
};

/** What a recorder was told since the last time: what, an id, and a value. */
export const take = ({ told }) => told.splice(0);

/** Frames that a server could send, as text. */
export const corpus = (resultType) => {
  const other = resultType === 'next' ? 'data' : 'next';
  const types = [resultType, other, 'error', 'complete', 'ping', 'Next', null, undefined, 1];
  const ids = ['1', '0', '42', '4294967295', '4294967296', '12345678901', '01', '00', '+1', '1.0', ' 1', '1e0', 'a', '', 1, null, undefined, {}, ['1'], true];
  const payloads = [{}, { data: 1 }, { data: null, errors: [] }, { '}': '}' }, [], 'text', 1, null, undefined, true];
  const every = (order) =>
    types.flatMap((type) => ids.flatMap((id) => payloads.map((payload) => JSON.stringify(order(type, id, payload)))));
  const odd = [1, resultType, null, [], [{ type: resultType, id: '1', payload: {} }], {}, { payload: {} }];
  const first = `{"id":"1","type":"${resultType}","payload":`;
  return [
    // Each order twice over: the first of them is learned from, the others may go the way that was learned.
    ...every((type, id, payload) => ({ id, type, payload })),
    ...every((type, id, payload) => ({ type, id, payload })),
    ...every((type, id, payload) => ({ payload, id, type })),
    ...odd.map((frame) => JSON.stringify(frame)),
    // What begins as an envelope does, and is more, or less.
    `${first}{"data":1},"extra":{}}`,
    `${first}{"data":1},"id":"2"}`,
    `${first}{"data":1},"payload":{"data":2}}`,
    `${first}{"data":1},"type":"${other}"}`,
    `${first} {"data":1} }`,
    `${first}{"data":1}}\n`,
    `${first}[{"data":1}]}`,
    `{ "id" : "1" , "type" : "${resultType}" , "payload" : {"data":1} }`,
    `{"id":"1","id":"2","type":"${resultType}","payload":{}}`,
    `{"id":"\\u0031","type":"${resultType}","payload":{}}`,
    `{"type":"${other}","id":"1","type":"${resultType}","payload":{}}`,
  ];
};

// ---- for the Rust side ------------------------------------------------------------------

/** A class of sockets that play a server: each operation gets 1, 2, 3, and then `end`. */
export const counting = (end) =>
  scripted({
    onConstruct: (socket) => queueMicrotask(() => socket.open()),
    onSend: (socket, { type, id, payload }) =>
      queueMicrotask(() => {
        if (type === 'connection_init') socket.say({ type: 'connection_ack', payload });
        if (type !== 'subscribe') return;
        for (const n of [1, 2, 3]) socket.say(next(id, n));
        if (end !== null) socket.say({ id, ...end });
      }),
  });

/** What has been sent on the only socket of the class, as the types of the messages. */
export const sentTypes = ({ sockets: [socket] }) => socket.sent.map((text) => JSON.parse(text).type).join(' ');

/** The same, but for operations on the first socket, which get nothing; then one result. */
export const silent = () => {
  const Class = scripted({
    onConstruct: (socket) => queueMicrotask(() => socket.open()),
    onSend: (socket, { type, id }) =>
      queueMicrotask(() => {
        if (type === 'connection_init') socket.say({ type: 'connection_ack' });
        if (type === 'subscribe' && socket !== Class.sockets[0]) socket.say(next(id, 1));
      }),
  });
  return Class;
};

export const endFirst = ({ sockets: [socket] }) => socket.end(1011, 'oops', true);

export const endLast = ({ sockets }) => sockets.at(-1).end(1011, 'oops', true);

const payloads = ({ sent }) =>
  sent
    .map((text) => JSON.parse(text))
    .filter(({ type }) => type === 'subscribe')
    .map(({ payload }) => JSON.stringify(payload))
    .join(' ');

export const sentPayloads = ({ sockets }) => payloads(sockets[0]);

export const lastPayloads = ({ sockets }) => payloads(sockets.at(-1));

export const urls = ({ sockets }) => sockets.map(({ args: [url] }) => url).join(' ');

/** As `counting`, but the first socket is refused. */
export const failingOnce = () => {
  const Class = scripted({
    onConstruct: (socket) =>
      queueMicrotask(() => (socket === Class.sockets[0] ? socket.end(1006, '', false) : socket.open())),
    onSend: (socket, { type, payload }) =>
      queueMicrotask(() => type === 'connection_init' && socket.say({ type: 'connection_ack', payload })),
  });
  return Class;
};

/** A class of sockets that play a server: each operation gets this result, and its end. */
export const answering = (result) =>
  scripted({
    onConstruct: (socket) => queueMicrotask(() => socket.open()),
    onSend: (socket, { type, id }) =>
      queueMicrotask(() => {
        if (type === 'connection_init') socket.say({ type: 'connection_ack' });
        if (type !== 'subscribe') return;
        socket.say(`{"id":"${id}","type":"next","payload":${result}}`);
        socket.say({ id, type: 'complete' });
      }),
  });

// ---- for the dialects that are chosen ---------------------------------------------------------

/** AppSync's server: it has each subscription, and sends it one number. */
export const appsync = () =>
  scripted({
    onConstruct: (socket) => {
      socket.protocol = 'graphql-ws';
      queueMicrotask(() => socket.open());
    },
    onSend: (socket, { type, id }) =>
      queueMicrotask(() => {
        if (type === 'connection_init') socket.say({ type: 'connection_ack', payload: { connectionTimeoutMs: 300000 } });
        if (type !== 'start') return;
        socket.say({ id, type: 'start_ack' });
        socket.say({ id, type: 'data', payload: { data: { n: 1 } } });
      }),
  });

/** Absinthe's channel: it answers whatever it is asked with a number. */
export const phoenix = () =>
  scripted({
    onConstruct: (socket) => {
      const [, [first]] = socket.args;
      socket.protocol = first ?? '';
      queueMicrotask(() => socket.open());
    },
    onSend: (socket, [joinRef, ref, topic, event]) =>
      queueMicrotask(() => {
        const response = event === 'doc' ? { data: { n: 1 } } : {};
        socket.say([joinRef, ref, topic, 'phx_reply', { status: 'ok', response }]);
      }),
  });

/** What the last socket of the class was made with: the URL and the subprotocols. */
export const madeWith = ({ sockets }) => JSON.stringify(sockets.at(-1).args);

/** The texts that were sent on the last one. */
export const texts = ({ sockets }) => sockets.at(-1).sent.join(' ');

/** JSON text in base64 or base64url. */
export const decode = (base64) => atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
