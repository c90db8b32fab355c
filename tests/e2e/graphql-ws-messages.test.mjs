// `wireql/graphql-ws` beside npm `graphql-ws`: messages, and what users' functions throw.
import { compare, serverOf } from './oracle.mjs';

const situations = {};

const add = (name, situation) => {
  if (name in situations) throw new Error(`there are two of ${name}`);
  situations[name] = situation;
};

/** Sends a message in the place of the ack, or of the first result. `id`: of the operation, where there is one. */
const instead = (at, message) => () =>
  serverOf([{ at, is: ({ send }, { id } = {}) => send(typeof message === 'function' ? message(id) : message) }]);

// ---- what the protocol does not allow ---------------------------------------------------

const invalid = {
  'no JSON': '{',
  'an empty text': '',
  'a number': '1',
  null: 'null',
  'an array': [],
  'a string': '"next"',
  'no type': {},
  'an empty type': { type: '' },
  'a number as type': { type: 1 },
  'an unknown type': { type: 'nothing' },
  'an ack with an array': { type: 'connection_ack', payload: [] },
  'an ack with a text': { type: 'connection_ack', payload: 'hello' },
  'a ping with a number': { type: 'ping', payload: 1 },
  'a pong with a text': { type: 'pong', payload: '' },
  'a next without an id': { type: 'next', payload: {} },
  'a next with a number as id': { id: 1, type: 'next', payload: {} },
  'a next with an empty id': { id: '', type: 'next', payload: {} },
  'a next without a payload': (id) => ({ id: id ?? 'x', type: 'next' }),
  'a next with a list': (id) => ({ id: id ?? 'x', type: 'next', payload: [] }),
  'a next with null': (id) => ({ id: id ?? 'x', type: 'next', payload: null }),
  'an error without errors': (id) => ({ id: id ?? 'x', type: 'error', payload: [] }),
  'an error with an object': (id) => ({ id: id ?? 'x', type: 'error', payload: { message: 'no' } }),
  'an error without a payload': (id) => ({ id: id ?? 'x', type: 'error' }),
  'an error whose error has no message': (id) => ({ id: id ?? 'x', type: 'error', payload: [{}] }),
  'an error without an id': { type: 'error', payload: [{ message: 'no' }] },
  'a complete without an id': { type: 'complete' },
  'a complete with an empty id': { id: '', type: 'complete' },
  'a subscribe without a query': { id: 'x', type: 'subscribe', payload: {} },
  'a subscribe with a list of variables': { id: 'x', type: 'subscribe', payload: { query: '', variables: [] } },
  'a subscribe with a number as operationName': { id: 'x', type: 'subscribe', payload: { query: '', operationName: 1 } },
  'a subscribe with a text of extensions': { id: 'x', type: 'subscribe', payload: { query: '', extensions: '' } },
  'a subscribe with an array': { id: 'x', type: 'subscribe', payload: [] },
  'a type that is too long for a close reason': { type: 'x'.repeat(200) },
  'a binary message': ({ socket }) => socket.send(Buffer.from('{"type":"ping"}')),
};

for (const [name, message] of Object.entries(invalid)) {
  const server = (at) =>
    name === 'a binary message' ? () => serverOf([{ at, is: message }]) : instead(at, message);
  add(`${name} in the place of the ack`, { server: server('init') });
  add(`${name} in the place of a result`, { server: server('subscribe') });
}

// ---- what it allows, and what is early --------------------------------------------------

for (const type of ['next', 'error', 'complete', 'subscribe', 'connection_init']) {
  const payload = { next: {}, error: [{ message: 'no' }], subscribe: { query: '' } }[type];
  add(`${type} before the ack`, { server: instead('init', { id: 'x', type, payload }) });
  add(`${type} for an unknown id`, {
    server: () =>
      serverOf([
        {
          at: 'subscribe',
          is({ send }, { id }) {
            send({ id: 'x', type, payload });
            send({ id, type: 'next', payload: { data: { n: 1 } } });
            send({ id, type: 'complete' });
          },
        },
      ]),
  });
}

