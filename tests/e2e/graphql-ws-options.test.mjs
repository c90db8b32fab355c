// `wireql/graphql-ws` beside npm `graphql-ws`: options, events, and what users do.
import { WebSocket } from 'ws';
import { compare, serverOf } from './oracle.mjs';
import { unusedUrl } from './servers.mjs';

const situations = {};

const add = (name, situation) => {
  if (name in situations) throw new Error(`there are two of ${name}`);
  situations[name] = situation;
};

/** A server that does not end operations. */
const lasting = () => serverOf({ always: { at: 'result', is: 'silent' } });

// ---- options ----------------------------------------------------------------------------

for (const value of [undefined, null, false, '', 0, {}, { token: 'x' }]) {
  const name = JSON.stringify(value) ?? 'undefined';
  add(`connectionParams ${name}`, { options: { connectionParams: value } });
  add(`connectionParams gives ${name}`, { options: { connectionParams: () => value } });
  add(`connectionParams promises ${name}`, { options: { connectionParams: async () => value } });
}

add('connectionParams is asked at each attempt', {
  server: () => serverOf([{ at: 'init', is: 'lost' }, { at: 'subscribe', is: 4403 }]),
  options: ({ log }) => ({
    async connectionParams() {
      log.push('connectionParams');
      return { token: log.length };
    },
  }),
});

add('url is asked at each attempt, behind connecting', {
  server: () => serverOf([{ at: 'init', is: 'lost' }, { at: 'subscribe', is: 4403 }]),
  options: ({ log, url }) => ({
    url() {
      log.push('url');
      return url;
    },
  }),
});

add('url promises', { options: ({ url }) => ({ url: async () => url }) });

for (const ack of [{ type: 'connection_ack', payload: { a: 1 } }, { type: 'connection_ack', payload: null }]) {
  add(`the ack ${JSON.stringify(ack)}`, { server: () => serverOf([], { ack }) });
}

add('connectionParams that take longer than the server waits', () => {
  let closed;
  const isClosed = new Promise((resolve) => (closed = resolve));
  return {
    server: () => serverOf([{ at: 'open', is: 4408 }]),
    options: {
      retryAttempts: 0,
      connectionParams: () => isClosed,
      on: { closed: () => closed() },
      // As browsers and mocks do that are strict about it.
      webSocketImpl: class extends WebSocket {
        send(...args) {
          if (this.readyState !== WebSocket.OPEN) throw new Error('it is not open');
          super.send(...args);
        }
      },
    },
  };
});

for (const connectionAckWaitTimeout of [20, 0, Infinity, '', null]) {
  add(`connectionAckWaitTimeout ${String(connectionAckWaitTimeout) || "''"} of a server that ${connectionAckWaitTimeout === 20 ? 'says nothing' : 'is slow'}`, {
    server: () =>
      connectionAckWaitTimeout === 20
        ? serverOf([{ at: 'init', is: 'silent' }])
        : serverOf([{ at: 'init', is: ({ send }) => setImmediate(send, { type: 'connection_ack' }) }]),
    options: { connectionAckWaitTimeout },
  });
}

add('keepAlive pings behind the init and behind each pong', {
  server: () =>
    serverOf([
      {
        at: 'init',
        is({ send, socket }) {
          let pings = 0;
          socket.on('message', (text) => {
            if (JSON.parse(text).type !== 'ping') return;
            // Without another pong there is no other ping, whenever the rest comes.
            if ((pings += 1) < 3) send({ type: 'pong', payload: { pings } });
            else send({ type: 'connection_ack' });
          });
        },
      },
    ]),
  options: { keepAlive: 3 },
});

add('keepAlive without a pong', {
  server: () =>
    serverOf([{ at: 'init', is: ({ send, socket }) => socket.once('message', () => send({ type: 'connection_ack' })) }]),
  options: { keepAlive: 3 },
});

add('generateID', {
  server: () => serverOf([{ at: 'subscribe', is: 'lost' }]),
  options({ log }) {
    let ids = 0;
    return {
      generateID(payload) {
        log.push(`generateID ${JSON.stringify(payload)}`);
        return `id-${(ids += 1)}`;
      },
      on: { message: ({ id }) => id && log.push(`its id is ${id}`) },
    };
  },
  user(act) {
    act.subscribe();
    act.subscribe({ query: '{ other }' });
  },
});

