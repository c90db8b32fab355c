// What the tests of the model (Python gql, its WebSocket transports) are about, done with this package: each
// test is titled with the name of theirs. Not here: what is of Python only (the synchronous client,
// threads, the command line, connectors), and TLS, which has tests of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  TransportAlreadyConnectedError,
  TransportClosedError,
  TransportConnectionFailedError,
  TransportError,
  TransportProtocolError,
  TransportQueryError,
  TransportServerError,
  TransportTimeoutError,
  WebSocketTransport,
} from 'wireql';
import { WebSocket } from 'ws';
import { until, withScript, withSilence } from './servers.mjs';
import { startTable } from './table.mjs';

const table = startTable('model', "The model's tests: what is ours, and what was seen");

/** `theirs`: the model's own name, or the parameter of theirs that no test of theirs is about. */
const scenario = (theirs, ours, body) =>
  test(`${theirs}: ${ours}`, async () => {
    table.set(theirs, 'ours: seen', `${ours}: not as expected`, false);
    table.set(theirs, 'ours: seen', `${ours}: ${await body()}`);
  });

const words = {
  'graphql-transport-ws': { start: 'subscribe', result: 'next', stop: 'complete' },
  'graphql-ws': { start: 'start', result: 'data', stop: 'stop' },
};
const modern = 'graphql-transport-ws';
const legacy = 'graphql-ws';

/**
 * Runs the body with a server in this dialect and a transport that is connected to it. The server does
 * what `onStart` says with each operation, and what `onMessage` says with every other message.
 */
const withServer = (dialect, { ack = true, onStart = () => {}, onMessage = () => {}, connect = true, ...options }, body) =>
  withScript(
    async (server) => {
      const transport = new WebSocketTransport(server.url, options);
      if (connect) await transport.connect();
      try {
        return await body(transport, server);
      } finally {
        await transport.close();
      }
    },
    (peer, message) => {
      if (message === undefined) return;
      const { start, result } = words[dialect];
      if (message.type === 'connection_init' && ack) peer.send({ type: 'connection_ack' });
      if (message.type !== start) return onMessage(peer, message);
      const { id } = message;
      onStart({
        ...peer,
        message,
        result: (n) => peer.send({ type: result, id, payload: { data: { n } } }),
        complete: () => peer.send({ type: 'complete', id }),
        fail: (payload) => peer.send({ type: 'error', id, payload }),
      });
    },
    { handleProtocols: () => dialect },
  );

const count = (from, to = 0) => Array.from({ length: from - to + 1 }, (_, n) => from - n);
const countdown = ({ result, complete }) => {
  count(10).forEach(result);
  complete();
};
const forEver = ({ result }) => count(10, 1).forEach(result);
const answer = ({ result, complete }) => {
  result(1);
  complete();
};
const hello = { data: { n: 1 } };
/** Messages that follow the `connection_init`. */
const onInit = (...messages) => ({ send }, { type }) => type === 'connection_init' && messages.forEach(send);
const answerPing = ({ send }, { type, payload }) => type === 'ping' && send({ type: 'pong', payload });
const subscription = 'subscription { countdown(count: 10) { number } }';

const failure = (promise) => promise.then((value) => assert.fail(`came ${JSON.stringify(value)}`), (error) => error);

/** Checks an error's class and code, and says them. */
const isError = (error, errorClass, code) => {
  assert.ok(error instanceof errorClass && error instanceof TransportError, String(error));
  assert.equal(error.code, code);
  return `${error.name} ${code}`;
};

/** The numbers that come, and the error behind them if there is one. */
const read = async (results, onEach = () => {}) => {
  const numbers = [];
  try {
    for await (const { data } of results) {
      numbers.push(data.n);
      await onEach(data.n);
    }
  } catch (error) {
    return { numbers, error };
  }
  return { numbers };
};

const sent = (server, type) => server.received.filter((message) => message.type === type);

// ---- queries ---------------------------------------------------------------------------------

