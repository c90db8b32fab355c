// What a server still works on after its subscriptions were left: nothing, however soon they were. Servers that
// prepare a subscription asynchronously lose a stop that comes meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketTransport } from 'wireql';
import { servers, startServer } from '../servers/index.mjs';

const SUBSCRIPTIONS = 20;
/** Milliseconds between starting and leaving; undefined for the same turn. */
const DELAYS = [undefined, 0, 1, 2, 10];

/** Resolves when the server works on nothing. The query is asked on another connection, in the server's own time. */
const untilIdle = async (observer) => {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const { data } = await observer.execute('{ running }');
    if (data.running === 0) return;
    assert.ok(performance.now() < deadline, `${data.running} of ${SUBSCRIPTIONS} subscriptions go on`);
  }
};

for (const { name, dialects } of servers) {
  test(`${name} works on nothing that was left`, async (t) => {
    const server = await startServer(name);
    t.after(server.stop);
    for (const dialect of dialects) {
      const transport = new WebSocketTransport(server.url, { subprotocols: [dialect] });
      // Some servers run no query in the legacy dialect.
      const observer = new WebSocketTransport(server.url, { subprotocols: [dialects[0]] });
      await Promise.all([transport.connect(), observer.connect()]);
      for (const delay of DELAYS) {
        for (let n = 0; n < SUBSCRIPTIONS; n += 1) {
          const iterator = transport.subscribe('subscription { ticks }');
          if (delay === undefined) iterator.return();
          else sleep(delay).then(() => iterator.return());
        }
        // So that all are left, and the server has heard of it, before it is asked.
        await sleep((delay ?? 0) + 5);
        await transport.execute('{ hello }').catch(() => {});
        await untilIdle(observer);
      }
      assert.equal(transport.state, 'ready');
      await Promise.all([transport.close(), observer.close()]);
    }
  });
}
