// `Client` in a real Chromium: what the browser tells of its network, its tabs and its pages, and what follows.
//
// Tabs are hidden, frozen and kept in the back/forward cache by the browser itself, and its network is switched off
// by the driver: no event is made up. Loopback servers are never out of reach, so what is to be `offline` is called
// `wireql.test`, which the browser is told to find on loopback.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { until, withAck, withGraphqlWs } from '../e2e/servers.mjs';
import { startServer } from '../servers/demo/server.mjs';
import { startWindow } from './browser.mjs';

/** Longer than any test: an attempt before that was made because the client was told to. */
const NEVER = 3_600_000;
const PATIENT = { pingInterval: null, retry: { baseDelay: NEVER, maxDelay: NEVER, minUptime: NEVER } };
const PRICE = 'subscription { price(ms: 10) }';
const SILENT = 'subscription { silent }';
const LOST = 'disconnected: 1006 CONNECTION_LOST, retry';
const SILENCED = 'disconnected: sent 4499 PONG_TIMEOUT, retry';

let window;
before(async () => {
  window = await startWindow();
});
after(() => window?.stop());

// ---- tabs and servers ---------------------------------------------------------------

/** Runs the body with a tab, where `record` makes clients; an error in it that nobody caught fails the test. */
const inTab = async (body) => {
  const tab = await window.context.newPage();
  const uncaught = [];
  tab.on('pageerror', (error) => uncaught.push(error));
  try {
    tab.session = await window.context.newCDPSession(tab);
    await tab.goto(window.url);
    await tab.evaluate(async () => Object.assign(globalThis, await import('/recorder.js')));
    await body(tab);
    assert.deepEqual(uncaught, []);
  } finally {
    await override(tab, true);
    await window.context.setOffline(false);
    await tab.close();
  }
};

/** Makes the client `it` of a tab. */
const make = (tab, url, options = PATIENT) =>
  tab.evaluate(([url, options]) => void (globalThis.it = record(url, options)), [url, options]);
const follow = (tab, query, name) => tab.evaluate(([query, name]) => void it.follow(query, name), [query, name]);
/** Waits for a line, from the mark on; returns the lines up to it. */
const line = (tab, text, from = 0) => tab.evaluate(([text, from]) => it.until(text, from), [text, from]);
const mark = (tab) => tab.evaluate(() => it.lines.length);
const since = (tab, from) => tab.evaluate((from) => it.lines.slice(from), from);
const status = (tab) => tab.evaluate(() => ({ ...it.client.status, error: it.client.status.error?.code ?? null }));

/** Lines without the results that stand among them. */
const withoutResults = (lines) => lines.filter((line) => !/ (price|countdown)$/.test(line));

/** Counts the connections that a server gets from now on. */
const counting = (server) => {
  const counted = { connections: 0 };
  server.sockets.on('connection', () => (counted.connections += 1));
  return counted;
};

const cutOff = (server) => {
  for (const socket of server.sockets.clients) socket.terminate();
};

/** The server, by a name that is not of this machine. */
const elsewhere = ({ url }) => url.replace('127.0.0.1', 'wireql.test');

/** Shows another tab in front of this one, for as long as the body runs. */
const behind = async (tab, body) => {
  const other = await window.context.newPage();
  try {
    await other.bringToFront();
    await tab.waitForFunction(() => document.visibilityState === 'hidden', undefined, { polling: 10 });
    await body();
  } finally {
    await other.close();
  }
};

const show = async (tab) => {
  await tab.bringToFront();
  await tab.waitForFunction(() => document.visibilityState === 'visible', undefined, { polling: 10 });
};

/** Stops all that runs in a tab that is hidden, as browsers do to save power. */
const freeze = async (tab) => {
  const frozen = tab.evaluate(() => new Promise((resolve) => document.addEventListener('freeze', () => resolve(), { once: true })));
  await tab.session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await frozen;
  return {
    thaw: () => tab.session.send('Page.setWebLifecycleState', { state: 'active' }),
  };
};