scenario('test_websocket_starting_client_in_context_manager', 'Symbol.asyncDispose closes', () =>
  withServer(legacy, { onStart: answer }, async (transport, server) => {
    assert.deepEqual(await transport.execute('{ n }'), hello);
    await transport[Symbol.asyncDispose]();
    assert.equal(transport.state, 'closed');
    await until(() => server.sockets.clients.size === 0, 'no client is left');
    return 'closed';
  }));

scenario('test_websocket_simple_query', 'execute', () =>
  withServer(legacy, { onStart: answer }, async (transport) => {
    assert.deepEqual(await transport.execute('{ n }'), hello);
    return 'its answer';
  }));

scenario('test_aiohttp_websocket_simple_query_with_extensions', 'they are part of the result', () =>
  withServer(
    legacy,
    {
      onStart: ({ send, message: { id } }) =>
        send({ type: 'data', id, payload: { ...hello, extensions: { key1: 'val1' } } }),
    },
    async (transport) => {
      assert.equal((await transport.execute('{ n }')).extensions.key1, 'val1');
      return 'extensions';
    },
  ));

scenario('test_websocket_two_queries_in_series', 'execute, twice', () =>
  withServer(legacy, { onStart: answer }, async (transport) => {
    assert.deepEqual([await transport.execute('{ n }'), await transport.execute('{ n }')], [hello, hello]);
    return 'two answers';
  }));

scenario('test_websocket_two_queries_in_parallel', 'answers in another order than the queries', () => {
  const waiting = [];
  const onStart = (operation) => {
    waiting.push(operation);
    if (waiting.length === 2) waiting.reverse().forEach(({ result, message }) => result(Number(message.id)));
  };
  return withServer(legacy, { onStart }, async (transport) => {
    const answers = await Promise.all([transport.execute('{ n }'), transport.execute('{ n }')]);
    assert.deepEqual(answers, [{ data: { n: 1 } }, { data: { n: 2 } }]);
    return 'each its own';
  });
});

scenario('test_websocket_server_closing_after_first_query', 'a query when the server has closed', () =>
  withServer(
    legacy,
    {
      onStart: (operation) => {
        answer(operation);
        operation.socket.close();
      },
    },
    async (transport) => {
      await transport.execute('{ n }');
      await transport.waitClosed();
      return isError(await failure(transport.execute('{ n }')), TransportClosedError, 'NOT_CONNECTED');
    },
  ));

scenario('test_websocket_ignore_invalid_id', 'of no operation: dropped; no answer at all: an error', () => {
  let operations = 0;
  const onStart = (operation) => {
    operations += 1;
    if (operations !== 2) return answer(operation);
    operation.send({ type: 'complete', id: '55' });
    return operation.complete();
  };
  return withServer(modern, { onStart }, async (transport) => {
    assert.deepEqual(await transport.execute('{ n }'), hello);
    const error = await failure(transport.execute('{ n }'));
    assert.equal(error.ends, 'operation');
    assert.deepEqual(await transport.execute('{ n }'), hello);
    return isError(error, TransportQueryError, 'NO_ANSWER');
  });
});

scenario('test_websocket_add_extra_parameters_to_connect', 'connectArgs', () =>
  withServer(
    legacy,
    { connect: false, webSocket: WebSocket, connectArgs: { origin: 'http://mine' } },
    async (transport, server) => {
      let origin;
      server.sockets.once('connection', (_, request) => ({ origin } = request.headers));
      await transport.connect();
      assert.equal(origin, 'http://mine');
      return 'they reach the class';
    },
  ));

// ---- connecting ---------------------------------------------------------------------------------

scenario('test_websocket_multiple_connections_in_series', 'connect again after close', () =>
  withServer(legacy, { onStart: answer }, async (transport, server) => {
    for (let n = 0; n < 3; n += 1) {
      assert.deepEqual(await transport.execute('{ n }'), hello);
      await transport.close();
      assert.equal(transport.state, 'closed');
      await transport.connect();
    }
    assert.equal(sent(server, 'connection_init').length, 4);
    return 'a new connection each time';
  }));