add('jsonMessageReplacer and jsonMessageReviver', {
  server: () =>
    serverOf([
      {
        at: 'subscribe',
        is({ send }, { id, payload }) {
          send({ type: 'ping', payload: { at: 'date:5' } });
          send({ id, type: 'next', payload: { data: { given: payload.variables.at, at: 'date:7' } } });
          send({ id, type: 'complete' });
        },
      },
    ]),
  options: {
    keepAlive: 50_000,
    connectionParams: { at: new Date(3) },
    jsonMessageReplacer(key, value) {
      return this[key] instanceof Date ? `date:${this[key].getTime()}` : value;
    },
    jsonMessageReviver: (_, value) => (/^date:/.test(value) ? { isDate: Number(value.slice(5)) } : value),
  },
  user: (act) => act.subscribe({ query: '{ a }', variables: { at: new Date(4) } }),
});

add('a reviver that throws', {
  options: {
    jsonMessageReviver(key, value) {
      if (key === 'data') throw new Error('thrown on purpose');
      return value;
    },
  },
});

add('unknown options', { options: { nothing: true, fatal: undefined } });

// ---- nobody listens ---------------------------------------------------------------------

for (const retry of ['by default', 'never', 'always']) {
  const shouldRetry = { never: () => false, always: () => true }[retry];
  add(`nobody listens, shouldRetry ${retry}`, {
    options: ({ log }) => ({
      url: async () => {
        log.push('url');
        return unusedUrl();
      },
      retryAttempts: 2,
      ...(shouldRetry && { shouldRetry }),
    }),
    isOver: (act) => act.allEnded() && act.count('closed') === act.count('connecting'),
  });
  add(`nobody listens without lazy, shouldRetry ${retry}`, {
    options: ({ log }) => ({
      lazy: false,
      url: async () => {
        log.push('url');
        return unusedUrl();
      },
      retryAttempts: 1,
      ...(shouldRetry && { shouldRetry }),
    }),
    user() {},
    isOver: (act) => act.has('onNonLazyError') && act.count('closed') === act.count('connecting'),
  });
}

// ---- several operations -----------------------------------------------------------------

add('three operations share a connection', {
  user(act) {
    for (const query of ['{ a }', 'subscription { b }', 'mutation { c }']) act.subscribe({ query });
  },
});

add('three operations are sent again in their order', {
  server: () => {
    let operations = 0;
    return serverOf([{ at: 'subscribe', is: ({ socket }) => (operations += 1) === 3 && socket.terminate() }]);
  },
  user(act) {
    for (const query of ['{ a }', 'subscription { b }', '{ c }']) act.subscribe({ query });
  },
});

add('three operations end together', {
  server: () => serverOf([{ at: 'subscribe', is: 4400 }]),
  user(act) {
    for (const query of ['{ a }', 'subscription { b }', '{ c }']) act.subscribe({ query });
  },
});

add('an operation that is begun in the turn in which the last one was left shares its connection', {
  server: lasting,
  async user(act) {
    const leave = act.subscribe();
    await act.until('next of 1');
    leave();
    const again = act.subscribe();
    await act.until('next of 2');
    again();
  },
});

add('an operation that is begun when the last one is completed by the server', {
  difference: 'a connection is kept for what is begun at once',
  user(act) {
    act.subscribe(undefined, { complete: () => act.count('complete') < 2 && act.subscribe() });
  },
  isOver: (act) => act.count('complete of') === 2,
});

add('an operation that is begun behind the end of a connection', {
  server: () => serverOf([{ at: 'subscribe', is: 4400 }]),
  user(act) {
    act.subscribe(undefined, { error: () => setImmediate(() => act.subscribe()) });
  },
  isOver: (act) => act.count('complete of') === 1,
});

for (const lazyCloseTimeout of [0, Infinity, 200]) {
  add(`two operations one behind the other with lazyCloseTimeout ${lazyCloseTimeout}`, {
    options: { lazyCloseTimeout },
    async user(act) {
      act.subscribe();
      await act.until('complete of 1');
      if (lazyCloseTimeout !== 200) await act.until('closed');
      act.subscribe();
      await act.until('closed', lazyCloseTimeout === 200 ? 1 : 2);
    },
  });
}

add('without lazy operations come and go on one connection', {
  options: { lazy: false },
  async user(act) {
    await act.until('connected');
    act.subscribe();
    await act.until('complete of 1');
    act.subscribe();
    await act.until('complete of 2');
  },
});