/** Waits until the page has been told what the body has the browser say of its network. */
const toldOfNetwork = async (tab, isOnline, body) => {
  const event = isOnline ? 'online' : 'offline';
  const told = tab.evaluate((event) => new Promise((resolve) => addEventListener(event, () => resolve(), { once: true })), event);
  await body();
  await told;
};

/** Has the browser say that there is a network, or none; what is on loopback still answers. */
const setOnline = (tab, isOnline) => toldOfNetwork(tab, isOnline, () => override(tab, isOnline));
const override = (tab, isOnline) =>
  tab.session.send('Network.overrideNetworkState', { offline: !isOnline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });

/** Has the browser do without a network: sockets stay open and fall silent, and no new ones are made. */
const setNetwork = (tab, isThere) => toldOfNetwork(tab, isThere, () => window.context.setOffline(!isThere));

/** Sets the clock of the page forward. */
const skipTime = (tab, ms) =>
  tab.evaluate((ms) => {
    const { now } = Date;
    Date.now = () => now() + ms;
  }, ms);

/** A connection that is ready, with a subscription on it. */
const ready = async (tab, url, options) => {
  await make(tab, url, options);
  await follow(tab, PRICE, 'p');
  await line(tab, 'p price');
};

/** The same, after the server has gone: the client waits for longer than the test takes. */
const waiting = async (tab, server, url = server.url) => {
  await ready(tab, url);
  const from = await mark(tab);
  cutOff(server);
  assert.deepEqual(withoutResults(await line(tab, LOST, from)), ['p interrupted', 'waiting', LOST]);
};

// ---- one connection ----------------------------------------------------------------

test('a client opens one socket, whatever the page tells it meanwhile', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await make(tab, server.url);
      await follow(tab, PRICE, 'p');
      assert.deepEqual(await line(tab, 'p price'), ['connecting', 'attempt 1: first', 'ready', 'p price']);
      assert.equal(counted.connections, 1);
    }),
  ));

test('a page that follows an operation hears of a server that was restarted, and of the gap', () =>
  inTab(async (tab) => {
    let server = await startServer();
    try {
      await make(tab, server.url, { retry: { baseDelay: 1 } });
      await follow(tab, PRICE, 'p');
      await line(tab, 'p price');
      const from = await mark(tab);
      const { port } = server.http.address();
      await server.close();
      await line(tab, 'waiting', from);
      server = await startServer({ port });
      const all = await line(tab, 'p resumed', from);
      const lines = withoutResults(all);
      assert.deepEqual(lines.slice(0, 3), ['p interrupted', 'waiting', 'disconnected: 1001 CONNECTION_LOST, retry']);
      assert.deepEqual(lines.slice(-2), ['ready', 'p resumed']);
      await line(tab, 'p price', from + all.length);
      assert.equal(server.running.count, 1);
    } finally {
      await server.close();
    }
  }));

test('a delay that runs is not cut short by the page when a new operation has the client listen to it again', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await make(tab, server.url);
      await tab.evaluate(() => it.client.connect());
      cutOff(server);
      await line(tab, 'idle');
      await follow(tab, SILENT, 's');
      assert.equal((await status(tab)).state, 'waiting');
      assert.equal(counted.connections, 1);
    }),
  ));

test('a client that rested while the network went and came knows that it is there', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await make(tab, elsewhere(server), { ...PATIENT, idleTimeout: 0 });
      await tab.evaluate(() => it.client.connect());
      await setOnline(tab, false);
      await line(tab, 'pong');
      await tab.evaluate(() => it.client.close());
      await setOnline(tab, true);
      await tab.evaluate(() => it.client.connect());
      await follow(tab, SILENT, 's');
      const from = await mark(tab);
      cutOff(server);
      await line(tab, 'waiting', from);
      assert.equal((await status(tab)).state, 'waiting');
    }),
  ));

