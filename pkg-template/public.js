// What users of each entry get.

export {
  TransportAlreadyConnectedError,
  TransportClosedError,
  TransportConnectionFailedError,
  TransportError,
  TransportProtocolError,
  TransportQueryError,
  TransportServerError,
  TransportTimeoutError,
} from '#src/driver/errors.js';
export { WebSocketTransport } from '#src/exports/transport.js';
