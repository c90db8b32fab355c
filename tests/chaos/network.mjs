// A client on a bad network, and what must be true of it whatever happens.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Client, TransportError } from 'wireql';
import { startLedger } from '../servers/ledger.mjs';
import { fine, randomFrom, startProxy, stormy } from '../servers/proxy.mjs';

/** What a run is drawn from. Timers and the system have a say too, so that a seed does not repeat every step of it. */
export const seed = Number(process.env.WIREQL_SEED ?? Math.floor(Math.random() * 2 ** 31));

const subscribers = 50;
/** Every subscriber but each second goes on from its cursor. */
const resumes = (n) => n % 2 === 0;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** As `until` of the end-to-end tests, with patience for long runs. */
const until = async (condition, what, patience = 20_000) => {
  const deadline = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`after ${patience / 1000} s still not: ${what()}`);
    await pause(5);
  }
};

/** Memory and file descriptors of this process: client, proxy and server together. */
const measure = async () => {
  for (let n = 0; n < 4; n += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
  return { heapUsed, external, arrayBuffers, rss, descriptors };
};

/** The numbers that one subscriber has seen; complains at once of any that is lost or doubled. */
class Subscriber {
  seen = 0;
  results = 0;
  resumed = 0;
  interrupted = 0;
  faults = [];
  #mayJump = true;

  constructor(client, n) {
    this.n = n;
    const options = { onNotice: (notice) => this.#notice(notice) };
    if (resumes(n)) {
      options.resume = {
        cursor: ({ data }) => data.entries,
        // A promise for some, as applications may have to ask.
        variables: (after) => (n % 4 === 0 ? { after } : Promise.resolve({ after })),
      };
    }
    const document = 'subscription ($after: Int) { entries(after: $after) }';
    if (n % 3 === 0) {
      this.ended = new Promise((resolve) => {
        client.observe(document, options).subscribe({
          next: (result) => this.#result(result),
          error: (error) => (this.faults.push(`ended with ${error.code}`), resolve()),
          complete: resolve,
        });
      });
    } else {
      this.ended = this.#read(client.subscribe(document, options));
    }
  }

  async #read(results) {
    try {
      for await (const result of results) this.#result(result);
    } catch (error) {
      this.faults.push(`ended with ${error.code}: ${error.message}`);
    }
  }

  #result({ data }) {
    const number = data?.entries;
    const isNext = this.#mayJump ? number > this.seen : number === this.seen + 1;
    if (!isNext) this.faults.push(`${number} came behind ${this.seen}`);
    if (this.interrupted !== this.resumed) this.faults.push(`${number} came before the notice of its resumption`);
    this.#mayJump = false;
    this.seen = number;
    this.results += 1;
  }

  #notice({ type, cursor, error, lostAt, resumedAt, attempts }) {
    if (type === 'interrupted') {
      this.interrupted += 1;
      if (this.interrupted !== this.resumed + 1) this.faults.push('it was interrupted twice');
      if (!(error instanceof TransportError)) this.faults.push('it was interrupted without an error');
      return;
    }
    this.resumed += 1;
    if (this.interrupted !== this.resumed) this.faults.push('it was resumed without an interruption');
    if (!(resumedAt >= lostAt && attempts >= 1)) this.faults.push(`it was resumed by ${attempts} attempts at ${resumedAt - lostAt}`);
    // Whoever goes on from a cursor has no gap; anybody else is told of each. Without a result there is no cursor yet.
    const expected = resumes(this.n) && this.seen > 0 ? this.seen : undefined;
    if (cursor !== expected) this.faults.push(`cursor ${cursor} at ${this.seen}`);
    this.#mayJump = expected === undefined;
  }
}

/**
 * Operations of each kind, one every few milliseconds, each with a number of its own. `settle` compares what the client
 * said of each with what the server knows.
 */
class Operations {
  counts = { answered: 0, unknown: 0, neverSent: 0, lostQueries: 0, paidAgain: 0 };
  unsettled = new Map();
  made = 0;
  #ended = [];

  constructor(client, payments, random) {
    Object.assign(this, { client, payments, random });
  }

  begin() {
    const id = (this.made += 1);
    const drawn = this.random();
    const kind = drawn < 0.7 ? 'mutation' : drawn < 0.85 ? 'idempotent mutation' : 'query';
    const { client } = this;
    const answer =
      kind === 'query'
        ? client.execute('query ($id: Int!) { echo(value: $id) }', { variables: { id } })
        : client.execute('mutation ($id: Int!) { pay(id: $id) }', { variables: { id }, idempotent: kind !== 'mutation' });
    this.unsettled.set(id, kind);
    const end = (how) => {
      this.unsettled.delete(id);
      this.#ended.push({ id, kind, ...how });
    };
    answer.then(({ data, errors }) => end({ data, errors }), (error) => end({ code: error.code ?? error.message }));
  }

