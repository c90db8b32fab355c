// The milliseconds that the first transport of a process takes: that is when WebAssembly is compiled. Its argument is
// the entry of the package.
import { WebSocket } from 'ws';

const { WebSocketTransport } = await import(process.argv[2]);

const begin = performance.now();
new WebSocketTransport('ws://127.0.0.1/graphql', { webSocket: WebSocket });
console.log(performance.now() - begin);
