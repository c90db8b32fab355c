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
} from '#errors';
export { WebSocketTransport } from './transport.js';