scenario('test_websocket_multiple_connections_in_parallel', 'two transports', () =>
  withServer(legacy, { onStart: answer }, async (transport, server) => {
    const other = new WebSocketTransport(server.url);
    await other.connect();
    assert.deepEqual(await Promise.all([transport.execute('{ n }'), other.execute('{ n }')]), [hello, hello]);
    await other.close();
    return 'two answers';
  }));

scenario('test_websocket_trying_to_connect_to_already_connected_transport', 'connect when connected', () =>
  withServer(legacy, { onStart: answer }, async (transport) => {
    const seen = isError(await failure(transport.connect()), TransportAlreadyConnectedError, 'ALREADY_CONNECTED');
    assert.deepEqual(await transport.execute('{ n }'), hello);
    return seen;
  }));

scenario('test_websocket_non_regression_bug_105', 'connect, twice at once', () =>
  withServer(legacy, { connect: false, onStart: answer }, async (transport) => {
    const [first, second] = await Promise.allSettled([transport.connect(), transport.connect()]);
    assert.equal(first.status, 'fulfilled');
    assert.deepEqual(await transport.execute('{ n }'), hello);
    return isError(second.reason, TransportAlreadyConnectedError, 'ALREADY_CONNECTED');
  }));

scenario('test_websocket_non_regression_bug_108', '`ka` before the ack', () =>
  withServer(
    legacy,
    {
      ack: false,
      onStart: answer,
      onMessage: onInit(...['ka', 'ka', 'ka', 'ka', 'connection_ack'].map((type) => ({ type }))),
    },
    async (transport) => {
      assert.deepEqual(await transport.execute('{ n }'), hello);
      return 'connects';
    },
  ));

const authenticate = ({ send }, { type, payload }) => {
  if (type !== 'connection_init') return;
  const token = payload?.Authorization;
  if (token === 12345) send({ type: 'connection_ack' });
  else send({ type: 'connection_error', payload: `${token ? 'Invalid' : 'No'} Authorization token` });
};

scenario('test_websocket_connect_success_with_authentication_in_connection_init', 'initPayload', () =>
  withServer(
    legacy,
    { ack: false, onMessage: authenticate, onStart: answer, initPayload: { Authorization: 12345 } },
    async (transport) => {
      assert.deepEqual(await transport.execute('{ n }'), hello);
      return 'connects';
    },
  ));

for (const [initPayload, said] of [
  [{}, 'No Authorization token'],
  [{ Authorization: 'invalid_code' }, 'Invalid Authorization token'],
]) {
  const name = `test_websocket_connect_failed_with_authentication_in_connection_init[${JSON.stringify(initPayload)}]`;
  scenario(name, 'initPayload', () =>
    withServer(legacy, { ack: false, connect: false, onMessage: authenticate, initPayload }, async (transport) => {
      const error = await failure(transport.connect());
      assert.equal(error.cause, said);
      assert.equal(transport.state, 'closed');
      return isError(error, TransportServerError, 'CONNECTION_ERROR');
    }));
}

scenario('test_graphqlws_server_does_not_send_ack', 'ackTimeout', () =>
  withServer(modern, { ack: false, connect: false, ackTimeout: 30 }, async (transport, server) => {
    const error = await failure(transport.connect());
    assert.deepEqual([error.option, error.timeout], ['ackTimeout', 30]);
    await until(() => server.closes.length === 1, 'the server sees the close');
    assert.equal(server.closes[0][0], 4504);
    return isError(error, TransportTimeoutError, 'ACK_TIMEOUT');
  }));

scenario('test_graphqlws_server_does_not_ack', 'something else in its place', () =>
  withServer(
    modern,
    { ack: false, connect: false, ackTimeout: 30, onMessage: onInit({ type: 'complete', id: '1' }) },
    async (transport) => {
      const told = new Promise((resolve) => transport.on('error', (error) => error.ends === 'nothing' && resolve(error)));
      const error = await failure(transport.connect());
      isError(await told, TransportProtocolError, 'UNEXPECTED_MESSAGE');
      return isError(error, TransportTimeoutError, 'ACK_TIMEOUT');
    },
  ));

