// A program in which Rust panics, for panic.test.mjs: it prints what became of everything that was open. Its one
// argument says what Rust is called for when it panics.
import { WebSocketTransport } from 'wireql';

/** A page of WebAssembly's memory, and that which wasm2js makes of it. */
const PAGE = 65536;
let memory;
if (globalThis.WebAssembly !== undefined) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...args) {
      super(...args);
      memory = Object.values(this.exports).find((value) => value instanceof WebAssembly.Memory);
    }
  };
} else {
  globalThis.ArrayBuffer = class extends ArrayBuffer {
    constructor(length) {
      super(length);
      if (length >= PAGE) memory = { buffer: this };
    }
  };
}

/** Its memory overwritten, Rust finds each of its cells borrowed already, which is a panic. */
const overwrite = () => new Uint8Array(memory.buffer).fill(0xff);

const sockets = [];
class LocalSocket {
  protocol = 'graphql-transport-ws';
  closed = false;

  constructor() {
    sockets.push(this);
    this.begin();
  }

  begin() {
    queueMicrotask(() => this.onopen({}));
  }

  send(text) {
    if (JSON.parse(text).type === 'connection_init') queueMicrotask(() => this.say({ type: 'connection_ack' }));
  }

  say(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close() {
    this.closed = true;
  }
}

const told = {};
const name = ({ code, ends, cause }) => `${code} ${ends} ${cause?.constructor.name}`;
const note = (what, promise) =>
  promise.then(
    (value) => (told[what] = value),
    (error) => (told[what] = name(error)),
  );
const attempt = (what, action) => {
  try {
    told[what] = action();
  } catch (error) {
    told[what] = name(error);
  }
};

const options = { webSocket: LocalSocket, pingInterval: 20 };
const one = new WebSocketTransport('ws://one/', options);
const other = new WebSocketTransport('ws://other/', options);
await one.connect();
await other.connect();
const connecting = new WebSocketTransport('ws://third/', { connectTimeout: null, webSocket: class extends LocalSocket { begin() {} } });

const unread = one.subscribe('subscription { unread }');
const elsewhere = other.subscribe('subscription { elsewhere }');
const waiting = one.subscribe('subscription { waiting }');
const ends = [
  note('a connect that waits', connecting.connect()),
  note('an iterator that waits', waiting.next()),
  note('an execute that waits', other.execute('{ waiting }')),
  note('a waitClosed that waits', other.waitClosed()),
  new Promise((resolve) => {
    one.observe('subscription { observed }').subscribe({
      next: () => (told['an observer'] = 'a result'),
      error: (error) => resolve((told['an observer'] = name(error))),
    });
  }),
  new Promise((resolve) => {
    other.on('closed', ({ error }) => resolve((told['a listener to closed'] = name(error))));
  }),
];

if (process.argv[2] !== 'host') overwrite();
const triggers = {
  // What no host does. The other transport is not touched by it.
  host: () => {
    const { now } = performance;
    performance.now = () => {
      throw new Error('no clock');
    };
    ends.push(note('the call', one.close()));
    performance.now = now;
  },
  frame: () => sockets[0].say({ id: '2', type: 'next', payload: { data: null } }),
  call: () => attempt('the call', () => one.subscribe('subscription { a }')),
  next: () => ends.push(note('the call', unread.next())),
  // The next ping.
  timer: () => {},
};
triggers[process.argv[2]]();
await Promise.all(ends);

await note('a later next()', unread.next());
await note('a later next() on another transport', elsewhere.next());
await note('a later execute()', other.execute('{ a }'));
await note('a later close()', one.close());
attempt('a later subscribe()', () => one.subscribe('{ a }'));
attempt('a later state', () => one.state);
attempt('a new transport', () => new WebSocketTransport('ws://new/', options));
told['sockets that are closed'] = sockets.filter(({ closed }) => closed).length;
console.log(JSON.stringify(told));
