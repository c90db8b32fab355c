// Each public method called inside each callback, in each state that the callback has: one rule holds for all. What a
// promise was made for is what settles it, in order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, WebSocketTransport } from 'wireql';
import { scripted } from '../wasm/scripted.js';
import { startTable } from './table.mjs';

const turn = () => new Promise(setImmediate);

/** What is done within the callback. */
const METHODS = {
  connect: (play) => play.connect(),
  'connect, aborted': (play) => play.connect(AbortSignal.abort()),
  close: (play) => play.close('close'),
  'close, then connect': (play) => (play.close('close'), play.connect()),
  waitClosed: (play) => play.isClient || play.close('waitClosed'),
  reconnect: (play) => play.isClient && play.connect(undefined, 'reconnect'),
  subscribe: (play) => play.iterate(),
  observe: (play) => play.observe(),
  execute: (play) => play.execute(),
  'next, where another waits': (play) => play.read(play.iterators[0]),
  return: (play) => play.leave(play.iterators[0]),
  unsubscribe: (play) => play.observations[0]?.observation?.unsubscribe(),
  'abort of an operation': (play) => play.controller.abort(new Error('aborted')),
  'sendPing and sendPong': ({ endpoint }) => {
    for (const method of ['sendPing', 'sendPong']) {
      try {
        endpoint[method]();
      } catch (error) {
        assert.equal(error.code, 'NOT_CONNECTED');
      }
    }
  },
  'on, and its end': ({ endpoint }) => endpoint.on('error', () => {})(),
  notify: ({ endpoint, isClient }) => isClient && endpoint.notify('online'),
  'the getters': ({ endpoint }) => ['url', 'subprotocol', 'closeReason', 'payloads', 'state', 'status'].map((name) => endpoint[name]),
};

const EVENTS = ['connecting', 'opened', 'connected', 'ping', 'pong', 'message', 'error'];
const CALLBACKS = {
  transport: [...EVENTS, 'closed'].map((name) => `listener of ${name}`),
  client: [...EVENTS, 'disconnected', 'status'].map((name) => `listener of ${name}`),
};
for (const list of Object.values(CALLBACKS)) {
  list.push('url', 'initPayload', 'constructor of the socket', 'close of the socket');
  list.push('next of an observer', 'complete of an observer', 'error of an observer');
  // A line of the trace is written in every state.
  for (let n = 1; n <= 30; n += 1) list.push(`line ${n} of the trace`);
  for (let n = 1; n <= 10; n += 1) list.push(`send ${n} of the socket`);
}

class Play {
  promises = [];
  iterators = [];
  observations = [];
  controller = new AbortController();
  /** What has happened to connections, in order. */
  events = [];
  /** A transport's connections, from `connect` to `closed`: how many have begun, have ended, and which were ready. */
  #begun = 0;
  #ended = 0;
  #ready = new Set();
  #operations = 0;
  #lines = 0;
  #sends = 0;
  /** What the server has heard of and not answered. */
  #starts = [];
  #where;
  #act;

  constructor(Class, where, act) {
    this.isClient = Class === Client;
    this.#where = where;
    this.#act = act;
    const play = this;
    const Socket = scripted({
      onConstruct: () => play.called('constructor of the socket'),
      onSend(socket, frame) {
        if (frame.type === 'subscribe') play.#starts.push([socket, frame]);
        if (frame.type === 'connection_init') socket.isInitialised = true;
        play.called(`send ${(play.#sends += 1)} of the socket`);
      },
    });
    this.webSocket = class extends Socket {
      close(...args) {
        super.close(...args);
        play.called('close of the socket');
      }
    };
    this.sockets = Socket.sockets;
    this.endpoint = new Class(() => (this.called('url'), 'ws://server/graphql'), {
      webSocket: this.webSocket,
      initPayload: () => (this.called('initPayload'), {}),
      pingInterval: null,
      trace: where.includes('trace') ? () => this.called(`line ${(this.#lines += 1)} of the trace`) : undefined,
      ...(this.isClient ? { hostEvents: false, idleTimeout: null, retry: { baseDelay: 1, maxDelay: 1 } } : {}),
    });
    // These come first, so that they know of an event before any listener acts upon it.
    this.endpoint.on('connected', () => {
      this.events.push('connected');
      this.#ready.add(this.#ended + 1);
    });
    this.endpoint.on(this.isClient ? 'disconnected' : 'closed', ({ verdict }) => {
      if (verdict === undefined || verdict === 'stop' || verdict === 'closed') this.events.push('closed');
      this.#ended += 1;
    });
    for (const name of [...EVENTS, ...(this.isClient ? ['disconnected', 'status'] : ['closed'])]) {
      this.endpoint.on(name, () => this.called(`listener of ${name}`));
    }
  }