scenario('test_graphqlws_server_closing_directly', 'a close before the ack', () =>
  withServer(modern, { ack: false, connect: false, onMessage: ({ socket }) => socket.close(1000) }, async (transport) => {
    const error = await failure(transport.connect());
    assert.equal(error.closeCode, 1000);
    return isError(error, TransportConnectionFailedError, 'HANDSHAKE_REFUSED');
  }));

scenario('connect_timeout', 'connectTimeout', () =>
  withSilence(async ({ url }) => {
    const transport = new WebSocketTransport(url, { connectTimeout: 30 });
    return isError(await failure(transport.connect()), TransportTimeoutError, 'CONNECT_TIMEOUT');
  }));

scenario('fixture server, no subprotocol', "refused by the host's own rules", () =>
  withScript(
    async ({ url }) => {
      const transport = new WebSocketTransport(url);
      return isError(await failure(transport.connect()), TransportConnectionFailedError, 'CONNECTION_REFUSED');
    },
    () => {},
    { handleProtocols: () => false },
  ));

scenario('fixture server, no subprotocol, a host that bears it', 'taken for the older dialect', () =>
  withServer(legacy, { connect: false, onStart: answer }, async (_, server) => {
    // No class here connects without a subprotocol when some were offered; this one hides it.
    class Lenient extends WebSocket {
      get protocol() {
        return '';
      }
    }
    const transport = new WebSocketTransport(server.url, { webSocket: Lenient });
    await transport.connect();
    assert.equal(transport.subprotocol, legacy);
    assert.deepEqual(await transport.execute('{ n }'), hello);
    await transport.close();
    return `speaks ${legacy}`;
  }));

// ---- subscriptions ----------------------------------------------------------------------------------

for (const [name, dialect] of [['websocket', legacy], ['graphqlws', modern]]) {
  const { start, stop } = words[dialect];

  scenario(`test_${name}_subscription`, 'an iterator', () =>
    withServer(dialect, { onStart: countdown }, async (transport, server) => {
      assert.deepEqual(await read(transport.subscribe(subscription)), { numbers: count(10) });
      assert.deepEqual(sent(server, stop), []);
      return '11 results, the end, no stop';
    }));

  scenario(`test_${name}_subscription_break`, '`break`', () =>
    withServer(dialect, { onStart: forEver }, async (transport, server) => {
      let last;
      for await (const { data } of transport.subscribe(subscription)) {
        last = data.n;
        if (last <= 5) break;
      }
      assert.equal(last, 5);
      await until(() => sent(server, stop).length === 1, 'the server is told');
      assert.deepEqual(sent(server, stop), [{ id: '1', type: stop }]);
      return `${stop}, once`;
    }));

  scenario(`test_${name}_subscription_task_cancel`, 'an aborted signal', () =>
    withServer(dialect, { onStart: forEver }, async (transport, server) => {
      const controller = new AbortController();
      const { numbers, error } = await read(transport.subscribe(subscription, { signal: controller.signal }), (n) => {
        if (n === 5) controller.abort();
      });
      assert.deepEqual(numbers, count(10, 5));
      assert.equal(error, controller.signal.reason);
      await until(() => sent(server, stop).length === 1, 'the server is told');
      return `its reason, and ${stop}`;
    }));

  scenario(`test_${name}_subscription_close_transport`, 'close() with a live subscription', () =>
    withServer(dialect, { onStart: forEver }, async (transport, server) => {
      const { numbers, error } = await read(transport.subscribe(subscription), (n) => {
        if (n === 5) transport.close();
      });
      // What came before is not lost.
      assert.deepEqual([numbers, error], [count(10, 1), undefined]);
      await transport.waitClosed();
      await until(() => server.closes.length === 1, 'the server sees the close');
      const goodbye = dialect === legacy ? [{ type: 'connection_terminate' }] : [];
      assert.deepEqual(server.received.slice(2), [{ id: '1', type: stop }, ...goodbye]);
      assert.equal(server.closes[0][0], 1000);
      return ['ends without an error', stop, ...goodbye.map(({ type }) => type), 'close 1000'].join(', ');
    }));

  scenario(`test_${name}_subscription_with_operation_name`, 'operationName', () =>
    withServer(dialect, { onStart: countdown }, async (transport, server) => {
      await read(transport.subscribe(subscription, { operationName: 'CountdownSubscription' }));
      assert.equal(sent(server, start)[0].payload.operationName, 'CountdownSubscription');
      return 'reaches the server';
    }));

  scenario(`test_${name}_subscription_server_connection_closed`, 'a close with 1000 amid a subscription', () =>
    withServer(
      dialect,
      {
        onStart: ({ result, socket }) => {
          count(10, 6).forEach(result);
          socket.close(1000);
        },
      },
      async (transport) => {
        const results = transport.subscribe(subscription);
        await transport.waitClosed();
        const { numbers, error } = await read(results);
        assert.deepEqual(numbers, count(10, 6), 'the error stands behind what was queued');
        assert.equal(error.closeCode, 1000);
        return `5 results, then ${isError(error, TransportConnectionFailedError, 'CONNECTION_LOST')}`;
      },
    ));
}

