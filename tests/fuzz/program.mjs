// One program of random calls, frames and lapses of time, and what has to hold of it whatever it did.

import assert from 'node:assert/strict';
import { chance, time, turn } from './virtual.mjs';
import { nextType, wire } from './wire.mjs';

/** What a callback of the user's throws now and then; it is reported as uncaught. */
export class Thrown extends Error {}

/** A promise that has to settle once the endpoint is closed. */
class Promised {
  isSettled = false;
  constructor(what, promise, { resolved = () => {}, rejected = () => {} } = {}) {
    this.what = what;
    promise.then(
      (value) => ((this.isSettled = true), resolved(value)),
      (error) => ((this.isSettled = true), rejected(error)),
    );
  }
}

/** What one operation was sent, and given. */
class Operation {
  expected = [];
  #at = 0;
  sent = 0;
  /** How often `next` of its iterator was called, and has settled. */
  reads = 0;
  settled = 0;
  isFinished = false;
  mayBeFinished = false;
  /** The step in which the user left it, or learned of its end. */
  goneAt = Infinity;
  isEnded = false;
  constructor(k, how, kind, sendStop, clock) {
    Object.assign(this, { k, how, kind, sendStop, clock });
  }

  get isGone() {
    return this.goneAt < this.clock.step || (this.how === 'execute' && this.expected.some(({ isSure }) => isSure));
  }

  get isLeft() {
    return this.goneAt !== Infinity;
  }

  get answersOnce() {
    return this.kind !== 'subscription';
  }

  leave() {
    this.goneAt = Math.min(this.goneAt, this.clock.step);
  }

  expect(n, isSure) {
    const entry = { n, isSure };
    this.expected.push(entry);
    return entry;
  }