// ---- the network ----------------------------------------------------------------------

test('a connection is probed when the network goes and when it comes, and stays', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await ready(tab, server.url);
      for (const isOnline of [false, true]) {
        const from = await mark(tab);
        await setOnline(tab, isOnline);
        assert.deepEqual(withoutResults(await line(tab, 'pong', from)), ['ping', 'pong']);
      }
      assert.equal((await status(tab)).state, 'ready');
      assert.equal(counted.connections, 1);
    }),
  ));

test('a probe that is not answered ends the connection', () =>
  inTab((tab) =>
    withAck(async (server) => {
      await make(tab, server.url, { ...PATIENT, probeTimeout: 20 });
      await follow(tab, SILENT, 's');
      await line(tab, 'ready');
      const from = await mark(tab);
      await setNetwork(tab, false);
      const lines = await line(tab, SILENCED, from);
      assert.deepEqual(lines, ['ping', 'waiting', SILENCED]);
      assert.equal(await tab.evaluate(() => it.client.status.error.option), 'probeTimeout');
    }),
  ));

test('a client that waits attempts when the network comes back, and not before', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await waiting(tab, server);
      const from = await mark(tab);
      await setOnline(tab, false);
      // A loopback server needs no network.
      assert.deepEqual(await since(tab, from), []);
      assert.equal(counted.connections, 1);
      await setOnline(tab, true);
      assert.deepEqual((await line(tab, 'p resumed', from)).slice(0, 3), ['connecting', 'attempt 1: lost', 'ready']);
      assert.equal(counted.connections, 2);
    }),
  ));

test('without a network a server elsewhere is offline, and is tried rarely, for a new operation, and when it is back', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await make(tab, elsewhere(server), { ...PATIENT, probeTimeout: 20 });
      await tab.evaluate(() => it.client.connect());
      await follow(tab, SILENT, 's');
      await until(() => server.running.count === 1, 'the server has the subscription');
      let from = await mark(tab);
      await setNetwork(tab, false);
      assert.deepEqual(await line(tab, SILENCED, from), ['ping', 'offline', SILENCED]);
      const { nextAttempt, since: began, reconnecting, failures } = await status(tab);
      assert.deepEqual([nextAttempt - began, reconnecting, failures], [2 * NEVER, true, 1]);

      from = await mark(tab);
      await follow(tab, SILENT, 't');
      const refused = 'disconnected: 1006 CONNECTION_REFUSED, retry';
      assert.deepEqual(await line(tab, refused, from), ['connecting', 'attempt 1: lost', 'offline', refused]);
      // It says nothing about the server.
      assert.equal((await status(tab)).failures, 1);
      assert.equal(counted.connections, 1);

      from = await mark(tab);
      await setNetwork(tab, true);
      await line(tab, 'ready', from);
      await until(() => server.running.count === 2, 'the server has both subscriptions');
      assert.equal(counted.connections, 2);
    }),
  ));

test('a client that waits for a server elsewhere is offline as soon as the network goes', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await waiting(tab, server, elsewhere(server));
      const from = await mark(tab);
      await setOnline(tab, false);
      assert.deepEqual(await since(tab, from), ['offline']);
      await setOnline(tab, true);
      await line(tab, 'p resumed', from);
    }),
  ));

test('with `hostEvents: false` the network changes nothing until `notify` tells of it', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await ready(tab, server.url, { ...PATIENT, hostEvents: false });
      cutOff(server);
      await line(tab, 'waiting');
      const from = await mark(tab);
      await setOnline(tab, false);
      await setOnline(tab, true);
      assert.deepEqual(await since(tab, from), []);
      await tab.evaluate(() => it.client.notify('online'));
      await line(tab, 'p resumed', from);
    }),
  ));

// ---- the tab -------------------------------------------------------------------------