scenario('test_websocket_subscription_slow_consumer', 'the queue', () =>
  withServer(modern, { onStart: countdown, onMessage: answerPing }, async (transport) => {
    const seen = await read(transport.subscribe(subscription), async (n) => {
      // Everything else has come before the server's answer to this.
      transport.sendPing({ n });
      await until(() => transport.payloads.pong?.n === n, 'the pong');
    });
    assert.deepEqual(seen, { numbers: count(10) });
    return 'nothing is lost';
  }));

scenario('test_websocket_subscription_sync_graceful_shutdown', 'an exception in the loop, then close()', () =>
  withServer(legacy, { onStart: forEver }, async (transport, server) => {
    const { numbers, error } = await read(transport.subscribe(subscription), (n) => {
      if (n === 5) throw new RangeError('mine');
    });
    await transport.close();
    assert.deepEqual([numbers.at(-1), error.message], [5, 'mine']);
    await until(() => server.closes.length === 1, 'the server sees the close');
    assert.deepEqual(server.received.slice(2), [{ id: '1', type: 'stop' }, { type: 'connection_terminate' }]);
    return 'stop, connection_terminate';
  }));

scenario('test_graphqlws_subscription_reconnecting_session[subscribe]', 'connect again after the server has closed', () => {
  let operations = 0;
  const onStart = (operation) => {
    operations += 1;
    if (operations === 1) operation.socket.close();
    else countdown(operation);
  };
  return withServer(modern, { onStart }, async (transport) => {
    const first = await read(transport.subscribe(subscription));
    isError(first.error, TransportConnectionFailedError, 'CONNECTION_LOST');
    await transport.waitClosed();
    const second = await read(transport.subscribe(subscription));
    isError(second.error, TransportClosedError, 'NOT_CONNECTED');
    await transport.connect();
    assert.deepEqual(await read(transport.subscribe(subscription)), { numbers: count(10) });
    return 'CONNECTION_LOST, NOT_CONNECTED, and then 11 results';
  });
});

scenario('test_graphqlws_subscription_reconnecting_session[execute]', 'execute of a subscription', () =>
  withServer(modern, { onStart: forEver }, async (transport, server) => {
    assert.deepEqual(await transport.execute(subscription), { data: { n: 10 } });
    // Again if results came behind it.
    await until(() => sent(server, 'complete').length > 0, 'the server is told');
    return 'the first result, and complete';
  }));

scenario('send_stop', 'sendStop: false', () =>
  withServer(modern, { onStart: forEver }, async (transport, server) => {
    for await (const _ of transport.subscribe(subscription, { sendStop: false })) break;
    assert.deepEqual(await transport.execute(subscription, { sendStop: false }), { data: { n: 10 } });
    await transport.close();
    await until(() => server.closes.length === 1, 'the server sees the close');
    assert.deepEqual(sent(server, 'complete'), []);
    return 'the server is told nothing';
  }));

scenario('close_timeout', 'closeTimeout, with a query that is never answered', () =>
  withServer(modern, { closeTimeout: 30 }, async (transport, server) => {
    const query = failure(transport.execute('{ n }'));
    await until(() => sent(server, 'subscribe').length === 1, 'the server has it');
    await transport.close();
    assert.equal(transport.state, 'closed');
    return isError(await query, TransportClosedError, 'TRANSPORT_CLOSED');
  }));

