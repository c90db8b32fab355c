// A short run of what `make chaos` does for long: see tests/chaos/.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { badNetwork, grown, seed } from '../chaos/network.mjs';

const sockets = { '`ws`': WebSocket };
if (globalThis.WebSocket !== undefined) sockets["the host's WebSocket"] = undefined;

for (const [host, webSocket] of Object.entries(sockets)) {
  test(`on a bad network nothing hangs, is lost silently or doubled, with ${host}, seed ${seed}`, async (t) => {
    const figures = await badNetwork({ reconnects: 24, stages: 2, webSocket });
    assert.ok(figures.reconnects >= 24);
    // Too short a run to tell memory from caches.
    assert.equal(grown(figures).descriptors, 0);
    t.diagnostic(JSON.stringify(figures));
  });
}
