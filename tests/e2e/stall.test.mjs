// The event loop stood still past a deadline, while what would have met it waited in the socket: no fault of the server's.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Client, WebSocketTransport } from 'wireql';
import { WebSocket as Ws } from 'ws';

/** A server in a thread of its own, which goes on while this one stands still. It answers soon, and sends a `ping` every 50 ms. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { WebSocketServer } = require(workerData);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('listening', () => parentPort.postMessage('ws://127.0.0.1:' + server.address().port));
  server.on('connection', (socket) => {
    const alive = setInterval(() => socket.send('{"type":"ping"}'), 50);
    socket.on('close', () => clearInterval(alive));
    socket.on('message', (text) => {
      const { type } = JSON.parse(text);
      // Not before the other thread stands still.
      setTimeout(() => {
        if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (type === 'ping') socket.send('{"type":"pong"}');
      }, 20);
    });
  });
`;

/** As a long computation does. */
const standStill = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Which option, and the event during which its time runs. */
const LIMITS = {
  pongTimeout: [{ pingInterval: 60, pongTimeout: 100 }, 'ping', ({ received }) => !received],
  ackTimeout: [{ ackTimeout: 100 }, 'opened', () => true],
  keepAliveTimeout: [{ keepAliveTimeout: 150 }, 'connected', () => true],
};

const sockets = { ws: Ws, ...(globalThis.WebSocket && { "the host's": globalThis.WebSocket }) };

for (const Class of [WebSocketTransport, Client]) {
  for (const [name, [options, event, isIt]] of Object.entries(LIMITS)) {
    for (const [kind, webSocket] of Object.entries(sockets)) {
      test(`${name} of a ${Class.name} passes over a standstill, with the WebSocket of ${kind}`, async () => {
        const server = new Worker(program, { eval: true, workerData: new URL(import.meta.resolve('ws')).pathname.replace('wrapper.mjs', 'index.js') });
        const [url] = await once(server, 'message');
        const endpoint = new Class(url, { webSocket, pingInterval: null, ...options });
        const errors = [];
        endpoint.on('error', ({ code }) => errors.push(code));
        const stood = new Promise((resolve) => {
          const remove = endpoint.on(event, (detail) => {
            if (!isIt(detail)) return;
            remove();
            // In the phase of the event loop behind the reading: the timers are next.
            setImmediate(() => resolve(standStill(500)));
          });
        });
        try {
          await endpoint.connect();
          await stood;
          // A sign of life, long after the deadline.
          await new Promise((resolve, reject) => {
            endpoint.on('ping', ({ received }) => received && resolve());
            endpoint.on('error', reject);
          });
          
assert.deepEqual(errors, []);
        } finally {
          await endpoint.close();
          await server.terminate();
        }
      });
    }
  }
}
