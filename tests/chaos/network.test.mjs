// The bad network for long. `WIREQL_SEED` repeats a run, `WIREQL_RECONNECTS` sets its length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { badNetwork, grown, seed } from './network.mjs';

const reconnects = Number(process.env.WIREQL_RECONNECTS ?? 2_000);
const sockets = { '`ws`': WebSocket };
if (globalThis.WebSocket !== undefined) sockets["the host's WebSocket"] = undefined;

for (const [host, webSocket] of Object.entries(sockets)) {
  test(`${reconnects} reconnects on a bad network, with ${host}, seed ${seed}`, async () => {
    const figures = await badNetwork({ reconnects, webSocket, patience: 900_000 });
    console.log(figures);
    const { descriptors, ...bytes } = grown(figures);
    assert.equal(descriptors, 0, 'file descriptors');
    // The host's caches and compiled code; what one connection leaves behind would be a thousand times that.
    for (const [what, growth] of Object.entries(bytes)) assert.ok(growth < 2 ** 20, `${what} has grown by ${growth} bytes`);
  });
}