  /** A result has come: all that the server was sure to have sent before it has come before. */
  given(n) {
    assert.ok(!this.isEnded, `operation ${this.k} is given ${n} after its end`);
    for (; this.#at < this.expected.length; this.#at += 1) {
      const { n: next, isSure } = this.expected[this.#at];
      if (next === n) {
        this.#at += 1;
        return;
      }
      assert.ok(!isSure, `operation ${this.k} is given ${n} in place of ${next}`);
    }
    assert.fail(`operation ${this.k} is given ${n}, which was not sent, or twice`);
  }

  /** It has ended by itself: nothing that was sent is missing. */
  ended() {
    assert.ok(!this.isEnded, `operation ${this.k} ends twice`);
    this.isEnded = true;
    if (!this.isLeft && this.how !== 'execute') {
      const lost = this.expected.slice(this.#at).filter(({ isSure }) => isSure);
      assert.deepEqual(lost, [], `operation ${this.k} ends without these`);
    }
    this.leave();
  }
}

const KINDS = ['subscription', 'subscription', 'query', 'mutation'];
const CODES = [1000, 1001, 1002, 1005, 1006, 1011, 1012, 4400, 4401, 4403, 4406, 4429, 4500, 4999];
const NAMES = {
  transport: ['connecting', 'opened', 'connected', 'ping', 'pong', 'message', 'closed', 'error'],
  client: ['status', 'connecting', 'opened', 'connected', 'disconnected', 'ping', 'pong', 'message', 'error'],
};

/** Runs one program; throws what does not hold. `log` is filled with what it did. */
export const run = async (wireql, seed, { collects = false, log = [] } = {}) => {
  const random = chance(seed);
  const { below, maybe, one } = random;
  const isClient = maybe(0.5);
  const clock = { step: 0 };
  const operations = new Map();
  const promises = [];
  const iterators = [];
  const observations = [];
  const signals = [];
  const faults = [];
  const removers = [];
  let connected = 0;
  let ended = 0;
  let resolvedConnects = 0;
  let signalled = 0;
  let n = 0;
  let depth = 0;
  let isTearingDown = false;
  let endpoint;

  const note = (what) => log.push(`${clock.step}${'  '.repeat(depth)} ${what}`);
  /** What an expectation throws within a callback would be reported as the callback's own. */
  const expects = (check) => {
    try {
      check();
    } catch (fault) {
      faults.push(fault);
      throw fault;
    }
  };
  const isPanic = (error) => error?.code === 'PANICKED';
  const seen = (error) => expects(() => assert.ok(!isPanic(error), `it panicked: ${error?.cause?.stack}`));

  /** Called within each callback of the user's: calls back, or throws. */
  const callback = (what, { throws = true } = {}) => {
    // The constructor of the endpoint calls back too.
    if (depth >= 3 || isTearingDown || endpoint === undefined) return;
    depth += 1;
    try {
      if (maybe(0.12)) {
        note(`in ${what}`);
        // These hear of a frame before it has had an effect, and may change which it has.
        if (what === '`message`' || what === 'trace') for (const socket of sockets) socket.disturb();
        user();
      }
    } finally {
      depth -= 1;
    }
    if (throws && maybe(0.01)) throw new Thrown(what);
  };

  const hooks = {
    constructed: (socket) => {
      note(`a socket in ${socket.dialect}`);
      callback('the constructor', { throws: false });
      if (maybe(0.02)) throw new Error('the host refuses');
    },
    sent: (socket, { type, id }) => {
      note(`> ${type} ${id ?? ''}`);
      callback('send', { throws: false });
    },
    closed: (socket) => {
      note('> close');
      if (maybe(0.05)) socket.end(socket.given.code, socket.given.reason);
      callback('close', { throws: false });
    },
  };
  const checked = Object.fromEntries(
    Object.entries(hooks).map(([name, hook]) => [name, (...args) => hook(...args)]),
  );
  const WebSocketClass = wire({
    random,
    operations,
    hooks: checked,
    dialects: one([['graphql-transport-ws'], ['graphql-ws'], undefined]),
  });
  // What the reference does not hold with is thrown into the package, which takes it for the host's.
  for (const name of ['send', 'close']) {
    const original = WebSocketClass.prototype[name];
    WebSocketClass.prototype[name] = function (...args) {
      try {
        return original.apply(this, args);
      } catch (fault) {
        if (fault instanceof assert.AssertionError) faults.push(fault);
        throw fault;
      }
    };
  }
  const { sockets } = WebSocketClass;

  // ---- what the user does --------------------------------------------------------------

  /** A signal that counts who listens. */
  const signal = () => {
    const controller = new AbortController();
    const { signal } = controller;
    const entry = { controller, listening: 0, operations: [] };
    for (const [method, change] of [['addEventListener', 1], ['removeEventListener', -1]]) {
      const original = signal[method];
      signal[method] = (type, listener, options) => {
        entry.listening += change;
        return original.call(signal, type, listener, options);
      };
    }
    signals.push(entry);
    return entry;
  };

  const begin = (how) => {
    const kind = one(KINDS);
    const k = operations.size + 1;
    const sendStop = !maybe(0.1);
    const operation = new Operation(k, how, kind, sendStop, clock);
    operations.set(k, operation);
    const options = { variables: { k } };
    if (!sendStop) options.sendStop = false;
    if (isClient && maybe(0.2)) options.idempotent = true;
    if (isClient && maybe(0.2)) options.waitTimeout = one([0, 50, 5_000]);
    if (isClient && maybe(0.2)) {
      operation.hasNotices = true;
      options.onNotice = () => callback('onNotice');
    }
    if (maybe(0.25)) {
      const shared = signals.filter(({ operations }) => operations.length > 0);
      const entry = maybe(0.3) && shared.length > 0 ? one(shared) : signal();
      entry.operations.push(operation);
      options.signal = entry.controller.signal;
      if (entry.controller.signal.aborted) operation.leave();
    }
    note(`${how} ${kind} ${k}${options.signal ? ' with a signal' : ''}`);
    return [operation, `${kind} ($k: Int) { n }`, options];
  };

  const iterate = () => {
    const [operation, document, options] = begin('subscribe');
    const iterator = endpoint.subscribe(document, options);
    iterators.push({ operation, iterator });
    if (isClient && maybe(0.2)) {
      promises.push(new Promised(`active of ${operation.k}`, iterator.active, { rejected: seen }));
    }
  };

  const read = ({ operation, iterator }) => {
    const number = (operation.reads += 1);
    const settles = () => assert.equal((operation.settled += 1), number, `which \`next\` of ${operation.k} settles`);
    promises.push(
      new Promised(`next of ${operation.k}`, iterator.next(), {
        resolved: ({ value, done }) =>
          expects(() => {
            settles();
            if (!done) operation.given(value.n);
            else if (!operation.isEnded) operation.ended();
          }),
        rejected: (error) => {
          seen(error);
          expects(() => {
            settles();
            if (!operation.isEnded) operation.ended();
          });
        },
      }),
    );
  };

  const observe = () => {
    const [operation, document, options] = begin('observe');
    const end = (error) => {
      seen(error);
      expects(() => {
        assert.ok(!operation.isLeft, `an observer is told of the end of ${operation.k}, which was left`);
        operation.ended();
      });
      callback('the end of an observer');
    };
    const observer = {
      next: ({ n }) => {
        expects(() => {
          assert.ok(!operation.isLeft, `an observer is given ${n} of ${operation.k}, which was left`);
          operation.given(n);
        });
        callback('an observer');
      },
      error: end,
      complete: () => end(),
    };
    observations.push({ operation, observation: endpoint.observe(document, options).subscribe(observer) });
  };

  const execute = () => {
    const [operation, document, options] = begin('execute');
    promises.push(
      new Promised(`execute ${operation.k}`, endpoint.execute(document, options), {
        resolved: ({ n }) => expects(() => (operation.given(n), operation.ended())),
        rejected: (error) => {
          seen(error);
          expects(() => operation.ended());
        },
      }),
    );
  };

  const connect = () => {
    const options = maybe(0.2) ? { signal: signal().controller.signal } : undefined;
    if (options !== undefined) signalled += 1;
    const before = { connected, isReady: isClient ? endpoint.status.state === 'ready' : false };
    note('connect');
    promises.push(
      new Promised('connect', endpoint.connect(options), {
        resolved: () => {
          resolvedConnects += 1;
          expects(() => assert.ok(before.isReady || connected > before.connected, 'connect resolves without `connected`'));
        },
        rejected: seen,
      }),
    );
  };

  const wait = (method) => {
    const before = { ended, state: isClient ? endpoint.status.state : endpoint.state };
    const isResting = ['idle', 'closed', 'failed'].includes(before.state);
    note(method);
    promises.push(
      new Promised(method, endpoint[method](), {
        resolved: () => expects(() => assert.ok(isClient || isResting || ended > before.ended, `${method} resolves without \`closed\``)),
        rejected: (error) => expects(() => assert.fail(`${method} rejects: ${error}`)),
      }),
    );
  };

  const abort = (entry) => {
    note('abort');
    for (const operation of entry.operations) operation.leave();
    entry.controller.abort(new Error('aborted'));
  };

  const leave = ({ operation, iterator }) => {
    note(`return ${operation.k}`);
    operation.leave();
    const ending = maybe(0.8) ? iterator.return() : iterator.throw(new Error('thrown in'));
    promises.push(new Promised('return', ending));
  };

  const ping = () => {
    try {
      endpoint[one(['sendPing', 'sendPong'])](one([undefined, null, { a: 1 }]));
    } catch (error) {
      seen(error);
      expects(() => assert.match(error.code, /NOT_CONNECTED|NO_PING|TRANSPORT_CLOSED/));
    }
  };

  const listen = (name = one(isClient ? NAMES.client : NAMES.transport)) => {
    removers.push(endpoint.on(name, () => callback(`\`${name}\``)));
  };

  const look = () => {
    for (const name of ['url', 'subprotocol', 'closeReason', 'payloads', 'responseHeaders', 'state', 'status']) endpoint[name];
  };

  const some = (list, action) => list.length > 0 && action(list[below(list.length)]);
  const actions = [
    [4, connect],
    [1, () => wait('close')],
    [1, () => wait(isClient ? 'close' : 'waitClosed')],
    [6, iterate],
    [4, observe],
    [4, execute],
    [14, () => some(iterators, read)],
    [3, () => some(iterators, leave)],
    [3, () => some(observations, ({ operation, observation }) => (note(`unsubscribe ${operation.k}`), operation.leave(), observation.unsubscribe()))],
    [2, () => some(signals, abort)],
    [1, ping],
    [1, listen],
    [1, () => some(removers, (remove) => remove())],
    [1, look],
    ...(isClient
      ? [
          [1, () => (note('reconnect'), promises.push(new Promised('reconnect', endpoint.reconnect(), { rejected: seen })))],
          [2, () => (note('notify'), endpoint.notify(one(['online', 'offline', 'visible', 'hidden', 'wake'])))],
        ]
      : []),
  ];
  if (collects) {
    // Lost without being ended: whether and when the operation is left is up to the collector.
    const lose = () => {
      const [{ operation }] = iterators.splice(below(iterators.length), 1);
      note(`${operation.k} is lost`);
      operation.mayBeFinished = operation.isLost = true;
    };
    actions.push([2, () => iterators.length > 0 && lose()]);
  }
  const weighted = (list) => list.flatMap(([weight, action]) => Array(weight).fill(action));
  const calls = weighted(actions);
  const user = () => one(calls)();

  // ---- what the server does -------------------------------------------------------------

  const say = (socket, frame) => {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    if (socket.readyState === 0) return;
    note(`< ${text.replace(/\s+/g, " ").slice(0, 100)}`);
    socket.say(text);
  };

  const mutated = (text) => {
    const at = below(text.length);
    return one([
      () => text.slice(0, at),
      () => text.slice(0, at) + one(['"', '{', '}', ',', '0', '\\', '\0', ' ', 'é', '[']) + text.slice(at + below(2)),
      () => text.replace(/"id":"(\d+)"/, one(['"id":$1', '"id":"0$1"', '"id":null', '"id":["$1"]', '"id":"$1 "'])),
      () => text.replace(/"payload":\{[^}]*\}/, one(['"payload":null', '"payload":[]', '"payload":"x"', '"payload":{},"payload":{}'])),
      () => text.replace(/"type":"(\w+)"/, one(['"type":"foo"', '"type":"ping"', '"type":1', '"Type":"$1"'])),
      () => one(['', 'null', '[]', '1', '{}', '\0', '{"type":"ping","payload":1}', '{"type":"connection_error"}']),
    ])();
  };

  const shapes = [
    (frame) => JSON.stringify(frame),
    ({ id, type, payload }) => JSON.stringify({ type, id, payload }),
    ({ id, type, payload }) => JSON.stringify({ payload, type, id }),
    (frame) => JSON.stringify(frame, null, 1),
  ];
  const shape = maybe(0.8) ? one(shapes) : undefined;

  const result = (socket, id) => (shape ?? one(shapes))({ id, type: nextType(socket), payload: { data: {}, n: (n += 1) } });
  const anyId = (socket) => {
    const ids = [...socket.started.keys()];
    return maybe(0.95) && ids.length > 0 ? (maybe(0.5) ? ids.at(-1) : one(ids)) : String(below(5));
  };

  const serve = (socket) => {
    if (socket.readyState === 0) return maybe(0.9) ? (note('< opened'), socket.open()) : (note('< fails'), socket.fail('no'), socket.end(1006, '', false));
    if (!socket.isAcknowledged && maybe(0.8)) return say(socket, { type: 'connection_ack', ...one([{}, {}, { payload: { a: 1 } }, { payload: null }]) });
    if (socket.isClosing && maybe(0.4)) return note('< closed'), socket.end(...(maybe(0.7) ? [1000] : [1006, '', false]));
    return one(served)(socket);
  };
  const served = weighted([
    [24, (socket) => say(socket, result(socket, anyId(socket)))],
    [4, (socket) => say(socket, { id: anyId(socket), type: 'complete' })],
    [2, (socket) => say(socket, { id: anyId(socket), type: 'error', payload: one([[{ message: 'no' }], { message: 'no' }, 'no', undefined]) })],
    [2, (socket) => say(socket, { type: socket.dialect === 'graphql-ws' ? 'ka' : 'ping' })],
    [1, (socket) => say(socket, { type: 'pong' })],
    [1, (socket) => say(socket, { type: one(['next', 'data', 'ka', 'ping', 'connection_ack']), id: anyId(socket) })],
    [1, (socket) => say(socket, mutated(result(socket, anyId(socket))))],
    [1, (socket) => (note('< binary'), socket.say(new TextEncoder().encode(maybe(0.5) ? result(socket, anyId(socket)) : 'x').buffer))],
    [1, (socket) => (note('< closed'), socket.end(one(CODES), one(['', 'because']), maybe(0.5)))],
    [1, (socket) => (note('< error'), socket.fail('something'))],
  ]);

  // ---- the program ------------------------------------------------------------------------

  const answer = (value) => () => {
    callback('a function', { throws: false });
    if (maybe(0.05)) throw new Error('no');
    return maybe(0.5) ? value : turn().then(() => value);
  };
  const options = {
    webSocket: WebSocketClass,
    initPayload: one([undefined, { a: 1 }, answer({ a: 2 })]),
    connectTimeout: 3_000,
    ackTimeout: 2_000,
    closeTimeout: one([0, 1_000]),
    keepAliveTimeout: one([undefined, 4_000]),
    pingInterval: one([undefined, 1_000, null]),
    trace: maybe(0.2) ? () => callback('trace') : undefined,
    ...(isClient
      ? {
          lazy: maybe(0.8),
          idleTimeout: one([0, 500, 3_000]),
          hostEvents: false,
          retry: one([undefined, false, { attempts: 2 }, { when: () => one([undefined, 'retry', 'retry-now', 'stop']) }]),
        }
      : {}),
  };
  // The package's own randomness has to come again too.
  Math.random = () => below(2 ** 31) / 2 ** 31;
  endpoint = new (isClient ? wireql.Client : wireql.WebSocketTransport)(maybe(0.8) ? 'ws://server/graphql' : answer('ws://server/graphql'), options);
  endpoint.on('connected', () => (connected += 1));
  endpoint.on(isClient ? 'disconnected' : 'closed', () => (ended += 1));
  note(isClient ? 'a client' : 'a transport');
  for (let times = below(4); times > 0; times -= 1) listen();

  const check = () => {
    if (faults.length > 0) throw faults[0];
  };
  const steps = 20 + below(150);
  for (clock.step = 1; clock.step <= steps; clock.step += 1) {
    const socket = sockets.at(-1);
    const what = below(100);
    if (what < 35) user();
    else if (what < 85) {
      if (socket !== undefined) serve(sockets.length > 1 && maybe(0.05) ? one(sockets) : socket);
    } else if (what < 97) time.advance(one([1, 10, 100, 1_000, 5_000]));
    else time.stall(3_000);
    if (maybe(0.7)) await turn();
    if (collects && maybe(0.2)) globalThis.gc(maybe(0.8) ? { type: 'minor' } : undefined);
    check();
  }

  // ---- the end: everything has to come to one -----------------------------------------------

  isTearingDown = true;
  await turn();
  wait('close');
  for (let times = 0; times < 10; times += 1) {
    await turn();
    for (const socket of sockets) if (socket.isClosing) socket.end();
    time.advance(2_000);
  }
  for (const entry of iterators) for (let times = 0; times <= entry.operation.expected.length + 1; times += 1) read(entry);
  await turn();
  check();
  const pending = promises.filter(({ isSettled }) => !isSettled).map(({ what }) => what);
  assert.deepEqual(pending, [], 'these are pending after `close`');
  for (const { operation } of observations) assert.ok(operation.isLeft, `the observer of ${operation.k} is not told of the end`);
  assert.ok(['idle', 'closed'].includes(isClient ? endpoint.status.state : endpoint.state), 'the state after `close`');
  if (!isClient && signalled === 0) assert.equal(resolvedConnects, connected, '`connect` that resolved, and `connected`');
  assert.equal(time.timers, 0, 'timers that are left');
  for (const socket of sockets) {
    for (const handler of ['onopen', 'onmessage', 'onclose']) assert.ok(!socket[handler], `a socket is left with ${handler}`);
  }
  for (const { listening, controller, operations } of signals) {
    const isFree = controller.signal.aborted || operations.some(({ isLost }) => isLost);
    if (!isFree) assert.equal(listening, 0, 'listeners left on a signal');
  }
  // Who left a subscription that the server had has told the server.
  for (const socket of sockets) {
    for (const [id, { operation, stops, isFinished }] of socket.started) {
      const wasCut = socket.isDoubtful || socket.isClosing || socket.isOver;
      if (!wasCut && operation.isLeft && operation.sendStop && operation.kind === 'subscription' && !isFinished && !operation.mayBeFinished) {
        assert.equal(stops >= 1, true, `the server is not told that ${id} was left`);
      }
    }
  }
  return { steps, operations: operations.size };
};