  called(where) {
    if (where !== this.#where || this.#act === undefined || this.endpoint === undefined) return;
    const act = this.#act;
    this.#act = undefined;
    act(this);
  }

  get wasCalled() {
    return this.#act === undefined;
  }

  get state() {
    return this.isClient ? this.endpoint.status.state : this.endpoint.state;
  }

  #promise(what, promise, judge) {
    const entry = { what, isSettled: false };
    this.promises.push(entry);
    const settled = (outcome) => {
      entry.isSettled = true;
      try {
        judge(outcome);
      } catch (error) {
        this.fault ??= error;
      }
    };
    promise.then((value) => settled({ value }), (error) => settled({ error }));
  }

  connect(signal, method = 'connect') {
    const { state } = this;
    const from = this.events.length;
    const isBusy = !this.isClient && !['idle', 'closed'].includes(state);
    if (!isBusy && signal === undefined) this.#begun += 1;
    const connection = this.#begun;
    this.#promise(`${method} while ${state}`, this.endpoint[method](signal && { signal }), ({ error }) => {
      if (signal !== undefined) assert.equal(error, signal.reason);
      else if (isBusy) assert.equal(error?.code, 'ALREADY_CONNECTED');
      else if (!this.isClient) assert.equal(error === undefined, this.#ready.has(connection), `connect ${connection}: ${error?.code}`);
      else if (error !== undefined) assert.notEqual(this.events[from], 'connected', `it rejects with ${error.code} after \`connected\``);
    });
  }

  close(method) {
    const { state } = this;
    const from = this.events.length;
    const isResting = ['idle', 'closed'].includes(state);
    this.#promise(`${method} while ${state}`, this.endpoint[method](), ({ error }) => {
      assert.equal(error, undefined);
      if (!isResting && !this.isClient) assert.ok(this.events.slice(from).includes('closed'), 'it resolves too early');
    });
  }

  #options(signal) {
    return { variables: { k: (this.#operations += 1) }, ...(signal && { signal }) };
  }

  iterate(document = 'subscription ($k: Int) { n }', signal) {
    const entry = { iterator: this.endpoint.subscribe(document, this.#options(signal)), reads: 0, isDone: false };
    this.iterators.push(entry);
    this.read(entry);
    this.read(entry);
  }

  read(entry) {
    if (entry === undefined) return;
    const number = (entry.reads += 1);
    this.#promise('next', entry.iterator.next(), ({ value, error }) => {
      if (error !== undefined || value.done) {
        entry.isDone = true;
        return;
      }
      assert.ok(!entry.isDone, 'a result comes after the end');
      assert.equal(value.value.n, number, 'the result for this call');
    });
  }

  leave(entry) {
    if (entry !== undefined) this.#promise('return', entry.iterator.return(), ({ value }) => assert.ok(value.done));
  }

  observe(document = 'query ($k: Int) { n }', signal) {
    const entry = { last: 0, ends: 0 };
    this.observations.push(entry);
    const end = (name) => () => {
      entry.ends += 1;
      this.called(`${name} of an observer`);
    };
    entry.observation = this.endpoint.observe(document, this.#options(signal)).subscribe({
      next: ({ n }) => {
        if (n !== entry.last + 1 || entry.ends > 0) this.fault ??= new Error(`an observer got ${n} after ${entry.last}`);
        entry.last = n;
        this.called('next of an observer');
      },
      complete: end('complete'),
      error: end('error'),
    });
  }

  execute() {
    this.#promise('execute', this.endpoint.execute('mutation ($k: Int) { n }', this.#options()), ({ value, error }) => {
      if (error === undefined) assert.equal(value.n, 1);
    });
  }

  /** Lets the server do what is its turn, until there is nothing. */
  async serve() {
    for (let idle = 0; idle < 3; idle += 1) {
      await turn();
      const socket = this.sockets.at(-1);
      for (const other of this.sockets) {
        if (other.closed.length > 0 && !other.isOver) {
          other.isOver = true;
          other.end();
          idle = 0;
        }
      }
      if (socket !== undefined && !socket.isOver) {
        if (!socket.isOpen) ((socket.isOpen = true), socket.open(), (idle = 0));
        if (socket.isInitialised && !socket.isReady) ((socket.isReady = true), socket.say({ type: 'connection_ack' }), (idle = 0));
      }
      const starts = this.#starts.splice(0);
      if (starts.length > 0) idle = 0;
      for (const [socket, { id, payload }] of starts) {
        const say = (frame) => !socket.isOver && socket.say({ id, ...frame });
        say({ type: 'next', payload: { n: 1 } });
        if (payload.query.startsWith('query')) say({ type: 'complete' });
        if (payload.query.startsWith('subscription')) say({ type: 'next', payload: { n: 2 } });
        if (payload.query.includes('fails')) say({ type: 'error', payload: [{ message: 'no' }] });
      }
    }
  }
}