for (const payload of [undefined, null, {}, { a: 1 }]) {
  const name = JSON.stringify(payload) ?? 'none';
  for (const type of ['ping', 'pong']) {
    for (const disablePong of [false, true]) {
      add(`${type} with payload ${name} before the ack and behind it, disablePong ${disablePong}`, {
        server: () =>
          serverOf([
            {
              at: 'init',
              is({ send }) {
                send({ type, payload });
                send({ type: 'connection_ack', payload });
                send({ type, payload });
              },
            },
          ]),
        options: { disablePong },
      });
    }
  }
}

add('a second ack', { server: instead('ack', { type: 'connection_ack', payload: { second: true } }) });

for (const errors of [[{ message: 'no' }], [{ message: 'no', path: ['a', 0], extensions: { code: 'X' } }, { message: 'nor this' }]]) {
  add(`an error for an operation, ${errors.length}`, {
    server: instead('subscribe', (id) => ({ id, type: 'error', payload: errors })),
  });
}

add('an error behind results, and what comes then', {
  difference: 'nothing comes behind the end',
  server: () =>
    serverOf([
      {
        at: 'result',
        is({ send }, { id }) {
          send({ id, type: 'error', payload: [{ message: 'no' }] });
          send({ id, type: 'next', payload: { data: { late: true } } });
          send({ id, type: 'complete' });
        },
      },
    ]),
});

for (const payload of [{ data: null, errors: [{ message: 'x' }] }, { extensions: { cost: 1 }, data: {}, hasNext: true }, {}, { incremental: [{ path: [], data: {} }], hasNext: false }]) {
  add(`a result ${JSON.stringify(payload)} as it is`, {
    server: () =>
      serverOf([
        {
          at: 'subscribe',
          is({ send }, { id }) {
            send({ id, type: 'next', payload });
            send({ id, type: 'complete' });
          },
        },
      ]),
  });
}

// ---- what is sent -----------------------------------------------------------------------

const payloads = {
  'all keys': { query: '{ a }', operationName: 'A', variables: { a: 1, b: null, c: undefined }, extensions: { e: [1] }, other: true },
  'nulls': { query: '{ a }', operationName: null, variables: null, extensions: null },
  'an empty query': { query: '' },
};
for (const [name, payload] of Object.entries(payloads)) add(`an operation with ${name}`, { user: (act) => act.subscribe(payload) });

// ---- what listeners and functions throw -------------------------------------------------

const thrown = {
  'an Error': () => new Error('thrown on purpose'),
  'a text': () => 'thrown on purpose',
  'an Error with a long message': () => new Error('x'.repeat(124)),
  'an Error with a message that just fits': () => new Error('x'.repeat(123)),
  'an Error without a message': () => new Error(''),
  undefined: () => undefined,
  'what looks like a close event': () => ({ code: 1001, reason: 'mine' }),
  'what looks like a fatal close event': () => ({ code: 4400, reason: 'mine' }),
};

for (const [name, make] of Object.entries(thrown)) {
  const fail = () => {
    throw make();
  };
  add(`connectionParams throws ${name}`, { options: { connectionParams: fail, retryAttempts: 0 } });
  add(`connectionParams rejects with ${name}`, { options: { connectionParams: async () => fail(), retryAttempts: 0 } });
  add(`opened throws ${name}`, { options: { on: { opened: fail }, retryAttempts: 0 } });
  add(`connected throws ${name}`, { options: { on: { connected: fail }, retryAttempts: 0 } });
  add(`message throws ${name}`, { options: { on: { message: fail }, retryAttempts: 0 } });
  for (const event of ['ping', 'pong']) {
    add(`${event} throws ${name}`, {
      server: instead('subscribe', { type: event }),
      options: { on: { [event]: fail }, retryAttempts: 0 },
    });
  }
}

add('message throws for a result', {
  options: {
    on: {
      message({ type }) {
        if (type === 'next') throw new Error('thrown on purpose');
      },
    },
  },
});

add('shouldRetry throws', {
  server: () => serverOf([{ at: 'init', is: 1001 }]),
  options: {
    shouldRetry() {
      throw new Error('thrown on purpose');
    },
  },
});

compare('messages and what is thrown', situations);
