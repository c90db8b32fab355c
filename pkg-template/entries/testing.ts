// The entry `wireql/testing`: a server for tests.

export { mockServer } from '../src/testing/mock-server.js';
export type { Closed, MockConnection, Received } from '../src/testing/connection.js';
export type { ListenOptions } from '../src/testing/listen.js';
export type { MockServer, MockServerOptions, Wanted } from '../src/testing/mock-server.js';
export type { MockOperation, OperationHandler, OperationState } from '../src/testing/operation.js';
export type { Mismatch } from '../src/testing/player.js';
export type { MockWebSocketClass } from '../src/testing/socket.js';