/** Goes through every state, with operations that wait, run, end and fail. */
const run = async (Class, where, act) => {
  const play = new Play(Class, where, act);
  for (const isLast of [false, true]) {
    play.connect();
    play.iterate();
    play.iterate(undefined, play.controller.signal);
    play.observe();
    play.observe('subscription ($k: Int) { fails }');
    play.execute();
    await play.serve();
    const socket = play.sockets.at(-1);
    const say = (frame) => !socket?.isOver && socket?.say(frame);
    say({ type: 'ping' });
    say({ type: 'pong' });
    await play.serve();
    // Once by the network, once by the user.
    if (isLast) play.close('close');
    else if (socket !== undefined && !socket.isOver) ((socket.isOver = true), socket.end(1006, '', false));
    await play.serve();
  }
  play.close('close');
  await play.serve();
  await play.serve();
  if (play.fault !== undefined) throw play.fault;
  const pending = play.promises.filter(({ isSettled }) => !isSettled).map(({ what }) => what);
  assert.deepEqual(pending, [], 'these are pending after `close`');
  assert.ok(['idle', 'closed'].includes(play.state), play.state);
  return play.wasCalled;
};

for (const [kind, Class] of [['transport', WebSocketTransport], ['client', Client]]) {
  test(`a ${kind} keeps its promises whatever is called in whichever callback`, async () => {
    const table = startTable(`reentrancy-${kind}`, `Each method of a ${kind} within each callback`);
    const faults = [];
    let cells = 0;
    for (const where of CALLBACKS[kind]) {
      for (const [method, act] of Object.entries(METHODS)) {
        let outcome = 'as promised';
        try {
          // A line of the trace that never comes is no cell.
          if (!(await run(Class, where, act))) continue;
          cells += 1;
        } catch (error) {
          outcome = error.message.replace(/\s+/g, ' ');
          faults.push(`${method} in ${where}: ${outcome}`);
        }
        table.set(method, where, outcome, outcome === 'as promised');
      }
    }
    assert.deepEqual(faults, []);
    assert.ok(cells > 600, `${cells} cells`);
  });
}