add('without lazy a fatal end is told once, and what begins then ends by itself', {
  server: () => serverOf({ always: { at: 'init', is: 4400 } }),
  options: { lazy: false },
  async user(act) {
    await act.until('onNonLazyError');
    act.subscribe();
  },
});

// ---- leaving ----------------------------------------------------------------------------

add('leaving at once, which still connects', {
  difference: 'a sink is completed as soon as it is left',
  async user(act) {
    const leave = act.subscribe();
    leave();
    leave();
    await act.until('closed');
  },
});

add('leaving at once and beginning again', {
  difference: 'a sink is completed as soon as it is left',
  user(act) {
    act.subscribe()();
    act.subscribe();
  },
});

for (const event of ['connecting', 'opened', 'connected', 'message']) {
  add(`leaving in ${event}`, {
    server: lasting,
    difference: event === 'message' || event === 'connected' ? undefined : 'a sink is completed as soon as it is left',
    async user(act) {
      // In the turn behind the event: `subscribe` has to have returned.
      act.client.on(event, () => queueMicrotask(() => leave()));
      const leave = act.subscribe();
      await act.until('closed');
    },
  });
}

add('leaving with the first result', {
  server: lasting,
  async user(act) {
    const leave = act.subscribe();
    await act.until('next of 1');
    leave();
    leave();
    await act.until('closed');
  },
});

add('leaving within next', {
  difference: 'nothing comes behind the end',
  server: () => serverOf([{ at: 'result', is: 'silent' }], { results: 3 }),
  async user(act) {
    const leave = act.subscribe(undefined, { next: () => leave() });
    await act.until('closed');
  },
});

add('leaving within error', {
  server: () => serverOf([{ at: 'subscribe', is: ({ send }, { id }) => send({ id, type: 'error', payload: [{ message: 'no' }] }) }]),
  async user(act) {
    const leave = act.subscribe(undefined, { error: () => leave() });
    await act.until('closed');
  },
});

add('leaving behind the end', {
  async user(act) {
    const leave = act.subscribe();
    await act.until('complete of 1');
    leave();
  },
});

// gw#163: the attempts end with the last operation.
add('leaving while a retry waits', () => {
  let leave;
  return {
    server: () => serverOf({ always: { at: 'init', is: 1001 } }),
    options: ({ log }) => ({
      async retryWait(retries) {
        log.push(`retryWait ${retries}`);
        if (retries === 1) leave();
      },
    }),
    user(act) {
      leave = act.subscribe();
    },
  };
});

// ---- terminate and dispose --------------------------------------------------------------

for (const event of ['opened', 'connected', 'message']) {
  add(`terminate in ${event}`, {
    server: lasting,
    async user(act) {
      const off = act.client.on(event, () => {
        off();
        act.client.terminate();
        act.note('terminate has returned');
      });
      const leave = act.subscribe();
      await act.until('next of 1');
      leave();
    },
  });
  add(`dispose in ${event}`, {
    server: lasting,
    difference: event === 'opened' ? 'dispose does not wait for the ack' : undefined,
    async user(act) {
      act.client.on(event, () => void act.client.dispose().then(() => act.note('dispose has returned')));
      act.subscribe();
      await act.until('closed');
    },
  });
}

add('terminate with the first result', {
  server: lasting,
  async user(act) {
    const leave = act.subscribe();
    await act.until('next of 1');
    act.client.terminate();
    act.note('terminate has returned');
    await act.until('next of 1', 2);
    leave();
  },
});

add('terminate in closed', {
  server: () => serverOf([{ at: 'result', is: 'lost' }]),
  async user(act) {
    const off = act.client.on('closed', () => {
      off();
      act.client.terminate();
    });
    act.subscribe();
  },
});

for (const is of ['lost', 1001, 4400]) {
  add(`dispose in closed, by ${is}`, {
    server: () => serverOf([{ at: 'result', is }]),
    user(act) {
      act.client.on('closed', () => void act.client.dispose());
      act.subscribe();
    },
  });
}

add('a connection without operations is lost, and an operation begins then', {
  server: () => serverOf([{ at: 'result', is: ({ send, socket }, { id }) => (send({ id, type: 'complete' }), setImmediate(() => socket.close(1001))) }]),
  options: { lazyCloseTimeout: 1_000 },
  async user(act) {
    act.subscribe();
    await act.until('closed');
    act.subscribe();
  },
});