// ---- liveness -----------------------------------------------------------------------------------------

/** Gives results and the end when the body says so. */
const held = () => {
  const operations = [];
  return { operations, onStart: (operation) => operations.push(operation) };
};

for (const [name, dialect, sign] of [
  ['graphqlws', modern, { type: 'ping', payload: { sent: 'ping' } }],
  ['aiohttp_websocket', legacy, { type: 'ka' }],
]) {
  scenario(`test_${name}_subscription_with_keepalive_with_timeout_ok`, 'keepAliveTimeout, a server that speaks', () => {
    const { operations, onStart } = held();
    return withServer(dialect, { onStart, keepAliveTimeout: 600 }, async (transport) => {
      const results = read(transport.subscribe(subscription));
      await until(() => operations.length === 1, 'the server has it');
      // Together they take longer than the time that is borne.
      await new Promise((resolve) => {
        let left = 40;
        const timer = setInterval(() => {
          operations[0].send(sign);
          left -= 1;
          if (left > 0) return;
          clearInterval(timer);
          resolve();
        }, 20);
      });
      countdown(operations[0]);
      assert.deepEqual(await results, { numbers: count(10) });
      return `40 of ${sign.type}, 11 results`;
    });
  });

  scenario(`test_${name}_subscription_with_keepalive_with_timeout_nok`, 'keepAliveTimeout, a server that is silent', () =>
    withServer(dialect, { keepAliveTimeout: 40 }, async (transport) => {
      const { error } = await read(transport.subscribe(subscription));
      assert.deepEqual([error.option, transport.state], ['keepAliveTimeout', 'closed']);
      return isError(error, TransportTimeoutError, 'KEEP_ALIVE_TIMEOUT');
    }));
}

scenario('test_graphqlws_subscription_with_keepalive', 'payloads', () =>
  withServer(
    modern,
    {
      ack: false,
      onStart: countdown,
      onMessage: onInit(
        { type: 'connection_ack', payload: { from: 'the ack' } },
        { type: 'ping', payload: { from: 'a ping' } },
      ),
    },
    async (transport, server) => {
      await read(transport.subscribe(subscription));
      const { connectionAck, ping } = transport.payloads;
      assert.deepEqual([connectionAck, ping], [{ from: 'the ack' }, { from: 'a ping' }]);
      await until(() => sent(server, 'pong').length === 1, 'the pong');
      assert.deepEqual(sent(server, 'pong'), [{ type: 'pong', payload: { from: 'a ping' } }]);
      return 'those of the ack and the ping; a pong with the same';
    },
  ));

scenario('test_graphqlws_subscription_with_ping_interval_ok', 'pingInterval, a server that answers', () => {
  const { operations, onStart } = held();
  const options = { onStart, onMessage: answerPing, pingInterval: 20, pongTimeout: 600 };
  return withServer(modern, options, async (transport, server) => {
    const results = read(transport.subscribe(subscription));
    // Together they take longer than a pong may.
    await until(() => sent(server, 'ping').length >= 40, '40 pings');
    countdown(operations[0]);
    assert.deepEqual(await results, { numbers: count(10) });
    assert.deepEqual(server.received.find(({ type }) => type === 'ping'), { type: 'ping' });
    return '40 pings and more, 11 results';
  });
});

scenario('test_graphqlws_subscription_with_ping_interval_nok', 'pongTimeout', () =>
  withServer(modern, { pingInterval: 40 }, async (transport) => {
    const { error } = await read(transport.subscribe(subscription));
    assert.deepEqual([error.option, error.timeout], ['pongTimeout', 20]);
    return isError(error, TransportTimeoutError, 'PONG_TIMEOUT');
  }));

scenario('test_graphqlws_subscription_manual_pings_with_payload', 'sendPing', () =>
  withServer(modern, { onStart: countdown, onMessage: answerPing }, async (transport, server) => {
    const seen = await read(transport.subscribe(subscription), async (n) => {
      const payload = { count_received: n };
      transport.sendPing(payload);
      await until(() => transport.payloads.pong?.count_received === n, 'the pong');
      assert.deepEqual(transport.payloads.pong, payload);
    });
    assert.deepEqual(seen, { numbers: count(10) });
    assert.equal(sent(server, 'ping').length, 11);
    return '11 pings and their pongs';
  }));

