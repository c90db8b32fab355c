// What every entry exports.

export {
  TransportAlreadyConnectedError,
  TransportClosedError,
  TransportConnectionFailedError,
  TransportError,
  TransportProtocolError,
  TransportQueryError,
  TransportServerError,
  TransportTimeoutError,
} from '../src/errors.js';
export { appSync } from '../src/appsync.js';
export { Client } from '../src/client.js';
export { Notice } from '../src/notice.js';
export { phoenix } from '../src/phoenix.js';
export { WebSocketTransport } from '../src/transport.js';
export type { AppSyncDialect, AppSyncOptions, AwsCredentials, Sign, SignRequest } from '../src/appsync.js';
export type { TransportErrorCode } from '../src/errors.js';
export type { PhoenixDialect, PhoenixOptions } from '../src/phoenix.js';
export type * from '../src/types.js';
