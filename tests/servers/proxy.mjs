// A TCP proxy on a free loopback port that does to connections what bad networks do. What happens to each is
// drawn from a seed when it is accepted, or is done by hand.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** Numbers from 0 up, below 1, the same ones for the same seed (mulberry32). */
export const randomFrom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** How bytes travel: into which pieces a chunk is cut, and how long the network takes for each. */
const ways = {
  asTheyCome: () => ({ size: () => Infinity, wait: () => undefined }),
  /** Frames arrive in pieces, and one piece holds the end of one and the beginning of the next. */
  split: (random) => ({ size: () => 1 + Math.floor(random() * 400), wait: setImmediate }),
  trickling: () => ({ size: () => 1, wait: setImmediate }),
  delayed: (random) => ({ size: () => Infinity, wait: () => setTimeout(random() * 10) }),
};

/** How connections end. A stall is a half-open connection: nothing passes, in neither direction, and nobody is told. */
const ends = ['goodbye', 'reset', 'stall'];

/** No faults but those by hand. */
export const fine = () => ({ way: ways.asTheyCome(), end: 'none', after: Infinity });

/**
 * Every connection ends, after as many bytes of both directions as are drawn: mostly between two
 * frames or within one, now and then within the handshake.
 */
export const stormy = (random) => {
  const way = Object.values(ways)[Math.floor(random() * 4)];
  // Few are short, as those never get to a GraphQL message. One that trickles takes long for many.
  const longest = way === ways.trickling ? 5_000 : 100_000;
  return {
    way: way(random),
    end: ends[Math.floor(random() * 3)],
    after: Math.floor(100 * (longest / 100) ** (random() ** 0.4)),
    // A network that comes back then delivers what was sent into it, long after the client has given up.
    lasts: 200 + random() * 300,
  };
};

/** One connection: two sockets, and what passes between them. */
class Link {
  #flows = Promise.resolve();
  #resume;
  #passed = 0;

  constructor(near, far, plan) {
    Object.assign(this, { near, far, plan });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      // Whatever it says, the other side is told below.
      socket.on('error', () => {});
    }
    this.gone = Promise.all([near, far].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    this.#carry(near, far);
    this.#carry(far, near);
  }

  async #carry(from, to) {
    const { size, wait } = this.plan.way;
    try {
      for await (const chunk of from) {
        for (let at = 0; at < chunk.length; ) {
          const piece = chunk.subarray(at, at + size());
          at += piece.length;
          await wait();
          await this.#flows;
          this.#passed += piece.length;
          if (this.#passed >= this.plan.after) await this.#end();
          if (to.destroyed) return from.destroy();
          await new Promise((resolve) => to.write(piece, resolve));
        }
      }
      await this.#flows;
      to.end();
    } catch {
      await this.#flows;
      this.reset();
    }
  }

  async #end() {
    this.plan.after = Infinity;
    if (this.plan.end === 'goodbye') return this.cut();
    if (this.plan.end === 'reset') return this.reset();
    this.stall();
    // It keeps no process alive.
    await setTimeout(this.plan.lasts, undefined, { ref: false });
    this.heal();
    // Who has not noticed has no connection for ever either.
    Object.assign(this.plan, { end: 'reset', after: 2 * this.#passed });
  }

  cut() {
    this.near.destroy();
    this.far.destroy();
  }

  reset() {
    for (const socket of [this.near, this.far]) {
      // Node cannot reset one that has said goodbye: it would stay open for ever.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  stall() {
    if (this.#resume === undefined) this.#flows = new Promise((resolve) => (this.#resume = resolve));
  }

  heal() {
    this.#resume?.();
    this.#resume = undefined;
  }
}

/**
 * Starts one in front of the server with this URL.
 *
 * `cut`, `reset` and `stall` do to all connections that there are what their names say, `stall` also to those to come;
 * `heal` ends a stall. `weather(random)` plans each connection to come, and can be set.
 */
export async function startProxy({ url, seed = 1, weather = fine }) {
  const target = new URL(url);
  const random = randomFrom(seed);
  const links = new Set();
  let stalled = false;

  // Each side may go on when the other has said all it has to say.
  const server = createServer({ allowHalfOpen: true }, (near) => {
    proxy.accepted += 1;
    const far = connect({ host: '127.0.0.1', port: Number(target.port), allowHalfOpen: true });
    const link = new Link(near, far, proxy.weather(random));
    links.add(link);
    void link.gone.then(() => links.delete(link));
    if (stalled) link.stall();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const all = (what) => () => links.forEach((link) => link[what]());
  const proxy = {
    url: `ws://127.0.0.1:${server.address().port}${target.pathname}`,
    weather,
    /** How many connections there were. */
    accepted: 0,
    /** How many there are. */
    get open() {
      return links.size;
    },
    cut: all('cut'),
    reset: all('reset'),
    stall() {
      stalled = true;
      all('stall')();
    },
    heal() {
      stalled = false;
      all('heal')();
    },
    async close() {
      proxy.heal();
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