  /** To be called when nothing is under way any more. Begins new accounts. */
  settle() {
    const { counts, payments } = this;
    for (const { id, kind, code, data, errors } of this.#ended) {
      const paid = payments.get(id) ?? 0;
      const said = `${kind} ${id}: ${code ?? JSON.stringify(data ?? errors)}, carried out ${paid} times`;
      assert.equal(errors, undefined, said);
      if (code === undefined) {
        counts.answered += 1;
        if (kind === 'query') assert.equal(data.echo, id, said);
        else assert.ok(data.pay >= 1 && paid >= data.pay, said);
      }
      // A query is sent on three connections at most, and then ends as the last one did.
      if (kind === 'query') {
        counts.lostQueries += Number(code !== undefined);
        assert.ok([undefined, 'CONNECTION_LOST', 'PONG_TIMEOUT', 'WAIT_TIMEOUT'].includes(code), said);
      } else if (kind === 'idempotent mutation') {
        counts.paidAgain += Number(paid > 1);
        assert.ok([undefined, 'WAIT_TIMEOUT'].includes(code), said);
      } else {
        counts.unknown += Number(code === 'OUTCOME_UNKNOWN');
        counts.neverSent += Number(code === 'WAIT_TIMEOUT');
        assert.ok([undefined, 'OUTCOME_UNKNOWN', 'WAIT_TIMEOUT'].includes(code), said);
        assert.ok(paid <= (code === 'WAIT_TIMEOUT' ? 0 : 1), said);
      }
    }
    this.#ended = [];
    payments.clear();
  }
}

/**
 * Runs a client with its subscribers through so many reconnects. After each stage of them the network heals, the accounts
 * are settled, and memory and file descriptors are counted. Gives the figures.
 */
export async function badNetwork({ reconnects, stages = 5, webSocket, patience = 20_000 }) {
  const ledger = await startLedger();
  const proxy = await startProxy({ url: ledger.url, seed, weather: stormy });
  const client = new Client(proxy.url, {
    webSocket,
    connectTimeout: 500,
    ackTimeout: 500,
    pingInterval: 60,
    pongTimeout: 120,
    waitTimeout: 2_000,
    retry: { baseDelay: 1, maxDelay: 20, initialAttempts: Infinity, minUptime: 50 },
  });
  const verdicts = {};
  let connected = 0;
  let reconnected = 0;
  client.on('connected', (event) => {
    connected += 1;
    reconnected += Number(event.reconnected);
  });
  client.on('disconnected', ({ code, error, verdict }) => {
    const what = `${error?.code} ${code ?? ''} ${verdict}`;
    verdicts[what] = (verdicts[what] ?? 0) + 1;
  });

  const everyone = Array.from({ length: subscribers }, (_, n) => new Subscriber(client, n));
  const complaints = () => everyone.flatMap(({ n, faults }) => faults.map((fault) => `subscriber ${n}: ${fault}`));
  const sum = (what) => everyone.reduce((total, subscriber) => total + subscriber[what], 0);
  const operations = new Operations(client, ledger.payments, randomFrom(seed + 1));
  let isHeld = false;
  const writing = setInterval(() => ledger.add(), 40);
  const operating = setInterval(() => isHeld || operations.begin(), 3);

  /** The network heals: nothing may be left over of what was before. */
  const heal = async () => {
    isHeld = true;
    proxy.weather = fine;
    proxy.cut();
    const { unsettled } = operations;
    await until(() => unsettled.size === 0, () => `each operation is settled, but for ${[...unsettled].slice(0, 5)}`);
    // What was sent into a connection that stalled has arrived by then.
    await until(() => proxy.open === 1, () => `one connection is left, but ${proxy.open} are`);
    const healed = ledger.last;
    const silent = () => everyone.filter(({ seen }) => seen <= healed);
    await until(() => silent().length === 0, () => `each subscription is live, but for ${silent().map(({ n }) => n)}`);
    await until(() => ledger.running.count === subscribers, () => `the server has ${subscribers} subscriptions, but ${ledger.running.count}`);
    assert.equal(client.status.state, 'ready');
    assert.deepEqual(complaints(), []);
    operations.settle();
  };

  const began = Date.now();
  const measured = [];
  try {
    for (let stage = 1; stage <= stages; stage += 1) {
      proxy.weather = stormy;
      isHeld = false;
      proxy.cut();
      const enough = Math.ceil((reconnects * stage) / stages);
      await until(
        () => reconnected >= enough || complaints().length > 0,
        () => `${enough} reconnects, but ${reconnected}; ${JSON.stringify(client.status)}`,
        patience,
      );
      await heal();
      measured.push(await measure());
    }
    const seconds = (Date.now() - began) / 1000;
    clearInterval(writing);
    clearInterval(operating);
    await client.close();
    await Promise.all(everyone.map(({ ended }) => ended));
    assert.deepEqual(complaints(), []);
    return {
      seed,
      seconds,
      attempts: proxy.accepted,
      connected,
      reconnects: reconnected,
      results: sum('results'),
      interrupted: sum('interrupted'),
      resumed: sum('resumed'),
      operations: operations.made,
      ...operations.counts,
      verdicts,
      measured,
    };
  } finally {
    clearInterval(writing);
    clearInterval(operating);
    await client.close();
    await proxy.close();
    await ledger.close();
  }
}

/** What has grown from the second stage, when the host has compiled what there is to compile, to the last one. */
export const grown = ({ measured }) => {
  const { rss, ...last } = measured.at(-1);
  const first = measured[measured.length > 2 ? 1 : 0];
  return Object.fromEntries(Object.entries(last).map(([what, value]) => [what, value - first[what]]));
};