test('a client that waits attempts when its tab is seen again, and not when it is hidden', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await waiting(tab, server);
      const from = await mark(tab);
      await behind(tab, async () => {
        assert.deepEqual(await since(tab, from), []);
        assert.equal(counted.connections, 1);
      });
      await show(tab);
      assert.deepEqual((await line(tab, 'p resumed', from)).slice(0, 3), ['connecting', 'attempt 1: wake', 'ready']);
      assert.equal(counted.connections, 2);
    }),
  ));

test('a hidden tab goes on, and is probed when it is seen only if it heard nothing for long', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await make(tab, server.url);
      await follow(tab, 'subscription { countdown(from: 1, ms: 0) }', 'c');
      await follow(tab, SILENT, 's');
      await line(tab, 'c ended');
      let from = await mark(tab);
      await behind(tab, async () => {
        await follow(tab, 'subscription { countdown(from: 1, ms: 0) }', 'c');
        await line(tab, 'c ended', from);
        from = await mark(tab);
      });
      await show(tab);
      assert.deepEqual(await since(tab, from), []);
      await behind(tab, () => skipTime(tab, 6_000));
      await show(tab);
      assert.deepEqual(await line(tab, 'pong', from), ['ping', 'pong']);
    }),
  ));

test('a tab that was frozen while the server restarted goes on when it is thawed', () =>
  inTab(async (tab) => {
    let server = await startServer();
    try {
      await ready(tab, server.url);
      const from = await mark(tab);
      await behind(tab, async () => {
        const frozen = await freeze(tab);
        const { port } = server.http.address();
        await server.close();
        server = await startServer({ port });
        const counted = counting(server);
        assert.equal(counted.connections, 0);
        await frozen.thaw();
      });
      await show(tab);
      const lines = withoutResults(await line(tab, 'p resumed', from));
      assert.equal(lines[0], 'p interrupted');
      assert.equal(server.sockets.clients.size, 1);
      await until(() => server.running.count === 1, 'the server has the subscription again');
    } finally {
      await server.close();
    }
  }));

test('a frozen tab that waits makes no attempt before it is thawed, and one at once then', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await waiting(tab, server);
      const from = await mark(tab);
      await behind(tab, async () => {
        const frozen = await freeze(tab);
        assert.deepEqual(await since(tab, from), []);
        await frozen.thaw();
        // Still hidden: it is the thaw that it hears of.
        assert.deepEqual((await line(tab, 'ready', from)).slice(0, 2), ['connecting', 'attempt 1: wake']);
      });
      assert.equal(counted.connections, 2);
    }),
  ));

// ---- leaving the page, and coming back -----------------------------------------------

/** Leaves the page for a blank one and comes back; returns whether the page was kept. */
const leaveAndComeBack = async (tab, away = async () => {}) => {
  await tab.evaluate(() => addEventListener('pageshow', ({ persisted }) => (globalThis.persisted = persisted)));
  await tab.goto(`${window.url}elsewhere`);
  await away();
  await tab.goBack({ waitUntil: 'commit' });
  // A page that was not kept is a new one, which knows nothing of this.
  await tab.waitForFunction(() => document.readyState === 'complete');
  return tab.evaluate(() => globalThis.persisted);
};

test('a page that is left with a live subscription is kept by the browser, and goes on when the user comes back', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await ready(tab, server.url);
      const from = await mark(tab);
      const [socket] = server.sockets.clients;
      const closed = once(socket, 'close');
      const persisted = await leaveAndComeBack(tab, async () => {
        const [code] = await closed;
        assert.equal(code, 1000);
        await until(() => server.running.count === 0, 'the server has stopped');
      });
      assert.equal(persisted, true);
      assert.deepEqual(withoutResults(await line(tab, 'p resumed', from)), [
        'p interrupted',
        'waiting',
        'disconnected: sent 1000 no error, retry',
        'connecting',
        'attempt 1: wake',
        'ready',
        'p resumed',
      ]);
      await until(() => server.running.count === 1, 'the server has the subscription again');
    }),
  ));

