// What garbage collection ends, and what it must not end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, WebSocketTransport } from 'wireql';
import { until, withAck, withScript } from './servers.mjs';

/** Finalizers run in turns of their own, and let go of what others wait for. */
const collect = async () => {
  for (let n = 0; n < 10; n += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
};

// `lazy: false` keeps a client's connection without an operation. Without `retry`, the end of the server is its own.
const make = (Class, url) => new Class(url, Class === Client ? { lazy: false, pingInterval: null, retry: false } : {});

for (const Class of [WebSocketTransport, Client]) {
  const { name } = Class;

  /** What nobody holds but by what it does; `use` gets it connected. */
  const lose = async (url, use) => {
    const endpoint = make(Class, url);
    await endpoint.connect();
    return use(endpoint);
  };

  test(`a connected ${name} that somebody listens to is kept`, () =>
    withAck(async ({ url, sockets, closes }) => {
      const heard = [];
      // The function that takes the listener off holds the endpoint, so only the listener may have it.
      await lose(url, (endpoint) => {
        const off = endpoint.on('message', ({ type }) => {
          heard.push(type);
          off();
        });
      });
      await collect();
      assert.deepEqual(closes, []);
      for (const socket of sockets.clients) socket.send('{"type":"ping"}');
      await until(() => heard.includes('ping'), 'the listener is told');
      // Without the listener it is collected, and closed.
      await until(() => (globalThis.gc(), closes.length === 1), 'the socket is closed');
    }));

  test(`a connecting ${name} that somebody listens to is kept`, () => {
    let acknowledge;
    return withScript(
      async ({ url }) => {
        const heard = [];
        (() => {
          const endpoint = make(Class, url);
          for (const event of ['connecting', 'connected']) endpoint.on(event, () => heard.push(event));
          // Whoever waits would keep it.
          if (Class === WebSocketTransport) endpoint.connect({ signal: undefined }).catch(() => {});
        })();
        await until(() => acknowledge !== undefined, 'the server is asked');
        await collect();
        acknowledge();
        await until(() => heard.includes('connected'), 'the listener is told');
      },
      ({ send }, message) => {
        if (message?.type === 'connection_init') acknowledge = () => send({ type: 'connection_ack' });
      },
    );
  });

  test(`a connected ${name} with an operation that somebody waits for is kept`, () =>
    withAck(
      async ({ url, received, sockets, closes }) => {
        const results = [];
        await lose(url, (endpoint) => {
          endpoint.observe('subscription { observed }').subscribe({ next: ({ data }) => results.push(data.n), error() {} });
          endpoint.subscribe('subscription { read }').next().then(({ value }) => results.push(value.data.n));
          endpoint.execute('{ executed }').then(({ data }) => results.push(data.n));
        });
        await until(() => received.length === 4, 'the server has all three');
        await collect();
        assert.deepEqual(closes, []);
        for (const socket of sockets.clients) {
          for (const [n, { id }] of received.slice(1).entries()) {
            socket.send(JSON.stringify({ id, type: 'next', payload: { data: { n } } }));
          }
        }
        await until(() => results.length === 3, 'all are told');
        assert.deepEqual(results.sort(), [0, 1, 2]);
      },
    ));

  test(`a connected ${name} that nobody listens to and nobody waits for is collected`, () =>
    withAck(async ({ url, closes }) => {
      await lose(url, () => {});
      await until(() => (globalThis.gc(), closes.length === 1), 'the socket is closed');
    }));

  test(`a ${name} whose connection is over is collected with its listeners`, () =>
    withAck(async ({ url }) => {
      const lost = await lose(url, async (endpoint) => {
        for (const event of ['message', 'error']) endpoint.on(event, () => endpoint.url);
        await endpoint.close();
        return new WeakRef(endpoint);
      });
      await until(() => (globalThis.gc(), lost.deref() === undefined), 'it is collected');
    }));
}

/** By state: how a transport gets there, and what shows that it goes on. */
const states = {
  async idle(transport) {
    assert.equal(transport.state, 'idle');
    return () => transport.connect();
  },
  async connecting(transport) {
    const connecting = transport.connect();
    assert.equal(transport.state, 'connecting');
    return () => connecting;
  },
  async ready(transport) {
    await transport.connect();
    return async () => assert.equal((await transport.execute('{ n }')).data.n, 1);
  },
  async closing(transport, slow) {
    await transport.connect();
    const answer = transport.execute('{ slow }');
    transport.close();
    assert.equal(transport.state, 'closing');
    return async () => {
      slow();
      assert.equal((await answer).data.n, 1);
    };
  },
};

for (const [state, reach] of Object.entries(states)) {
  test(`an iterator whose signal was aborted before ends nothing else when it is collected: ${state}`, () => {
    let slow;
    return withAck(
      async ({ url, received }) => {
        const transport = new WebSocketTransport(url);
        const goesOn = await reach(transport, () => slow());
        if (state === 'closing') await until(() => slow !== undefined, 'the server has the query');
        const before = transport.state;
        let lost = 0;
        const registry = new FinalizationRegistry(() => (lost += 1));
        (() => {
          for (let n = 0; n < 10; n += 1) registry.register(transport.subscribe('subscription { n }', { signal: AbortSignal.abort() }));
        })();
        globalThis.gc();
        assert.equal(transport.state, before);
        await goesOn();
        await until(() => (globalThis.gc(), lost === 10), 'they are collected');
        await collect();
        if (state !== 'closing') assert.equal(transport.state, 'ready');
        assert.ok(received.every(({ type }) => type !== 'complete'));
        await transport.close();
      },
      ({ send }, message) => {
        if (message?.type !== 'subscribe') return;
        const answer = () => send({ id: message.id, type: 'next', payload: { data: { n: 1 } } });
        if (message.payload.query === '{ slow }') slow = answer;
        else answer();
      },
    );
  });
}