add('dispose with the first result', {
  server: lasting,
  async user(act) {
    act.subscribe();
    await act.until('next of 1');
    await act.client.dispose();
    act.note('dispose has returned');
    await act.until('closed');
  },
});

add('terminate without a connection', {
  user(act) {
    act.client.terminate();
    act.subscribe();
  },
});

add('dispose without a connection', {
  async user(act) {
    await act.client.dispose();
    act.subscribe();
  },
});

add('dispose behind the last operation, and an operation then', {
  options: { generateID: () => 'the same' },
  async user(act) {
    act.subscribe();
    await act.until('closed');
    await act.client.dispose();
    act.subscribe();
    await act.until('closed', 2);
  },
});

add('dispose of three operations', {
  server: lasting,
  async user(act) {
    for (const query of ['{ a }', 'subscription { b }', 'mutation { c }']) act.subscribe({ query });
    await act.until('next of 3');
    await act.client.dispose();
  },
});

// ---- listeners --------------------------------------------------------------------------

add('listeners that are added, twice added, and removed', {
  server: lasting,
  async user(act) {
    const twice = () => act.note('twice');
    const off = act.client.on('connected', twice);
    act.client.on('connected', twice);
    act.client.on('message', ({ type }) => act.note(`also ${type}`));
    const once = act.client.on('opened', () => {
      act.note('once opened');
      once();
    });
    act.client.on('opened', () => act.note('behind one that removes itself'));
    const leave = act.subscribe();
    await act.until('next of 1');
    off();
    off();
    act.client.terminate();
    await act.until('next of 1', 2);
    leave();
  },
});

add('an operation that is begun in each listener', {
  options: { on: {} },
  user(act) {
    for (const event of ['opened', 'connected', 'message']) {
      const off = act.client.on(event, () => {
        off();
        act.subscribe({ query: `{ ${event} }` });
      });
    }
    act.subscribe();
  },
});

// ---- iterate ----------------------------------------------------------------------------

const iterating = (user, more = {}) => ({
  async user(act) {
    act.begin();
    await user(act, act.client.iterate({ query: 'subscription { n }' }));
    act.end();
  },
  ...more,
});

const read = async (act, iterator) => {
  try {
    for await (const result of iterator) act.note(`read ${JSON.stringify(result)}`);
    act.note('read to the end');
  } catch (problem) {
    act.note(`read throws ${Array.isArray(problem) ? JSON.stringify(problem) : `${problem.constructor.name} ${problem.code ?? problem.message}`}`);
  }
  act.note(`then ${JSON.stringify(await iterator.next())}`);
};

for (const results of [0, 1, 5]) add(`iterate ${results} results`, iterating(read, { server: () => serverOf([], { results }) }));
add('iterate over a lost connection', iterating(read, { server: () => serverOf([{ at: 'result', is: 'lost' }], { results: 2 }) }));
add('iterate to a fatal close', iterating(read, { server: () => serverOf([{ at: 'result', is: 4400 }], { results: 3 }) }));
add(
  'iterate to an error of the server',
  iterating(read, {
    server: () =>
      serverOf([{ at: 'result', is: ({ send }, { id }) => send({ id, type: 'error', payload: [{ message: 'no' }] }) }], { results: 3 }),
  }),
);
add(
  'iterate with a break',
  iterating(
    async (act, iterator) => {
      for await (const result of iterator) {
        act.note(`read ${JSON.stringify(result)}`);
        break;
      }
      await act.until('closed');
    },
    { server: lasting },
  ),
);
add(
  'iterate with a return while next waits',
  iterating(
    async (act, iterator) => {
      await iterator.next();
      const waiting = [iterator.next(), iterator.next()];
      act.note(`return gives ${JSON.stringify(await iterator.return())}`);
      act.note(`next gives ${JSON.stringify(await Promise.all(waiting))}`);
      await act.until('closed');
    },
    { server: lasting },
  ),
);
add(
  'iterate with a throw while next waits',
  iterating(
    async (act, iterator) => {
      await iterator.next();
      const waiting = iterator.next().catch((problem) => `thrown ${problem.message}`);
      act.note(`throw gives ${JSON.stringify(await iterator.throw(new Error('mine')))}`);
      act.note(`next gives ${JSON.stringify(await waiting)}`);
      act.note(`then ${JSON.stringify(await iterator.next())}`);
      act.client.dispose();
      await act.until('closed');
    },
    { server: lasting, difference: 'throw of an iterator tells the server' },
  ),
);

compare('options and what users do', situations);