test('a page with a socket of its own is not kept, which is why a client closes its', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await tab.evaluate(
        (url) => new Promise((resolve) => ((globalThis.socket = new WebSocket(url, 'graphql-transport-ws')).onopen = () => resolve())),
        server.url,
      );
      assert.equal(await leaveAndComeBack(tab), undefined);
    }),
  ));

test('a client that waits is kept too, and attempts when the user comes back', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      await waiting(tab, server);
      const from = await mark(tab);
      const persisted = await leaveAndComeBack(tab, async () => assert.equal(counted.connections, 1));
      assert.equal(persisted, true);
      await line(tab, 'p resumed', from);
      assert.equal(counted.connections, 2);
    }),
  ));

// ---- where clients live -----------------------------------------------------------

// With the network switched off by the driver, Chromium fires `offline` and `online` in pages alone; in a worker only
// `navigator.onLine` changes. So one event is made up here, as other browsers fire it, and of the others the page tells.
test('a client in a worker lives as in a page, and is told of the network by the worker or by the page', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      const counted = counting(server);
      const started = tab.waitForEvent('worker');
      await tab.evaluate(() => void (globalThis.worker = new Worker('/recorder.js', { type: 'module' })));
      const worker = await started;
      await worker.evaluate(async (url) => Object.assign(globalThis, await import(url)), `${window.url}recorder.js`);
      await ready(worker, server.url);
      let from = await mark(worker);
      await worker.evaluate(() => void dispatchEvent(new Event('offline')));
      assert.deepEqual(withoutResults(await line(worker, 'pong', from)), ['ping', 'pong']);

      await worker.evaluate(() => addEventListener('message', ({ data }) => it.client.notify(data)));
      await tab.evaluate(() => {
        for (const event of ['online', 'offline']) addEventListener(event, () => worker.postMessage(event));
      });
      from = await mark(worker);
      cutOff(server);
      await line(worker, 'waiting', from);
      from = await mark(worker);
      await setOnline(tab, false);
      assert.deepEqual(await since(worker, from), []);
      await setOnline(tab, true);
      assert.deepEqual((await line(worker, 'p resumed', from)).slice(0, 3), ['connecting', 'attempt 1: lost', 'ready']);
      assert.equal(counted.connections, 2);
    }),
  ));

test('two clients on a page are each told, and neither disturbs the other', () =>
  inTab((tab) =>
    withGraphqlWs((one) =>
      withGraphqlWs(async (two) => {
        const [ones, twos] = [counting(one), counting(two)];
        await waiting(tab, one);
        await tab.evaluate(() => (globalThis.first = it));
        await ready(tab, two.url);
        const from = await tab.evaluate(() => first.lines.length);
        const own = await mark(tab);
        await setOnline(tab, false);
        await line(tab, 'pong', own);
        assert.deepEqual(await tab.evaluate((from) => first.lines.slice(from), from), []);
        await setOnline(tab, true);
        await tab.evaluate((from) => first.until('p resumed', from), from);
        assert.deepEqual([ones.connections, twos.connections], [2, 1]);

        await tab.evaluate(() => first.client.close());
        const last = await mark(tab);
        await setOnline(tab, false);
        assert.deepEqual(withoutResults(await line(tab, 'pong', last)), ['ping', 'pong']);
        await until(() => one.sockets.clients.size === 0, 'the first server has no client');
        assert.equal(two.sockets.clients.size, 1);
      }),
    ),
  ));

