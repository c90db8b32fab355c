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
export { Client } from '../src/client.js';
export { Notice } from '../src/notice.js';
export { WebSocketTransport } from '../src/transport.js';
export type { TransportErrorCode } from '../src/errors.js';
export type * from '../src/types.js';
