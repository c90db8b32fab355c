// Makes Node a host such as React Native's, for `node --import`: the end-to-end tests run a second time there. The
// condition `react-native` makes `wireql` the entry without WebAssembly.
import { once } from 'node:events';
import { createServer } from 'node:http';

// Node's own fetch and WebSocket need them, and take them the first time.
const server = createServer((_, response) => response.end());
server.listen(0, '127.0.0.1');
await once(server, 'listening');
await (await fetch(`http://127.0.0.1:${server.address().port}`)).text();
server.close();
server.closeAllConnections();
void globalThis.WebSocket;

for (const name of ['WebAssembly', 'TextDecoder', 'FinalizationRegistry']) delete globalThis[name];