test('a client in an iframe that is removed says goodbye, and that of the page goes on', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await ready(tab, server.url);
      const [outer] = server.sockets.clients;
      await tab.evaluate(
        () =>
          new Promise((resolve) => {
            const frame = document.body.appendChild(document.createElement('iframe'));
            frame.onload = () => resolve();
            frame.src = '/frame';
          }),
      );
      const frame = tab.frames()[1];
      await frame.evaluate(async () => Object.assign(globalThis, await import('/recorder.js')));
      await ready(frame, server.url);
      const inner = [...server.sockets.clients].find((socket) => socket !== outer);
      const closed = once(inner, 'close');
      const from = await mark(tab);
      await tab.evaluate(() => document.querySelector('iframe').remove());
      const [code] = await closed;
      assert.equal(code, 1000);
      await line(tab, 'p price', from);
      assert.deepEqual(withoutResults(await since(tab, from)), []);
    }),
  ));

test('a client listens to the page as long as it has something to do, and no longer', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await tab.evaluate(() => {
        globalThis.listening = [];
        for (const target of [globalThis, document]) {
          const { addEventListener, removeEventListener } = target;
          target.addEventListener = (event, ...rest) => (listening.push(event), addEventListener.call(target, event, ...rest));
          target.removeEventListener = (event, ...rest) => (listening.splice(listening.indexOf(event), 1), removeEventListener.call(target, event, ...rest));
        }
      });
      await make(tab, server.url, { ...PATIENT, idleTimeout: 0 });
      assert.deepEqual(await tab.evaluate(() => listening), []);
      // Looked at in the same turn, as the operation ends soon.
      const whileBusy = await tab.evaluate(() => {
        it.follow('subscription { countdown(from: 0) }', 'c');
        return [...listening].sort();
      });
      assert.deepEqual(whileBusy, ['offline', 'online', 'pagehide', 'pageshow', 'resume', 'visibilitychange']);
      await line(tab, 'idle');
      assert.deepEqual(await tab.evaluate(() => listening), []);
    }),
  ));

// ---- what a user interface is told -------------------------------------------------------

test('`status` is what useSyncExternalStore wants: one frozen object until something changes, and then another', () =>
  inTab((tab) =>
    withGraphqlWs(async (server) => {
      await tab.evaluate((url) => {
        globalThis.it = record(url, { pingInterval: null, retry: { baseDelay: 1 } });
        const { client } = it;
        // As React has it: a snapshot with each notification, and any number of them in between.
        const store = { subscribe: (changed) => client.on('status', changed), snapshot: () => client.status };
        globalThis.problems = [];
        globalThis.snapshots = [store.snapshot()];
        const check = (holds, what) => holds || problems.push(what);
        globalThis.unsubscribe = store.subscribe((told) => {
          const snapshot = store.snapshot();
          check(snapshot === told, 'what is told is not what is there');
          check(snapshot === store.snapshot(), 'two snapshots differ');
          check(!snapshots.includes(snapshot), 'told without a change');
          check(Object.isFrozen(snapshot), 'not frozen');
          snapshots.push(snapshot);
        });
        // Between the notifications: whenever anything happens.
        for (const event of ['connecting', 'opened', 'connected', 'disconnected', 'message', 'error']) {
          client.on(event, () => check(client.status === client.status, `two snapshots differ in ${event}`));
        }
      }, server.url);
      await follow(tab, PRICE, 'p');
      await line(tab, 'p price');
      const from = await mark(tab);
      cutOff(server);
      await line(tab, 'p price', (await line(tab, 'p resumed', from)).length + from);
      await tab.evaluate(() => it.client.close());
      await tab.evaluate(() => unsubscribe());
      const count = await tab.evaluate(() => snapshots.length);
      await tab.evaluate(() => it.client.connect());
      assert.equal(await tab.evaluate(() => snapshots.length), count);
      assert.deepEqual(await tab.evaluate(() => problems), []);
      const states = await tab.evaluate(() => snapshots.map(({ state, reconnecting }) => state + (reconnecting ? ' again' : '')));
      assert.deepEqual(
        states.filter((state, at) => state !== states[at - 1]),
        ['idle', 'connecting', 'ready', 'waiting again', 'connecting again', 'ready', 'closing', 'closed'],
      );
    }),
  ));