scenario('test_graphqlws_subscription_manual_pong_answers_with_payload', 'answerPings: false, sendPong', () => {
  const pong = { type: 'pong', payload: { some: 'data' } };
  const left = count(10);
  let operation;
  /** A result only for a pong. */
  const step = () => {
    if (left.length === 0) return operation.complete();
    operation.result(left.shift());
    return operation.send({ type: 'ping', payload: { left: left.length } });
  };
  return withServer(
    modern,
    {
      answerPings: false,
      onStart: (started) => {
        operation = started;
        step();
      },
      onMessage: (_, { type }) => type === 'pong' && step(),
    },
    async (transport, server) => {
      transport.on('ping', ({ received }) => received && transport.sendPong(pong.payload));
      assert.deepEqual(await read(transport.subscribe(subscription)), { numbers: count(10) });
      assert.deepEqual(sent(server, 'pong'), Array.from({ length: 11 }, () => pong));
      return '11 pongs of ours, no other';
    },
  );
});

scenario('answer_pings', 'answerPings: false', () =>
  withServer(
    modern,
    { answerPings: false, onStart: answer, onMessage: onInit({ type: 'ping' }) },
    async (transport, server) => {
      let pings = 0;
      transport.on('ping', () => { pings += 1; });
      await transport.execute('{ n }');
      await transport.close();
      await until(() => server.closes.length === 1, 'the server sees the close');
      assert.deepEqual(sent(server, 'pong'), []);
      return 'no pong';
    },
  ));

// ---- errors -----------------------------------------------------------------------------------------------

