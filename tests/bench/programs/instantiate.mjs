// The milliseconds that the first transport of a process takes: that is when WebAssembly is compiled.
import { WebSocketTransport } from 'wireql';
import { WebSocket } from 'ws';

const begin = performance.now();
new WebSocketTransport('ws://127.0.0.1/graphql', { webSocket: WebSocket });
console.log(performance.now() - begin);