const graphqlError = {
  message: 'Cannot query field "bloh" on type "Continent".',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

for (const [name, dialect] of [['websocket', legacy], ['graphqlws', modern]]) {
  const { result } = words[dialect];
  const refuse = ({ send, complete, message: { id } }) => {
    send({ type: result, id, payload: { errors: [graphqlError] } });
    complete();
  };

  // Theirs raises; GraphQL errors are part of a result here.
  scenario(`test_${name}_invalid_query`, 'errors are part of the result', () =>
    withServer(dialect, { onStart: refuse }, async (transport) => {
      assert.deepEqual(await transport.execute('{ n }'), { errors: [graphqlError] });
      return 'a result';
    }));

  scenario(`test_${name}_invalid_subscription`, 'errors are part of a result', () =>
    withServer(dialect, { onStart: refuse }, async (transport) => {
      const results = [];
      for await (const each of transport.subscribe(subscription)) results.push(each);
      assert.deepEqual(results, [{ errors: [graphqlError] }]);
      return 'a result and the end';
    }));

  scenario(`test_${name}_server_closing_after_ack`, 'a waiting operation; and one when it is closed', () =>
    withServer(dialect, { connect: false, onStart: ({ socket }) => socket.close() }, async (transport) => {
      const connecting = transport.connect();
      const first = isError(await failure(transport.execute('{ n }')), TransportConnectionFailedError, 'CONNECTION_LOST');
      await connecting;
      await transport.waitClosed();
      isError(await failure(transport.execute('{ n }')), TransportClosedError, 'NOT_CONNECTED');
      const second = await failure(transport.subscribe(subscription).next());
      return `${first}, then ${isError(second, TransportClosedError, 'NOT_CONNECTED')}`;
    }));

  // Each of these is a protocol error there, and ends the connection. Here a server's `error` is one whatever it
  // carries, a result may be empty, and the table of dialects.md says what comes of the others.
  const query = 'TransportQueryError QUERY_ERROR';
  const invalid = 'TransportProtocolError INVALID_MESSAGE';
  const told = 'nothing ends, TransportServerError SERVER_ERROR';
  const tolerated = `nothing ends, ${invalid}`;
  for (const [what, frame, expected] of [
    ['not_json_answer', 'BLAHBLAH', 'TransportProtocolError NOT_JSON'],
    ['missing_type_answer', {}, tolerated],
    ['missing_id_answer_1', { type: result }, tolerated],
    ['missing_id_answer_2', { type: 'error' }, told],
    ['missing_id_answer_3', { type: 'complete' }, tolerated],
    ['data_without_payload', { type: result, id: '1' }, invalid],
    ['error_without_payload', { type: 'error', id: '1' }, query],
    dialect === modern && ['error_with_payload_not_a_list', { type: 'error', id: '1', payload: 'NOT A LIST' }, query],
    ['payload_is_not_a_dict', { type: result, id: '1', payload: 'BLAH' }, invalid],
    ['empty_payload', { type: result, id: '1', payload: {} }, 'a result'],
    ['sending_bytes', Buffer.from([1, 2, 3]), 'TransportProtocolError BINARY_FRAME'],
  ].filter(Boolean)) {
    scenario(`test_${name}_transport_protocol_errors[${what}]`, 'judged by what it says', () =>
      withServer(
        dialect,
        {
          onStart: ({ socket, send, complete }) => {
            if (Buffer.isBuffer(frame)) socket.send(frame);
            else send(frame);
            complete();
          },
        },
        async (transport) => {
          const heard = [];
          transport.on('error', ({ name, code, ends }) => ends === 'nothing' && heard.push(`${name} ${code}`));
          const outcome = await transport.execute('{ n }').then(() => 'a result', ({ name, code }) => `${name} ${code}`);
          const seen = heard.length > 0 ? `nothing ends, ${heard}` : outcome;
          assert.equal(seen, expected);
          if (heard.length > 0) assert.equal(outcome, 'TransportQueryError NO_ANSWER');
          assert.equal(transport.state, /NOT_JSON|BINARY_FRAME/.test(expected) ? 'closed' : 'ready');
          return seen;
        },
      ));
  }
}

scenario('test_websocket_sending_invalid_data', '`connection_error` after the ack', () =>
  withServer(
    legacy,
    {
      onStart: (operation) => {
        const payload = { message: 'Unexpected token Q in JSON at position 0' };
        operation.send({ type: 'connection_error', id: null, payload });
        answer(operation);
      },
    },
    async (transport) => {
      const heard = [];
      transport.on('error', (error) => heard.push(error));
      assert.deepEqual(await transport.execute('{ n }'), hello);
      assert.equal(heard.length, 1);
      assert.match(heard[0].message, /Unexpected token Q/);
      return `nothing ends, ${isError(heard[0], TransportServerError, 'SERVER_ERROR')}`;
    },
  ));

for (const [name, dialect, payload] of [
  ['test_websocket_sending_invalid_payload', legacy, { message: 'Must provide document' }],
  ['test_graphqlws_sending_invalid_query', modern, [{ message: 'Cannot query field "helo" on type "Query".' }]],
]) {
  scenario(name, '`error`, and a `complete` behind it', () => {
    let operations = 0;
    const onStart = (operation) => {
      operations += 1;
      if (operations > 1) return answer(operation);
      operation.fail(payload);
      return operation.complete();
    };
    return withServer(dialect, { onStart }, async (transport, server) => {
      const error = await failure(transport.execute('{ helo }'));
      assert.deepEqual(error.errors, [payload].flat());
      assert.equal(error.operationId, '1');
      assert.deepEqual(await transport.execute('{ n }'), hello);
      assert.deepEqual(sent(server, words[dialect].stop), []);
      return `${isError(error, TransportQueryError, 'QUERY_ERROR')}; the next is answered`;
    });
  });
}

scenario('test_websocket_server_sending_invalid_query_errors', '`error` for no operation of ours', () =>
  withServer(
    legacy,
    {
      onStart: answer,
      onMessage: onInit({ type: 'error', id: '404', payload: { message: 'for no good reason' } }),
    },
    async (transport) => {
      const heard = [];
      transport.on('error', (error) => heard.push(error));
      assert.deepEqual(await transport.execute('{ n }'), hello);
      assert.deepEqual(heard, []);
      return 'dropped';
    },
  ));
